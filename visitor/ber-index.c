/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-index.h"

#include <string.h>

#include "ber-items.h"

#define TAG_PAGE_SIZE BM_TAG_CONTEXT(0)
#define TAG_BLOCKS (BM_TAG_CONTEXT(1) | BM_CONSTRUCTED)
#define TAG_RANGES (BM_TAG_CONTEXT(2) | BM_CONSTRUCTED)
#define TAG_CHILDREN (BM_TAG_CONTEXT(3) | BM_CONSTRUCTED)
/* of a range */
#define TAG_RECORD BM_TAG_CONTEXT(0)
#define TAG_DATA BM_TAG_CONTEXT(1)
#define TAG_ENCODED BM_TAG_CONTEXT(2)

/* ---- writing ---- */

void bm_index_write_head(BmWriter *w, uint64_t level, uint64_t page_size, const BmItem *blocks)
{
    bm_writer_unsigned(w, BM_TAG_INTEGER, level);
    if (page_size != 0) {
        bm_writer_unsigned(w, TAG_PAGE_SIZE, page_size);
    }
    if (blocks) {
        bm_ber_blocks_write(w, TAG_BLOCKS, blocks);
    }
    bm_writer_open(w, level > 0 ? TAG_CHILDREN : TAG_RANGES);
}

void bm_index_write_range(BmWriter *w, const BmIndexRange *range)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    bm_writer_unsigned(w, BM_TAG_INTEGER, range->block);
    bm_writer_unsigned(w, BM_TAG_INTEGER, range->page);
    bm_writer_unsigned(w, BM_TAG_INTEGER, range->count);
    if (range->place != BM_PLACE_ZERO) {
        bm_writer_unsigned(w, TAG_RECORD, range->record);
    }
    if (range->place == BM_PLACE_PLAIN) {
        bm_writer_unsigned(w, TAG_DATA, range->data - range->record);
    }
    if (range->place == BM_PLACE_ENCODED) {
        bm_writer_null(w, TAG_ENCODED);
    }
    bm_writer_close(w);
}

void bm_index_write_child(BmWriter *w, const BmIndexChild *child)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    bm_writer_unsigned(w, BM_TAG_INTEGER, child->block);
    bm_writer_unsigned(w, BM_TAG_INTEGER, child->page);
    bm_writer_unsigned(w, BM_TAG_INTEGER, child->position);
    bm_writer_close(w);
}

void bm_index_write_tail(BmWriter *w, uint64_t position)
{
    uint64_t be = GUINT64_TO_BE(position);

    bm_writer_close(w);
    bm_writer_octets(w, BM_TAG_OCTETS, &be, sizeof be);
}

/* ---- reading ---- */

void bm_index_node_init(BmIndexNode *node)
{
    *node = (BmIndexNode){0};
    node->ranges = g_array_new(FALSE, FALSE, sizeof(BmIndexRange));
    node->children = g_array_new(FALSE, FALSE, sizeof(BmIndexChild));
}

void bm_index_node_clear(BmIndexNode *node)
{
    g_array_unref(node->ranges);
    g_array_unref(node->children);
}

static gboolean failed(const BmView *view, GError **error)
{
    return bm_error_from_fault(error, view->fault, NULL);
}

static gboolean bad(const BmView *view, BmCode code, const char *why, GError **error)
{
    return bm_error_set(error, code, view->offset, NULL, "%s", why);
}

static gboolean next_is(const BmView *view, BmTag tag)
{
    BmTag next;

    return bm_view_peek(view, &next) && next == tag;
}

/* A sequence with a block and a page, which every entry begins with. */
static gboolean read_entry(BmView *list, BmView *entry, uint32_t *block, uint64_t *page,
                           GError **error)
{
    uint64_t number;

    if (!bm_view_get(list, BM_TAG_SEQUENCE, "an entry of the index", entry)) {
        return failed(list, error);
    }
    if (!bm_view_unsigned(entry, BM_TAG_INTEGER, "a RAM block's position", BM_LIMIT_BLOCKS,
                          &number) ||
        !bm_view_unsigned(entry, BM_TAG_INTEGER, "a page's number", UINT64_MAX, page)) {
        return failed(entry, error);
    }
    *block = (uint32_t)number;
    return TRUE;
}

/* Where a range is: before the index, so that nothing leads back into it. */
static gboolean read_place(BmView *view, BmIndexRange *range, uint64_t position, GError **error)
{
    uint64_t distance;

    range->place = BM_PLACE_ZERO;
    if (!next_is(view, TAG_RECORD)) {
        return TRUE;
    }
    range->place = BM_PLACE_RECORD;
    if (!bm_view_unsigned(view, TAG_RECORD, "the offset of a record", UINT64_MAX, &range->record)) {
        return failed(view, error);
    }
    if (range->record >= position) {
        return bad(view, BM_LIMIT, "an index that points behind itself", error);
    }
    if (next_is(view, TAG_DATA)) {
        range->place = BM_PLACE_PLAIN;
        if (!bm_view_unsigned(view, TAG_DATA, "the place of pages in a record", BM_LIMIT_RECORD,
                              &distance)) {
            return failed(view, error);
        }
        range->data = range->record + distance;
        return range->data < position ||
               bad(view, BM_LIMIT, "an index that points behind itself", error);
    }
    if (next_is(view, TAG_ENCODED)) {
        range->place = BM_PLACE_ENCODED;
        return bm_view_null(view, TAG_ENCODED, "an encoded page") || failed(view, error);
    }
    return TRUE;
}

static gboolean read_range(GArray *ranges, BmView *list, uint64_t position, GError **error)
{
    const BmIndexRange *last =
        ranges->len > 0 ? &g_array_index(ranges, BmIndexRange, ranges->len - 1) : NULL;
    BmIndexRange range = {0};
    BmView view;

    if (!read_entry(list, &view, &range.block, &range.page, error)) {
        return FALSE;
    }
    if (!bm_view_unsigned(&view, BM_TAG_INTEGER, "a count of pages", UINT64_MAX, &range.count)) {
        return failed(&view, error);
    }
    if (range.count == 0 || range.count > UINT64_MAX - range.page) {
        return bad(&view, BM_LIMIT, "an index with a range that has no end", error);
    }
    if (last && (range.block < last->block ||
                 (range.block == last->block && range.page < last->page + last->count))) {
        return bad(&view, BM_BAD_ORDER, "an index with ranges that overlap or go back", error);
    }
    if (!read_place(&view, &range, position, error)) {
        return FALSE;
    }
    g_array_append_val(ranges, range);
    return bm_view_end(&view, "a range of the index") || failed(&view, error);
}

static gboolean read_child(GArray *children, BmView *list, uint64_t position, GError **error)
{
    const BmIndexChild *last =
        children->len > 0 ? &g_array_index(children, BmIndexChild, children->len - 1) : NULL;
    BmIndexChild child = {0};
    BmView view;

    if (!read_entry(list, &view, &child.block, &child.page, error)) {
        return FALSE;
    }
    if (!bm_view_unsigned(&view, BM_TAG_INTEGER, "the offset of an index record", UINT64_MAX,
                          &child.position) ||
        !bm_view_end(&view, "a part of the index")) {
        return failed(&view, error);
    }
    if (child.position >= position) {
        return bad(&view, BM_LIMIT, "an index that points behind itself", error);
    }
    if (last &&
        (child.block < last->block || (child.block == last->block && child.page <= last->page))) {
        return bad(&view, BM_BAD_ORDER, "an index whose parts go back", error);
    }
    g_array_append_val(children, child);
    return TRUE;
}

static gboolean read_head(BmIndexNode *node, BmView *body, GError **error)
{
    BmView blocks;
    bool present;

    if (!bm_view_unsigned(body, BM_TAG_INTEGER, "the level of an index record",
                          BM_LIMIT_INDEX_LEVEL, &node->level)) {
        return failed(body, error);
    }
    if (next_is(body, TAG_PAGE_SIZE) && !bm_view_unsigned(body, TAG_PAGE_SIZE, "the page size",
                                                          BM_LIMIT_PAGE_MAX, &node->page_size)) {
        return failed(body, error);
    }
    if (!bm_view_optional(body, TAG_BLOCKS, "the RAM blocks of an index", &present, &blocks)) {
        return failed(body, error);
    }
    node->root = present;
    if (present) {
        node->blocks = blocks;
    }
    return TRUE;
}

static gboolean read_entries(BmIndexNode *node, BmView *body, uint64_t position, GError **error)
{
    GArray *entries = node->level > 0 ? node->children : node->ranges;
    BmView list;

    if (!bm_view_get(body, node->level > 0 ? TAG_CHILDREN : TAG_RANGES, "the entries of an index",
                     &list)) {
        return failed(body, error);
    }
    while (list.len > 0) {
        if (entries->len >= BM_LIMIT_INDEX_ENTRIES) {
            return bad(&list, BM_LIMIT, "an index record with too many entries", error);
        }
        if (node->level > 0 ? !read_child(entries, &list, position, error)
                            : !read_range(entries, &list, position, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean bm_index_node_read(BmIndexNode *node, BmView body, uint64_t position, GError **error)
{
    uint64_t stated;
    BmOctets octets;

    g_array_set_size(node->ranges, 0);
    g_array_set_size(node->children, 0);
    node->page_size = 0;
    if (!read_head(node, &body, error) || !read_entries(node, &body, position, error)) {
        return FALSE;
    }
    if (!bm_view_octets(&body, BM_TAG_OCTETS, "the position of an index record", sizeof stated,
                        &octets) ||
        !bm_view_end(&body, "an index record")) {
        return failed(&body, error);
    }
    if (octets.len != sizeof stated) {
        return bad(&body, BM_BAD_LENGTH, "a position that has not 8 octets", error);
    }
    memcpy(&stated, octets.data, sizeof stated);
    stated = GUINT64_FROM_BE(stated);
    return stated == position || bm_error_set(error, BM_MISMATCH, body.offset, NULL,
                                              "an index record at %" G_GUINT64_FORMAT
                                              " that was written for %" G_GUINT64_FORMAT,
                                              position, stated);
}
