/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which field of one shape is which of another.
 *
 * Fields are matched by name, in order: QEMU's loader reads them in its own
 * order, so what matches behind an earlier match counts, and what lies between
 * two matches is a gap, in which names do not agree.
 */
#ifndef BM_SHAPE_MATCH_H
#define BM_SHAPE_MATCH_H

#include "shape.h"

typedef struct BmShapeMatch BmShapeMatch;

/* A gap: fields of both sides without a partner, from one index up to another. */
typedef struct BmGap {
    uint32_t d_from, d_to, s_from, s_to;
} BmGap;

typedef struct BmShapeMatchOps {
    void (*pair)(void *data, const BmShapeField *d, const BmShapeField *s);
    void (*gap)(void *data, const BmGap *gap);
} BmShapeMatchOps;

/* `d` is the reading side.  Calls come in order; each field of both sides is in
 * one pair or gap, but for the elements of an array that the sending side lists
 * one by one: they belong to the first one's pair.  Work is bounded by the
 * fields times the logarithm of their number. */
BmShapeMatch *bm_shape_match_new(const BmShape *d, const BmShape *s);
void bm_shape_match_run(const BmShapeMatch *m, const BmShapeMatchOps *ops, void *data);
/* Is there a field of that name anywhere in it? */
gboolean bm_shape_match_in_d(const BmShapeMatch *m, const char *name);
gboolean bm_shape_match_in_s(const BmShapeMatch *m, const char *name);
void bm_shape_match_free(BmShapeMatch *m);

/* Octets that stand for nothing, "unused": their name says nothing either, so they
 * have no partner. */
gboolean bm_shape_field_is_filler(const BmShapeField *f);
/* Octets of a field in the stream; 0 if that is not known. */
uint64_t bm_shape_field_octets(const BmShapeField *f);

#endif
