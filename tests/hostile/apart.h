/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream in memory that is taken apart into a main stream and its channels (SPEC.md 5.17),
 * and put together again.
 */
#ifndef BM_APART_H
#define BM_APART_H

#include "compat.h"

#define APART_CHANNELS 4u

typedef struct Apart {
    GByteArray *streams[1 + APART_CHANNELS]; /* the main one first */
    unsigned n;                              /* of all */
} Apart;

/* A QEMU stream, which must be right; pages are dealt out in turns, whatever their place. */
Apart apart_legacy(BmOctets legacy, unsigned channels);
void apart_clear(Apart *apart);

/* Streams one behind the other, each of which begins as a stream of this format does. */
Apart apart_split(BmOctets octets);
GByteArray *apart_laid_together(const Apart *apart);

/* Drives `inner`, which stays the caller's, with all of them.  Ends the program by abort()
 * where an item gets to it that lies not in the blocks that it was given. */
gboolean apart_join(const Apart *apart, gboolean in_order, BmStreamVisitor *inner, GError **error);

#endif
