/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device's values from BER: the types Values and Value of asn1/bermig.asn1.
 *
 * Each open SEQUENCE is a view; a value must have the tag and the range that
 * its field's description says, or be `raw`.
 */
#include <string.h>

#include "ber-span.h"
#include "visitor-impl.h"

#define MAX_VIEWS (3 * BM_LIMIT_DEPTH)
/* Most devices need no more, and small blocks are what malloc() is quickest with. */
#define FIRST_VIEWS 8

typedef struct BerIn {
    BmVisitor base;
    BmFault fault;
    unsigned top;  /* of views */
    BmView *views; /* `first`, or MAX_VIEWS of them */
    BmView first[FIRST_VIEWS];
} BerIn;

static BerIn *ber_in(BmVisitor *v)
{
    return (BerIn *)v;
}

static BmView *here(BerIn *in)
{
    return &in->views[in->top];
}

static gboolean read_ok(BerIn *in, gboolean ok, GError **error)
{
    return ok || bm_error_from_fault(error, &in->fault, NULL);
}

static void make_room(BerIn *in)
{
    if (in->views == in->first && in->top + 1 >= FIRST_VIEWS) {
        in->views = g_new(BmView, MAX_VIEWS);
        memcpy(in->views, in->first, sizeof(in->first));
    }
}

static gboolean enter(BerIn *in, BmTag tag, const char *what, GError **error)
{
    BmView content;

    if (in->top + 1 >= MAX_VIEWS) {
        return bm_error_set(error, BM_LIMIT, here(in)->offset, NULL,
                            "values are nested deeper than %u", BM_LIMIT_DEPTH);
    }
    if (!bm_view_get(here(in), tag, what, &content)) {
        return read_ok(in, FALSE, error);
    }
    make_room(in);
    in->views[++in->top] = content;
    return TRUE;
}

static gboolean leave(BerIn *in, const char *what, GError **error)
{
    if (!bm_view_end(here(in), what)) {
        return read_ok(in, FALSE, error);
    }
    if (in->top > 0) {
        in->top--;
    }
    return TRUE;
}

/* The device's own values are the view that the visitor was made with. */
static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    (void)schema;
    return field ? enter(ber_in(v), BM_TAG_SEQUENCE, "a struct", error) : TRUE;
}

static gboolean end_struct(BmVisitor *v, GError **error)
{
    return leave(ber_in(v), "a struct", error);
}

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    (void)field;
    return enter(ber_in(v), BM_TAG_SEQUENCE, "a group of elements", error);
}

static gboolean end_group(BmVisitor *v, GError **error)
{
    return leave(ber_in(v), "a group of elements", error);
}

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    BerIn *in = ber_in(v);
    uint64_t offset = here(in)->offset, number;

    if (!enter(in, BM_TAG_CONTEXT(1) | BM_CONSTRUCTED, "a subsection", error)) {
        return FALSE;
    }
    if (!bm_view_unsigned(here(in), BM_TAG_INTEGER, "the schema of a subsection", BM_LIMIT_SCHEMAS,
                          &number)) {
        return read_ok(in, FALSE, error);
    }
    if (number != schema->number) {
        return bm_error_set(error, BM_MISMATCH, offset, NULL,
                            "the subsection is of schema %" G_GUINT64_FORMAT ", expected %u (%s)",
                            number, schema->number, schema->name);
    }
    return enter(in, BM_TAG_SEQUENCE, "the values of a subsection", error);
}

static gboolean end_subsection(BmVisitor *v, GError **error)
{
    return leave(ber_in(v), "the values of a subsection", error) &&
           leave(ber_in(v), "a subsection", error);
}

static gboolean is_raw(BerIn *in)
{
    BmTag tag;

    return bm_view_peek(here(in), &tag) && tag == (BM_TAG_CONTEXT(0) | BM_CONSTRUCTED);
}

static gboolean read_raw(BerIn *in, const BmField *field, BmScalar *value, GError **error)
{
    uint64_t offset = here(in)->offset;
    BmOctets raw;

    if (!bm_view_explicit(here(in), BM_TAG_CONTEXT(0) | BM_CONSTRUCTED, BM_TAG_OCTETS,
                          "a raw value", field->width, &raw)) {
        return read_ok(in, FALSE, error);
    }
    if (raw.len != field->width) {
        return bm_error_set(error, BM_MISMATCH, offset, NULL,
                            "a raw value of %zu octets, its description says %u", raw.len,
                            field->width);
    }
    value->type = BM_SCALAR_RAW;
    value->raw = raw;
    return TRUE;
}

static gboolean read_unsigned(BerIn *in, const BmField *field, BmScalar *value, GError **error)
{
    uint64_t offset = here(in)->offset, u;

    if (!bm_view_unsigned(here(in), BM_TAG_INTEGER, "an unsigned value", UINT64_MAX, &u)) {
        return read_ok(in, FALSE, error);
    }
    if (field->width < 8 && u >> (8 * field->width)) {
        return bm_error_set(error, BM_MISMATCH, offset, NULL,
                            "%" G_GUINT64_FORMAT " does not fit the %u octets of its description",
                            u, field->width);
    }
    value->type = BM_SCALAR_UNSIGNED;
    value->u = u;
    return TRUE;
}

static gboolean read_signed(BerIn *in, const BmField *field, BmScalar *value, GError **error)
{
    uint64_t offset = here(in)->offset;
    int64_t i;

    if (!bm_view_signed(here(in), BM_TAG_INTEGER, "a signed value", &i)) {
        return read_ok(in, FALSE, error);
    }
    if (field->width < 8 && (i < -(G_GINT64_CONSTANT(1) << (8 * field->width - 1)) ||
                             i >= G_GINT64_CONSTANT(1) << (8 * field->width - 1))) {
        return bm_error_set(error, BM_MISMATCH, offset, NULL,
                            "%" G_GINT64_FORMAT " does not fit the %u octets of its description", i,
                            field->width);
    }
    value->type = BM_SCALAR_SIGNED;
    value->i = i;
    return TRUE;
}

static gboolean read_boolean(BerIn *in, BmScalar *value, GError **error)
{
    bool b;

    if (!bm_view_boolean(here(in), BM_TAG_BOOLEAN, "a boolean", &b)) {
        return read_ok(in, FALSE, error);
    }
    value->type = BM_SCALAR_BOOLEAN;
    value->boolean = b;
    return TRUE;
}

/* NULL for a null pointer, TRUE for one whose object follows. */
static gboolean read_pointer(BerIn *in, BmScalar *value, GError **error)
{
    uint64_t offset = here(in)->offset;
    BmTag tag;

    if (bm_view_peek(here(in), &tag) && tag == BM_TAG_NULL) {
        if (!bm_view_null(here(in), BM_TAG_NULL, "a null pointer")) {
            return read_ok(in, FALSE, error);
        }
        value->type = BM_SCALAR_NULL;
        return TRUE;
    }
    if (!read_boolean(in, value, error)) {
        return FALSE;
    }
    if (!value->boolean) {
        return bm_error_set(error, BM_BAD_VALUE, offset, NULL,
                            "a pointer that is neither NULL nor TRUE");
    }
    value->type = BM_SCALAR_PRESENT;
    return TRUE;
}

static gboolean scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    BerIn *in = ber_in(v);

    if (is_raw(in)) {
        return read_raw(in, field, value, error);
    }
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
        return read_boolean(in, value, error);
    case BM_KIND_UNSIGNED:
        return read_unsigned(in, field, value, error);
    case BM_KIND_SIGNED:
        return read_signed(in, field, value, error);
    case BM_KIND_POINTER:
        return read_pointer(in, value, error);
    default:
        return bm_error_set(error, BM_MISMATCH, here(in)->offset, NULL, "%s is no scalar",
                            field->name);
    }
}

static gboolean octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    BerIn *in = ber_in(v);
    uint64_t offset = here(in)->offset;
    uint64_t expected = (uint64_t)field->width * field->count;
    BmOctets read;

    if (field->kind == BM_KIND_STRING) {
        if (!bm_view_name(here(in), BM_TAG_UTF8, "a string", value)) {
            return read_ok(in, FALSE, error);
        }
        return TRUE;
    }
    if (!bm_view_octets(here(in), BM_TAG_OCTETS, "octets", BM_LIMIT_RECORD, &read)) {
        return read_ok(in, FALSE, error);
    }
    if (read.len != expected) {
        return bm_error_set(error, BM_MISMATCH, offset, NULL,
                            "%zu octets, its description says %" G_GUINT64_FORMAT, read.len,
                            expected);
    }
    *value = read;
    return TRUE;
}

static uint32_t span(BmVisitor *v, const BmSpan *span)
{
    BmView *view = here(ber_in(v));
    const uint8_t *p = view->data;
    uint32_t n;
    size_t len;

    if (view->fault->code != BM_OK || view->cut) {
        return 0;
    }
    n = bm_ber_get_span(&p, view->data + view->len, span);
    len = (size_t)(p - view->data);
    view->data = p;
    view->len -= len;
    view->offset += len;
    return n;
}

static gboolean take_whole(BmVisitor *v, const BmSpan *all)
{
    BmView *view = here(ber_in(v));
    const BmView before = *view;

    if (span(v, all) == all->n_slots && view->len == 0 && !view->cut) {
        return TRUE;
    }
    *view = before;
    return FALSE;
}

static uint64_t offset(const BmVisitor *v)
{
    const BerIn *in = (const BerIn *)v;

    return in->views[in->top].offset;
}

static void free_ber_in(BmVisitor *v)
{
    BerIn *in = ber_in(v);

    if (in->views != in->first) {
        g_free(in->views);
    }
    g_free(in);
}

static const BmVisitorOps ber_in_ops = {
    .begin_struct = begin_struct,
    .end_struct = end_struct,
    .begin_group = begin_group,
    .end_group = end_group,
    .begin_subsection = begin_subsection,
    .end_subsection = end_subsection,
    .scalar = scalar,
    .octets = octets,
    .span = span,
    .take_whole = take_whole,
    .offset = offset,
    .free = free_ber_in,
};

BmVisitor *bm_visitor_ber_in(BmView values)
{
    BerIn *in = g_malloc(sizeof(*in)); /* the views are set as they are entered */

    in->views = in->first;
    bm_visitor_ber_in_again(&in->base, values);
    return &in->base;
}

void bm_visitor_ber_in_again(BmVisitor *v, BmView values)
{
    BerIn *in = ber_in(v);

    bm_visitor_init(v, &ber_in_ops);
    in->fault = (BmFault){0};
    in->top = 0;
    in->views[0] = values;
    in->views[0].fault = &in->fault;
}
