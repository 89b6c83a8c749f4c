/* SPDX-License-Identifier: BSD-2-Clause */
/* Chunks of block devices in: each is checked here, whoever it comes from. */
#include <string.h>

#include "disks-impl.h"

static BmDisk *find_disk(const BmDisks *disks, const char *name)
{
    for (guint i = 0; i < disks->list->len; i++) {
        BmDisk *disk = disks->list->pdata[i];

        if (strcmp(disk->name, name) == 0) {
            return disk;
        }
    }
    return NULL;
}

/* The device, and how much of the chunk lies in it. */
static BmDisk *place(const BmDisks *disks, const BmItem *item, size_t *len, GError **error)
{
    BmDisk *disk = find_disk(disks, item->device);
    uint64_t sectors;

    if (!disk) {
        bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, item->device,
                     "this machine has no block device \"%s\"", item->device);
        return NULL;
    }
    sectors = disk->length / BM_DISK_SECTOR;
    if (item->page >= sectors) {
        bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, disk->name,
                     "a chunk at sector %" G_GUINT64_FORMAT ", the device has %" G_GUINT64_FORMAT,
                     item->page, sectors);
        return NULL;
    }
    if (item->data.data && item->data.len != BM_DISK_CHUNK) {
        bm_error_set(error, BM_BAD_LENGTH, BM_NO_OFFSET, disk->name,
                     "a chunk of %zu octets, expected %u", item->data.len, BM_DISK_CHUNK);
        return NULL;
    }
    if (!disk->functions->write) {
        bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, disk->name,
                     "this block device cannot be written");
        return NULL;
    }
    *len = (size_t)MIN(BM_DISK_CHUNK, (sectors - item->page) * BM_DISK_SECTOR);
    return disk;
}

static gboolean load_chunk(BmDisks *disks, const BmItem *item, GError **error)
{
    uint64_t offset = item->page * BM_DISK_SECTOR;
    const uint8_t *data = item->data.data;
    size_t len;
    BmDisk *disk = place(disks, item, &len, error);

    if (!disk) {
        return FALSE;
    }
    if (!data && disk->functions->zero) {
        return disk->functions->zero(disk->opaque, offset, len, error) ||
               bm_disk_failed(disk, "making zero", error);
    }
    if (!data) {
        data = memset(bm_disks_room(disks), 0, len);
    }
    return disk->functions->write(disk->opaque, offset, data, len, error) ||
           bm_disk_failed(disk, "writing", error);
}

gboolean bm_disks_load_item(void *opaque, const BmItem *item, GError **error)
{
    BmDisks *disks = opaque;

    switch (item->type) {
    case BM_ITEM_CHUNK:
        return load_chunk(disks, item, error);
    case BM_ITEM_PROGRESS:
        disks->progress = item->value;
        return TRUE;
    default:
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "what is no content of a block device cannot be loaded here");
    }
}
