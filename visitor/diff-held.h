/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is held of side A of a comparison: things, and the values of each by their keys.  A
 * thing is a device, or what stands for one ("configuration", a live section, the
 * remainder).  What all of it takes has a limit.
 */
#ifndef BM_DIFF_HELD_H
#define BM_DIFF_HELD_H

#include "difference.h"

typedef struct BmHeld {
    char *path; /* below the thing's root, as shown */
    BmField field;
    BmVisited value; /* a copy */
    gboolean met;    /* B has it too */
} BmHeld;

typedef struct BmThing {
    char *root;
    char *label; /* for a device: how its section is called; else NULL */
    uint32_t version;
    gboolean octets; /* a device without structure */
    gboolean met;
    GPtrArray *order;  /* BmHeld */
    GHashTable *table; /* key to BmHeld */
} BmThing;

typedef struct BmThings {
    uint64_t octets, limit;
    GStringChunk *types; /* names of types, which many values share */
    GPtrArray *order;    /* BmThing */
    GHashTable *table;   /* key to BmThing */
} BmThings;

/* `limit`: octets that values may take, with what is needed to find them. */
void bm_things_init(BmThings *things, uint64_t limit);
void bm_things_clear(BmThings *things);

/* The key must be new.  Things, and what they hold, last until bm_things_clear(). */
BmThing *bm_things_add(BmThings *things, const char *key, const char *root);
BmThing *bm_things_find(const BmThings *things, const char *key); /* NULL: there is none */

/* Copies a value into a thing.  FALSE sets *error: the limit. */
gboolean bm_things_hold(BmThings *things, BmThing *thing, const char *key, const char *path,
                        const BmVisited *value, GError **error);
BmHeld *bm_thing_find(const BmThing *thing, const char *key); /* NULL: there is none */

#endif
