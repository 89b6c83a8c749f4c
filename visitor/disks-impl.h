/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of block devices share:
 *
 *     disks.c        devices, and which of their chunks are dirty
 *     disks-save.c   chunks out
 *     disks-load.c   chunks in
 */
#ifndef BM_DISKS_IMPL_H
#define BM_DISKS_IMPL_H

#include "dirty.h"
#include "disks.h"

struct BmDisk {
    char *name;
    const BmDiskFunctions *functions;
    void *opaque;
    uint64_t length;
    BmDirty dirty; /* chunks */
};

struct BmDisks {
    GPtrArray *list;   /* BmDisk */
    uint8_t *chunk;    /* room for one, while saving or loading */
    uint64_t progress; /* per cent, sent or come */
    /* saving */
    uint64_t n_dirty; /* chunks; atomic */
    guint disk;       /* where to look next */
    uint64_t next;
};

/* The room for a chunk. */
uint8_t *bm_disks_room(BmDisks *disks);

/* The handlers of disks-save.c and disks-load.c; `opaque` is the BmDisks. */
gboolean bm_disks_setup(void *opaque, BmStreamVisitor *out, GError **error);
gboolean bm_disks_iterate(void *opaque, BmStreamVisitor *out, uint64_t budget, GError **error);
uint64_t bm_disks_remaining(void *opaque);
gboolean bm_disks_complete(void *opaque, BmStreamVisitor *out, GError **error);
gboolean bm_disks_load_item(void *opaque, const BmItem *item, GError **error);

/* A function of the program has failed; it should have said how. */
static inline gboolean bm_disk_failed(const BmDisk *disk, const char *what, GError **error)
{
    if (error && !*error) {
        bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s failed, and does not say why", what);
    }
    bm_error_add_path(error ? *error : NULL, disk->name);
    return FALSE;
}

#endif
