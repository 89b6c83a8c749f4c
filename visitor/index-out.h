/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Collects where the pages of a stream go while it is written, and makes the Index
 * records from that.  The page that came last counts.  Takes about 150 octets for each
 * range of the final index.
 */
#ifndef BM_INDEX_OUT_H
#define BM_INDEX_OUT_H

#include "ber-index.h"

typedef struct BmIndexOut BmIndexOut;

BmIndexOut *bm_index_out_new(void);
void bm_index_out_free(BmIndexOut *ix); /* NULL is fine */

/* BM_ITEM_BLOCKS or BM_ITEM_PAGE_SIZE.  An index is for one list of blocks and one size
 * of pages: FALSE sets *error if pages have come and it changes. */
gboolean bm_index_out_frame(BmIndexOut *ix, const BmItem *item, GError **error);
/* What pages are aligned to; 0 before their size is known. */
uint64_t bm_index_out_alignment(const BmIndexOut *ix);

/* The record that is being made has these pages.  Those that are BM_PLACE_PLAIN come one
 * behind the other; BM_PLACE_ZERO and the others as they are. */
void bm_index_out_add(BmIndexOut *ix, BmPlace place, uint32_t block, uint64_t page, uint64_t count);
/* It has been written at `record`, and its first plain page at `data`; NULL: they are
 * not plain, after all. */
void bm_index_out_written(BmIndexOut *ix, uint64_t record, const uint64_t *data);

/* TRUE if there is one more Index record; there is at least one. */
gboolean bm_index_out_more(const BmIndexOut *ix);
/* Makes the next one, which will stand at `position`, in a writer with an open record.
 * Nothing can be added from the first call on. */
void bm_index_out_next(BmIndexOut *ix, BmWriter *w, uint64_t position);

#endif
