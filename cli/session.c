/* SPDX-License-Identifier: BSD-2-Clause */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session-impl.h"

/* Between two heartbeats, unless the other end is in more of a hurry. */
#define INTERVAL_US (5 * G_USEC_PER_SEC)
/* Octets after which the other end is told that they came. */
#define TELL_EVERY (1u << 20)

/* The error can be seen, so the program may find out that it is over. */
static void failed(void *session)
{
    shutdown(((BmSession *)session)->user, SHUT_RDWR);
}

static const BmHelperOps thread = {.name = "session", .run = bm_session_run, .failed = failed};

/* ---- the beginning ---- */

static BmSession *session_new(const BmSessionStart *start, const BmSessionTerms *peer)
{
    BmSession *s = g_new0(BmSession, 1);

    s->offer = *start->offer;
    s->own = *start->own;
    s->other = *peer;
    s->route = start->route;
    s->identity = g_strdup(start->identity);
    s->peer = (BmReachFor){bm_token_octets(&s->offer.token), s->identity};
    s->program = start->fd;
    s->user = -1;
    if (!bm_route_leads_back(&s->route)) {
        s->own.resume = 0;
    }
    s->resumable = s->own.resume > 0 && peer->resume > 0;
    s->interval = INTERVAL_US;
    if (peer->stall > 0) {
        s->interval = MIN(s->interval, (gint64)peer->stall * G_USEC_PER_SEC / 3);
    }
    s->tell_every = MIN(peer->window / 4, TELL_EVERY);
    s->sent = s->written = s->acked = start->position;
    s->store = bm_store_new(start->position, s->own.window);
    bm_wire_init(&s->wire);
    return s;
}

/* The program's end of a pair, -1 on failure; the other one is ours. */
static int make_pair(BmSession *s, GError **error)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        return -1;
    }
    s->user = pair[1];
    fcntl(s->user, F_SETFL, O_NONBLOCK);
    return pair[0];
}

/* The connection gets another number, and the program's end of a pair its own. */
static gboolean put_between(BmSession *s, BmOctets octets, GError **error)
{
    int wire = fcntl(s->program, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int end;

    if (wire < 0) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    bm_session_attach(s, wire, octets);
    end = make_pair(s, error);
    if (end < 0) {
        return FALSE;
    }
    dup3(end, s->program, O_CLOEXEC);
    close(end);
    return TRUE;
}

static gboolean start_thread(BmSession *s, GError **error)
{
    if (s->resumable && !s->sender) {
        s->reach = bm_reach_start(&s->route, &s->peer, 0, error);
        if (s->reach == NULL) {
            return FALSE;
        }
    }
    s->helper = bm_helper_start(&thread, s, error);
    return s->helper != NULL;
}

static BmSession *begin(BmSession *s, BmOctets octets, GError **error)
{
    if (!put_between(s, octets, error) || !start_thread(s, error)) {
        bm_session_free(s);
        return NULL;
    }
    return s;
}

BmSession *bm_session_open(const BmSessionStart *start, BmInput *back, GError **error)
{
    BmSession *s = session_new(start, &start->offer->terms);

    s->sender = TRUE;
    s->greet = TRUE;
    s->received = s->told = bm_input_available(back);
    return begin(s, (BmOctets){NULL, 0}, error);
}

/* The sender's first frame, at hand in `in` and not skipped. */
static gboolean read_open(const BmSessionOffer *offer, BmInput *in, BmFrame *frame, size_t *size,
                          GError **error)
{
    BmFault fault = {0};

    for (*size = 1; bm_input_fill(in, *size) >= *size;) {
        size_t need =
            bm_frame_size(bm_input_data(in), bm_input_available(in), bm_input_offset(in), &fault);

        if (need == 0 ||
            (need <= bm_input_available(in) &&
             !bm_frame_get(bm_input_data(in), need, bm_input_offset(in), frame, &fault))) {
            return bm_error_from_fault(error, &fault, "session");
        }
        if (need <= bm_input_available(in)) {
            *size = need;
            return (frame->type == BM_FRAME_OPEN &&
                    bm_token_is(frame->token, bm_token_octets(&offer->token))) ||
                   bm_error_set(error, BM_PEER, bm_input_offset(in), "session",
                                "the sender opens another session than the one offered");
        }
        *size = need;
    }
    return bm_error_set(error, BM_TRUNCATED, bm_input_offset(in), "session",
                        "the peer ended the connection");
}

BmSession *bm_session_accept(const BmSessionStart *start, BmInput *in, GError **error)
{
    BmFrame open;
    size_t size;

    if (!read_open(start->offer, in, &open, &size, error)) {
        return NULL;
    }
    const BmSessionTerms peer = {(guint32)MIN(open.stall, G_MAXUINT32),
                                 (guint32)MIN(open.resume, G_MAXUINT32), open.window};
    BmSession *s = session_new(start, &peer);
    size_t have = bm_input_available(in);
    BmOctets rest = {bm_input_data(in) + size, have - size};

    s = begin(s, rest, error);
    bm_input_skip(in, have);
    return s;
}

BmSession *bm_session_beside(const BmSession *main, const BmToken *token, int *fd, GError **error)
{
    const BmSessionOffer offer = {*token, main->offer.terms};
    const BmSessionStart start = {
        .offer = &offer,
        .own = &main->own,
        .fd = -1,
        .identity = main->identity,
        .route = main->route,
    };
    BmSession *s = session_new(&start, &main->other);

    s->sender = main->sender;
    s->fresh = TRUE;
    *fd = s->program = make_pair(s, error);
    if (*fd >= 0) {
        bm_session_lose(s, "not made yet");
    }
    if (*fd < 0 || !start_thread(s, error)) {
        g_clear_pointer(&s, bm_session_free);
    }
    if (s == NULL && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return s;
}

/* ---- the program's side ---- */

/* The thread may have ended before it saw that there is nothing more to say. */
static gboolean has_said_all(BmSession *session)
{
    uint8_t octet;

    session->ended |= recv(session->user, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    return bm_session_is_heard(session);
}

gboolean bm_session_finish(BmSession *session, GError **error)
{
    bm_helper_wait(session->helper, G_MAXUINT);
    const GError *failure = bm_helper_error(session->helper);

    if (failure != NULL) {
        g_propagate_error(error, g_error_copy(failure));
        return FALSE;
    }
    return has_said_all(session) ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the other end left before it had all");
}

void bm_session_complete(BmSession *session)
{
    session->complete = TRUE;
}

const GError *bm_session_error(BmSession *session)
{
    return session != NULL ? bm_helper_error(session->helper) : NULL;
}

gboolean bm_session_is_resumable(const BmSession *session)
{
    return session != NULL && session->resumable;
}

unsigned bm_session_resumed(const BmSession *session)
{
    return session != NULL ? session->resumed : 0;
}

void bm_session_free(BmSession *session)
{
    if (session == NULL) {
        return;
    }
    if (session->helper != NULL) {
        shutdown(session->program, SHUT_RDWR);
        bm_helper_free(session->helper);
    }
    bm_reach_stop(session->reach);
    bm_wire_clear(&session->wire);
    bm_store_free(session->store);
    if (session->user >= 0) {
        close(session->user);
    }
    g_clear_error(&session->error);
    g_free(session->identity);
    g_free(session->lost);
    g_free(session);
}
