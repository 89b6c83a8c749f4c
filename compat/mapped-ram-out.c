/* SPDX-License-Identifier: BSD-2-Clause */
#include "mapped-ram-out.h"

#include <string.h>

#include "legacy-put.h"
#include "legacy.h"

/* Pages of a size that nobody has told yet; where it can be another one, the
 * configuration has it, or it is larger. */
#define USUAL_PAGE 4096u

typedef struct Block {
    char *name;
    uint64_t length;
    uint64_t header, bitmap, pages; /* offsets in the file */
    uint64_t n_words;
    uint64_t *words; /* the bitmap */
} Block;

struct BmMappedOut {
    BmOutput *out;
    GArray *blocks;     /* Block */
    uint64_t page_size; /* assumed from the list of blocks on, until it is told */
    uint64_t room;      /* octets of bitmaps that there may still be */
    uint8_t *page;
};

static void clear_block(gpointer data)
{
    Block *b = data;

    g_free(b->name);
    g_free(b->words);
}

BmMappedOut *bm_mapped_out_new(BmOutput *out)
{
    BmMappedOut *m = g_new0(BmMappedOut, 1);

    m->out = out;
    m->room = BM_MAPPED_BITMAPS;
    m->blocks = g_array_new(FALSE, TRUE, sizeof(Block));
    g_array_set_clear_func(m->blocks, clear_block);
    m->page = g_malloc(BM_LIMIT_PAGE_MAX);
    return m;
}

void bm_mapped_out_free(BmMappedOut *m)
{
    if (m) {
        g_array_unref(m->blocks);
        g_free(m->page);
        g_free(m);
    }
}

/* ---- the list of blocks ---- */

static gboolean refused(const char *block, const char *what, GError **error)
{
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, block,
                        "%s, which a mapped-ram file cannot hold", what);
}

static gboolean check_block(const BmMappedOut *m, const BmRamBlock *block, GError **error)
{
    size_t len = strlen(block->name);
    uint64_t size = bm_mapped_bitmap_size(block->length / m->page_size);

    if (len == 0 || len > 255) {
        return refused(block->name, "a name that is not of 1 to 255 octets", error);
    }
    if (block->page_size != 0) {
        return refused(block->name, "a block whose pages have a size of their own", error);
    }
    if (block->length % m->page_size != 0) {
        return refused(block->name, "a block that is no whole number of pages", error);
    }
    if (size > m->room) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, block->name,
                            "a bitmap of %" G_GUINT64_FORMAT " octets, %" G_GUINT64_FORMAT
                            " are left of %u for all",
                            size, m->room, BM_MAPPED_BITMAPS);
    }
    return TRUE;
}

static gboolean put_block(BmMappedOut *m, const BmRamBlock *block, GError **error)
{
    uint64_t align = BM_MAPPED_ALIGNMENT;
    Block b = {.length = block->length};

    if (!check_block(m, block, error)) {
        return FALSE;
    }
    bm_put_name(m->out, block->name);
    bm_put64(m->out, block->length);
    if (block->has_address) {
        bm_put64(m->out, block->address);
    }
    b.n_words = bm_mapped_bitmap_size(b.length / m->page_size) / 8;
    b.header = bm_output_offset(m->out);
    b.bitmap = b.header + BM_MAPPED_HEADER;
    b.pages = (b.bitmap + b.n_words * 8 + align - 1) / align * align;
    bm_put32(m->out, BM_MAPPED_VERSION);
    bm_put64(m->out, m->page_size);
    bm_put64(m->out, b.bitmap);
    bm_put64(m->out, b.pages);
    bm_output_jump(m->out, b.pages + b.length);
    b.words = g_try_new0(uint64_t, b.n_words + 1);
    if (!b.words) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, block->name,
                            "no memory for its bitmap");
    }
    m->room -= b.n_words * 8;
    b.name = g_strdup(block->name);
    g_array_append_val(m->blocks, b);
    return TRUE;
}

static gboolean put_blocks(BmMappedOut *m, const BmItem *item, GError **error)
{
    if (m->blocks->len > 0) {
        return refused(NULL, "a second list of RAM blocks", error);
    }
    if (m->page_size == 0) {
        m->page_size = USUAL_PAGE;
    }
    bm_put64(m->out, item->value | BM_RAM_MEM_SIZE);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        if (!put_block(m, &item->blocks[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Headers are there already.  Larger pages need no more room than there is. */
static gboolean take_page_size(BmMappedOut *m, uint64_t size, GError **error)
{
    uint64_t be = GUINT64_TO_BE(size);

    if (m->blocks->len > 0 && size < m->page_size) {
        return refused(NULL, "pages of less than 4096 octets that are not in the configuration",
                       error);
    }
    for (guint i = 0; i < m->blocks->len && size != m->page_size; i++) {
        const Block *b = &g_array_index(m->blocks, Block, i);

        if (b->length % size != 0) {
            return refused(b->name, "a block that is no whole number of pages", error);
        }
        bm_output_write_at(m->out, b->header + 4, &be, sizeof be);
    }
    m->page_size = size;
    return TRUE;
}

/* ---- pages ---- */

static gboolean has_page(const Block *b, uint64_t page)
{
    return (b->words[page / 64] >> page % 64 & 1) != 0;
}

static void set_page(Block *b, uint64_t page, gboolean there)
{
    uint64_t bit = UINT64_C(1) << page % 64;

    b->words[page / 64] = there ? b->words[page / 64] | bit : b->words[page / 64] & ~bit;
}

static void put_full(BmMappedOut *m, Block *b, uint64_t page, const uint8_t *data, uint64_t count)
{
    bm_output_write_at(m->out, b->pages + page * m->page_size, data,
                       (size_t)(count * m->page_size));
    for (uint64_t i = 0; i < count; i++) {
        set_page(b, page + i, TRUE);
    }
}

/* What was there before does not stay behind. */
static void put_zeros(BmMappedOut *m, Block *b, uint64_t page, uint64_t count)
{
    memset(m->page, 0, (size_t)m->page_size);
    for (uint64_t i = page; i < page + count; i++) {
        if (has_page(b, i)) {
            bm_output_write_at(m->out, b->pages + i * m->page_size, m->page, (size_t)m->page_size);
            set_page(b, i, FALSE);
        }
    }
}

static gboolean put_encoded(BmMappedOut *m, Block *b, const BmItem *item, GError **error)
{
    size_t size = (size_t)m->page_size;
    BmFault fault = {0};
    gboolean ok;

    if (item->type == BM_ITEM_ZLIB) {
        ok = bm_zlib_page(item->data, m->page, size);
    } else {
        ok = bm_output_read_at(m->out, b->pages + item->page * m->page_size, m->page, size) &&
             bm_xbzrle_apply(m->page, size, bm_view(item->data.data, item->data.len, 0, &fault));
    }
    if (!ok) {
        return bm_output_errno(m->out) != 0 ||
               bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, b->name,
                            "page %" G_GUINT64_FORMAT " is encoded wrongly", item->page);
    }
    put_full(m, b, item->page, m->page, 1);
    return TRUE;
}

static gboolean put_pages(BmMappedOut *m, const BmItem *item, GError **error)
{
    Block *b;

    if (item->block >= m->blocks->len) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL, "RAM block %u of %u",
                            item->block, m->blocks->len);
    }
    b = &g_array_index(m->blocks, Block, item->block);
    if (item->page >= b->length / m->page_size ||
        item->count > b->length / m->page_size - item->page) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, b->name,
                            "%" G_GUINT64_FORMAT " pages from page %" G_GUINT64_FORMAT " on",
                            item->count, item->page);
    }
    switch (item->type) {
    case BM_ITEM_PAGES:
        put_full(m, b, item->page, item->data.data, item->count);
        return TRUE;
    case BM_ITEM_ZEROS:
        put_zeros(m, b, item->page, item->count);
        return TRUE;
    case BM_ITEM_FILL:
        memset(m->page, (int)item->value, (size_t)m->page_size);
        put_full(m, b, item->page, m->page, 1);
        return TRUE;
    default:
        return put_encoded(m, b, item, error);
    }
}

gboolean bm_mapped_out_item(BmMappedOut *m, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        return take_page_size(m, item->value, error);
    case BM_ITEM_BLOCKS:
        return put_blocks(m, item, error);
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        return put_pages(m, item, error);
    case BM_ITEM_NAMED:
        return TRUE; /* about the origin's octets */
    case BM_ITEM_MARK:
        return refused(NULL, "memory of which pages travel elsewhere (multifd, RDMA)", error);
    case BM_ITEM_MEET:
        return bm_stream_lacks_pages(error);
    default:
        return refused(NULL, "something in the memory that is not understood", error);
    }
}

void bm_mapped_out_end(BmMappedOut *m)
{
    for (guint i = 0; i < m->blocks->len; i++) {
        Block *b = &g_array_index(m->blocks, Block, i);

        for (uint64_t k = 0; k < b->n_words; k++) {
            b->words[k] = GUINT64_TO_LE(b->words[k]);
        }
        bm_output_write_at(m->out, b->bitmap, b->words, (size_t)(b->n_words * 8));
    }
}
