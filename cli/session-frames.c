/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/socket.h>

#include "session-impl.h"

/* ---- from the connection ---- */

gboolean bm_session_is_reading(const BmSession *s)
{
    return s->wire.fd >= 0 && s->pending.len == 0;
}

/* Hands data of the stream in to the program. */
void bm_session_deliver(BmSession *s)
{
    while (s->pending.len > 0) {
        ssize_t n = send(s->user, s->pending.data, s->pending.len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return;
        }
        /* Nobody reads it any more: there is no need to keep it. */
        n = n < 0 ? (ssize_t)s->pending.len : n;
        s->pending.data += n;
        s->pending.len -= (size_t)n;
        s->wire.heard = g_get_monotonic_time(); /* nobody listened in the meantime */
    }
}

static gboolean on_data(BmSession *s, const BmFrame *frame)
{
    if (frame->position != s->received || s->peer_ended) {
        return FALSE;
    }
    s->received += frame->data.len;
    s->tell |= s->received - s->told >= s->tell_every;
    s->pending = frame->data;
    if (s->gone) {
        s->pending.len = 0;
    }
    bm_session_is_well(s);
    bm_session_deliver(s);
    return TRUE;
}

static gboolean on_heartbeat(BmSession *s, const BmFrame *frame)
{
    if (s->waiting) {
        s->waiting = FALSE;
        return bm_session_go_back(s, frame->received);
    }
    return bm_session_acknowledge(s, frame->received);
}

static gboolean on_close(BmSession *s, const BmFrame *frame)
{
    if (frame->position != s->received || !bm_session_acknowledge(s, frame->received)) {
        return FALSE;
    }
    bm_session_is_well(s);
    s->peer_ended = TRUE;
    s->peer_gone = frame->gone;
    s->tell = !frame->gone;
    return TRUE;
}

static gboolean on_frame(BmSession *s, const BmFrame *frame)
{
    if (s->waiting && frame->type != BM_FRAME_HEARTBEAT) {
        return FALSE;
    }
    switch (frame->type) {
    case BM_FRAME_DATA:
        return on_data(s, frame);
    case BM_FRAME_HEARTBEAT:
        return on_heartbeat(s, frame);
    case BM_FRAME_CLOSE:
        return on_close(s, frame);
    case BM_FRAME_OPEN:
    case BM_FRAME_RESUME:
    default:
        return FALSE;
    }
}

/* The program has all: what is next is what the other end's Close says. */
static void pass_on_end(BmSession *s)
{
    if (s->peer_ended && s->pending.len == 0 && !s->shut) {
        shutdown(s->user, SHUT_WR);
        s->shut = TRUE;
    }
    s->over |= s->peer_gone && s->pending.len == 0;
}

static void lose_by_fault(BmSession *s, const BmFault *fault)
{
    g_autoptr(GError) error = NULL;

    bm_error_from_fault(&error, fault, NULL);
    bm_session_lose(s, "%s", error->message);
}

/* The frames that are at hand, as far as the program takes them. */
void bm_session_take_frames(BmSession *s)
{
    BmFault fault = {0};
    BmFrame frame;

    while (bm_session_is_reading(s) && !s->peer_gone && bm_wire_next(&s->wire, &frame, &fault)) {
        if (!on_frame(s, &frame)) {
            bm_session_lose(s, "a frame that does not fit the session");
        }
    }
    if (fault.code != BM_OK) {
        lose_by_fault(s, &fault);
    }
    pass_on_end(s);
}

/* ---- to the connection ---- */

static BmFrame greeting(const BmSession *s)
{
    return (BmFrame){
        .type = s->waiting ? BM_FRAME_RESUME : BM_FRAME_OPEN,
        .token = bm_token_octets(&s->offer.token),
        .stall = s->own.stall,
        .resume = s->own.resume,
        .window = s->own.window,
        .received = s->received,
    };
}

static unsigned wanted_closes(const BmSession *s)
{
    return !s->ended || s->sent < bm_store_end(s->store) ? 0 : s->gone ? 2 : 1;
}

/* What is to be said next; FALSE if there is nothing. */
static gboolean next_frame(BmSession *s, BmFrame *frame)
{
    *frame = (BmFrame){.received = s->received};
    if (s->greet) {
        *frame = greeting(s);
        s->greet = FALSE;
        s->told = s->received;
    } else if (s->waiting) {
        return FALSE;
    } else if (s->tell) {
        frame->type = BM_FRAME_HEARTBEAT;
        s->tell = FALSE;
        s->told = s->received;
    } else if (s->sent < bm_store_end(s->store)) {
        frame->type = BM_FRAME_DATA;
        frame->position = s->sent;
        frame->data = bm_store_at(s->store, s->sent);
        s->sent += frame->data.len;
    } else if (s->closes < wanted_closes(s)) {
        frame->type = BM_FRAME_CLOSE;
        frame->position = s->sent;
        frame->gone = s->gone;
        s->closes = wanted_closes(s);
    } else {
        return FALSE;
    }
    return TRUE;
}

/* The last frame has gone out. */
static void note_written(BmSession *s)
{
    s->written = s->sent;
    if (!s->resumable) {
        bm_store_drop(s->store, s->written);
    }
}

static gboolean can_write(const BmSession *s)
{
    return s->wire.fd >= 0 && !s->wire.blocked && s->wire.broken == 0;
}

void bm_session_write(BmSession *s)
{
    BmFrame frame;

    while (can_write(s)) {
        if (!s->wire.busy) {
            if (!next_frame(s, &frame)) {
                return;
            }
            bm_wire_put(&s->wire, &frame);
        }
        if (bm_wire_write(&s->wire)) {
            note_written(s);
        }
    }
}
