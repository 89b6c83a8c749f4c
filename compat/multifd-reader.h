/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page channel, read packet by packet: multifd-channel.c; which one is read when:
 * multifd-in.c.
 */
#ifndef BM_MULTIFD_READER_H
#define BM_MULTIFD_READER_H

#include "multifd-packet.h"

/* What packets refer to, known from the stream and from each other. */
typedef struct BmMultifdFrame {
    GArray *blocks;     /* BmRamBlock, names owned */
    uint64_t page_size; /* 0: not known */
    gboolean live;      /* octets that are not understood are an error */
} BmMultifdFrame;

typedef struct BmMultifdChannel {
    BmInput *in;
    guint number;
    gboolean begun;  /* its initial packet has come, or something else */
    gboolean ended;  /* with its input */
    gboolean opaque; /* the rest of it went on as octets */
    uint64_t syncs;  /* packets with BM_CHANNEL_SYNC so far */
    BmMultifdLast last;
    GByteArray *map, *header; /* of the packet at work */
} BmMultifdChannel;

void bm_multifd_channel_init(BmMultifdChannel *c, BmInput *in, guint number);
void bm_multifd_channel_clear(BmMultifdChannel *c);

/* Reads the next packet, or the rest if it is none, and hands it to `s`; at the end of the
 * input c->ended is set. */
gboolean bm_multifd_channel_read(BmMultifdChannel *c, BmMultifdFrame *frame, BmStreamVisitor *s,
                                 GError **error);

#endif
