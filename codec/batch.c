/* SPDX-License-Identifier: BSD-2-Clause */
#include "batch.h"

#include <stdint.h>

#define CACHE_LINE 64u
/* Hashed and fetched in turns: few enough fetches to be under way at the same time, and
 * enough octets for a call of the hash not to count. */
#define STEP (4u << 10)
/* How far ahead of the hash memory is fetched: what comes in the time of one access. */
#define LEAD (8u << 10)

void bm_batch_clear(BmBatch *batch)
{
    batch->n = 0;
    batch->len = 0;
}

bool bm_batch_take(BmBatch *batch, struct iovec *piece)
{
    size_t room = BM_BATCH_OCTETS - batch->len;
    size_t len = piece->iov_len < room ? piece->iov_len : room;

    if (len > 0 && batch->n < BM_BATCH_PIECES) {
        batch->iov[batch->n++] = (struct iovec){piece->iov_base, len};
        batch->len += len;
        piece->iov_base = (uint8_t *)piece->iov_base + len;
        piece->iov_len -= len;
    }
    return piece->iov_len == 0;
}

/* A place in a batch. */
typedef struct Cursor {
    const BmBatch *batch;
    size_t piece, at; /* the piece, and octets of it that are behind us */
} Cursor;

/* The next octets that lie together, `most` at most; none at the end. */
static struct iovec take(Cursor *c, size_t most)
{
    if (c->piece == c->batch->n) {
        return (struct iovec){NULL, 0};
    }
    const struct iovec *piece = &c->batch->iov[c->piece];
    size_t left = piece->iov_len - c->at;
    struct iovec octets = {(uint8_t *)piece->iov_base + c->at, left < most ? left : most};

    c->at += octets.iov_len;
    if (octets.iov_len == left) {
        c->piece++;
        c->at = 0;
    }
    return octets;
}

/* Into the second cache: the first one is too small for what the hash has not come to. */
static void fetch(Cursor *c, size_t len)
{
    while (len > 0) {
        struct iovec octets = take(c, len);

        if (octets.iov_len == 0) {
            return;
        }
        for (size_t i = 0; i < octets.iov_len; i += CACHE_LINE) {
            __builtin_prefetch((const uint8_t *)octets.iov_base + i, 0, 2);
        }
        len -= octets.iov_len;
    }
}

static void hash(const BmBatch *batch, XXH3_state_t *state, Cursor *ahead)
{
    Cursor c = {batch, 0, 0};
    struct iovec octets;

    while ((octets = take(&c, ahead->piece < ahead->batch->n ? STEP : SIZE_MAX)).iov_len > 0) {
        fetch(ahead, octets.iov_len);
        XXH3_64bits_update(state, octets.iov_base, octets.iov_len);
    }
}

void bm_batch_hash_before_write(const BmBatch *batch, XXH3_state_t *state)
{
    Cursor ahead = {batch, 0, 0};

    fetch(&ahead, LEAD);
    hash(batch, state, &ahead);
}

void bm_batch_hash_after_read(const BmBatch *batch, const BmBatch *next, XXH3_state_t *state)
{
    Cursor ahead = {next, 0, 0};

    hash(batch, state, &ahead);
}
