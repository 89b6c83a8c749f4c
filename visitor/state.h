/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of one device as a tree, decoupled from any C struct and from any
 * schema: what a transformation (transform.h) changes.
 *
 * A BmState is one struct: the device itself, a nested one, an element or a
 * subsection.  Its fields say what they are in the words of schema.h and hold
 * their values beside that.  The tree is made by walking a device into
 * bm_visitor_state_out() and read by walking bm_visitor_state_in() along
 * bm_state_schema(); nothing is lost between the two.
 *
 * All members may be changed in place, as long as values and description agree;
 * bm_state_schema() and the input visitor refuse a tree where they do not.
 */
#ifndef BM_STATE_H
#define BM_STATE_H

#include "visitor.h"

typedef struct BmState {
    char *name;
    uint32_t version;
    char *condition; /* of a subsection, as in its schema; NULL: none */
    gboolean droppable;
    GPtrArray *fields;      /* BmStateField, owned */
    GPtrArray *subsections; /* BmState, owned */
} BmState;

typedef struct BmStateScalar {
    BmScalarType type;
    union {
        gboolean boolean;
        uint64_t u;
        int64_t i;
        uint8_t raw[8]; /* as many as the field is wide */
    };
} BmStateScalar;

/* Of the three kinds of values a field has the one that its description asks
 * for (visitor.h, rules for callers); the others are empty. */
typedef struct BmStateField {
    BmField is;         /* `name`, `type` and `condition` owned; `elements` follow from `structs` */
    GArray *scalars;    /* BmStateScalar: one, or one per pointer of an array */
    GByteArray *octets; /* buffers, strings, floats, opaque ones, packed arrays */
    GPtrArray *structs; /* BmState, owned: one, or one per element */
} BmStateField;

BmState *bm_state_new(const char *name, uint32_t version);
/* A struct with no members, of this schema's name and so on. */
BmState *bm_state_new_of(const BmSchema *schema);
BmState *bm_state_copy(const BmState *state);
void bm_state_free(BmState *state); /* NULL is fine */

/* A field of this description, with no values yet. */
BmStateField *bm_state_field_new(const BmField *is);
/* Zeros, nulls and FALSE, as many as there must be; none for structs. */
void bm_state_field_clear(BmStateField *field);
BmStateField *bm_state_field_copy(const BmStateField *field);
void bm_state_field_free(BmStateField *field); /* NULL is fine */
void bm_state_field_rename(BmStateField *field, const char *name);
/* NULL: the default type. */
void bm_state_field_retype(BmStateField *field, const char *type);

/* Where a field of this name stands in its struct; -1 if there is none.  The
 * origin may have listed an array in several of one name: the first of them. */
int bm_state_index(const BmState *state, const char *name);
/* Before position `at`; -1 or the number of fields: behind the last one. */
void bm_state_insert(BmState *state, int at, BmStateField *field);
/* Takes it out and hands it over. */
BmStateField *bm_state_steal(BmState *state, int at);

/* The schema of the tree, interned in `set`.  NULL if it cannot have one:
 * elements of an array that differ, or a limit of schema.h. */
const BmSchema *bm_state_schema(const BmState *state, BmSchemaSet *set, GError **error);
/* A schema of another set, interned in `set`. */
const BmSchema *bm_schema_copy(const BmSchema *schema, BmSchemaSet *set, GError **error);

/* ---- visitors ---- */

/* Output: at the end of the walk *state is the tree, the caller's to free;
 * before that, and if the walk failed, it is NULL. */
BmVisitor *bm_visitor_state_out(BmState **state);
/* Input: `state` stays the caller's and must not change meanwhile. */
BmVisitor *bm_visitor_state_in(const BmState *state);

/* ---- paths ---- */

/* What a path leads to: a field or an element of it, or a struct. */
typedef struct BmStateRef {
    BmState *owner;      /* of the field or subsection */
    BmStateField *field; /* NULL: a subsection */
    int64_t element;     /* counted from the field's own first one; -1: all of it */
    BmState *target;     /* the struct meant, NULL if it is none or several */
} BmStateRef;

/* All that `path` may mean, BmStateRef, from `root` on; "" is `root` itself.
 * Components are those of path.h, (count)(size) may be left out, as the dot
 * before an index: "PCIDevice.irq_state", "mac_reg[3]", "vqs[*].num".  A
 * component is a field's name, for a single struct also that of its own
 * description, or the name of a subsection, with or without the prefix it
 * shares with its parent.  Names with dots in them are found too. */
GArray *bm_state_find(BmState *root, const char *path);
/* The one field that `path` leads to, NULL if there is none or more than one. */
BmStateField *bm_state_get(BmState *root, const char *path);

/* ---- values as text ---- */

/* Numbers in decimal, "true", "false", "null", "present", a string as it is;
 * "hex:" and digits for octets and for what a kind cannot express; the elements
 * of an array with blanks between them.  Of a buffer, elements are octets. */
char *bm_state_value_text(const BmStateField *field, int64_t element);
/* The other way round; numbers also as 0x1f.  One value for a whole array is
 * that of each element. */
gboolean bm_state_value_set(BmStateField *field, int64_t element, const char *text, GError **error);
/* An integer or boolean as it would be in the origin; sign and all bits above
 * its width are 0.  FALSE if the field is none, or holds octets that are none. */
gboolean bm_state_value_bits(const BmStateField *field, int64_t element, uint64_t *bits);
/* Bits above the width are dropped. */
gboolean bm_state_value_set_bits(BmStateField *field, int64_t element, uint64_t bits);
/* Scalars, or elements of a packed array of integers; octets of others. */
int64_t bm_state_value_count(const BmStateField *field);
/* The same values in fields of the same description but for names and version. */
gboolean bm_state_value_equal(const BmStateField *a, const BmStateField *b);

#endif
