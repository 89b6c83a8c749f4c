/* SPDX-License-Identifier: BSD-2-Clause */
/* Items of RAM: its blocks, and pages in all their forms. */
#include <string.h>

#include "ber-items-in.h"
#include "ber-items.h"

static gboolean failed(const BmView *view, GError **error)
{
    return bm_error_from_fault(error, view->fault, NULL);
}

/* ---- page data ---- */

static BmZstd *zstd(BmItemsIn *in)
{
    if (!in->zstd) {
        in->zstd = bm_zstd_new(1);
    }
    return in->zstd;
}

static gboolean inflate(BmItemsIn *in, BmView *view, BmOctets *data, GError **error)
{
    uint64_t offset = view->offset, size;
    BmOctets packed;
    BmView content;

    if (!bm_view_get(view, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED, "compressed data", &content)) {
        return failed(view, error);
    }
    if (!bm_view_unsigned(&content, BM_TAG_INTEGER, "the size of compressed data", BM_LIMIT_DATA,
                          &size) ||
        !bm_view_octets(&content, BM_TAG_OCTETS, "compressed data", BM_LIMIT_DATA, &packed) ||
        !bm_view_end(&content, "compressed data")) {
        return failed(&content, error);
    }
    if (!zstd(in) || !bm_zstd_decompress(in->zstd, packed, (size_t)size, data)) {
        return bm_error_set(
            error, BM_BAD_VALUE, offset, NULL,
            "zstd data that does not give the %" G_GUINT64_FORMAT " octets that it should", size);
    }
    return TRUE;
}

gboolean bm_items_in_data(BmItemsIn *in, BmView *view, BmOctets *data, GError **error)
{
    BmTag tag;

    if (bm_view_peek(view, &tag) && tag == (BM_TAG_CONTEXT(0) | BM_CONSTRUCTED)) {
        return inflate(in, view, data, error);
    }
    return bm_view_octets(view, BM_TAG_OCTETS, "page data", BM_LIMIT_DATA, data) ||
           failed(view, error);
}

gboolean bm_items_in_check_pages(const BmItemsIn *in, const BmItem *item, uint64_t offset,
                                 GError **error)
{
    const BmRamBlock *block;
    uint64_t pages;

    if (in->page_size == 0) {
        return bm_error_set(error, BM_BAD_ORDER, offset, NULL, "pages before a page size");
    }
    if (item->block >= in->blocks->len) {
        return bm_error_set(error, BM_UNKNOWN, offset, NULL, "RAM block %u of %u", item->block,
                            in->blocks->len);
    }
    block = &g_array_index(in->blocks, BmRamBlock, item->block);
    pages = block->length / in->page_size;
    if (item->count == 0 || item->page >= pages || item->count > pages - item->page) {
        return bm_error_set(error, BM_LIMIT, offset, block->name,
                            "%" G_GUINT64_FORMAT " pages from page %" G_GUINT64_FORMAT
                            " on, the block has %" G_GUINT64_FORMAT,
                            item->count, item->page, pages);
    }
    return TRUE;
}

static gboolean give(BmItemsIn *in, const BmItem *item, uint64_t offset, GError **error)
{
    return bm_items_in_check_pages(in, item, offset, error) &&
           bm_stream_live_item(in->s, item, error);
}

gboolean bm_items_in_page_head(BmView *view, BmItem *item, GError **error)
{
    uint64_t block;

    if (!bm_view_unsigned(view, BM_TAG_INTEGER, "a RAM block's position", BM_LIMIT_BLOCKS,
                          &block) ||
        !bm_view_unsigned(view, BM_TAG_INTEGER, "a page's number", UINT64_MAX, &item->page)) {
        return failed(view, error);
    }
    item->block = (uint32_t)block;
    return TRUE;
}

static gboolean ends(const BmView *view, const char *what, GError **error)
{
    BmView copy = *view;

    return bm_view_end(&copy, what) || failed(view, error);
}

static gboolean read_run(BmItemsIn *in, BmView *view, uint64_t offset, GError **error)
{
    BmItem item = {.type = BM_ITEM_PAGES};

    if (!bm_items_in_page_head(view, &item, error) ||
        !bm_items_in_data(in, view, &item.data, error) || !ends(view, "a run of pages", error)) {
        return FALSE;
    }
    if (in->page_size != 0 && item.data.len % in->page_size != 0) {
        return bm_error_set(error, BM_BAD_LENGTH, offset, NULL,
                            "%zu octets are no whole number of pages", item.data.len);
    }
    item.count = in->page_size ? item.data.len / in->page_size : 0;
    return give(in, &item, offset, error);
}

static gboolean read_zeros(BmItemsIn *in, BmView *view, uint64_t offset, GError **error)
{
    BmItem item = {.type = BM_ITEM_ZEROS};

    if (!bm_items_in_page_head(view, &item, error)) {
        return FALSE;
    }
    if (!bm_view_unsigned(view, BM_TAG_INTEGER, "a count of pages", UINT64_MAX, &item.count) ||
        !bm_view_end(view, "a range of zero pages")) {
        return failed(view, error);
    }
    return give(in, &item, offset, error);
}

/* One run of a batch takes its share of the data. */
static gboolean give_run(BmItemsIn *in, BmItem *item, const BmPageRun *run, BmOctets *data,
                         uint64_t offset, GError **error)
{
    item->page = run->page;
    item->count = run->count;
    item->type = run->zero ? BM_ITEM_ZEROS : BM_ITEM_PAGES;
    if (!bm_items_in_check_pages(in, item, offset, error)) {
        return FALSE;
    }
    if (!run->zero) {
        if (run->count > data->len / in->page_size) {
            return bm_error_set(error, BM_BAD_LENGTH, offset, NULL,
                                "a batch's map has more pages than its data");
        }
        item->data = (BmOctets){data->data, (size_t)(run->count * in->page_size)};
        data->data += item->data.len;
        data->len -= item->data.len;
    }
    return bm_stream_live_item(in->s, item, error);
}

static gboolean read_batch(BmItemsIn *in, BmView *view, uint64_t offset, GError **error)
{
    BmItem item = {0};
    BmOctets data;
    uint64_t next;
    BmView map;

    if (!bm_items_in_page_head(view, &item, error)) {
        return FALSE;
    }
    if (!bm_view_get(view, BM_TAG_OCTETS, "the map of a batch", &map)) {
        return failed(view, error);
    }
    if (!bm_items_in_data(in, view, &data, error) || !ends(view, "a batch of pages", error)) {
        return FALSE;
    }
    next = item.page;
    while (map.len > 0) {
        BmPageRun run;

        if (!bm_page_map_get(&map, &next, &run)) {
            return failed(&map, error);
        }
        if (!give_run(in, &item, &run, &data, offset, error)) {
            return FALSE;
        }
    }
    if (data.len > 0) {
        return bm_error_set(error, BM_TRAILING, offset, NULL,
                            "a batch's data has %zu octets more than its map", data.len);
    }
    return TRUE;
}

static gboolean read_fill(BmItemsIn *in, BmView *view, uint64_t offset, GError **error)
{
    BmItem item = {.type = BM_ITEM_FILL, .count = 1};

    if (!bm_items_in_page_head(view, &item, error)) {
        return FALSE;
    }
    if (!bm_view_unsigned(view, BM_TAG_INTEGER, "a fill octet", 255, &item.value) ||
        !bm_view_end(view, "a filled page")) {
        return failed(view, error);
    }
    return give(in, &item, offset, error);
}

static gboolean read_encoded(BmItemsIn *in, BmItemType type, BmView *view, uint64_t offset,
                             GError **error)
{
    BmItem item = {.type = type, .count = 1};

    if (!bm_items_in_page_head(view, &item, error)) {
        return FALSE;
    }
    if (!bm_view_octets(view, BM_TAG_OCTETS, "an encoded page", BM_LIMIT_DATA, &item.data) ||
        !bm_view_end(view, "an encoded page")) {
        return failed(view, error);
    }
    return give(in, &item, offset, error);
}

/* ---- blocks ---- */

static gboolean optional_unsigned(BmView *view, unsigned tag, const char *what, gboolean *present,
                                  uint64_t *out)
{
    BmTag next;

    *present = bm_view_peek(view, &next) && next == BM_TAG_CONTEXT(tag);
    return !*present || bm_view_unsigned(view, BM_TAG_CONTEXT(tag), what, UINT64_MAX, out);
}

static gboolean read_block(GArray *blocks, BmView *list, GError **error)
{
    BmRamBlock block = {0};
    gboolean has_page_size;
    BmOctets name;
    BmView view;

    if (!bm_view_get(list, BM_TAG_SEQUENCE, "a RAM block", &view)) {
        return failed(list, error);
    }
    if (!bm_view_name(&view, BM_TAG_UTF8, "the name of a RAM block", &name) ||
        !bm_view_unsigned(&view, BM_TAG_INTEGER, "the length of a RAM block", UINT64_MAX,
                          &block.length) ||
        !optional_unsigned(&view, 0, "the page size of a RAM block", &has_page_size,
                           &block.page_size) ||
        !optional_unsigned(&view, 1, "the address of a RAM block", &block.has_address,
                           &block.address) ||
        !bm_view_end(&view, "a RAM block")) {
        return failed(&view, error);
    }
    block.name = g_strndup((const char *)name.data, name.len);
    g_array_append_val(blocks, block);
    return TRUE;
}

/* The total is the sum of the lengths: what is left of it for the next block. */
static gboolean take_length(GArray *blocks, uint64_t *left, uint64_t offset, GError **error)
{
    const BmRamBlock *last = &g_array_index(blocks, BmRamBlock, blocks->len - 1);

    if (last->length > *left) {
        return bm_error_set(error, BM_MISMATCH, offset, last->name,
                            "%" G_GUINT64_FORMAT " octets, the total leaves %" G_GUINT64_FORMAT,
                            last->length, *left);
    }
    *left -= last->length;
    return TRUE;
}

gboolean bm_items_in_blocks(BmItemsIn *in, BmView *view, GError **error)
{
    BmItem item = {.type = BM_ITEM_BLOCKS};
    uint64_t left;
    BmView list;

    if (!bm_view_unsigned(view, BM_TAG_INTEGER, "the total of the RAM blocks", UINT64_MAX,
                          &item.value) ||
        !bm_view_get(view, BM_TAG_SEQUENCE, "the list of RAM blocks", &list)) {
        return failed(view, error);
    }
    left = item.value;
    g_array_set_size(in->blocks, 0);
    while (list.len > 0) {
        if (in->blocks->len >= BM_LIMIT_BLOCKS) {
            return bm_error_set(error, BM_LIMIT, list.offset, NULL, "more than %u RAM blocks",
                                BM_LIMIT_BLOCKS);
        }
        if (!read_block(in->blocks, &list, error)) {
            return FALSE;
        }
        if (!take_length(in->blocks, &left, list.offset, error)) {
            return FALSE;
        }
    }
    if (left > 0) {
        return bm_error_set(error, BM_MISMATCH, list.offset, NULL,
                            "the total of the RAM blocks is %" G_GUINT64_FORMAT
                            " octets more than their lengths",
                            left);
    }
    item.blocks = (const BmRamBlock *)in->blocks->data;
    item.n_blocks = in->blocks->len;
    return bm_stream_live_item(in->s, &item, error);
}

/* ---- any of them ---- */

gboolean bm_items_in_pages(BmItemsIn *in, BmView *view, BmTag tag, uint64_t offset, GError **error)
{
    switch (tag) {
    case BM_TAG_ITEM_BLOCKS:
        return bm_items_in_blocks(in, view, error);
    case BM_TAG_ITEM_RUN:
        return read_run(in, view, offset, error);
    case BM_TAG_ITEM_ZEROS:
        return read_zeros(in, view, offset, error);
    case BM_TAG_ITEM_BATCH:
        return read_batch(in, view, offset, error);
    case BM_TAG_ITEM_FILL:
        return read_fill(in, view, offset, error);
    case BM_TAG_ITEM_XBZRLE:
        return read_encoded(in, BM_ITEM_XBZRLE, view, offset, error);
    case BM_TAG_ITEM_ZLIB:
        return read_encoded(in, BM_ITEM_ZLIB, view, offset, error);
    default:
        return bm_error_set(error, BM_UNKNOWN, offset, NULL, "an item with tag [%u]",
                            tag & 0x1fffffff);
    }
}
