/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session (SPEC.md 5.14): what lies between the two streams and the
 * connection that carries them.  It notices a connection that is silent for too
 * long, and if both ends are willing it survives one that is lost.
 *
 * A thread has the connection.  The program has one end of a socket pair under
 * the number that the connection had: reading, writing, shutdown(2) and close(2)
 * mean what they meant before.
 *
 *   program  <-- socket pair -->  thread  <-- frames -->  the other end
 */
#ifndef BM_SESSION_H
#define BM_SESSION_H

#include "error.h"
#include "session-offer.h"
#include "session-reach.h"

typedef struct BmSession BmSession;

typedef struct BmSessionStart {
    const BmSessionOffer *offer; /* the receiver's */
    const BmSessionTerms *own;   /* of this end */
    int fd;                      /* the connection; the program's end afterwards */
    const char *identity;        /* of the peer, as bm_link_identity() has it */
    uint64_t position;           /* of the stream out: octets that went before as they are */
    BmRoute route;               /* how the other end is reached again */
} BmSessionStart;

/* Sending: answers a receiver that offered a session.  `back` has all that came
 * from it, looked ahead at, and is read on by the caller.  NULL on failure. */
BmSession *bm_session_open(const BmSessionStart *start, BmInput *back, GError **error);

/* Receiving: takes the sender's Open frame, and all that is at hand behind it,
 * out of `in`.  BM_PEER if it is none for this offer. */
BmSession *bm_session_accept(const BmSessionStart *start, BmInput *in, GError **error);

/* Another one between the same ends, with what they agreed on for `main`, which can be
 * resumed, under another token that both know.  It begins as if its connection had been lost
 * before anything went over it, so that the sender connects.  *fd: the program's end, which
 * it closes behind bm_session_free(). */
BmSession *bm_session_beside(const BmSession *main, const BmToken *token, int *fd, GError **error);

/* Waits until the other end has said that it has all and is gone.  To be called
 * after shutdown(SHUT_WR), and instead of a close(2).  FALSE if the connection
 * was lost before. */
gboolean bm_session_finish(BmSession *session, GError **error);

/* The program has all that it expects.  What is left is that the other end knows,
 * for which a connection that is lost now is made again. */
void bm_session_complete(BmSession *session);

/* Why it ended too early; NULL if it has not, or because the other end wanted it:
 * then the streams tell why. */
const GError *bm_session_error(BmSession *session);
/* A lost connection is made again.  NULL: it is not. */
gboolean bm_session_is_resumable(const BmSession *session);
/* How often it was resumed. */
unsigned bm_session_resumed(const BmSession *session);

/* Ends it: the other end sees that this one is gone.  To be called before the
 * program's descriptor is closed.  Waits, two seconds at most, until the other
 * end has seen it.  NULL is fine. */
void bm_session_free(BmSession *session);

#endif
