/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output visitor over an object: what a walk loads into.  With a schema, fields
 * are matched by name; without one it says what it wants, row by row.
 */
#include <string.h>

#include "table-load.h"

static BmLoader *loader(BmVisitor *v)
{
    return (BmLoader *)v;
}

/* ---- structs ---- */

static gboolean skip(BmLoader *l)
{
    l->skip++;
    return TRUE;
}

static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    BmLoader *l = loader(v);

    if (l->skip > 0) {
        return skip(l);
    }
    if (!field) {
        return bm_loader_begin_root(l, schema, error);
    }
    if (field->kind == BM_KIND_LIST) {
        return bm_loader_begin_listed(l, schema, error);
    }
    if (!bm_loader_here(l)->group) {
        switch (bm_loader_select(l, field, error)) {
        case BM_SELECT_FAILED:
            return FALSE;
        case BM_SELECT_SKIP:
            return skip(l);
        case BM_SELECT_FOUND:
            break;
        }
    }
    return bm_loader_begin_element(l, schema, error);
}

static gboolean end_struct(BmVisitor *v, GError **error)
{
    BmLoader *l = loader(v);

    if (l->skip > 0) {
        l->skip--;
        return TRUE;
    }
    return bm_loader_end(l, error);
}

static gboolean end_fields(BmVisitor *v, GError **error)
{
    BmLoader *l = loader(v);

    if (l->skip > 0 || !bm_loader_here(l)->schema) {
        return TRUE;
    }
    return bm_loader_settle(l, error);
}

/* ---- groups ---- */

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    BmLoader *l = loader(v);
    BmLoadFrame *f;

    if (l->skip > 0) {
        return skip(l);
    }
    switch (bm_loader_select(l, field, error)) {
    case BM_SELECT_FAILED:
        return FALSE;
    case BM_SELECT_SKIP:
        return skip(l);
    case BM_SELECT_FOUND:
        break;
    }
    f = bm_loader_here(l);
    f->group = TRUE;
    f->tail = NULL;
    return field->kind != BM_KIND_LIST || bm_listed_open(f->row, f->object, error);
}

static gboolean end_group(BmVisitor *v, GError **error)
{
    BmLoader *l = loader(v);

    (void)error;
    if (l->skip > 0) {
        l->skip--;
    } else {
        bm_loader_here(l)->group = FALSE;
    }
    return TRUE;
}

/* ---- subsections ---- */

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    BmLoader *l = loader(v);
    gboolean pass = l->skip > 0;
    const BmTable *table;

    if (pass) {
        return skip(l);
    }
    table = bm_loader_subsection(l, schema, &pass, error);
    if (!table) {
        return pass && skip(l);
    }
    return bm_loader_begin_subsection(l, table, schema, error);
}

/* ---- values ---- */

static gboolean store_key(BmLoadFrame *f, const BmField *field, const BmScalar *value,
                          GError **error)
{
    gpointer key = (gpointer)(uintptr_t)value->u;

    if (strcmp(field->name, bm_tree_key_field.name) != 0 || value->type != BM_SCALAR_UNSIGNED ||
        (uintptr_t)key != value->u) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "an element without its key");
    }
    if (!bm_listed_insert(f->tree, key, f->keyless, error)) {
        return FALSE;
    }
    f->keyless = NULL;
    return TRUE;
}

/* One that is present stands before its object. */
static gboolean store_pointer(BmLoadFrame *f, const BmScalar *value, GError **error)
{
    gboolean null = !bm_row_element(f->row, f->object, f->at);

    if (value->type == BM_SCALAR_RAW || (value->type == BM_SCALAR_NULL) != null) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s in the stream, %s here",
                            value->type == BM_SCALAR_NULL      ? "a null pointer"
                            : value->type == BM_SCALAR_PRESENT ? "an object"
                                                               : "no mark of a pointer",
                            null ? "a null pointer" : "an object");
    }
    f->at += null;
    return TRUE;
}

static gboolean scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    BmLoader *l = loader(v);
    BmLoadFrame *f;
    BmSelected selected = BM_SELECT_FOUND;

    if (l->skip > 0) {
        return TRUE;
    }
    f = bm_loader_here(l);
    if (f->keyless) {
        return store_key(f, field, value, error);
    }
    if (!f->group) {
        selected = bm_loader_select(l, field, error);
    }
    if (selected != BM_SELECT_FOUND) {
        return selected == BM_SELECT_SKIP;
    }
    if (field->kind == BM_KIND_POINTER && bm_row_may_be_null(f->row)) {
        return store_pointer(f, value, error);
    }
    return bm_store_scalar(f->row, bm_row_element(f->row, f->object, f->at++), &f->extent, field,
                           value, error);
}

static gboolean octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    BmLoader *l = loader(v);
    BmLoadFrame *f;

    if (l->skip > 0) {
        return TRUE;
    }
    switch (bm_loader_select(l, field, error)) {
    case BM_SELECT_FAILED:
        return FALSE;
    case BM_SELECT_SKIP:
        return TRUE;
    case BM_SELECT_FOUND:
        break;
    }
    f = bm_loader_here(l);
    f->at += f->row->type == BM_TYPE_BITMAP ? 1 : field->count;
    return bm_store_octets(f->row, f->object, &f->extent, field, value, error);
}

/* ---- many values ---- */

static gboolean next_span(BmVisitor *v, const BmSchema *schema, uint32_t first, BmSpan *span)
{
    return bm_loader_next_span(loader(v), schema, first, span);
}

static void span_done(BmVisitor *v, uint32_t n)
{
    bm_loader_span_done(loader(v), n);
}

/* Nothing is loaded besides, nothing was loaded that would have to be freed, and there is
 * nothing to report. */
static gboolean whole(BmVisitor *v, const BmSchema *schema, BmSpan *span)
{
    const BmLoader *l = loader(v);
    const BmPlan *plan = bm_table_plan(l->table, schema);

    if (!plan || !plan->loads_whole || plan->allocates || l->version != schema->version) {
        return FALSE;
    }
    bm_plan_span(plan, 0, schema->n_fields, l->object, span);
    return TRUE;
}

/* ---- without a schema ---- */

static gboolean next_field(BmVisitor *v, const BmField **field, GError **error)
{
    BmLoader *l = loader(v);
    BmLoadFrame *f = bm_loader_here(l);

    if (f->keyless) {
        *field = &bm_tree_key_field;
        return TRUE;
    }
    if (!bm_rows_next(&f->rows, &f->next, error)) {
        f->next = (BmField){.name = f->rows.row->name, .kind = BM_KIND_OPAQUE, .count = 1};
        *field = &f->next;
        return FALSE;
    }
    if (!f->next.name) {
        *field = NULL;
        return TRUE;
    }
    /* As a description has it: a row may share its name with one that is not there. */
    f->next.name = bm_names_name(&l->names[l->top - 1], f->table, f->rows.row, l->strings);
    if (f->rows.row->measure) {
        f->next.width = BM_WIDTH_IS_SAID;
    }
    *field = &f->next;
    return TRUE;
}

static const char *name(const BmVisitor *v)
{
    return bm_loader_here((BmLoader *)v)->table->name;
}

/* ---- the visitor ---- */

/* A walk that failed has left some open. */
static void clear(BmLoader *l)
{
    while (l->top > 0) {
        bm_loader_pop(l);
    }
    if (l->strings) {
        g_string_chunk_free(l->strings);
    }
    g_free(l->names);
    g_free(l->more);
}

static void free_loader(BmVisitor *v)
{
    clear(loader(v));
    g_free(v);
}

static const BmVisitorOps loader_ops = {
    .begin_struct = begin_struct,
    .end_struct = end_struct,
    .end_fields = end_fields,
    .begin_group = begin_group,
    .end_group = end_group,
    .begin_subsection = begin_subsection,
    .end_subsection = end_struct,
    .scalar = scalar,
    .octets = octets,
    .next_span = next_span,
    .span_done = span_done,
    .whole = whole,
    .next_field = next_field,
    .name = name,
    .free = free_loader,
};

/* The frames are set as they are pushed. */
static void init(BmLoader *l, const BmTable *table, void *object, uint32_t version,
                 BmLoadReport *report)
{
    bm_visitor_init(&l->base, &loader_ops);
    l->table = table;
    l->object = object;
    l->version = version;
    l->report = report;
    l->skip = l->top = l->n_marks = 0;
    l->more = NULL;
    l->names = NULL;
    l->strings = NULL;
}

BmVisitor *bm_visitor_table_out(const BmTable *table, void *object, uint32_t version,
                                BmLoadReport *report)
{
    BmLoader *l = g_malloc(sizeof(*l));

    init(l, table, object, version, report);
    return &l->base;
}

gboolean bm_table_walk_into(const BmTable *table, void *object, uint32_t version,
                            const BmSchema *schema, BmVisitor *in, BmLoadReport *report,
                            GError **error)
{
    BmLoader l;
    gboolean ok;

    init(&l, table, object, version, report);
    ok = bm_walk(schema, in, &l.base, table->name, error);
    clear(&l);
    return ok;
}
