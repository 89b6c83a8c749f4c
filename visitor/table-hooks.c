/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pre_save and post_save of an object and of all that it holds.  Temporaries are
 * not among that: their hooks run when they are made.
 */
#include "table-impl.h"

/* ---- of one table ---- */

gboolean bm_hook_failed(GError **error, const char *hook, const char *name)
{
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s of %s failed", hook, name);
}

/* A result that is not 0 is a negative errno(3). */
static gboolean foreign_result(int result, const char *hook, const char *name, GError **error)
{
    return result == 0 ||
           bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s of %s failed with %d: %s", hook,
                        name, result, g_strerror(result < 0 ? -result : result));
}

static gboolean pre_save(const BmTable *table, void *object, GError **error)
{
    if (table->pre_save) {
        return table->pre_save(object, error) || bm_hook_failed(error, "pre_save", table->name);
    }
    if (table->foreign.pre_save_errp) {
        return table->foreign.pre_save_errp(object, error) ||
               bm_hook_failed(error, "pre_save", table->name);
    }
    return !table->foreign.pre_save ||
           foreign_result(table->foreign.pre_save(object), "pre_save", table->name, error);
}

static gboolean post_save(const BmTable *table, void *object, GError **error)
{
    if (table->post_save) {
        return table->post_save(object, error) || bm_hook_failed(error, "post_save", table->name);
    }
    return !table->foreign.post_save ||
           foreign_result(table->foreign.post_save(object), "post_save", table->name, error);
}

gboolean bm_hook_pre_load(const BmTable *table, void *object, GError **error)
{
    if (table->pre_load) {
        return table->pre_load(object, error) || bm_hook_failed(error, "pre_load", table->name);
    }
    if (table->foreign.pre_load_errp) {
        return table->foreign.pre_load_errp(object, error) ||
               bm_hook_failed(error, "pre_load", table->name);
    }
    return !table->foreign.pre_load ||
           foreign_result(table->foreign.pre_load(object), "pre_load", table->name, error);
}

gboolean bm_hook_post_load(const BmTable *table, void *object, uint32_t version, GError **error)
{
    if (table->post_load) {
        return table->post_load(object, version, error) ||
               bm_hook_failed(error, "post_load", table->name);
    }
    if (table->foreign.post_load_errp) {
        return table->foreign.post_load_errp(object, (int)version, error) ||
               bm_hook_failed(error, "post_load", table->name);
    }
    return !table->foreign.post_load ||
           foreign_result(table->foreign.post_load(object, (int)version), "post_load", table->name,
                          error);
}

gboolean bm_table_is_needed(const BmTable *table, const void *object)
{
    return !table->why_not && (!table->needed || table->needed(object)) &&
           (!table->foreign.needed || table->foreign.needed((void *)object));
}

/* ---- of all that an object holds ---- */

/* Both ways visit the same objects in the same order, each before what it holds;
 * the way back stops where the way there did. */
typedef struct Hooks {
    gboolean back;
    uint32_t entered; /* there: that succeeded; back: that are still to be visited */
    GError **error;   /* there */
    GError **after;   /* back: of the first that failed */
    gboolean failed;  /* back */
} Hooks;

static gboolean visit(Hooks *hooks, const BmTable *table, uint32_t version, void *object);

/* Levels below which hooks are taken to be: tables may refer to themselves. */
#define LEVELS 8

/* Structs all the way down that have no hook need no visit. */
static gboolean has_hooks(const BmTable *table, unsigned depth)
{
    if (table->pre_save || table->post_save || table->foreign.pre_save ||
        table->foreign.pre_save_errp || table->foreign.post_save || depth > LEVELS) {
        return TRUE;
    }
    for (const BmTableField *row = table->fields; row->name; row++) {
        if (row->table && row->type != BM_TYPE_TEMP && has_hooks(row->table, depth + 1)) {
            return TRUE;
        }
    }
    for (const BmTable *const *sub = table->subsections; sub && *sub; sub++) {
        if (has_hooks(*sub, depth + 1)) {
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean visit_listed(Hooks *hooks, const BmTableField *row, void *object)
{
    BmListed listed;
    void *element;

    bm_listed_first(&listed, row, object);
    while ((element = bm_listed_next(&listed))) {
        if (!visit(hooks, row->table, row->table->version, element)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean visit_elements(Hooks *hooks, const BmTableField *row, void *object)
{
    BmExtent extent;

    if (!bm_row_extent(row, object, &extent, hooks->error)) {
        return FALSE;
    }
    for (uint32_t i = 0; i < extent.count; i++) {
        void *element = bm_row_element(row, object, i);

        if (element && !visit(hooks, row->table, bm_row_version(row), element)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean visit_row(Hooks *hooks, const BmTableField *row, void *object)
{
    return bm_row_is_listed(row) ? visit_listed(hooks, row, object)
                                 : visit_elements(hooks, row, object);
}

static gboolean visit_fields(Hooks *hooks, const BmTable *table, uint32_t version, void *object)
{
    for (const BmTableField *row = table->fields; row->name; row++) {
        if (row->table && row->type != BM_TYPE_TEMP && has_hooks(row->table, 0) &&
            bm_row_present(row, object, version) && !visit_row(hooks, row, object)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean visit_subsections(Hooks *hooks, const BmTable *table, void *object)
{
    for (const BmTable *const *sub = table->subsections; sub && *sub; sub++) {
        if (bm_table_is_needed(*sub, object) && !visit(hooks, *sub, (*sub)->version, object)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean enter(Hooks *hooks, const BmTable *table, void *object)
{
    if (hooks->back) {
        if (hooks->entered == 0) {
            return FALSE;
        }
        hooks->entered--;
        return TRUE;
    }
    if (!pre_save(table, object, hooks->error)) {
        return FALSE;
    }
    hooks->entered++;
    return TRUE;
}

static gboolean visit(Hooks *hooks, const BmTable *table, uint32_t version, void *object)
{
    gboolean ok;

    if (!enter(hooks, table, object)) {
        return FALSE;
    }
    ok = visit_fields(hooks, table, version, object) && visit_subsections(hooks, table, object);
    if (hooks->back && !post_save(table, object, hooks->failed ? NULL : hooks->after)) {
        hooks->failed = TRUE;
    }
    return ok;
}

gboolean bm_hooks_has_any(const BmTable *table)
{
    return has_hooks(table, 0);
}

gboolean bm_hooks_pre_save(const BmTable *table, void *object, uint32_t *entered, GError **error)
{
    Hooks hooks = {.error = error};
    gboolean ok = !has_hooks(table, 0) || visit(&hooks, table, table->version, object);

    *entered = hooks.entered;
    return ok;
}

gboolean bm_hooks_post_save(const BmTable *table, void *object, uint32_t entered, GError **error)
{
    Hooks hooks = {.back = TRUE, .entered = entered, .after = error};

    if (entered > 0) {
        visit(&hooks, table, table->version, object);
    }
    return !hooks.failed;
}
