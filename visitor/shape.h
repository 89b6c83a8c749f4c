/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shapes: what is known of a struct without an instance at hand.
 *
 * A schema (schema.h) says exactly what one instance sent.  A shape says what a
 * program reads or may send, and what of that is known: a size or a type may be
 * missing, a field may be there only since a version or under a condition.  It
 * is made from a schema, or from a list that a program prints of itself.
 *
 * Shapes are built once, then only read.  They are counted: who has added one
 * to another may drop its own.
 */
#ifndef BM_SHAPE_H
#define BM_SHAPE_H

#include "schema.h"

typedef struct BmShape BmShape;

typedef struct BmShapeField {
    const char *name;
    uint32_t since;         /* the first version of the struct that has it */
    gboolean conditional;   /* there may be instances without it */
    gboolean typed;         /* kind, width and count are known */
    BmKind kind;            /* if typed */
    uint32_t width;         /* if typed, as in BmField */
    uint32_t count;         /* if typed */
    uint64_t size;          /* if not typed: of one element in memory; 0: not known */
    const char *type;       /* the sender's name of it; NULL: the usual one, or not known */
    const BmShape *element; /* of a struct, or the first one of a list; may be NULL */
} BmShapeField;

struct BmShape {
    const char *name;
    uint32_t version;
    uint32_t minimum; /* the oldest version that can be read; 0: all, or not known */
    /* It shows one instance: a field or subsection that is not there may be known
     * all the same, and one that is there may be absent elsewhere. */
    gboolean sampled;
    gboolean conditional, droppable; /* of a subsection, as in a schema */
    const BmShapeField *fields;
    uint32_t n_fields;
    const BmShape *const *subsections;
    uint32_t n_subsections;
};

/* A reference more, or one less; the last one frees.  NULL is fine. */
const BmShape *bm_shape_ref(const BmShape *shape);
void bm_shape_unref(const BmShape *shape);

/* ---- building ---- */

typedef struct BmShapeBuilder BmShapeBuilder;

/* What is not set otherwise by the caller in `head` (name, versions and flags;
 * the lists are ignored) is copied. */
BmShapeBuilder *bm_shape_builder_new(const BmShape *head);
/* Copies; takes a reference of the element. */
void bm_shape_builder_field(BmShapeBuilder *b, const BmShapeField *field);
void bm_shape_builder_subsection(BmShapeBuilder *b, const BmShape *subsection);
/* Frees the builder. */
const BmShape *bm_shape_builder_end(BmShapeBuilder *b);

/* ---- from schemas ---- */

/* Makes shapes of the schemas of one set, each once.  `sampled`: all are, see
 * above; else those that know of no condition and no version but their own. */
typedef struct BmShapeMaker BmShapeMaker;

BmShapeMaker *bm_shape_maker_new(gboolean sampled);
void bm_shape_maker_free(BmShapeMaker *maker); /* NULL is fine */
/* The maker's; take a reference to keep it. */
const BmShape *bm_shape_make(BmShapeMaker *maker, const BmSchema *schema);

#endif
