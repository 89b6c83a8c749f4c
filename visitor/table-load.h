/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of the output visitor over an object, bm_visitor_table_out():
 *
 *     table-out.c     the visitor, and values
 *     table-frames.c  structs that begin and end
 *     table-select.c  the row that a field goes to
 *     table-settle.c  rows to which none went
 *     table-report.c  what was passed over or made up
 */
#ifndef BM_TABLE_LOAD_H
#define BM_TABLE_LOAD_H

#include "table-plan.h"
#include "visitor-impl.h"

/* What became of a row. */
enum {
    BM_ROW_OPEN,
    BM_ROW_LOADED,
    BM_ROW_MADE_UP /* it has its default until it comes */
};

/* One struct that is being loaded. */
typedef struct BmLoadFrame {
    const BmTable *table;
    void *object;
    uint32_t version;
    const BmSchema *schema; /* of the stream; NULL if it has none */
    uint8_t *seen;          /* one per row, then one per subsection */
    guint n_seen, n_rows;
    guint n_loaded; /* rows */
    /* where it is, for paths */
    const BmField *field;
    const BmSchema *subsection;
    /* the row at work: matched last, its first one if none was yet */
    const BmTableField *row;
    const BmTableField *last; /* of the rows that were loaded, in the order of the table */
    gboolean matched;
    BmExtent extent;
    uint32_t at; /* elements that were loaded */
    /* of all fields; NULL if there is none; and where the span began */
    const BmPlan *plan;
    uint32_t first;
    gboolean group;
    void **tail; /* of the list that is the group */
    /* the struct itself is a temporary; or an element of a tree, `keyless` until
     * its key has come and it could be put there; or a node for it, at its end */
    void *temp;
    void *keyless;
    BmTreeNode *node;
    GTree *tree;
    /* without a schema; what stands before these is zero at first */
    BmRows rows;
    BmField next;
} BmLoadFrame;

/* Most devices need no more, and small blocks are what malloc() is quickest with. */
#define BM_LOADER_MARKS 128
#define BM_LOADER_FRAMES 2

typedef struct BmLoader {
    BmVisitor base;
    const BmTable *table;
    void *object;
    uint32_t version;
    BmLoadReport *report;
    unsigned skip; /* containers open that are passed over */
    unsigned top;  /* frames */
    guint n_marks;
    uint8_t marks[BM_LOADER_MARKS]; /* for what was seen, as long as there is room */
    BmLoadFrame first[BM_LOADER_FRAMES];
    BmLoadFrame *more; /* all others; NULL until there are any */
    /* without a schema: of each frame, and those that have a number */
    BmNames *names;
    GStringChunk *strings;
} BmLoader;

typedef enum BmSelected { BM_SELECT_FAILED, BM_SELECT_SKIP, BM_SELECT_FOUND } BmSelected;

static inline BmLoadFrame *bm_loader_frame(BmLoader *l, unsigned i)
{
    return i < BM_LOADER_FRAMES ? &l->first[i] : &l->more[i - BM_LOADER_FRAMES];
}

/* The innermost one. */
static inline BmLoadFrame *bm_loader_here(BmLoader *l)
{
    return bm_loader_frame(l, l->top - 1);
}

/* Open a struct: the object itself; the next element of a list; the next element
 * of the row at work; a subsection. */
gboolean bm_loader_begin_root(BmLoader *l, const BmSchema *schema, GError **error);
gboolean bm_loader_begin_listed(BmLoader *l, const BmSchema *schema, GError **error);
gboolean bm_loader_begin_element(BmLoader *l, const BmSchema *schema, GError **error);
gboolean bm_loader_begin_subsection(BmLoader *l, const BmTable *table, const BmSchema *schema,
                                    GError **error);
/* Closes it; with what comes after loading, and without. */
gboolean bm_loader_end(BmLoader *l, GError **error);
void bm_loader_pop(BmLoader *l);

/* Makes the row that `field` is of the one at work, and checks that its elements
 * can be loaded.  What is not known here is reported. */
BmSelected bm_loader_select(BmLoader *l, const BmField *field, GError **error);
/* Many fields that go to rows one behind the other: see bm_visit_next_span(). */
gboolean bm_loader_next_span(BmLoader *l, const BmSchema *schema, uint32_t first, BmSpan *span);
void bm_loader_span_done(BmLoader *l, uint32_t n);
/* TRUE if other values for this row could contradict what was loaded already. */
gboolean bm_loader_may_count(BmLoader *l, const BmTableField *row);
/* Rows that the stream did not have. */
gboolean bm_loader_settle(BmLoader *l, GError **error);
/* The subsection of this name; NULL and an error if there is none or it was there
 * before, NULL and no error (*skip) if it can be passed over. */
const BmTable *bm_loader_subsection(BmLoader *l, const BmSchema *schema, gboolean *skip,
                                    GError **error);

/* Into the report: where the loader stands, and `name` (may be NULL) below it. */
void bm_loader_report_skipped(BmLoader *l);
void bm_loader_report_defaulted(BmLoader *l, const char *name);

#endif
