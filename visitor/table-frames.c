/* SPDX-License-Identifier: BSD-2-Clause */
/* The structs that are open while an object is loaded, with the hooks around them. */
#include <string.h>

#include "table-load.h"

gboolean bm_table_check_version(const BmTable *table, uint32_t version, GError **error)
{
    if (version > table->version) {
        return bm_error_set(error, BM_BAD_VERSION, BM_NO_OFFSET, NULL,
                            "%s is of version %u, this side knows up to %u", table->name, version,
                            table->version);
    }
    if (version < table->minimum_version) {
        return bm_error_set(error, BM_BAD_VERSION, BM_NO_OFFSET, NULL,
                            "%s is of version %u, this side knows %u and later ones", table->name,
                            version, table->minimum_version);
    }
    return TRUE;
}

static void mark_unseen(BmLoader *l, BmLoadFrame *f)
{
    guint n = f->plan ? f->plan->n_rows : bm_table_n_fields(f->table);

    f->n_rows = n;
    for (const BmTable *const *sub = f->table->subsections; sub && *sub; sub++) {
        n++;
    }
    f->n_seen = n;
    if (n > BM_LOADER_MARKS - l->n_marks) {
        f->seen = g_malloc0(n);
        return;
    }
    f->seen = memset(l->marks + l->n_marks, 0, n);
    l->n_marks += n;
}

static void forget_seen(BmLoader *l, const BmLoadFrame *f)
{
    if (f->seen >= l->marks && f->seen < l->marks + BM_LOADER_MARKS) {
        l->n_marks -= f->n_seen;
    } else {
        g_free(f->seen);
    }
}

/* Depth is checked by visitor.c: one level at least per frame. */
static BmLoadFrame *push(BmLoader *l, const BmTable *table, void *object, const BmSchema *schema)
{
    BmLoadFrame *f;

    if (l->top == BM_LOADER_FRAMES && !l->more) {
        l->more = g_new(BmLoadFrame, BM_LIMIT_DEPTH + 1 - BM_LOADER_FRAMES);
    }
    f = bm_loader_frame(l, l->top++);
    memset(f, 0, offsetof(BmLoadFrame, rows));
    f->table = table;
    f->object = object;
    f->schema = schema;
    f->plan = schema ? bm_table_plan(table, schema) : NULL;
    f->version = schema ? schema->version : table->version;
    f->row = f->last = table->fields;
    mark_unseen(l, f);
    return f;
}

void bm_loader_pop(BmLoader *l)
{
    BmLoadFrame *f = bm_loader_here(l);

    if (f->temp) {
        bm_listed_free(f->table, f->temp);
    }
    if (f->keyless) {
        bm_listed_free(f->table, f->keyless);
    }
    if (f->node) {
        bm_listed_free(f->table, f->node);
    }
    forget_seen(l, f);
    l->top--;
}

/* Of a walk without a schema. */
static void count_names(BmLoader *l)
{
    if (!l->names) {
        l->names = g_new(BmNames, BM_LIMIT_DEPTH + 1);
        l->strings = g_string_chunk_new(64);
    }
    bm_names_count(&l->names[l->top - 1], bm_loader_here(l)->table);
}

static gboolean begin(BmLoader *l, GError **error)
{
    BmLoadFrame *f = bm_loader_here(l);

    if (!bm_table_check_version(f->table, f->version, error)) {
        return FALSE;
    }
    if (!f->schema) {
        bm_rows_init(&f->rows, f->table, f->object, f->version);
        f->rows.loading = TRUE;
        count_names(l);
    }
    return bm_hook_pre_load(f->table, f->object, error);
}

/* A key that is not found again could not be freed: an interval that ends before it
 * begins is such a one, where intervals are equal if they overlap. */
static gboolean put_into_tree(BmLoadFrame *f, const BmTableField *row, GError **error)
{
    if (row->compare && row->compare(f->node->key, f->node->key) != 0) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the key is not equal to itself");
    }
    if (!bm_listed_insert(f->tree, f->node->key, f->node->value, error)) {
        return FALSE;
    }
    g_clear_pointer(&f->node, g_free);
    return TRUE;
}

gboolean bm_loader_end(BmLoader *l, GError **error)
{
    BmLoadFrame *f = bm_loader_here(l);

    if (f->keyless) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "an element without its key");
    }
    if (!bm_hook_post_load(f->table, f->object, f->version, error) ||
        (f->node && !put_into_tree(f, bm_loader_frame(l, l->top - 2)->row, error))) {
        return FALSE;
    }
    bm_loader_pop(l);
    return TRUE;
}

gboolean bm_loader_begin_root(BmLoader *l, const BmSchema *schema, GError **error)
{
    BmLoadFrame *f = push(l, l->table, l->object, schema);

    f->version = l->version;
    if (!f->plan || f->plan->allocates) {
        bm_table_clear(l->table, l->object);
    }
    return begin(l, error);
}

static gboolean begin_temp(BmLoader *l, BmLoadFrame *f, const BmSchema *schema, GError **error)
{
    void *temp = bm_temp_new(f->row, f->object);

    f->at++;
    push(l, f->row->table, temp, schema)->temp = temp;
    return begin(l, error);
}

gboolean bm_loader_begin_listed(BmLoader *l, const BmSchema *schema, GError **error)
{
    BmLoadFrame *f = bm_loader_here(l);
    const BmTableField *row = f->row;
    BmLoadFrame *element;
    void *object;

    if (row->count > 0 && f->at >= row->count) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "there are more elements than the maximum of %u", row->count);
    }
    f->at++;
    object = g_malloc0(bm_row_object_size(row));
    element = push(l, row->table, object, schema);
    if (row->type == BM_TYPE_TREE) {
        element->keyless = object;
        element->tree = *(GTree **)bm_row_member(row, f->object);
    } else if (row->type == BM_TYPE_TREE_OF_NODES) {
        element->node = object;
        element->tree = *(GTree **)bm_row_member(row, f->object);
    } else {
        bm_listed_append(row, f->object, object, &f->tail);
    }
    return begin(l, error);
}

gboolean bm_loader_begin_element(BmLoader *l, const BmSchema *schema, GError **error)
{
    BmLoadFrame *f = bm_loader_here(l), *element_frame;
    void *element;

    if (f->row->type == BM_TYPE_TEMP) {
        return begin_temp(l, f, schema, error);
    }
    element = bm_row_element(f->row, f->object, f->at);
    if (!element) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an object in the stream, a null pointer on this side");
    }
    f->at++;
    element_frame = push(l, f->row->table, element, schema);
    if (!schema) {
        element_frame->version = bm_row_version(f->row);
    }
    return begin(l, error);
}

gboolean bm_loader_begin_subsection(BmLoader *l, const BmTable *table, const BmSchema *schema,
                                    GError **error)
{
    const BmLoadFrame *f = bm_loader_here(l);

    /* The name and version of one that is not described are all there is. */
    push(l, table, f->object, f->schema ? schema : NULL)->version = schema->version;
    return begin(l, error);
}
