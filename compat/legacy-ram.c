/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bodies of the `ram` section, version 4: words of a byte offset with flags in
 * its low bits, each with what its flags say, up to the word EOS.
 */
#include <string.h>

#include "legacy-reader.h"
#include "legacy-zeros.h"

/* Longest head of a page record: word, length of name, name. */
#define HEAD_MAX (8 + 1 + 255)
/* Records looked at to find out the page size. */
#define GUESS_RECORDS 64

typedef struct Word {
    uint64_t offset; /* of a page in its block */
    unsigned flags;  /* CONTINUE taken out */
    gboolean same;   /* CONTINUE */
    uint64_t at;     /* in the input */
} Word;

static BmRamBlock *block_at(BmLegacyReader *r, uint32_t i)
{
    return &g_array_index(r->ram.blocks, BmRamBlock, i);
}

/* `len` is at most 255, as all names in this stream. */
static uint32_t find_block(BmLegacyReader *r, const uint8_t *name, size_t len)
{
    char text[256];
    gpointer at;

    memcpy(text, name, len);
    text[len] = '\0';
    /* No block has a name with a NUL in it. */
    if (strlen(text) != len || !g_tree_lookup_extended(r->ram.names, text, NULL, &at)) {
        return BM_NO_BLOCK;
    }
    return GPOINTER_TO_UINT(at);
}

static void add_block(BmLegacyReader *r, const BmRamBlock *block)
{
    g_tree_insert(r->ram.names, (gpointer)block->name, GUINT_TO_POINTER(r->ram.blocks->len));
    g_array_append_val(r->ram.blocks, *block);
}

static void forget_blocks(BmLegacyReader *r)
{
    g_tree_remove_all(r->ram.names);
    g_array_set_size(r->ram.blocks, 0);
    if (r->ram.mapped) {
        g_array_set_size(r->ram.mapped, 0);
    }
}

static gboolean give(BmLegacyReader *r, const BmItem *item, GError **error)
{
    return bm_stream_live_item(r->s, item, error);
}

gboolean bm_legacy_announce_page_size(BmLegacyReader *r, GError **error)
{
    BmItem item = {.type = BM_ITEM_PAGE_SIZE};

    if (r->ram.announced) {
        return TRUE;
    }
    r->ram.announced = TRUE;
    item.value = r->ram.page_size;
    return give(r, &item, error);
}

/* ---- the list of blocks ---- */

/* A block with huge pages has its page size behind its length, if the saver may
 * send postcopy: seen from ADVISE, which then has more bits than the base page,
 * and from the next octets, a power of two of at least a page.  What else can
 * stand there begins with the length of a name, or has low bits set. */
static gboolean has_page_size(BmLegacyReader *r, gboolean *there, GError **error)
{
    uint64_t n;

    *there = FALSE;
    if ((r->ram.advised & (r->ram.advised - 1)) == 0) {
        return TRUE;
    }
    if (!bm_legacy_need(r, 8, "the list of RAM blocks", error)) {
        return FALSE;
    }
    n = bm_be64(bm_input_data(r->in));
    *there = n >= BM_LIMIT_PAGE_MIN && (n & (n - 1)) == 0 && (n & r->ram.advised) != 0;
    return TRUE;
}

static gboolean read_block(BmLegacyReader *r, uint64_t left, BmRamBlock *block, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;
    gboolean sized;

    if (!bm_legacy_name(r, "the name of a RAM block", (char **)&block->name, error) ||
        !bm_legacy_take(r, 8, "the length of a RAM block", &p, error)) {
        return FALSE;
    }
    block->length = bm_be64(p);
    /* In QEMU a longer one wraps the sum around. */
    if (block->length > left) {
        return bm_error_set(error, BM_LIMIT, at, block->name,
                            "%" G_GUINT64_FORMAT " octets, the total leaves %" G_GUINT64_FORMAT,
                            block->length, left);
    }
    if (!has_page_size(r, &sized, error)) {
        return FALSE;
    }
    if (sized) {
        if (!bm_legacy_take(r, 8, "the page size of a RAM block", &p, error)) {
            return FALSE;
        }
        block->page_size = bm_be64(p);
    }
    block->has_address = r->ram.addresses;
    if (block->has_address) {
        if (!bm_legacy_take(r, 8, "the address of a RAM block", &p, error)) {
            return FALSE;
        }
        block->address = bm_be64(p);
    }
    return !r->ram.mapped || bm_mapped_read_block(r, block, error);
}

static gboolean fill_blocks(BmLegacyReader *r, uint64_t total, GError **error)
{
    while (total > 0) {
        BmRamBlock block = {0};

        if (r->ram.blocks->len >= BM_LIMIT_BLOCKS) {
            return bm_error_set(error, BM_LIMIT, bm_input_offset(r->in), NULL,
                                "more than %u RAM blocks", BM_LIMIT_BLOCKS);
        }
        if (!read_block(r, total, &block, error)) {
            g_free((char *)block.name);
            return FALSE;
        }
        if (find_block(r, (const uint8_t *)block.name, strlen(block.name)) != BM_NO_BLOCK) {
            bm_error_set(error, BM_DUPLICATE, bm_input_offset(r->in), block.name,
                         "this RAM block is listed twice");
            g_free((char *)block.name);
            return FALSE;
        }
        total -= block.length;
        add_block(r, &block);
    }
    return TRUE;
}

static gboolean read_blocks(BmLegacyReader *r, uint64_t total, GError **error)
{
    BmItem item = {.type = BM_ITEM_BLOCKS, .value = total};
    g_autofree char *last = NULL;

    if (r->ram.last_block != BM_NO_BLOCK) {
        last = g_strdup(block_at(r, r->ram.last_block)->name);
    }
    forget_blocks(r);
    if (!fill_blocks(r, total, error)) {
        return FALSE;
    }
    r->ram.last_block = last ? find_block(r, (const uint8_t *)last, strlen(last)) : BM_NO_BLOCK;
    item.blocks = (const BmRamBlock *)r->ram.blocks->data;
    item.n_blocks = r->ram.blocks->len;
    if (r->ram.mapped && r->ram.page_size != 0 && !bm_legacy_announce_page_size(r, error)) {
        return FALSE;
    }
    return give(r, &item, error) && (!r->ram.mapped || bm_mapped_read_pages(r, error));
}

/* ---- the page size ---- */

/* A record seen ahead: its end, relative to where we stand. */
typedef enum Seen { SEEN_RECORD, SEEN_END, SEEN_NONSENSE } Seen;

/* Octets that follow the head of a page record with these flags. */
static size_t payload(BmLegacyReader *r, unsigned flags, size_t at, uint64_t page_size)
{
    switch (flags) {
    case BM_RAM_ZERO:
        return 1;
    case BM_RAM_PAGE:
        return (size_t)page_size;
    case BM_RAM_XBZRLE:
        if (bm_input_fill(r->in, at + 3) < at + 3) {
            return 0;
        }
        return 3u + (bm_be32(bm_input_data(r->in) + at - 1) & 0xffff);
    case BM_RAM_ZLIB:
        if (bm_input_fill(r->in, at + 4) < at + 4) {
            return 0;
        }
        return 4u + MIN(bm_be32(bm_input_data(r->in) + at), 2 * BM_LIMIT_PAGE_MAX);
    default:
        return 0;
    }
}

/* Would the record `*at` octets ahead be one if pages had this size? */
static Seen look_at_record(BmLegacyReader *r, uint64_t page_size, size_t *at, uint64_t *offset)
{
    uint64_t word;
    unsigned flags;

    if (bm_input_fill(r->in, *at + 8) < *at + 8) {
        return SEEN_NONSENSE;
    }
    word = bm_be64(bm_input_data(r->in) + *at);
    flags = (unsigned)(word & BM_RAM_FLAGS & ~BM_RAM_CONTINUE);
    if (word == BM_RAM_EOS) {
        return SEEN_END;
    }
    *offset = word & ~(uint64_t)BM_RAM_FLAGS;
    *at += 8;
    if (flags == BM_RAM_MULTIFD_FLUSH || flags == BM_RAM_HOOK) {
        return SEEN_RECORD;
    }
    if (*offset % page_size != 0) {
        return SEEN_NONSENSE;
    }
    if (!(word & BM_RAM_CONTINUE)) {
        size_t len;

        if (bm_input_fill(r->in, *at + 1) < *at + 1) {
            return SEEN_NONSENSE;
        }
        len = bm_input_data(r->in)[*at];
        if (bm_input_fill(r->in, *at + 1 + len) < *at + 1 + len ||
            find_block(r, bm_input_data(r->in) + *at + 1, len) == BM_NO_BLOCK) {
            return SEEN_NONSENSE;
        }
        *at += 1 + len;
    }
    if (flags != BM_RAM_ZERO && flags != BM_RAM_PAGE && flags != BM_RAM_XBZRLE &&
        flags != BM_RAM_ZLIB) {
        return SEEN_NONSENSE;
    }
    *at += payload(r, flags, *at, page_size);
    return SEEN_RECORD;
}

/* What the records ahead say of a page size. */
typedef struct Evidence {
    unsigned records;
    gboolean data;   /* one had page data, and a record stood behind that */
    uint64_t stride; /* greatest power of two that divides all offsets; 0: none but 0 */
} Evidence;

/* Do the records ahead make sense with this page size? */
static gboolean try_page_size(BmLegacyReader *r, uint64_t page_size, Evidence *e)
{
    uint64_t bits = 0, offset = 0;
    size_t at = 0, before;
    gboolean data = FALSE;

    *e = (Evidence){0};
    for (unsigned i = 0; i < GUESS_RECORDS; i++) {
        Seen seen;

        before = at;
        seen = look_at_record(r, page_size, &at, &offset);
        if (seen == SEEN_NONSENSE) {
            return FALSE;
        }
        e->data |= data;
        if (seen == SEEN_END) {
            break;
        }
        data = at - before >= page_size;
        bits |= offset;
        e->records++;
    }
    e->stride = bits & (~bits + 1);
    return TRUE;
}

/* The stream does not say how large a page is where the target's is fixed, so
 * it is the size with which the records ahead make sense.  Zero pages alone fit
 * any; their size is seen from the distance of their offsets, if there are
 * enough of them. */
static uint64_t guess_page_size(BmLegacyReader *r)
{
    static const uint64_t sizes[] = {4096, 1024, 2048, 8192, 16384, 32768, 65536};
    Evidence e;

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        if (!try_page_size(r, sizes[i], &e)) {
            continue;
        }
        if (!e.data && e.records >= 8 && e.stride > sizes[i] && e.stride <= 16384) {
            return e.stride;
        }
        return sizes[i];
    }
    return 0;
}

static gboolean know_page_size(BmLegacyReader *r)
{
    if (r->ram.page_size == 0) {
        r->ram.page_size = guess_page_size(r);
    }
    return r->ram.page_size != 0;
}

/* ---- page records ---- */

/* Which block the page is of; a name that could have been left out is noted. */
static gboolean read_block_name(BmLegacyReader *r, const Word *w, uint32_t *block, GError **error)
{
    BmItem named = {.type = BM_ITEM_NAMED};
    const uint8_t *p;
    size_t len;

    if (w->same) {
        *block = r->ram.last_block;
        return *block != BM_NO_BLOCK ||
               bm_error_set(error, BM_BAD_ORDER, w->at, "ram",
                            "a page of the same block as before, and there was none");
    }
    if (!bm_legacy_need(r, 1, "the name of a RAM block", error)) {
        return FALSE;
    }
    len = bm_input_data(r->in)[0];
    if (!bm_legacy_take(r, 1 + len, "the name of a RAM block", &p, error)) {
        return FALSE;
    }
    *block = find_block(r, p + 1, len);
    if (*block == BM_NO_BLOCK) {
        return bm_error_set(error, BM_UNKNOWN, w->at + 8, "ram",
                            "a page of RAM block \"%.*s\", which is not listed", (int)len,
                            (const char *)p + 1);
    }
    if (*block == r->ram.last_block && !give(r, &named, error)) {
        return FALSE;
    }
    r->ram.last_block = *block;
    return TRUE;
}

static gboolean check_page(BmLegacyReader *r, const Word *w, uint32_t block, GError **error)
{
    const BmRamBlock *b = block_at(r, block);

    if (w->offset % r->ram.page_size != 0) {
        return bm_error_set(error, BM_BAD_VALUE, w->at, b->name,
                            "offset 0x%" G_GINT64_MODIFIER
                            "x is no multiple of the page size %" G_GUINT64_FORMAT,
                            w->offset, r->ram.page_size);
    }
    if (w->offset >= b->length || b->length - w->offset < r->ram.page_size) {
        return bm_error_set(error, BM_LIMIT, w->at, b->name,
                            "a page at offset 0x%" G_GINT64_MODIFIER
                            "x, the block has 0x%" G_GINT64_MODIFIER "x octets",
                            w->offset, b->length);
    }
    return TRUE;
}

/* Moves over the zero pages that follow this one in their block, as far as their heads are
 * at hand, and says how many.  What comes then is read as any other page: a head that is cut,
 * or of a page beyond the block, is judged there, and nothing is waited for here. */
static uint64_t pass_zeros(BmLegacyReader *r, const Word *w, uint32_t block)
{
    uint64_t page_size = r->ram.page_size, next = w->offset + page_size;
    uint64_t left = (block_at(r, block)->length - next) / page_size;
    size_t heads = bm_input_available(r->in) / BM_ZERO_HEAD;
    uint64_t n = bm_zero_heads_count(bm_input_data(r->in), MIN(left, heads),
                                     next | BM_RAM_ZERO | BM_RAM_CONTINUE, page_size);

    bm_input_skip(r->in, (size_t)n * BM_ZERO_HEAD);
    return n;
}

/* `w` has been found to be a page inside its block. */
static gboolean read_zero(BmLegacyReader *r, const Word *w, BmItem *item, GError **error)
{
    const uint8_t *p;

    if (!bm_legacy_take(r, 1, "the fill octet of a page", &p, error)) {
        return FALSE;
    }
    item->value = *p;
    if (*p == 0) {
        item->type = BM_ITEM_ZEROS;
        item->count += pass_zeros(r, w, item->block);
    } else {
        item->type = BM_ITEM_FILL;
    }
    return give(r, item, error);
}

static gboolean read_data(BmLegacyReader *r, BmItem *item, BmItemType type, size_t len,
                          const char *what, GError **error)
{
    item->type = type;
    item->data.len = len;
    item->stable = r->stable;
    return bm_legacy_take(r, len, what, &item->data.data, error) && give(r, item, error);
}

/* The data of a page that nobody looks at need not be read. */
static gboolean read_full(BmLegacyReader *r, BmItem *item, GError **error)
{
    size_t len = (size_t)r->ram.page_size;

    item->type = BM_ITEM_PAGES;
    if (r->skims && bm_stream_place(r->s, item) == bm_stream_nowhere && bm_input_pass(r->in, len)) {
        item->data = (BmOctets){NULL, len};
        return give(r, item, error);
    }
    return read_data(r, item, BM_ITEM_PAGES, len, "a page", error);
}

static gboolean read_xbzrle(BmLegacyReader *r, BmItem *item, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;
    size_t len;

    if (!bm_legacy_take(r, 3, "the head of an XBZRLE page", &p, error)) {
        return FALSE;
    }
    len = (size_t)p[1] << 8 | p[2];
    if (p[0] != 1 || len > r->ram.page_size) {
        return bm_error_set(error, BM_BAD_VALUE, at, "ram",
                            "an XBZRLE page of encoding %u and %zu octets", p[0], len);
    }
    return read_data(r, item, BM_ITEM_XBZRLE, len, "an XBZRLE page", error);
}

/* zlib's compressBound() of a page, with room. */
static gboolean read_zlib(BmLegacyReader *r, BmItem *item, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;
    size_t len;

    if (!bm_legacy_take(r, 4, "the head of a compressed page", &p, error)) {
        return FALSE;
    }
    len = bm_be32(p);
    if (len > 2 * r->ram.page_size) {
        return bm_error_set(error, BM_LIMIT, at, "ram", "a compressed page of %zu octets", len);
    }
    return read_data(r, item, BM_ITEM_ZLIB, len, "a compressed page", error);
}

static gboolean read_page(BmLegacyReader *r, const Word *w, GError **error)
{
    BmItem item = {.count = 1};

    if (!read_block_name(r, w, &item.block, error) || !check_page(r, w, item.block, error)) {
        return FALSE;
    }
    item.page = w->offset / r->ram.page_size;
    switch (w->flags) {
    case BM_RAM_ZERO:
        return read_zero(r, w, &item, error);
    case BM_RAM_XBZRLE:
        return read_xbzrle(r, &item, error);
    case BM_RAM_ZLIB:
        return read_zlib(r, &item, error);
    default:
        return read_full(r, &item, error);
    }
}

/* ---- the body ---- */

static gboolean mark(BmLegacyReader *r, GError **error)
{
    BmItem item = {.type = BM_ITEM_MARK};
    const uint8_t *p;

    if (!bm_legacy_take(r, 8, "a RAM word", &p, error)) {
        return FALSE;
    }
    item.value = bm_be64(p);
    return give(r, &item, error);
}

static gboolean peek_word(BmLegacyReader *r, Word *w, GError **error)
{
    uint64_t word;

    if (!bm_legacy_need(r, 8, "a RAM word", error)) {
        return FALSE;
    }
    word = bm_be64(bm_input_data(r->in));
    w->offset = word & ~(uint64_t)BM_RAM_FLAGS;
    w->flags = (unsigned)(word & BM_RAM_FLAGS & ~BM_RAM_CONTINUE);
    w->same = (word & BM_RAM_CONTINUE) != 0;
    w->at = bm_input_offset(r->in);
    return TRUE;
}

gboolean bm_legacy_ram_body(BmLegacyReader *r, const BmLegacyLive *live, uint32_t id,
                            GError **error)
{
    Word w;

    (void)live;
    while (peek_word(r, &w, error)) {
        switch (w.flags) {
        case BM_RAM_ZERO:
        case BM_RAM_PAGE:
        case BM_RAM_XBZRLE:
        case BM_RAM_ZLIB:
            if (!know_page_size(r)) {
                return bm_legacy_rest_body(r, id, error);
            }
            if (!bm_legacy_announce_page_size(r, error)) {
                return FALSE;
            }
            bm_input_skip(r->in, 8);
            if (!read_page(r, &w, error)) {
                return FALSE;
            }
            break;
        case BM_RAM_MEM_SIZE:
            if (w.same || r->packages > 0) {
                return bm_legacy_rest_body(r, id, error);
            }
            bm_input_skip(r->in, 8);
            if (!read_blocks(r, w.offset, error)) {
                return FALSE;
            }
            break;
        case BM_RAM_HOOK:
        case BM_RAM_MULTIFD_FLUSH:
            if (!mark(r, error)) {
                return FALSE;
            }
            break;
        case BM_RAM_EOS:
            if (w.offset == 0 && !w.same) {
                bm_input_skip(r->in, 8);
                return TRUE;
            }
            return bm_legacy_rest_body(r, id, error);
        default:
            return bm_legacy_rest_body(r, id, error);
        }
    }
    return FALSE;
}
