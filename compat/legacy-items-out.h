/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bodies of live sections as QEMU has them, written item by item: RAM, block migration,
 * hash tables, dirty bitmaps, or octets.  The reader's half is legacy-ram.c and
 * legacy-live.c; pages of mapped-ram files are the business of mapped-ram-out.c.
 */
#ifndef BM_LEGACY_ITEMS_OUT_H
#define BM_LEGACY_ITEMS_OUT_H

#include "legacy.h"

typedef struct BmLegacyItems {
    BmOutput *out; /* a failed write sticks there; whoever calls looks for it */
    /* the body that is open */
    BmGrammar grammar;
    gboolean octets_last; /* it ends with octets, end mark included */
    uint64_t items;       /* so far */
    gboolean hash_sized;  /* it was the size of a hash table */
    /* RAM, for all bodies: the blocks' names, and which one a page without a name belongs to */
    GPtrArray *blocks;
    uint32_t last_block;
    gboolean named;
    uint64_t page_size; /* 0: not known yet */
} BmLegacyItems;

/* `out` stays the caller's. */
void bm_legacy_items_init(BmLegacyItems *l, BmOutput *out);
void bm_legacy_items_clear(BmLegacyItems *l);

void bm_legacy_items_begin(BmLegacyItems *l, BmGrammar grammar);
/* *error is set for an item that such a body cannot hold. */
gboolean bm_legacy_items_put(BmLegacyItems *l, const BmItem *item, GError **error);
/* The end mark of the body, where its octets have not brought it. */
void bm_legacy_items_end(BmLegacyItems *l);

#endif
