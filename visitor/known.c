/* SPDX-License-Identifier: BSD-2-Clause */
#include "known.h"

#include <string.h>

struct BmKnown {
    GPtrArray *sets;  /* BmSchemaSet, not lent */
    GPtrArray *names; /* their digests, and a NULL */
};

BmKnown *bm_known_new(void)
{
    BmKnown *known = g_new0(BmKnown, 1);

    known->sets = g_ptr_array_new();
    known->names = g_ptr_array_new();
    return known;
}

void bm_known_free(BmKnown *known)
{
    if (known) {
        g_ptr_array_unref(known->sets);
        g_ptr_array_unref(known->names);
        g_free(known);
    }
}

/* The set of this digest in text; NULL if there is none. */
static BmSchemaSet *find(const BmKnown *known, const char *digest)
{
    for (guint i = 0; i < known->sets->len; i++) {
        if (strcmp(bm_schema_set_digest(known->sets->pdata[i]), digest) == 0) {
            return known->sets->pdata[i];
        }
    }
    return NULL;
}

void bm_known_add(BmKnown *known, BmSchemaSet *set)
{
    if (bm_schema_set_size(set) > 0 && !find(known, bm_schema_set_digest(set))) {
        g_ptr_array_add(known->sets, set);
    }
}

const char *const *bm_known_digests(BmKnown *known)
{
    g_ptr_array_set_size(known->names, 0);
    for (guint i = 0; i < known->sets->len; i++) {
        g_ptr_array_add(known->names, (gpointer)bm_schema_set_digest(known->sets->pdata[i]));
    }
    g_ptr_array_add(known->names, NULL);
    return (const char *const *)known->names->pdata;
}

BmSchemaSet *bm_known_lend(BmKnown *known, const uint8_t *digest, uint64_t count)
{
    char text[BM_SCHEMA_DIGEST_TEXT + 1];
    BmSchemaSet *set;

    for (size_t i = 0; i < BM_SCHEMA_DIGEST_LEN; i++) {
        g_snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    set = find(known, text);
    if (!set || bm_schema_set_size(set) != count) {
        return NULL;
    }
    g_ptr_array_remove(known->sets, set);
    return set;
}
