/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The schema of an object: what it will send, as it is now.
 *
 * All structs share three stacks, so that a known schema costs no memory of its
 * own: what a struct pushes is interned and taken off before its parent goes on.
 */
#include <string.h>

#include "table-impl.h"

/* Where a description is at work, for errors. */
typedef struct Place {
    const struct Place *up;
    const char *name;
    uint32_t index;
    gboolean element;
} Place;

typedef struct Describer {
    BmSchemaSet *set;
    GError **error;
    unsigned depth;
    gboolean keyed;      /* the next struct is an element of a tree */
    GArray *fields;      /* BmField; `elements` is a position in `schemas` */
    GPtrArray *schemas;  /* of elements and subsections */
    GStringChunk *names; /* those with a number */
} Describer;

/* What one struct has pushed. */
typedef struct Mark {
    guint fields, schemas;
} Mark;

static const BmSchema *describe_struct(Describer *d, const BmTable *table, uint32_t version,
                                       const void *object, const Place *place);

/* ---- errors ---- */

static void push_place(BmPath *path, const Place *place)
{
    if (place->up) {
        push_place(path, place->up);
    }
    if (place->name) {
        bm_path_push_name(path, place->name);
    }
    if (place->element) {
        bm_path_push_index(path, place->index);
    }
}

static gboolean fail_at(Describer *d, const Place *place)
{
    BmPath path;

    if (d->error && *d->error) {
        bm_path_init(&path, NULL);
        push_place(&path, place);
        bm_error_add_path(*d->error, bm_path_text(&path));
        bm_path_clear(&path);
    }
    return FALSE;
}

/* ---- fields with structs ---- */

static void push_field(Describer *d, BmField *field, guint elements, uint32_t n)
{
    field->elements = GUINT_TO_POINTER(elements);
    field->n_elements = n;
    g_array_append_vals(d->fields, field, 1);
}

static const BmSchema *describe_temp(Describer *d, const BmTableField *row, const void *object,
                                     const Place *place)
{
    const BmSchema *schema = NULL;
    uint32_t entered;
    void *temp = bm_temp_new_saved(row, object, &entered, d->error);

    if (temp) {
        schema = describe_struct(d, row->table, row->table->version, temp, place);
        if (!bm_temp_free_saved(row->table, temp, entered, schema ? d->error : NULL)) {
            schema = NULL;
        }
    }
    if (!schema) {
        fail_at(d, place);
    }
    return schema;
}

static const BmSchema *describe_element(Describer *d, const BmTableField *row, const void *object,
                                        uint32_t i, const Place *place)
{
    const void *element;

    if (row->type == BM_TYPE_TEMP) {
        return describe_temp(d, row, object, place);
    }
    element = bm_row_element(row, object, i);
    if (!element) {
        bm_error_set(d->error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                     "a null pointer where an object should be");
        fail_at(d, place);
        return NULL;
    }
    return describe_struct(d, row->table, bm_row_version(row), element, place);
}

/* A run of elements that are described alike. */
static void add_run(Describer *d, BmField *field, uint32_t first, uint32_t count, uint32_t all,
                    const BmSchema *schema)
{
    field->first = first;
    field->count = count;
    if (count < all) {
        field->form = BM_FORM_INDEXED;
    }
    g_ptr_array_add(d->schemas, (gpointer)schema);
    push_field(d, field, d->schemas->len - 1, 1);
}

static gboolean add_structs(Describer *d, const BmTableField *row, const void *object,
                            BmField *field, const Place *up)
{
    const uint32_t begin = field->first, count = field->count;
    Place place = {up, field->name, begin, count > 1};
    const BmSchema *schema = describe_element(d, row, object, begin, &place), *next = NULL;
    uint32_t run = begin;

    if (schema && bm_table_is_fixed(row->table, 0)) {
        add_run(d, field, begin, count, count, schema);
        return TRUE;
    }
    for (uint32_t i = begin + 1; schema; i++) {
        place.index = i;
        next = i < begin + count ? describe_element(d, row, object, i, &place) : NULL;
        if (next != schema) {
            add_run(d, field, run, i - run, count, schema);
            run = i;
            schema = next;
        }
    }
    return run == begin + count;
}

/* ---- lists ---- */

static gboolean add_to_list(Describer *d, const BmTableField *row, const void *object, Place *place,
                            uint32_t *n)
{
    const BmSchema *schema;

    place->index = *n;
    if (row->count > 0 && *n >= row->count) {
        bm_error_set(d->error, BM_LIMIT, BM_NO_OFFSET, NULL,
                     "there are more elements than the maximum of %u", row->count);
        return fail_at(d, &(Place){place->up, place->name});
    }
    d->keyed = row->type == BM_TYPE_TREE;
    schema = describe_struct(d, row->table, row->table->version, object, place);
    if (schema) {
        g_ptr_array_add(d->schemas, (gpointer)schema);
        ++*n;
    }
    return schema != NULL;
}

static gboolean add_list(Describer *d, const BmTableField *row, const void *object, BmField *field,
                         const Place *up)
{
    Place place = {up, field->name, 0, TRUE};
    guint at = d->schemas->len;
    BmListed listed;
    void *element;
    uint32_t n = 0;

    bm_listed_first(&listed, row, object);
    while ((element = bm_listed_next(&listed))) {
        if (!add_to_list(d, row, element, &place, &n)) {
            return FALSE;
        }
    }
    push_field(d, field, at, n);
    return TRUE;
}

/* ---- structs ---- */

static gboolean add_field(Describer *d, const BmTableField *row, const void *object, BmField *field,
                          const Place *place)
{
    switch (field->kind) {
    case BM_KIND_STRUCT:
        return add_structs(d, row, object, field, place);
    case BM_KIND_LIST:
        return add_list(d, row, object, field, place);
    default:
        push_field(d, field, 0, 0);
        return TRUE;
    }
}

static gboolean add_fields(Describer *d, const BmTable *table, uint32_t version, const void *object,
                           const Place *place)
{
    BmRows rows;
    BmField field;
    BmNames names;

    if (d->keyed) {
        d->keyed = FALSE;
        field = bm_tree_key_field;
        push_field(d, &field, 0, 0);
    }
    bm_names_count(&names, table);
    bm_rows_init(&rows, table, object, version);
    for (;;) {
        if (!bm_rows_next(&rows, &field, d->error)) {
            return fail_at(d, &(Place){place, rows.row->name});
        }
        if (!field.name) {
            return TRUE;
        }
        field.name = bm_names_name(&names, table, rows.row, d->names);
        if (!add_field(d, rows.row, object, &field, place)) {
            return FALSE;
        }
    }
}

static gboolean add_subsections(Describer *d, const BmTable *table, const void *object,
                                const Place *up)
{
    for (const BmTable *const *sub = table->subsections; sub && *sub; sub++) {
        Place place = {up, (*sub)->name};
        const BmSchema *schema;

        if (!bm_table_is_needed(*sub, object)) {
            continue;
        }
        schema = describe_struct(d, *sub, (*sub)->version, object, &place);
        if (!schema) {
            return FALSE;
        }
        g_ptr_array_add(d->schemas, (gpointer)schema);
    }
    return TRUE;
}

static const BmSchema *intern(Describer *d, const BmTable *table, uint32_t version,
                              const Mark *mark, guint subsections, const Place *place)
{
    BmSchema content = {.name = table->name,
                        .version = version,
                        .minimum = version,
                        .fields = &g_array_index(d->fields, BmField, mark->fields),
                        .n_fields = d->fields->len - mark->fields,
                        .subsections = (const BmSchema *const *)d->schemas->pdata + subsections,
                        .n_subsections = d->schemas->len - subsections,
                        .droppable = table->droppable};
    const BmSchema *schema;

    for (guint i = mark->fields; i < d->fields->len; i++) {
        BmField *field = &g_array_index(d->fields, BmField, i);

        field->elements =
            (const BmSchema *const *)d->schemas->pdata + GPOINTER_TO_UINT(field->elements);
    }
    schema = bm_schema_set_intern_content(d->set, &content, d->error);
    if (!schema) {
        fail_at(d, place);
    }
    return schema;
}

static const BmSchema *describe_struct(Describer *d, const BmTable *table, uint32_t version,
                                       const void *object, const Place *place)
{
    Mark mark = {d->fields->len, d->schemas->len};
    const BmSchema *schema = NULL;
    guint subsections;

    if (d->depth >= BM_LIMIT_DEPTH) {
        bm_error_set(d->error, BM_LIMIT, BM_NO_OFFSET, NULL, "structs are nested deeper than %u",
                     BM_LIMIT_DEPTH);
        fail_at(d, place);
        return NULL;
    }
    d->depth++;
    if (add_fields(d, table, version, object, place)) {
        subsections = d->schemas->len;
        if (add_subsections(d, table, object, place)) {
            schema = intern(d, table, version, &mark, subsections, place);
        }
    }
    d->depth--;
    g_array_set_size(d->fields, mark.fields);
    g_ptr_array_set_size(d->schemas, (gint)mark.schemas);
    return schema;
}

const BmSchema *bm_table_describe(const BmTable *table, const void *object, BmSchemaSet *set,
                                  GError **error)
{
    Describer d = {.set = set, .error = error};
    Place place = {NULL, table->name};
    const BmSchema *schema;

    d.fields = g_array_sized_new(FALSE, FALSE, sizeof(BmField), 64);
    d.schemas = g_ptr_array_sized_new(16);
    d.names = g_string_chunk_new(256);
    schema = describe_struct(&d, table, table->version, object, &place);
    g_string_chunk_free(d.names);
    g_ptr_array_free(d.schemas, TRUE);
    g_array_free(d.fields, TRUE);
    return schema;
}
