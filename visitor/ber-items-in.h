/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The items of a live section, read and checked: pages inside their blocks,
 * data of the right size, blocks known.
 */
#ifndef BM_BER_ITEMS_IN_H
#define BM_BER_ITEMS_IN_H

#include "stream.h"

/* Which items a section can have besides octets, as its name and version say. */
typedef enum BmItemsKind { BM_ITEMS_OCTETS, BM_ITEMS_RAM, BM_ITEMS_BLOCK } BmItemsKind;

BmItemsKind bm_items_kind(const char *name, uint32_t version);

typedef struct BmItemsIn {
    BmStreamVisitor *s;
    BmZstd *zstd;
    BmItemsKind kind;   /* of the section at work */
    gboolean octets;    /* it goes on as octets */
    uint64_t page_size; /* 0: not given yet */
    GArray *blocks;     /* BmRamBlock, names owned */
} BmItemsIn;

void bm_items_in_init(BmItemsIn *in, BmStreamVisitor *s);
void bm_items_in_clear(BmItemsIn *in);

/* A piece of a section begins. */
void bm_items_in_begin(BmItemsIn *in, BmItemsKind kind);

/* Reads one Item and hands it to the stream visitor. */
gboolean bm_items_in_read(BmItemsIn *in, BmView *items, GError **error);

#endif
