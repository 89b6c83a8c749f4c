/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The schema of all objects of a table, with no object at hand: whatever one may
 * send is in it, with the condition under which it does.
 */
#include <string.h>

#include "table-impl.h"

typedef struct Static {
    BmSchemaSet *set;
    GError **error;
    unsigned depth;
} Static;

static const BmSchema *describe(Static *s, const BmTable *table, uint32_t version, gboolean keyed);

/* ---- conditions ---- */

static void add_condition(GString *text, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add_condition(GString *text, const char *format, ...)
{
    va_list args;

    if (text->len > 0) {
        g_string_append(text, " and ");
    }
    va_start(args, format);
    g_string_append_vprintf(text, format, args);
    va_end(args);
}

static const char *counter_name(const BmTable *table, const BmTableField *row)
{
    for (const BmTableField *other = table->fields; other->name; other++) {
        if (!row->counter.number && other->type == row->counter.type &&
            other->offset == row->counter.offset && other->shape == BM_SHAPE_INLINE) {
            return other->name;
        }
    }
    return row->counter.number ? "a function says" : "a member says";
}

/* Empty: it is always there. */
static void row_condition(const BmTable *table, const BmTableField *row, GString *text)
{
    g_string_truncate(text, 0);
    if (bm_row_is_silent(row)) {
        add_condition(text, "not sent: %s", row->table->why_not);
        return;
    }
    if (row->since > table->minimum_version) {
        add_condition(text, "version >= %u", row->since);
    }
    if (row->condition || row->when || row->exists) {
        add_condition(text, "%s", row->condition ? row->condition : "a test");
    }
    if (row->measure) {
        add_condition(text, "as long as it says");
    } else if (bm_row_is_counted(row)) {
        add_condition(text, "as many as %s", counter_name(table, row));
    }
    if (bm_row_may_be_null(row)) {
        add_condition(text, "where not null");
    }
}

static void subsection_condition(const BmTable *table, BmSchemaBuilder *b)
{
    g_autofree char *text = NULL;

    if (table->why_not) {
        text = g_strdup_printf("not sent: %s", table->why_not);
    } else if (table->condition) {
        text = g_strdup(table->condition);
    } else if (table->needed || table->foreign.needed) {
        text = g_strdup("a test");
    }
    bm_schema_builder_option(b, text, table->droppable);
}

/* ---- fields ---- */

static gboolean add_row(Static *s, const BmTable *table, const BmTableField *row, const char *name,
                        const char *condition, BmSchemaBuilder *b)
{
    BmExtent most = bm_row_most(row);
    const BmSchema *element = NULL;
    BmField field;

    bm_row_field(row, &most, &field);
    if (field.count == 0 || row->type == BM_TYPE_CHECK) {
        return TRUE;
    }
    if (field.kind == BM_KIND_STRUCT || field.kind == BM_KIND_LIST) {
        element = describe(s, row->table, bm_row_version(row), row->type == BM_TYPE_TREE);
        if (!element) {
            g_autofree char *path = g_strdup_printf("%s.%s", table->name, name);

            bm_error_add_path(s->error ? *s->error : NULL, path);
            return FALSE;
        }
        field.elements = &element;
        field.n_elements = 1;
    }
    field.name = name;
    field.condition = *condition ? condition : NULL;
    field.since = row->since;
    bm_schema_builder_field(b, &field);
    return TRUE;
}

static gboolean add_rows(Static *s, const BmTable *table, uint32_t version, BmSchemaBuilder *b)
{
    GStringChunk *chunk = g_string_chunk_new(256);
    GString *condition = g_string_new(NULL);
    gboolean ok = TRUE;
    BmNames names;

    bm_names_count(&names, table);
    for (const BmTableField *row = table->fields; ok && row->name; row++) {
        const char *name = bm_names_name(&names, table, row, chunk);

        if (row->since > version) {
            continue;
        }
        row_condition(table, row, condition);
        ok = add_row(s, table, row, name, condition->str, b);
    }
    g_string_free(condition, TRUE);
    g_string_chunk_free(chunk);
    return ok;
}

/* Members that no row is of have a field without octets, to be seen. */
static void add_not_sent(const BmTable *table, BmSchemaBuilder *b)
{
    for (const BmNotSent *not_sent = table->not_sent; not_sent && not_sent->name; not_sent++) {
        g_autofree char *why =
            g_strdup_printf("not sent, %s: %s", not_sent->marker, not_sent->reason);
        BmField field = {.name = not_sent->name,
                         .kind = BM_KIND_OPAQUE,
                         .count = 1,
                         .type = not_sent->marker,
                         .condition = why};

        bm_schema_builder_field(b, &field);
    }
}

static gboolean add_subsections(Static *s, const BmTable *table, BmSchemaBuilder *b)
{
    for (const BmTable *const *sub = table->subsections; sub && *sub; sub++) {
        const BmSchema *schema = describe(s, *sub, (*sub)->version, FALSE);

        if (!schema) {
            return FALSE;
        }
        bm_schema_builder_subsection(b, schema);
    }
    return TRUE;
}

static const BmSchema *describe(Static *s, const BmTable *table, uint32_t version, gboolean keyed)
{
    BmSchemaBuilder *b;

    if (s->depth >= BM_LIMIT_DEPTH) {
        bm_error_set(s->error, BM_LIMIT, BM_NO_OFFSET, NULL, "structs are nested deeper than %u",
                     BM_LIMIT_DEPTH);
        return NULL;
    }
    s->depth++;
    b = bm_schema_builder_new(table->name, version);
    bm_schema_builder_minimum(b, MIN(table->minimum_version, version));
    subsection_condition(table, b);
    if (keyed) {
        bm_schema_builder_field(b, &bm_tree_key_field);
    }
    if (!add_rows(s, table, version, b) || !add_subsections(s, table, b)) {
        bm_schema_builder_free(b);
        return NULL;
    }
    add_not_sent(table, b);
    s->depth--;
    return bm_schema_set_intern(s->set, b, s->error);
}

const BmSchema *bm_table_schema(const BmTable *table, BmSchemaSet *set, GError **error)
{
    Static s = {.set = set, .error = error};

    return describe(&s, table, table->version, FALSE);
}
