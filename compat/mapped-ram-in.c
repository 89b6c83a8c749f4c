/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pages of a mapped-ram file (QEMU 9.0 and later).
 *
 * In the list of blocks each has a header, a bitmap and room for all its pages, and
 * the stream goes on behind that.  So the list is read by jumping, and then the
 * pages that the bitmaps have, at their places.  Those that they do not have are
 * zero.  The words of a bitmap are the saver's own: little-endian is what all
 * processors have that QEMU saves such files on, and a file cannot say it.
 */
#include <errno.h>
#include <string.h>

#include "legacy-reader.h"

/* Octets of a bitmap, and of pages, that are read at once. */
#define BITMAP_PIECE 4096u
#define PAGES_PIECE (1u << 20)

/* ---- a block of the list ---- */

static gboolean check_page_size(BmLegacyReader *r, const BmRamBlock *block, uint64_t size,
                                GError **error)
{
    if (size < BM_LIMIT_PAGE_MIN || size > BM_LIMIT_PAGE_MAX || (size & (size - 1)) != 0 ||
        block->length % size != 0) {
        return bm_error_set(error, BM_BAD_VALUE, bm_input_offset(r->in), block->name,
                            "pages of %" G_GUINT64_FORMAT
                            " octets in a block of %" G_GUINT64_FORMAT,
                            size, block->length);
    }
    if (r->ram.page_size != 0 && r->ram.page_size != size) {
        return bm_error_set(error, BM_MISMATCH, bm_input_offset(r->in), block->name,
                            "pages of %" G_GUINT64_FORMAT
                            " octets, elsewhere they have %" G_GUINT64_FORMAT,
                            size, r->ram.page_size);
    }
    r->ram.page_size = size;
    return TRUE;
}

/* Header, bitmap, pages, and the stream goes on: in this order, with any gaps. */
static gboolean check_place(BmLegacyReader *r, const BmRamBlock *block, const BmMappedPlace *place,
                            GError **error)
{
    uint64_t size = bm_mapped_bitmap_size(block->length / r->ram.page_size);
    uint64_t here = bm_input_offset(r->in);

    if (place->bitmap < here || place->pages < place->bitmap ||
        place->pages - place->bitmap < size || place->pages > INT64_MAX ||
        block->length > INT64_MAX - place->pages) {
        return bm_error_set(error, BM_BAD_VALUE, here, block->name,
                            "a bitmap of %" G_GUINT64_FORMAT " octets at %" G_GUINT64_FORMAT
                            " and %" G_GUINT64_FORMAT " octets of pages at %" G_GUINT64_FORMAT
                            ", behind a header that ends at %" G_GUINT64_FORMAT,
                            size, place->bitmap, block->length, place->pages, here);
    }
    return TRUE;
}

gboolean bm_mapped_read_block(BmLegacyReader *r, const BmRamBlock *block, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    BmMappedPlace place;
    const uint8_t *p;

    if (!bm_legacy_take(r, BM_MAPPED_HEADER, "where the pages of a RAM block are", &p, error)) {
        return FALSE;
    }
    if (bm_be32(p) != BM_MAPPED_VERSION) {
        return bm_error_set(error, BM_BAD_VERSION, at, block->name,
                            "version %u of a mapped-ram block, this reader knows %u", bm_be32(p),
                            BM_MAPPED_VERSION);
    }
    place = (BmMappedPlace){bm_be64(p + 12), bm_be64(p + 20)};
    if (!check_page_size(r, block, bm_be64(p + 4), error) ||
        !check_place(r, block, &place, error)) {
        return FALSE;
    }
    g_array_append_val(r->ram.mapped, place);
    return bm_input_jump(r->in, place.pages + block->length) ||
           bm_error_set(error, BM_REFUSED, at, block->name,
                        "a mapped-ram file through a pipe: its pages lie at places, so give the "
                        "file itself");
}

/* ---- pages ---- */

typedef struct Pages {
    BmLegacyReader *r;
    const BmRamBlock *block;
    BmMappedPlace place;
    BmItem item;    /* pages that follow each other and are not given yet */
    uint8_t *data;  /* PAGES_PIECE */
    gboolean shown; /* one was there */
} Pages;

static gboolean read_at(Pages *p, uint64_t offset, void *data, size_t len, const char *what,
                        GError **error)
{
    BmFault fault = {BM_TRUNCATED, offset, what, len, 0};

    if (bm_input_at(p->r->in, offset, data, len)) {
        return TRUE;
    }
    if (errno != 0) {
        fault.code = BM_IO;
        fault.got = (uint64_t)errno;
    }
    return bm_error_from_fault(error, &fault, p->block->name);
}

/* With x-ignore-shared a block without any page is memory that did not travel. */
static gboolean is_elsewhere(const Pages *p, const BmItem *zeros)
{
    uint64_t pages = p->block->length / p->r->ram.page_size;

    return p->r->ram.addresses && !p->shown && zeros->count == pages;
}

static gboolean give(Pages *p, GError **error)
{
    uint64_t size = p->r->ram.page_size;
    BmItem item = p->item;

    p->item.page += item.count;
    p->item.count = 0;
    if (item.count == 0 || (item.type == BM_ITEM_ZEROS && is_elsewhere(p, &item))) {
        return TRUE;
    }
    if (item.type == BM_ITEM_PAGES) {
        item.data = (BmOctets){p->data, (size_t)(item.count * size)};
        if (!read_at(p, p->place.pages + item.page * size, p->data, item.data.len, "a page",
                     error)) {
            return FALSE;
        }
        p->shown = TRUE;
    }
    return bm_stream_live_item(p->r->s, &item, error);
}

static gboolean add(Pages *p, gboolean there, uint64_t count, GError **error)
{
    BmItemType type = there ? BM_ITEM_PAGES : BM_ITEM_ZEROS;
    uint64_t most = there ? PAGES_PIECE / p->r->ram.page_size : UINT64_MAX;

    if ((type != p->item.type || p->item.count >= most) && !give(p, error)) {
        return FALSE;
    }
    p->item.type = type;
    p->item.count += count;
    return TRUE;
}

/* 64 pages; most words are all one or all zero. */
static gboolean add_word(Pages *p, uint64_t word, unsigned bits, GError **error)
{
    if (word == 0) {
        return add(p, FALSE, bits, error);
    }
    for (unsigned i = 0; i < bits; i++) {
        if (!add(p, (word >> i & 1) != 0, 1, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean read_block_pages(Pages *p, GError **error)
{
    uint64_t pages = p->block->length / p->r->ram.page_size;
    uint64_t words[BITMAP_PIECE / 8];

    for (uint64_t page = 0; page < pages; page += 64) {
        size_t at = (size_t)(page / 64 % G_N_ELEMENTS(words));

        if (at == 0 && !read_at(p, p->place.bitmap + page / 8, words,
                                (size_t)MIN(sizeof words, bm_mapped_bitmap_size(pages - page)),
                                "the bitmap of a RAM block", error)) {
            return FALSE;
        }
        if (!add_word(p, GUINT64_FROM_LE(words[at]), (unsigned)MIN(64, pages - page), error)) {
            return FALSE;
        }
    }
    return give(p, error);
}

gboolean bm_mapped_read_pages(BmLegacyReader *r, GError **error)
{
    g_autofree uint8_t *data = g_malloc(PAGES_PIECE);

    for (guint i = 0; i < r->ram.blocks->len; i++) {
        Pages p = {.r = r,
                   .block = &g_array_index(r->ram.blocks, BmRamBlock, i),
                   .place = g_array_index(r->ram.mapped, BmMappedPlace, i),
                   .item = {.type = BM_ITEM_ZEROS, .block = i},
                   .data = data};

        if (!read_block_pages(&p, error)) {
            return FALSE;
        }
    }
    return TRUE;
}
