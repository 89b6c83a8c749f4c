/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>

#include "ask.h"
#include "compat.h"
#include "recv.h"
#include "session-frame.h"

/* ---- the return stream ---- */

/* What is known changes with each sender that has made use of it. */
static void tell_descriptions(BmRecv *recv, BmHelloBox *box)
{
    const char *const *digests = bm_known_digests(recv->known);

    bm_hello_box_add_all(box, bm_hello_box_get(recv->hello), NULL);
    if (digests[0] != NULL) {
        bm_hello_box_add(box, BM_KNOWN_CAPABILITY, digests);
    }
}

static gboolean offer_session(BmRecv *recv, BmHelloBox *hello, GError **error)
{
    if (recv->session_options.none) {
        return TRUE;
    }
    if (recv->listener == NULL) {
        recv->session_options.terms.resume = 0; /* a descriptor: nobody can come again */
    }
    if (!bm_session_offer_new(&recv->offer, &recv->session_options, error)) {
        return FALSE;
    }
    bm_session_offer_add(&recv->offer, hello);
    return TRUE;
}

/* Where nobody can connect, there are none. */
static gboolean offer_channels(BmRecv *recv, BmHelloBox *hello, GError **error)
{
    recv->offered = (BmChannelsOffer){
        .max = recv->listener != NULL ? recv->max_channels : 0,
        .sessions = !recv->session_options.none && recv->session_options.terms.resume > 0,
    };
    if (recv->offered.max == 0) {
        return TRUE;
    }
    if (!bm_token_new(&recv->offered.token, error)) {
        return FALSE;
    }
    bm_channels_offer_add(&recv->offered, hello);
    return TRUE;
}

static gboolean say_hello(BmRecv *recv, GError **error)
{
    g_autoptr(BmHelloBox) hello = bm_hello_box_new();

    tell_descriptions(recv, hello);
    recv->told = TRUE;
    return offer_session(recv, hello, error) && offer_channels(recv, hello, error) &&
           bm_stream_hello(recv->replies, bm_hello_box_get(hello), error);
}

gboolean bm_recv_begin_replies(BmRecv *recv, GError **error)
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

gboolean bm_recv_confirm(BmRecv *recv, GError **error)
{
    if (!recv->two_way) {
        return TRUE;
    }
    return bm_stream_ack(recv->replies, recv->stats.trailer_octets, recv->stats.digest, error) &&
           bm_stream_end(recv->replies, error) && bm_stream_flush(recv->replies, error);
}

/* The sender has all that was written to it, and knows that this is the end. */
gboolean bm_recv_end_replies(BmRecv *recv, GError **error)
{
    shutdown(recv->socket, SHUT_WR);
    return recv->session == NULL || bm_session_finish(recv->session, error);
}

/* ---- the session ---- */

/* Not where nobody can come back. */
static gboolean open_door(BmRecv *recv, GError **error)
{
    const BmDoorSetup setup = {
        .listener = recv->listener,
        .credentials = recv->credentials,
        .identity = bm_link_identity(recv->sender.link),
        .channels = recv->offered.max > 0 ? &recv->offered.token : NULL,
    };

    if (recv->listener != NULL) {
        recv->door = bm_door_new(&setup, error);
    }
    return recv->listener == NULL || recv->door != NULL;
}

static gboolean accept_session(BmRecv *recv, GError **error)
{
    const BmSessionStart start = {
        .offer = &recv->offer,
        .own = &recv->offer.terms,
        .fd = recv->socket,
        .identity = bm_link_identity(recv->sender.link),
        .position = bm_output_offset(recv->back),
        .route = {.door = recv->door},
    };

    recv->session = bm_session_accept(&start, recv->in, error);
    return recv->session != NULL;
}

/* The first octet of its answer says whether it wants the session. */
gboolean bm_recv_begin_session(BmRecv *recv, GError **error)
{
    return bm_input_data(recv->in)[0] != BM_FRAME_OPEN_OCTET ||
           (open_door(recv, error) && accept_session(recv, error));
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
    BmRecv *recv = data;
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

const BmGateOps bm_recv_gate_ops = {
    .in_earnest = bm_recv_stop_listening, .show = show_findings, .answer = answer_check};
