/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding and reporting differences of single values, for the visitor that
 * compares two devices (visitors.h) and for whole streams (diff.h).
 */
#ifndef BM_DIFFERENCE_H
#define BM_DIFFERENCE_H

#include "leaf.h"
#include "visitors.h"

typedef struct BmDifferences {
    BmDifferenceFunc report;
    void *data;
    uint64_t limit;     /* of reports */
    uint64_t count;     /* of differences */
    GPatternSpec *glob; /* NULL: all */
    GString *path;
    GString *texts[2], *types[2];
} BmDifferences;

void bm_differences_init(BmDifferences *d, BmDifferenceFunc report, void *data, uint64_t limit,
                         const char *glob);
void bm_differences_clear(BmDifferences *d);

/* One value, as a visitor was called with it. */
typedef struct BmVisited {
    const BmField *field;
    gboolean by_octets;
    BmScalar scalar;
    BmOctets octets;
} BmVisited;

/* Reports in what `a` and `b` differ, element by element; NULL is a value that is
 * not there.  `path` is the field's. */
void bm_differences_check(BmDifferences *d, const char *path, const BmVisited *a,
                          const BmVisited *b);
/* Something that is no value; what is not set in it is not known. */
void bm_differences_add(BmDifferences *d, const BmDifference *difference);
gboolean bm_differences_match(const BmDifferences *d, const char *path);

#endif
