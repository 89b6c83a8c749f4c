/* SPDX-License-Identifier: BSD-2-Clause */
/* The Schema record of asn1/bermig.asn1, read into a set. */
#include "ber-schema-in.h"

#include <string.h>

static const BmSchema *referred(BmSchemaSet *set, BmView *view, GError **error)
{
    uint64_t offset = view->offset, number;
    const BmSchema *schema;

    if (!bm_view_unsigned(view, BM_TAG_INTEGER, "the number of a schema", BM_LIMIT_SCHEMAS,
                          &number)) {
        bm_error_from_fault(error, view->fault, NULL);
        return NULL;
    }
    schema = bm_schema_set_get(set, (uint32_t)number);
    if (!schema) {
        bm_error_set(error, BM_UNKNOWN, offset, NULL,
                     "schema %" G_GUINT64_FORMAT " was not sent before its use", number);
    }
    return schema;
}

static gboolean read_elements(BmSchemaSet *set, BmView list, GPtrArray *elements, GError **error)
{
    while (list.len > 0) {
        const BmSchema *schema = referred(set, &list, error);

        if (!schema) {
            return FALSE;
        }
        if (elements->len >= BM_LIMIT_FIELDS) {
            return bm_error_set(error, BM_LIMIT, list.offset, NULL,
                                "more than %u schemas in a list", BM_LIMIT_FIELDS);
        }
        g_ptr_array_add(elements, (gpointer)schema);
    }
    return TRUE;
}

/* A width that its kind can have, and elements where there must be some. */
static gboolean fits_kind(const BmField *f)
{
    switch (f->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_POINTER:
        return f->width == 1 && f->n_elements == 0;
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
        return (f->width == 1 || f->width == 2 || f->width == 4 || f->width == 8) &&
               f->n_elements == 0;
    case BM_KIND_FLOAT:
    case BM_KIND_BUFFER:
    case BM_KIND_STRING:
    case BM_KIND_OPAQUE:
        return f->n_elements == 0;
    case BM_KIND_STRUCT:
        return f->width == 0 && f->n_elements == 1;
    case BM_KIND_LIST:
        return f->width == 0 && f->count == 1;
    }
    return FALSE;
}

static gboolean optional_number(BmView *view, unsigned tag, const char *what, uint64_t max,
                                uint32_t *out)
{
    uint64_t number;
    BmTag next;

    if (!bm_view_peek(view, &next) || next != BM_TAG_CONTEXT(tag)) {
        return TRUE;
    }
    if (!bm_view_unsigned(view, BM_TAG_CONTEXT(tag), what, max, &number)) {
        return FALSE;
    }
    *out = (uint32_t)number;
    return TRUE;
}

static gboolean read_numbers(BmView *view, BmField *f)
{
    uint32_t form = BM_FORM_ARRAY;

    f->count = 1;
    if (!optional_number(view, 0, "the width of a field", BM_LIMIT_RECORD, &f->width) ||
        !optional_number(view, 1, "the count of a field", BM_LIMIT_COUNT, &f->count) ||
        !optional_number(view, 2, "the form of an array", BM_FORMS - 1, &form) ||
        !optional_number(view, 3, "the first index of a field", BM_LIMIT_COUNT, &f->first)) {
        return FALSE;
    }
    f->form = (BmArrayForm)form;
    return TRUE;
}

/* A name from the wire, with the NUL behind it. */
typedef char Text[BM_LIMIT_NAME + 1];

static const char *keep(Text text, BmOctets octets)
{
    memcpy(text, octets.data, octets.len);
    text[octets.len] = '\0';
    return text;
}

/* `*out`: `text`, or as it was if there is none. */
static gboolean optional_text(BmView *view, unsigned number, const char *what, Text text,
                              const char **out)
{
    BmTag tag = BM_TAG_CONTEXT(number) | BM_CONSTRUCTED, next;
    BmOctets octets;

    if (!bm_view_peek(view, &next) || next != tag) {
        return TRUE;
    }
    if (!bm_view_explicit(view, tag, BM_TAG_UTF8, what, BM_LIMIT_NAME, &octets)) {
        return FALSE;
    }
    *out = keep(text, octets);
    return TRUE;
}

/* What the names of a field point to. */
typedef struct Texts {
    Text name, type, condition;
} Texts;

/* Reads one Field; its names are in `texts`. */
static gboolean read_field_members(BmSchemaSet *set, BmView *view, BmField *f, Texts *texts,
                                   GPtrArray *elements, GError **error)
{
    BmOctets text;
    uint64_t kind;
    BmView list;
    bool present;

    if (!bm_view_name(view, BM_TAG_UTF8, "the name of a field", &text)) {
        return bm_error_from_fault(error, view->fault, NULL);
    }
    f->name = keep(texts->name, text);
    if (!bm_view_unsigned(view, BM_TAG_ENUMERATED, "the kind of a field", BM_KINDS - 1, &kind) ||
        !read_numbers(view, f) ||
        !optional_text(view, 4, "the type of a field", texts->type, &f->type) ||
        !bm_view_optional(view, BM_TAG_CONTEXT(5) | BM_CONSTRUCTED, "the schemas of a field",
                          &present, &list)) {
        return bm_error_from_fault(error, view->fault, NULL);
    }
    f->kind = (BmKind)kind;
    if (present && !read_elements(set, list, elements, error)) {
        return FALSE;
    }
    return (optional_text(view, 6, "the condition of a field", texts->condition, &f->condition) &&
            optional_number(view, 7, "the first version of a field", UINT32_MAX, &f->since)) ||
           bm_error_from_fault(error, view->fault, NULL);
}

static gboolean add_field(BmSchemaBuilder *b, const BmField *f, uint64_t offset, GError **error)
{
    if (!fits_kind(f) || f->count == 0) {
        return bm_error_set(error, BM_BAD_VALUE, offset, f->name,
                            "a width of %u and %u schemas do not fit kind %d", f->width,
                            f->n_elements, f->kind);
    }
    bm_schema_builder_field(b, f);
    return TRUE;
}

static gboolean read_field(BmSchemaSet *set, BmSchemaBuilder *b, BmView *fields, GError **error)
{
    g_autoptr(GPtrArray) elements = g_ptr_array_new();
    uint64_t offset = fields->offset;
    BmField f = {0};
    BmView view;
    Texts texts;

    if (!bm_view_get(fields, BM_TAG_SEQUENCE, "a field", &view)) {
        return bm_error_from_fault(error, fields->fault, NULL);
    }
    if (!read_field_members(set, &view, &f, &texts, elements, error)) {
        return FALSE;
    }
    f.elements = (const BmSchema *const *)elements->pdata;
    f.n_elements = elements->len;
    return add_field(b, &f, offset, error);
}

static gboolean read_options(BmSchemaBuilder *b, BmView *body, uint32_t version, GError **error)
{
    uint32_t minimum = version;
    const char *condition = NULL;
    Text text;
    bool droppable;
    BmTag tag;

    if (!optional_text(body, 0, "the condition of a schema", text, &condition)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    droppable = bm_view_peek(body, &tag) && tag == BM_TAG_CONTEXT(1);
    if (droppable && !bm_view_null(body, BM_TAG_CONTEXT(1), "the mark of a droppable schema")) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    if (!optional_number(body, 2, "the oldest version of a schema", UINT32_MAX, &minimum)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    bm_schema_builder_minimum(b, minimum);
    bm_schema_builder_option(b, condition, droppable);
    return TRUE;
}

static gboolean read_members(BmSchemaSet *set, BmSchemaBuilder *b, BmView *body, uint32_t version,
                             GError **error)
{
    g_autoptr(GPtrArray) subsections = g_ptr_array_new();
    BmView fields, list;

    if (!bm_view_get(body, BM_TAG_SEQUENCE, "the fields of a schema", &fields)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    for (uint32_t n = 0; fields.len > 0; n++) {
        if (n >= BM_LIMIT_FIELDS) {
            return bm_error_set(error, BM_LIMIT, fields.offset, NULL,
                                "more than %u fields in a schema", BM_LIMIT_FIELDS);
        }
        if (!read_field(set, b, &fields, error)) {
            return FALSE;
        }
    }
    if (!bm_view_get(body, BM_TAG_SEQUENCE, "the subsections of a schema", &list)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    if (!read_elements(set, list, subsections, error)) {
        return FALSE;
    }
    for (guint i = 0; i < subsections->len; i++) {
        bm_schema_builder_subsection(b, subsections->pdata[i]);
    }
    return read_options(b, body, version, error);
}

static gboolean intern(BmSchemaSet *set, BmSchemaBuilder *b, uint64_t number, uint64_t offset,
                       GError **error)
{
    const BmSchema *schema;

    if (number != bm_schema_set_size(set)) {
        bm_schema_builder_free(b);
        return bm_error_set(error, BM_BAD_ORDER, offset, NULL,
                            "schema %" G_GUINT64_FORMAT " where %u was expected", number,
                            bm_schema_set_size(set));
    }
    schema = bm_schema_set_intern(set, b, error);
    if (schema && schema->number != number) {
        return bm_error_set(error, BM_DUPLICATE, offset, NULL,
                            "schema %" G_GUINT64_FORMAT " (%s) was sent before, as %u", number,
                            schema->name, schema->number);
    }
    return schema != NULL;
}

gboolean bm_ber_schema_read(BmView body, BmSchemaSet *set, GError **error)
{
    uint64_t offset = body.offset, number, version;
    BmSchemaBuilder *b;
    BmOctets name;
    Text text;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the number of a schema", BM_LIMIT_SCHEMAS,
                          &number) ||
        !bm_view_name(&body, BM_TAG_UTF8, "the name of a schema", &name) ||
        !bm_view_unsigned(&body, BM_TAG_INTEGER, "the version of a schema", UINT32_MAX, &version)) {
        return bm_error_from_fault(error, body.fault, NULL);
    }
    keep(text, name);
    b = bm_schema_builder_new(text, (uint32_t)version);
    if (!read_members(set, b, &body, (uint32_t)version, error)) {
        g_autofree char *path = g_strdup_printf("description.%s", text);

        bm_error_add_path(error ? *error : NULL, path);
        bm_schema_builder_free(b);
        return FALSE;
    }
    return intern(set, b, number, offset, error);
}
