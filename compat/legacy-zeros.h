/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of zero pages in a QEMU stream.  Each page has a head of its own there, nine octets:
 * a word, and the octet that fills the page.  In a row each word is that of the head before,
 * one page further.  A guest has millions of them, so they are not read and written one by
 * one: here are the loops, which know of nothing else.
 */
#ifndef BM_LEGACY_ZEROS_H
#define BM_LEGACY_ZEROS_H

#include <stddef.h>
#include <stdint.h>

/* Octets of a head without the name of a block. */
#define BM_ZERO_HEAD 9u

/* How many of the heads from `p` on, of which `most` are there, are a row: the first one has
 * this word, and all of them are of octets 0. */
uint64_t bm_zero_heads_count(const uint8_t *p, uint64_t most, uint64_t word, uint64_t page_size);

/* Writes a row of `n` heads of pages filled with `fill`; `to` has room for them. */
void bm_zero_heads_put(uint8_t *to, uint64_t n, uint64_t word, uint64_t page_size, unsigned fill);

#endif
