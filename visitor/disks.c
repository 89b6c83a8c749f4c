/* SPDX-License-Identifier: BSD-2-Clause */
/* Block devices: their names, and which of their chunks are dirty. */
#include <string.h>

#include "disks-impl.h"

static void free_disk(gpointer data)
{
    BmDisk *disk = data;

    bm_dirty_clear(&disk->dirty);
    g_free(disk->name);
    g_free(disk);
}

BmDisks *bm_disks_new(void)
{
    BmDisks *disks = g_new0(BmDisks, 1);

    disks->list = g_ptr_array_new_with_free_func(free_disk);
    return disks;
}

void bm_disks_free(BmDisks *disks)
{
    if (disks) {
        g_ptr_array_unref(disks->list);
        g_free(disks->chunk);
        g_free(disks);
    }
}

static gboolean check_disk(const BmDisks *disks, const char *name, uint64_t length, GError **error)
{
    size_t len = strlen(name);

    if (len == 0 || len > BM_LIMIT_NAME || !bm_utf8_valid((const uint8_t *)name, len)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL,
                            "a block device's name of %zu octets, expected 1 to %u of UTF-8", len,
                            BM_LIMIT_NAME);
    }
    if (length == 0 || length % BM_DISK_SECTOR != 0) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, name,
                            "%" G_GUINT64_FORMAT " octets are no whole number of sectors", length);
    }
    if (disks->list->len >= BM_LIMIT_BLOCKS) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, name, "more than %u block devices",
                            BM_LIMIT_BLOCKS);
    }
    for (guint i = 0; i < disks->list->len; i++) {
        if (strcmp(((const BmDisk *)disks->list->pdata[i])->name, name) == 0) {
            return bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, name,
                                "this block device is there already");
        }
    }
    return TRUE;
}

BmDisk *bm_disks_add(BmDisks *disks, const char *name, const BmDiskFunctions *functions,
                     void *opaque, uint64_t length, GError **error)
{
    BmDisk *disk;

    if (!check_disk(disks, name, length, error)) {
        return NULL;
    }
    disk = g_new0(BmDisk, 1);
    disk->name = g_strdup(name);
    disk->functions = functions;
    disk->opaque = opaque;
    disk->length = length;
    bm_dirty_init(&disk->dirty, length, BM_DISK_CHUNK, &disks->n_dirty);
    g_ptr_array_add(disks->list, disk);
    return disk;
}

void bm_disk_mark_dirty(BmDisk *disk, uint64_t offset, uint64_t length)
{
    bm_dirty_mark(&disk->dirty, offset, length);
}

uint64_t bm_disks_progress(const BmDisks *disks)
{
    return disks->progress;
}

uint8_t *bm_disks_room(BmDisks *disks)
{
    if (!disks->chunk) {
        disks->chunk = g_malloc(BM_DISK_CHUNK);
    }
    return disks->chunk;
}

/* ---- the section ---- */

static void cleanup(void *opaque)
{
    g_clear_pointer(&((BmDisks *)opaque)->chunk, g_free);
}

const BmLiveHandlers bm_disks_handlers = {
    .version = 1,
    .minimum_version = 1,
    .setup = bm_disks_setup,
    .iterate = bm_disks_iterate,
    .remaining = bm_disks_remaining,
    .complete = bm_disks_complete,
    .load_item = bm_disks_load_item,
    .cleanup = cleanup,
};
