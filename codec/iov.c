/* SPDX-License-Identifier: BSD-2-Clause */
#include "iov.h"

#include <stdint.h>

/* Drops the first `n` octets of a piece. */
static void drop(struct iovec *piece, size_t n)
{
    piece->iov_base = (uint8_t *)piece->iov_base + n;
    piece->iov_len -= n;
}

void bm_iov_advance(struct iovec **iov, size_t *count, size_t n)
{
    while (*count > 0 && n >= (*iov)->iov_len) {
        n -= (*iov)->iov_len;
        (*iov)++;
        (*count)--;
    }
    if (*count > 0) {
        drop(*iov, n);
    }
}

bool bm_batch_take(BmBatch *batch, struct iovec *piece)
{
    size_t room = BM_BATCH_OCTETS - batch->len;
    size_t len = piece->iov_len < room ? piece->iov_len : room;

    if (len > 0 && batch->n < BM_BATCH_PIECES) {
        batch->iov[batch->n++] = (struct iovec){piece->iov_base, len};
        batch->len += len;
        drop(piece, len);
    }
    return piece->iov_len == 0;
}
