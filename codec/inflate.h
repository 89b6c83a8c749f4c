/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compressed data that comes in pieces, each of which the sender has flushed: all that
 * a piece was made from can be had from it and the pieces before.
 */
#ifndef BM_INFLATE_H
#define BM_INFLATE_H

#include "ber.h"

typedef enum BmInflateMethod {
    BM_INFLATE_ZLIB, /* RFC 1950 */
    BM_INFLATE_ZSTD  /* RFC 8878 */
} BmInflateMethod;

typedef struct BmInflate BmInflate;

/* NULL if memory is out. */
BmInflate *bm_inflate_new(BmInflateMethod method);
void bm_inflate_free(BmInflate *z); /* NULL is fine */

/* The next piece, which must give exactly `size` octets; no more is ever produced.  false,
 * and `out` has some of them, if it does not; nothing can follow then. */
bool bm_inflate_next(BmInflate *z, BmOctets in, uint8_t *out, size_t size);

#endif
