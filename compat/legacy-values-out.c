/* SPDX-License-Identifier: BSD-2-Clause */
#include "legacy-values.h"

#include <string.h>

#include "legacy-span.h"
#include "visitor-impl.h"

typedef struct LegacyOut {
    BmVisitor base;
    BmOutput *out;
    uint64_t lists; /* one bit per open group, the innermost lowest: it is a list */
} LegacyOut;

static gboolean put(BmVisitor *v, const void *data, size_t len, GError **error)
{
    BmOutput *out = ((LegacyOut *)v)->out;

    return bm_output_write(out, data, len) ||
           bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "write: %s",
                        g_strerror(bm_output_errno(out)));
}

static gboolean put_number(BmVisitor *v, uint64_t n, size_t width, GError **error)
{
    uint64_t octets = GUINT64_TO_BE(n);

    return put(v, (const uint8_t *)&octets + 8 - width, width, error);
}

static gboolean put_zeros(BmVisitor *v, uint64_t n, GError **error)
{
    static const uint8_t zeros[256];

    for (; n > sizeof(zeros); n -= sizeof(zeros)) {
        if (!put(v, zeros, sizeof(zeros), error)) {
            return FALSE;
        }
    }
    return put(v, zeros, (size_t)n, error);
}

/* ---- scalars ---- */

/* The number that stands for a value; visitor.c has seen that it fits. */
static uint64_t encode(const BmScalar *value)
{
    switch (value->type) {
    case BM_SCALAR_BOOLEAN:
        return value->boolean ? 1 : 0;
    case BM_SCALAR_NULL:
        return BM_LEGACY_POINTER_NULL;
    case BM_SCALAR_PRESENT:
        return BM_LEGACY_POINTER_VALID;
    case BM_SCALAR_SIGNED:
        return (uint64_t)value->i;
    default:
        return value->u;
    }
}

static gboolean out_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    if (!bm_legacy_scalar_fits(field, error)) {
        return FALSE;
    }
    if (value->type == BM_SCALAR_RAW) {
        return put(v, value->raw.data, value->raw.len, error);
    }
    return put_number(v, encode(value), field->width, error);
}

/* ---- the rest ---- */

static gboolean out_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    uint64_t len = (uint64_t)field->width * field->count;

    if (value->len == len) {
        return put(v, value->data, value->len, error);
    }
    /* A string can be of any length in BER. */
    if (field->kind == BM_KIND_STRING && value->len < len) {
        return put(v, value->data, value->len, error) && put_zeros(v, len - value->len, error);
    }
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "octets of a field, expected %" G_GUINT64_FORMAT ", got %" G_GSIZE_FORMAT,
                        len, value->len);
}

static gboolean out_begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                                 GError **error)
{
    (void)schema;
    return !field || field->kind != BM_KIND_LIST || put_number(v, BM_LEGACY_LIST_MORE, 1, error);
}

static gboolean out_begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    LegacyOut *out = (LegacyOut *)v;

    out->lists = out->lists << 1 | (field->kind == BM_KIND_LIST);
    return !bm_field_is_tree(field) || put_number(v, field->n_elements, 4, error);
}

static gboolean out_end_group(BmVisitor *v, GError **error)
{
    LegacyOut *out = (LegacyOut *)v;
    gboolean list = out->lists & 1;

    out->lists >>= 1;
    return !list || put_number(v, BM_LEGACY_LIST_END, 1, error);
}

static gboolean out_begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    size_t len = strlen(schema->name);

    if (len > UINT8_MAX) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "name of a subsection, expected at most 255 octets, got "
                            "%" G_GSIZE_FORMAT,
                            len);
    }
    return put_number(v, BM_LEGACY_SUBSECTION, 1, error) && put_number(v, len, 1, error) &&
           put(v, schema->name, len, error) && put_number(v, schema->version, 4, error);
}

static uint32_t out_span(BmVisitor *v, const BmSpan *span)
{
    uint8_t *p = bm_output_reserve(((LegacyOut *)v)->out, span->size);

    if (!p) {
        return 0;
    }
    bm_legacy_put_span(p, span);
    return span->n_slots;
}

static const BmVisitorOps out_ops = {
    .begin_struct = out_begin_struct,
    .begin_group = out_begin_group,
    .end_group = out_end_group,
    .begin_subsection = out_begin_subsection,
    .scalar = out_scalar,
    .octets = out_octets,
    .span = out_span,
};

BmVisitor *bm_visitor_legacy_out(BmOutput *output)
{
    LegacyOut *out = g_new(LegacyOut, 1);

    bm_visitor_init(&out->base, &out_ops);
    out->out = output;
    out->lists = 0;
    return &out->base;
}

gboolean bm_legacy_scalar_fits(const BmField *field, GError **error)
{
    gboolean octet = field->kind == BM_KIND_BOOLEAN || field->kind == BM_KIND_POINTER;
    uint32_t w = field->width;

    if (octet ? w == 1 : w == 1 || w == 2 || w == 4 || w == 8) {
        return TRUE;
    }
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "width of %s, expected 1, 2, 4 or 8 octets, got %" G_GUINT32_FORMAT,
                        bm_field_type(field), w);
}
