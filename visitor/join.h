/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parallel channels put together again (SPEC.md 5.17): a stream visitor for the main stream,
 * which puts the pages of the channels where the main stream has a meet.  What is behind it
 * sees one stream, as if there had never been channels.
 *
 * Each channel is read by a thread of its own, as the main stream is by the caller's.  Pages
 * go on while that one waits at a meet, one item at a time: so what is behind needs to know
 * nothing of threads.
 */
#ifndef BM_JOIN_H
#define BM_JOIN_H

#include "stream.h"

/* The capability in the hello of a main stream, which the join takes out of it. */
#define BM_CHANNELS_CAPABILITY "channels"

typedef struct BmJoin BmJoin;

typedef struct BmJoinSetup {
    /* The hello of the main stream has come: how many channels it has (*count, 0: none), and
     * where they are read; inputs[0], of BM_LIMIT_CHANNELS, is that of channel 1.  Inputs
     * stay the caller's, also on failure, and must outlive the join. */
    gboolean (*open)(void *data, const BmHello *hello, BmInput **inputs, unsigned *count,
                     GError **error);
    /* In the thread of a channel that cannot be read: may put a better reason in the place of
     * *error.  NULL: there is none. */
    void (*explain)(void *data, unsigned number, GError **error);
    /* A channel was the first to fail, in its thread: a caller that may wait for octets of the
     * main stream has to be woken.  NULL: it does not wait. */
    void (*failed)(void *data);
    void *data;
    /* At each meet all pages of channel 1 come first, then those of channel 2 and so on, so
     * that equal streams become equal ones; for channels that need not be read at once. */
    gboolean in_order;
} BmJoinSetup;

/* What `setup` has for `data` must outlive it. */
BmJoin *bm_join_new(const BmJoinSetup *setup);
/* No page goes on any more, and what fails from now on is no news.  Threads end when they
 * come to the end of an input. */
void bm_join_stop(BmJoin *join);
/* The same, and waits for the threads.  NULL is fine. */
void bm_join_free(BmJoin *join);

/* The visitor to drive with the main stream, which belongs to the join; `inner` stays the
 * caller's. */
BmStreamVisitor *bm_join_stream(BmJoin *join, BmStreamVisitor *inner);

/* How many channels there are. */
unsigned bm_join_count(const BmJoin *join);
/* Octets of all channels, when they have ended. */
uint64_t bm_join_octets(const BmJoin *join);
/* What was wrong with a channel first, and with which one (*number, may be NULL); NULL if
 * nothing was.  The text says which one as well.  For all threads. */
const GError *bm_join_error(BmJoin *join, unsigned *number);

#endif
