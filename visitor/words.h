/* SPDX-License-Identifier: BSD-2-Clause */
/* Many numbers of one width, in memory and as big-endian octets. */
#ifndef BM_WORDS_H
#define BM_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* `n` numbers of 1, 2, 4 or 8 octets; `stride` octets from one member to the next. */
void bm_numbers_encode(uint8_t *octets, const void *members, size_t stride, uint32_t n,
                       uint32_t width);
void bm_numbers_decode(const uint8_t *octets, void *members, size_t stride, uint32_t n,
                       uint32_t width);

#endif
