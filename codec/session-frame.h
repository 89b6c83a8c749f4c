/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of a session (SPEC.md 5.14): what goes over a connection instead of
 * the octets of two streams, so that both survive the connection.
 *
 * A frame has the form of a record, the checksum at its end included.
 */
#ifndef BM_SESSION_FRAME_H
#define BM_SESSION_FRAME_H

#include "ber.h"

/* APPLICATION tag numbers, as in asn1/bermig.asn1. */
typedef enum BmFrameType {
    BM_FRAME_OPEN = 21,
    BM_FRAME_DATA = 22,
    BM_FRAME_HEARTBEAT = 23,
    BM_FRAME_RESUME = 24,
    BM_FRAME_CLOSE = 25
} BmFrameType;

/* The first octet of a session, which no stream begins with. */
#define BM_FRAME_OPEN_OCTET 0x75

typedef struct BmFrame {
    BmFrameType type;
    BmOctets token;    /* Open, Resume: BM_LIMIT_TOKEN_MIN to _MAX octets */
    uint64_t stall;    /* Open: seconds of silence after which its writer gives up, 0: never */
    uint64_t resume;   /* Open: seconds that its writer tries to resume, 0: not at all */
    uint64_t window;   /* Open: octets that its writer keeps, at least BM_LIMIT_WINDOW_MIN */
    uint64_t position; /* Data: of its first octet in its direction's stream; Close: of the end */
    uint64_t received; /* Heartbeat, Resume, Close: octets of the other direction's stream */
    BmOctets data;     /* Data: 1 to BM_LIMIT_FRAME_DATA octets */
    bool gone;         /* Close: its writer reads no more either */
} BmFrame;

/* The frame into an empty writer; `data` is borrowed. */
void bm_frame_put(BmWriter *w, const BmFrame *frame);

/* How many octets the frame has that `len` octets begin with, as far as they
 * tell: if it is more than `len`, so many must be there before one can say more.
 * 0 with a fault (at `offset` and behind) if no frame begins so, or it is longer
 * than BM_LIMIT_FRAME. */
size_t bm_frame_size(const uint8_t *data, size_t len, uint64_t offset, BmFault *fault);

/* The frame of these octets, all of them; `token` and `data` point into them.
 * `size` is what bm_frame_size() gave. */
bool bm_frame_get(const uint8_t *data, size_t size, uint64_t offset, BmFrame *frame,
                  BmFault *fault);

#endif
