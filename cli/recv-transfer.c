/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat.h"
#include "live.h"
#include "pass.h"
#include "progress.h"
#include "recv.h"

/* For the helper to hand the last of QEMU's answers to the sender. */
#define ANSWER_WAIT 10

BmExit bm_recv_report_at(const BmRecv *recv, const char *where, const GError *error)
{
    bm_report_error(where != NULL ? where : recv->address->text, error);
    return BM_EXIT_INPUT;
}

/* The one reason of several that came first. */
static BmExit report_failure(BmRecv *recv, const GError *error)
{
    const GError *relay = recv->helper != NULL ? bm_helper_error(recv->helper) : NULL;
    const GError *session = bm_session_error(recv->session);
    const GError *channel = bm_join_error(bm_channels_in_join(recv->channels), NULL);

    if (session != NULL) {
        return bm_recv_report_at(recv, NULL, session);
    }
    if (relay != NULL) {
        return bm_recv_report_at(recv, recv->relay_where, relay);
    }
    if (bm_output_errno(recv->out) != 0) {
        bm_report("<stdout>", "%s", g_strerror(bm_output_errno(recv->out)));
        return BM_EXIT_INPUT;
    }
    if (channel != NULL) {
        return bm_recv_report_at(recv, NULL, channel);
    }
    const GError *link = recv->where == NULL ? bm_link_error(recv->sender.link) : NULL;
    return bm_recv_report_at(recv, recv->where, link != NULL ? link : error);
}

static void print_summary(BmRecv *recv, gint64 begin)
{
    recv->stats.total += bm_join_octets(bm_channels_in_join(recv->channels));
    bm_progress_final(&(BmFinal){
        .where = "bermig recv",
        .receives = TRUE,
        .peer = bm_peer_name(recv->peer),
        .wire = bm_recv_speaks_plain(recv) ? NULL : &recv->stats,
        .legacy = bm_output_offset(recv->out),
        .begin = begin,
        .confirmed = recv->path.shut,
        .one_way = !recv->two_way,
        .resumed = bm_session_resumed(recv->session) + bm_channels_in_resumed(recv->channels),
        .channels = bm_join_count(bm_channels_in_join(recv->channels)),
    });
}

/* ---- BER ---- */

static gboolean flush_out(BmRecv *recv, GError **error)
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

static gboolean forward(BmRecv *recv, GError **error)
{
    BmStreamVisitor *s =
        bm_join_stream(bm_channels_in_join(recv->channels), bm_gate_stream(recv->gate));
    BmProgress *progress = bm_progress_start("bermig recv", recv->watch);

    gboolean ok = bm_ber_stream_read_known(recv->in, s, recv->told ? recv->known : NULL,
                                           &recv->stats, error) &&
                  flush_out(recv, error);
    bm_progress_free(progress);
    return ok;
}

/* QEMU has said that it loaded the stream, or nobody can say. */
static gboolean await_load(BmRecv *recv, GError **error)
{
    gboolean asked = recv->watch->return_path && bm_recv_hears_qemu(recv);

    if (!asked) {
        bm_live_close(STDOUT_FILENO);
    }
    recv->await_shut = asked;
    bm_helper_stop(recv->helper);
    if (!bm_helper_wait(recv->helper, BM_RECV_LOAD_WAIT + ANSWER_WAIT)) {
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
                            BM_RECV_LOAD_WAIT);
    }
    return TRUE;
}

/* Nobody follows: recv goes on waiting. */
static BmExit finish_probe(BmRecv *recv)
{
    g_autoptr(GError) error = NULL;

    bm_helper_join(recv->helper);
    if (recv->two_way &&
        (!bm_stream_end(recv->replies, &error) || !bm_stream_flush(recv->replies, &error) ||
         !bm_recv_end_replies(recv, &error))) {
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
BmExit bm_recv_transfer_ber(BmRecv *recv)
{
    g_autoptr(GError) error = NULL;
    gint64 begin = g_get_monotonic_time();

    recv->helper = bm_helper_start(&bm_recv_relay, recv, &error);
    gboolean ok = recv->helper != NULL && forward(recv, &error);

    if (ok && bm_gate_was_probe(recv->gate)) {
        return finish_probe(recv);
    }
    if (!ok || !await_load(recv, &error) || !bm_recv_confirm(recv, &error) ||
        !bm_recv_end_replies(recv, &error)) {
        shutdown(recv->socket, SHUT_RDWR);
        if (recv->helper != NULL) {
            bm_helper_join(recv->helper);
        }
        return report_failure(recv, error);
    }
    bm_cache_keep(recv->cache, recv->recall);
    print_summary(recv, begin);
    return BM_EXIT_DONE;
}

/* ---- QEMU's own format ---- */

static gboolean forward_plain(BmRecv *recv, GError **error)
{
    BmProgress *progress = bm_progress_start("bermig recv", recv->watch);
    gboolean ok = bm_pass_all(recv->in, recv->out, recv->watch, error);

    bm_progress_free(progress);
    return ok;
}

static BmExit finish_plain(BmRecv *recv, gint64 begin)
{
    bm_live_close(STDOUT_FILENO);
    bm_helper_wait(recv->helper, BM_RECV_LOAD_WAIT);
    bm_helper_join(recv->helper);
    if (bm_helper_error(recv->helper) != NULL) {
        return bm_recv_report_at(recv, "<stdin>", bm_helper_error(recv->helper));
    }
    print_summary(recv, begin);
    return BM_EXIT_DONE;
}

BmExit bm_recv_transfer_plain(BmRecv *recv)
{
    g_autoptr(GError) error = NULL;
    gint64 begin = g_get_monotonic_time();

    recv->helper = bm_helper_start(&bm_recv_plain_relay, recv, &error);
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
