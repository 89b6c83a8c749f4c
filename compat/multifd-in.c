/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page channels beside QEMU's stream: which one is read when.
 *
 * The stream counts the places where all channels must have come so far: a mark word of
 * its own (machine types from 8.1 on, which have one in the setup already), or the end of
 * each piece of `ram` (before).  A channel counts its packets with SYNC.  Neither is read
 * past the other, as QEMU's own loader does it.  In between, whatever comes is taken: with
 * files that is the stream, and what the channels have at the next place; a live QEMU is
 * listened to on all connections while the stream has nothing.
 */
#include <errno.h>
#include <poll.h>

#include "block-list.h"
#include "error.h"
#include "multifd-reader.h"
#include "multifd.h"
#include "stream-pass.h"

typedef struct Multifd {
    BmStreamPass pass;
    BmMultifdIn in;
    BmMultifdChannel *channels;
    struct pollfd *polled; /* room for all descriptors */
    BmMultifdFrame frame;
    gboolean begun; /* something of all channels has been read */
    gboolean in_section, in_ram;
    BmPhase phase;
    gboolean marked;    /* the stream has marks of its own */
    uint64_t syncs;     /* places that the stream has come to */
    gboolean exhausted; /* nothing of the channels is of interest any more */
} Multifd;

static Multifd *self(BmStreamVisitor *s)
{
    return (Multifd *)s;
}

static gboolean read_one(Multifd *m, BmMultifdChannel *c, GError **error)
{
    return bm_multifd_channel_read(c, &m->frame, m->pass.inner, error);
}

/* ---- places ---- */

/* The stream may go on only when all channels have come to where it is. */
static gboolean read_up_to_here(Multifd *m, BmMultifdChannel *c, GError **error)
{
    g_autofree char *path = NULL;

    while (!c->ended && !c->opaque && c->syncs < m->syncs) {
        if (!read_one(m, c, error)) {
            return FALSE;
        }
    }
    if (c->opaque || c->syncs >= m->syncs) {
        return TRUE;
    }
    path = g_strdup_printf("channel %u", c->number);
    return bm_error_set(error, BM_TRUNCATED, bm_input_offset(c->in), path,
                        "the channel ends, and has %" G_GUINT64_FORMAT
                        " synchronisations of at least %" G_GUINT64_FORMAT " that the stream has",
                        c->syncs, m->syncs);
}

static gboolean synchronise(Multifd *m, GError **error)
{
    m->syncs++;
    for (guint i = 0; i < m->in.n; i++) {
        if (!read_up_to_here(m, &m->channels[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean read_rest(Multifd *m, GError **error)
{
    m->exhausted = TRUE;
    for (guint i = 0; i < m->in.n; i++) {
        while (!m->channels[i].ended) {
            if (!read_one(m, &m->channels[i], error)) {
                return FALSE;
            }
        }
    }
    return TRUE;
}

/* ---- a live QEMU ---- */

/* The channel may be read: it is not past where the stream is. */
static gboolean is_open(const Multifd *m, const BmMultifdChannel *c)
{
    return !c->ended && !c->opaque && c->syncs <= m->syncs;
}

/* Some octets of a packet are there already. */
static gboolean read_buffered(Multifd *m, gboolean *any, GError **error)
{
    *any = FALSE;
    for (guint i = 0; i < m->in.n; i++) {
        BmMultifdChannel *c = &m->channels[i];

        while (is_open(m, c) && bm_input_available(c->in) > 0) {
            *any = TRUE;
            if (!read_one(m, c, error)) {
                return FALSE;
            }
        }
    }
    return TRUE;
}

/* Waits until the stream or a channel has something; *stream: the stream. */
static gboolean wait_for_any(Multifd *m, gboolean *stream, GError **error)
{
    struct pollfd *p = m->polled;
    int n;

    p[m->in.n] = (struct pollfd){.fd = m->in.stream_fd, .events = POLLIN};
    for (guint i = 0; i < m->in.n; i++) {
        int fd = is_open(m, &m->channels[i]) ? m->in.fds[i] : -1;

        p[i] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    do {
        n = poll(p, m->in.n + 1, -1);
    } while (n < 0 && errno == EINTR);
    *stream = p[m->in.n].revents != 0;
    return n > 0 ||
           bm_error_from_fault(
               error, &(BmFault){BM_IO, BM_NO_OFFSET, "the stream", 0, (uint64_t)errno}, NULL);
}

static gboolean read_what_came(Multifd *m, GError **error)
{
    for (guint i = 0; i < m->in.n; i++) {
        if (m->polled[i].revents != 0 && is_open(m, &m->channels[i]) &&
            !read_one(m, &m->channels[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* The stream has nothing at hand. */
static gboolean read_while_waiting(Multifd *m, GError **error)
{
    gboolean stream = FALSE, any;

    while (!stream) {
        if (!read_buffered(m, &any, error) || !wait_for_any(m, &stream, error) ||
            !read_what_came(m, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean flush(BmStreamVisitor *s, GError **error)
{
    Multifd *m = self(s);

    if (!bm_stream_flush(m->pass.inner, error)) {
        return FALSE;
    }
    /* Pages stand between other sections, or in `ram`. */
    if (m->in.stream_fd < 0 || !m->begun || m->exhausted || m->pass.packages > 0 ||
        (m->in_section && !m->in_ram)) {
        return TRUE;
    }
    return read_while_waiting(m, error);
}

/* ---- the stream ---- */

/* Behind the configuration, if there is one. */
static gboolean begin_channels(Multifd *m, GError **error)
{
    if (m->begun) {
        return TRUE;
    }
    m->begun = TRUE;
    for (guint i = 0; i < m->in.n; i++) {
        if (!read_one(m, &m->channels[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    Multifd *m = self(s);

    if (c->has_page_bits && c->page_bits < 32) {
        m->frame.page_size = UINT64_C(1) << c->page_bits;
    }
    return bm_stream_configuration(m->pass.inner, c, error) && begin_channels(m, error);
}

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    Multifd *m = self(s);

    if (!begin_channels(m, error)) {
        return FALSE;
    }
    m->phase = phase;
    m->in_section = TRUE;
    m->in_ram = bm_legacy_grammar(section->name, section->version) == BM_GRAMMAR_RAM;
    return bm_stream_live_begin(m->pass.inner, phase, section, error);
}

static void take_blocks(Multifd *m, const BmItem *item)
{
    bm_block_list_set(m->frame.blocks, item);
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Multifd *m = self(s);
    gboolean mark = item->type == BM_ITEM_MARK &&
                    (item->value & BM_RAM_FLAGS & ~BM_RAM_CONTINUE) == BM_RAM_MULTIFD_FLUSH;

    if (item->type == BM_ITEM_BLOCKS) {
        take_blocks(m, item);
    }
    if (item->type == BM_ITEM_PAGE_SIZE) {
        m->frame.page_size = item->value;
    }
    m->marked |= mark;
    return bm_stream_live_item(m->pass.inner, item, error) && (!mark || synchronise(m, error));
}

/* The last pages come before the section ends, so that none stands behind its End. */
static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    Multifd *m = self(s);
    gboolean place = m->in_ram && !m->marked;

    if (place && m->phase == BM_PHASE_END && !synchronise(m, error)) {
        return FALSE;
    }
    m->in_section = FALSE;
    if (!bm_stream_live_end(m->pass.inner, bare, error)) {
        return FALSE;
    }
    m->exhausted |= m->in_ram && m->phase == BM_PHASE_END;
    return !place || m->phase == BM_PHASE_END || synchronise(m, error);
}

/* Behind the last place there may be packets without a page. */
static gboolean finish(BmStreamVisitor *s, const BmDescription *description, GError **error)
{
    return (self(s)->pass.packages > 0 || read_rest(self(s), error)) &&
           bm_stream_pass_finish(s, description, error);
}

static gboolean remainder_of(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    return read_rest(self(s), error) && bm_stream_pass_remainder(s, reason, data, error);
}

static void free_multifd(BmStreamVisitor *s)
{
    Multifd *m = self(s);

    for (guint i = 0; i < m->in.n; i++) {
        bm_multifd_channel_clear(&m->channels[i]);
    }
    g_free(m->channels);
    g_free(m->polled);
    g_array_unref(m->frame.blocks);
    bm_stream_pass_free(s);
}

static const BmStreamOps multifd_in_ops = {
    .otherwise = &bm_stream_pass_ops,
    .configuration = configuration,
    .live_begin = live_begin,
    .live_item = live_item,
    .live_end = live_end,
    .finish = finish,
    .remainder = remainder_of,
    .flush = flush,
    .free = free_multifd,
};

BmStreamVisitor *bm_multifd_in(BmStreamVisitor *inner, const BmMultifdIn *in)
{
    Multifd *m = g_new0(Multifd, 1);

    m->pass.base.ops = &multifd_in_ops;
    m->pass.inner = inner;
    m->in = *in;
    m->frame.live = in->stream_fd >= 0;
    m->frame.blocks = bm_block_list_new();
    m->polled = g_new0(struct pollfd, in->n + 1);
    m->channels = g_new0(BmMultifdChannel, in->n);
    for (guint i = 0; i < in->n; i++) {
        bm_multifd_channel_init(&m->channels[i], in->channels[i], i);
    }
    return &m->pass.base;
}
