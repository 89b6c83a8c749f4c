/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pieces of memory that are hashed, and read or written, at a time: so the second of
 * the two finds in the cache what the first one has used.
 */
#ifndef BM_BATCH_H
#define BM_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "hash.h"

/* It fits into the cache of one core with room to spare, and is large enough for system
 * calls not to count. */
#define BM_BATCH_OCTETS (128u << 10)
#define BM_BATCH_PIECES 48u

typedef struct BmBatch {
    struct iovec iov[BM_BATCH_PIECES];
    size_t n, len; /* pieces, and octets of all of them */
} BmBatch;

void bm_batch_clear(BmBatch *batch);

/* Moves as much of *piece to the batch as goes into it; false if the batch is full and
 * something is left. */
bool bm_batch_take(BmBatch *batch, struct iovec *piece);

/* Both add all octets of a batch to a hash, which leaves memory idle, and fetch into the
 * cache meanwhile what is needed next.  Nothing is read by that but by the hash. */

/* For a batch that is to be written, and is in no cache: its own octets, ahead of the hash. */
void bm_batch_hash_before_write(const BmBatch *batch, XXH3_state_t *state);
/* For a batch that was read, and is in the cache: those of the next one to be read, which
 * the system call is about to write to. */
void bm_batch_hash_after_read(const BmBatch *batch, const BmBatch *next, XXH3_state_t *state);

#endif
