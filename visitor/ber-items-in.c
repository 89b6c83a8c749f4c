/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-items-in.h"

#include <string.h>

#include "ber-items.h"
#include "block-list.h"
#include "zero.h"

BmItemsKind bm_items_kind(const char *name, uint32_t version)
{
    if (strcmp(name, "ram") == 0 && version == 4) {
        return BM_ITEMS_RAM;
    }
    if (strcmp(name, "block") == 0 && version == 1) {
        return BM_ITEMS_BLOCK;
    }
    if (strcmp(name, "spapr/htab") == 0 && version == 1) {
        return BM_ITEMS_HASH;
    }
    if (strcmp(name, "dirty-bitmap") == 0 && version == 1) {
        return BM_ITEMS_BITMAP;
    }
    return BM_ITEMS_OCTETS;
}

void bm_items_in_init(BmItemsIn *in, BmStreamVisitor *s)
{
    *in = (BmItemsIn){.s = s};
    in->blocks = bm_block_list_new();
}

void bm_items_in_clear(BmItemsIn *in)
{
    bm_zstd_free(in->zstd);
    g_array_unref(in->blocks);
}

void bm_items_in_begin(BmItemsIn *in, BmItemsSection *section)
{
    in->section = section;
    in->items = 0;
    in->octets = FALSE;
    in->sized = FALSE;
}

static gboolean failed(const BmView *view, GError **error)
{
    return bm_error_from_fault(error, view->fault, NULL);
}

static gboolean ends(BmView *view, const char *what, GError **error)
{
    return bm_view_end(view, what) || failed(view, error);
}

/* ---- block migration ---- */

static gboolean read_chunk(BmItemsIn *in, BmView *view, GError **error)
{
    BmItem item = {.type = BM_ITEM_CHUNK};
    g_autofree char *device = NULL;
    BmOctets name;
    BmView data;
    bool present;

    if (!bm_view_name(view, BM_TAG_UTF8, "the device of a chunk", &name) ||
        !bm_view_unsigned(view, BM_TAG_INTEGER, "the sector of a chunk", UINT64_MAX >> 9,
                          &item.page) ||
        !bm_view_optional(view, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED, "the data of a chunk", &present,
                          &data) ||
        !bm_view_end(view, "a chunk")) {
        return failed(view, error);
    }
    if (present && (!bm_items_in_data(in, &data, &item.data, error) ||
                    !ends(&data, "the data of a chunk", error))) {
        return FALSE;
    }
    item.device = device = g_strndup((const char *)name.data, name.len);
    return bm_stream_live_item(in->s, &item, error);
}

/* ---- one item ---- */

static gboolean read_octets(BmItemsIn *in, BmView *items, GError **error)
{
    BmItem item = {.type = BM_ITEM_OCTETS};

    if (!bm_view_explicit(items, BM_TAG_ITEM_OCTETS, BM_TAG_OCTETS, "octets of a section",
                          BM_LIMIT_RECORD, &item.data)) {
        return failed(items, error);
    }
    in->octets = TRUE;
    return bm_stream_live_item(in->s, &item, error);
}

static gboolean is_page_size(uint64_t n)
{
    return n >= BM_LIMIT_PAGE_MIN && n <= BM_LIMIT_PAGE_MAX && (n & (n - 1)) == 0;
}

/* Zeros that let the pages behind them begin where they shall. */
static gboolean read_filler(BmView *items, GError **error)
{
    uint64_t offset = items->offset;
    BmOctets zeros;

    if (!bm_view_explicit(items, BM_TAG_ITEM_FILLER, BM_TAG_OCTETS, "a filler", BM_LIMIT_FILLER,
                          &zeros)) {
        return failed(items, error);
    }
    return bm_is_zero(zeros.data, zeros.len) ||
           bm_error_set(error, BM_BAD_VALUE, offset, NULL, "a filler that is not zero");
}

static gboolean read_page_size(BmItemsIn *in, BmView *items, GError **error)
{
    BmItem item = {.type = BM_ITEM_PAGE_SIZE};
    uint64_t offset = items->offset;

    if (!bm_view_unsigned(items, BM_TAG_ITEM_PAGE_SIZE, "the page size", BM_LIMIT_PAGE_MAX,
                          &item.value)) {
        return failed(items, error);
    }
    if (!is_page_size(item.value)) {
        return bm_error_set(error, BM_BAD_VALUE, offset, NULL, "a page size of %" G_GUINT64_FORMAT,
                            item.value);
    }
    in->page_size = item.value;
    return bm_stream_live_item(in->s, &item, error);
}

static gboolean read_plain(BmItemsIn *in, BmView *items, BmTag tag, BmItemType type, GError **error)
{
    BmItem item = {.type = type};

    if (!bm_view_unsigned(items, tag, "a mark", UINT64_MAX, &item.value)) {
        return failed(items, error);
    }
    return bm_stream_live_item(in->s, &item, error);
}

static gboolean read_named(BmItemsIn *in, BmView *items, GError **error)
{
    BmItem item = {.type = BM_ITEM_NAMED};

    if (!bm_view_null(items, BM_TAG_ITEM_NAMED, "a mark")) {
        return failed(items, error);
    }
    return bm_stream_live_item(in->s, &item, error);
}

/* ---- a hash table ---- */

static gboolean read_hash_size(BmItemsIn *in, BmView *items, GError **error)
{
    BmItem item = {.type = BM_ITEM_HASH_SIZE};
    uint64_t offset = items->offset;

    if (!bm_view_unsigned(items, BM_TAG_ITEM_HASH_SIZE, "the size of a hash table",
                          BM_HASH_SIZE_MAX, &item.value)) {
        return failed(items, error);
    }
    if (item.value != 0 && item.value < BM_HASH_SIZE_MIN) {
        return bm_error_set(error, BM_BAD_VALUE, offset, NULL,
                            "a hash table of 2^%" G_GUINT64_FORMAT " octets", item.value);
    }
    in->sized = TRUE;
    in->section->slots = bm_hash_slots(item.value);
    return bm_stream_live_item(in->s, &item, error);
}

static gboolean check_slots(BmItemsIn *in, const BmItem *item, uint64_t offset, GError **error)
{
    uint64_t used = item->data.len / BM_SLOT_SIZE, count = used + item->count;

    if (item->data.len % BM_SLOT_SIZE != 0) {
        return bm_error_set(error, BM_BAD_LENGTH, offset, NULL,
                            "%zu octets are no whole number of slots", item->data.len);
    }
    if (count == 0 || !bm_slots_fit(in->section->slots, item->page, count)) {
        return bm_error_set(error, BM_LIMIT, offset, NULL,
                            "%" G_GUINT64_FORMAT " slots from slot %" G_GUINT64_FORMAT
                            " on, the hash table has %" G_GUINT64_FORMAT,
                            count, item->page, in->section->slots);
    }
    return TRUE;
}

static gboolean read_slots(BmItemsIn *in, BmView *view, uint64_t offset, GError **error)
{
    BmItem item = {.type = BM_ITEM_SLOTS};

    if (!bm_view_unsigned(view, BM_TAG_INTEGER, "the number of a slot", UINT32_MAX, &item.page) ||
        !bm_view_octets(view, BM_TAG_OCTETS, "the slots of a hash table",
                        BM_SLOTS_MAX * BM_SLOT_SIZE, &item.data) ||
        !bm_view_unsigned(view, BM_TAG_INTEGER, "a count of unused slots", BM_SLOTS_MAX,
                          &item.count) ||
        !bm_view_end(view, "slots of a hash table")) {
        return failed(view, error);
    }
    return check_slots(in, &item, offset, error) && bm_stream_live_item(in->s, &item, error);
}

/* ---- dirty bitmaps ---- */

/* A name that is left out is that of the item before. */
static gboolean read_alias(BmView *view, unsigned tag, const char *what, char **name,
                           GError **error)
{
    bool present;
    BmView inner;
    BmOctets text;

    if (!bm_view_optional(view, BM_TAG_CONTEXT(tag) | BM_CONSTRUCTED, what, &present, &inner)) {
        return failed(view, error);
    }
    if (!present) {
        return TRUE;
    }
    if (!bm_view_name(&inner, BM_TAG_UTF8, what, &text) || !bm_view_end(&inner, what)) {
        return failed(&inner, error);
    }
    *name = g_strndup((const char *)text.data, text.len);
    return TRUE;
}

static gboolean read_bitmap_start(BmView *view, BmItem *item, GError **error)
{
    return (bm_view_unsigned(view, BM_TAG_INTEGER, "the granularity of a dirty bitmap", UINT32_MAX,
                             &item->value) &&
            bm_view_unsigned(view, BM_TAG_INTEGER, "the flags of a dirty bitmap", BM_BITMAP_FLAGS,
                             &item->count)) ||
           failed(view, error);
}

static gboolean read_bitmap_bits(BmView *view, BmItem *item, GError **error)
{
    BmTag tag;

    if (!bm_view_unsigned(view, BM_TAG_INTEGER, "a sector", UINT64_MAX, &item->page) ||
        !bm_view_unsigned(view, BM_TAG_INTEGER, "a count of sectors", UINT32_MAX, &item->count)) {
        return failed(view, error);
    }
    return !bm_view_peek(view, &tag) ||
           bm_view_octets(view, BM_TAG_OCTETS, "the bits of a dirty bitmap", BM_LIMIT_BITMAP,
                          &item->data) ||
           failed(view, error);
}

static gboolean read_bitmap(BmItemsIn *in, BmItemType type, BmView *view, GError **error)
{
    g_autofree char *node = NULL, *name = NULL;
    BmItem item = {.type = type};

    if (!read_alias(view, 0, "the node of a dirty bitmap", &node, error) ||
        !read_alias(view, 1, "the name of a dirty bitmap", &name, error)) {
        return FALSE;
    }
    if ((type == BM_ITEM_BITMAP_START && !read_bitmap_start(view, &item, error)) ||
        (type == BM_ITEM_BITMAP_BITS && !read_bitmap_bits(view, &item, error)) ||
        !ends(view, "a dirty bitmap", error)) {
        return FALSE;
    }
    item.device = node;
    item.name = name;
    return bm_stream_live_item(in->s, &item, error);
}

static gboolean read_constructed(BmItemsIn *in, BmView *items, BmTag tag, GError **error)
{
    uint64_t offset = items->offset;
    BmView view;

    if (!bm_view_get(items, tag, "an item", &view)) {
        return failed(items, error);
    }
    switch (tag) {
    case BM_TAG_ITEM_CHUNK:
        return read_chunk(in, &view, error);
    case BM_TAG_ITEM_SLOTS:
        return read_slots(in, &view, offset, error);
    case BM_TAG_ITEM_BITMAP_START:
        return read_bitmap(in, BM_ITEM_BITMAP_START, &view, error);
    case BM_TAG_ITEM_BITMAP_BITS:
        return read_bitmap(in, BM_ITEM_BITMAP_BITS, &view, error);
    case BM_TAG_ITEM_BITMAP_END:
        return read_bitmap(in, BM_ITEM_BITMAP_END, &view, error);
    default:
        return bm_items_in_pages(in, &view, tag, offset, error);
    }
}

/* May this item stand here?  An unknown one is found when it is read. */
static gboolean is_in_place(const BmItemsIn *in, BmTag tag)
{
    switch (tag) {
    case BM_TAG_ITEM_PAGE_SIZE:
    case BM_TAG_ITEM_BLOCKS:
    case BM_TAG_ITEM_RUN:
    case BM_TAG_ITEM_ZEROS:
    case BM_TAG_ITEM_BATCH:
    case BM_TAG_ITEM_FILL:
    case BM_TAG_ITEM_XBZRLE:
    case BM_TAG_ITEM_ZLIB:
    case BM_TAG_ITEM_NAMED:
    case BM_TAG_ITEM_MARK:
    case BM_TAG_ITEM_MEET:
    case BM_TAG_ITEM_FILLER:
        return in->section->kind == BM_ITEMS_RAM && !in->octets;
    case BM_TAG_ITEM_CHUNK:
    case BM_TAG_ITEM_PROGRESS:
        return in->section->kind == BM_ITEMS_BLOCK && !in->octets;
    case BM_TAG_ITEM_HASH_SIZE:
        return in->section->kind == BM_ITEMS_HASH && in->items == 0;
    case BM_TAG_ITEM_SLOTS:
        return in->section->kind == BM_ITEMS_HASH && !in->octets && !in->sized;
    case BM_TAG_ITEM_BITMAP_START:
    case BM_TAG_ITEM_BITMAP_BITS:
    case BM_TAG_ITEM_BITMAP_END:
        return in->section->kind == BM_ITEMS_BITMAP && !in->octets;
    default:
        return !in->sized;
    }
}

gboolean bm_items_in_read(BmItemsIn *in, BmView *items, GError **error)
{
    BmTag tag = 0;

    /* A malformed tag is found by the read below. */
    bm_view_peek(items, &tag);
    if (!is_in_place(in, tag)) {
        return bm_error_set(error, BM_BAD_ORDER, items->offset, NULL,
                            in->octets ? "an item behind octets of unknown meaning"
                                       : "an item that this kind of section has not here");
    }
    in->items++;
    switch (tag) {
    case BM_TAG_ITEM_OCTETS:
        return read_octets(in, items, error);
    case BM_TAG_ITEM_PAGE_SIZE:
        return read_page_size(in, items, error);
    case BM_TAG_ITEM_NAMED:
        return read_named(in, items, error);
    case BM_TAG_ITEM_HASH_SIZE:
        return read_hash_size(in, items, error);
    case BM_TAG_ITEM_FILLER:
        return read_filler(items, error);
    case BM_TAG_ITEM_MARK:
        return read_plain(in, items, tag, BM_ITEM_MARK, error);
    case BM_TAG_ITEM_PROGRESS:
        return read_plain(in, items, tag, BM_ITEM_PROGRESS, error);
    case BM_TAG_ITEM_MEET:
        return read_plain(in, items, tag, BM_ITEM_MEET, error);
    default:
        return read_constructed(in, items, tag, error);
    }
}
