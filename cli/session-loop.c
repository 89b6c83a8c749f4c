/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-impl.h"

#define MS G_TIME_SPAN_MILLISECOND
/* For the first frame on a new connection. */
#define ANSWER_MS 5000
/* For the other end to see that this one is gone. */
#define LINGER_MS 2000

#define NEVER G_MAXINT64

/* ---- the connection ---- */

static void on_end_of_connection(BmSession *s, int number)
{
    if (s->gone && s->closes == 2 && number == 0) {
        s->over = TRUE;
    } else {
        bm_session_lose(s, "%s",
                        number != 0           ? g_strerror(number)
                        : s->wire.broken != 0 ? g_strerror(s->wire.broken)
                                              : "closed by the peer");
    }
}

static void read_wire(BmSession *s)
{
    ssize_t n = bm_wire_read(&s->wire);

    if (n > 0) {
        bm_session_take_frames(s);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        on_end_of_connection(s, n < 0 ? errno : 0);
    }
}

/* ---- from the program ---- */

/* Only what can go out next: octets that wait here would wait behind the back of
 * a QEMU that measures how fast they go. */
static gboolean is_taking(const BmSession *s)
{
    return !s->ended && s->wire.fd >= 0 && !s->waiting && s->wire.broken == 0 &&
           s->sent == bm_store_end(s->store) &&
           bm_store_end(s->store) - bm_store_begin(s->store) < s->own.window;
}

static void take_octets(BmSession *s)
{
    size_t room;
    uint8_t *octets = bm_store_room(s->store, &room);
    ssize_t n = read(s->user, octets, room);

    if (n > 0) {
        bm_store_add(s->store, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        s->ended = TRUE;
    }
}

/* The program neither reads nor writes. */
static void program_gone(BmSession *s)
{
    if (s->gone) {
        return;
    }
    s->gone = TRUE;
    s->gone_at = g_get_monotonic_time();
    s->pending.len = 0;
    if (s->wire.fd < 0 && bm_session_is_broken_off(s)) {
        s->over = TRUE;
    }
}

static void look_at_program(BmSession *s, short events)
{
    if ((events & (POLLHUP | POLLERR)) != 0) {
        program_gone(s);
    }
    if ((events & (POLLIN | POLLHUP)) != 0 && is_taking(s)) {
        take_octets(s);
    }
    if ((events & POLLOUT) != 0) {
        bm_session_deliver(s);
    }
}

/* ---- time ---- */

static gint64 stall_at(const BmSession *s)
{
    return bm_session_is_reading(s) && s->own.stall > 0
               ? s->wire.heard + (gint64)s->own.stall * G_USEC_PER_SEC
               : NEVER;
}

static gint64 heartbeat_at(const BmSession *s)
{
    return s->wire.fd >= 0 && !s->wire.busy ? s->wire.said + s->interval : NEVER;
}

static gint64 answer_at(const BmSession *s)
{
    return s->waiting ? s->attached + ANSWER_MS * MS : NEVER;
}

static gint64 linger_at(const BmSession *s)
{
    return s->gone && s->wire.fd >= 0 ? MAX(s->gone_at, s->attached) + LINGER_MS * MS : NEVER;
}

static gint64 give_up_at(const BmSession *s)
{
    if (s->lost == NULL || (s->wire.fd >= 0 && !s->waiting)) {
        return NEVER;
    }
    return s->gone ? MIN(s->lost_until, s->gone_at + LINGER_MS * MS) : s->lost_until;
}

static int poll_timeout(const BmSession *s)
{
    gint64 at =
        MIN(MIN(MIN(stall_at(s), heartbeat_at(s)), MIN(answer_at(s), linger_at(s))), give_up_at(s));
    gint64 rest = (at - g_get_monotonic_time()) / MS;

    return at == NEVER ? -1 : (int)CLAMP(rest, 0, G_MAXINT - 1) + 1;
}

static void look_at_clock(BmSession *s)
{
    gint64 now = g_get_monotonic_time();

    if (now >= linger_at(s)) {
        s->over = TRUE;
    } else if (now >= stall_at(s)) {
        bm_session_lose(s, "the peer was silent for %u s", s->own.stall);
    } else if (now >= answer_at(s)) {
        bm_session_lose(s, "no answer");
    }
    if (now >= heartbeat_at(s)) {
        s->tell = TRUE;
    }
    if (!s->over && now >= give_up_at(s)) {
        g_autofree char *why = g_strdup_printf("not within %u s", s->own.resume);

        bm_session_give_up(s, why);
    }
}

/* ---- the thread ---- */

enum { USER, WIRE, REACH, N_POLLED };

static short wire_events(const BmSession *s)
{
    return (short)((bm_session_is_reading(s) ? POLLIN : 0) |
                   (s->wire.busy && s->wire.broken == 0 ? POLLOUT : 0));
}

static short user_events(const BmSession *s)
{
    return (short)((is_taking(s) ? POLLIN : 0) | (s->pending.len > 0 ? POLLOUT : 0));
}

static void prepare(const BmSession *s, struct pollfd *p)
{
    p[USER] =
        (struct pollfd){.fd = s->gone && !is_taking(s) ? -1 : s->user, .events = user_events(s)};
    /* Errors of a connection that is not read are left for when it is. */
    p[WIRE] =
        (struct pollfd){.fd = wire_events(s) != 0 ? s->wire.fd : -1, .events = wire_events(s)};
    p[REACH] =
        (struct pollfd){.fd = s->reach != NULL ? bm_reach_fd(s->reach) : -1, .events = POLLIN};
}

static void step(BmSession *s)
{
    struct pollfd p[N_POLLED];
    int wire = s->wire.fd;

    prepare(s, p);
    if (poll(p, G_N_ELEMENTS(p), poll_timeout(s)) < 0) {
        return;
    }
    look_at_program(s, p[USER].revents);
    if (p[REACH].revents != 0) {
        bm_session_reached(s);
    }
    if (p[WIRE].revents != 0 && wire == s->wire.fd) {
        s->wire.blocked = FALSE;
        if (bm_session_is_reading(s)) {
            read_wire(s);
        }
    }
    bm_session_take_frames(s);
    bm_session_write(s);
    look_at_clock(s);
}

gboolean bm_session_run(BmHelper *helper, void *session, GError **error)
{
    BmSession *s = session;

    (void)helper;
    bm_session_take_frames(s);
    bm_session_write(s);
    while (!s->over) {
        step(s);
    }
    bm_session_detach(s);
    if (s->error != NULL) {
        g_propagate_error(error, g_steal_pointer(&s->error));
        return FALSE;
    }
    shutdown(s->user, SHUT_RDWR);
    return TRUE;
}
