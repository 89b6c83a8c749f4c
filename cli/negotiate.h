/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is at the other end (SPEC.md 5.11): asked in a way that no QEMU notices.
 */
#ifndef BM_NEGOTIATE_H
#define BM_NEGOTIATE_H

#include "compat.h"
#include "link.h"

/* What was asked for with --format. */
typedef enum BmWish { BM_WISH_AUTO, BM_WISH_BER, BM_WISH_QEMU } BmWish;

/* FALSE if it is none of "auto" (also NULL), "ber" and "qemu". */
gboolean bm_wish_parse(const char *text, BmWish *wish);

typedef enum BmPeer {
    BM_PEER_BERMIG,    /* answered with a return stream */
    BM_PEER_QEMU,      /* answered with a PONG, which has been taken */
    BM_PEER_SILENT,    /* did not answer in time */
    BM_PEER_NOT_ASKED, /* as was wished */
    BM_PEER_ONE_WAY,   /* cannot answer */
    /* receiving: */
    BM_PEER_BER_ALREADY, /* a BER stream without a negotiation */
    BM_PEER_PLAIN,       /* QEMU's own format */
    BM_PEER_DEAF         /* asked, but goes on in QEMU's own format */
} BmPeer;

/* "a QEMU, which answered PONG": for a message. */
const char *bm_peer_name(BmPeer peer);

typedef struct BmAnswer {
    BmPeer peer;
    size_t head;              /* octets of the input that have been sent, and not been skipped */
    gboolean asked_by_source; /* the QEMU here has opened a return path itself */
    gint64 microseconds;      /* from the question to the answer */
    gboolean agreed;          /* a QEMU has sent bm_legacy_agreement, which has been taken */
} BmAnswer;

/* Sending: writes what QEMU wrote up to its configuration and the probe to the
 * link, which goes both ways, and waits for the answer.  BM_PEER if the peer ended the connection
 * at that, or answered something else; and if it is silent, but the source waits for answers to
 * what it will send. */
gboolean bm_ask_peer(BmInput *in, const BmLink *link, BmAnswer *answer, GError **error);

/* Sending to where no answers come from: fails if the source waits for some. */
gboolean bm_check_no_return_path(BmInput *in, GError **error);

/* Receiving: looks at how the peer begins; all is still in `in`. */
gboolean bm_meet_peer(BmInput *in, BmPeer *peer, GError **error);
/* Of a peer that is BM_PEER_BERMIG, and has been answered: waits for how it goes
 * on.  The probe and what was before it have been skipped then, unless *peer is
 * now BM_PEER_DEAF. */
gboolean bm_follow_peer(BmInput *in, BmPeer *peer, GError **error);

/* What this program says of itself. */
extern const BmHello bm_own_hello;
/* Of a capability of the peer's, NULL-terminated and its own; NULL if it has none such. */
const char *const *bm_hello_parameters(const BmHello *hello, const char *capability);
/* Is it among the peer's capabilities? */
gboolean bm_hello_has(const BmHello *hello, const char *capability);
/* BM_BAD_VERSION if the peer reads no version that we write. */
gboolean bm_hello_check(const BmHello *hello, GError **error);

#endif
