/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "compat.h"
#include "expectation.h"
#include "gate.h"
#include "hello.h"
#include "helper.h"
#include "live.h"
#include "negotiate.h"
#include "pass.h"
#include "progress.h"
#include "qemu-expect.h"
#include "reception.h"
#include "return-path.h"
#include "session-frame.h"
#include "session.h"
#include "status.h"
#include "tls-options.h"

/* For QEMU to load what it has got, and to say so. */
#define LOAD_WAIT 60
/* For the helper to hand the last of QEMU's answers to the sender. */
#define ANSWER_WAIT 10

typedef struct Recv {
    /* what was asked for */
    unsigned timeout;
    BmWish wish;
    BmSessionOptions session_options;

    BmAddress *address;
    BmTlsCredentials *credentials; /* NULL: no TLS */
    BmExpect *expect;              /* by QEMU; NULL: not known */
    BmHelloBox *hello;
    BmListener *listener; /* until it is known that a guest follows */
    BmArrival sender;
    BmSessionOffer offer; /* without a token: none */
    BmSession *session;   /* NULL: none */
    int socket;           /* of sender.link */
    gboolean two_way;     /* it can be answered */
    BmPeer peer;
    BmInput *in;    /* forward stream */
    BmOutput *out;  /* to QEMU */
    gboolean began; /* something has been written to it */
    BmWatch *watch;
    BmGate *gate; /* before it */
    BmBerStats stats;
    const char *where; /* an error, if it is not the peer's */
    BmOutput *back;    /* return stream */
    BmStreamVisitor *replies;
    GMutex replying; /* the helper, or the gate */

    /* of the helper, which passes QEMU's return path on */
    BmHelper *helper;
    const char *relay_where; /* its error */
    BmReturnPath path;
    atomic_bool await_shut; /* after the stop: wait for QEMU's last message */
} Recv;

/* What QEMU says on its return path can be read, and sent on. */
static gboolean hears_qemu(const Recv *recv)
{
    return recv->two_way && bm_live_is_channel(STDIN_FILENO);
}

/* ---- QEMU's return path ---- */

typedef struct Relay {
    Recv *recv;
    int stop;
    int from; /* standard input, or -1: nobody there, or no more */
    int to;   /* standard output, or -1: not to be watched */
    gboolean stopping;
    gint64 deadline; /* when stopping */
} Relay;

static gboolean blame(Recv *recv, const char *where)
{
    recv->relay_where = where;
    return FALSE;
}

static gboolean send_message(Recv *recv, BmOctets data, GError **error)
{
    g_mutex_lock(&recv->replying);
    gboolean ok =
        bm_stream_message(recv->replies, data, error) && bm_stream_flush(recv->replies, error);
    g_mutex_unlock(&recv->replying);
    return ok;
}

static gboolean check_shut(Recv *recv, GError **error)
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
    r->deadline = g_get_monotonic_time() + LOAD_WAIT * G_TIME_SPAN_SECOND;
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
        .from = hears_qemu(data) ? STDIN_FILENO : -1,
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
    Recv *recv = data;

    if (recv->two_way) {
        shutdown(recv->socket, SHUT_RD);
    } else {
        bm_live_cut(recv->socket);
    }
}

static const BmHelperOps relay_helper = {.name = "return", .run = relay, .failed = relay_failed};

/* ---- the forward stream ---- */

static gboolean flush_out(Recv *recv, GError **error)
{
    struct stat st;

    if (!bm_output_flush(recv->out)) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s",
                            g_strerror(bm_output_errno(recv->out)));
    }
    /* A file is passed on when it is on the disk. */
    if (fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) && fsync(STDOUT_FILENO) < 0) {
        recv->where = "<stdout>";
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    return TRUE;
}

static gboolean forward(Recv *recv, GError **error)
{
    BmStreamVisitor *s = bm_gate_stream(recv->gate);
    BmProgress *progress = bm_progress_start("bermig recv", recv->watch);

    gboolean ok =
        bm_ber_stream_read(recv->in, s, FALSE, &recv->stats, error) && flush_out(recv, error);
    bm_progress_free(progress);
    return ok;
}

/* QEMU has said that it loaded the stream, or nobody can say. */
static gboolean await_load(Recv *recv, GError **error)
{
    gboolean asked = recv->watch->return_path && hears_qemu(recv);

    if (!asked) {
        bm_live_close(STDOUT_FILENO);
    }
    recv->await_shut = asked;
    bm_helper_stop(recv->helper);
    if (!bm_helper_wait(recv->helper, LOAD_WAIT + ANSWER_WAIT)) {
        /* The sender takes nothing: end the write that waits for it. */
        shutdown(recv->socket, SHUT_RDWR);
    }
    bm_helper_join(recv->helper);
    if (bm_helper_error(recv->helper) != NULL) {
        return FALSE;
    }
    if (asked && !recv->path.shut) {
        recv->where = "<stdin>";
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "QEMU did not say within %d s that it has loaded the stream",
                            LOAD_WAIT);
    }
    return TRUE;
}

static gboolean confirm(Recv *recv, GError **error)
{
    if (!recv->two_way) {
        return TRUE;
    }
    return bm_stream_ack(recv->replies, recv->stats.trailer_octets, recv->stats.digest, error) &&
           bm_stream_end(recv->replies, error) && bm_stream_flush(recv->replies, error);
}

/* ---- both ---- */

static gboolean say_hello(Recv *recv, GError **error)
{
    const BmHello *hello = bm_hello_box_get(recv->hello);

    if (recv->session_options.none) {
        return bm_stream_hello(recv->replies, hello, error);
    }
    if (recv->listener == NULL) {
        recv->session_options.terms.resume = 0; /* a descriptor: nobody can come again */
    }
    return bm_session_offer_new(&recv->offer, &recv->session_options, error) &&
           bm_session_say_hello(recv->replies, hello, &recv->offer, error);
}

static gboolean begin_replies(Recv *recv, GError **error)
{
    const BmPreamble preamble = {
        .major = BM_VERSION_MAJOR,
        .minor = BM_VERSION_MINOR,
        .direction = BM_RETURN,
        .generator = "bermig " BERMIG_VERSION,
    };

    recv->replies = bm_ber_stream_out(recv->back, 0, NULL);
    return bm_stream_begin(recv->replies, &preamble, error) &&
           (recv->peer != BM_PEER_BERMIG || say_hello(recv, error)) &&
           bm_stream_flush(recv->replies, error);
}

/* The sender has all that was written to it, and knows that this is the end. */
static gboolean end_replies(Recv *recv, GError **error)
{
    shutdown(recv->socket, SHUT_WR);
    return recv->session == NULL || bm_session_finish(recv->session, error);
}

/* ---- the session ---- */

/* The first octet of its answer says whether it wants the session. */
static gboolean begin_session(Recv *recv, GError **error)
{
    const BmSessionStart start = {
        .offer = &recv->offer,
        .own = &recv->offer.terms,
        .fd = recv->socket,
        .identity = bm_link_identity(recv->sender.link),
        .position = bm_output_offset(recv->back),
        .route = {.listener = recv->listener, .credentials = recv->credentials},
    };

    if (bm_input_data(recv->in)[0] != BM_FRAME_OPEN_OCTET) {
        return TRUE;
    }
    recv->session = bm_session_accept(&start, recv->in, error);
    return recv->session != NULL;
}

static BmExit report_at(const Recv *recv, const char *where, const GError *error)
{
    bm_report_error(where != NULL ? where : recv->address->text, error);
    return BM_EXIT_INPUT;
}

/* The one reason of several that came first. */
static BmExit report_failure(Recv *recv, const GError *error)
{
    const GError *relay = recv->helper != NULL ? bm_helper_error(recv->helper) : NULL;
    const GError *session = bm_session_error(recv->session);

    if (session != NULL) {
        return report_at(recv, NULL, session);
    }
    if (relay != NULL) {
        return report_at(recv, recv->relay_where, relay);
    }
    if (bm_output_errno(recv->out) != 0) {
        bm_report("<stdout>", "%s", g_strerror(bm_output_errno(recv->out)));
        return BM_EXIT_INPUT;
    }
    const GError *link = recv->where == NULL ? bm_link_error(recv->sender.link) : NULL;
    return report_at(recv, recv->where, link != NULL ? link : error);
}

static gboolean speaks_plain(const Recv *recv)
{
    return recv->peer == BM_PEER_PLAIN || recv->peer == BM_PEER_DEAF;
}

static void print_summary(const Recv *recv, gint64 begin)
{
    bm_progress_final(&(BmFinal){
        .where = "bermig recv",
        .receives = TRUE,
        .peer = bm_peer_name(recv->peer),
        .wire = speaks_plain(recv) ? NULL : &recv->stats,
        .legacy = bm_output_offset(recv->out),
        .begin = begin,
        .confirmed = recv->path.shut,
        .one_way = !recv->two_way,
        .resumed = bm_session_resumed(recv->session),
    });
}

/* Nobody follows: recv goes on waiting. */
static BmExit finish_probe(Recv *recv)
{
    g_autoptr(GError) error = NULL;

    bm_helper_join(recv->helper);
    if (recv->two_way && (!bm_stream_end(recv->replies, &error) ||
                          !bm_stream_flush(recv->replies, &error) || !end_replies(recv, &error))) {
        return report_failure(recv, error);
    }
    if (recv->listener != NULL) {
        bm_report("bermig recv", "that was a probe; still listening on %s",
                  bm_listener_name(recv->listener));
    } else {
        bm_report("bermig recv", "that was a probe");
    }
    return BM_EXIT_DONE;
}

/* On failure the sender gets no confirmation, and so it fails too. */
static BmExit transfer_ber(Recv *recv)
{
    g_autoptr(GError) error = NULL;
    gint64 begin = g_get_monotonic_time();

    recv->helper = bm_helper_start(&relay_helper, recv, &error);
    gboolean ok = recv->helper != NULL && forward(recv, &error);

    if (ok && bm_gate_was_probe(recv->gate)) {
        return finish_probe(recv);
    }
    if (!ok || !await_load(recv, &error) || !confirm(recv, &error) || !end_replies(recv, &error)) {
        shutdown(recv->socket, SHUT_RDWR);
        if (recv->helper != NULL) {
            bm_helper_join(recv->helper);
        }
        return report_failure(recv, error);
    }
    print_summary(recv, begin);
    return BM_EXIT_DONE;
}

/* ---- a plain QEMU sends ---- */

static gboolean relay_plain(BmHelper *helper, void *data, GError **error)
{
    Recv *recv = data;

    return !hears_qemu(recv) || bm_pass_return_path(STDIN_FILENO, recv->socket,
                                                    bm_helper_stop_fd(helper), &recv->path, error);
}

static const BmHelperOps plain_helper = {
    .name = "return path", .run = relay_plain, .failed = relay_failed};

static gboolean forward_plain(Recv *recv, GError **error)
{
    BmProgress *progress = bm_progress_start("bermig recv", recv->watch);
    gboolean ok = bm_pass_all(recv->in, recv->out, recv->watch, error);

    bm_progress_free(progress);
    return ok;
}

static BmExit finish_plain(Recv *recv, gint64 begin)
{
    bm_live_close(STDOUT_FILENO);
    bm_helper_wait(recv->helper, LOAD_WAIT);
    bm_helper_join(recv->helper);
    if (bm_helper_error(recv->helper) != NULL) {
        return report_at(recv, "<stdin>", bm_helper_error(recv->helper));
    }
    print_summary(recv, begin);
    return BM_EXIT_DONE;
}

static BmExit transfer_plain(Recv *recv)
{
    g_autoptr(GError) error = NULL;
    gint64 begin = g_get_monotonic_time();

    recv->helper = bm_helper_start(&plain_helper, recv, &error);
    /* QEMU's format does not say where it ends: a link that broke looks like an end. */
    if (recv->helper != NULL && forward_plain(recv, &error) &&
        bm_link_error(recv->sender.link) == NULL) {
        return finish_plain(recv, begin);
    }
    shutdown(recv->socket, SHUT_RDWR);
    if (recv->helper != NULL) {
        bm_helper_join(recv->helper);
    }
    return report_failure(recv, error);
}

static gboolean check_wish(Recv *recv, GError **error)
{
    gboolean qemu = speaks_plain(recv);

    if (recv->wish == BM_WISH_AUTO || (recv->wish == BM_WISH_QEMU) == qemu) {
        return TRUE;
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the peer is %s, and --format=%s",
                        bm_peer_name(recv->peer), qemu ? "ber" : "qemu");
}

/* One sender: nobody else gets in; where it may come again, the session sees to that. */
static void stop_listening(void *data)
{
    Recv *recv = data;

    if (!bm_session_is_resumable(recv->session)) {
        g_clear_pointer(&recv->listener, bm_listener_free);
    }
}

/* Answers who was let in, and finds out how it goes on. */
static gboolean meet(Recv *recv, GError **error)
{
    if (!check_wish(recv, error)) {
        return FALSE;
    }
    if (recv->peer != BM_PEER_BERMIG) {
        stop_listening(recv); /* a probe asks; before the answer, so that it is seen */
    }
    if (recv->peer == BM_PEER_PLAIN) {
        return TRUE;
    }
    if (recv->two_way && !begin_replies(recv, error)) {
        return FALSE;
    }
    return recv->peer != BM_PEER_BERMIG || (bm_follow_peer(recv->in, &recv->peer, error) &&
                                            begin_session(recv, error) && check_wish(recv, error));
}

static BmExit transfer(Recv *recv)
{
    g_autoptr(GError) error = NULL;

    if (!meet(recv, &error)) {
        shutdown(recv->socket, SHUT_RDWR);
        return report_at(recv, NULL, error);
    }
    if (recv->peer != BM_PEER_BERMIG) {
        stop_listening(recv); /* a probe asks */
    }
    if (speaks_plain(recv) && recv->expect != NULL) {
        bm_report("bermig recv", "the sender speaks QEMU's own format: its guest is not compared");
    }
    return speaks_plain(recv) ? transfer_plain(recv) : transfer_ber(recv);
}

/* ---- the preflight ---- */

static void show_findings(void *data, const BmFindings *findings)
{
    uint32_t n;
    const BmFinding *list = bm_findings_list(findings, &n);

    (void)data;
    bm_findings_report("bermig recv", list, n);
}

static gboolean answer_check(void *data, const BmFindings *findings, GError **error)
{
    Recv *recv = data;
    uint32_t n;
    const BmFinding *list = bm_findings_list(findings, &n);

    if (!recv->two_way) {
        return TRUE; /* the question was for somebody else */
    }
    g_mutex_lock(&recv->replying);
    gboolean ok =
        bm_stream_findings(recv->replies, list, n, error) && bm_stream_flush(recv->replies, error);
    g_mutex_unlock(&recv->replying);
    return ok;
}

static const BmGateOps gate_ops = {
    .in_earnest = stop_listening, .show = show_findings, .answer = answer_check};

/* ---- the command ---- */

static gboolean set_up(Recv *recv)
{
    recv->in = recv->sender.in;
    recv->peer = recv->sender.peer;
    recv->socket = bm_link_fd(recv->sender.link);
    recv->two_way = bm_link_is_two_way(recv->sender.link);
    recv->back = bm_output_fd(recv->socket);
    recv->out = bm_output_fd(STDOUT_FILENO);
    if (recv->back == NULL || recv->out == NULL) {
        return FALSE;
    }
    recv->watch = bm_watch_new(bm_legacy_stream_out(recv->out), recv->in, recv->out);
    recv->gate = bm_gate_new(bm_watch_stream(recv->watch), recv->expect, &gate_ops, recv);
    return TRUE;
}

/* QEMU notices the end only behind something else; after a failure that may still
 * lie in the buffer. */
static void note_what_qemu_got(Recv *recv)
{
    gboolean refused = recv->gate != NULL && !speaks_plain(recv) && bm_gate_is_closed(recv->gate);

    if (recv->out != NULL && !refused) {
        bm_output_flush(recv->out);
        recv->began = bm_output_offset(recv->out) > 0;
    }
}

static BmExit accepted(Recv *recv)
{
    BmExit status = BM_EXIT_RUN;

    if (set_up(recv)) {
        status = transfer(recv);
    } else {
        bm_report("bermig recv", "no memory");
    }
    bm_helper_free(recv->helper);
    g_clear_pointer(&recv->session, bm_session_free);
    bm_stream_free(recv->replies);
    bm_watch_free(recv->watch);
    note_what_qemu_got(recv);
    bm_output_free(recv->back);
    bm_output_free(recv->out);
    bm_arrival_clear(&recv->sender);
    return status;
}

static gboolean let_in(Recv *recv, int reader, GError **error)
{
    if (recv->listener != NULL) {
        return bm_reception_wait(recv->listener, recv->credentials, recv->timeout, reader,
                                 &recv->sender, error);
    }
    BmLink *link = bm_link_inherit(recv->address, STDIN_FILENO, recv->credentials, error);

    return link != NULL && bm_reception_meet(link, recv->timeout, reader, &recv->sender, error);
}

/* One connection; *probe: it was none of a guest, so there may be another. */
static BmExit receive_one(Recv *recv, gboolean *probe)
{
    g_autoptr(GError) error = NULL;
    int reader = bm_live_is_channel(STDOUT_FILENO) ? STDOUT_FILENO : -1;
    BmExit status;

    *probe = FALSE;
    if (!let_in(recv, reader, &error)) {
        return bm_report_error(recv->address->text, error);
    }
    status = accepted(recv);
    *probe = recv->gate != NULL && bm_gate_was_probe(recv->gate);
    g_clear_pointer(&recv->gate, bm_gate_free);
    recv->helper = NULL;
    recv->replies = NULL;
    recv->where = NULL;
    return status;
}

static BmExit listen_and_receive(Recv *recv)
{
    g_autoptr(GError) error = NULL;
    gboolean probe;
    BmExit status;

    bm_live_prepare();
    if (bm_address_is_inherited(recv->address)) {
        return receive_one(recv, &probe);
    }
    recv->listener = bm_listen(recv->address, &error);
    if (recv->listener == NULL) {
        return bm_report_error(recv->address->text, error);
    }
    bm_report("bermig recv", "listening on %s", bm_listener_name(recv->listener));
    bm_status_tell_text("listening", "address", bm_listener_name(recv->listener));
    do {
        status = receive_one(recv, &probe);
    } while (probe);
    g_clear_pointer(&recv->listener, bm_listener_free);
    return status;
}

static BmExit receive(Recv *recv)
{
    BmExit status = listen_and_receive(recv);

    if (status != BM_EXIT_DONE && !recv->began) {
        bm_live_wake_qemu();
    }
    return status;
}

static BmExit parse_uri(Recv *recv, const char *uri)
{
    g_autoptr(GError) error = NULL;

    recv->address = bm_address_parse_any(uri, "<stdin>", &error);
    if (recv->address == NULL) {
        return bm_command_usage(&bm_command_recv, "%s", error->message);
    }
    if (recv->address->standard && isatty(STDIN_FILENO)) {
        return bm_command_usage(&bm_command_recv, "standard input is a terminal");
    }
    return BM_EXIT_DONE;
}

static BmExit read_expectation(Recv *recv, const char *path, const char *qemu)
{
    recv->expect = bm_expect_new();
    if (path != NULL && bm_expectation_read(recv->expect, path) != BM_EXIT_DONE) {
        return BM_EXIT_RUN;
    }
    return qemu == NULL ? BM_EXIT_DONE : bm_qemu_expect(recv->expect, qemu);
}

static BmExit load_expectation(Recv *recv, const char *path, const char *qemu)
{
    BmExit status = BM_EXIT_DONE;

    recv->hello = bm_hello_box_new();
    bm_hello_box_add_all(recv->hello, &bm_own_hello, NULL);
    bm_hello_box_add_limits(recv->hello);
    if (path == NULL && qemu == NULL) {
        return status;
    }
    status = read_expectation(recv, path, qemu);
    bm_hello_box_add(recv->hello, "preflight", NULL);
    if (bm_expect_machine(recv->expect) != NULL) {
        const char *machine[] = {bm_expect_machine(recv->expect), NULL};

        bm_hello_box_add(recv->hello, "machine", machine);
    }
    return status;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *format = NULL, *tls_creds = NULL, *expect = NULL, *wrong = NULL, *qemu = NULL;
    int timeout = 0;
    Recv recv = {.socket = -1, .session_options = BM_SESSION_OPTIONS_INIT};
    const GOptionEntry entries[] = {
        {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "Wait so long for the sender: without limit",
         "SEC"},
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format,
         "What to take: auto (whatever comes), ber or qemu", "auto|ber|qemu"},
        {"tls-creds", 0, 0, G_OPTION_ARG_FILENAME, &tls_creds,
         "Encrypt, with the certificates of this folder", "DIR"},
        {"expect", 0, 0, G_OPTION_ARG_FILENAME, &expect,
         "What QEMU expects: refuse another guest before its first page", "FILE"},
        {"qemu", 0, 0, G_OPTION_ARG_STRING, &qemu,
         "The same, found out by running QEMU's command line", "CMDLINE"},
        BM_SESSION_ENTRIES(&recv.session_options),
        BM_PROGRESS_OPTION,
        BM_STATUS_OPTION,
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_recv, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_wish_parse(format, &recv.wish)) {
        return bm_command_usage(&bm_command_recv, "--format=%s: expected auto, ber or qemu",
                                format);
    }
    if (timeout < 0) {
        return bm_command_usage(&bm_command_recv, "--timeout=%d: expected seconds", timeout);
    }
    wrong = bm_session_options_check(&recv.session_options);
    if (wrong != NULL) {
        return bm_command_usage(&bm_command_recv, "%s", wrong);
    }
    if (isatty(STDOUT_FILENO)) {
        return bm_command_usage(&bm_command_recv, "standard output is a terminal");
    }
    recv.timeout = (unsigned)timeout;
    status = parse_uri(&recv, argv[1]);
    if (status == BM_EXIT_DONE) {
        bm_status_begin("recv");
        status = bm_tls_options_server(&bm_command_recv, tls_creds, &recv.credentials);
        if (status == BM_EXIT_DONE) {
            status = load_expectation(&recv, expect, qemu);
        }
        status = bm_status_end(status == BM_EXIT_DONE ? receive(&recv) : status);
    }
    bm_hello_box_free(recv.hello);
    bm_expect_free(recv.expect);
    bm_tls_credentials_free(recv.credentials);
    bm_address_free(recv.address);
    return status;
}

const BmCommand bm_command_recv = {
    .name = "recv",
    .operands = "URI",
    .summary = "Receive from 'bermig send' and write QEMU's stream to standard output",
    .run = run,
};
