/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One value as it is shown: "(uint32) 0x0".  Printers, traces and comparisons
 * all show it like this.
 */
#ifndef BM_LEAF_H
#define BM_LEAF_H

#include "visitor.h"

typedef enum BmLeafForm {
    BM_LEAF_BOOLEAN,  /* bits */
    BM_LEAF_UNSIGNED, /* bits */
    BM_LEAF_SIGNED,   /* bits, number */
    BM_LEAF_FLOAT,    /* octets: a number of any size, bit for bit */
    BM_LEAF_OCTETS,   /* octets */
    BM_LEAF_STRING,   /* octets: UTF-8 */
    BM_LEAF_NULL,
    BM_LEAF_PRESENT,
    BM_LEAF_RUN /* run */
} BmLeafForm;

/* Neighbouring pages, or sectors, with the same kind of content. */
typedef struct BmRun {
    const char *content; /* "full", "zero", "fill", "xbzrle", "zlib" */
    uint64_t first, last;
    uint64_t fill;
} BmRun;

typedef struct BmLeaf {
    BmLeafForm form;
    const char *type; /* as shown; NULL: that of its field; for a run there is none */
    uint64_t bits;    /* masked to the width */
    int64_t number;
    BmOctets octets;
    gboolean bulk; /* octets of the stream, not of a device: a long one may be cut */
    BmRun run;
} BmLeaf;

/* What a visitor was called with.  `type` is set only if it is not the field's. */
BmLeaf bm_leaf_scalar(const BmField *field, const BmScalar *value);
/* A field that goes by octets and is one value, or one element of an array. */
BmLeaf bm_leaf_octets(const BmField *field, BmOctets octets);
/* True if the octets of the field are an array of values.  Elements of no size
 * are one value, however many there are. */
gboolean bm_leaf_is_array(const BmField *field);

/* The field's type as shown: "uint32", "opaque:virtio".  May be in `scratch`. */
const char *bm_leaf_field_type(const BmField *field, GString *scratch);

/* " 0x0" for all forms with a type, with the space before it unless it is empty;
 * "(null)", "(present)". */
void bm_leaf_emit_value(GString *to, const BmLeaf *leaf);
/* "(uint32)" */
void bm_leaf_emit_type(GString *to, const char *type);
/* Both: what stands behind "path = ".  `type` is for a leaf that has none. */
void bm_leaf_emit(GString *to, const BmLeaf *leaf, const char *type);
/* A path; none looks like a comment. */
void bm_leaf_emit_path(GString *to, const char *path);

#endif
