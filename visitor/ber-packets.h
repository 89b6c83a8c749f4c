/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channel records: what came on the page channels of a stream.
 */
#ifndef BM_BER_PACKETS_H
#define BM_BER_PACKETS_H

#include "ber-items-in.h"
#include "ber-pages-out.h"

typedef struct BmChannelIn {
    BmItemsIn *items;  /* has the list of RAM blocks, and inflates */
    GByteArray *state; /* of each channel: one octet */
} BmChannelIn;

/* `items` stays the caller's. */
void bm_channel_in_init(BmChannelIn *in, BmItemsIn *items);
void bm_channel_in_clear(BmChannelIn *in);
/* Reads the members of a Channel and hands its item to `s`. */
gboolean bm_channel_in_read(BmChannelIn *in, BmView body, BmStreamVisitor *s, GError **error);

/* Writes the members of a Channel into the record that is open in p->w.  Page data is
 * borrowed from the item, so the record must be written before that goes. */
void bm_ber_channel_write(BmPagesOut *p, const BmChannelItem *item);

#endif
