/* SPDX-License-Identifier: BSD-2-Clause */
#include "join.h"

#include <string.h>

#include "block-list.h"
#include "stream-pass.h"

/* What pages go by: as the main stream has it, or as a channel had it last.  `sized` and
 * `listed` count how often the main stream has changed the one and the other. */
typedef struct Frame {
    unsigned sized, listed;
} Frame;

typedef struct Channel {
    BmStreamVisitor base;
    BmJoin *join;
    unsigned number;
    BmInput *in;
    GThread *thread; /* NULL: not started */
    BmBerStats stats;
    BmSection section; /* of its pieces */
    Frame frame;       /* under the join's lock, as what follows */
    uint64_t met;      /* its last meet */
    gboolean ended;    /* its stream is whole */
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
    unsigned failed;    /* whose error it is */
    BmSection section;  /* of the main stream's memory */
    Frame frame;        /* of the main stream */
    uint64_t page_size; /* the same */
    uint64_t total;
    GArray *blocks; /* BmRamBlock */
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

/* Or never will.  Under the lock. */
static gboolean has_met(const Channel *c)
{
    return c->met >= c->join->meetings || c->ended;
}

static gboolean is_first(const Channel *c)
{
    for (const Channel *before = c->join->channels; before < c; before++) {
        if (!has_met(before)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* The main stream waits for what this channel has next.  Under the lock. */
static gboolean is_wanted(const Channel *c)
{
    return c->join->meeting && c->join->meetings == c->met + 1 &&
           (!c->join->setup.in_order || is_first(c));
}

/* FALSE: nothing will be wanted any more. */
static gboolean await_turn(const Channel *c, GError **error)
{
    while (!c->join->over && !c->join->closing && !is_wanted(c)) {
        g_cond_wait(&c->join->changed, &c->join->lock);
    }
    return is_wanted(c) || wrong("pages behind the last meet", error);
}

static gboolean take_size(Channel *c, const BmItem *item, GError **error)
{
    if (item->value != c->join->page_size) {
        return wrong("another size of pages than in the main stream", error);
    }
    c->frame.sized = c->join->frame.sized;
    return TRUE;
}

static gboolean take_list(Channel *c, const BmItem *item, GError **error)
{
    if (item->value != c->join->total || !bm_block_list_is(c->join->blocks, item)) {
        return wrong("another list of RAM blocks than in the main stream", error);
    }
    c->frame.listed = c->join->frame.listed;
    return TRUE;
}

/* The name is only there for a call. */
static BmSection without_name(const BmSection *section)
{
    BmSection own = *section;

    own.name = NULL;
    return own;
}

static gboolean same_section(const BmSection *a, const BmSection *b)
{
    return a->id == b->id && a->instance == b->instance && a->version == b->version;
}

/* Its pages were compared with the list that the channel has, so it must be that of the main
 * stream, which may have got another one. */
static gboolean put_page(const Channel *c, const BmItem *item, GError **error)
{
    const BmJoin *join = c->join;

    if (!same_section(&c->section, &join->section)) {
        return wrong("another section than that of the main stream's memory", error);
    }
    if (c->frame.sized != join->frame.sized || c->frame.listed != join->frame.listed) {
        return wrong("pages by a list of RAM blocks that the main stream has no more", error);
    }
    return bm_stream_live_item(join->pass.inner, item, error);
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
static gboolean put_item(Channel *c, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        return take_size(c, item, error);
    case BM_ITEM_BLOCKS:
        return take_list(c, item, error);
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        return put_page(c, item, error);
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
    (void)phase;
    channel_of(s)->section = without_name(section);
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

static void note_end(Channel *c)
{
    g_mutex_lock(&c->join->lock);
    c->ended = TRUE;
    g_cond_broadcast(&c->join->changed);
    g_mutex_unlock(&c->join->lock);
}

/* The first failure ends all; what fails then is no news.  Under the lock; takes the error. */
static gboolean fail(BmJoin *join, unsigned number, GError *error)
{
    gboolean first = !join->over;

    if (first) {
        join->over = TRUE;
        join->failed = number;
        join->error = g_steal_pointer(&error);
        g_prefix_error(&join->error, "channel %u: ", number);
    }
    g_clear_error(&error);
    g_cond_broadcast(&join->changed);
    return first;
}

static void note_failure(Channel *c, GError *error)
{
    const BmJoinSetup *setup = &c->join->setup;
    gboolean first;

    if (setup->explain != NULL) {
        setup->explain(setup->data, c->number, &error);
    }
    g_mutex_lock(&c->join->lock);
    first = fail(c->join, c->number, error);
    g_mutex_unlock(&c->join->lock);
    if (first && setup->failed != NULL) {
        setup->failed(setup->data);
    }
}

static gpointer run(gpointer data)
{
    Channel *c = data;
    GError *error = NULL;

    if (bm_ber_stream_read(c->in, &c->base, FALSE, &c->stats, &error)) {
        note_end(c);
    } else {
        note_failure(c, error);
    }
    return NULL;
}

static gboolean start_threads(BmJoin *join, GError **error)
{
    for (unsigned i = 0; i < join->n; i++) {
        join->channels[i].thread = g_thread_try_new("channel", run, &join->channels[i], error);
        if (join->channels[i].thread == NULL) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean start(BmJoin *join, BmInput *const *inputs, unsigned count, GError **error)
{
    join->channels = g_new0(Channel, count);
    join->n = count;
    for (unsigned i = 0; i < count; i++) {
        join->channels[i].base.ops = &channel_ops;
        join->channels[i].join = join;
        join->channels[i].number = i + 1;
        join->channels[i].in = inputs[i];
    }
    return start_threads(join, error);
}

/* ---- the main stream ---- */

/* Whoever comes behind shall not wait for channels. */
static gboolean pass_hello(const BmJoin *join, const BmHello *hello, GError **error)
{
    g_autofree BmCapability *left = g_new(BmCapability, hello->n_capabilities);
    BmHello said = *hello;

    said.capabilities = left;
    said.n_capabilities = 0;
    for (uint32_t i = 0; i < hello->n_capabilities; i++) {
        if (strcmp(hello->capabilities[i].name, BM_CHANNELS_CAPABILITY) != 0) {
            left[said.n_capabilities++] = hello->capabilities[i];
        }
    }
    return bm_stream_hello(join->pass.inner, &said, error);
}

static gboolean join_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    BmJoin *join = join_of(s);
    BmInput *inputs[BM_LIMIT_CHANNELS] = {NULL};
    unsigned count = 0;

    return join->setup.open(join->setup.data, hello, inputs, &count, error) &&
           start(join, inputs, count, error) && pass_hello(join, hello, error);
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

/* Under the lock, as a failure of this channel. */
static gboolean blame(BmJoin *join, unsigned number, int code, const char *what, GError **error)
{
    GError *why = NULL;

    bm_error_set(&why, code, BM_NO_OFFSET, NULL, "%s", what);
    fail(join, number, why);
    g_propagate_error(error, g_error_copy(join->error));
    return FALSE;
}

static gboolean have_met(BmJoin *join, GError **error)
{
    for (unsigned i = 0; i < join->n; i++) {
        if (join->channels[i].met < join->meetings) {
            g_autofree char *what =
                g_strdup_printf("it ended before meet %" G_GUINT64_FORMAT, join->meetings);

            return blame(join, i + 1, BM_BAD_ORDER, what, error);
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

/* Read by the channels at the next meet; what is the same again changes nothing. */
static void take_frame(BmJoin *join, const BmItem *item)
{
    if (item->type == BM_ITEM_PAGE_SIZE) {
        join->frame.sized += item->value != join->page_size;
        join->page_size = item->value;
    } else if (item->value != join->total || !bm_block_list_is(join->blocks, item)) {
        join->frame.listed++;
        join->total = item->value;
        bm_block_list_set(join->blocks, item);
    }
}

static gboolean join_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                GError **error)
{
    BmJoin *join = join_of(s);

    join->start = phase == BM_PHASE_START;
    if (strcmp(section->name, "ram") == 0) {
        g_mutex_lock(&join->lock);
        join->section = without_name(section);
        g_mutex_unlock(&join->lock);
    }
    return bm_stream_live_begin(join->pass.inner, phase, section, error);
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

/* Under the lock. */
static gboolean compare(BmJoin *join, const BmChannelEnd *list, GError **error)
{
    for (unsigned i = 0; i < join->n; i++) {
        const BmBerStats *stats = &join->channels[i].stats;

        if (list[i].octets != stats->trailer_octets || list[i].digest != stats->digest) {
            return blame(join, i + 1, BM_MISMATCH, "it is not the one that was sent", error);
        }
    }
    return TRUE;
}

static gboolean join_channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                                  GError **error)
{
    BmJoin *join = join_of(s);
    gboolean ok;

    if (n != join->n) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the ends of %u channels, expected %u", n, join->n);
    }
    g_mutex_lock(&join->lock);
    join->closing = TRUE;
    g_cond_broadcast(&join->changed);
    ok = await_all(join, has_ended, error) && compare(join, list, error);
    g_mutex_unlock(&join->lock);
    join->compared = TRUE;
    return ok;
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

const GError *bm_join_error(BmJoin *join, unsigned *number)
{
    const GError *error;

    g_mutex_lock(&join->lock);
    error = join->error;
    if (number != NULL) {
        *number = join->failed;
    }
    g_mutex_unlock(&join->lock);
    return error;
}

void bm_join_stop(BmJoin *join)
{
    g_mutex_lock(&join->lock);
    join->over = TRUE;
    g_cond_broadcast(&join->changed);
    g_mutex_unlock(&join->lock);
}

void bm_join_free(BmJoin *join)
{
    if (join == NULL) {
        return;
    }
    bm_join_stop(join);
    for (unsigned i = 0; i < join->n; i++) {
        if (join->channels[i].thread != NULL) {
            g_thread_join(join->channels[i].thread);
        }
    }
    g_free(join->channels);
    g_array_unref(join->blocks);
    g_clear_error(&join->error);
    g_mutex_clear(&join->lock);
    g_cond_clear(&join->changed);
    g_free(join);
}
