/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The items of a live section, read and checked: pages inside their blocks,
 * data of the right size, blocks known.
 */
#ifndef BM_BER_ITEMS_IN_H
#define BM_BER_ITEMS_IN_H

#include "stream.h"

/* Which items a section can have besides octets, as its name and version say. */
typedef enum BmItemsKind {
    BM_ITEMS_OCTETS,
    BM_ITEMS_RAM,
    BM_ITEMS_BLOCK,
    BM_ITEMS_HASH,
    BM_ITEMS_BITMAP
} BmItemsKind;

/* A section that has begun, for all its pieces. */
typedef struct BmItemsSection {
    BmItemsKind kind;
    uint64_t slots; /* of its hash table, as far as it has been told */
} BmItemsSection;

BmItemsKind bm_items_kind(const char *name, uint32_t version);

typedef struct BmItemsIn {
    BmStreamVisitor *s;
    BmZstd *zstd;
    BmItemsSection *section; /* at work; not owned */
    uint64_t items;          /* of this piece, so far */
    gboolean octets;         /* it goes on as octets */
    gboolean sized;          /* it was the size of a hash table, and nothing else can come */
    uint64_t page_size;      /* 0: not given yet */
    GArray *blocks;          /* BmRamBlock, names owned */
} BmItemsIn;

void bm_items_in_init(BmItemsIn *in, BmStreamVisitor *s);
void bm_items_in_clear(BmItemsIn *in);

/* A piece of a section begins; *section must be good until the next one does. */
void bm_items_in_begin(BmItemsIn *in, BmItemsSection *section);

/* Reads the content of an item of RAM, or says that it is none.  `offset`: of the item. */
gboolean bm_items_in_pages(BmItemsIn *in, BmView *view, BmTag tag, uint64_t offset, GError **error);
/* PageData; *data is good until the next one is read. */
gboolean bm_items_in_data(BmItemsIn *in, BmView *view, BmOctets *data, GError **error);
/* Reads the members of RamBlocks, which pages belong to from then on, and hands them to
 * the stream visitor as an item. */
gboolean bm_items_in_blocks(BmItemsIn *in, BmView *view, GError **error);

/* Reads one Item and hands it to the stream visitor. */
gboolean bm_items_in_read(BmItemsIn *in, BmView *items, GError **error);

/* The first members of all items with pages: item->block and item->page. */
gboolean bm_items_in_page_head(BmView *view, BmItem *item, GError **error);
/* `count` pages from `page` on lie inside the block.  `offset`: of an error. */
gboolean bm_items_in_check_pages(const BmItemsIn *in, const BmItem *item, uint64_t offset,
                                 GError **error);

#endif
