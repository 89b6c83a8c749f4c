/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One sending: what 'bermig send' does between its options and its end.  The main
 * thread carries the stream (send-forward.c), a helper hears what comes back
 * (send-return.c), and both are asked how it ended (send-end.c).
 */
#ifndef BM_SEND_H
#define BM_SEND_H

#include "ask.h"
#include "channels-offer.h"
#include "description-cache.h"
#include "hello.h"
#include "helper.h"
#include "link.h"
#include "negotiate.h"
#include "pass.h"
#include "report.h"
#include "session.h"
#include "spread.h"
#include "tee.h"
#include "watch.h"

/* For the hello that a receiver begins its answer with. */
#define BM_SEND_HELLO_WAIT 5

typedef struct BmSend {
    /* what was asked for */
    const char *record;
    int level;
    unsigned connect_timeout;
    unsigned channels; /* 0: none */
    BmWish wish;
    BmSessionOptions session_options;
    const char *cache; /* folder; NULL: none */

    BmAddress *address;
    BmTlsCredentials *credentials; /* NULL: no TLS */
    BmLink *link;
    int socket; /* the link's */
    BmAnswer answer;
    BmSession *session; /* NULL: none */
    BmChannelsOffer channels_offer;
    BmSpread *_Atomic spread; /* NULL: no channels, or not yet */
    BmInput *back;            /* the return stream; NULL: a QEMU's return path */
    BmInput *in;
    BmOutput *out;
    BmTee *tee; /* NULL: no recording */
    BmBerStats stats;
    BmWatch *_Atomic watch; /* of the forward stream; NULL: it has not begun */
    BmAnnounces *announces; /* NULL: the guest's devices are not known yet */
    BmAsk *ask;
    BmRecall *recall; /* NULL: no cache, or the peer does not speak BER */

    /* of the helper, which reads the return stream */
    BmHelper *helper;
    const char *where; /* its error */
    GMutex lock;
    GCond said_hello;
    gboolean has_hello;
    char *generator;        /* the peer, as it calls itself */
    BmHelloBox *peer_hello; /* NULL until it has come */
    gboolean acked;
    uint64_t ack_octets, ack_digest;
    /* or, when the peer is a QEMU, its return path */
    BmReturnPath path;
} BmSend;

/* Connects and sends.  The caller has set what was asked for, address, credentials and
 * announces, which stay its own; all else is zero.  What is wrong has been reported. */
BmExit bm_send_stream(BmSend *send);

/* ---- its parts ---- */

/* What goes out is BER. */
gboolean bm_send_speaks_ber(const BmSend *send);
/* Starts the thread that hears the peer. */
gboolean bm_send_start_helper(BmSend *send, GError **error);
/* All of QEMU's stream, in the format of the peer. */
gboolean bm_send_forward(BmSend *send, GError **error);
/* Waits until the peer has all and says so. */
BmExit bm_send_await_confirmation(BmSend *send);
/* Reports the reason of several that came first. */
BmExit bm_send_report_failure(BmSend *send, const GError *error);

#endif
