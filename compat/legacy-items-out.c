/* SPDX-License-Identifier: BSD-2-Clause */
#include "legacy-items-out.h"

#include <string.h>

#include "legacy-put.h"
#include "legacy-zeros.h"

/* ---- RAM ---- */

/* After a new list, "the same block as before" goes by the block's name. */
static void take_block_names(BmLegacyItems *l, const BmItem *item)
{
    g_autofree char *last = NULL;

    if (l->last_block != BM_NO_BLOCK) {
        last = g_strdup(l->blocks->pdata[l->last_block]);
    }
    g_ptr_array_set_size(l->blocks, 0);
    l->last_block = BM_NO_BLOCK;
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        if (last && strcmp(last, item->blocks[i].name) == 0) {
            l->last_block = i;
        }
        g_ptr_array_add(l->blocks, g_strdup(item->blocks[i].name));
    }
}

static gboolean put_blocks(BmLegacyItems *l, const BmItem *item, GError **error)
{
    take_block_names(l, item);
    bm_put64(l->out, item->value | BM_RAM_MEM_SIZE);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        const BmRamBlock *block = &item->blocks[i];

        if (!bm_legacy_check_name(block->name, error)) {
            return FALSE;
        }
        bm_put_name(l->out, block->name);
        bm_put64(l->out, block->length);
        if (block->page_size != 0) {
            bm_put64(l->out, block->page_size);
        }
        if (block->has_address) {
            bm_put64(l->out, block->address);
        }
    }
    return TRUE;
}

/* The word of a page record, and its block's name where QEMU would write it. */
static void put_page_head(BmLegacyItems *l, uint32_t block, uint64_t page, unsigned flag)
{
    gboolean same = block == l->last_block && !l->named;

    bm_put64(l->out, page * l->page_size | flag | (same ? BM_RAM_CONTINUE : 0));
    if (!same) {
        bm_put_name(l->out, l->blocks->pdata[block]);
    }
    l->last_block = block;
    l->named = FALSE;
}

/* So that they, and what is in the output's buffer, are one writev(2). */
#define PAGES_AT_ONCE 31u

/* `n` pages from the one `from` pages after the item's first on.  Data is not copied: only
 * the first head can have a name, the others are one word each. */
static void put_some_pages(BmLegacyItems *l, const BmItem *item, uint64_t from, unsigned n)
{
    const uint8_t *data = item->data.data + from * l->page_size;
    struct iovec pieces[2 * PAGES_AT_ONCE];
    uint64_t words[PAGES_AT_ONCE];
    size_t used = 0;

    put_page_head(l, item->block, item->page + from, BM_RAM_PAGE);
    for (unsigned i = 0; i < n; i++) {
        if (i > 0) {
            words[i] = GUINT64_TO_BE((item->page + from + i) * l->page_size | BM_RAM_PAGE |
                                     BM_RAM_CONTINUE);
            pieces[used++] = (struct iovec){&words[i], sizeof words[i]};
        }
        pieces[used++] =
            (struct iovec){(void *)(uintptr_t)(data + i * l->page_size), (size_t)l->page_size};
    }
    bm_output_pieces(l->out, pieces, used);
}

static void put_pages(BmLegacyItems *l, const BmItem *item)
{
    for (uint64_t i = 0; i < item->count; i += PAGES_AT_ONCE) {
        put_some_pages(l, item, i, (unsigned)MIN(item->count - i, PAGES_AT_ONCE));
    }
}

/* Little beside the output's buffer, so that nearly all of it is used before it is written. */
#define HEADS_AT_ONCE 256u

static void put_zeros(BmLegacyItems *l, const BmItem *item, unsigned fill)
{
    put_page_head(l, item->block, item->page, BM_RAM_ZERO);
    bm_put8(l->out, fill);
    /* Only the first one can have a name. */
    for (uint64_t i = 1; i < item->count; i += HEADS_AT_ONCE) {
        uint64_t n = MIN(item->count - i, HEADS_AT_ONCE);
        uint8_t *to = bm_output_reserve(l->out, n * BM_ZERO_HEAD);

        /* There may be more of them than anyone waits for once a write has failed. */
        if (!to) {
            return;
        }
        bm_zero_heads_put(to, n, (item->page + i) * l->page_size | BM_RAM_ZERO | BM_RAM_CONTINUE,
                          l->page_size, fill);
    }
}

static gboolean put_xbzrle(BmLegacyItems *l, const BmItem *item, GError **error)
{
    if (item->data.len > G_MAXUINT16) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "an XBZRLE page of %zu octets",
                            item->data.len);
    }
    put_page_head(l, item->block, item->page, BM_RAM_XBZRLE);
    bm_put8(l->out, 1);
    bm_put16(l->out, (unsigned)item->data.len);
    bm_output_write(l->out, item->data.data, item->data.len);
    return TRUE;
}

static void put_zlib(BmLegacyItems *l, const BmItem *item)
{
    put_page_head(l, item->block, item->page, BM_RAM_ZLIB);
    bm_put32(l->out, (uint32_t)item->data.len);
    bm_output_write(l->out, item->data.data, item->data.len);
}

/* A QEMU that loads the stream has one size of a page, and the stream need not
 * say which. */
static gboolean take_page_size(BmLegacyItems *l, uint64_t page_size, GError **error)
{
    if (l->page_size != 0 && l->page_size != page_size) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "pages of %" G_GUINT64_FORMAT
                            " octets where they had %" G_GUINT64_FORMAT,
                            page_size, l->page_size);
    }
    l->page_size = page_size;
    return TRUE;
}

static gboolean put_mark(BmLegacyItems *l, uint64_t word, GError **error)
{
    unsigned flags = (unsigned)(word & BM_RAM_FLAGS & ~BM_RAM_CONTINUE);

    if (flags != BM_RAM_HOOK && flags != BM_RAM_MULTIFD_FLUSH) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "0x%" G_GINT64_MODIFIER "x is no word that stands alone", word);
    }
    bm_put64(l->out, word);
    return TRUE;
}

static gboolean put_ram_item(BmLegacyItems *l, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        return take_page_size(l, item->value, error);
    case BM_ITEM_BLOCKS:
        return put_blocks(l, item, error);
    case BM_ITEM_PAGES:
        put_pages(l, item);
        return TRUE;
    case BM_ITEM_ZEROS:
        put_zeros(l, item, 0);
        return TRUE;
    case BM_ITEM_FILL:
        put_zeros(l, item, (unsigned)item->value);
        return TRUE;
    case BM_ITEM_XBZRLE:
        return put_xbzrle(l, item, error);
    case BM_ITEM_ZLIB:
        put_zlib(l, item);
        return TRUE;
    case BM_ITEM_NAMED:
        l->named = TRUE;
        return TRUE;
    case BM_ITEM_MARK:
        return put_mark(l, item->value, error);
    case BM_ITEM_MEET:
        return bm_stream_lacks_pages(error);
    default:
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an item of block migration in a RAM section");
    }
}

/* ---- block migration ---- */

static gboolean put_chunk(BmLegacyItems *l, const BmItem *item, GError **error)
{
    unsigned flags = BM_BLOCK_DEVICE | (item->data.data ? 0 : BM_BLOCK_ZERO);

    if (!bm_legacy_check_name(item->device, error)) {
        return FALSE;
    }
    if (item->data.data && item->data.len != BM_BLOCK_CHUNK) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, item->device,
                            "a chunk of %zu octets, expected %u", item->data.len, BM_BLOCK_CHUNK);
    }
    bm_put64(l->out, item->page << BM_BLOCK_SHIFT | flags);
    bm_put_name(l->out, item->device);
    bm_output_write(l->out, item->data.data, item->data.len);
    return TRUE;
}

static gboolean put_block_item(BmLegacyItems *l, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_CHUNK:
        return put_chunk(l, item, error);
    case BM_ITEM_PROGRESS:
        if (item->value > UINT64_MAX >> BM_BLOCK_SHIFT) {
            return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                                "a progress of %" G_GUINT64_FORMAT " per cent", item->value);
        }
        bm_put64(l->out, item->value << BM_BLOCK_SHIFT | BM_BLOCK_PROGRESS);
        return TRUE;
    default:
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an item of RAM in a section of block migration");
    }
}

/* ---- a hash table ---- */

static gboolean put_hash_size(BmLegacyItems *l, const BmItem *item, GError **error)
{
    uint32_t size = item->value == 0 ? BM_HASH_NONE : (uint32_t)item->value;

    if (l->items > 0) {
        return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL,
                            "the size of a hash table behind other items");
    }
    if (item->value != 0 && (item->value < BM_HASH_SIZE_MIN || item->value > BM_HASH_SIZE_MAX)) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "a hash table of 2^%" G_GUINT64_FORMAT " octets", item->value);
    }
    bm_put32(l->out, size);
    l->hash_sized = TRUE;
    return TRUE;
}

static gboolean put_slots(BmLegacyItems *l, const BmItem *item, GError **error)
{
    size_t used = item->data.len / BM_SLOT_SIZE;

    if (l->hash_sized) {
        return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL,
                            "slots behind the size of their hash table");
    }
    if (item->data.len % BM_SLOT_SIZE != 0 || used > BM_SLOTS_MAX || item->count > BM_SLOTS_MAX ||
        used + item->count == 0 || item->page > UINT32_MAX) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "%zu octets of used slots and %" G_GUINT64_FORMAT
                            " unused ones from slot %" G_GUINT64_FORMAT " on",
                            item->data.len, item->count, item->page);
    }
    if (l->items == 0) {
        bm_put32(l->out, BM_HASH_SLOTS);
    }
    bm_put32(l->out, (uint32_t)item->page);
    bm_put16(l->out, (unsigned)used);
    bm_put16(l->out, (unsigned)item->count);
    bm_output_write(l->out, item->data.data, item->data.len);
    return TRUE;
}

static gboolean put_hash_item(BmLegacyItems *l, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_HASH_SIZE:
        return put_hash_size(l, item, error);
    case BM_ITEM_SLOTS:
        return put_slots(l, item, error);
    default:
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an item of another kind in a section of a hash table");
    }
}

static void end_hash(BmLegacyItems *l)
{
    if (l->items == 0) {
        bm_put32(l->out, BM_HASH_SLOTS);
    }
    if (!l->hash_sized) {
        bm_put64(l->out, 0);
    }
}

/* ---- dirty bitmaps ---- */

static unsigned dirty_flags(const BmItem *item)
{
    unsigned names = (item->device ? BM_DIRTY_NODE : 0) | (item->name ? BM_DIRTY_NAME : 0);

    switch (item->type) {
    case BM_ITEM_BITMAP_START:
        return names | BM_DIRTY_START;
    case BM_ITEM_BITMAP_BITS:
        return names | BM_DIRTY_BITS | (item->data.data ? 0 : BM_DIRTY_ZEROES);
    default:
        return names | BM_DIRTY_COMPLETE;
    }
}

static gboolean check_bitmap(const BmItem *item, GError **error)
{
    if ((item->device && !bm_legacy_check_name(item->device, error)) ||
        (item->name && !bm_legacy_check_name(item->name, error))) {
        return FALSE;
    }
    if ((item->type == BM_ITEM_BITMAP_START &&
         (item->value > UINT32_MAX || item->count > BM_BITMAP_FLAGS)) ||
        (item->type == BM_ITEM_BITMAP_BITS && item->count > UINT32_MAX)) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, item->name,
                            "a dirty bitmap with numbers that its chunk cannot hold");
    }
    return TRUE;
}

static gboolean put_bitmap_item(BmLegacyItems *l, const BmItem *item, GError **error)
{
    if (item->type < BM_ITEM_BITMAP_START || item->type > BM_ITEM_BITMAP_END) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an item of another kind in a section of dirty bitmaps");
    }
    if (!check_bitmap(item, error)) {
        return FALSE;
    }
    bm_put8(l->out, dirty_flags(item));
    if (item->device) {
        bm_put_name(l->out, item->device);
    }
    if (item->name) {
        bm_put_name(l->out, item->name);
    }
    if (item->type == BM_ITEM_BITMAP_START) {
        bm_put32(l->out, (uint32_t)item->value);
        bm_put8(l->out, (unsigned)item->count);
    } else if (item->type == BM_ITEM_BITMAP_BITS) {
        bm_put64(l->out, item->page);
        bm_put32(l->out, (uint32_t)item->count);
        if (item->data.data) {
            bm_put64(l->out, item->data.len);
            bm_output_write(l->out, item->data.data, item->data.len);
        }
    }
    return TRUE;
}

/* ---- items of any kind ---- */

void bm_legacy_items_init(BmLegacyItems *l, BmOutput *out)
{
    *l = (BmLegacyItems){.out = out, .last_block = BM_NO_BLOCK};
    l->blocks = g_ptr_array_new_with_free_func(g_free);
}

void bm_legacy_items_clear(BmLegacyItems *l)
{
    g_ptr_array_unref(l->blocks);
}

void bm_legacy_items_begin(BmLegacyItems *l, BmGrammar grammar)
{
    l->grammar = grammar;
    l->octets_last = FALSE;
    l->items = 0;
    l->hash_sized = FALSE;
}

static gboolean put_typed(BmLegacyItems *l, const BmItem *item, GError **error)
{
    switch (l->grammar) {
    case BM_GRAMMAR_RAM:
        return put_ram_item(l, item, error);
    case BM_GRAMMAR_BLOCK:
        return put_block_item(l, item, error);
    case BM_GRAMMAR_HASH:
        return put_hash_item(l, item, error);
    case BM_GRAMMAR_BITMAP:
        return put_bitmap_item(l, item, error);
    default:
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "a typed item in a section that has none");
    }
}

gboolean bm_legacy_items_put(BmLegacyItems *l, const BmItem *item, GError **error)
{
    l->octets_last = item->type == BM_ITEM_OCTETS;
    if (l->octets_last) {
        bm_output_write(l->out, item->data.data, item->data.len);
    } else if (!put_typed(l, item, error)) {
        return FALSE;
    }
    l->items++;
    return TRUE;
}

void bm_legacy_items_end(BmLegacyItems *l)
{
    if (l->octets_last) {
        return;
    }
    switch (l->grammar) {
    case BM_GRAMMAR_RAM:
        bm_put64(l->out, BM_RAM_EOS);
        break;
    case BM_GRAMMAR_BLOCK:
        bm_put64(l->out, BM_BLOCK_EOS);
        break;
    case BM_GRAMMAR_HASH:
        end_hash(l);
        break;
    case BM_GRAMMAR_BITMAP:
        bm_put8(l->out, BM_DIRTY_EOS);
        break;
    default:
        break;
    }
}
