/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page channels of QEMU's capability multifd (4.0 and later): read beside a stream, and
 * written to files or connections of their own.
 *
 * QEMU sends pages over channels while its stream says, by marks, up to where all of them
 * must have come before the loader goes on.  Both directions here keep to that order: it
 * is the one in which a single thread can feed, or be fed by, all connections of a QEMU.
 */
#ifndef BM_MULTIFD_H
#define BM_MULTIFD_H

#include "stream.h"

typedef struct BmMultifdIn {
    BmInput *const *channels; /* `n` of them, at most BM_LIMIT_PAGE_CHANNELS */
    guint n;
    /* A QEMU writes all of them now: the descriptors of stream and channels, which are read
     * as octets come.  With files, where order is not seen: -1 and NULL, and a channel that
     * is not understood travels as octets, which is an error otherwise. */
    int stream_fd;
    const int *fds;
} BmMultifdIn;

/* A stream visitor that hands on a stream, which bm_legacy_read() drives it with, and what
 * is in its channels to `inner`, which it owns.  What `in` points to stays the caller's.
 * Errors of a channel have the path "channel N" and an offset in that channel. */
BmStreamVisitor *bm_multifd_in(BmStreamVisitor *inner, const BmMultifdIn *in);

typedef struct BmMultifdOut {
    BmOutput *stream; /* of the visitor that writes it */
    /* Where channel `number` goes, asked for once, when its first item has come; the
     * caller's.  NULL sets *error. */
    BmOutput *(*open)(guint number, void *data, GError **error);
    void *data;
} BmMultifdOut;

/* A stream visitor that hands all but channels on to `inner`, which it owns and which
 * writes QEMU's stream to out->stream, and writes the channels.  Before the octets of one
 * go out, those of all others did. */
BmStreamVisitor *bm_multifd_out(BmStreamVisitor *inner, const BmMultifdOut *out);

#endif
