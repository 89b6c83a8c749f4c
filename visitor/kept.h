/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What follows from a schema and something else, and is asked for again and again: kept
 * with the schema and freed with its set.  Walks in several threads may share a schema;
 * what was put there never changes.
 */
#ifndef BM_KEPT_H
#define BM_KEPT_H

#include "schema.h"

/* The first member of a block of g_malloc(). */
typedef struct BmKept {
    struct BmKept *next;
    const void *key; /* what else it follows from */
} BmKept;

/* NULL if there is none. */
const BmKept *bm_kept_find(const BmSchema *schema, const void *key);
/* Takes `kept`, whose key is set, and returns it; or frees it and returns the one that
 * somebody else has put there meanwhile.  NULL, and it is freed: the schema is not interned,
 * or has some for too many keys already. */
const BmKept *bm_kept_add(const BmSchema *schema, BmKept *kept);
/* All of a list. */
void bm_kept_free(BmKept *kept);

#endif
