/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sender's side of parallel channels (SPEC.md 5.17): a stream visitor that puts the
 * pages of the guest's memory into channels, and meets where order counts.
 *
 * Each page has its channel, which follows from its block and number.  So whoever sends a
 * page twice sends it twice over the same channel, and nothing need be remembered.
 */
#ifndef BM_SPREAD_H
#define BM_SPREAD_H

#include "channels-offer.h"
#include "link.h"
#include "session.h"
#include "stream.h"

typedef struct BmSpread BmSpread;

typedef struct BmSpreadSetup {
    unsigned count; /* of channels, at least 1 */
    BmToken token;  /* the receiver's */
    const BmAddress *address;
    const BmTlsCredentials *credentials; /* NULL: no TLS */
    const char *identity;                /* of the receiver, as bm_link_identity() has it */
    const BmSession *session;            /* of the main stream; NULL: none */
    const char *record;                  /* see channel-out.h */
    int level;
    void (*failed)(void *data); /* in another thread: a channel has failed */
    void *data;
} BmSpreadSetup;

/* All that the setup points to must outlive it. */
BmSpread *bm_spread_new(const BmSpreadSetup *setup);
/* Ends what is not ended.  NULL is fine. */
void bm_spread_free(BmSpread *spread);

/* The visitor to drive, with a hello that has the channels' count: behind that it connects
 * them.  It owns `inner`, which writes the main stream, and must be freed before the spread. */
BmStreamVisitor *bm_spread_stream(BmSpread *spread, BmStreamVisitor *inner);
/* The stream was confirmed: recordings come into their places. */
void bm_spread_commit(BmSpread *spread);

/* ---- for all threads; NULL is fine ---- */

/* All channels end, and the visitor fails. */
void bm_spread_cut(BmSpread *spread);
/* Why the first channel failed that did so by itself; NULL if none has. */
const GError *bm_spread_error(BmSpread *spread);
/* Octets of all channels so far. */
uint64_t bm_spread_octets(BmSpread *spread);
/* How often their sessions were resumed, in all. */
unsigned bm_spread_resumed(BmSpread *spread);

#endif
