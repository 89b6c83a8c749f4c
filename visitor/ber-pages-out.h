/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Groups the pages of a live section into items: runs, ranges of zeros,
 * batches.  Page data is copied once, into an arena that the record borrows; or
 * not at all, if it is stable and not worth compressing.
 */
#ifndef BM_BER_PAGES_OUT_H
#define BM_BER_PAGES_OUT_H

#include "stream.h"

/* Page data of one record; a record is written when the next page would not fit. */
#define BM_ARENA_SIZE (1u << 20)

typedef struct BmPagesOut {
    BmWriter *w;
    BmZstd *zstd; /* NULL: no compression */
    uint64_t page_size;
    uint8_t *arena;
    size_t used;  /* octets of page data that the record's items hold, in the arena or not */
    size_t start; /* of these, before the batch */
    /* the batch being collected; empty if `run` is */
    uint32_t block;
    uint64_t first, next; /* page numbers */
    GArray *pieces;       /* BmOctets: its data, neighbours as one */
    BmPageRun run;        /* the last run, not yet in the map */
    uint64_t runs;
    uint64_t mapped; /* end of the last run in the map */
    GByteArray *map;
} BmPagesOut;

void bm_pages_out_init(BmPagesOut *p, BmWriter *w, int level);
void bm_pages_out_clear(BmPagesOut *p);

/* TRUE if the arena has room for `octets` more. */
gboolean bm_pages_out_fits(const BmPagesOut *p, uint64_t octets);
/* TRUE if pages of this block would join the batch that is being collected. */
gboolean bm_pages_out_continues(const BmPagesOut *p, uint32_t block);
/* Pages first .. first + count - 1 of a block; `data` NULL if they are zero.
 * Full pages must fit.  `stable`: as BmItem has it. */
void bm_pages_out_add(BmPagesOut *p, uint32_t block, uint64_t first, uint64_t count,
                      const uint8_t *data, gboolean stable);
/* Writes the batch being collected, if there is one, as an item. */
void bm_pages_out_end_batch(BmPagesOut *p);
/* The record that held the items has been written, which took so long. */
void bm_pages_out_recycle(BmPagesOut *p, gint64 microseconds);
/* Writes a PageData of the module: compressed if that pays, else borrowed. */
void bm_pages_out_data(BmPagesOut *p, BmOctets data);

#endif
