/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One receiving: what 'bermig recv' does between its options and its end.  Somebody is
 * let in (recv.c), is answered (recv-replies.c), and sends a guest (recv-transfer.c);
 * meanwhile a helper passes on what our QEMU says (recv-relay.c).
 */
#ifndef BM_RECV_H
#define BM_RECV_H

#include "channels-in.h"
#include "description-cache.h"
#include "expect.h"
#include "gate.h"
#include "hello.h"
#include "helper.h"
#include "negotiate.h"
#include "reception.h"
#include "report.h"
#include "return-path.h"
#include "session.h"
#include "watch.h"

/* For QEMU to load what it has got, and to say so. */
#define BM_RECV_LOAD_WAIT 60

typedef struct BmRecv {
    /* what was asked for */
    unsigned timeout;
    unsigned max_channels;
    BmWish wish;
    BmSessionOptions session_options;
    const char *cache; /* folder; NULL: none */

    BmAddress *address;
    BmTlsCredentials *credentials; /* NULL: no TLS */
    BmExpect *expect;              /* by QEMU; NULL: not known */
    BmHelloBox *hello;
    BmRecall *recall;     /* what the cache has */
    BmKnown *known;       /* as the sender is told */
    gboolean told;        /* it was */
    BmListener *listener; /* until it is known that a guest follows */
    BmArrival sender;
    BmSessionOffer offer;    /* without a token: none */
    BmDoor *door;            /* of sessions that are resumed; NULL: none are */
    BmSession *session;      /* NULL: none */
    BmChannelsOffer offered; /* channels */
    BmChannelsIn *channels;
    int socket;       /* of sender.link */
    gboolean two_way; /* it can be answered */
    BmPeer peer;
    BmInput *in;    /* forward stream */
    BmOutput *out;  /* to QEMU */
    gboolean began; /* something has been written to it */
    BmWatch *watch;
    BmGate *gate; /* before it */
    BmBerStats stats;
    const char *where; /* an error, if it is not the peer's */
    BmOutput *back;    /* return stream */
    BmStreamVisitor *replies;
    GMutex replying; /* the helper, or the gate */

    /* of the helper, which passes QEMU's return path on */
    BmHelper *helper;
    const char *relay_where; /* its error */
    BmReturnPath path;
    atomic_bool await_shut; /* after the stop: wait for QEMU's last message */
} BmRecv;

/* Waits for a sender and receives.  The caller has set what was asked for, address,
 * credentials, expect and hello, which stay its own; all else is zero.  What is wrong
 * has been reported. */
BmExit bm_recv_stream(BmRecv *recv);

/* ---- its parts ---- */

/* Nobody else gets in; where the sender may come again, the session sees to that.
 * Takes a BmRecv. */
void bm_recv_stop_listening(void *data);
/* What comes is QEMU's own format, and passed on as it is. */
gboolean bm_recv_speaks_plain(const BmRecv *recv);

/* The return stream, from its preamble to its hello; its last word, the confirmation;
 * and its end, which the sender has seen when it returns. */
gboolean bm_recv_begin_replies(BmRecv *recv, GError **error);
gboolean bm_recv_confirm(BmRecv *recv, GError **error);
gboolean bm_recv_end_replies(BmRecv *recv, GError **error);
/* The first octet of the sender's answer says whether it wants a session. */
gboolean bm_recv_begin_session(BmRecv *recv, GError **error);
/* What the gate tells, to a BmRecv. */
extern const BmGateOps bm_recv_gate_ops;

/* What QEMU says on its return path can be read, and sent on. */
gboolean bm_recv_hears_qemu(const BmRecv *recv);
/* It is: to a bermig, to a QEMU. */
extern const BmHelperOps bm_recv_relay, bm_recv_plain_relay;

/* All of the guest, from the first octet behind the hello on. */
BmExit bm_recv_transfer_ber(BmRecv *recv);
BmExit bm_recv_transfer_plain(BmRecv *recv);
/* Reports what went wrong; `where` NULL: at the peer. */
BmExit bm_recv_report_at(const BmRecv *recv, const char *where, const GError *error);

#endif
