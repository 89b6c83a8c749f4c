/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <unistd.h>

#include "compat.h"
#include "live.h"
#include "progress.h"
#include "send.h"

/* No hello of a receiver is longer. */
#define HELLO_MAX (1u << 20)

gboolean bm_send_speaks_ber(const BmSend *send)
{
    return send->answer.peer == BM_PEER_BERMIG ||
           (send->answer.peer == BM_PEER_ONE_WAY && send->wish == BM_WISH_BER);
}

/* ---- the session ---- */

/* For that the receiver's hello is looked at, and left where it is. */
static void agree_on_channels(BmSend *send, const BmHello *hello)
{
    BmChannelsOffer *offer = &send->channels_offer;

    if (send->channels == 0) {
        return;
    }
    if (hello == NULL || !bm_channels_offer_find(hello, offer)) {
        bm_report("bermig send", "no channels: the receiver does not take any");
        send->channels = 0;
    } else if (send->channels > offer->max) {
        bm_report("bermig send", "%u channels: the receiver takes no more", offer->max);
        send->channels = offer->max;
    }
}

/* Channels have sessions of their own, which cost a copy of all pages: only where they are
 * asked for, and only if the receiver has them. */
static void settle_resuming(BmSend *send)
{
    BmSessionOptions *options = &send->session_options;

    if (send->channels == 0 || (options->resume_given && send->channels_offer.sessions)) {
        return;
    }
    if (options->resume_given && options->terms.resume > 0) {
        bm_report("bermig send", "a lost connection is not resumed: the receiver cannot do that "
                                 "with channels");
    }
    options->terms.resume = 0;
}

/* A receiver that offers one waits for the answer behind its hello. */
static gboolean open_session(BmSend *send, const BmHello *hello, GError **error)
{
    BmSessionOffer offer;
    const BmSessionStart start = {
        .offer = &offer,
        .own = &send->session_options.terms,
        .fd = send->socket,
        .identity = bm_link_identity(send->link),
        .route = {.address = send->address, .credentials = send->credentials},
    };

    if (send->session_options.none || hello == NULL || !bm_session_find_offer(hello, &offer)) {
        return TRUE;
    }
    settle_resuming(send);
    send->session = bm_session_open(&start, send->back, error);
    return send->session != NULL;
}

static gboolean begin_session(BmSend *send, GError **error)
{
    send->back = bm_input_fd(send->socket);
    if (send->back == NULL) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    }
    g_autoptr(BmHelloBox) box = bm_hello_look(send->back, HELLO_MAX, BM_SEND_HELLO_WAIT);
    const BmHello *hello = box != NULL ? bm_hello_box_get(box) : NULL;

    agree_on_channels(send, hello);
    return open_session(send, hello, error);
}

/* ---- the peer ---- */

static gboolean negotiate(BmSend *send, GError **error)
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

/* Without a bermig there is nobody to put the pages together. */
static void give_up_channels(BmSend *send)
{
    if (send->channels > 0 && send->answer.peer != BM_PEER_BERMIG) {
        bm_report("bermig send", "no channels: the peer is %s", bm_peer_name(send->answer.peer));
        send->channels = 0;
    }
}

static gboolean set_up(BmSend *send, GError **error)
{
    give_up_channels(send);
    if (send->answer.peer == BM_PEER_BERMIG && !begin_session(send, error)) {
        return FALSE;
    }
    if (send->record != NULL && !bm_send_speaks_ber(send)) {
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
    return bm_send_start_helper(send, error);
}

static void print_summary(BmSend *send, gint64 begin)
{
    send->stats.total += bm_spread_octets(send->spread);
    bm_progress_final(&(BmFinal){
        .where = "bermig send",
        .peer = bm_peer_name(send->answer.peer),
        .wire = bm_send_speaks_ber(send) ? &send->stats : NULL,
        .legacy = bm_input_offset(send->in),
        .begin = begin,
        .confirmed = send->path.shut,
        .one_way = send->answer.peer == BM_PEER_ONE_WAY,
        .resumed = bm_session_resumed(send->session) + bm_spread_resumed(send->spread),
        .channels = send->channels,
    });
}

/* With both threads at work; afterwards the helper has ended. */
static BmExit transfer(BmSend *send)
{
    g_autoptr(GError) error = NULL;
    gint64 begin = g_get_monotonic_time();
    gboolean ok = bm_send_forward(send, &error);
    BmExit status = ok ? bm_send_await_confirmation(send) : bm_send_report_failure(send, error);

    if (status == BM_EXIT_DONE && send->session != NULL) {
        bm_session_complete(send->session);
    }
    shutdown(send->socket, SHUT_RDWR);
    bm_helper_join(send->helper);
    if (status == BM_EXIT_DONE) {
        if (send->tee != NULL) {
            bm_tee_commit(send->tee);
        }
        if (send->recall != NULL) {
            bm_cache_keep(send->cache, send->recall);
        }
        bm_spread_commit(send->spread);
        print_summary(send, begin);
    }
    return status;
}

static BmExit report_negotiation(BmSend *send, const GError *error)
{
    const GError *link = bm_link_error(send->link);

    if (g_error_matches(error, BM_ERROR, BM_PEER)) {
        bm_report_error(send->address->text, link != NULL ? link : error);
    } else {
        bm_report_error("<stdin>", error);
    }
    return BM_EXIT_INPUT;
}

static BmExit connected(BmSend *send)
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
    bm_watch_free(send->watch);
    bm_spread_free(send->spread);
    bm_tee_free(send->tee);
    bm_session_free(send->session);
    bm_output_free(send->out);
    bm_input_free(send->back);
    bm_input_free(send->in);
    bm_ask_free(send->ask);
    bm_recall_free(send->recall);
    bm_hello_box_free(send->peer_hello);
    g_free(send->generator);
    return status;
}

BmExit bm_send_stream(BmSend *send)
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
