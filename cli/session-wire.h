/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One connection of a session: frames in and out of a descriptor that does not
 * block.
 */
#ifndef BM_SESSION_WIRE_H
#define BM_SESSION_WIRE_H

#include <glib.h>

#include "codec.h"
#include "session-frame.h"

typedef struct BmWire {
    int fd; /* -1: none */

    /* reading */
    uint8_t *buffer;
    size_t capacity, pos, end;
    uint64_t offset; /* of buffer[pos] on this connection */
    gint64 heard;    /* when the last octets came, as g_get_monotonic_time() */

    /* writing */
    BmWriter frame; /* what is being written */
    size_t gone;    /* octets of it that are */
    gboolean busy, blocked;
    int broken; /* errno of a write; there may still be something to read */
    gint64 said;
} BmWire;

/* Without a connection. */
void bm_wire_init(BmWire *wire);
/* Closes the connection too. */
void bm_wire_clear(BmWire *wire);

/* Takes over `fd`, from which `octets` have been read already. */
void bm_wire_attach(BmWire *wire, int fd, BmOctets octets);
/* Closes the connection.  `keep` is data of the last frame, or empty; what
 * comes back are the same octets, where they are now. */
BmOctets bm_wire_detach(BmWire *wire, BmOctets keep);

/* One read(2), for which there is room if no frame's data is in use any more.
 * Octets read, 0 at the end, -1 with errno. */
ssize_t bm_wire_read(BmWire *wire);
/* The next whole frame; FALSE, maybe with a fault, if there is none.  Its data
 * stays until the next bm_wire_read(). */
gboolean bm_wire_next(BmWire *wire, BmFrame *frame, BmFault *fault);

/* Begins a frame; only if the wire is not busy.  Its data stays the caller's. */
void bm_wire_put(BmWire *wire, const BmFrame *frame);
/* Writes on; TRUE when the frame has gone out. */
gboolean bm_wire_write(BmWire *wire);

#endif
