/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory: its blocks, and which of their pages are dirty. */
#include "ram-impl.h"

static void free_area(gpointer data)
{
    BmRamArea *area = data;

    g_free(area->name);
    bm_dirty_clear(&area->dirty);
    g_free(area);
}

BmRam *bm_ram_new(uint64_t page_size)
{
    BmRam *ram;

    if (page_size < BM_LIMIT_PAGE_MIN || page_size > BM_LIMIT_PAGE_MAX ||
        (page_size & (page_size - 1)) != 0) {
        return NULL;
    }
    ram = g_new0(BmRam, 1);
    ram->page_size = page_size;
    ram->areas = g_ptr_array_new_with_free_func(free_area);
    ram->listed = g_ptr_array_new();
    return ram;
}

void bm_ram_free(BmRam *ram)
{
    if (!ram) {
        return;
    }
    g_ptr_array_unref(ram->listed);
    g_ptr_array_unref(ram->areas);
    g_free(ram);
}

void bm_ram_set_sync(BmRam *ram, void (*sync)(void *data), void *data)
{
    ram->sync = sync;
    ram->sync_data = data;
}

void bm_ram_set_stable(BmRam *ram, gboolean stable)
{
    ram->stable = stable;
}

/* ---- blocks ---- */

static gboolean check_area(const BmRam *ram, const char *name, uint64_t length, GError **error)
{
    size_t len = strlen(name);

    if (len == 0 || len > BM_LIMIT_NAME || !bm_utf8_valid((const uint8_t *)name, len)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL,
                            "a RAM block's name of %zu octets, expected 1 to %u of UTF-8", len,
                            BM_LIMIT_NAME);
    }
    if (length == 0 || length % ram->page_size != 0) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, name,
                            "%" G_GUINT64_FORMAT " octets are no whole number of pages", length);
    }
    if (ram->areas->len >= BM_LIMIT_BLOCKS) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, name, "more than %u RAM blocks",
                            BM_LIMIT_BLOCKS);
    }
    for (guint i = 0; i < ram->areas->len; i++) {
        const BmRamArea *area = ram->areas->pdata[i];

        if (strcmp(area->name, name) == 0) {
            return bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, name,
                                "this RAM block is there already");
        }
    }
    return TRUE;
}

BmRamArea *bm_ram_add(BmRam *ram, const char *name, void *memory, uint64_t length, GError **error)
{
    BmRamArea *area;

    if (!check_area(ram, name, length, error)) {
        return NULL;
    }
    area = g_new0(BmRamArea, 1);
    area->name = g_strdup(name);
    area->memory = memory;
    area->length = length;
    area->pages = length / ram->page_size;
    area->ram = ram;
    bm_dirty_init(&area->dirty, length, ram->page_size, &ram->n_dirty);
    g_ptr_array_add(ram->areas, area);
    return area;
}

/* ---- dirty pages ---- */

gboolean bm_ram_track(BmRam *ram)
{
    for (guint i = 0; i < ram->areas->len; i++) {
        if (!bm_dirty_track(&((BmRamArea *)ram->areas->pdata[i])->dirty)) {
            return FALSE;
        }
    }
    return TRUE;
}

void bm_ram_mark_dirty(BmRamArea *area, uint64_t offset, uint64_t length)
{
    bm_dirty_mark(&area->dirty, offset, length);
}

/* ---- the section ---- */

static void cleanup(void *opaque)
{
    BmRam *ram = opaque;

    g_ptr_array_set_size(ram->listed, 0);
    ram->sized = FALSE;
}

const BmLiveHandlers bm_ram_handlers = {
    .version = 4,
    .minimum_version = 4,
    .setup = bm_ram_setup,
    .iterate = bm_ram_iterate,
    .remaining = bm_ram_remaining,
    .complete = bm_ram_complete,
    .load_item = bm_ram_load_item,
    .load_place = bm_ram_load_place,
    .cleanup = cleanup,
};
