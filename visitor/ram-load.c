/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory in.  Sources check that pages lie in the blocks of the stream's own
 * list; here they must lie in those of this machine, and that is checked for each
 * item, whoever it comes from.  A source that asks for the place of full pages reads
 * them there, and nothing needs to be copied then.
 */
#include "ram-impl.h"
#include "zero.h"

static BmRamArea *find_area(const BmRam *ram, const char *name)
{
    for (guint i = 0; i < ram->areas->len; i++) {
        BmRamArea *area = ram->areas->pdata[i];

        if (strcmp(area->name, name) == 0) {
            return area;
        }
    }
    return NULL;
}

/* ---- what there is ---- */

static gboolean take_page_size(BmRam *ram, const BmItem *item, GError **error)
{
    ram->sized = item->value == ram->page_size;
    return ram->sized ||
           bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "pages of %" G_GUINT64_FORMAT " octets, here they have %" G_GUINT64_FORMAT,
                        item->value, ram->page_size);
}

static gboolean take_block(BmRam *ram, const BmRamBlock *block, GError **error)
{
    BmRamArea *area = find_area(ram, block->name);

    if (!area) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, block->name,
                            "this machine has no RAM block \"%s\"", block->name);
    }
    if (block->length != area->length) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, block->name,
                            "a RAM block of %" G_GUINT64_FORMAT
                            " octets, here it has %" G_GUINT64_FORMAT,
                            block->length, area->length);
    }
    if (g_ptr_array_find(ram->listed, area, NULL)) {
        return bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, block->name,
                            "this RAM block is listed twice");
    }
    g_ptr_array_add(ram->listed, area);
    return TRUE;
}

static gboolean check_all_listed(const BmRam *ram, GError **error)
{
    for (guint i = 0; i < ram->areas->len; i++) {
        const BmRamArea *area = ram->areas->pdata[i];

        if (!g_ptr_array_find(ram->listed, area, NULL)) {
            return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, area->name,
                                "the stream has no RAM block \"%s\"", area->name);
        }
    }
    return TRUE;
}

static gboolean take_blocks(BmRam *ram, const BmItem *item, GError **error)
{
    g_ptr_array_set_size(ram->listed, 0);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        if (!take_block(ram, &item->blocks[i], error)) {
            return FALSE;
        }
    }
    return check_all_listed(ram, error);
}

/* ---- pages ---- */

/* The memory of all pages of the item; NULL and an error unless they lie in their
 * block. */
static uint8_t *place(const BmRam *ram, const BmItem *item, GError **error)
{
    const BmRamArea *area;

    if (!ram->sized) {
        bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL, "pages before their size");
        return NULL;
    }
    if (item->block >= ram->listed->len) {
        bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL, "RAM block %u of %u", item->block,
                     ram->listed->len);
        return NULL;
    }
    area = ram->listed->pdata[item->block];
    if (item->page >= area->pages || item->count > area->pages - item->page) {
        bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, area->name,
                     "%" G_GUINT64_FORMAT " pages from page %" G_GUINT64_FORMAT
                     " on, the block has %" G_GUINT64_FORMAT,
                     item->count, item->page, area->pages);
        return NULL;
    }
    return area->memory + item->page * ram->page_size;
}

uint8_t *bm_ram_load_place(void *opaque, const BmItem *item)
{
    return place(opaque, item, NULL);
}

static gboolean load_full(const BmRam *ram, const BmItem *item, GError **error)
{
    uint8_t *memory = place(ram, item, error);

    if (!memory) {
        return FALSE;
    }
    if (item->data.len != item->count * ram->page_size) {
        return bm_error_set(error, BM_BAD_LENGTH, BM_NO_OFFSET, NULL,
                            "%zu octets for %" G_GUINT64_FORMAT " pages", item->data.len,
                            item->count);
    }
    if (memory != item->data.data) {
        memcpy(memory, item->data.data, item->data.len);
    }
    return TRUE;
}

static gboolean load_zeros(const BmRam *ram, const BmItem *item, GError **error)
{
    size_t page_size = (size_t)ram->page_size;
    uint8_t *memory = place(ram, item, error);

    if (!memory) {
        return FALSE;
    }
    for (uint64_t i = 0; i < item->count; i++, memory += page_size) {
        if (!bm_is_zero(memory, page_size)) {
            memset(memory, 0, page_size);
        }
    }
    return TRUE;
}

static gboolean load_fill(const BmRam *ram, const BmItem *item, GError **error)
{
    uint8_t *memory = place(ram, item, error);

    if (!memory) {
        return FALSE;
    }
    memset(memory, (int)item->value, (size_t)(item->count * ram->page_size));
    return TRUE;
}

static gboolean refused(const char *what, GError **error)
{
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL, "%s cannot be loaded here", what);
}

gboolean bm_ram_load_item(void *opaque, const BmItem *item, GError **error)
{
    BmRam *ram = opaque;

    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        return take_page_size(ram, item, error);
    case BM_ITEM_BLOCKS:
        return take_blocks(ram, item, error);
    case BM_ITEM_PAGES:
        return load_full(ram, item, error);
    case BM_ITEM_ZEROS:
        return load_zeros(ram, item, error);
    case BM_ITEM_FILL:
        return load_fill(ram, item, error);
    case BM_ITEM_NAMED:
        return TRUE; /* about the origin's octets */
    case BM_ITEM_XBZRLE:
        return refused("a page sent as a difference (XBZRLE)", error);
    case BM_ITEM_ZLIB:
        return refused("a page that the sender compressed (zlib)", error);
    case BM_ITEM_MARK:
        return refused("memory of which pages travel elsewhere (multifd, RDMA)", error);
    case BM_ITEM_MEET:
        return bm_stream_lacks_pages(error);
    default:
        return refused("what is no page of memory", error);
    }
}
