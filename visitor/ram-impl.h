/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of guest memory share:
 *
 *     ram.c        blocks, and which of their pages are dirty
 *     ram-save.c   pages out
 *     ram-load.c   pages in
 */
#ifndef BM_RAM_IMPL_H
#define BM_RAM_IMPL_H

#include <string.h>

#include "dirty.h"
#include "ram.h"

struct BmRamArea {
    char *name;
    uint8_t *memory;
    uint64_t length, pages;
    BmRam *ram;
    BmDirty dirty; /* pages */
};

struct BmRam {
    uint64_t page_size;
    GPtrArray *areas; /* BmRamArea */
    void (*sync)(void *data);
    void *sync_data;
    /* saving */
    gboolean stable;  /* memory does not change while a piece is sent */
    uint64_t n_dirty; /* pages; atomic */
    guint area;       /* where to look next */
    uint64_t page;
    /* loading */
    GPtrArray *listed; /* BmRamArea, by the position in the stream's list; not owned */
    gboolean sized;    /* the stream has said how large its pages are */
};

/* All pages are dirty.  FALSE if memory is out. */
gboolean bm_ram_track(BmRam *ram);

/* The handlers of ram-save.c and ram-load.c; `opaque` is the BmRam. */
gboolean bm_ram_setup(void *opaque, BmStreamVisitor *out, GError **error);
gboolean bm_ram_iterate(void *opaque, BmStreamVisitor *out, uint64_t budget, GError **error);
uint64_t bm_ram_remaining(void *opaque);
gboolean bm_ram_complete(void *opaque, BmStreamVisitor *out, GError **error);
uint8_t *bm_ram_load_place(void *opaque, const BmItem *item);
gboolean bm_ram_load_item(void *opaque, const BmItem *item, GError **error);

#endif
