/* SPDX-License-Identifier: BSD-2-Clause */
#include "join.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>

#include "block-list.h"
#include "helper.h"
#include "stream-pass.h"

/* A channel's stream begins with no more up to its hello. */
#define HELLO_MAX 4096u

typedef struct Channel {
    BmStreamVisitor base;
    BmJoin *join;
    unsigned number;
    BmArrival arrival;
    BmHelper *helper;
    BmBerStats stats;
    uint64_t met;   /* its last meet; under the join's lock */
    gboolean ended; /* its stream is whole; the same */
} Channel;

struct BmJoin {
    BmStreamPass pass;
    BmJoinSetup setup;
    Channel *channels; /* by number, from 1 on */
    unsigned n;
    gboolean compared; /* the main stream has said how they ended */
    gboolean start;    /* the piece at work is the first one of its section */

    GMutex lock; /* what follows */
    GCond changed;
    uint64_t meetings; /* of the main stream */
    gboolean meeting;  /* it waits at the last one: channels may use what is inside */
    gboolean closing;  /* it has no more of them */
    gboolean over;     /* one has failed, or all are ended */
    GError *error;
    uint64_t page_size; /* of the main stream */
    GArray *blocks;     /* BmRamBlock */
};

static BmJoin *join_of(BmStreamVisitor *s)
{
    return (BmJoin *)s;
}

static Channel *channel_of(BmStreamVisitor *s)
{
    return (Channel *)s;
}

/* ---- a channel: its pages ---- */

static gboolean wrong(const char *what, GError **error)
{
    return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL, "%s", what);
}

/* The main stream waits for what this channel has next.  Under the lock. */
static gboolean is_wanted(const Channel *c)
{
    return c->join->meeting && c->join->meetings == c->met + 1;
}

/* FALSE: nothing will be wanted any more. */
static gboolean await_turn(const Channel *c, GError **error)
{
    while (!c->join->over && !c->join->closing && !is_wanted(c)) {
        g_cond_wait(&c->join->changed, &c->join->lock);
    }
    return is_wanted(c) || wrong("pages behind the last meet", error);
}

static gboolean same_blocks(const BmJoin *join, const BmItem *item)
{
    gboolean same = item->n_blocks == join->blocks->len;

    for (uint32_t i = 0; same && i < item->n_blocks; i++) {
        const BmRamBlock *own = &g_array_index(join->blocks, BmRamBlock, i);

        same =
            own->length == item->blocks[i].length && strcmp(own->name, item->blocks[i].name) == 0;
    }
    return same;
}

static gboolean meet(Channel *c, uint64_t number, GError **error)
{
    if (number != c->met + 1) {
        return wrong("a meet of another number than the next one", error);
    }
    c->met = number;
    g_cond_broadcast(&c->join->changed);
    return TRUE;
}

/* Under the lock, and in the channel's turn. */
static gboolean put_item(const Channel *c, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        return item->value == c->join->page_size ||
               wrong("another size of pages than in the main stream", error);
    case BM_ITEM_BLOCKS:
        return same_blocks(c->join, item) ||
               wrong("another list of RAM blocks than in the main stream", error);
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        return bm_stream_live_item(c->join->pass.inner, item, error);
    default:
        return wrong("an item that is no page", error);
    }
}

static gboolean channel_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Channel *c = channel_of(s);
    gboolean ok;

    g_mutex_lock(&c->join->lock);
    if (item->type == BM_ITEM_MEET) {
        ok = meet(c, item->value, error);
    } else {
        ok = await_turn(c, error) && put_item(c, item, error);
    }
    g_mutex_unlock(&c->join->lock);
    return ok;
}

/* Nothing more is at hand of this channel. */
static gboolean channel_flush(BmStreamVisitor *s, GError **error)
{
    Channel *c = channel_of(s);
    gboolean ok;

    g_mutex_lock(&c->join->lock);
    ok = c->join->over || !is_wanted(c) || bm_stream_flush(c->join->pass.inner, error);
    g_mutex_unlock(&c->join->lock);
    return ok;
}

/* ---- a channel: what it must not have ---- */

static gboolean no_page(GError **error)
{
    return wrong("a channel with something else than pages", error);
}

static gboolean channel_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    (void)s;
    return preamble->direction == BM_FORWARD || no_page(error);
}

static gboolean channel_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    (void)s;
    (void)c;
    return no_page(error);
}

static gboolean channel_device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    (void)s;
    (void)device;
    return no_page(error);
}

static gboolean channel_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                   GError **error)
{
    (void)s;
    (void)phase;
    return strcmp(section->name, "ram") == 0 || no_page(error);
}

static gboolean channel_packet(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    (void)s;
    (void)item;
    return no_page(error);
}

static gboolean channel_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    (void)s;
    (void)code;
    (void)data;
    return no_page(error);
}

static gboolean channel_package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    (void)s;
    (void)length;
    return no_page(error);
}

static gboolean channel_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data,
                                  GError **error)
{
    (void)s;
    (void)reason;
    (void)data;
    return no_page(error);
}

static const BmStreamOps channel_ops = {
    .begin = channel_begin,
    .configuration = channel_configuration,
    .device = channel_device,
    .live_begin = channel_live_begin,
    .live_item = channel_live_item,
    .channel = channel_packet,
    .command = channel_command,
    .package_begin = channel_package_begin,
    .remainder = channel_remainder,
    .flush = channel_flush,
};

/* ---- a channel: its thread ---- */

/* What the descriptor cannot tell, the link may know. */
static void explain(const Channel *c, GError **error)
{
    const GError *link = bm_link_error(c->arrival.link);

    if (link != NULL) {
        g_clear_error(error);
        *error = g_error_copy(link);
    }
    g_prefix_error(error, "channel %u: ", c->number);
}

static void note_end(Channel *c)
{
    g_mutex_lock(&c->join->lock);
    c->ended = TRUE;
    g_cond_broadcast(&c->join->changed);
    g_mutex_unlock(&c->join->lock);
}

/* The first failure ends all; what fails then is no news. */
static void note_failure(Channel *c, const GError *error)
{
    BmJoin *join = c->join;
    gboolean first;

    g_mutex_lock(&join->lock);
    first = !join->over;
    if (first) {
        join->over = TRUE;
        join->error = g_error_copy(error);
    }
    g_cond_broadcast(&join->changed);
    g_mutex_unlock(&join->lock);
    if (first) {
        join->setup.failed(join->setup.data);
    }
}

static gboolean run(BmHelper *helper, void *data, GError **error)
{
    Channel *c = data;
    gboolean ok = bm_ber_stream_read(c->arrival.in, &c->base, FALSE, &c->stats, error);

    (void)helper;
    if (ok) {
        note_end(c);
    } else {
        explain(c, error);
        note_failure(c, *error);
    }
    return ok;
}

static const BmHelperOps helper_ops = {.name = "channel", .run = run};

/* ---- letting them in ---- */

/* In a thread for each who has connected. */
static gboolean meet_channel(BmArrival *arrival, const void *data, GError **error)
{
    const BmJoin *join = data;
    g_autoptr(BmHelloBox) hello = NULL;
    unsigned number;
    BmToken token;

    if (!bm_link_check_identity(arrival->link, join->setup.identity, error)) {
        return FALSE;
    }
    hello = bm_hello_look(arrival->in, HELLO_MAX, BM_RECEPTION_SECONDS);
    if (hello == NULL || !bm_channel_number_find(bm_hello_box_get(hello), &number, &token)) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "it is no channel of a sender");
    }
    return bm_token_is(bm_token_octets(&token), bm_token_octets(&join->setup.offer->token)) ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "it has no token for a channel of this sender");
}

/* Each number is there once. */
static gboolean seat(BmJoin *join, BmArrival *arrival, GError **error)
{
    g_autoptr(BmHelloBox) hello = bm_hello_look(arrival->in, HELLO_MAX, 0);
    unsigned number;
    BmToken token;

    if (hello == NULL || !bm_channel_number_find(bm_hello_box_get(hello), &number, &token) ||
        number > join->n || join->channels[number - 1].arrival.link != NULL) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the channels do not have the numbers 1 to %u", join->n);
    }
    join->channels[number - 1].arrival = *arrival;
    *arrival = (BmArrival){0};
    return TRUE;
}

static gboolean some_missing(const BmArrival *arrivals, unsigned n, GError **error)
{
    unsigned missing = 0;

    for (unsigned i = 0; i < n; i++) {
        missing += arrivals[i].link == NULL;
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "%u of the sender's %u channels did not come within %d s", missing, n,
                        BM_JOIN_SECONDS);
}

static gboolean await_channels(BmJoin *join, BmArrival *arrivals, GError **error)
{
    g_autoptr(GError) why = NULL;
    gboolean ok =
        bm_reception_wait_all(*join->setup.listener, join->setup.credentials, BM_JOIN_SECONDS,
                              join->setup.reader, meet_channel, join, arrivals, join->n, &why);

    if (!ok && g_error_matches(why, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
        return some_missing(arrivals, join->n, error);
    }
    if (!ok) {
        g_propagate_error(error, g_steal_pointer(&why));
    }
    for (unsigned i = 0; ok && i < join->n; i++) {
        ok = seat(join, &arrivals[i], error);
    }
    return ok;
}

static gboolean start_threads(BmJoin *join, GError **error)
{
    for (unsigned i = 0; i < join->n; i++) {
        join->channels[i].helper = bm_helper_start(&helper_ops, &join->channels[i], error);
        if (join->channels[i].helper == NULL) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean let_in(BmJoin *join, unsigned count, GError **error)
{
    BmArrival arrivals[BM_LIMIT_CHANNELS] = {{0}};
    gboolean ok;

    if (count > join->setup.offer->max) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the sender has %u channels, at most %u were offered", count,
                            join->setup.offer->max);
    }
    join->n = count;
    join->channels = g_new0(Channel, count);
    for (unsigned i = 0; i < count; i++) {
        join->channels[i].base.ops = &channel_ops;
        join->channels[i].join = join;
        join->channels[i].number = i + 1;
    }
    ok = await_channels(join, arrivals, error) && start_threads(join, error);
    for (unsigned i = 0; i < count; i++) {
        bm_arrival_clear(&arrivals[i]);
    }
    return ok;
}

/* ---- the main stream ---- */

static gboolean join_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    BmJoin *join = join_of(s);
    unsigned count = bm_channels_count_find(hello);

    return (count == 0 || let_in(join, count, error)) &&
           bm_stream_hello(join->pass.inner, hello, error);
}

/* FALSE while one is not as far as `done` says.  Under the lock. */
static gboolean are_all(const BmJoin *join, gboolean (*done)(const Channel *))
{
    for (unsigned i = 0; i < join->n; i++) {
        if (!done(&join->channels[i])) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean await_all(BmJoin *join, gboolean (*done)(const Channel *), GError **error)
{
    while (!join->over && !are_all(join, done)) {
        g_cond_wait(&join->changed, &join->lock);
    }
    if (join->over) {
        g_propagate_error(error, g_error_copy(join->error));
    }
    return !join->over;
}

/* Or never will. */
static gboolean has_met(const Channel *c)
{
    return c->met >= c->join->meetings || c->ended;
}

static gboolean have_met(const BmJoin *join, GError **error)
{
    for (unsigned i = 0; i < join->n; i++) {
        if (join->channels[i].met < join->meetings) {
            return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL,
                                "channel %u: it ended before meet %" G_GUINT64_FORMAT, i + 1,
                                join->meetings);
        }
    }
    return TRUE;
}

static gboolean has_ended(const Channel *c)
{
    return c->ended;
}

static gboolean meet_all(BmJoin *join, uint64_t number, GError **error)
{
    gboolean ok;

    if (join->n == 0) {
        return bm_stream_lacks_pages(error);
    }
    if (join->start || number != join->meetings + 1) {
        return wrong("a meet where none can be", error);
    }
    g_mutex_lock(&join->lock);
    join->meetings++;
    join->meeting = TRUE;
    g_cond_broadcast(&join->changed);
    ok = await_all(join, has_met, error) && have_met(join, error);
    join->meeting = FALSE;
    g_mutex_unlock(&join->lock);
    return ok;
}

/* Read by the channels at the next meet. */
static void take_frame(BmJoin *join, const BmItem *item)
{
    if (item->type == BM_ITEM_PAGE_SIZE) {
        join->page_size = item->value;
        return;
    }
    bm_block_list_set(join->blocks, item);
}

static gboolean join_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                GError **error)
{
    join_of(s)->start = phase == BM_PHASE_START;
    return bm_stream_live_begin(join_of(s)->pass.inner, phase, section, error);
}

static gboolean join_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    BmJoin *join = join_of(s);

    if (item->type == BM_ITEM_MEET) {
        return meet_all(join, item->value, error);
    }
    if (item->type == BM_ITEM_PAGE_SIZE || item->type == BM_ITEM_BLOCKS) {
        g_mutex_lock(&join->lock);
        take_frame(join, item);
        g_mutex_unlock(&join->lock);
    }
    return bm_stream_live_item(join->pass.inner, item, error);
}

static gboolean join_channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                                  GError **error)
{
    BmJoin *join = join_of(s);
    gboolean ok;

    g_mutex_lock(&join->lock);
    join->closing = TRUE;
    g_cond_broadcast(&join->changed);
    ok = await_all(join, has_ended, error);
    g_mutex_unlock(&join->lock);
    if (!ok) {
        return FALSE;
    }
    for (uint32_t i = 0; ok && n == join->n && i < n; i++) {
        const BmBerStats *stats = &join->channels[i].stats;

        ok = list[i].octets == stats->trailer_octets && list[i].digest == stats->digest;
    }
    join->compared = TRUE;
    return (ok && n == join->n) || bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                                                "the channels are not those that were sent");
}

static gboolean join_end(BmStreamVisitor *s, GError **error)
{
    const BmJoin *join = join_of(s);

    if (join->n > 0 && !join->compared) {
        return wrong("a stream with channels that does not say how they ended", error);
    }
    return bm_stream_end(join->pass.inner, error);
}

static const BmStreamOps join_ops = {
    .otherwise = &bm_stream_pass_ops,
    .hello = join_hello,
    .live_begin = join_live_begin,
    .live_item = join_live_item,
    .channel_ends = join_channel_ends,
    .end = join_end,
};

BmJoin *bm_join_new(const BmJoinSetup *setup)
{
    BmJoin *join = g_new0(BmJoin, 1);

    join->pass.base.ops = &join_ops;
    join->setup = *setup;
    join->blocks = bm_block_list_new();
    g_mutex_init(&join->lock);
    g_cond_init(&join->changed);
    return join;
}

BmStreamVisitor *bm_join_stream(BmJoin *join, BmStreamVisitor *inner)
{
    join->pass.inner = inner;
    return &join->pass.base;
}

unsigned bm_join_count(const BmJoin *join)
{
    return join->n;
}

uint64_t bm_join_octets(const BmJoin *join)
{
    uint64_t octets = 0;

    for (unsigned i = 0; i < join->n; i++) {
        octets += join->channels[i].stats.total;
    }
    return octets;
}

const GError *bm_join_error(BmJoin *join)
{
    const GError *error = NULL;

    if (join != NULL) {
        g_mutex_lock(&join->lock);
        error = join->error;
        g_mutex_unlock(&join->lock);
    }
    return error;
}

static void end_all(BmJoin *join)
{
    g_mutex_lock(&join->lock);
    join->over = TRUE;
    g_cond_broadcast(&join->changed);
    g_mutex_unlock(&join->lock);
    for (unsigned i = 0; i < join->n; i++) {
        if (join->channels[i].arrival.link != NULL) {
            shutdown(bm_link_fd(join->channels[i].arrival.link), SHUT_RDWR);
        }
    }
}

void bm_join_free(BmJoin *join)
{
    if (join == NULL) {
        return;
    }
    end_all(join);
    for (unsigned i = 0; i < join->n; i++) {
        bm_helper_free(join->channels[i].helper);
        bm_arrival_clear(&join->channels[i].arrival);
    }
    g_free(join->channels);
    g_array_unref(join->blocks);
    g_clear_error(&join->error);
    g_mutex_clear(&join->lock);
    g_cond_clear(&join->changed);
    g_free(join);
}
