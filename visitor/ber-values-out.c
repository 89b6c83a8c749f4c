/* SPDX-License-Identifier: BSD-2-Clause */
/* A device's values as BER: the types Values and Value of asn1/bermig.asn1. */
#include "ber-inline.h"
#include "ber-span.h"
#include "visitor-impl.h"

typedef struct BerOut {
    BmVisitor base;
    BmWriter *w;
    unsigned structs; /* open ones, the device itself not counted */
} BerOut;

static BmWriter *writer(BmVisitor *v)
{
    return ((BerOut *)v)->w;
}

static gboolean written(BmWriter *w, GError **error)
{
    return w->fault.code == BM_OK || bm_error_from_fault(error, &w->fault, NULL);
}

/* The device itself has no SEQUENCE of its own: its record opened one. */
static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    (void)schema;
    if (field) {
        ((BerOut *)v)->structs++;
        bm_writer_open(writer(v), BM_TAG_SEQUENCE);
    }
    return written(writer(v), error);
}

static gboolean end_struct(BmVisitor *v, GError **error)
{
    BerOut *out = (BerOut *)v;

    if (out->structs > 0) {
        out->structs--;
        bm_writer_close(out->w);
    }
    return written(writer(v), error);
}

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    (void)field;
    bm_writer_open(writer(v), BM_TAG_SEQUENCE);
    return written(writer(v), error);
}

static gboolean end_group(BmVisitor *v, GError **error)
{
    bm_writer_close(writer(v));
    return written(writer(v), error);
}

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    BmWriter *w = writer(v);

    bm_writer_open(w, BM_TAG_CONTEXT(1) | BM_CONSTRUCTED);
    bm_writer_unsigned(w, BM_TAG_INTEGER, schema->number);
    bm_writer_open(w, BM_TAG_SEQUENCE);
    return written(w, error);
}

static gboolean end_subsection(BmVisitor *v, GError **error)
{
    bm_writer_close(writer(v));
    bm_writer_close(writer(v));
    return written(writer(v), error);
}

static gboolean scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    BmWriter *w = writer(v);

    (void)field;
    switch (value->type) {
    case BM_SCALAR_BOOLEAN:
        bm_writer_boolean(w, BM_TAG_BOOLEAN, value->boolean);
        break;
    case BM_SCALAR_UNSIGNED:
        bm_writer_unsigned(w, BM_TAG_INTEGER, value->u);
        break;
    case BM_SCALAR_SIGNED:
        bm_writer_signed(w, BM_TAG_INTEGER, value->i);
        break;
    case BM_SCALAR_NULL:
        bm_writer_null(w, BM_TAG_NULL);
        break;
    case BM_SCALAR_PRESENT:
        bm_writer_boolean(w, BM_TAG_BOOLEAN, true);
        break;
    case BM_SCALAR_RAW:
        bm_writer_explicit(w, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED, BM_TAG_OCTETS, value->raw.data,
                           value->raw.len);
        break;
    }
    return written(w, error);
}

static gboolean octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    BmTag tag = field->kind == BM_KIND_STRING ? BM_TAG_UTF8 : BM_TAG_OCTETS;

    bm_writer_octets(writer(v), tag, value->data, value->len);
    return written(writer(v), error);
}

static uint32_t span(BmVisitor *v, const BmSpan *span)
{
    uint8_t *p = bm_writer_reserve(writer(v), span->most + BM_PUT_SLACK);

    if (!p) {
        return 0;
    }
    bm_writer_advance(writer(v), bm_ber_put_span(p, span));
    return span->n_slots;
}

static gboolean take_whole(BmVisitor *v, const BmSpan *all)
{
    return span(v, all) > 0;
}

static const BmVisitorOps ber_out_ops = {
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
};

BmVisitor *bm_visitor_ber_out(BmWriter *w)
{
    BerOut *v = g_new(BerOut, 1);

    bm_visitor_init(&v->base, &ber_out_ops);
    v->w = w;
    v->structs = 0;
    return &v->base;
}
