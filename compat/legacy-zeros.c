/* SPDX-License-Identifier: BSD-2-Clause */
#include "legacy-zeros.h"

#include <string.h>

#include "legacy.h"

uint64_t bm_zero_heads_count(const uint8_t *p, uint64_t most, uint64_t word, uint64_t page_size)
{
    uint64_t n = 0;

    /* One comparison for both parts of a head: it is this that is done a million times. */
    while (n < most && ((bm_be64(p) ^ word) | p[8]) == 0) {
        p += BM_ZERO_HEAD;
        word += page_size;
        n++;
    }
    return n;
}

void bm_zero_heads_put(uint8_t *to, uint64_t n, uint64_t word, uint64_t page_size, unsigned fill)
{
    for (; n > 0; n--) {
        const uint64_t be = GUINT64_TO_BE(word);

        memcpy(to, &be, sizeof be);
        to[8] = (uint8_t)fill;
        to += BM_ZERO_HEAD;
        word += page_size;
    }
}
