/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sizes.  That of the origin's octets follows from the description; BER's
 * depends on each value and on the lengths of lengths, so that the sure way is
 * to let the one who writes it write it.
 */
#include "visitor-impl.h"
#include "visitors.h"

typedef struct SizeOut {
    BmVisitor base;
    BmWriter writer;
    BmVisitor *ber;
    BmSizes *sizes;
    unsigned depth;
} SizeOut;

static SizeOut *size_out(BmVisitor *v)
{
    return (SizeOut *)v;
}

static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    SizeOut *s = size_out(v);
    uint64_t size;

    if (!field) {
        if (!bm_schema_size(schema, &size)) {
            return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "a size beyond 64 bits");
        }
        s->sizes->origin += size;
    }
    s->depth++;
    return bm_visit_begin_struct(s->ber, field, schema, error);
}

/* What is written of a device is counted and forgotten. */
static gboolean end_struct(BmVisitor *v, GError **error)
{
    SizeOut *s = size_out(v);

    if (!bm_visit_end_struct(s->ber, error)) {
        return FALSE;
    }
    if (--s->depth == 0) {
        s->sizes->ber += s->writer.len;
        bm_visitor_free(s->ber);
        bm_writer_clear(&s->writer);
        bm_writer_init(&s->writer);
        s->ber = bm_visitor_ber_out(&s->writer);
    }
    return TRUE;
}

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    return bm_visit_begin_group(size_out(v)->ber, field, error);
}

static gboolean end_group(BmVisitor *v, GError **error)
{
    return bm_visit_end_group(size_out(v)->ber, error);
}

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    return bm_visit_begin_subsection(size_out(v)->ber, schema, error);
}

static gboolean end_subsection(BmVisitor *v, GError **error)
{
    return bm_visit_end_subsection(size_out(v)->ber, error);
}

static gboolean scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    size_out(v)->sizes->values++;
    return bm_visit_scalar(size_out(v)->ber, field, value, error);
}

static gboolean octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    size_out(v)->sizes->values++;
    return bm_visit_octets(size_out(v)->ber, field, value, error);
}

static void size_free(BmVisitor *v)
{
    SizeOut *s = size_out(v);

    bm_visitor_free(s->ber);
    bm_writer_clear(&s->writer);
    g_free(s);
}

static const BmVisitorOps size_ops = {
    .begin_struct = begin_struct,
    .end_struct = end_struct,
    .begin_group = begin_group,
    .end_group = end_group,
    .begin_subsection = begin_subsection,
    .end_subsection = end_subsection,
    .scalar = scalar,
    .octets = octets,
    .free = size_free,
};

BmVisitor *bm_visitor_size(BmSizes *sizes)
{
    SizeOut *s = g_new0(SizeOut, 1);

    *sizes = (BmSizes){0};
    s->base.ops = &size_ops;
    s->sizes = sizes;
    bm_writer_init(&s->writer);
    s->ber = bm_visitor_ber_out(&s->writer);
    return &s->base;
}
