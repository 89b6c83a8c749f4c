/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-items.h"
#include "ber-packets.h"

/* How far a channel has come. */
typedef enum Progress { PROGRESS_NONE, PROGRESS_PACKETS, PROGRESS_OCTETS } Progress;

void bm_channel_in_init(BmChannelIn *in, BmItemsIn *items)
{
    in->items = items;
    in->state = g_byte_array_new();
}

void bm_channel_in_clear(BmChannelIn *in)
{
    g_byte_array_unref(in->state);
}

static gboolean failed(const BmView *view, GError **error)
{
    return bm_error_from_fault(error, view->fault, NULL);
}

static gboolean number32(BmView *view, const char *what, uint64_t max, uint32_t *out)
{
    uint64_t n;

    if (!bm_view_unsigned(view, BM_TAG_INTEGER, what, max, &n)) {
        return FALSE;
    }
    *out = (uint32_t)n;
    return TRUE;
}

static gboolean read_octets(BmView *body, BmChannelItem *item)
{
    return bm_view_explicit(body, BM_TAG_ITEM(BM_CHANNEL_OCTETS), BM_TAG_OCTETS,
                            "octets of a channel", BM_LIMIT_RECORD, &item->data);
}

static gboolean read_initial(BmView view, BmChannelItem *item, GError **error)
{
    BmOctets uuid;

    if (!number32(&view, "the id of a channel", UINT8_MAX, &item->id) ||
        !bm_view_octets(&view, BM_TAG_OCTETS, "the UUID of a channel", 16, &uuid) ||
        !bm_view_end(&view, "the initial packet of a channel")) {
        return failed(&view, error);
    }
    item->uuid = uuid.data;
    return uuid.len == 16 ||
           bm_error_set(error, BM_BAD_LENGTH, view.offset, NULL, "a UUID of %zu octets", uuid.len);
}

/* ---- packets with pages ---- */

static gboolean take_run(const BmChannelIn *in, BmChannelItem *item, const BmPageRun *run,
                         uint64_t offset, GError **error)
{
    const BmRamBlock *block = &g_array_index(in->items->blocks, BmRamBlock, item->block);
    uint64_t pages = block->length / item->page_size;
    uint32_t room = BM_CHANNEL_ROOM / item->page_size - item->full - item->zero;

    if (run->page >= pages || run->count > pages - run->page) {
        return bm_error_set(error, BM_LIMIT, offset, NULL,
                            "%" G_GUINT64_FORMAT " pages from page %" G_GUINT64_FORMAT
                            " on, the block has %" G_GUINT64_FORMAT,
                            run->count, run->page, pages);
    }
    if (run->count > room) {
        return bm_error_set(error, BM_LIMIT, offset, NULL,
                            "a packet of more pages than its header has offsets");
    }
    if (!run->zero && item->zero > 0) {
        return bm_error_set(error, BM_BAD_ORDER, offset, NULL,
                            "full pages behind zero ones in a packet");
    }
    if (run->zero) {
        item->zero += (uint32_t)run->count;
    } else {
        item->full += (uint32_t)run->count;
    }
    return TRUE;
}

static gboolean read_map(const BmChannelIn *in, BmView map, BmChannelItem *item, GError **error)
{
    uint64_t next = item->page, offset = map.offset;
    BmPageRun run;

    item->map = (BmOctets){map.data, map.len};
    if (map.len == 0) {
        return bm_error_set(error, BM_BAD_VALUE, offset, NULL, "an empty map of pages");
    }
    while (map.len > 0) {
        if (!bm_page_map_get(&map, &next, &run)) {
            return failed(&map, error);
        }
        if (!take_run(in, item, &run, offset, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean check_data(const BmChannelItem *item, uint64_t offset, GError **error)
{
    size_t size = (size_t)item->full * item->page_size;
    gboolean fits = item->flags & BM_CHANNEL_METHOD ? item->full > 0 || item->data.len == 0
                                                    : item->data.len == size;

    return fits || bm_error_set(error, BM_BAD_LENGTH, offset, NULL,
                                "%zu octets of data for %u full pages", item->data.len, item->full);
}

static gboolean read_pages(BmChannelIn *in, BmView view, BmChannelItem *item, GError **error)
{
    uint64_t offset = view.offset;
    BmView map;

    if (!number32(&view, "a RAM block's position", BM_LIMIT_BLOCKS, &item->block) ||
        !bm_view_unsigned(&view, BM_TAG_INTEGER, "a page's number", UINT64_MAX, &item->page) ||
        !bm_view_get(&view, BM_TAG_OCTETS, "the map of a packet", &map)) {
        return failed(&view, error);
    }
    if (item->block >= in->items->blocks->len) {
        return bm_error_set(error, BM_UNKNOWN, offset, NULL, "RAM block %u of %u", item->block,
                            in->items->blocks->len);
    }
    if (!read_map(in, map, item, error) ||
        !bm_items_in_data(in->items, &view, &item->data, error) ||
        !check_data(item, offset, error)) {
        return FALSE;
    }
    return bm_view_end(&view, "the pages of a packet") || failed(&view, error);
}

/* ---- packets ---- */

static gboolean check_page_size(uint32_t n, uint64_t offset, GError **error)
{
    return (n >= BM_LIMIT_PAGE_MIN && (n & (n - 1)) == 0) ||
           bm_error_set(error, BM_BAD_VALUE, offset, NULL, "a page size of %u", n);
}

static gboolean read_allocated(BmView *view, BmChannelItem *item)
{
    uint64_t n = BM_CHANNEL_ROOM / item->page_size;
    BmTag tag;

    if (bm_view_peek(view, &tag) && tag == BM_TAG_CONTEXT(0) &&
        !bm_view_unsigned(view, tag, "the allocated pages of a packet", UINT32_MAX, &n)) {
        return FALSE;
    }
    item->allocated = (uint32_t)n;
    return TRUE;
}

/* The octets of the header that say nothing. */
static gboolean read_header(BmView *view, BmChannelItem *item, GError **error)
{
    uint64_t offset;
    BmTag tag;

    item->kept = bm_view_peek(view, &tag) && tag == BM_TAG_CONTEXT(1);
    if (item->kept && !bm_view_null(view, tag, "a kept header")) {
        return failed(view, error);
    }
    offset = view->offset;
    if (!bm_view_peek(view, &tag) || tag != (BM_TAG_CONTEXT(2) | BM_CONSTRUCTED)) {
        return TRUE;
    }
    if (!bm_view_explicit(view, tag, BM_TAG_OCTETS, "the header of a packet", BM_LIMIT_DATA,
                          &item->header)) {
        return failed(view, error);
    }
    return (!item->kept && item->header.len == BM_CHANNEL_HEADER(item->page_size)) ||
           bm_error_set(error, BM_BAD_LENGTH, offset, NULL,
                        "a packet's header of %zu octets, expected %u", item->header.len,
                        BM_CHANNEL_HEADER(item->page_size));
}

static gboolean read_packet(BmChannelIn *in, BmView view, BmChannelItem *item, GError **error)
{
    uint64_t offset = view.offset;
    bool present;
    BmView pages;

    if (!number32(&view, "the flags of a packet", UINT32_MAX, &item->flags) ||
        !bm_view_unsigned(&view, BM_TAG_INTEGER, "the number of a packet", UINT64_MAX,
                          &item->counter) ||
        !number32(&view, "the page size of a packet", BM_LIMIT_PAGE_MAX, &item->page_size)) {
        return failed(&view, error);
    }
    if (item->flags & BM_CHANNEL_DEVICE) {
        return bm_error_set(error, BM_BAD_VALUE, offset, NULL, "flags 0x%x of a packet of pages",
                            item->flags);
    }
    if (!check_page_size(item->page_size, offset, error)) {
        return FALSE;
    }
    if (!read_allocated(&view, item)) {
        return failed(&view, error);
    }
    if (!read_header(&view, item, error)) {
        return FALSE;
    }
    if (!bm_view_optional(&view, BM_TAG_ITEM(3), "the pages of a packet", &present, &pages) ||
        !bm_view_end(&view, "a packet")) {
        return failed(&view, error);
    }
    return !present || read_pages(in, pages, item, error);
}

/* ---- device state ---- */

static gboolean read_state(BmView view, BmChannelItem *item, BmStreamVisitor *s, GError **error)
{
    g_autofree char *name = NULL;
    uint64_t offset = view.offset;
    BmOctets text;

    if (!number32(&view, "the flags of a packet", UINT32_MAX, &item->flags) ||
        !bm_view_name(&view, BM_TAG_UTF8, "the name of a device", &text) ||
        !number32(&view, "the instance of a device", UINT32_MAX, &item->instance) ||
        !bm_view_octets(&view, BM_TAG_OCTETS, "the state of a device", BM_LIMIT_CHANNEL_STATE,
                        &item->data) ||
        !bm_view_end(&view, "the state of a device")) {
        return failed(&view, error);
    }
    if (!(item->flags & BM_CHANNEL_DEVICE) || text.len > 255) {
        return bm_error_set(error, BM_BAD_VALUE, offset, NULL,
                            "flags 0x%x, or a name of %zu octets, of a device's state", item->flags,
                            text.len);
    }
    item->name = name = g_strndup((const char *)text.data, text.len);
    return bm_stream_channel(s, item, error);
}

/* ---- the record ---- */

static gboolean read_item(BmChannelIn *in, BmView *body, BmChannelItem *item, BmStreamVisitor *s,
                          GError **error)
{
    BmView view;

    switch (item->type) {
    case BM_CHANNEL_OCTETS:
        return (read_octets(body, item) || failed(body, error)) &&
               bm_stream_channel(s, item, error);
    default:
        break;
    }
    if (!bm_view_get(body, BM_TAG_ITEM((unsigned)item->type), "an item of a channel", &view)) {
        return failed(body, error);
    }
    if (item->type == BM_CHANNEL_STATE) {
        return read_state(view, item, s, error);
    }
    return (item->type == BM_CHANNEL_INITIAL ? read_initial(view, item, error)
                                             : read_packet(in, view, item, error)) &&
           bm_stream_channel(s, item, error);
}

static gboolean read_type(BmView *body, BmChannelItemType *type, GError **error)
{
    BmTag tag;

    if (bm_view_peek(body, &tag)) {
        for (unsigned i = BM_CHANNEL_OCTETS; i <= BM_CHANNEL_STATE; i++) {
            if (tag == BM_TAG_ITEM(i)) {
                *type = (BmChannelItemType)i;
                return TRUE;
            }
        }
    }
    return bm_error_set(error, BM_UNKNOWN, body->offset, NULL, "an unknown item of a channel");
}

/* The initial packet comes first or never, and behind octets come only octets. */
static gboolean take_turn(BmChannelIn *in, const BmChannelItem *item, uint64_t offset,
                          GError **error)
{
    uint8_t *progress, none = PROGRESS_NONE;

    if (item->number > in->state->len) {
        return bm_error_set(error, BM_BAD_ORDER, offset, NULL, "channel %u where %u is next",
                            item->number, in->state->len);
    }
    if (item->number == in->state->len) {
        g_byte_array_append(in->state, &none, 1);
    }
    progress = &in->state->data[item->number];
    if ((item->type == BM_CHANNEL_INITIAL && *progress != PROGRESS_NONE) ||
        (item->type != BM_CHANNEL_OCTETS && *progress == PROGRESS_OCTETS)) {
        return bm_error_set(error, BM_BAD_ORDER, offset, NULL,
                            "an item of channel %u behind one that must not come before it",
                            item->number);
    }
    *progress = item->type == BM_CHANNEL_OCTETS ? PROGRESS_OCTETS : PROGRESS_PACKETS;
    return TRUE;
}

gboolean bm_channel_in_read(BmChannelIn *in, BmView body, BmStreamVisitor *s, GError **error)
{
    uint64_t offset = body.offset;
    BmChannelItem item = {0};
    g_autofree char *path = NULL;

    if (!number32(&body, "the number of a channel", BM_LIMIT_PAGE_CHANNELS - 1, &item.number)) {
        return failed(&body, error);
    }
    if (!read_type(&body, &item.type, error) || !take_turn(in, &item, offset, error)) {
        return FALSE;
    }
    if (read_item(in, &body, &item, s, error)) {
        return TRUE;
    }
    path = g_strdup_printf("channel %u", item.number);
    bm_error_add_path(error ? *error : NULL, path);
    return FALSE;
}
