/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inside of a session, for the files that make it up:
 *
 *   session.c          the program's side: the beginning and the end
 *   session-loop.c     the thread: waits, looks at the clock
 *   session-frames.c   what frames say, and what is to be said
 *   session-loss.c     connections are lost and found again
 *
 * All but session.c runs in the thread.
 */
#ifndef BM_SESSION_IMPL_H
#define BM_SESSION_IMPL_H

#include <stdatomic.h>

#include "helper.h"
#include "session-store.h"
#include "session-wire.h"
#include "session.h"

struct BmSession {
    /* what was agreed on */
    BmSessionOffer offer;
    BmSessionTerms own, other;
    BmRoute route;
    char *identity; /* the peer's, NULL without TLS */
    BmReachFor peer;
    gboolean sender;
    gboolean resumable;
    gboolean fresh;      /* it has never been on a connection */
    gint64 interval;     /* between heartbeats, µs as all times */
    uint64_t tell_every; /* octets */

    BmHelper *helper;
    int program; /* its end of the pair, for shutdown(2) only */
    int user;    /* the other end */
    gboolean over;
    GError *error; /* why it is over, if that is an error */

    /* the stream out */
    BmStore *store;
    uint64_t sent;    /* put into frames on this connection */
    uint64_t written; /* gone out in whole frames */
    uint64_t acked;   /* come in at the other end */
    gboolean ended;   /* the program wrote its last octet */
    gboolean gone;    /* and does not read any more */
    gint64 gone_at;
    atomic_bool complete; /* it wants nothing more from the other end */
    unsigned closes;      /* said on this connection: 1 that it ended, 2 that it is gone too */

    /* the stream in */
    uint64_t received;
    uint64_t told;    /* what the other end knows of that */
    BmOctets pending; /* of the last frame, not yet with the program */
    gboolean peer_ended, peer_gone;
    gboolean shut; /* the program has been told so */

    /* the connection */
    BmWire wire;
    BmLink *link; /* NULL: the first one, which is the caller's */
    gint64 attached;
    gboolean greet;   /* its first frame is still to be sent */
    gboolean waiting; /* for the answer to a Resume */
    gboolean tell;    /* a Heartbeat is due */

    /* the next one */
    BmReach *reach;    /* receiving: always, if it can be resumed */
    char *lost;        /* why the last one was lost; NULL: it was not, or all is well again */
    gint64 lost_until; /* then it is given up */
    unsigned delay_ms;
    atomic_uint resumed;
};

/* ---- session-loop.c ---- */

gboolean bm_session_run(BmHelper *helper, void *session, GError **error);

/* ---- session-frames.c ---- */

/* Octets may be read from the connection: the program has all of the last frame. */
gboolean bm_session_is_reading(const BmSession *s);
/* Hands on what is pending, as far as the program takes it. */
void bm_session_deliver(BmSession *s);
/* Reads the frames that are at hand. */
void bm_session_take_frames(BmSession *s);
/* Writes what is to be said. */
void bm_session_write(BmSession *s);

/* ---- session-loss.c ---- */

/* Makes `fd` the connection. */
void bm_session_attach(BmSession *s, int fd, BmOctets octets);
void bm_session_detach(BmSession *s);
/* The connection is of no use any more; the text says why. */
void bm_session_lose(BmSession *s, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* There will be no other. */
void bm_session_give_up(BmSession *s, const char *why);
/* Something new has come over it: the next loss is another one. */
void bm_session_is_well(BmSession *s);
/* The other end has so many octets; FALSE if that cannot be. */
gboolean bm_session_acknowledge(BmSession *s, uint64_t received);
/* The same on a new connection: the stream out goes on from there. */
gboolean bm_session_go_back(BmSession *s, uint64_t received);
/* There is another connection, or there will be none. */
void bm_session_reached(BmSession *s);
/* All that was to be said has been heard. */
gboolean bm_session_is_heard(const BmSession *s);
/* The program is gone, and not because all has come. */
gboolean bm_session_is_broken_off(const BmSession *s);

#endif
