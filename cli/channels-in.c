/* SPDX-License-Identifier: BSD-2-Clause */
#include "channels-in.h"

#include <gio/gio.h>

#include "carrier.h"

/* A channel's stream begins with no more up to its hello. */
#define HELLO_MAX 4096u

typedef struct Seat {
    BmCarrier carrier;
    BmInput *in; /* NULL: it is empty */
} Seat;

struct BmChannelsIn {
    BmChannelsInSetup setup;
    BmJoin *join;
    Seat seats[BM_LIMIT_CHANNELS]; /* by number, from 1 on */
};

/* ---- letting them in ---- */

/* In a thread for each who has connected. */
static gboolean meet_channel(BmArrival *arrival, const void *data, GError **error)
{
    const BmChannelsIn *channels = data;
    g_autoptr(BmHelloBox) hello = NULL;
    unsigned number;
    BmToken token;

    if (!bm_link_check_identity(arrival->link, channels->setup.identity, error)) {
        return FALSE;
    }
    hello = bm_hello_look(arrival->in, HELLO_MAX, BM_RECEPTION_SECONDS);
    if (hello == NULL || !bm_channel_number_find(bm_hello_box_get(hello), &number, &token)) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "it is no channel of a sender");
    }
    return bm_token_is(bm_token_octets(&token), bm_token_octets(&channels->setup.offer->token)) ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "it has no token for a channel of this sender");
}

/* Each number is there once. */
static gboolean seat(BmChannelsIn *channels, BmArrival *arrival, unsigned count, GError **error)
{
    g_autoptr(BmHelloBox) hello = bm_hello_look(arrival->in, HELLO_MAX, 0);
    unsigned number;
    BmToken token;

    if (hello == NULL || !bm_channel_number_find(bm_hello_box_get(hello), &number, &token) ||
        number > count || channels->seats[number - 1].in != NULL) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the channels do not have the numbers 1 to %u", count);
    }
    channels->seats[number - 1] = (Seat){bm_carrier_of_link(arrival->link), arrival->in};
    *arrival = (BmArrival){0};
    return TRUE;
}

static gboolean some_missing(const BmArrival *arrivals, unsigned n, GError **error)
{
    unsigned missing = 0;

    for (unsigned i = 0; i < n; i++) {
        missing += arrivals[i].link == NULL;
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "%u of the sender's %u channels did not come within %d s", missing, n,
                        BM_CHANNELS_SECONDS);
}

static gboolean await_channels(BmChannelsIn *channels, BmArrival *arrivals, unsigned count,
                               GError **error)
{
    const BmChannelsInSetup *setup = &channels->setup;
    const BmReceptionSetup reception = {
        .listener = *setup->listener,
        .credentials = setup->credentials,
        .reader = setup->reader,
        .meet = meet_channel,
        .data = channels,
    };
    g_autoptr(GError) why = NULL;
    gboolean ok = bm_reception_wait(&reception, BM_CHANNELS_SECONDS, arrivals, count, &why);

    if (!ok && g_error_matches(why, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
        return some_missing(arrivals, count, error);
    }
    if (!ok) {
        g_propagate_error(error, g_steal_pointer(&why));
    }
    for (unsigned i = 0; ok && i < count; i++) {
        ok = seat(channels, &arrivals[i], count, error);
    }
    return ok;
}

static gboolean let_in(BmChannelsIn *channels, unsigned count, GError **error)
{
    BmArrival arrivals[BM_LIMIT_CHANNELS] = {{0}};
    gboolean ok;

    ok = await_channels(channels, arrivals, count, error);
    for (unsigned i = 0; i < count; i++) {
        bm_arrival_clear(&arrivals[i]);
    }
    return ok;
}

/* ---- sessions ---- */

static gboolean open_session(BmChannelsIn *channels, unsigned number, GError **error)
{
    const BmToken token = bm_channel_token(&channels->setup.offer->token, number);
    Seat *at = &channels->seats[number - 1];

    at->carrier = bm_carrier_beside(*channels->setup.session, &token, error);
    if (at->carrier.fd < 0) {
        return FALSE;
    }
    at->in = bm_input_fd(at->carrier.fd);
    return at->in != NULL || bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
}

static gboolean open_sessions(BmChannelsIn *channels, unsigned count, GError **error)
{
    for (unsigned number = 1; number <= count; number++) {
        if (!open_session(channels, number, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- for the join ---- */

static gboolean open_channels(void *data, const BmHello *hello, BmInput **inputs, unsigned *count,
                              GError **error)
{
    BmChannelsIn *channels = data;

    *count = bm_channels_count_find(hello);
    if (*count > channels->setup.offer->max) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the sender has %u channels, at most %u were offered", *count,
                            channels->setup.offer->max);
    }
    if (*count > 0 &&
        !(bm_session_is_resumable(*channels->setup.session) ? open_sessions(channels, *count, error)
                                                            : let_in(channels, *count, error))) {
        return FALSE;
    }
    for (unsigned i = 0; i < *count; i++) {
        inputs[i] = channels->seats[i].in;
    }
    return TRUE;
}

/* What the descriptor cannot tell, what is behind it may know. */
static void explain(void *data, unsigned number, GError **error)
{
    const BmChannelsIn *channels = data;
    const GError *why = bm_carrier_error(&channels->seats[number - 1].carrier);

    if (why != NULL) {
        g_clear_error(error);
        *error = g_error_copy(why);
    }
}

static void failed(void *data)
{
    const BmChannelsIn *channels = data;

    channels->setup.failed(channels->setup.data);
}

/* ---- the beginning and the end ---- */

BmChannelsIn *bm_channels_in_new(const BmChannelsInSetup *setup)
{
    BmChannelsIn *channels = g_new0(BmChannelsIn, 1);
    const BmJoinSetup join = {
        .open = open_channels, .explain = explain, .failed = failed, .data = channels};

    channels->setup = *setup;
    for (unsigned i = 0; i < BM_LIMIT_CHANNELS; i++) {
        channels->seats[i].carrier.fd = -1;
    }
    channels->join = bm_join_new(&join);
    return channels;
}

unsigned bm_channels_in_resumed(const BmChannelsIn *channels)
{
    unsigned resumed = 0;

    for (unsigned i = 0; i < bm_join_count(channels->join); i++) {
        resumed += bm_carrier_resumed(&channels->seats[i].carrier);
    }
    return resumed;
}

BmJoin *bm_channels_in_join(BmChannelsIn *channels)
{
    return channels->join;
}

void bm_channels_in_free(BmChannelsIn *channels)
{
    if (channels == NULL) {
        return;
    }
    bm_join_stop(channels->join);
    for (unsigned i = 0; i < BM_LIMIT_CHANNELS; i++) {
        bm_carrier_shut(&channels->seats[i].carrier);
    }
    bm_join_free(channels->join);
    for (unsigned i = 0; i < BM_LIMIT_CHANNELS; i++) {
        g_clear_pointer(&channels->seats[i].in, bm_input_free);
        bm_carrier_clear(&channels->seats[i].carrier, FALSE);
    }
    g_free(channels);
}
