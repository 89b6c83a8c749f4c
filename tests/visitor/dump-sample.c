/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump-sample.h"

#include <criterion/criterion.h>

#include "visitor-impl.h"

typedef struct Script {
    BmVisitor base;
    const Value *values;
    size_t n;
} Script;

static const Value *next(BmVisitor *v)
{
    Script *s = (Script *)v;

    cr_assert_gt(s->n, 0, "more values asked for than the script has");
    s->n--;
    return s->values++;
}

static gboolean script_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    (void)field;
    (void)error;
    *value = next(v)->scalar;
    return TRUE;
}

static gboolean script_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    (void)field;
    (void)error;
    *value = next(v)->octets;
    return TRUE;
}

static uint64_t script_offset(const BmVisitor *v)
{
    (void)v;
    return BM_NO_OFFSET;
}

static const BmVisitorOps script_ops = {
    .scalar = script_scalar,
    .octets = script_octets,
    .offset = script_offset,
};

BmVisitor *script_in(const Value *values, size_t n)
{
    Script *s = g_new0(Script, 1);

    s->base.ops = &script_ops;
    s->values = values;
    s->n = n;
    return &s->base;
}

const BmSchema *struct_of(BmSchemaSet *set, const char *name, const BmField *fields, size_t n,
                          const BmSchema *subsection)
{
    BmSchemaBuilder *b = bm_schema_builder_new(name, 1);
    const BmSchema *schema;

    for (size_t i = 0; i < n; i++) {
        bm_schema_builder_field(b, &fields[i]);
    }
    if (subsection) {
        bm_schema_builder_subsection(b, subsection);
    }
    schema = bm_schema_set_intern(set, b, NULL);
    cr_assert(schema);
    return schema;
}

Printed print_begin(Form form, const char *glob, gboolean pages)
{
    BmPreamble preamble = {1, 0, BM_FORWARD, "a \"test\"", TRUE, 3};
    Printed p = {.out = bm_output_memory()};

    p.s = form(p.out, glob, pages);
    cr_assert(bm_stream_begin(p.s, &preamble, NULL));
    return p;
}

void print_device(Printed *p, const BmSection *section, const BmSchema *schema, const Value *values,
                  size_t n)
{
    BmDevice device = {.section = *section, .schema = schema, .octets = OCTETS("ab")};
    GError *error = NULL;

    device.values = schema ? script_in(values, n) : NULL;
    cr_assert(bm_stream_device(p->s, &device, &error), "%s", error ? error->message : "");
    bm_visitor_free(device.values);
}

void print_item(Printed *p, BmItem item)
{
    cr_assert(bm_stream_live_item(p->s, &item, NULL));
}

char *print_end(Printed *p)
{
    BmOctets text;
    char *copy;

    cr_assert(bm_stream_end(p->s, NULL));
    bm_stream_free(p->s);
    bm_output_flush(p->out);
    text = bm_output_memory_data(p->out);
    copy = g_strndup((const char *)text.data, text.len);
    bm_output_free(p->out);
    return copy;
}
