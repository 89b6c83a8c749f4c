/* SPDX-License-Identifier: BSD-2-Clause */
/* Digests of what is compared as a whole: live sections other than RAM, the remainder. */
#ifndef BM_DIFF_SUMS_H
#define BM_DIFF_SUMS_H

#include "stream.h"

typedef struct BmSum {
    char *key, *root;
    const char *unit; /* of `count` */
    uint64_t count;
    GChecksum *sha256;
} BmSum;

typedef struct BmSums {
    GPtrArray *order;  /* BmSum */
    GHashTable *table; /* key to BmSum */
} BmSums;

void bm_sums_init(BmSums *sums);
void bm_sums_clear(BmSums *sums);

/* The sum of that key, which is empty and has `root` and `unit` if it is new.  `unit` is
 * borrowed for ever. */
BmSum *bm_sums_get(BmSums *sums, const char *key, const char *root, const char *unit);

/* Counts one item and all that it has. */
void bm_sum_item(BmSum *sum, const BmItem *item);
/* Counts octets. */
void bm_sum_octets(BmSum *sum, BmOctets octets);

#endif
