/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Items of live sections: tags of asn1/bermig.asn1 that both the reader and the writer
 * of streams use, and the items that are written without a look at what went before.
 */
#ifndef BM_BER_ITEMS_H
#define BM_BER_ITEMS_H

#include "stream.h"

#define BM_TAG_ITEM(n) (BM_TAG_CONTEXT(n) | BM_CONSTRUCTED)

#define BM_TAG_ITEM_OCTETS BM_TAG_ITEM(0)
#define BM_TAG_ITEM_PAGE_SIZE BM_TAG_CONTEXT(1)
#define BM_TAG_ITEM_BLOCKS BM_TAG_ITEM(2)
#define BM_TAG_ITEM_RUN BM_TAG_ITEM(3)
#define BM_TAG_ITEM_ZEROS BM_TAG_ITEM(4)
#define BM_TAG_ITEM_BATCH BM_TAG_ITEM(5)
#define BM_TAG_ITEM_FILL BM_TAG_ITEM(6)
#define BM_TAG_ITEM_XBZRLE BM_TAG_ITEM(7)
#define BM_TAG_ITEM_ZLIB BM_TAG_ITEM(8)
#define BM_TAG_ITEM_NAMED BM_TAG_CONTEXT(9)
#define BM_TAG_ITEM_MARK BM_TAG_CONTEXT(10)
#define BM_TAG_ITEM_CHUNK BM_TAG_ITEM(11)
#define BM_TAG_ITEM_PROGRESS BM_TAG_CONTEXT(12)
#define BM_TAG_ITEM_HASH_SIZE BM_TAG_CONTEXT(13)
#define BM_TAG_ITEM_SLOTS BM_TAG_ITEM(14)
#define BM_TAG_ITEM_BITMAP_START BM_TAG_ITEM(15)
#define BM_TAG_ITEM_BITMAP_BITS BM_TAG_ITEM(16)
#define BM_TAG_ITEM_BITMAP_END BM_TAG_ITEM(17)
#define BM_TAG_ITEM_FILLER BM_TAG_ITEM(18)
#define BM_TAG_ITEM_MEET BM_TAG_CONTEXT(19)

/* Writes the RamBlocks of a BM_ITEM_BLOCKS. */
void bm_ber_blocks_write(BmWriter *w, BmTag tag, const BmItem *item);
/* Writes one item of any type but pages, zeros and chunks, whose data lies in records as
 * ber-pages-out.h has it. */
void bm_ber_item_write(BmWriter *w, const BmItem *item);

/* SectionState; BM_STATE_COMPLETE is its absence. */
typedef enum BmSectionState {
    BM_STATE_OPEN = 0,
    BM_STATE_BARE = 1,
    BM_STATE_COMPLETE = 2
} BmSectionState;

#endif
