/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Are all these octets zero?  Asked of each page of a guest, so with the widest
 * vectors that the processor has, which is found out at run time.
 */
#ifndef BM_ZERO_H
#define BM_ZERO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TRUE for no octets at all.  Any alignment.  Stops within 256 octets of the first
 * one that is not zero.  Any thread. */
bool bm_is_zero(const void *data, size_t len);

/* One way to find out. */
typedef struct BmZeroVariant {
    const char *name;
    bool (*is_zero)(const uint8_t *data, size_t len);
    bool (*usable)(void); /* on this processor */
} BmZeroVariant;

/* All that were compiled in, the widest first; the last one is portable C and usable
 * everywhere.  bm_is_zero() is the first usable one. */
extern const BmZeroVariant bm_zero_variants[];
extern const size_t bm_zero_n_variants;

/* The name of that one. */
const char *bm_zero_chosen(void);

#endif
