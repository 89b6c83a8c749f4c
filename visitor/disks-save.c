/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chunks of block devices out.  A pass looks at all of them once, in as many pieces
 * as the budget makes of it; where it stands is kept from piece to piece.
 */
#include <string.h>

#include "disks-impl.h"
#include "zero.h"

gboolean bm_disks_setup(void *opaque, BmStreamVisitor *out, GError **error)
{
    BmDisks *disks = opaque;

    (void)out;
    disks->disk = 0;
    disks->next = 0;
    disks->progress = 0;
    for (guint i = 0; i < disks->list->len; i++) {
        BmDisk *disk = disks->list->pdata[i];

        if (!disk->functions->read) {
            return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, disk->name,
                                "this block device cannot be read");
        }
        if (!bm_dirty_track(&disk->dirty)) {
            return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, disk->name,
                                "no memory for one bit per chunk");
        }
    }
    return TRUE;
}

/* It is clean before it is read, so that a change from then on makes it dirty again.
 * What a last chunk has behind the device's end is zero. */
static gboolean give_chunk(BmDisks *disks, BmDisk *disk, uint64_t chunk, BmStreamVisitor *out,
                           GError **error)
{
    uint64_t offset = chunk * BM_DISK_CHUNK;
    size_t len = (size_t)MIN(BM_DISK_CHUNK, disk->length - offset);
    uint8_t *data = bm_disks_room(disks);
    BmItem item = {.type = BM_ITEM_CHUNK, .device = disk->name, .page = offset / BM_DISK_SECTOR};

    bm_dirty_clean(&disk->dirty, chunk, 1);
    if (!disk->functions->read(disk->opaque, offset, data, len, error)) {
        return bm_disk_failed(disk, "reading", error);
    }
    memset(data + len, 0, BM_DISK_CHUNK - len);
    if (!bm_is_zero(data, len)) {
        item.data = (BmOctets){data, BM_DISK_CHUNK};
    }
    return bm_stream_live_item(out, &item, error);
}

/* Goes on until so many chunks were sent or the pass is over. */
static gboolean give_chunks(BmDisks *disks, BmStreamVisitor *out, uint64_t chunks, GError **error)
{
    while (chunks > 0 && disks->disk < disks->list->len) {
        BmDisk *disk = disks->list->pdata[disks->disk];
        uint64_t chunk = bm_dirty_next(&disk->dirty, disks->next);

        if (chunk == disk->dirty.units) {
            disks->disk++;
            disks->next = 0;
            continue;
        }
        if (!give_chunk(disks, disk, chunk, out, error)) {
            return FALSE;
        }
        disks->next = chunk + 1;
        chunks--;
    }
    return TRUE;
}

/* Of the first pass, which sends everything; it never falls. */
static gboolean give_progress(BmDisks *disks, uint64_t per_cent, BmStreamVisitor *out,
                              GError **error)
{
    BmItem item = {.type = BM_ITEM_PROGRESS, .value = per_cent};

    if (per_cent <= disks->progress) {
        return TRUE;
    }
    disks->progress = per_cent;
    return bm_stream_live_item(out, &item, error);
}

static uint64_t clean_per_cent(const BmDisks *disks)
{
    uint64_t all = 0, dirty = bm_dirty_count(&disks->n_dirty);

    for (guint i = 0; i < disks->list->len; i++) {
        all += ((const BmDisk *)disks->list->pdata[i])->dirty.units;
    }
    /* No device has so many chunks that this could overflow. */
    return all > 0 ? (all - MIN(dirty, all)) * 100 / all : 100;
}

static void begin_pass(BmDisks *disks)
{
    disks->disk = 0;
    disks->next = 0;
}

gboolean bm_disks_iterate(void *opaque, BmStreamVisitor *out, uint64_t budget, GError **error)
{
    BmDisks *disks = opaque;

    if (!give_chunks(disks, out, MAX(budget / BM_DISK_CHUNK, 1), error)) {
        return FALSE;
    }
    if (disks->disk == disks->list->len) {
        begin_pass(disks);
    }
    return give_progress(disks, MIN(clean_per_cent(disks), 99), out, error);
}

uint64_t bm_disks_remaining(void *opaque)
{
    return bm_dirty_count(&((BmDisks *)opaque)->n_dirty) * BM_DISK_CHUNK;
}

gboolean bm_disks_complete(void *opaque, BmStreamVisitor *out, GError **error)
{
    BmDisks *disks = opaque;

    begin_pass(disks);
    return give_chunks(disks, out, UINT64_MAX, error) && give_progress(disks, 100, out, error);
}
