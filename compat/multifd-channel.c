/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "error.h"
#include "multifd-reader.h"
#include "zero.h"

/* Where nothing says otherwise: that of x86, s390x, ppc64, riscv. */
#define USUAL_PAGE_SIZE 4096u
/* Octets that are not understood, in one item. */
#define OCTETS_MAX (1u << 20)

void bm_multifd_channel_init(BmMultifdChannel *c, BmInput *in, guint number)
{
    *c = (BmMultifdChannel){.in = in, .number = number};
    bm_multifd_last_init(&c->last);
    c->map = g_byte_array_new();
    c->header = g_byte_array_new();
}

void bm_multifd_channel_clear(BmMultifdChannel *c)
{
    bm_multifd_last_clear(&c->last);
    g_byte_array_unref(c->map);
    g_byte_array_unref(c->header);
}

/* ---- octets ---- */

static gboolean need(BmMultifdChannel *c, size_t len, const char *what, GError **error)
{
    size_t have = bm_input_fill(c->in, len);
    BmFault fault = {BM_TRUNCATED, bm_input_offset(c->in) + have, what, len, have};

    if (have >= len) {
        return TRUE;
    }
    if (bm_input_errno(c->in) != 0) {
        fault.code = BM_IO;
        fault.got = (uint64_t)bm_input_errno(c->in);
    }
    return bm_error_from_fault(error, &fault, NULL);
}

/* Nothing behind them could be read either, since packets do not say where they end. */
static gboolean rest_as_octets(BmMultifdChannel *c, const BmMultifdFrame *frame, BmStreamVisitor *s,
                               GError **error)
{
    BmChannelItem item = {.type = BM_CHANNEL_OCTETS, .number = c->number};
    size_t have;

    if (frame->live) {
        return bm_error_set(error, BM_UNKNOWN, bm_input_offset(c->in), NULL,
                            "this is no packet that is known here");
    }
    c->opaque = TRUE;
    while ((have = bm_input_fill(c->in, 1)) > 0) {
        item.data = (BmOctets){bm_input_data(c->in), MIN(have, OCTETS_MAX)};
        if (!bm_stream_channel(s, &item, error)) {
            return FALSE;
        }
        bm_input_skip(c->in, item.data.len);
    }
    c->ended = TRUE;
    return bm_input_errno(c->in) == 0 || need(c, 1, "a channel", error);
}

/* ---- the initial packet ---- */

static gboolean is_initial(const uint8_t *p)
{
    return bm_be32(p) == BM_MULTIFD_MAGIC && bm_be32(p + 4) == BM_MULTIFD_VERSION &&
           bm_is_zero(p + 25, BM_MULTIFD_INITIAL - 25);
}

static gboolean read_initial(BmMultifdChannel *c, const BmMultifdFrame *frame, BmStreamVisitor *s,
                             GError **error)
{
    BmChannelItem item = {.type = BM_CHANNEL_INITIAL, .number = c->number};
    size_t have = bm_input_fill(c->in, BM_MULTIFD_INITIAL);
    const uint8_t *p = bm_input_data(c->in);

    c->begun = TRUE;
    if (have == 0 && bm_input_errno(c->in) == 0) {
        c->ended = TRUE;
        return bm_error_set(error, BM_TRUNCATED, 0, NULL, "nothing came");
    }
    if (have >= 4 && bm_be32(p) == BM_MULTIFD_MAGIC &&
        !need(c, BM_MULTIFD_INITIAL, "the initial packet", error)) {
        return FALSE;
    }
    if (have < BM_MULTIFD_INITIAL || !is_initial(p)) {
        return rest_as_octets(c, frame, s, error);
    }
    item.uuid = p + 8;
    item.id = p[24];
    bm_input_skip(c->in, BM_MULTIFD_INITIAL);
    return bm_stream_channel(s, &item, error);
}

/* ---- the header of a packet of pages ---- */

/* TRUE if a header can have so many places for pages, or does not say. */
static gboolean take_allocated(BmMultifdFrame *frame, uint32_t allocated)
{
    uint64_t size = allocated ? BM_CHANNEL_ROOM / allocated : frame->page_size;

    if (size == 0) {
        size = USUAL_PAGE_SIZE;
    }
    if (size < BM_LIMIT_PAGE_MIN || size > BM_LIMIT_PAGE_MAX || (size & (size - 1)) != 0 ||
        (allocated && size * allocated != BM_CHANNEL_ROOM)) {
        return FALSE;
    }
    frame->page_size = size;
    return TRUE;
}

static gboolean find_block(const BmMultifdFrame *frame, const uint8_t *p, BmChannelItem *item,
                           uint64_t at, GError **error)
{
    size_t len = strnlen((const char *)p, BM_MULTIFD_NAME);

    for (guint i = 0; i < frame->blocks->len; i++) {
        const char *name = g_array_index(frame->blocks, BmRamBlock, i).name;

        if (strlen(name) == len && memcmp(name, p, len) == 0 &&
            bm_is_zero(p + len, BM_MULTIFD_NAME - len)) {
            item->block = i;
            return TRUE;
        }
    }
    return bm_error_set(error, BM_UNKNOWN, at + BM_MULTIFD_AT_BLOCK, NULL,
                        "a page of RAM block \"%.*s\", which is not listed", (int)len,
                        (const char *)p);
}

static void add_run(BmMultifdChannel *c, uint64_t next, const BmPageRun *run)
{
    uint8_t octets[BM_PAGE_RUN_MAX];

    if (run->count > 0) {
        g_byte_array_append(c->map, octets, (guint)bm_page_map_put(octets, next, run));
    }
}

static gboolean check_offset(const BmMultifdFrame *frame, const BmChannelItem *item,
                             uint64_t offset, uint64_t at, GError **error)
{
    const BmRamBlock *b = &g_array_index(frame->blocks, BmRamBlock, item->block);
    g_autofree char *path = NULL;

    if (offset % item->page_size == 0 && offset < b->length &&
        b->length - offset >= item->page_size) {
        return TRUE;
    }
    path = g_strconcat(".", b->name, NULL);
    if (offset % item->page_size != 0) {
        return bm_error_set(error, BM_BAD_VALUE, at, path,
                            "offset 0x%" G_GINT64_MODIFIER "x is no multiple of the page size %u",
                            offset, item->page_size);
    }
    return bm_error_set(error, BM_LIMIT, at, path,
                        "a page at offset 0x%" G_GINT64_MODIFIER
                        "x, the block has 0x%" G_GINT64_MODIFIER "x octets",
                        offset, b->length);
}

/* Offsets in QEMU's order become runs: first the full pages, then the zero ones. */
static gboolean read_offsets(BmMultifdChannel *c, const BmMultifdFrame *frame, BmChannelItem *item,
                             const uint8_t *p, uint64_t at, GError **error)
{
    BmPageRun run = {0};
    uint64_t next;

    g_byte_array_set_size(c->map, 0);
    item->page = next = bm_be64(p) / item->page_size;
    for (uint32_t i = 0; i < item->full + item->zero; i++) {
        uint64_t offset = bm_be64(p + 8 * i), page = offset / item->page_size;
        bool zero = i >= item->full;

        if (!check_offset(frame, item, offset, at + 8 * i, error)) {
            return FALSE;
        }
        if (run.count > 0 && run.zero == zero && run.page + run.count == page) {
            run.count++;
            continue;
        }
        add_run(c, next, &run);
        next = run.count > 0 ? run.page + run.count : next;
        run = (BmPageRun){page, 1, zero};
    }
    add_run(c, next, &run);
    item->map = (BmOctets){c->map->data, c->map->len};
    return TRUE;
}

static gboolean check_counts(const BmChannelItem *item, uint64_t at, GError **error)
{
    uint64_t room = item->allocated, pages = (uint64_t)item->full + item->zero;
    size_t size = (size_t)item->full * item->page_size;

    if (pages > room) {
        return bm_error_set(error, BM_LIMIT, at + BM_MULTIFD_AT_FULL, NULL,
                            "%" G_GUINT64_FORMAT " pages in a packet for %" G_GUINT64_FORMAT, pages,
                            room);
    }
    if (item->data.len > BM_LIMIT_DATA) {
        return bm_error_set(error, BM_LIMIT, at + BM_MULTIFD_AT_SIZE, NULL,
                            "a packet of %zu octets, the limit is %u", item->data.len,
                            BM_LIMIT_DATA);
    }
    if (!(item->flags & BM_CHANNEL_METHOD) && item->data.len != size) {
        return bm_error_set(error, BM_BAD_LENGTH, at + BM_MULTIFD_AT_SIZE, NULL,
                            "a packet of %zu octets for %u pages of %u", item->data.len, item->full,
                            item->page_size);
    }
    return TRUE;
}

/* Which octets the header is made from: in newer versions zeros, in older ones the header
 * before. */
static void find_ground(BmMultifdChannel *c, BmChannelItem *item, const char *name,
                        const uint8_t *p, size_t len)
{
    for (int kept = 0; kept <= 1; kept++) {
        item->kept = kept;
        bm_multifd_header(&c->last, item, name, c->header);
        if (memcmp(c->header->data, p, len) == 0) {
            return;
        }
    }
    item->kept = FALSE;
    item->header = (BmOctets){p, len};
}

static gboolean read_pages(BmMultifdChannel *c, const BmMultifdFrame *frame, BmChannelItem *item,
                           const uint8_t *p, GError **error)
{
    uint64_t at = bm_input_offset(c->in);

    return item->full + item->zero == 0 ||
           (find_block(frame, p + BM_MULTIFD_AT_BLOCK, item, at, error) &&
            read_offsets(c, frame, item, p + BM_MULTIFD_AT_OFFSETS, at + BM_MULTIFD_AT_OFFSETS,
                         error));
}

static gboolean read_packet(BmMultifdChannel *c, BmMultifdFrame *frame, BmStreamVisitor *s,
                            GError **error)
{
    BmChannelItem item = {.type = BM_CHANNEL_PACKET, .number = c->number};
    const uint8_t *p = bm_input_data(c->in);
    const char *name = NULL;
    size_t len;

    item.flags = bm_be32(p + 8);
    item.allocated = bm_be32(p + BM_MULTIFD_AT_ALLOCATED);
    if (!take_allocated(frame, item.allocated)) {
        return rest_as_octets(c, frame, s, error);
    }
    item.page_size = (uint32_t)frame->page_size;
    len = BM_CHANNEL_HEADER(item.page_size);
    item.full = bm_be32(p + BM_MULTIFD_AT_FULL);
    item.zero = bm_be32(p + BM_MULTIFD_AT_ZERO);
    item.counter = bm_be64(p + BM_MULTIFD_AT_COUNTER);
    item.data.len = item.full > 0 ? bm_be32(p + BM_MULTIFD_AT_SIZE) : 0;
    if (!check_counts(&item, bm_input_offset(c->in), error) ||
        !need(c, len + item.data.len, "a packet", error)) {
        return FALSE;
    }
    p = bm_input_data(c->in);
    item.data.data = p + len;
    if (!read_pages(c, frame, &item, p, error)) {
        return FALSE;
    }
    if (item.full + item.zero > 0) {
        name = g_array_index(frame->blocks, BmRamBlock, item.block).name;
    }
    find_ground(c, &item, name, p, len);
    bm_multifd_last_take(&c->last, p, len);
    c->syncs += item.flags & BM_CHANNEL_SYNC;
    bm_input_skip(c->in, len + item.data.len);
    return bm_stream_channel(s, &item, error);
}

/* ---- device state ---- */

static gboolean read_state(BmMultifdChannel *c, const BmMultifdFrame *frame, BmStreamVisitor *s,
                           GError **error)
{
    BmChannelItem item = {.type = BM_CHANNEL_STATE, .number = c->number};
    char name[BM_MULTIFD_NAME] = "";
    const uint8_t *p;
    size_t len;

    if (!need(c, BM_MULTIFD_STATE, "a packet", error)) {
        return FALSE;
    }
    p = bm_input_data(c->in);
    len = strnlen((const char *)p + BM_MULTIFD_COMMON, BM_MULTIFD_NAME);
    if (len == 0 || len == BM_MULTIFD_NAME || !bm_utf8_valid(p + BM_MULTIFD_COMMON, len) ||
        !bm_is_zero(p + BM_MULTIFD_COMMON + len, BM_MULTIFD_NAME - len)) {
        return rest_as_octets(c, frame, s, error);
    }
    memcpy(name, p + BM_MULTIFD_COMMON, len);
    item.name = name;
    item.flags = bm_be32(p + 8);
    item.instance = bm_be32(p + BM_MULTIFD_COMMON + BM_MULTIFD_NAME);
    item.data.len = bm_be32(p + BM_MULTIFD_COMMON + BM_MULTIFD_NAME + 4);
    if (item.data.len > BM_LIMIT_CHANNEL_STATE) {
        return bm_error_set(error, BM_LIMIT, bm_input_offset(c->in), NULL,
                            "%zu octets of device state, the limit is %u", item.data.len,
                            BM_LIMIT_CHANNEL_STATE);
    }
    if (!need(c, BM_MULTIFD_STATE + item.data.len, "a packet", error)) {
        return FALSE;
    }
    item.data.data = bm_input_data(c->in) + BM_MULTIFD_STATE;
    bm_input_skip(c->in, BM_MULTIFD_STATE + item.data.len);
    return bm_stream_channel(s, &item, error);
}

/* ---- one packet ---- */

static gboolean read_any(BmMultifdChannel *c, BmMultifdFrame *frame, BmStreamVisitor *s,
                         GError **error)
{
    const uint8_t *p;

    if (!c->begun) {
        return read_initial(c, frame, s, error);
    }
    if (bm_input_fill(c->in, 1) == 0 && bm_input_errno(c->in) == 0) {
        c->ended = TRUE;
        return TRUE;
    }
    if (!need(c, BM_MULTIFD_COMMON, "a packet", error)) {
        return FALSE;
    }
    p = bm_input_data(c->in);
    if (bm_be32(p) != BM_MULTIFD_MAGIC || bm_be32(p + 4) != BM_MULTIFD_VERSION) {
        return rest_as_octets(c, frame, s, error);
    }
    if (bm_be32(p + 8) & BM_CHANNEL_DEVICE) {
        return read_state(c, frame, s, error);
    }
    return need(c, BM_MULTIFD_AT_BLOCK, "a packet", error) && read_packet(c, frame, s, error);
}

gboolean bm_multifd_channel_read(BmMultifdChannel *c, BmMultifdFrame *frame, BmStreamVisitor *s,
                                 GError **error)
{
    g_autofree char *path = NULL;

    if (read_any(c, frame, s, error)) {
        return TRUE;
    }
    path = g_strdup_printf("channel %u", c->number);
    bm_error_add_path(error ? *error : NULL, path);
    return FALSE;
}
