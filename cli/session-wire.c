/* SPDX-License-Identifier: BSD-2-Clause */
#include "session-wire.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Room for some frames, so that what is left of one has seldom to be moved. */
#define CAPACITY (1u << 20)
/* Own octets, data, own octets. */
#define PIECES 3

void bm_wire_init(BmWire *wire)
{
    *wire = (BmWire){.fd = -1, .capacity = CAPACITY};
    wire->buffer = g_malloc(CAPACITY);
    bm_writer_init(&wire->frame);
}

void bm_wire_clear(BmWire *wire)
{
    bm_wire_detach(wire, (BmOctets){NULL, 0});
    bm_writer_clear(&wire->frame);
    g_clear_pointer(&wire->buffer, g_free);
}

void bm_wire_attach(BmWire *wire, int fd, BmOctets octets)
{
    if (octets.len > wire->capacity - wire->end) {
        wire->capacity = wire->end + octets.len;
        wire->buffer = g_realloc(wire->buffer, wire->capacity);
    }
    if (octets.len > 0) {
        memcpy(wire->buffer + wire->end, octets.data, octets.len);
    }
    wire->end += octets.len;
    wire->fd = fd;
    wire->heard = wire->said = g_get_monotonic_time();
}

BmOctets bm_wire_detach(BmWire *wire, BmOctets keep)
{
    if (wire->fd >= 0) {
        close(wire->fd);
        wire->fd = -1;
    }
    if (keep.len > 0) {
        memmove(wire->buffer, keep.data, keep.len);
    }
    wire->pos = wire->end = keep.len;
    wire->offset = 0;
    wire->busy = wire->blocked = FALSE;
    wire->broken = 0;
    return (BmOctets){wire->buffer, keep.len};
}

/* ---- reading ---- */

ssize_t bm_wire_read(BmWire *wire)
{
    if (wire->pos == wire->end || wire->capacity - wire->pos < BM_LIMIT_FRAME) {
        memmove(wire->buffer, wire->buffer + wire->pos, wire->end - wire->pos);
        wire->end -= wire->pos;
        wire->pos = 0;
    }
    ssize_t n = read(wire->fd, wire->buffer + wire->end, wire->capacity - wire->end);
    if (n > 0) {
        wire->end += (size_t)n;
        wire->heard = g_get_monotonic_time();
    }
    return n;
}

gboolean bm_wire_next(BmWire *wire, BmFrame *frame, BmFault *fault)
{
    const uint8_t *octets = wire->buffer + wire->pos;
    size_t len = wire->end - wire->pos;
    size_t size = bm_frame_size(octets, len, wire->offset, fault);

    if (size == 0 || size > len || !bm_frame_get(octets, size, wire->offset, frame, fault)) {
        return FALSE;
    }
    wire->pos += size;
    wire->offset += size;
    return TRUE;
}

/* ---- writing ---- */

void bm_wire_put(BmWire *wire, const BmFrame *frame)
{
    bm_writer_reset(&wire->frame);
    bm_frame_put(&wire->frame, frame);
    wire->gone = 0;
    wire->busy = TRUE;
}

/* What is left of the frame; the number of its pieces. */
static int pieces_left(const BmWire *wire, struct iovec *iov)
{
    size_t n = bm_writer_pieces(&wire->frame, iov, PIECES);
    size_t skip = wire->gone;
    size_t first = 0;

    while (first < n && skip >= iov[first].iov_len) {
        skip -= iov[first++].iov_len;
    }
    memmove(iov, iov + first, (n - first) * sizeof(*iov));
    if (n > first) {
        iov[0].iov_base = (uint8_t *)iov[0].iov_base + skip;
        iov[0].iov_len -= skip;
    }
    return (int)(n - first);
}

gboolean bm_wire_write(BmWire *wire)
{
    struct iovec iov[PIECES];
    ssize_t n = writev(wire->fd, iov, pieces_left(wire, iov));

    if (n < 0) {
        wire->blocked = errno == EAGAIN;
        wire->broken = errno == EAGAIN || errno == EINTR ? 0 : errno;
        return FALSE;
    }
    wire->gone += (size_t)n;
    wire->said = g_get_monotonic_time();
    wire->busy = wire->gone < bm_writer_size(&wire->frame);
    return !wire->busy;
}
