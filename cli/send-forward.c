/* SPDX-License-Identifier: BSD-2-Clause */
#include <sys/socket.h>
#include <unistd.h>

#include "compat.h"
#include "live.h"
#include "progress.h"
#include "send.h"

/* A QEMU of a machine without description writes none after its end marker. */
#define DESCRIPTION_WAIT_MS 1000

/* For the peer's hello, which its stream begins with; an error is found later. */
static void await_hello(BmSend *send)
{
    gint64 end = g_get_monotonic_time() + BM_SEND_HELLO_WAIT * G_TIME_SPAN_SECOND;

    g_mutex_lock(&send->lock);
    while (!send->has_hello && bm_helper_error(send->helper) == NULL &&
           g_cond_wait_until(&send->said_hello, &send->lock, end)) {
    }
    g_mutex_unlock(&send->lock);
}

/* The peer can do it, and said so. */
static gboolean peer_has(const BmSend *send, const char *capability)
{
    return send->has_hello && bm_hello_has(bm_hello_box_get(send->peer_hello), capability);
}

/* A recording has all that it needs to be read, so it has the description. */
static const char *const *known_to_peer(const BmSend *send)
{
    gboolean may = send->has_hello && send->recall != NULL && send->record == NULL;

    return may ? bm_hello_parameters(bm_hello_box_get(send->peer_hello), BM_KNOWN_CAPABILITY)
               : NULL;
}

/* For the preamble: who the peer is, and what both use. */
static void fill_outcome(BmSend *send, BmHelloBox *agreed, BmOutcome *outcome, char **reason)
{
    const BmHello *peer = bm_hello_box_get(send->peer_hello);

    for (uint32_t i = 0; i < peer->n_capabilities; i++) {
        const BmCapability *c = &peer->capabilities[i];

        if (bm_hello_has(&bm_own_hello, c->name) || strcmp(c->name, "preflight") == 0) {
            bm_hello_box_add(agreed, c->name, c->parameters);
        }
    }
    if (known_to_peer(send) != NULL) {
        bm_hello_box_add(agreed, BM_KNOWN_CAPABILITY, NULL);
    }
    if (send->channels > 0) {
        bm_channels_count_add(send->channels, agreed);
    }
    *reason = g_strdup_printf("answered with its hello after %.1f ms",
                              (double)send->answer.microseconds / 1000);
    *outcome = (BmOutcome){.peer = send->generator, .reason = *reason};
    outcome->capabilities = bm_hello_box_get(agreed)->capabilities;
    outcome->n_capabilities = bm_hello_box_get(agreed)->n_capabilities;
}

/* The peer is a QEMU: what ours writes goes on as it is. */
static gboolean forward_plain(BmSend *send, GError **error)
{
    BmWatch *watch = bm_watch_new(bm_null_stream(), send->in, send->out);
    gboolean ok;

    send->watch = watch;
    BmProgress *progress = bm_progress_start("bermig send", watch);
    bm_input_skip(send->in, send->answer.head);
    ok = bm_pass_all(send->in, send->out, watch, error);
    bm_progress_free(progress);
    shutdown(send->socket, SHUT_WR);
    return ok;
}

/* The main thread may wait for QEMU, or for room in the socket. */
static void channel_failed(void *data)
{
    BmSend *send = data;

    shutdown(send->socket, SHUT_RDWR);
    bm_live_cut(STDIN_FILENO);
    bm_ask_give_up(send->ask);
}

/* Before `inner`, which writes the main stream. */
static BmStreamVisitor *spread_stream(BmSend *send, BmStreamVisitor *inner, int level)
{
    const BmSpreadSetup setup = {
        .count = send->channels,
        .token = send->channels_offer.token,
        .address = send->address,
        .credentials = send->credentials,
        .identity = bm_link_identity(send->link),
        .session = send->session,
        .record = send->record,
        .level = level,
        .failed = channel_failed,
        .data = send,
    };

    if (send->channels == 0) {
        return inner;
    }
    send->spread = bm_spread_new(&setup);
    return bm_spread_stream(send->spread, inner);
}

static gboolean forward_ber(BmSend *send, GError **error)
{
    const BmLegacyOptions options = {
        .live = TRUE,
        .end_timeout_ms = DESCRIPTION_WAIT_MS,
        .schemas = send->announces != NULL ? bm_announces_schemas(send->announces) : NULL,
        .recall = send->recall = send->cache != NULL ? bm_cache_load_aside(send->cache) : NULL,
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
    BmStreamVisitor *out = bm_ber_stream_out(send->out, level, &send->stats);
    BmWatch *watch = bm_watch_new(spread_stream(send, out, level), send->in, send->out);

    bm_ber_stream_out_known(out, known_to_peer(send));
    bm_hello_box_add_all(own, &bm_own_hello, NULL);
    bm_hello_box_add_limits(own);
    if (send->channels > 0) {
        bm_channels_count_add(send->channels, own);
    }
    watch->hello = asked ? bm_hello_box_get(own) : NULL;
    BmStreamVisitor *s =
        bm_ask_stream(send->ask, bm_watch_stream(watch), send->has_hello ? &outcome : NULL,
                      peer_has(send, "preflight"));
    send->watch = watch;
    BmProgress *progress = bm_progress_start("bermig send", watch);

    gboolean ok = bm_legacy_read(send->in, s, &options, error) && bm_output_flush(send->out);
    bm_progress_free(progress);
    return ok && (send->tee == NULL || bm_tee_drain(send->tee, error));
}

gboolean bm_send_forward(BmSend *send, GError **error)
{
    return bm_send_speaks_ber(send) ? forward_ber(send, error) : forward_plain(send, error);
}
