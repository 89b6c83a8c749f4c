/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one channel of a move goes over (SPEC.md 5.17): a connection, or a session beside that
 * of the main stream, which survives its connections.
 */
#ifndef BM_CARRIER_H
#define BM_CARRIER_H

#include "link.h"
#include "session.h"

typedef struct BmCarrier {
    int fd; /* to be read or written; -1: none */
    /* one of them */
    BmLink *link;
    BmSession *session;
} BmCarrier;

/* Takes the link. */
BmCarrier bm_carrier_of_link(BmLink *link);
/* Beside `main`, with this token.  No descriptor on failure. */
BmCarrier bm_carrier_beside(const BmSession *main, const BmToken *token, GError **error);

/* Why it broke, if it is something that the descriptor cannot tell; NULL if not. */
const GError *bm_carrier_error(const BmCarrier *carrier);
/* How often it was resumed. */
unsigned bm_carrier_resumed(const BmCarrier *carrier);
/* Ends both directions, from any thread. */
void bm_carrier_shut(const BmCarrier *carrier);
/* Closes.  `drop`: at once, whatever is under way on a connection. */
void bm_carrier_clear(BmCarrier *carrier, gboolean drop);

#endif
