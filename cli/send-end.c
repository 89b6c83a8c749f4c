/* SPDX-License-Identifier: BSD-2-Clause */
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "send.h"

/* For the receiver to pass on what is under way, and its QEMU to load it. */
#define CONFIRMATION_WAIT 120
/* For the other thread to find out why a write to the peer failed. */
#define REASON_WAIT 2

static gboolean check_ack(const BmSend *send, GError **error)
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

/* The receiver ended the connection: what it knows, it says on its side. */
static gboolean is_hang_up(const GError *error)
{
    return g_error_matches(error, BM_ERROR, BM_TRUNCATED) ||
           g_error_matches(error, BM_ERROR, BM_IO);
}

static BmExit report_return_failure(const BmSend *send, const GError *error)
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
BmExit bm_send_report_failure(BmSend *send, const GError *error)
{
    gboolean peer = bm_helper_error(send->helper) != NULL;

    if (bm_ask_was_refused(send->ask)) {
        bm_report_error(send->address->text, error);
        return BM_EXIT_INPUT;
    }
    if (bm_spread_error(send->spread) != NULL) {
        bm_report_error(send->address->text, bm_spread_error(send->spread));
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
static gboolean await_end(BmSend *send)
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

BmExit bm_send_await_confirmation(BmSend *send)
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
