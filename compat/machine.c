/* SPDX-License-Identifier: BSD-2-Clause */
/* The sections of a machine: what is registered, and in which order it goes. */
#include <string.h>

#include "machine-impl.h"

static char *make_key(const char *name, uint32_t instance)
{
    return g_strdup_printf("%u %s", instance, name);
}

static void free_entry(gpointer data)
{
    BmEntry *e = data;

    g_free((char *)e->section.name);
    g_free(e->key);
    g_free(e);
}

static gboolean is_page_size(uint64_t n)
{
    return n >= BM_LIMIT_PAGE_MIN && n <= BM_LIMIT_PAGE_MAX && (n & (n - 1)) == 0;
}

BmMachine *bm_machine_new(const char *type, uint64_t page_size)
{
    BmMachine *m;

    if (!is_page_size(page_size)) {
        return NULL;
    }
    m = g_new0(BmMachine, 1);
    m->type = g_strdup(type);
    m->page_size = page_size;
    m->entries = g_ptr_array_new_with_free_func(free_entry);
    m->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    return m;
}

void bm_machine_free(BmMachine *m)
{
    if (!m) {
        return;
    }
    g_hash_table_unref(m->by_key);
    g_ptr_array_unref(m->entries);
    g_free(m->type);
    g_free(m);
}

BmEntry *bm_machine_find(const BmMachine *m, const char *name, uint32_t instance)
{
    g_autofree char *key = make_key(name, instance);

    return g_hash_table_lookup(m->by_key, key);
}

gboolean bm_entry_failed(const BmEntry *e, const char *what, GError **error)
{
    bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s failed and does not say why", what);
    bm_error_add_path(error ? *error : NULL, e->section.name);
    return FALSE;
}

/* ---- registering ---- */

static gboolean check_name(const char *name, GError **error)
{
    size_t len = strlen(name);

    if (len == 0 || len > BM_LIMIT_NAME || !bm_utf8_valid((const uint8_t *)name, len)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL,
                            "a section's name of %zu octets, expected 1 to %u of UTF-8", len,
                            BM_LIMIT_NAME);
    }
    return TRUE;
}

/* Behind all of its priority and above. */
static void insert(BmMachine *m, BmEntry *e)
{
    guint at = m->entries->len;

    while (at > 0 && ((const BmEntry *)m->entries->pdata[at - 1])->priority < e->priority) {
        at--;
    }
    g_ptr_array_insert(m->entries, (gint)at, e);
}

static gboolean add(BmMachine *m, const char *name, uint32_t instance, const BmEntry *entry,
                    GError **error)
{
    BmEntry *e;

    if (!check_name(name, error)) {
        return FALSE;
    }
    if (bm_machine_find(m, name, instance)) {
        return bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, name,
                            "instance %u is registered already", instance);
    }
    e = g_memdup2(entry, sizeof *entry);
    e->section.id = m->entries->len + 1; /* 0 means any section to some QEMUs */
    e->section.name = g_strdup(name);
    e->section.instance = instance;
    e->key = make_key(name, instance);
    insert(m, e);
    g_hash_table_insert(m->by_key, e->key, e);
    return TRUE;
}

gboolean bm_machine_add_table(BmMachine *m, const char *name, uint32_t instance,
                              const BmTable *table, void *object, GError **error)
{
    const BmEntry e = {.section.version = table->version,
                       .minimum_version = table->minimum_version,
                       .priority = table->priority,
                       .kind = BM_ENTRY_TABLE,
                       .opaque = object,
                       .table = table};

    return add(m, name, instance, &e, error);
}

gboolean bm_machine_add_direct(BmMachine *m, const char *name, uint32_t instance,
                               const BmDirectDevice *device, void *object, int priority,
                               GError **error)
{
    const BmEntry e = {.section.version = device->version,
                       .minimum_version = device->minimum_version,
                       .priority = priority,
                       .kind = BM_ENTRY_DIRECT,
                       .opaque = object,
                       .direct = device};

    return add(m, name, instance, &e, error);
}

gboolean bm_machine_add_octets(BmMachine *m, const char *name, uint32_t instance,
                               const BmOctetsDevice *device, void *opaque, int priority,
                               GError **error)
{
    const BmEntry e = {.section.version = device->version,
                       .minimum_version = device->minimum_version,
                       .priority = priority,
                       .kind = BM_ENTRY_OCTETS,
                       .opaque = opaque,
                       .octets = device};

    return add(m, name, instance, &e, error);
}

gboolean bm_machine_add_live(BmMachine *m, const char *name, uint32_t instance,
                             const BmLiveHandlers *handlers, void *opaque, GError **error)
{
    const BmEntry e = {.section.version = handlers->version,
                       .minimum_version = handlers->minimum_version,
                       .priority = handlers->priority,
                       .kind = BM_ENTRY_LIVE,
                       .opaque = opaque,
                       .live = handlers};

    return add(m, name, instance, &e, error);
}
