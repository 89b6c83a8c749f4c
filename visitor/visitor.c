/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks between those who call a visitor and those who write one: neither
 * a wrong description nor a wrong walk gets through.
 */
#include "visitor-impl.h"

enum { OPEN_STRUCT = 1, OPEN_GROUP, OPEN_SUBSECTION };

/* In BER a subsection is two levels: its number and values, and the values. */
#define SUBSECTION_LEVELS 2

static gboolean is_input(const BmVisitor *v)
{
    return v->ops->offset != NULL;
}

static gboolean mismatch(GError **error, const char *what)
{
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s", what);
}

/* ---- nesting ---- */

static gboolean check_depth(const BmVisitor *v, unsigned levels, GError **error)
{
    if (v->depth + levels > BM_LIMIT_DEPTH) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "values are nested deeper than %u",
                            BM_LIMIT_DEPTH);
    }
    return TRUE;
}

static gboolean check_open(const BmVisitor *v, uint8_t what, GError **error)
{
    if (v->depth == 0 || v->open[v->depth - 1] != what) {
        return mismatch(error, "something else ends than began last");
    }
    return TRUE;
}

static gboolean push(BmVisitor *v, uint8_t what, unsigned levels)
{
    while (levels-- > 0) {
        v->open[v->depth++] = what;
    }
    return TRUE;
}

static gboolean pop(BmVisitor *v, unsigned levels)
{
    v->depth -= levels;
    return TRUE;
}

static gboolean check_struct(const BmVisitor *v, const BmField *field, GError **error)
{
    if (!field) {
        return v->depth == 0 || mismatch(error, "a device inside another");
    }
    return field->kind == BM_KIND_STRUCT || field->kind == BM_KIND_LIST ||
           mismatch(error, "a struct for a field that is none");
}

gboolean bm_visit_begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                               GError **error)
{
    return check_depth(v, 1, error) && check_struct(v, field, error) &&
           (!v->ops->begin_struct || v->ops->begin_struct(v, field, schema, error)) &&
           push(v, OPEN_STRUCT, 1);
}

gboolean bm_visit_end_struct(BmVisitor *v, GError **error)
{
    return check_open(v, OPEN_STRUCT, error) &&
           (!v->ops->end_struct || v->ops->end_struct(v, error)) && pop(v, 1);
}

gboolean bm_visit_end_fields(BmVisitor *v, GError **error)
{
    return !v->ops->end_fields || v->ops->end_fields(v, error);
}

gboolean bm_visit_begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    if (!bm_field_is_group(field)) {
        return mismatch(error, "several elements for a field that is one");
    }
    return check_depth(v, 1, error) &&
           (!v->ops->begin_group || v->ops->begin_group(v, field, error)) && push(v, OPEN_GROUP, 1);
}

gboolean bm_visit_end_group(BmVisitor *v, GError **error)
{
    return check_open(v, OPEN_GROUP, error) &&
           (!v->ops->end_group || v->ops->end_group(v, error)) && pop(v, 1);
}

gboolean bm_visit_begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    return check_depth(v, SUBSECTION_LEVELS, error) &&
           (!v->ops->begin_subsection || v->ops->begin_subsection(v, schema, error)) &&
           push(v, OPEN_SUBSECTION, SUBSECTION_LEVELS);
}

gboolean bm_visit_end_subsection(BmVisitor *v, GError **error)
{
    return check_open(v, OPEN_SUBSECTION, error) &&
           (!v->ops->end_subsection || v->ops->end_subsection(v, error)) &&
           pop(v, SUBSECTION_LEVELS);
}

/* ---- values ---- */

static gboolean is_scalar(const BmField *field)
{
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
        return !bm_field_is_packed(field);
    case BM_KIND_POINTER:
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean is_octets(const BmField *field)
{
    switch (field->kind) {
    case BM_KIND_FLOAT:
    case BM_KIND_BUFFER:
    case BM_KIND_STRING:
    case BM_KIND_OPAQUE:
        return TRUE;
    default:
        return bm_field_is_packed(field);
    }
}

static gboolean type_fits_kind(const BmField *field, const BmScalar *value)
{
    switch (value->type) {
    case BM_SCALAR_BOOLEAN:
        return field->kind == BM_KIND_BOOLEAN;
    case BM_SCALAR_UNSIGNED:
        return field->kind == BM_KIND_UNSIGNED;
    case BM_SCALAR_SIGNED:
        return field->kind == BM_KIND_SIGNED;
    case BM_SCALAR_NULL:
    case BM_SCALAR_PRESENT:
        return field->kind == BM_KIND_POINTER;
    case BM_SCALAR_RAW:
        return TRUE;
    }
    return FALSE;
}

static gboolean fits_signed(int64_t i, uint32_t width)
{
    unsigned unused = 64 - 8 * MIN(width, 8);

    /* Shifted away and back: no change if all that goes is sign. */
    return unused >= 64 ? i == 0 : (int64_t)((uint64_t)i << unused) >> unused == i;
}

static gboolean fits_width(const BmField *field, const BmScalar *value)
{
    switch (value->type) {
    case BM_SCALAR_UNSIGNED:
        return field->width >= 8 || value->u >> (8 * field->width) == 0;
    case BM_SCALAR_SIGNED:
        return fits_signed(value->i, field->width);
    case BM_SCALAR_RAW:
        return value->raw.len == field->width;
    default:
        return TRUE;
    }
}

static gboolean check_value(const BmField *field, const BmScalar *value, GError **error)
{
    if (!type_fits_kind(field, value)) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the value is of another kind than its field, which is %s",
                            bm_field_type(field));
    }
    if (!fits_width(field, value)) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the value does not fit the %u octets of its field", field->width);
    }
    return TRUE;
}

static gboolean read_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    BmScalar read;

    if (!v->ops->scalar) {
        return TRUE;
    }
    if (!v->ops->scalar(v, field, &read, error) || !check_value(field, &read, error)) {
        return FALSE;
    }
    *value = read;
    return TRUE;
}

gboolean bm_visit_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    if (!is_scalar(field)) {
        return mismatch(error, "a single value for a field that has none");
    }
    if (is_input(v)) {
        return read_scalar(v, field, value, error);
    }
    return check_value(field, value, error) &&
           (!v->ops->scalar || v->ops->scalar(v, field, value, error));
}

static gboolean check_text(const BmOctets *value, GError **error)
{
    if (value->len > BM_LIMIT_NAME) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "a string is %zu octets long, more than the limit of %u", value->len,
                            BM_LIMIT_NAME);
    }
    return bm_utf8_valid(value->data, value->len) ||
           bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL, "a string is not UTF-8");
}

static gboolean check_octets(const BmField *field, const BmOctets *value, GError **error)
{
    uint64_t expected = (uint64_t)field->width * field->count;

    if (field->kind == BM_KIND_STRING) {
        return check_text(value, error);
    }
    if (value->len != expected) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the value has %zu octets, its field %" G_GUINT64_FORMAT, value->len,
                            (guint64)expected);
    }
    return TRUE;
}

static gboolean read_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    BmOctets read;

    if (!v->ops->octets) {
        return TRUE;
    }
    if (!v->ops->octets(v, field, &read, error) || !check_octets(field, &read, error)) {
        return FALSE;
    }
    *value = read;
    return TRUE;
}

gboolean bm_visit_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    if (!is_octets(field)) {
        return mismatch(error, "octets for a field that has none");
    }
    if (is_input(v)) {
        return read_octets(v, field, value, error);
    }
    return check_octets(field, value, error) &&
           (!v->ops->octets || v->ops->octets(v, field, value, error));
}

/* ---- many values ---- */

/* Each value is checked by whoever makes it from octets, and comes from a member of its
 * type where octets are made from it: there is nothing to check once more. */
uint32_t bm_visit_span(BmVisitor *v, const BmSpan *span)
{
    if (!v->ops->span || v->depth + span->depth > BM_LIMIT_DEPTH) {
        return 0;
    }
    return v->ops->span(v, span);
}

gboolean bm_visitor_takes_spans(const BmVisitor *v)
{
    return v->ops->span != NULL;
}

gboolean bm_visitor_has_spans(const BmVisitor *v)
{
    return v->ops->next_span != NULL;
}

gboolean bm_visit_next_span(BmVisitor *v, const BmSchema *schema, uint32_t first, BmSpan *span)
{
    return v->ops->next_span && v->ops->next_span(v, schema, first, span);
}

void bm_visit_span_done(BmVisitor *v, uint32_t n)
{
    v->ops->span_done(v, n);
}

gboolean bm_visit_whole(BmVisitor *memory, BmVisitor *octets, const BmSchema *schema)
{
    BmSpan span;

    return memory->ops->whole && octets->ops->take_whole && memory->depth == 0 &&
           octets->depth == 0 && memory->ops->whole(memory, schema, &span) &&
           octets->ops->take_whole(octets, &span);
}

/* ---- without a schema ---- */

gboolean bm_visitor_asks(const BmVisitor *v)
{
    return v->ops->next_field != NULL && v->ops->name != NULL;
}

gboolean bm_visit_next_field(BmVisitor *v, const BmField **field, GError **error)
{
    return v->ops->next_field(v, field, error);
}

const char *bm_visit_name(const BmVisitor *v)
{
    return v->ops->name(v);
}

gboolean bm_visitor_answers(const BmVisitor *v)
{
    return v->ops->more != NULL && v->ops->said_width != NULL && v->ops->next_subsection != NULL;
}

gboolean bm_visit_said_width(BmVisitor *v, uint32_t *width, GError **error)
{
    return v->ops->said_width(v, width, error);
}

gboolean bm_visit_more(BmVisitor *v, const BmField *field, gboolean *more, GError **error)
{
    return v->ops->more(v, field, more, error);
}

gboolean bm_visit_next_subsection(BmVisitor *v, const char *name, BmSchema *subsection,
                                  GError **error)
{
    *subsection = (BmSchema){.name = NULL};
    return v->ops->next_subsection(v, name, subsection, error);
}

/* ---- the visitor itself ---- */

uint64_t bm_visitor_offset(const BmVisitor *v)
{
    return v->ops->offset ? v->ops->offset(v) : BM_NO_OFFSET;
}

void bm_visitor_free(BmVisitor *v)
{
    if (!v) {
        return;
    }
    if (v->ops->free) {
        v->ops->free(v);
    } else {
        g_free(v);
    }
}
