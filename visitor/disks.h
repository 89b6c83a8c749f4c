/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content of block devices as a live section: the handlers that a program
 * registers with bm_machine_add_live() as "block", instance 0.
 *
 *     disks = bm_disks_new();
 *     disk = bm_disks_add(disks, "drive0", &functions, file, length, &error);
 *     bm_machine_add_live(machine, "block", 0, &bm_disks_handlers, disks, &error);
 *
 * Saving reads all chunks of 1 MiB once, then those that were marked dirty since
 * they were read; what is left when the guest stands still goes with the last piece.
 * A chunk of zeros travels without its octets.  QEMU up to 9.0 takes and sends the
 * same ("migrate -b").
 *
 * Loading writes chunks where they belong, to devices that must be there under the
 * same names, and are at least as long.  Nothing behind the end of a device is
 * written, whatever comes; the last chunk may reach beyond it, and is cut.  After a
 * failure the devices hold what came before it.
 */
#ifndef BM_DISKS_H
#define BM_DISKS_H

#include "live-handlers.h"

typedef struct BmDisks BmDisks;
typedef struct BmDisk BmDisk; /* one device; owned by its BmDisks */

/* Octets of a chunk, of which the last one of a device may have less. */
#define BM_DISK_CHUNK (1u << 20)
#define BM_DISK_SECTOR 512u

/* What a program does with its device.  All of [offset, offset + len) lies in it, and
 * len is at most BM_DISK_CHUNK.  A function that returns FALSE should have set an error.
 * read may be NULL for those who only load; write and zero for those who only save;
 * without zero, zeros are written. */
typedef struct BmDiskFunctions {
    gboolean (*read)(void *opaque, uint64_t offset, void *data, size_t len, GError **error);
    gboolean (*write)(void *opaque, uint64_t offset, const void *data, size_t len, GError **error);
    gboolean (*zero)(void *opaque, uint64_t offset, size_t len, GError **error);
} BmDiskFunctions;

BmDisks *bm_disks_new(void);
/* NULL is fine. */
void bm_disks_free(BmDisks *disks);

/* `functions` and `opaque` must outlive `disks`; the name is copied.  NULL and
 * BM_DUPLICATE for a name that is there already, BM_BAD_VALUE for a name that is
 * empty, too long or not UTF-8 or for a length that is 0 or no multiple of
 * BM_DISK_SECTOR, BM_LIMIT above BM_LIMIT_BLOCKS devices.  Not while saving or loading. */
BmDisk *bm_disks_add(BmDisks *disks, const char *name, const BmDiskFunctions *functions,
                     void *opaque, uint64_t length, GError **error);

/* The guest has written octets [offset, offset + length) of the device; what lies
 * outside of it does not count.  After the write, not before.  Any thread may call it
 * at any time, saving or not, until bm_disks_free(). */
void bm_disk_mark_dirty(BmDisk *disk, uint64_t offset, uint64_t length);

/* Per cent of the device content that have come, as the sender counts. */
uint64_t bm_disks_progress(const BmDisks *disks);

/* For bm_machine_add_live(); `opaque` is the BmDisks.  Version 1, as QEMU has it. */
extern const BmLiveHandlers bm_disks_handlers;

#endif
