/* SPDX-License-Identifier: BSD-2-Clause */
#include "names.h"

#include <string.h>

struct BmNames {
    GTree *tree; /* name: the number that was given to it last */
};

static int compare(gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    return strcmp(a, b);
}

BmNames *bm_names_new(void)
{
    BmNames *names = g_new0(BmNames, 1);

    names->tree = g_tree_new_full(compare, NULL, g_free, NULL);
    return names;
}

void bm_names_free(BmNames *names)
{
    if (names) {
        g_tree_unref(names->tree);
        g_free(names);
    }
}

void bm_names_clear(BmNames *names)
{
    g_tree_remove_all(names->tree);
}

gboolean bm_names_has(const BmNames *names, const char *name)
{
    return g_tree_lookup_extended(names->tree, name, NULL, NULL);
}

/* The last number is remembered, so that n equal names take n steps, not n * n. */
static char *numbered(BmNames *names, const char *name)
{
    guint number = GPOINTER_TO_UINT(g_tree_lookup(names->tree, name));
    char *unique = NULL;

    do {
        g_free(unique);
        unique = g_strdup_printf("%s#%u", name, ++number);
    } while (bm_names_has(names, unique));
    g_tree_insert(names->tree, g_strdup(name), GUINT_TO_POINTER(number));
    return unique;
}

const char *bm_names_add(BmNames *names, const char *name)
{
    char *unique = bm_names_has(names, name) ? numbered(names, name) : g_strdup(name);

    g_tree_insert(names->tree, unique, GUINT_TO_POINTER(1));
    return unique;
}

static char *candidate(const char *name, uint32_t instance)
{
    return instance ? g_strdup_printf("%s#%u", name, instance) : g_strdup(name);
}

const char *bm_names_add_device(BmNames *names, const BmDevice *device)
{
    const BmSection *section = &device->section;
    const char *kind = device->schema ? device->schema->name : section->name;
    char *root = candidate(kind, section->instance);
    const char *chosen;

    if (bm_names_has(names, root)) {
        g_free(root);
        root = candidate(section->name, section->instance);
    }
    if (bm_names_has(names, root)) {
        char *last = g_strdup_printf("%s@%u", root, section->id);

        g_free(root);
        root = last;
    }
    chosen = bm_names_add(names, root);
    g_free(root);
    return chosen;
}
