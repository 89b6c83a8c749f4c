/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reaching the other end of a session again.  The sender connects to where it was, in a
 * thread of its own, because that blocks; the receiver still listens there (door.h).
 */
#ifndef BM_SESSION_REACH_H
#define BM_SESSION_REACH_H

#include "door.h"

/* One of the first two; all must outlive the session. */
typedef struct BmRoute {
    const BmAddress *address;            /* sending: where to connect */
    BmDoor *door;                        /* receiving: where it comes */
    const BmTlsCredentials *credentials; /* sending; NULL: no TLS */
} BmRoute;

/* FALSE if a descriptor was inherited: nobody can be reached again. */
gboolean bm_route_leads_back(const BmRoute *route);

/* Who is reached, by its own account and by its certificate. */
typedef struct BmReachFor {
    BmOctets token;
    const char *identity; /* as bm_link_identity() has it */
} BmReachFor;

typedef struct BmReach BmReach;

/* Begins; what `who` points to must outlive it.  Sending: after `delay_ms` it
 * connects, once; what waiting may cure is tried again until it is stopped, but
 * not a refusal, since the receiver listens as long as it lives.  Receiving: it
 * goes on until it is stopped. */
BmReach *bm_reach_start(const BmRoute *route, const BmReachFor *who, unsigned delay_ms,
                        GError **error);

/* Readable when there is something to take. */
int bm_reach_fd(const BmReach *reach);
/* A connection, the caller's from now on; receiving, *received is what its Resume
 * says.  NULL if there is none; with an error, and only sending, if there will be
 * none. */
BmLink *bm_reach_take(BmReach *reach, uint64_t *received, GError **error);
/* Ends the thread; waits for an attempt that is under way, a second or two.
 * NULL is fine. */
void bm_reach_stop(BmReach *reach);

#endif
