/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of page channels: facts and octets that their reader and writer share.
 *
 * QEMU up to 8.x fills in a header over what the header before has left in its memory, and
 * sends all of it.  So a header is made from the one before, from zeros, or from octets
 * that travel with it, and what an item says is written over that.
 */
#ifndef BM_MULTIFD_PACKET_H
#define BM_MULTIFD_PACKET_H

#include "legacy.h"

#define BM_MULTIFD_MAGIC 0x11223344u
#define BM_MULTIFD_VERSION 1u
#define BM_MULTIFD_INITIAL 64u /* octets of the initial packet */
#define BM_MULTIFD_COMMON 12u  /* of what all others begin with: magic, version, flags */
#define BM_MULTIFD_STATE 276u  /* of the header of a packet with device state */
#define BM_MULTIFD_NAME 256u   /* of the name in a header */

/* Where members of a header of pages stand. */
#define BM_MULTIFD_AT_ALLOCATED 12u
#define BM_MULTIFD_AT_FULL 16u
#define BM_MULTIFD_AT_SIZE 20u
#define BM_MULTIFD_AT_COUNTER 24u
#define BM_MULTIFD_AT_ZERO 32u
#define BM_MULTIFD_AT_BLOCK 64u
#define BM_MULTIFD_AT_OFFSETS 320u

/* What a channel leaves behind for its next header. */
typedef struct BmMultifdLast {
    GByteArray *header; /* the last one; empty: none */
} BmMultifdLast;

void bm_multifd_last_init(BmMultifdLast *last);
void bm_multifd_last_clear(BmMultifdLast *last);

/* Makes the header of a packet; `name` is that of its block, NULL if it has no pages.
 * The map must be right, as ber-packets-in.c and multifd-in.c check it.  `header` becomes
 * BM_CHANNEL_HEADER() octets, and `last` is not changed. */
void bm_multifd_header(const BmMultifdLast *last, const BmChannelItem *item, const char *name,
                       GByteArray *header);
/* That header has gone by. */
void bm_multifd_last_take(BmMultifdLast *last, const uint8_t *header, size_t len);

#endif
