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
