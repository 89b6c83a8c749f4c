/* SPDX-License-Identifier: BSD-2-Clause */
#include "path.h"

#include <string.h>

void bm_path_init(BmPath *path, const char *root)
{
    path->text = g_string_new(root);
    path->marks = g_array_new(FALSE, FALSE, sizeof(gsize));
}

void bm_path_clear(BmPath *path)
{
    g_string_free(path->text, TRUE);
    g_array_free(path->marks, TRUE);
    *path = (BmPath){0};
}

static void begin_component(BmPath *path)
{
    gsize len = path->text->len;

    g_array_append_val(path->marks, len);
    if (len > 0) {
        g_string_append_c(path->text, '.');
    }
}

void bm_path_push_name(BmPath *path, const char *name)
{
    begin_component(path);
    g_string_append(path->text, name);
}

/* An array that the origin listed in pieces can have pieces of one element. */
static gboolean is_piece(const BmField *field)
{
    return field->count == 1 && (field->form == BM_FORM_INDEXED ||
                                 field->form == BM_FORM_INDEXED_BUT_LAST || field->first > 0);
}

static void append_numbers(GString *text, uint64_t count, uint64_t size)
{
    g_string_append_printf(text, "(%" G_GUINT64_FORMAT ")(%" G_GUINT64_FORMAT ")", (guint64)count,
                           (guint64)size);
}

static void append_shape(GString *text, const BmField *field)
{
    gboolean array = field->count > 1 || field->form == BM_FORM_WHOLE || is_piece(field);
    uint64_t size;

    if (field->kind == BM_KIND_LIST) {
        g_string_append_printf(text, "(%u)", field->n_elements);
    } else if (field->kind == BM_KIND_BUFFER && !array) {
        append_numbers(text, field->width, 1);
    } else if (array && bm_field_element_size(field, &size)) {
        append_numbers(text, field->count, size);
    } else if (array) {
        g_string_append_printf(text, "(%u)", field->count);
    }
    if (is_piece(field)) {
        g_string_append_printf(text, ".[%u]", field->first);
    }
}

void bm_path_push_field(BmPath *path, const BmSchema *parent, const BmField *field)
{
    if (parent && bm_schema_named_by_type(parent, field)) {
        bm_path_push_name(path, field->elements[0]->name);
        return;
    }
    bm_path_push_name(path, field->name);
    append_shape(path->text, field);
}

void bm_path_push_bare(BmPath *path, const BmField *field)
{
    bm_path_push_name(path, field->name);
    if (is_piece(field)) {
        g_string_append_printf(path->text, ".[%u]", field->first);
    }
}

void bm_path_push_index(BmPath *path, uint64_t index)
{
    begin_component(path);
    g_string_append_printf(path->text, "[%" G_GUINT64_FORMAT "]", (guint64)index);
}

void bm_path_push_subsection(BmPath *path, const BmSchema *parent, const BmSchema *subsection)
{
    const char *name = subsection->name;
    size_t len = parent ? strlen(parent->name) : 0;

    if (parent && !strncmp(name, parent->name, len) && name[len] == '/') {
        name += len + 1;
    }
    bm_path_push_name(path, name);
}

void bm_path_pop(BmPath *path)
{
    guint n = path->marks->len;

    if (n > 0) {
        g_string_truncate(path->text, g_array_index(path->marks, gsize, n - 1));
        g_array_set_size(path->marks, n - 1);
    }
}

const char *bm_path_text(const BmPath *path)
{
    return path->text->str;
}

const char *bm_path_key(const BmSchema *parent, const BmField *field, GString *scratch)
{
    if (bm_schema_named_by_type(parent, field)) {
        return field->elements[0]->name;
    }
    if (!field->first) {
        return field->name;
    }
    g_string_printf(scratch, "%s[%" G_GUINT32_FORMAT "]", field->name, field->first);
    return scratch->str;
}
