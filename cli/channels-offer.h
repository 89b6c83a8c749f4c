/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the ends of parallel channels tell each other in their hellos (SPEC.md 5.17): what
 * a receiver takes, how many a sender wants, and which one a connection is.
 */
#ifndef BM_CHANNELS_OFFER_H
#define BM_CHANNELS_OFFER_H

#include "hello.h"
#include "token.h"

/* What a receiver takes that was not told otherwise.  Each has a thread, and some MiB of
 * memory at either end. */
#define BM_CHANNELS_DEFAULT 16

typedef struct BmChannelsOffer {
    unsigned max; /* 0: no channels */
    BmToken token;
    gboolean sessions; /* each may have one, beside one of the main stream that can be resumed */
} BmChannelsOffer;

/* Of a receiver: into its hello, and out of it.  FALSE if there is none, or none that one
 * can understand. */
void bm_channels_offer_add(const BmChannelsOffer *offer, BmHelloBox *hello);
gboolean bm_channels_offer_find(const BmHello *hello, BmChannelsOffer *offer);

/* That of the session of a channel. */
BmToken bm_channel_token(const BmToken *token, unsigned number);

/* Of a sender's main stream: how many follow; 0 if it says nothing of them. */
void bm_channels_count_add(unsigned count, BmHelloBox *hello);
unsigned bm_channels_count_find(const BmHello *hello);

/* Of the stream of one channel: FALSE if it is none. */
void bm_channel_number_add(unsigned number, const BmToken *token, BmHelloBox *hello);
gboolean bm_channel_number_find(const BmHello *hello, unsigned *number, BmToken *token);

#endif
