/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <unistd.h>

#include "compat.h"
#include "live.h"
#include "recv.h"
#include "status.h"

/* ---- who sends ---- */

gboolean bm_recv_speaks_plain(const BmRecv *recv)
{
    return recv->peer == BM_PEER_PLAIN || recv->peer == BM_PEER_DEAF;
}

static gboolean check_wish(BmRecv *recv, GError **error)
{
    gboolean qemu = bm_recv_speaks_plain(recv);

    if (recv->wish == BM_WISH_AUTO || (recv->wish == BM_WISH_QEMU) == qemu) {
        return TRUE;
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the peer is %s, and --format=%s",
                        bm_peer_name(recv->peer), qemu ? "ber" : "qemu");
}

/* One sender: nobody else gets in; where it may come again, the session sees to that. */
void bm_recv_stop_listening(void *data)
{
    BmRecv *recv = data;

    if (!bm_session_is_resumable(recv->session)) {
        g_clear_pointer(&recv->listener, bm_listener_free);
    }
}

/* Answers who was let in, and finds out how it goes on. */
static gboolean meet(BmRecv *recv, GError **error)
{
    if (!check_wish(recv, error)) {
        return FALSE;
    }
    if (recv->peer != BM_PEER_BERMIG) {
        bm_recv_stop_listening(recv); /* a probe asks; before the answer, so that it is seen */
    }
    if (recv->peer == BM_PEER_PLAIN) {
        return TRUE;
    }
    if (recv->two_way && !bm_recv_begin_replies(recv, error)) {
        return FALSE;
    }
    return recv->peer != BM_PEER_BERMIG ||
           (bm_follow_peer(recv->in, &recv->peer, error) && bm_recv_begin_session(recv, error) &&
            check_wish(recv, error));
}

static BmExit transfer(BmRecv *recv)
{
    g_autoptr(GError) error = NULL;

    if (!meet(recv, &error)) {
        shutdown(recv->socket, SHUT_RDWR);
        return bm_recv_report_at(recv, NULL, error);
    }
    if (recv->peer != BM_PEER_BERMIG) {
        bm_recv_stop_listening(recv); /* a probe asks */
    }
    if (bm_recv_speaks_plain(recv) && recv->expect != NULL) {
        bm_report("bermig recv", "the sender speaks QEMU's own format: its guest is not compared");
    }
    return bm_recv_speaks_plain(recv) ? bm_recv_transfer_plain(recv) : bm_recv_transfer_ber(recv);
}

/* ---- one connection ---- */

/* The main thread may wait for the sender. */
static void channel_failed(void *data)
{
    BmRecv *recv = data;

    shutdown(recv->socket, SHUT_RD);
}

static void set_up_channels(BmRecv *recv)
{
    const BmChannelsInSetup setup = {
        .offer = &recv->offered,
        .listener = &recv->listener,
        .credentials = recv->credentials,
        .identity = bm_link_identity(recv->sender.link),
        .session = &recv->session,
        .reader = bm_live_is_channel(STDOUT_FILENO) ? STDOUT_FILENO : -1,
        .failed = channel_failed,
        .data = recv,
    };

    recv->channels = bm_channels_in_new(&setup);
}

static gboolean set_up(BmRecv *recv)
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
    BmStreamVisitor *out = bm_legacy_stream_out(recv->out);

    bm_legacy_stream_out_recall(out, recv->recall);
    recv->watch = bm_watch_new(out, recv->in, recv->out);
    recv->gate = bm_gate_new(bm_watch_stream(recv->watch), recv->expect, &bm_recv_gate_ops, recv);
    set_up_channels(recv);
    return TRUE;
}

/* QEMU notices the end only behind something else; after a failure that may still
 * lie in the buffer. */
static void note_what_qemu_got(BmRecv *recv)
{
    gboolean refused =
        recv->gate != NULL && !bm_recv_speaks_plain(recv) && bm_gate_is_closed(recv->gate);

    if (recv->out != NULL && !refused) {
        bm_output_flush(recv->out);
        recv->began = bm_output_offset(recv->out) > 0;
    }
}

static BmExit accepted(BmRecv *recv)
{
    BmExit status = BM_EXIT_RUN;

    if (set_up(recv)) {
        status = transfer(recv);
    } else {
        bm_report("bermig recv", "no memory");
    }
    bm_helper_free(recv->helper);
    g_clear_pointer(&recv->channels, bm_channels_in_free);
    g_clear_pointer(&recv->session, bm_session_free);
    g_clear_pointer(&recv->door, bm_door_free);
    bm_stream_free(recv->replies);
    bm_watch_free(recv->watch);
    note_what_qemu_got(recv);
    bm_output_free(recv->back);
    bm_output_free(recv->out);
    bm_arrival_clear(&recv->sender);
    return status;
}

static gboolean let_in(BmRecv *recv, int reader, GError **error)
{
    if (recv->listener != NULL) {
        const BmReceptionSetup setup = {
            .listener = recv->listener, .credentials = recv->credentials, .reader = reader};

        return bm_reception_wait(&setup, recv->timeout, &recv->sender, 1, error);
    }
    BmLink *link = bm_link_inherit(recv->address, STDIN_FILENO, recv->credentials, error);

    return link != NULL && bm_reception_meet(link, recv->timeout, reader, &recv->sender, error);
}

/* One connection; *probe: it was none of a guest, so there may be another. */
static BmExit receive_one(BmRecv *recv, gboolean *probe)
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
    recv->told = FALSE;
    return status;
}

/* ---- all of them ---- */

static BmExit listen_and_receive(BmRecv *recv)
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

BmExit bm_recv_stream(BmRecv *recv)
{
    BmExit status;

    recv->recall = bm_cache_load(recv->cache);
    recv->known = bm_known_new();
    bm_recall_tell(recv->recall, recv->known);
    status = listen_and_receive(recv);
    bm_known_free(recv->known);
    bm_recall_free(recv->recall);

    if (status != BM_EXIT_DONE && !recv->began) {
        bm_live_wake_qemu();
    }
    return status;
}
