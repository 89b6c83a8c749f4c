/* SPDX-License-Identifier: BSD-2-Clause */
/* Saving and loading: the walk, with the hooks around it. */
#include "table-plan.h"

/* ---- saving ---- */

static const BmSchema *prepare(const BmTable *table, void *object, BmSchemaSet *set,
                               uint32_t *entered, GError **error)
{
    *entered = 0;
    if (table->why_not || table->foreign.unmigratable) {
        bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, table->name, "%s is not sent: %s",
                     table->name, table->why_not ? table->why_not : "it cannot be migrated");
        return NULL;
    }
    if (!bm_hooks_pre_save(table, object, entered, error)) {
        bm_error_add_path(error ? *error : NULL, table->name);
        return NULL;
    }
    return bm_table_describe(table, object, set, error);
}

const BmSchema *bm_table_prepare(const BmTable *table, void *object, BmSchemaSet *set,
                                 GError **error)
{
    uint32_t entered;
    const BmSchema *schema = prepare(table, object, set, &entered, error);

    if (!schema) {
        bm_hooks_post_save(table, object, entered, NULL);
    }
    return schema;
}

/* An error that was there before is the one that counts. */
static gboolean post_save(const BmTable *table, void *object, const BmSchema *schema, gboolean ok,
                          GError **error)
{
    const BmPlan *plan = bm_table_plan(table, schema);

    if ((plan && !plan->has_hooks) ||
        bm_hooks_post_save(table, object, G_MAXUINT32, ok ? error : NULL)) {
        return TRUE;
    }
    bm_error_add_path(ok && error ? *error : NULL, table->name);
    return FALSE;
}

gboolean bm_table_save_prepared(const BmTable *table, void *object, const BmSchema *schema,
                                BmVisitor *out, GError **error)
{
    gboolean ok = !out || bm_table_walk_from(table, object, schema, out, error);

    return post_save(table, object, schema, ok, error) && ok;
}

gboolean bm_table_save(const BmTable *table, void *object, BmSchemaSet *set, BmVisitor *out,
                       GError **error)
{
    const BmSchema *schema = bm_table_prepare(table, object, set, error);

    return schema && bm_table_save_prepared(table, object, schema, out, error);
}

/* ---- loading ---- */

gboolean bm_table_load(const BmTable *table, void *object, const BmSchema *schema, BmVisitor *in,
                       BmLoadReport *report, GError **error)
{
    if (!schema) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, table->name,
                            "values without a description");
    }
    return bm_table_walk_into(table, object, schema->version, schema, in, report, error);
}

gboolean bm_table_load_plain(const BmTable *table, void *object, uint32_t version, BmVisitor *in,
                             GError **error)
{
    return bm_table_walk_into(table, object, version, NULL, in, NULL, error);
}
