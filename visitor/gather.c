/* SPDX-License-Identifier: BSD-2-Clause */
#include "gather.h"

#include "ber-items-in.h"
#include "inflate.h"
#include "stream-pass.h"

/* A word of `ram` that is a mark: of QEMU's channels, whatever stands in its other bits. */
#define MARK_FLAGS 0x3ffu
#define MARK_SAME 0x20u
#define MARK_CHANNELS 0x200u

typedef struct Channel {
    BmInflate *inflate; /* NULL: nothing was compressed so far */
    uint32_t method;
} Channel;

typedef struct Gather {
    BmStreamPass pass;
    gboolean known; /* the section `ram` has begun */
    BmSection ram;  /* its name is a copy */
    gboolean open;  /* a section is, and which */
    uint32_t id;
    gboolean bare;
    gboolean begun;     /* a channel has */
    uint64_t page_size; /* that the visitor was told; 0: none */
    GArray *channels;   /* Channel */
    uint8_t *pages;     /* room for those of one packet */
} Gather;

static Gather *self(BmStreamVisitor *s)
{
    return (Gather *)s;
}

/* ---- sections ---- */

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    Gather *g = self(s);

    g->open = TRUE;
    g->id = section->id;
    if (phase == BM_PHASE_START && bm_items_kind(section->name, section->version) == BM_ITEMS_RAM) {
        g_free((char *)g->ram.name);
        g->ram = *section;
        g->ram.name = g_strdup(section->name);
        g->known = TRUE;
    }
    return bm_stream_live_begin(g->pass.inner, phase, section, error);
}

static gboolean is_mark_of_channels(const BmItem *item)
{
    return item->type == BM_ITEM_MARK && (item->value & MARK_FLAGS & ~MARK_SAME) == MARK_CHANNELS;
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Gather *g = self(s);

    /* Of a stream that lacks its channels they stay: it is as it was, and not whole. */
    if (g->begun && is_mark_of_channels(item)) {
        return TRUE;
    }
    if (item->type == BM_ITEM_PAGE_SIZE) {
        g->page_size = item->value;
    }
    return bm_stream_live_item(g->pass.inner, item, error);
}

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    Gather *g = self(s);

    g->open = FALSE;
    g->bare = bare;
    return bm_stream_live_end(g->pass.inner, bare, error);
}

/* ---- pages ---- */

static Channel *channel_of(Gather *g, uint32_t number)
{
    if (number >= g->channels->len) {
        g_array_set_size(g->channels, number + 1);
    }
    return &g_array_index(g->channels, Channel, number);
}

static gboolean refused(const char *what, GError **error)
{
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL, "%s", what);
}

static gboolean start_inflate(Channel *c, uint32_t method, GError **error)
{
    if (method != BM_CHANNEL_ZLIB && method != BM_CHANNEL_ZSTD) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "pages compressed by method 0x%x, which is not known here", method);
    }
    if (c->inflate && c->method != method) {
        return refused("pages compressed by two methods on one channel", error);
    }
    if (!c->inflate) {
        c->method = method;
        c->inflate = bm_inflate_new(method == BM_CHANNEL_ZLIB ? BM_INFLATE_ZLIB : BM_INFLATE_ZSTD);
    }
    return c->inflate || bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
}

/* The full pages of a packet, as they are in the guest. */
static gboolean inflate(Gather *g, const BmChannelItem *item, const uint8_t **data, GError **error)
{
    uint32_t method = item->flags & BM_CHANNEL_METHOD;
    Channel *c = channel_of(g, item->number);

    *data = item->data.data;
    if (method == 0 || item->full == 0) {
        return TRUE;
    }
    if (!start_inflate(c, method, error)) {
        return FALSE;
    }
    if (!g->pages) {
        g->pages = g_malloc(BM_CHANNEL_ROOM);
    }
    *data = g->pages;
    return bm_inflate_next(c->inflate, item->data, g->pages,
                           (size_t)item->full * item->page_size) ||
           bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL,
                        "%zu octets of compressed data that do not give %u pages", item->data.len,
                        item->full);
}

static gboolean give_page_size(Gather *g, const BmChannelItem *item, GError **error)
{
    BmItem size = {.type = BM_ITEM_PAGE_SIZE, .value = item->page_size};

    if (g->page_size == item->page_size) {
        return TRUE;
    }
    g->page_size = item->page_size;
    return bm_stream_live_item(g->pass.inner, &size, error);
}

static gboolean give_pages(Gather *g, const BmChannelItem *item, const uint8_t *data,
                           GError **error)
{
    BmFault fault = {0};
    BmView map = bm_view(item->map.data, item->map.len, 0, &fault);
    uint64_t next = item->page;
    BmPageRun run;

    while (map.len > 0) {
        BmItem pages = {.block = item->block};

        if (!bm_page_map_get(&map, &next, &run)) {
            return bm_error_from_fault(error, &fault, NULL);
        }
        pages.type = run.zero ? BM_ITEM_ZEROS : BM_ITEM_PAGES;
        pages.page = run.page;
        pages.count = run.count;
        if (!run.zero) {
            pages.data = (BmOctets){data, (size_t)(run.count * item->page_size)};
            data += pages.data.len;
        }
        if (!bm_stream_live_item(g->pass.inner, &pages, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean give_packet(Gather *g, const BmChannelItem *item, GError **error)
{
    gboolean apart = !g->open;
    const uint8_t *data;

    if (!g->known || (g->open && g->id != g->ram.id)) {
        return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL,
                            "pages of a channel where pages cannot stand");
    }
    return inflate(g, item, &data, error) &&
           (!apart || bm_stream_live_begin(g->pass.inner, BM_PHASE_PART, &g->ram, error)) &&
           give_page_size(g, item, error) && give_pages(g, item, data, error) &&
           (!apart || bm_stream_live_end(g->pass.inner, g->bare, error));
}

static gboolean channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    g_autofree char *path = NULL;
    gboolean ok = TRUE;

    self(s)->begun = TRUE;
    switch (item->type) {
    case BM_CHANNEL_INITIAL:
        break;
    case BM_CHANNEL_PACKET:
        ok = item->full + item->zero == 0 || give_packet(self(s), item, error);
        break;
    case BM_CHANNEL_OCTETS:
        ok = refused("octets that were not understood: there may be pages among them", error);
        break;
    case BM_CHANNEL_STATE:
        ok = refused("state of a device, which has no form in a single stream", error);
        break;
    }
    if (!ok) {
        path = g_strdup_printf("channel %u", item->number);
        bm_error_add_path(error ? *error : NULL, path);
    }
    return ok;
}

static void free_gather(BmStreamVisitor *s)
{
    Gather *g = self(s);

    for (guint i = 0; i < g->channels->len; i++) {
        bm_inflate_free(g_array_index(g->channels, Channel, i).inflate);
    }
    g_array_unref(g->channels);
    g_free((char *)g->ram.name);
    g_free(g->pages);
    bm_stream_pass_free(s);
}

static const BmStreamOps gather_ops = {
    .otherwise = &bm_stream_pass_ops,
    .live_begin = live_begin,
    .live_item = live_item,
    .live_end = live_end,
    .channel = channel,
    .free = free_gather,
};

BmStreamVisitor *bm_gather_stream(BmStreamVisitor *inner)
{
    Gather *g = g_new0(Gather, 1);

    g->pass.base.ops = &gather_ops;
    g->pass.inner = inner;
    g->channels = g_array_new(FALSE, TRUE, sizeof(Channel));
    return &g->pass.base;
}
