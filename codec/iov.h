/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of memory, as readv(2) and writev(2) take them. */
#ifndef BM_IOV_H
#define BM_IOV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* Moves over the first `n` octets of the pieces: those that are empty then are left out. */
void bm_iov_advance(struct iovec **iov, size_t *count, size_t n);

/* What is hashed, and read or written, at a time.  It fits into the cache of one core
 * with room to spare, so that the hash does not read memory once more, and is large
 * enough for system calls not to count. */
#define BM_BATCH_OCTETS (128u << 10)
#define BM_BATCH_PIECES 48u

typedef struct BmBatch {
    struct iovec iov[BM_BATCH_PIECES];
    size_t n, len; /* pieces, and octets of all of them */
} BmBatch;

/* Moves as much of *piece to the batch as goes into it; false if the batch is full and
 * something is left. */
bool bm_batch_take(BmBatch *batch, struct iovec *piece);

#endif
