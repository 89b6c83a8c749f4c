/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptions: which fields a struct has, in which order and of which types.
 *
 * A BmSchema describes one struct: a device, a nested struct, an element of a
 * list or a subsection.  It is immutable once interned, and equal ones are one
 * object, so pointers compare.  It describes what an instance sent (which
 * fields, how many octets), so that values can be read from octets with no
 * other knowledge.
 */
#ifndef BM_SCHEMA_H
#define BM_SCHEMA_H

#include "error.h"

/* FieldKind of the module. */
typedef enum BmKind {
    BM_KIND_BOOLEAN = 0,
    BM_KIND_UNSIGNED = 1,
    BM_KIND_SIGNED = 2,
    BM_KIND_FLOAT = 3,
    BM_KIND_BUFFER = 4,
    BM_KIND_STRING = 5,
    BM_KIND_POINTER = 6,
    BM_KIND_STRUCT = 7,
    BM_KIND_LIST = 8,
    BM_KIND_OPAQUE = 9
} BmKind;
#define BM_KINDS 10

/* ArrayForm of the module. */
typedef enum BmArrayForm {
    BM_FORM_ARRAY = 0,
    BM_FORM_INDEXED = 1,
    BM_FORM_INDEXED_BUT_LAST = 2,
    BM_FORM_REPEATED = 3,
    BM_FORM_WHOLE = 4
} BmArrayForm;
#define BM_FORMS 5

typedef struct BmSchema BmSchema;

typedef struct BmField {
    const char *name;
    BmKind kind;
    uint32_t width; /* octets of one element in the origin; 0 for struct and list */
    uint32_t count; /* elements; 1 for a plain field */
    BmArrayForm form;
    uint32_t first;   /* index of the first element */
    const char *type; /* the sender's name of the type, NULL if it is bm_field_default_type() */
    const BmSchema *const *elements; /* struct: one; list: one per element */
    uint32_t n_elements;
    const char *condition; /* what it depends on whether the field is there; NULL: always there */
    uint32_t since;        /* first version of the struct that has it; 0: all, or not known */
} BmField;

struct BmSchema {
    const char *name;
    uint32_t version;
    uint32_t minimum; /* the oldest version that is read too; `version` if no other is known */
    const BmField *fields;
    uint32_t n_fields;
    const BmSchema *const *subsections;
    uint32_t n_subsections;
    const char *condition; /* of a subsection, as of a field */
    gboolean droppable;    /* of a subsection: who does not know it may pass over it */
    uint32_t number;       /* in its set, in order of interning: children before parents */
    struct BmKept **kept;  /* what the library keeps with it, as long as its set lives; NULL
                              unless it is interned */
};

/* ---- building ---- */

typedef struct BmSchemaSet BmSchemaSet;
typedef struct BmSchemaBuilder BmSchemaBuilder;

/* A set owns its schemas; they live until it is freed. */
BmSchemaSet *bm_schema_set_new(void);
void bm_schema_set_free(BmSchemaSet *set); /* NULL is fine */
uint32_t bm_schema_set_size(const BmSchemaSet *set);
/* NULL if there is none of that number. */
const BmSchema *bm_schema_set_get(const BmSchemaSet *set, uint32_t number);

/* Octets of a digest, and of the text of one: hexadecimal, in lower case. */
#define BM_SCHEMA_DIGEST_LEN 32
#define BM_SCHEMA_DIGEST_TEXT 64
/* The SHA-256 of the set's Schema records, as they stand one behind the other in a stream that
 * begins with them (SPEC.md 5.16): equal digests are equal descriptions, also where somebody
 * tries to make two of one.  Text, the set's until a schema is added to it; computed once. */
const char *bm_schema_set_digest(const BmSchemaSet *set);
/* The same of the first `*count` schemas: those that were there when somebody asked for the
 * digest last, all if nobody did. */
const char *bm_schema_set_base(const BmSchemaSet *set, uint32_t *count);

BmSchemaBuilder *bm_schema_builder_new(const char *name, uint32_t version);
void bm_schema_builder_free(BmSchemaBuilder *b); /* NULL is fine */
/* Copies the field, its strings included; the schemas in `elements` must be of
 * the set that the result will be interned in. */
void bm_schema_builder_field(BmSchemaBuilder *b, const BmField *field);
void bm_schema_builder_subsection(BmSchemaBuilder *b, const BmSchema *subsection);
/* Without the call it is the version; above it is BM_BAD_VALUE when interned. */
void bm_schema_builder_minimum(BmSchemaBuilder *b, uint32_t minimum);
/* For what becomes a subsection; without the call it is NULL and FALSE. */
void bm_schema_builder_option(BmSchemaBuilder *b, const char *condition, gboolean droppable);
/* The last field added, for extending an array while its entries are read; NULL
 * if none.  Valid until the next field is added. */
BmField *bm_schema_builder_last(BmSchemaBuilder *b);

/* Interns by content.  Frees the builder and returns the one schema of this
 * content.  NULL if a limit is exceeded (BM_LIMIT), a name is not UTF-8 or a
 * width cannot be of its kind (BM_BAD_VALUE), or a schema referred to is not of
 * this set (BM_UNKNOWN).
 *
 * Besides the numbers of limits.h there is one for the values altogether: they
 * must fit a record at two octets each.  A few nested arrays of nothing could
 * otherwise describe more values than anyone can walk. */
const BmSchema *bm_schema_set_intern(BmSchemaSet *set, BmSchemaBuilder *b, GError **error);
/* The same for a content that stays the caller's (its number means nothing): no
 * memory is taken if the set has it already. */
const BmSchema *bm_schema_set_intern_content(BmSchemaSet *set, const BmSchema *content,
                                             GError **error);

/* ---- asking ---- */

/* True if the elements are packed into one OCTET STRING: count > 1 (or form
 * whole) and neither string, pointer, struct nor list. */
gboolean bm_field_is_packed(const BmField *field);
/* True if the field is a group: several structs or pointers, or a list. */
gboolean bm_field_is_group(const BmField *field);
/* True for a list of type "gtree": its origin counts the elements before them. */
gboolean bm_field_is_tree(const BmField *field);
/* True if a path calls the field by the name of its struct's own description: a
 * single struct, of a name that no other component below `schema` has. */
gboolean bm_schema_named_by_type(const BmSchema *schema, const BmField *field);
/* "uint32", "int64", "bool", "buffer", "struct" ... for kind and width; never NULL. */
const char *bm_field_default_type(const BmField *field);
/* The type to show: the sender's name, else the default one. */
const char *bm_field_type(const BmField *field);
/* Octets of one element in the origin's bytes, nested ones and subsections
 * included.  FALSE on overflow. */
gboolean bm_field_element_size(const BmField *field, uint64_t *size);
gboolean bm_schema_size(const BmSchema *schema, uint64_t *size);
/* Octets that a subsection adds in the origin: header and body. */
gboolean bm_subsection_size(const BmSchema *subsection, uint64_t *size);

/* Leaves below a schema, subsections included: fields that are no struct or
 * list, arrays of scalars counted once; those of structs in arrays and lists
 * once per element.  `opaque` of them are of kind opaque. */
void bm_schema_count_leaves(const BmSchema *schema, uint64_t *leaves, uint64_t *opaque);
/* Fields and subsections below a schema, those of a struct once for each field that
 * is of it, however many elements that has: the lines of a description. */
uint64_t bm_schema_count_entries(const BmSchema *schema);
/* The values of a schema as SPEC.md, 9.1, has them: the work of a walk. */
uint64_t bm_schema_count_values(const BmSchema *schema);

#endif
