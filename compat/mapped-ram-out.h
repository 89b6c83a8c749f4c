/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pages of a mapped-ram file, written (mapped-ram-in.c says what that is): each to
 * its place, in whatever order they come, and the bitmaps at the end.
 *
 * Places are those that QEMU gives: the bitmap behind its header, pages at the next
 * MiB.  So a file of QEMU's comes back with all octets that have a meaning; what has
 * none is zero here, a hole where nothing was written.
 */
#ifndef BM_MAPPED_RAM_OUT_H
#define BM_MAPPED_RAM_OUT_H

#include "stream.h"

/* Octets of all bitmaps: 8 TiB of memory with pages of 4 KiB. */
#define BM_MAPPED_BITMAPS (256u << 20)

typedef struct BmMappedOut BmMappedOut;

BmMappedOut *bm_mapped_out_new(BmOutput *out);
void bm_mapped_out_free(BmMappedOut *m); /* NULL is fine */

/* An item of `ram`; *error is set for one that such a file cannot hold.  A failed
 * write is seen from `out`. */
gboolean bm_mapped_out_item(BmMappedOut *m, const BmItem *item, GError **error);
/* All pages have come. */
void bm_mapped_out_end(BmMappedOut *m);

#endif
