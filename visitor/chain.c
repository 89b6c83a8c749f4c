/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chains of transformations between levels.
 *
 * Levels are the nodes of a graph, steps its edges, which lead both ways; a
 * chain is a shortest path.
 */
#include <string.h>

#include "emit.h"
#include "transform.h"

struct BmChain {
    GArray *transforms; /* BmTransform */
};

/* ---- the way from one level to another ---- */

/* The levels, each once, as pointers into the steps. */
static GPtrArray *all_levels(const BmStep *steps, guint n)
{
    GPtrArray *levels = g_ptr_array_new();

    for (guint i = 0; i < n; i++) {
        const char *const both[] = {steps[i].from, steps[i].to};

        for (guint k = 0; k < 2; k++) {
            if (both[k] && !g_ptr_array_find_with_equal_func(levels, both[k], g_str_equal, NULL)) {
                g_ptr_array_add(levels, (gpointer)both[k]);
            }
        }
    }
    return levels;
}

static gboolean joins(const BmStep *step, const char *a, const char *b)
{
    return step->from && ((!strcmp(step->from, a) && !strcmp(step->to, b)) ||
                          (!strcmp(step->from, b) && !strcmp(step->to, a)));
}

static gboolean neighbours(const BmStep *steps, guint n, const char *a, const char *b)
{
    for (guint i = 0; i < n; i++) {
        if (joins(&steps[i], a, b)) {
            return TRUE;
        }
    }
    return FALSE;
}

/* Level -> the one before it, on the shortest ways from `from`. */
static GHashTable *search(const BmStep *steps, guint n, const char *from)
{
    g_autoptr(GPtrArray) levels = all_levels(steps, n);
    g_autoptr(GPtrArray) queue = g_ptr_array_new();
    GHashTable *before = g_hash_table_new(g_str_hash, g_str_equal);

    g_hash_table_insert(before, (gpointer)from, (gpointer)from);
    g_ptr_array_add(queue, (gpointer)from);
    for (guint next = 0; next < queue->len; next++) {
        for (guint i = 0; i < levels->len; i++) {
            char *level = levels->pdata[i], *here = queue->pdata[next];

            if (!g_hash_table_contains(before, level) && neighbours(steps, n, here, level)) {
                g_hash_table_insert(before, level, here);
                g_ptr_array_add(queue, level);
            }
        }
    }
    return before;
}

/* The levels from `from` to `to`; NULL if there is no way. */
static GPtrArray *find_way(const BmStep *steps, guint n, const char *from, const char *to)
{
    g_autoptr(GHashTable) before = search(steps, n, from);
    GPtrArray *way = NULL;

    if (!g_hash_table_contains(before, to)) {
        return NULL;
    }
    way = g_ptr_array_new();
    for (; strcmp(to, from) != 0; to = g_hash_table_lookup(before, to)) {
        g_ptr_array_insert(way, 0, (gpointer)to);
    }
    g_ptr_array_insert(way, 0, (gpointer)from);
    return way;
}

/* ---- building ---- */

static void add_forth(BmChain *c, const BmStep *step)
{
    for (const BmTransform *t = step->transforms; t->operation; t++) {
        g_array_append_val(c->transforms, *t);
    }
}

static gboolean add_back(BmChain *c, const BmStep *step, GError **error)
{
    guint n = 0;

    while (step->transforms[n].operation) {
        n++;
    }
    while (n-- > 0) {
        const BmTransform *t = &step->transforms[n];
        BmTransform back;

        if (t->one_way) {
            continue;
        }
        if (!bm_transform_invert(t, &back, error)) {
            return FALSE;
        }
        g_array_append_val(c->transforms, back);
    }
    return TRUE;
}

/* First what undoes the steps of the other direction, the last one first, then
 * those of this one. */
static gboolean add_pair(BmChain *c, const BmStep *steps, guint n, const char *from, const char *to,
                         GError **error)
{
    for (guint i = n; i-- > 0;) {
        if (joins(&steps[i], from, to) && !strcmp(steps[i].from, to) &&
            !add_back(c, &steps[i], error)) {
            return FALSE;
        }
    }
    for (guint i = 0; i < n; i++) {
        if (joins(&steps[i], from, to) && !strcmp(steps[i].from, from)) {
            add_forth(c, &steps[i]);
        }
    }
    return TRUE;
}

static gboolean add_way(BmChain *c, const BmStep *steps, guint n, const char *from, const char *to,
                        GError **error)
{
    g_autoptr(GPtrArray) way = find_way(steps, n, from, to);

    if (!way) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                            "no steps lead from level %s to %s", from, to);
    }
    for (guint i = 0; i + 1 < way->len; i++) {
        if (!add_pair(c, steps, n, way->pdata[i], way->pdata[i + 1], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

BmChain *bm_chain_new(const BmStep *steps, guint n_steps, const char *from, const char *to,
                      GError **error)
{
    BmChain *c = g_new0(BmChain, 1);

    c->transforms = g_array_new(FALSE, FALSE, sizeof(BmTransform));
    if (from && to && !add_way(c, steps, n_steps, from, to, error)) {
        bm_chain_free(c);
        return NULL;
    }
    for (guint i = 0; i < n_steps; i++) {
        if (!steps[i].from) {
            add_forth(c, &steps[i]);
        }
    }
    return c;
}

void bm_chain_free(BmChain *chain)
{
    if (chain) {
        g_array_free(chain->transforms, TRUE);
        g_free(chain);
    }
}

guint bm_chain_length(const BmChain *chain)
{
    return chain->transforms->len;
}

const BmTransform *bm_chain_get(const BmChain *chain, guint i)
{
    return &g_array_index(chain->transforms, BmTransform, i);
}

/* ---- applying ---- */

gboolean bm_chain_matches(const BmChain *chain, const char *device, uint32_t instance)
{
    for (guint i = 0; i < chain->transforms->len; i++) {
        const BmTransform *t = bm_chain_get(chain, i);

        if (bm_transform_is_for_devices(t) && bm_transform_matches(t, device, instance)) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean bm_chain_apply(const BmChain *chain, BmDeviceState *device, BmTransformer *by,
                        GError **error)
{
    guint before = by->refused;

    for (guint i = 0; i < chain->transforms->len && !device->dropped; i++) {
        const BmTransform *t = bm_chain_get(chain, i);

        if (bm_transform_matches(t, device->name, device->instance) &&
            !bm_transform_apply(t, device, by, error)) {
            return FALSE;
        }
    }
    if (by->refused > before) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, device->name,
                            "%u values would be lost without consent", by->refused - before);
    }
    return TRUE;
}

gboolean bm_chain_keeps_command(const BmChain *chain, uint32_t code, BmOctets data,
                                BmTransformer *by)
{
    for (guint i = 0; i < chain->transforms->len; i++) {
        const BmTransform *t = bm_chain_get(chain, i);

        if (t->operation == &bm_op_drop_command && t->code == code) {
            g_autofree char *what = g_strdup_printf("command %u dropped", code);
            GString *hex = g_string_new("hex:");

            bm_emit_hex(hex, data.data, data.len);
            bm_transformer_lost(by, t, NULL, "", what, hex->str);
            g_string_free(hex, TRUE);
            return FALSE;
        }
    }
    return TRUE;
}
