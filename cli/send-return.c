/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "compat.h"
#include "expectation.h"
#include "live.h"
#include "send.h"

/* ---- the return stream ---- */

typedef struct ReturnVisitor {
    BmStreamVisitor base;
    BmSend *send;
    int stop;
    gboolean to_qemu; /* somebody reads standard output */
} ReturnVisitor;

static gboolean return_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    if (preamble->direction != BM_RETURN) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the peer sends a stream, it does not receive one");
    }
    ((ReturnVisitor *)s)->send->generator = g_strdup(preamble->generator);
    return TRUE;
}

static gboolean return_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    BmSend *send = ((ReturnVisitor *)s)->send;

    if (!bm_hello_check(hello, error)) {
        return FALSE;
    }
    g_mutex_lock(&send->lock);
    send->peer_hello = bm_hello_box_new();
    bm_hello_box_add_all(send->peer_hello, hello, NULL);
    send->has_hello = TRUE;
    g_cond_signal(&send->said_hello);
    g_mutex_unlock(&send->lock);
    return TRUE;
}

static gboolean return_findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n,
                                GError **error)
{
    (void)error;
    bm_findings_report("bermig send", list, n);
    bm_ask_answer(((ReturnVisitor *)s)->send->ask, list, n);
    return TRUE;
}

static gboolean return_message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    ReturnVisitor *v = (ReturnVisitor *)s;

    if (!v->to_qemu) {
        return TRUE;
    }
    if (!bm_live_write(STDOUT_FILENO, v->stop, data, error)) {
        v->send->where = "<stdout>";
        return FALSE;
    }
    return TRUE;
}

static gboolean return_ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    BmSend *send = ((ReturnVisitor *)s)->send;

    (void)error;
    send->acked = TRUE;
    send->ack_octets = octets;
    send->ack_digest = digest;
    return TRUE;
}

static const BmStreamOps return_ops = {
    .begin = return_begin,
    .hello = return_hello,
    .findings = return_findings,
    .message = return_message,
    .ack = return_ack,
};

static gboolean read_return(BmHelper *helper, void *data, GError **error)
{
    BmSend *send = data;
    ReturnVisitor *v = g_new0(ReturnVisitor, 1);

    v->base.ops = &return_ops;
    v->send = send;
    v->stop = bm_helper_stop_fd(helper);
    v->to_qemu = bm_live_is_channel(STDOUT_FILENO);
    gboolean ok = bm_ber_stream_read(send->back, &v->base, FALSE, NULL, error);
    bm_stream_free(&v->base);
    return ok;
}

/* The main thread may wait for QEMU, or for room in the socket. */
static void return_failed(void *data)
{
    BmSend *send = data;

    shutdown(send->socket, SHUT_RDWR);
    bm_spread_cut(send->spread);
    bm_live_cut(STDIN_FILENO);
    g_cond_signal(&send->said_hello);
    bm_ask_give_up(send->ask);
}

static const BmHelperOps return_helper = {
    .name = "return",
    .run = read_return,
    .failed = return_failed,
};

/* ---- the return path of a QEMU ---- */

/* What a QEMU answers is its source's only if that opened a return path.  One that
 * was asked in vain need not say that it has loaded the stream. */
static gboolean read_return_path(BmHelper *helper, void *data, GError **error)
{
    BmSend *send = data;
    gboolean own = send->answer.asked_by_source || send->answer.peer == BM_PEER_NOT_ASKED;
    gboolean pass = own && bm_live_is_channel(STDOUT_FILENO);
    BmOctets agreement = {bm_legacy_agreement, BM_LEGACY_AGREEMENT_LEN};

    if (pass && send->answer.agreed &&
        !bm_live_write(STDOUT_FILENO, bm_helper_stop_fd(helper), agreement, error)) {
        return FALSE;
    }
    return bm_pass_return_path(send->socket, pass ? STDOUT_FILENO : -1, bm_helper_stop_fd(helper),
                               &send->path, error) &&
           (send->path.shut || send->answer.peer != BM_PEER_QEMU ||
            bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                         "QEMU closed the connection before it had loaded the stream"));
}

static const BmHelperOps return_path_helper = {
    .name = "return path",
    .run = read_return_path,
    .failed = return_failed,
};

/* ---- where no answer can come ---- */

/* The reader has taken all that was written. */
static gboolean is_taken(int fd)
{
    int left;

    return ioctl(fd, FIONREAD, &left) == 0 && left == 0;
}

/* All has been written, or is about to be: a reader may go when it has that. */
static gboolean is_ending(BmSend *send)
{
    const BmWatch *watch = send->watch;

    return watch != NULL && watch->ending;
}

static gboolean poll_all(struct pollfd *p, nfds_t n, GError **error)
{
    while (poll(p, n, -1) < 0) {
        if (errno != EINTR) {
            return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        }
    }
    return TRUE;
}

/* What can be noticed: that nobody reads any more. */
static gboolean watch_reader(BmHelper *helper, void *data, GError **error)
{
    BmSend *send = data;
    struct pollfd p[2] = {{.fd = send->socket},
                          {.fd = bm_helper_stop_fd(helper), .events = POLLIN}};

    if (!poll_all(p, G_N_ELEMENTS(p), error)) {
        return FALSE;
    }
    if (p[0].revents == 0) {
        return TRUE;
    }
    return (is_ending(send) && poll_all(&p[1], 1, NULL) && is_taken(send->socket)) ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "its reader has gone");
}

static const BmHelperOps one_way_helper = {
    .name = "one way",
    .run = watch_reader,
    .failed = return_failed,
};

gboolean bm_send_start_helper(BmSend *send, GError **error)
{
    const BmHelperOps *ops = &return_path_helper;

    if (send->answer.peer == BM_PEER_BERMIG) {
        ops = &return_helper;
    } else if (send->answer.peer == BM_PEER_ONE_WAY) {
        ops = &one_way_helper;
    }
    send->helper = bm_helper_start(ops, send, error);
    return send->helper != NULL;
}
