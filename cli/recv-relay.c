/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live.h"
#include "pass.h"
#include "recv.h"

/* What QEMU says on its return path can be read, and sent on. */
gboolean bm_recv_hears_qemu(const BmRecv *recv)
{
    return recv->two_way && bm_live_is_channel(STDIN_FILENO);
}

/* ---- to a bermig ---- */

typedef struct Relay {
    BmRecv *recv;
    int stop;
    int from; /* standard input, or -1: nobody there, or no more */
    int to;   /* standard output, or -1: not to be watched */
    gboolean stopping;
    gint64 deadline; /* when stopping */
} Relay;

static gboolean blame(BmRecv *recv, const char *where)
{
    recv->relay_where = where;
    return FALSE;
}

static gboolean send_message(BmRecv *recv, BmOctets data, GError **error)
{
    g_mutex_lock(&recv->replying);
    gboolean ok =
        bm_stream_message(recv->replies, data, error) && bm_stream_flush(recv->replies, error);
    g_mutex_unlock(&recv->replying);
    return ok;
}

static gboolean check_shut(BmRecv *recv, GError **error)
{
    if (recv->path.shut && recv->path.status != 0) {
        bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                     "QEMU could not load the stream (status %u)", recv->path.status);
        return blame(recv, "<stdin>");
    }
    return TRUE;
}

static gboolean relay_some(Relay *r, GError **error)
{
    uint8_t buffer[64 << 10];
    ssize_t n = read(r->from, buffer, sizeof(buffer));

    if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
        return TRUE;
    }
    if (n < 0) {
        bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        return blame(r->recv, "<stdin>");
    }
    if (n == 0) {
        r->from = -1;
        return TRUE;
    }
    bm_return_path_feed(&r->recv->path, buffer, (size_t)n);
    return send_message(r->recv, (BmOctets){buffer, (size_t)n}, error) &&
           check_shut(r->recv, error);
}

/* The reader of standard output has gone.  That is in order once it has all,
 * and a failure before. */
static gboolean reader_gone(Relay *r, GError **error)
{
    r->to = -1;
    if (r->recv->watch->ending) {
        return TRUE;
    }
    bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "its reader has gone");
    return blame(r->recv, "<stdout>");
}

static gboolean relay_done(const Relay *r)
{
    return r->stopping && (!r->recv->await_shut || r->recv->path.shut || r->from < 0 ||
                           g_get_monotonic_time() >= r->deadline);
}

static void relay_stop(Relay *r)
{
    r->stopping = TRUE;
    r->deadline = g_get_monotonic_time() + BM_RECV_LOAD_WAIT * G_TIME_SPAN_SECOND;
}

static int relay_timeout(const Relay *r)
{
    gint64 rest = (r->deadline - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;

    return r->stopping ? (int)MAX(rest, 0) + 1 : -1;
}

/* Waits for one thing to happen, and does it. */
static gboolean relay_step(Relay *r, GError **error)
{
    struct pollfd p[3] = {
        {.fd = r->stopping ? -1 : r->stop, .events = POLLIN},
        {.fd = r->from, .events = POLLIN},
        {.fd = r->to}, /* only POLLERR and POLLHUP */
    };

    if (poll(p, G_N_ELEMENTS(p), relay_timeout(r)) < 0) {
        return errno == EINTR ||
               bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    if (p[0].revents != 0) {
        relay_stop(r);
    }
    if (p[1].revents != 0 && !relay_some(r, error)) {
        return FALSE;
    }
    return p[2].revents == 0 || reader_gone(r, error);
}

static gboolean relay(BmHelper *helper, void *data, GError **error)
{
    Relay r = {
        .recv = data,
        .stop = bm_helper_stop_fd(helper),
        .from = bm_recv_hears_qemu(data) ? STDIN_FILENO : -1,
        .to = bm_live_is_channel(STDOUT_FILENO) ? STDOUT_FILENO : -1,
    };

    while (!relay_done(&r)) {
        if (!relay_step(&r, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* The main thread may wait for the sender. */
static void relay_failed(void *data)
{
    BmRecv *recv = data;

    if (recv->two_way) {
        shutdown(recv->socket, SHUT_RD);
    } else {
        bm_live_cut(recv->socket);
    }
}

const BmHelperOps bm_recv_relay = {.name = "return", .run = relay, .failed = relay_failed};

/* ---- to a QEMU ---- */

static gboolean relay_plain(BmHelper *helper, void *data, GError **error)
{
    BmRecv *recv = data;

    return !bm_recv_hears_qemu(recv) ||
           bm_pass_return_path(STDIN_FILENO, recv->socket, bm_helper_stop_fd(helper), &recv->path,
                               error);
}

const BmHelperOps bm_recv_plain_relay = {
    .name = "return path", .run = relay_plain, .failed = relay_failed};
