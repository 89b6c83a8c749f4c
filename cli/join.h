/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receiver's side of parallel channels (SPEC.md 5.17): a stream visitor that lets the
 * channels of a sender in, and puts their pages where the main stream has a meet.
 *
 * Each channel is read by a thread of its own.  Pages go on while the thread of the main
 * stream waits at a meet, one item at a time: so what comes behind needs to know nothing of
 * threads.
 */
#ifndef BM_JOIN_H
#define BM_JOIN_H

#include "channels-offer.h"
#include "reception.h"
#include "stream.h"

/* For all channels to come, behind the hello that says how many. */
#define BM_JOIN_SECONDS 30

typedef struct BmJoin BmJoin;

typedef struct BmJoinSetup {
    const BmChannelsOffer *offer; /* max 0: none are taken */
    BmListener *const *listener;  /* where they come */
    const BmTlsCredentials *credentials;
    const char *identity;       /* of the sender, as bm_link_identity() has it */
    int reader;                 /* as in reception.h */
    void (*failed)(void *data); /* in another thread: a channel has failed */
    void *data;
} BmJoinSetup;

/* All that the setup points to must outlive it. */
BmJoin *bm_join_new(const BmJoinSetup *setup);
/* Ends what is not ended.  NULL is fine. */
void bm_join_free(BmJoin *join);

/* The visitor to drive, which belongs to the join; `inner` stays the caller's. */
BmStreamVisitor *bm_join_stream(BmJoin *join, BmStreamVisitor *inner);

/* How many there are. */
unsigned bm_join_count(const BmJoin *join);
/* Octets of all channels, when they have ended. */
uint64_t bm_join_octets(const BmJoin *join);
/* Why the first channel failed that did so by itself; NULL if none has.  For all threads. */
const GError *bm_join_error(BmJoin *join);

#endif
