/* SPDX-License-Identifier: BSD-2-Clause */
#include "announces.h"

#include "state.h"

struct BmAnnounces {
    BmSchemaSet *set;
    GArray *list; /* BmAnnounce */
    GStringChunk *names;
};

BmAnnounces *bm_announces_new(void)
{
    BmAnnounces *a = g_new0(BmAnnounces, 1);

    a->set = bm_schema_set_new();
    a->list = g_array_new(FALSE, FALSE, sizeof(BmAnnounce));
    a->names = g_string_chunk_new(512);
    return a;
}

void bm_announces_free(BmAnnounces *a)
{
    if (a) {
        bm_schema_set_free(a->set);
        g_array_unref(a->list);
        g_string_chunk_free(a->names);
        g_free(a);
    }
}

uint32_t bm_announces_count(const BmAnnounces *a)
{
    return a->list->len;
}

BmSchemaSet *bm_announces_schemas(BmAnnounces *a)
{
    return a->set;
}

gboolean bm_announces_send(const BmAnnounces *a, BmStreamVisitor *s, GError **error)
{
    for (guint i = 0; i < a->list->len; i++) {
        if (!bm_stream_announce(s, &g_array_index(a->list, BmAnnounce, i), error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- collecting ---- */

typedef struct Collect {
    BmStreamVisitor base;
    BmAnnounces *announces;
} Collect;

static gboolean collect(BmStreamVisitor *s, const BmAnnounce *from, GError **error)
{
    BmAnnounces *a = ((Collect *)s)->announces;
    BmAnnounce copy = *from;

    if (a->list->len >= BM_LIMIT_DEVICES) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, from->name, "more than %u devices",
                            BM_LIMIT_DEVICES);
    }
    copy.name = g_string_chunk_insert(a->names, from->name);
    copy.schemas = from->schema ? a->set : NULL;
    copy.schema = from->schema ? bm_schema_copy(from->schema, a->set, error) : NULL;
    if (from->schema && !copy.schema) {
        return FALSE;
    }
    g_array_append_val(a->list, copy);
    return TRUE;
}

static gboolean collect_device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    const BmAnnounce a = {.name = d->section.name,
                          .instance = d->section.instance,
                          .version = d->section.version,
                          .schema = d->schema,
                          .schemas = d->schemas};

    return collect(s, &a, error);
}

BmStreamVisitor *bm_announces_collect(BmAnnounces *a)
{
    static const BmStreamOps ops = {.announce = collect, .device = collect_device};
    Collect *c = g_new0(Collect, 1);

    c->base.ops = &ops;
    c->announces = a;
    return &c->base;
}
