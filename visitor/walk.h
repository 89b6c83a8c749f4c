/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk along a schema: each value goes from `in` to `out`.
 */
#ifndef BM_WALK_H
#define BM_WALK_H

#include "visitor.h"

/* Without a schema `out` says what comes (bm_visitor_asks()), and `in` must be
 * one that then knows where it ends (bm_visitor_answers()); BM_REFUSED if not.
 *
 * Errors carry the path of the field, with `root` (may be NULL) before it, and
 * the offset of `in` if the failing visitor gave none. */
gboolean bm_walk(const BmSchema *schema, BmVisitor *in, BmVisitor *out, const char *root,
                 GError **error);

#endif
