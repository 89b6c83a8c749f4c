/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The items of a live section, read and checked: pages inside their blocks,
 * data of the right size, blocks known.
 */
#ifndef BM_BER_ITEMS_IN_H
#define BM_BER_ITEMS_IN_H

#include "stream.h"

typedef struct BmItemsIn {
    BmStreamVisitor *s;
    BmZstd *zstd;
    uint64_t page_size; /* 0: not given yet */
    GArray *blocks;     /* BmRamBlock, names owned */
} BmItemsIn;

void bm_items_in_init(BmItemsIn *in, BmStreamVisitor *s);
void bm_items_in_clear(BmItemsIn *in);

/* Reads one Item and hands it to the stream visitor. */
gboolean bm_items_in_read(BmItemsIn *in, BmView *items, GError **error);

#endif
