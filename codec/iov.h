/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of memory, as readv(2) and writev(2) take them. */
#ifndef BM_IOV_H
#define BM_IOV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* Moves over the first `n` octets of the pieces: those that are empty then are left out. */
void bm_iov_advance(struct iovec **iov, size_t *count, size_t n);

#endif
