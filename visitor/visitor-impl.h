/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For those who write a visitor: embed BmVisitor as the first member, fill in
 * the operations.  All are optional; a missing one succeeds and does nothing
 * (an input visitor must set scalar and octets).  visitor.c checks the calls'
 * nesting and depth before they arrive here.  It also checks that a value fits
 * its field: before an output visitor gets it, after an input visitor gave it.
 * An input visitor is one that has `offset`.  `schema` is NULL in a walk without
 * one, which an output visitor with `next_field` makes possible together with an
 * input visitor that has `more`, `said_width` and `next_subsection`.
 *
 * `span` is for visitors to which a call per value is dear; it does as many slots as it can
 * do at once and without a failure, and nothing of the one after them.  `next_span` and
 * `span_done` are for those over a struct.  `take_whole` and `whole` are the same for a
 * device that is one span, from before it begins to behind its end: see bm_visit_whole().
 */
#ifndef BM_VISITOR_IMPL_H
#define BM_VISITOR_IMPL_H

#include "visitor.h"

typedef struct BmVisitorOps {
    gboolean (*begin_struct)(BmVisitor *, const BmField *, const BmSchema *, GError **);
    gboolean (*end_struct)(BmVisitor *, GError **);
    gboolean (*end_fields)(BmVisitor *, GError **);
    gboolean (*begin_group)(BmVisitor *, const BmField *, GError **);
    gboolean (*end_group)(BmVisitor *, GError **);
    gboolean (*begin_subsection)(BmVisitor *, const BmSchema *, GError **);
    gboolean (*end_subsection)(BmVisitor *, GError **);
    gboolean (*scalar)(BmVisitor *, const BmField *, BmScalar *, GError **);
    gboolean (*octets)(BmVisitor *, const BmField *, BmOctets *, GError **);
    gboolean (*next_field)(BmVisitor *, const BmField **, GError **);
    const char *(*name)(const BmVisitor *);
    gboolean (*said_width)(BmVisitor *, uint32_t *, GError **);
    gboolean (*more)(BmVisitor *, const BmField *, gboolean *, GError **);
    gboolean (*next_subsection)(BmVisitor *, const char *, BmSchema *, GError **);
    uint32_t (*span)(BmVisitor *, const BmSpan *);
    gboolean (*next_span)(BmVisitor *, const BmSchema *, uint32_t first, BmSpan *);
    void (*span_done)(BmVisitor *, uint32_t n);
    gboolean (*take_whole)(BmVisitor *, const BmSpan *);
    gboolean (*whole)(BmVisitor *, const BmSchema *, BmSpan *);
    uint64_t (*offset)(const BmVisitor *);
    void (*free)(BmVisitor *); /* frees the visitor itself; default g_free() */
} BmVisitorOps;

/* All but `ops` is visitor.c's.  A visitor begins as zeros, or with bm_visitor_init(). */
struct BmVisitor {
    const BmVisitorOps *ops;
    unsigned depth;               /* containers open now */
    uint8_t open[BM_LIMIT_DEPTH]; /* what they are */
};

static inline void bm_visitor_init(BmVisitor *v, const BmVisitorOps *ops)
{
    v->ops = ops;
    v->depth = 0;
}

#endif
