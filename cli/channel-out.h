/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One channel of a sender (SPEC.md 5.17): a connection with a stream of its own, which a
 * thread of its own writes.
 *
 * Items are copied into chunks of bounded size, of which there are few: who gives items
 * waits when all are under way.
 */
#ifndef BM_CHANNEL_OUT_H
#define BM_CHANNEL_OUT_H

#include "carrier.h"
#include "stream.h"
#include "token.h"

typedef struct BmChannelOut BmChannelOut;

typedef struct BmChannelSetup {
    unsigned number; /* from 1 on */
    const BmToken *token;
    BmCarrier carrier;  /* the channel's from now on, also on failure */
    const char *record; /* also written to this file with ".NUMBER" behind; NULL: it is not */
    int level;          /* of zstd, 0: none */
    void (*failed)(void *data, const GError *why); /* called once, in the thread */
    void *data;
} BmChannelSetup;

/* Begins the stream.  NULL on failure. */
BmChannelOut *bm_channel_out_start(const BmChannelSetup *setup, GError **error);
/* Ends the thread, wherever it is, if the stream has not been ended.  NULL is fine. */
void bm_channel_out_free(BmChannelOut *channel);

/* ---- for one thread, not the channel's: FALSE when the channel has failed ---- */

/* Which section items belong to; its name must outlive the channel.  Before the first item. */
void bm_channel_out_section(BmChannelOut *channel, const BmSection *section);
/* BM_ITEM_PAGE_SIZE, BM_ITEM_BLOCKS, BM_ITEM_MEET, and those of pages, of which one item must
 * have at most BM_CHANNEL_DATA octets of data. */
gboolean bm_channel_out_item(BmChannelOut *channel, const BmItem *item);
#define BM_CHANNEL_DATA (1u << 20)
/* What has been given goes out. */
gboolean bm_channel_out_flush(BmChannelOut *channel);
/* The last call of these: the stream ends. */
gboolean bm_channel_out_end(BmChannelOut *channel);

/* ---- for all threads ---- */

/* Ends the connection; the channel fails. */
void bm_channel_out_cut(BmChannelOut *channel);
/* Waits until all has been written after bm_channel_out_end(), or it has failed. */
gboolean bm_channel_out_wait(BmChannelOut *channel, GError **error);
/* Afterwards: what its trailer says, and all its octets. */
const BmBerStats *bm_channel_out_stats(const BmChannelOut *channel);
/* The stream was confirmed: its recording comes into its place. */
void bm_channel_out_commit(BmChannelOut *channel);
/* Octets that have been written so far. */
uint64_t bm_channel_out_octets(const BmChannelOut *channel);
/* How often its session was resumed. */
unsigned bm_channel_out_resumed(const BmChannelOut *channel);

#endif
