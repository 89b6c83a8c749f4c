/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "session-impl.h"

#define MS G_TIME_SPAN_MILLISECOND
/* A connection that lasted so long was well, even if there was nothing to say. */
#define LASTING_MS 5000
/* Between two attempts to connect, growing. */
#define DELAY_FIRST_MS 50
#define DELAY_LAST_MS 1600

gboolean bm_session_is_heard(const BmSession *s)
{
    return s->ended && s->acked == bm_store_end(s->store);
}

gboolean bm_session_is_broken_off(const BmSession *s)
{
    return s->gone && !s->peer_ended && !s->complete;
}

static void G_GNUC_PRINTF(2, 3) fail(BmSession *s, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (!s->over) {
        bm_error_set(&s->error, BM_PEER, BM_NO_OFFSET, NULL, "%s", text);
    }
    s->over = TRUE;
}

/* It is no harm if only the other end's goodbye is missing. */
void bm_session_give_up(BmSession *s, const char *why)
{
    if (bm_session_is_heard(s) || s->gone) {
        s->over = TRUE;
    } else if (s->fresh) {
        fail(s, "the connection could not be made: %s", why);
    } else {
        fail(s, "the connection was lost (%s)%s%s", s->lost,
             why[0] != '\0' ? " and could not be resumed: " : "", why);
    }
}

/* ---- lost ---- */

void bm_session_detach(BmSession *s)
{
    /* What is still under way on it is of no interest. */
    if (s->link != NULL) {
        shutdown(bm_link_fd(s->link), SHUT_RDWR);
    }
    s->pending = bm_wire_detach(&s->wire, s->pending);
    g_clear_pointer(&s->link, bm_link_drop);
    s->waiting = s->greet = s->tell = FALSE;
}

void bm_session_is_well(BmSession *s)
{
    if (s->lost != NULL && !s->waiting) {
        g_clear_pointer(&s->lost, g_free);
        s->delay_ms = 0;
    }
}

static void look_for_peer(BmSession *s)
{
    bm_reach_stop(s->reach);
    s->reach = bm_reach_start(&s->route, &s->peer, s->delay_ms, &s->error);
    s->over = s->reach == NULL;
    s->delay_ms = CLAMP(2 * s->delay_ms, DELAY_FIRST_MS, DELAY_LAST_MS);
}

void bm_session_lose(BmSession *s, const char *format, ...)
{
    gint64 now = g_get_monotonic_time();
    va_list arguments;

    if (!s->waiting && now - s->attached > LASTING_MS * MS) {
        bm_session_is_well(s);
    }
    va_start(arguments, format);
    if (s->lost == NULL) {
        s->lost = g_strdup_vprintf(format, arguments);
        s->lost_until = now + (gint64)s->own.resume * G_USEC_PER_SEC;
    }
    va_end(arguments);
    bm_session_detach(s);
    if (bm_session_is_broken_off(s)) {
        s->over = TRUE; /* who is gone does not come back to say so */
    } else if (!s->resumable) {
        bm_session_give_up(s, "");
    } else if (s->sender) {
        look_for_peer(s);
    }
}

/* ---- found ---- */

void bm_session_attach(BmSession *s, int fd, BmOctets octets)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    bm_wire_attach(&s->wire, fd, octets);
    s->attached = s->wire.heard;
    s->closes = 0;
}

/* FALSE if there are no more descriptors. */
static gboolean attach_link(BmSession *s, BmLink *link)
{
    int fd = fcntl(bm_link_fd(link), F_DUPFD_CLOEXEC, 0);

    s->link = link;
    if (fd < 0) {
        bm_session_lose(s, "%s", g_strerror(errno));
        return FALSE;
    }
    bm_session_attach(s, fd, (BmOctets){NULL, 0});
    return TRUE;
}

gboolean bm_session_acknowledge(BmSession *s, uint64_t received)
{
    if (received < s->acked || received > s->written) {
        return FALSE;
    }
    if (received > s->acked) {
        bm_session_is_well(s);
    }
    s->acked = received;
    if (s->resumable) {
        bm_store_drop(s->store, received);
    }
    return TRUE;
}

gboolean bm_session_go_back(BmSession *s, uint64_t received)
{
    if (!bm_session_acknowledge(s, received)) {
        return FALSE;
    }
    s->sent = s->written = received;
    s->delay_ms = DELAY_FIRST_MS;
    s->resumed += s->fresh ? 0 : 1;
    s->fresh = FALSE;
    return TRUE;
}

/* Receiving: the sender is back, maybe before its old connection was missed. */
static void take_back(BmSession *s, BmLink *link, uint64_t received)
{
    bm_session_detach(s);
    if (!bm_session_go_back(s, received)) {
        bm_link_drop(link);
        fail(s,
             "the sender came back and says that it has %" G_GUINT64_FORMAT
             " octets, of %" G_GUINT64_FORMAT " that it can have",
             received, s->written);
    } else if (attach_link(s, link)) {
        s->tell = TRUE; /* the answer */
    }
}

void bm_session_reached(BmSession *s)
{
    g_autoptr(GError) error = NULL;
    uint64_t received;
    BmLink *link = bm_reach_take(s->reach, &received, &error);

    if (error != NULL) {
        bm_session_give_up(s, error->message);
    } else if (link != NULL && !s->sender) {
        take_back(s, link, received);
    } else if (link != NULL && attach_link(s, link)) {
        s->greet = s->waiting = TRUE;
    }
}
