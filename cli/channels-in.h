/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receiver's side of parallel channels (SPEC.md 5.17): lets the channels of a sender in,
 * behind the hello that says how many there are, and has them joined (join.h).
 */
#ifndef BM_CHANNELS_IN_H
#define BM_CHANNELS_IN_H

#include "channels-offer.h"
#include "join.h"
#include "reception.h"
#include "session.h"

/* For all channels to come. */
#define BM_CHANNELS_SECONDS 30

typedef struct BmChannelsIn BmChannelsIn;

typedef struct BmChannelsInSetup {
    const BmChannelsOffer *offer; /* max 0: none are taken */
    BmListener *const *listener;  /* where they come */
    const BmTlsCredentials *credentials;
    const char *identity;       /* of the sender, as bm_link_identity() has it */
    BmSession *const *session;  /* of the main stream, if it has one; beside one that can be
                                   resumed, each channel has its own */
    int reader;                 /* as in reception.h */
    void (*failed)(void *data); /* in another thread: a channel has failed */
    void *data;
} BmChannelsInSetup;

/* All that the setup points to must outlive it. */
BmChannelsIn *bm_channels_in_new(const BmChannelsInSetup *setup);
/* Ends what is not ended.  NULL is fine. */
void bm_channels_in_free(BmChannelsIn *channels);

/* How often their sessions were resumed, in all. */
unsigned bm_channels_in_resumed(const BmChannelsIn *channels);

/* For the main stream; the channels' own. */
BmJoin *bm_channels_in_join(BmChannelsIn *channels);

#endif
