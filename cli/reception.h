/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is let in where recv listens.  Anybody can connect; a sender is who passes
 * the handshake of TLS, if there is one, and then begins as a sender does.  Each
 * connection is met in a thread of its own, so that somebody who says nothing
 * does not keep the sender waiting.
 */
#ifndef BM_RECEPTION_H
#define BM_RECEPTION_H

#include "link.h"
#include "negotiate.h"

/* For a handshake and the first octets. */
#define BM_RECEPTION_SECONDS 10

/* A sender: its connection and what bm_meet_peer() found. */
typedef struct BmArrival {
    BmLink *link;
    BmInput *in; /* of the link's descriptor */
    BmPeer peer;
} BmArrival;

/* Looks at how somebody begins, in one of several threads: FALSE with an error if
 * it is not who is waited for. */
typedef gboolean (*BmMeet)(BmArrival *arrival, const void *data, GError **error);

/* Where who is let in, and until when. */
typedef struct BmReceptionSetup {
    BmListener *listener;                /* stays the caller's */
    const BmTlsCredentials *credentials; /* the same; NULL: no TLS */
    int reader;       /* a pipe: its reader goes, and so does the reception; -1: none */
    BmMeet meet;      /* NULL: a sender is who is waited for */
    const void *data; /* for `meet` */
} BmReceptionSetup;

/* Waits for the first `n` who are met.  Others are turned away, each with a line that says
 * why, and do not end the waiting; whoever is still being met when these have come is sent
 * away too.  FALSE if there are not so many within `seconds` (0: no limit), or when the
 * reader goes before.  arrivals[] is zero before; whoever has come is in it, also on failure. */
gboolean bm_reception_wait(const BmReceptionSetup *setup, unsigned seconds, BmArrival *arrivals,
                           unsigned n, GError **error);

/* The same for one link that is there already: its peer has to be a sender.  Takes
 * the link, also on failure. */
gboolean bm_reception_meet(BmLink *link, unsigned seconds, int reader, BmArrival *arrival,
                           GError **error);

/* Lets in whoever is met, one after the other: each goes to `take`, whose it is, in this
 * thread.  Returns when the reader goes, or nobody can be let in. */
void bm_reception_serve(const BmReceptionSetup *setup, void (*take)(void *data, BmArrival *arrival),
                        void *data);

/* Both its parts. */
void bm_arrival_clear(BmArrival *arrival);

#endif
