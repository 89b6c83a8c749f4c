/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "compat.h"
#include "expectation.h"
#include "hello.h"
#include "helper.h"
#include "link.h"
#include "live.h"
#include "negotiate.h"
#include "pass.h"
#include "progress.h"
#include "session.h"
#include "status.h"
#include "tee.h"
#include "tls-options.h"

/* A QEMU of a machine without description writes none after its end marker. */
#define DESCRIPTION_WAIT_MS 1000
/* For the receiver to pass on what is under way, and its QEMU to load it. */
#define CONFIRMATION_WAIT 120
/* For the hello that a receiver begins its answer with. */
#define HELLO_WAIT 5
/* For the other thread to find out why a write to the peer failed. */
#define REASON_WAIT 2

typedef struct Send {
    /* what was asked for */
    const char *record;
    int level;
    unsigned connect_timeout;
    BmWish wish;
    BmSessionOptions session_options;

    BmAddress *address;
    BmTlsCredentials *credentials; /* NULL: no TLS */
    BmLink *link;
    int socket; /* the link's */
    BmAnswer answer;
    BmSession *session; /* NULL: none */
    BmInput *back;      /* the return stream; NULL: a QEMU's return path */
    BmInput *in;
    BmOutput *out;
    BmTee *tee; /* NULL: no recording */
    BmBerStats stats;
    BmAnnounces *announces; /* NULL: the guest's devices are not known yet */
    BmAsk *ask;

    /* of the helper, which reads the return stream */
    BmHelper *helper;
    const char *where; /* its error */
    GMutex lock;
    GCond said_hello;
    gboolean has_hello;
    char *generator;        /* the peer, as it calls itself */
    BmHelloBox *peer_hello; /* NULL until it has come */
    gboolean acked;
    uint64_t ack_octets, ack_digest;
    /* or, when the peer is a QEMU, its return path */
    BmReturnPath path;
} Send;

static gboolean speaks_ber(const Send *send)
{
    return send->answer.peer == BM_PEER_BERMIG ||
           (send->answer.peer == BM_PEER_ONE_WAY && send->wish == BM_WISH_BER);
}

/* ---- the return stream ---- */

typedef struct ReturnVisitor {
    BmStreamVisitor base;
    Send *send;
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
    Send *send = ((ReturnVisitor *)s)->send;

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
    Send *send = ((ReturnVisitor *)s)->send;

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
    Send *send = data;
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
    Send *send = data;

    shutdown(send->socket, SHUT_RDWR);
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
    Send *send = data;
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

/* What can be noticed: that nobody reads any more. */
static gboolean watch_reader(BmHelper *helper, void *data, GError **error)
{
    struct pollfd p[2] = {{.fd = ((Send *)data)->socket},
                          {.fd = bm_helper_stop_fd(helper), .events = POLLIN}};

    while (poll(p, G_N_ELEMENTS(p), -1) < 0) {
        if (errno != EINTR) {
            return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        }
    }
    return p[0].revents == 0 ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "its reader has gone");
}

static const BmHelperOps one_way_helper = {
    .name = "one way",
    .run = watch_reader,
    .failed = return_failed,
};

/* ---- the forward stream ---- */

/* For the peer's hello, which its stream begins with; an error is found later. */
static void await_hello(Send *send)
{
    gint64 end = g_get_monotonic_time() + HELLO_WAIT * G_TIME_SPAN_SECOND;

    g_mutex_lock(&send->lock);
    while (!send->has_hello && bm_helper_error(send->helper) == NULL &&
           g_cond_wait_until(&send->said_hello, &send->lock, end)) {
    }
    g_mutex_unlock(&send->lock);
}

/* The peer can do it, and said so. */
static gboolean peer_has(const Send *send, const char *capability)
{
    return send->has_hello && bm_hello_has(bm_hello_box_get(send->peer_hello), capability);
}

/* For the preamble: who the peer is, and what both use. */
static void fill_outcome(Send *send, BmHelloBox *agreed, BmOutcome *outcome, char **reason)
{
    const BmHello *peer = bm_hello_box_get(send->peer_hello);

    for (uint32_t i = 0; i < peer->n_capabilities; i++) {
        const BmCapability *c = &peer->capabilities[i];

        if (bm_hello_has(&bm_own_hello, c->name) || strcmp(c->name, "preflight") == 0) {
            bm_hello_box_add(agreed, c->name, c->parameters);
        }
    }
    *reason = g_strdup_printf("answered with its hello after %.1f ms",
                              (double)send->answer.microseconds / 1000);
    *outcome = (BmOutcome){.peer = send->generator, .reason = *reason};
    outcome->capabilities = bm_hello_box_get(agreed)->capabilities;
    outcome->n_capabilities = bm_hello_box_get(agreed)->n_capabilities;
}

/* The peer is a QEMU: what ours writes goes on as it is. */
static gboolean forward_plain(Send *send, GError **error)
{
    BmWatch *watch = bm_watch_new(bm_null_stream(), send->in, send->out);
    BmProgress *progress = bm_progress_start("bermig send", watch);
    gboolean ok;

    bm_input_skip(send->in, send->answer.head);
    ok = bm_pass_all(send->in, send->out, watch, error);
    bm_progress_free(progress);
    bm_watch_free(watch);
    shutdown(send->socket, SHUT_WR);
    return ok;
}

static gboolean forward(Send *send, GError **error)
{
    const BmLegacyOptions options = {
        .live = TRUE,
        .end_timeout_ms = DESCRIPTION_WAIT_MS,
        .schemas = send->announces != NULL ? bm_announces_schemas(send->announces) : NULL,
    };
    g_autoptr(BmHelloBox) own = bm_hello_box_new();
    g_autoptr(BmHelloBox) agreed = bm_hello_box_new();
    g_autofree char *reason = NULL;
    BmOutcome outcome = {0};

    gboolean asked = send->answer.peer == BM_PEER_BERMIG;

    if (asked) {
        await_hello(send);
    }
    if (send->has_hello) {
        fill_outcome(send, agreed, &outcome, &reason);
    }
    if (send->announces != NULL && !peer_has(send, "preflight")) {
        bm_report("bermig send", "the receiver does not know what its QEMU expects: nothing is "
                                 "compared");
    }
    int level = peer_has(send, "zstd") || !send->has_hello ? send->level : 0;
    BmWatch *watch =
        bm_watch_new(bm_ber_stream_out(send->out, level, &send->stats), send->in, send->out);
    bm_hello_box_add_all(own, &bm_own_hello, NULL);
    bm_hello_box_add_limits(own);
    watch->hello = asked ? bm_hello_box_get(own) : NULL;
    BmStreamVisitor *s =
        bm_ask_stream(send->ask, bm_watch_stream(watch), send->has_hello ? &outcome : NULL,
                      peer_has(send, "preflight"));
    BmProgress *progress = bm_progress_start("bermig send", watch);

    gboolean ok = bm_legacy_read(send->in, s, &options, error) && bm_output_flush(send->out);
    bm_progress_free(progress);
    bm_watch_free(watch);
    return ok && (send->tee == NULL || bm_tee_drain(send->tee, error));
}

static gboolean check_ack(const Send *send, GError **error)
{
    if (!send->acked) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the receiver ended without a confirmation");
    }
    if (send->ack_octets != send->stats.trailer_octets || send->ack_digest != send->stats.digest) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the receiver confirmed another stream: %" G_GUINT64_FORMAT
                            " octets, expected %" G_GUINT64_FORMAT,
                            send->ack_octets, send->stats.trailer_octets);
    }
    return TRUE;
}

/* ---- both ---- */

/* The receiver ended the connection: what it knows, it says on its side. */
static gboolean is_hang_up(const GError *error)
{
    return g_error_matches(error, BM_ERROR, BM_TRUNCATED) ||
           g_error_matches(error, BM_ERROR, BM_IO);
}

static BmExit report_return_failure(const Send *send, const GError *error)
{
    const GError *link = bm_link_error(send->link);
    const GError *session = bm_session_error(send->session);

    if (session != NULL) {
        bm_report_error(send->address->text, session);
    } else if (send->where == NULL && link != NULL) {
        bm_report_error(send->address->text, link);
    } else if (send->where == NULL && is_hang_up(error)) {
        bm_report(send->address->text,
                  "the receiver closed the connection before it confirmed the stream");
    } else {
        bm_report_error(send->where != NULL ? send->where : send->address->text, error);
    }
    return BM_EXIT_INPUT;
}

/* The one reason of several that came first: what the peer did explains why
 * writing to it failed, or why standard input was cut; not the other way. */
static BmExit report_forward_failure(Send *send, const GError *error)
{
    gboolean peer = bm_helper_error(send->helper) != NULL;

    if (bm_ask_was_refused(send->ask)) {
        bm_report_error(send->address->text, error);
        return BM_EXIT_INPUT;
    }
    if (!peer && bm_output_errno(send->out) != 0) {
        bm_helper_wait(send->helper, REASON_WAIT);
        peer = bm_helper_error(send->helper) != NULL;
    }
    if (peer) {
        return report_return_failure(send, bm_helper_error(send->helper));
    }
    if (bm_output_errno(send->out) != 0) {
        bm_report(send->address->text, "%s", g_strerror(bm_output_errno(send->out)));
    } else {
        bm_report_error("<stdin>", error);
    }
    return BM_EXIT_INPUT;
}

static gboolean is_sent(int socket)
{
    int left;

    return ioctl(socket, SIOCOUTQ, &left) == 0 && left == 0;
}

/* The peer's last word.  One that did not answer the probe has none; our QEMU
 * stands still while we wait. */
static gboolean await_end(Send *send)
{
    if (send->answer.peer == BM_PEER_ONE_WAY) {
        bm_helper_join(send->helper);
        return TRUE;
    }
    for (unsigned i = 0; i < CONFIRMATION_WAIT; i++) {
        if (bm_helper_wait(send->helper, 1) ||
            (send->answer.peer == BM_PEER_SILENT && is_sent(send->socket))) {
            return TRUE;
        }
    }
    return FALSE;
}

static BmExit await_confirmation(Send *send)
{
    g_autoptr(GError) error = NULL;

    if (!await_end(send)) {
        bm_report(send->address->text, "no confirmation within %d s", CONFIRMATION_WAIT);
        return BM_EXIT_INPUT;
    }
    if (bm_helper_error(send->helper) != NULL) {
        return report_return_failure(send, bm_helper_error(send->helper));
    }
    /* A QEMU may end without a word; a link that breaks is something else. */
    if (!send->acked && !send->path.shut && bm_link_error(send->link) != NULL) {
        return report_return_failure(send, bm_link_error(send->link));
    }
    if (send->answer.peer == BM_PEER_BERMIG && !check_ack(send, &error)) {
        bm_report_error(send->address->text, error);
        return BM_EXIT_INPUT;
    }
    return BM_EXIT_DONE;
}

static void print_summary(const Send *send, gint64 begin)
{
    bm_progress_final(&(BmFinal){
        .where = "bermig send",
        .peer = bm_peer_name(send->answer.peer),
        .wire = speaks_ber(send) ? &send->stats : NULL,
        .legacy = bm_input_offset(send->in),
        .begin = begin,
        .confirmed = send->path.shut,
        .one_way = send->answer.peer == BM_PEER_ONE_WAY,
        .resumed = bm_session_resumed(send->session),
    });
}

/* With both threads at work; afterwards the helper has ended. */
static BmExit transfer(Send *send)
{
    g_autoptr(GError) error = NULL;
    gint64 begin = g_get_monotonic_time();
    gboolean ok = speaks_ber(send) ? forward(send, &error) : forward_plain(send, &error);
    BmExit status = ok ? await_confirmation(send) : report_forward_failure(send, error);

    if (status == BM_EXIT_DONE && send->session != NULL) {
        bm_session_complete(send->session);
    }
    shutdown(send->socket, SHUT_RDWR);
    bm_helper_join(send->helper);
    if (status == BM_EXIT_DONE) {
        if (send->tee != NULL) {
            bm_tee_commit(send->tee);
        }
        print_summary(send, begin);
    }
    return status;
}

/* ---- the session ---- */

/* A receiver that offers one waits for the answer behind its hello. */
static gboolean begin_session(Send *send, GError **error)
{
    BmSessionOffer offer;
    const BmSessionStart start = {
        .offer = &offer,
        .own = &send->session_options.terms,
        .fd = send->socket,
        .identity = bm_link_identity(send->link),
        .route = {.address = send->address, .credentials = send->credentials},
    };

    send->back = bm_input_fd(send->socket);
    if (send->back == NULL) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    }
    if (send->session_options.none || !bm_session_find_offer(send->back, HELLO_WAIT, &offer)) {
        return TRUE;
    }
    send->session = bm_session_open(&start, send->back, error);
    return send->session != NULL;
}

/* ---- the command ---- */

static gboolean negotiate(Send *send, GError **error)
{
    gboolean two_way = bm_link_is_two_way(send->link);

    send->answer.peer = two_way ? BM_PEER_NOT_ASKED : BM_PEER_ONE_WAY;
    if (send->wish == BM_WISH_QEMU) {
        return TRUE;
    }
    /* With -, standard output is not QEMU's return path. */
    if ((send->address->standard || !two_way) && !bm_check_no_return_path(send->in, error)) {
        return FALSE;
    }
    if (!two_way) {
        return TRUE;
    }
    if (!bm_ask_peer(send->in, send->link, &send->answer, error)) {
        return FALSE;
    }
    if (send->wish == BM_WISH_BER && send->answer.peer != BM_PEER_BERMIG) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the peer is %s, and --format=ber asks for a bermig",
                            bm_peer_name(send->answer.peer));
    }
    return TRUE;
}

static gboolean start_helper(Send *send, GError **error)
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

static gboolean set_up(Send *send, GError **error)
{
    if (send->answer.peer == BM_PEER_BERMIG && !begin_session(send, error)) {
        return FALSE;
    }
    if (send->record != NULL && !speaks_ber(send)) {
        bm_report(send->record, "not recorded: the peer is %s", bm_peer_name(send->answer.peer));
    } else if (send->record != NULL) {
        send->tee = bm_tee_open(send->record, send->socket, error);
        if (send->tee == NULL) {
            return FALSE;
        }
    }
    send->out = bm_output_fd(send->tee != NULL ? bm_tee_fd(send->tee) : send->socket);
    if (send->out == NULL) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    }
    return start_helper(send, error);
}

static BmExit report_negotiation(Send *send, const GError *error)
{
    const GError *link = bm_link_error(send->link);

    if (g_error_matches(error, BM_ERROR, BM_PEER)) {
        bm_report_error(send->address->text, link != NULL ? link : error);
    } else {
        bm_report_error("<stdin>", error);
    }
    return BM_EXIT_INPUT;
}

static BmExit connected(Send *send)
{
    g_autoptr(GError) error = NULL;
    BmExit status = BM_EXIT_RUN;

    send->in = bm_input_fd(STDIN_FILENO);
    send->ask = bm_ask_new(send->announces);
    if (send->in == NULL) {
        bm_report("bermig send", "no memory");
    } else if (!negotiate(send, &error)) {
        status = report_negotiation(send, error);
    } else if (set_up(send, &error)) {
        status = transfer(send);
    } else {
        bm_report_error(send->record != NULL ? send->record : "bermig send", error);
    }
    bm_helper_free(send->helper);
    bm_tee_free(send->tee);
    bm_session_free(send->session);
    bm_output_free(send->out);
    bm_input_free(send->back);
    bm_input_free(send->in);
    bm_ask_free(send->ask);
    bm_hello_box_free(send->peer_hello);
    g_free(send->generator);
    return status;
}

static BmExit send_stream(Send *send)
{
    g_autoptr(GError) error = NULL;

    bm_live_prepare();
    send->link =
        bm_address_is_inherited(send->address)
            ? bm_link_inherit(send->address, STDOUT_FILENO, send->credentials, &error)
            : bm_link_connect(send->address, send->credentials, send->connect_timeout, &error);
    if (send->link == NULL) {
        return bm_report_error(send->address->text, error);
    }
    send->socket = bm_link_fd(send->link);
    BmExit status = connected(send);

    bm_link_free(send->link);
    return status;
}

static BmExit check_options(Send *send, const char *compress, int timeout)
{
    g_autofree char *wrong = bm_session_options_check(&send->session_options);

    if (!bm_command_level(compress, &send->level)) {
        return bm_command_usage(&bm_command_send, "--compress=%s: expected 1 to 19, or none",
                                compress);
    }
    if (timeout < 0) {
        return bm_command_usage(&bm_command_send, "--connect-timeout=%d: expected seconds",
                                timeout);
    }
    if (send->record != NULL && strcmp(send->record, "-") == 0) {
        return bm_command_usage(&bm_command_send,
                                "--record=-: standard output is QEMU's return path");
    }
    if (wrong != NULL) {
        return bm_command_usage(&bm_command_send, "%s", wrong);
    }
    if (isatty(STDIN_FILENO)) {
        return bm_command_usage(&bm_command_send, "standard input is a terminal");
    }
    send->connect_timeout = (unsigned)timeout;
    return BM_EXIT_DONE;
}

static BmExit parse_uri(Send *send, const char *uri)
{
    g_autoptr(GError) error = NULL;

    send->address = bm_address_parse_any(uri, "<stdout>", &error);
    if (send->address == NULL) {
        return bm_command_usage(&bm_command_send, "%s", error->message);
    }
    if (send->address->standard && isatty(STDOUT_FILENO)) {
        return bm_command_usage(&bm_command_send, "standard output is a terminal");
    }
    return BM_EXIT_DONE;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *record = NULL, *compress = NULL, *format = NULL;
    g_autofree char *tls_creds = NULL, *tls_hostname = NULL, *describe = NULL;
    int timeout = 30;
    Send send = {.socket = -1, .session_options = BM_SESSION_OPTIONS_INIT};
    const GOptionEntry entries[] = {
        {"record", 0, 0, G_OPTION_ARG_FILENAME, &record, "Also write what is sent to a file",
         "FILE"},
        {"compress", 0, 0, G_OPTION_ARG_FILENAME, &compress,
         "Compress page data: 1 to 19, or not: 1", "LEVEL|none"},
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format,
         "What to speak: auto (ask the peer), ber (nothing else), qemu (do not ask)",
         "auto|ber|qemu"},
        {"connect-timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "Try so long to connect: 30", "SEC"},
        {"tls-creds", 0, 0, G_OPTION_ARG_FILENAME, &tls_creds,
         "Encrypt, with the certificates of this folder", "DIR"},
        {"tls-hostname", 0, 0, G_OPTION_ARG_FILENAME, &tls_hostname,
         "The name in the receiver's certificate: the host of URI", "NAME"},
        {"describe", 0, 0, G_OPTION_ARG_FILENAME, &describe,
         "A stream or description of this guest, for the receiver to compare", "FILE"},
        BM_SESSION_ENTRIES(&send.session_options),
        BM_PROGRESS_OPTION,
        BM_STATUS_OPTION,
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_send, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_wish_parse(format, &send.wish)) {
        return bm_command_usage(&bm_command_send, "--format=%s: expected auto, ber or qemu",
                                format);
    }
    send.record = record;
    status = check_options(&send, compress, timeout);
    if (status == BM_EXIT_DONE) {
        status = parse_uri(&send, argv[1]);
    }
    if (status == BM_EXIT_DONE) {
        bm_status_begin("send");
        status = bm_tls_options_client(&bm_command_send, send.address, tls_creds, tls_hostname,
                                       &send.credentials);
        if (status == BM_EXIT_DONE && describe != NULL) {
            send.announces = bm_announces_new();
            status = bm_announces_read(send.announces, describe);
        }
        status = bm_status_end(status == BM_EXIT_DONE ? send_stream(&send) : status);
    }
    bm_announces_free(send.announces);
    bm_tls_credentials_free(send.credentials);
    bm_address_free(send.address);
    return status;
}

const BmCommand bm_command_send = {
    .name = "send",
    .operands = "URI",
    .summary = "Send QEMU's stream from standard input to 'bermig recv'",
    .run = run,
};
