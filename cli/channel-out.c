/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel-out.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "channels-offer.h"
#include "helper.h"
#include "tee.h"

/* One is filled, one is compressed and written, one waits for that. */
#define CHUNKS 3
/* Items of one chunk: scattered pages have little data, and each is an item. */
#define ITEMS_MAX 4096u

typedef struct Chunk {
    GArray *items; /* BmItem; lists of blocks are the chunk's own */
    size_t used;   /* of data */
    gboolean last; /* the stream ends behind it */
    uint8_t data[BM_CHANNEL_DATA];
} Chunk;

struct BmChannelOut {
    BmChannelSetup setup;
    char *record;
    BmTee *tee; /* NULL: no recording */
    BmOutput *out;
    BmHelper *helper;
    BmSection section;

    /* of who gives items */
    Chunk *filling; /* NULL: none is at hand */

    GMutex lock; /* what follows */
    GCond changed;
    GQueue ready, spare;
    unsigned made;
    gboolean over; /* the thread takes no more: it has failed, or was cut */

    /* of the thread */
    BmStreamVisitor *stream;
    BmBerStats stats;
    _Atomic uint64_t octets;
    gboolean began, parted; /* the section has begun; its Start is over */
    GError *why;            /* it has failed */
};

/* ---- chunks ---- */

static void free_blocks(const BmItem *item)
{
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        g_free((char *)item->blocks[i].name);
    }
    g_free((BmRamBlock *)item->blocks);
}

static void empty_chunk(Chunk *chunk)
{
    for (guint i = 0; i < chunk->items->len; i++) {
        free_blocks(&g_array_index(chunk->items, BmItem, i));
    }
    g_array_set_size(chunk->items, 0);
    chunk->used = 0;
}

static void free_chunk(gpointer data)
{
    Chunk *chunk = data;

    if (chunk != NULL) {
        empty_chunk(chunk);
        g_array_unref(chunk->items);
        g_free(chunk);
    }
}

static Chunk *new_chunk(void)
{
    Chunk *chunk = g_malloc(sizeof(*chunk));

    chunk->items = g_array_new(FALSE, FALSE, sizeof(BmItem));
    chunk->used = 0;
    chunk->last = FALSE;
    return chunk;
}

/* Takes an empty one, or waits for it; NULL when the channel is over. */
static Chunk *take_spare(BmChannelOut *c)
{
    Chunk *chunk = NULL;

    g_mutex_lock(&c->lock);
    while (!c->over && g_queue_is_empty(&c->spare) && c->made == CHUNKS) {
        g_cond_wait(&c->changed, &c->lock);
    }
    if (!c->over && !g_queue_is_empty(&c->spare)) {
        chunk = g_queue_pop_head(&c->spare);
    } else if (!c->over) {
        chunk = new_chunk();
        c->made++;
    }
    g_mutex_unlock(&c->lock);
    return chunk;
}

/* Puts it into one of the queues. */
static void hand_on(BmChannelOut *c, GQueue *queue, Chunk *chunk)
{
    g_mutex_lock(&c->lock);
    g_queue_push_tail(queue, chunk);
    g_cond_broadcast(&c->changed);
    g_mutex_unlock(&c->lock);
}

/* The next one to be written, or NULL when the channel is over. */
static Chunk *take_ready(BmChannelOut *c)
{
    Chunk *chunk;

    g_mutex_lock(&c->lock);
    while (!c->over && g_queue_is_empty(&c->ready)) {
        g_cond_wait(&c->changed, &c->lock);
    }
    chunk = c->over ? NULL : g_queue_pop_head(&c->ready);
    g_mutex_unlock(&c->lock);
    return chunk;
}

/* ---- giving ---- */

void bm_channel_out_section(BmChannelOut *c, const BmSection *section)
{
    c->section = *section;
}

gboolean bm_channel_out_flush(BmChannelOut *c)
{
    if (c->filling != NULL && (c->filling->items->len > 0 || c->filling->last)) {
        hand_on(c, &c->ready, g_steal_pointer(&c->filling));
    }
    return TRUE;
}

/* Room for one more item with so much data. */
static Chunk *make_room(BmChannelOut *c, size_t len)
{
    if (c->filling != NULL &&
        (c->filling->items->len == ITEMS_MAX || len > BM_CHANNEL_DATA - c->filling->used)) {
        bm_channel_out_flush(c);
    }
    if (c->filling == NULL) {
        c->filling = take_spare(c);
    }
    return c->filling;
}

static const BmRamBlock *copy_blocks(const BmItem *item)
{
    BmRamBlock *blocks = g_memdup2(item->blocks, item->n_blocks * sizeof(*blocks));

    for (uint32_t i = 0; i < item->n_blocks; i++) {
        blocks[i].name = g_strdup(blocks[i].name);
    }
    return blocks;
}

/* Neighbouring pages become one item, as their data lies together anyway. */
static gboolean join_last(Chunk *chunk, const BmItem *item)
{
    BmItem *last =
        chunk->items->len > 0 ? &g_array_index(chunk->items, BmItem, chunk->items->len - 1) : NULL;

    if (last == NULL || (item->type != BM_ITEM_PAGES && item->type != BM_ITEM_ZEROS) ||
        last->type != item->type || last->block != item->block ||
        last->page + last->count != item->page) {
        return FALSE;
    }
    last->count += item->count;
    last->data.len += item->data.len;
    return TRUE;
}

gboolean bm_channel_out_item(BmChannelOut *c, const BmItem *item)
{
    Chunk *chunk = make_room(c, item->data.len);
    BmItem copy = *item;

    if (chunk == NULL) {
        return FALSE;
    }
    if (item->data.len > 0) {
        copy.data.data = memcpy(chunk->data + chunk->used, item->data.data, item->data.len);
        chunk->used += item->data.len;
    }
    if (!join_last(chunk, &copy)) {
        copy.stable = item->type == BM_ITEM_PAGES;
        copy.blocks = item->n_blocks > 0 ? copy_blocks(item) : NULL;
        g_array_append_val(chunk->items, copy);
    }
    return TRUE;
}

gboolean bm_channel_out_end(BmChannelOut *c)
{
    Chunk *chunk = make_room(c, 0);

    if (chunk == NULL) {
        return FALSE;
    }
    chunk->last = TRUE;
    return bm_channel_out_flush(c);
}

/* ---- the thread: the stream ---- */

static gboolean begin_stream(BmChannelOut *c, GError **error)
{
    const BmPreamble preamble = {
        .major = BM_VERSION_MAJOR,
        .minor = BM_VERSION_MINOR,
        .direction = BM_FORWARD,
        .generator = "bermig " BERMIG_VERSION,
    };
    g_autoptr(BmHelloBox) hello = bm_hello_box_new();

    bm_channel_number_add(c->setup.number, c->setup.token, hello);
    return bm_stream_begin(c->stream, &preamble, error) &&
           bm_stream_hello(c->stream, bm_hello_box_get(hello), error) &&
           bm_stream_flush(c->stream, error);
}

/* The section has begun before its first item, and its Start ends before the first one that
 * is no part of the frame of pages. */
static gboolean enter_section(BmChannelOut *c, const BmItem *item, GError **error)
{
    gboolean frame = item->type == BM_ITEM_PAGE_SIZE || item->type == BM_ITEM_BLOCKS;

    if (!c->began) {
        c->began = TRUE;
        if (!bm_stream_live_begin(c->stream, BM_PHASE_START, &c->section, error)) {
            return FALSE;
        }
    }
    if (c->parted || frame) {
        return TRUE;
    }
    c->parted = TRUE;
    return bm_stream_live_end(c->stream, FALSE, error) &&
           bm_stream_live_begin(c->stream, BM_PHASE_PART, &c->section, error);
}

static gboolean end_stream(BmChannelOut *c, GError **error)
{
    const BmDescription none = {0};

    return (!c->began || bm_stream_live_end(c->stream, FALSE, error)) &&
           bm_stream_finish(c->stream, &none, error) && bm_stream_end(c->stream, error);
}

/* Its data is borrowed up to the flush. */
static gboolean write_chunk(BmChannelOut *c, const Chunk *chunk, GError **error)
{
    for (guint i = 0; i < chunk->items->len; i++) {
        const BmItem *item = &g_array_index(chunk->items, BmItem, i);

        if (!enter_section(c, item, error) || !bm_stream_live_item(c->stream, item, error)) {
            return FALSE;
        }
    }
    if (chunk->last && !end_stream(c, error)) {
        return FALSE;
    }
    return bm_stream_flush(c->stream, error);
}

static gboolean write_chunks(BmChannelOut *c, GError **error)
{
    gboolean ok = TRUE, last = FALSE;

    while (ok && !last) {
        Chunk *chunk = take_ready(c);

        if (chunk == NULL) {
            return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "it was ended from here");
        }
        ok = write_chunk(c, chunk, error);
        c->octets = bm_output_offset(c->out);
        last = chunk->last;
        empty_chunk(chunk);
        hand_on(c, &c->spare, chunk);
    }
    return ok && (c->tee == NULL || bm_tee_drain(c->tee, error));
}

/* What the descriptor cannot tell, what is behind it may know. */
static const char *reason(const BmChannelOut *c, const GError *error)
{
    const GError *why = bm_carrier_error(&c->setup.carrier);
    int number = bm_output_errno(c->out);

    if (why != NULL) {
        return why->message;
    }
    if (number == EPIPE || number == ECONNRESET) {
        return "the receiver closed the connection";
    }
    return number != 0 ? g_strerror(number) : error->message;
}

static void explain(BmChannelOut *c, GError **error)
{
    bm_error_set(&c->why, BM_PEER, BM_NO_OFFSET, NULL, "channel %u: %s", c->setup.number,
                 reason(c, *error));
    g_clear_error(error);
    *error = g_error_copy(c->why);
}

static gboolean run(BmHelper *helper, void *data, GError **error)
{
    BmChannelOut *c = data;
    gboolean ok = begin_stream(c, error) && write_chunks(c, error);

    (void)helper;
    if (!ok) {
        explain(c, error);
    }
    return ok;
}

static void failed(void *data)
{
    BmChannelOut *c = data;

    g_mutex_lock(&c->lock);
    c->over = TRUE;
    g_cond_broadcast(&c->changed);
    g_mutex_unlock(&c->lock);
    c->setup.failed(c->setup.data, c->why);
}

static const BmHelperOps ops = {.name = "channel", .run = run, .failed = failed};

/* ---- the beginning and the end ---- */

static gboolean start(BmChannelOut *c, GError **error)
{
    int fd = c->setup.carrier.fd;

    if (c->setup.record != NULL) {
        c->record = g_strdup_printf("%s.%u", c->setup.record, c->setup.number);
        c->tee = bm_tee_open(c->record, fd, error);
        if (c->tee == NULL) {
            return FALSE;
        }
        fd = bm_tee_fd(c->tee);
    }
    c->out = bm_output_fd(fd);
    if (c->out == NULL) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    }
    c->stream = bm_ber_stream_out(c->out, c->setup.level, &c->stats);
    c->helper = bm_helper_start(&ops, c, error);
    return c->helper != NULL;
}

BmChannelOut *bm_channel_out_start(const BmChannelSetup *setup, GError **error)
{
    BmChannelOut *c = g_new0(BmChannelOut, 1);

    c->setup = *setup;
    g_mutex_init(&c->lock);
    g_cond_init(&c->changed);
    g_queue_init(&c->ready);
    g_queue_init(&c->spare);
    if (!start(c, error)) {
        g_clear_pointer(&c, bm_channel_out_free);
    }
    return c;
}

void bm_channel_out_cut(BmChannelOut *c)
{
    g_mutex_lock(&c->lock);
    c->over = TRUE;
    g_cond_broadcast(&c->changed);
    g_mutex_unlock(&c->lock);
    bm_carrier_shut(&c->setup.carrier);
}

gboolean bm_channel_out_wait(BmChannelOut *c, GError **error)
{
    bm_helper_wait(c->helper, G_MAXUINT);
    const GError *failure = bm_helper_error(c->helper);

    if (failure != NULL) {
        g_propagate_error(error, g_error_copy(failure));
        return FALSE;
    }
    return TRUE;
}

const BmBerStats *bm_channel_out_stats(const BmChannelOut *c)
{
    return &c->stats;
}

void bm_channel_out_commit(BmChannelOut *c)
{
    if (c->tee != NULL) {
        bm_tee_commit(c->tee);
    }
}

uint64_t bm_channel_out_octets(const BmChannelOut *c)
{
    return c->octets;
}

unsigned bm_channel_out_resumed(const BmChannelOut *c)
{
    return bm_carrier_resumed(&c->setup.carrier);
}

void bm_channel_out_free(BmChannelOut *c)
{
    if (c == NULL) {
        return;
    }
    if (c->helper != NULL && !bm_helper_wait(c->helper, 0)) {
        bm_channel_out_cut(c);
    }
    bm_helper_free(c->helper);
    bm_stream_free(c->stream);
    bm_tee_free(c->tee);
    bm_output_free(c->out);
    bm_carrier_clear(&c->setup.carrier, c->over);
    free_chunk(c->filling);
    g_queue_clear_full(&c->ready, free_chunk);
    g_queue_clear_full(&c->spare, free_chunk);
    g_mutex_clear(&c->lock);
    g_cond_clear(&c->changed);
    g_clear_error(&c->why);
    g_free(c->record);
    g_free(c);
}
