/* SPDX-License-Identifier: BSD-2-Clause */
#include "spread.h"

#include <stdatomic.h>
#include <string.h>

#include "block-list.h"
#include "channel-out.h"
#include "report.h"
#include "stream-pass.h"

/* Neighbouring pages that go over one channel: enough that runs stay long, and few enough
 * that all channels have work while a guest's memory is sent in its order. */
#define GRANULE 64u
/* QEMU's MIG_CMD_POSTCOPY_ADVISE. */
#define POSTCOPY_ADVISE 3
/* The version of `ram` whose pages are known. */
#define RAM_VERSION 4

struct BmSpread {
    BmStreamPass pass;
    BmSpreadSetup setup;

    GMutex lock; /* what follows */
    BmChannelOut *channels[BM_LIMIT_CHANNELS];
    unsigned n; /* of them that are there */
    gboolean cut;
    GError *error;

    /* what pages go by, and whether the channels have that */
    uint64_t page_size; /* 0: not known yet */
    GArray *blocks;     /* BmRamBlock */
    uint64_t total;
    gboolean frame_sent;

    gboolean off;      /* for good: all goes into the main stream */
    BmSection section; /* the guest's memory; a name says that it has begun */
    gboolean open;     /* a piece of it in which pages may go elsewhere */
    gboolean meeting;  /* they do */
    uint64_t meetings; /* so far */
};

static BmSpread *spread_of(BmStreamVisitor *s)
{
    return (BmSpread *)s;
}

/* ---- the channels ---- */

/* The first one ends all. */
static void channel_failed(void *data, const GError *why)
{
    BmSpread *sp = data;
    gboolean first;

    g_mutex_lock(&sp->lock);
    first = !sp->cut && sp->error == NULL;
    if (first) {
        sp->error = g_error_copy(why);
    }
    g_mutex_unlock(&sp->lock);
    if (first) {
        sp->setup.failed(sp->setup.data);
    }
}

/* The receiver listens, so nothing is gained by trying again. */
static BmCarrier connect_link(const BmSpread *sp, GError **error)
{
    BmLink *link = bm_link_connect(sp->setup.address, sp->setup.credentials, 0, error);

    if (link != NULL && !bm_link_check_identity(link, sp->setup.identity, error)) {
        g_clear_pointer(&link, bm_link_drop);
    }
    return link != NULL ? bm_carrier_of_link(link) : (BmCarrier){.fd = -1};
}

static BmCarrier open_carrier(const BmSpread *sp, unsigned number, GError **error)
{
    const BmToken token = bm_channel_token(&sp->setup.token, number);

    return bm_session_is_resumable(sp->setup.session)
               ? bm_carrier_beside(sp->setup.session, &token, error)
               : connect_link(sp, error);
}

static BmChannelOut *connect_one(BmSpread *sp, unsigned number, GError **error)
{
    BmChannelSetup setup = {
        .number = number,
        .token = &sp->setup.token,
        .record = sp->setup.record,
        .level = sp->setup.level,
        .failed = channel_failed,
        .data = sp,
    };

    setup.carrier = open_carrier(sp, number, error);
    return setup.carrier.fd >= 0 ? bm_channel_out_start(&setup, error) : NULL;
}

/* FALSE if all has been ended meanwhile. */
static gboolean add_channel(BmSpread *sp, BmChannelOut *channel)
{
    gboolean ok;

    g_mutex_lock(&sp->lock);
    sp->channels[sp->n++] = channel;
    ok = !sp->cut;
    g_mutex_unlock(&sp->lock);
    return ok;
}

static gboolean connect_all(BmSpread *sp, GError **error)
{
    for (unsigned number = 1; number <= sp->setup.count; number++) {
        BmChannelOut *channel = connect_one(sp, number, error);

        if (channel == NULL) {
            g_prefix_error(error, "channel %u: ", number);
            return FALSE;
        }
        if (!add_channel(sp, channel)) {
            return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the channels were ended");
        }
    }
    return TRUE;
}

/* One has failed: why, for whoever gives it items. */
static gboolean broken(BmSpread *sp, BmChannelOut *channel, GError **error)
{
    const GError *first;

    bm_channel_out_wait(channel, NULL);
    first = bm_spread_error(sp);
    if (first != NULL) {
        g_propagate_error(error, g_error_copy(first));
        return FALSE;
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the channels were ended");
}

static gboolean give(BmSpread *sp, unsigned i, const BmItem *item, GError **error)
{
    return bm_channel_out_item(sp->channels[i], item) || broken(sp, sp->channels[i], error);
}

static gboolean give_all(BmSpread *sp, const BmItem *item, GError **error)
{
    for (unsigned i = 0; i < sp->n; i++) {
        if (!give(sp, i, item, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static void flush_all(BmSpread *sp)
{
    for (unsigned i = 0; i < sp->n; i++) {
        bm_channel_out_flush(sp->channels[i]);
    }
}

/* ---- meetings ---- */

static gboolean send_frame(BmSpread *sp, GError **error)
{
    const BmItem size = {.type = BM_ITEM_PAGE_SIZE, .value = sp->page_size};
    const BmItem blocks = {
        .type = BM_ITEM_BLOCKS,
        .value = sp->total,
        .blocks = (const BmRamBlock *)sp->blocks->data,
        .n_blocks = sp->blocks->len,
    };

    sp->frame_sent = TRUE;
    return give_all(sp, &size, error) && give_all(sp, &blocks, error);
}

/* The main stream says so first, and at once: the receiver takes nothing from a channel
 * before. */
static gboolean begin_meeting(BmSpread *sp, GError **error)
{
    const BmItem meet = {.type = BM_ITEM_MEET, .value = sp->meetings + 1};

    if (sp->meeting) {
        return TRUE;
    }
    sp->meeting = TRUE;
    sp->meetings++;
    return bm_stream_live_item(sp->pass.inner, &meet, error) &&
           bm_stream_flush(sp->pass.inner, error) && (sp->frame_sent || send_frame(sp, error));
}

/* Behind all pages so far, and before anything that is no page. */
static gboolean end_meeting(BmSpread *sp, GError **error)
{
    const BmItem meet = {.type = BM_ITEM_MEET, .value = sp->meetings};

    if (!sp->meeting) {
        return TRUE;
    }
    sp->meeting = FALSE;
    if (!give_all(sp, &meet, error)) {
        return FALSE;
    }
    flush_all(sp);
    return TRUE;
}

/* ---- pages ---- */

static unsigned channel_of(const BmSpread *sp, uint32_t block, uint64_t page)
{
    return (unsigned)((page / GRANULE + block) % sp->n);
}

/* The part of an item, from its page `done` on, that one channel takes. */
static BmItem part_of(const BmSpread *sp, const BmItem *item, uint64_t done)
{
    BmItem part = *item;
    uint64_t page = item->page + done;

    part.page = page;
    part.count = MIN(item->count - done, GRANULE - page % GRANULE);
    if (item->type == BM_ITEM_PAGES) {
        part.data.data = item->data.data + done * sp->page_size;
        part.data.len = (size_t)(part.count * sp->page_size);
    }
    return part;
}

static gboolean spread_pages(BmSpread *sp, const BmItem *item, GError **error)
{
    if (!begin_meeting(sp, error)) {
        return FALSE;
    }
    if (item->type != BM_ITEM_PAGES && item->type != BM_ITEM_ZEROS) {
        return give(sp, channel_of(sp, item->block, item->page), item, error);
    }
    for (uint64_t done = 0; done < item->count;) {
        BmItem part = part_of(sp, item, done);

        if (!give(sp, channel_of(sp, part.block, part.page), &part, error)) {
            return FALSE;
        }
        done += part.count;
    }
    return TRUE;
}

static void take_blocks(BmSpread *sp, const BmItem *item)
{
    bm_block_list_set(sp->blocks, item);
    sp->total = item->value;
    sp->frame_sent = FALSE;
}

static gboolean spread_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    BmSpread *sp = spread_of(s);
    gboolean spreads = sp->open && sp->page_size > 0 && sp->blocks->len > 0;

    switch (item->type) {
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        return spreads ? spread_pages(sp, item, error)
                       : bm_stream_live_item(sp->pass.inner, item, error);
    case BM_ITEM_NAMED:
        /* About the next page of the origin, which comes in another order. */
        return spreads || bm_stream_live_item(sp->pass.inner, item, error);
    case BM_ITEM_PAGE_SIZE:
        sp->page_size = item->value;
        sp->frame_sent = FALSE;
        break;
    case BM_ITEM_BLOCKS:
        take_blocks(sp, item);
        break;
    default:
        break;
    }
    return end_meeting(sp, error) && bm_stream_live_item(sp->pass.inner, item, error);
}

/* ---- the stream around them ---- */

static gboolean spread_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    BmSpread *sp = spread_of(s);

    return bm_stream_hello(sp->pass.inner, hello, error) &&
           bm_stream_flush(sp->pass.inner, error) && connect_all(sp, error);
}

static void begin_section(BmSpread *sp, const BmSection *section)
{
    if (strcmp(section->name, "ram") != 0 || section->version != RAM_VERSION ||
        sp->section.name != NULL) {
        return;
    }
    sp->section = *section;
    sp->section.name = "ram";
    for (unsigned i = 0; i < sp->n; i++) {
        bm_channel_out_section(sp->channels[i], &sp->section);
    }
}

static gboolean spread_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                  GError **error)
{
    BmSpread *sp = spread_of(s);

    if (phase == BM_PHASE_START) {
        begin_section(sp, section);
    }
    sp->open = !sp->off && phase != BM_PHASE_START && sp->pass.packages == 0 &&
               sp->section.name != NULL && section->id == sp->section.id;
    return bm_stream_live_begin(sp->pass.inner, phase, section, error);
}

static gboolean spread_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    BmSpread *sp = spread_of(s);

    sp->open = FALSE;
    return end_meeting(sp, error) && bm_stream_live_end(sp->pass.inner, bare, error);
}

static gboolean spread_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    BmSpread *sp = spread_of(s);

    if (code == POSTCOPY_ADVISE && !sp->off) {
        sp->off = TRUE;
        bm_report("bermig send", "the channels are not used: QEMU's capability postcopy-ram is on, "
                                 "and its pages must come in the order in which they are asked "
                                 "for");
    }
    return bm_stream_command(sp->pass.inner, code, data, error);
}

/* The rest of a piece that is not understood. */
static gboolean spread_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    return end_meeting(spread_of(s), error) &&
           bm_stream_remainder(spread_of(s)->pass.inner, reason, data, error);
}

static gboolean end_channels(BmSpread *sp, BmChannelEnd *ends, GError **error)
{
    for (unsigned i = 0; i < sp->n; i++) {
        if (!bm_channel_out_end(sp->channels[i])) {
            return broken(sp, sp->channels[i], error);
        }
    }
    for (unsigned i = 0; i < sp->n; i++) {
        const BmBerStats *stats = bm_channel_out_stats(sp->channels[i]);

        if (!bm_channel_out_wait(sp->channels[i], NULL)) {
            return broken(sp, sp->channels[i], error);
        }
        ends[i] = (BmChannelEnd){stats->trailer_octets, stats->digest};
    }
    return TRUE;
}

static gboolean spread_end(BmStreamVisitor *s, GError **error)
{
    BmSpread *sp = spread_of(s);
    BmChannelEnd ends[BM_LIMIT_CHANNELS];

    return end_channels(sp, ends, error) &&
           bm_stream_channel_ends(sp->pass.inner, ends, sp->n, error) &&
           bm_stream_end(sp->pass.inner, error);
}

static gboolean spread_flush(BmStreamVisitor *s, GError **error)
{
    flush_all(spread_of(s));
    return bm_stream_flush(spread_of(s)->pass.inner, error);
}

static void free_inner(BmStreamVisitor *s)
{
    g_clear_pointer(&spread_of(s)->pass.inner, bm_stream_free);
}

static const BmStreamOps spread_ops = {
    .otherwise = &bm_stream_pass_ops,
    .hello = spread_hello,
    .live_begin = spread_live_begin,
    .live_item = spread_live_item,
    .live_end = spread_live_end,
    .command = spread_command,
    .remainder = spread_remainder,
    .end = spread_end,
    .flush = spread_flush,
    .free = free_inner,
};

BmSpread *bm_spread_new(const BmSpreadSetup *setup)
{
    BmSpread *sp = g_new0(BmSpread, 1);

    sp->pass.base.ops = &spread_ops;
    sp->setup = *setup;
    sp->blocks = bm_block_list_new();
    g_mutex_init(&sp->lock);
    return sp;
}

BmStreamVisitor *bm_spread_stream(BmSpread *spread, BmStreamVisitor *inner)
{
    spread->pass.inner = inner;
    return &spread->pass.base;
}

void bm_spread_commit(BmSpread *spread)
{
    for (unsigned i = 0; spread != NULL && i < spread->n; i++) {
        bm_channel_out_commit(spread->channels[i]);
    }
}

/* ---- from all threads ---- */

void bm_spread_cut(BmSpread *spread)
{
    if (spread == NULL) {
        return;
    }
    g_mutex_lock(&spread->lock);
    spread->cut = TRUE;
    for (unsigned i = 0; i < spread->n; i++) {
        bm_channel_out_cut(spread->channels[i]);
    }
    g_mutex_unlock(&spread->lock);
}

const GError *bm_spread_error(BmSpread *spread)
{
    const GError *error = NULL;

    if (spread != NULL) {
        g_mutex_lock(&spread->lock);
        error = spread->error;
        g_mutex_unlock(&spread->lock);
    }
    return error;
}

uint64_t bm_spread_octets(BmSpread *spread)
{
    uint64_t octets = 0;

    if (spread == NULL) {
        return 0;
    }
    g_mutex_lock(&spread->lock);
    for (unsigned i = 0; i < spread->n; i++) {
        octets += bm_channel_out_octets(spread->channels[i]);
    }
    g_mutex_unlock(&spread->lock);
    return octets;
}

unsigned bm_spread_resumed(BmSpread *spread)
{
    unsigned resumed = 0;

    if (spread == NULL) {
        return 0;
    }
    g_mutex_lock(&spread->lock);
    for (unsigned i = 0; i < spread->n; i++) {
        resumed += bm_channel_out_resumed(spread->channels[i]);
    }
    g_mutex_unlock(&spread->lock);
    return resumed;
}

void bm_spread_free(BmSpread *spread)
{
    if (spread == NULL) {
        return;
    }
    for (unsigned i = 0; i < spread->n; i++) {
        bm_channel_out_free(spread->channels[i]);
    }
    g_array_unref(spread->blocks);
    g_clear_error(&spread->error);
    g_mutex_clear(&spread->lock);
    g_free(spread);
}
