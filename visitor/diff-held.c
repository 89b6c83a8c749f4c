/* SPDX-License-Identifier: BSD-2-Clause */
#include "diff-held.h"

#include <string.h>

static void held_free(gpointer data)
{
    BmHeld *h = data;

    g_free(h->path);
    g_free((gpointer)(h->value.by_octets ? h->value.octets.data : NULL));
    if (!h->value.by_octets && h->value.scalar.type == BM_SCALAR_RAW) {
        g_free((gpointer)h->value.scalar.raw.data);
    }
    g_free(h);
}

static void thing_free(gpointer data)
{
    BmThing *t = data;

    g_free(t->root);
    g_free(t->label);
    g_ptr_array_unref(t->order);
    g_hash_table_unref(t->table);
    g_free(t);
}

static BmOctets copy_octets(BmOctets octets)
{
    return (BmOctets){g_memdup2(octets.data, octets.len), octets.len};
}

static size_t octets_of(const BmVisited *value)
{
    if (value->by_octets) {
        return value->octets.len;
    }
    return value->scalar.type == BM_SCALAR_RAW ? value->scalar.raw.len : 0;
}

static gboolean take_room(BmThings *t, uint64_t octets, GError **error)
{
    if (t->limit - t->octets < octets) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "values of devices take more than %" G_GUINT64_FORMAT " octets",
                            t->limit);
    }
    t->octets += octets;
    return TRUE;
}

static BmHeld *held_new(BmThings *t, const char *path, const BmVisited *value)
{
    BmHeld *h = g_new0(BmHeld, 1);

    h->path = g_strdup(path);
    h->field = *value->field;
    h->field.name = NULL;
    h->field.elements = NULL;
    if (h->field.type) {
        h->field.type = g_string_chunk_insert_const(t->types, h->field.type);
    }
    h->value = *value;
    h->value.field = &h->field;
    if (value->by_octets) {
        h->value.octets = copy_octets(value->octets);
    } else if (value->scalar.type == BM_SCALAR_RAW) {
        h->value.scalar.raw = copy_octets(value->scalar.raw);
    }
    return h;
}

void bm_things_init(BmThings *things, uint64_t limit)
{
    *things = (BmThings){.limit = limit};
    things->types = g_string_chunk_new(256);
    things->order = g_ptr_array_new_with_free_func(thing_free);
    things->table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void bm_things_clear(BmThings *things)
{
    g_string_chunk_free(things->types);
    g_ptr_array_unref(things->order);
    g_hash_table_unref(things->table);
}

BmThing *bm_things_add(BmThings *things, const char *key, const char *root)
{
    BmThing *t = g_new0(BmThing, 1);

    t->root = g_strdup(root);
    t->order = g_ptr_array_new_with_free_func(held_free);
    t->table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_ptr_array_add(things->order, t);
    g_hash_table_insert(things->table, g_strdup(key), t);
    return t;
}

BmThing *bm_things_find(const BmThings *things, const char *key)
{
    return g_hash_table_lookup(things->table, key);
}

gboolean bm_things_hold(BmThings *things, BmThing *thing, const char *key, const char *path,
                        const BmVisited *value, GError **error)
{
    BmHeld *h;

    if (!take_room(things, sizeof(*h) + 2 * strlen(path) + octets_of(value) + 64, error)) {
        return FALSE;
    }
    h = held_new(things, path, value);
    g_ptr_array_add(thing->order, h);
    g_hash_table_insert(thing->table, g_strdup(key), h);
    return TRUE;
}

BmHeld *bm_thing_find(const BmThing *thing, const char *key)
{
    return g_hash_table_lookup(thing->table, key);
}
