/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What two streams differ in, whichever format each is in.
 *
 * A is read first, into one side, and what counts of it is held: the values of
 * its devices, 16 octets per page of memory.  Then B is read into the other side
 * and compared with it as it comes; bm_diff_end() reports what B did not bring.
 *
 *  - Devices are matched by name and instance, their values by path.  The
 *    numbers of elements in a path do not count, so that a longer array is more
 *    elements and not another array; the numbers of sections do not count.
 *  - Announces are matched by name and instance as well; what is compared is which
 *    fields and subsections they describe, of what type, size, versions, condition.
 *  - RAM blocks are matched by name, pages by what they hold at the end of the
 *    stream.  For a page whose last version is encoded on top of an older one
 *    (XBZRLE), or compressed, it may be undecided.  The digests find changes,
 *    they do not stand against someone who looks for two pages of one digest.
 *  - Other live sections, and what a reader could not understand at the end, by
 *    a digest of all that they brought.
 *  - Commands, messages and the description are about the passage of the state,
 *    not the state, and do not count.
 */
#ifndef BM_DIFF_H
#define BM_DIFF_H

#include "stream.h"
#include "visitors.h"

typedef struct BmDiff BmDiff;

typedef struct BmDiffOptions {
    const char *glob; /* only paths that match; NULL: all */
    gboolean no_pages;
    uint64_t limit;      /* of reports; what is beyond is only counted */
    uint64_t held_limit; /* octets held of devices, and again of pages; 0: 1 GiB, 4 GiB */
    BmDifferenceFunc report;
    void *data;
} BmDiffOptions;

BmDiff *bm_diff_new(const BmDiffOptions *options);
void bm_diff_free(BmDiff *diff); /* NULL is fine */

/* The operations to read A and then B into, each once. */
BmStreamVisitor *bm_diff_side_a(BmDiff *diff);
BmStreamVisitor *bm_diff_side_b(BmDiff *diff);
/* Both have been read.  Returns the number of differences. */
uint64_t bm_diff_end(BmDiff *diff);

#endif
