/* SPDX-License-Identifier: BSD-2-Clause */
#include "kept.h"

/* Of one schema: a device has one table, so more are none that come back. */
#define MOST 8

static const BmKept *find(const BmKept *kept, const void *key, unsigned *n)
{
    for (*n = 0; kept && kept->key != key; kept = kept->next) {
        ++*n;
    }
    return kept;
}

const BmKept *bm_kept_find(const BmSchema *schema, const void *key)
{
    unsigned n;

    return schema->kept ? find(g_atomic_pointer_get(schema->kept), key, &n) : NULL;
}

const BmKept *bm_kept_add(const BmSchema *schema, BmKept *kept)
{
    const BmKept *found = NULL;
    unsigned n = MOST;

    do {
        if (schema->kept) {
            kept->next = g_atomic_pointer_get(schema->kept);
            found = find(kept->next, kept->key, &n);
        }
        if (found || n >= MOST) {
            g_free(kept);
            return found;
        }
    } while (!g_atomic_pointer_compare_and_exchange(schema->kept, kept->next, kept));
    return kept;
}

void bm_kept_free(BmKept *kept)
{
    while (kept) {
        BmKept *next = kept->next;

        g_free(kept);
        kept = next;
    }
}
