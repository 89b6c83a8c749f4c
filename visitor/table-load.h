/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of the output visitor over an object, bm_visitor_table_out(). */
#ifndef BM_TABLE_LOAD_H
#define BM_TABLE_LOAD_H

#include "table-impl.h"
#include "visitor-impl.h"

/* One struct that is being loaded. */
typedef struct BmLoadFrame {
    const BmTable *table;
    void *object;
    uint32_t version;
    const BmSchema *schema; /* of the stream; NULL if it has none */
    size_t seen;            /* in the loader's `seen`: one per row, then one per subsection */
    /* where it is, for paths */
    const BmField *field;
    const BmSchema *subsection;
    /* the row at work: matched last, its first one if none was yet */
    const BmTableField *row;
    gboolean matched;
    BmExtent extent;
    uint32_t at; /* elements that were loaded */
    gboolean group;
    void **tail; /* of the list that is the group */
    /* without a schema */
    BmRows rows;
    BmField next;
    /* the struct itself is a temporary; or an element of a tree, `keyless` until
     * its key has come and it could be put there */
    void *temp;
    void *keyless;
    GTree *tree;
} BmLoadFrame;

typedef struct BmLoader {
    BmVisitor base;
    const BmTable *table;
    void *object;
    uint32_t version;
    BmLoadReport *report;
    GByteArray *seen;
    unsigned skip; /* containers open that are passed over */
    unsigned top;  /* frames */
    BmLoadFrame frames[BM_LIMIT_DEPTH + 1];
} BmLoader;

typedef enum BmSelected { BM_SELECT_FAILED, BM_SELECT_SKIP, BM_SELECT_FOUND } BmSelected;

/* Makes the row that `field` is of the one at work, and checks that its elements
 * can be loaded.  What is not known here is reported. */
BmSelected bm_loader_select(BmLoader *l, const BmField *field, GError **error);
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
