/* SPDX-License-Identifier: BSD-2-Clause */
#include "passage-of-tables.h"

#include <string.h>

#include "visitor-impl.h"
#include "walk.h"

/* ---- into octets ---- */

typedef struct Sink {
    BmWriter writer;
    BmOutput *output;
    BmVisitor *visitor;
    gboolean ber;
} Sink;

static void sink_init(Sink *sink, Form form)
{
    sink->ber = form == FORM_BER;
    bm_writer_init(&sink->writer);
    sink->output = bm_output_memory();
    sink->visitor =
        sink->ber ? bm_visitor_ber_out(&sink->writer) : bm_visitor_legacy_out(sink->output);
}

static BmOctets sink_octets(const Sink *sink)
{
    return sink->ber ? (BmOctets){sink->writer.data, sink->writer.len}
                     : bm_output_memory_data(sink->output);
}

static void sink_clear(Sink *sink)
{
    bm_visitor_free(sink->visitor);
    bm_output_free(sink->output);
    bm_writer_clear(&sink->writer);
}

gboolean save(const BmTable *table, void *object, Form form, Saved *saved, GError **error)
{
    Sink sink;
    gboolean ok;

    *saved = (Saved){.set = bm_schema_set_new(), .octets = g_byte_array_new()};
    sink_init(&sink, form);
    saved->schema = bm_table_prepare(table, object, saved->set, error);
    ok = saved->schema && bm_table_save_prepared(table, object, saved->schema, sink.visitor, error);
    if (ok && sink_octets(&sink).len > 0) {
        g_byte_array_append(saved->octets, sink_octets(&sink).data, (guint)sink_octets(&sink).len);
    }
    sink_clear(&sink);
    if (!ok) {
        saved_clear(saved);
    }
    return ok;
}

void saved_clear(Saved *saved)
{
    bm_schema_set_free(saved->set);
    g_byte_array_unref(saved->octets);
    *saved = (Saved){NULL};
}

/* ---- and back ---- */

gboolean load(const BmTable *table, void *object, Form form, const Saved *saved,
              BmLoadReport *report, GError **error)
{
    /* A copy of the exact length, so that one octet too many shows. */
    g_autofree uint8_t *copy = g_memdup2(saved->octets->data, saved->octets->len);
    BmFault fault = {BM_OK};
    BmView view = bm_view(copy, saved->octets->len, 0, &fault);
    BmVisitor *in = form == FORM_BER ? bm_visitor_ber_in(view) : bm_visitor_legacy_in(view);
    gboolean ok = form == FORM_PLAIN
                      ? bm_table_load_plain(table, object, table->version, in, error)
                      : bm_table_load(table, object, saved->schema, in, report, error);

    if (ok && form != FORM_BER && bm_visitor_legacy_left(in) > 0) {
        ok = bm_error_set(error, BM_TRAILING, BM_NO_OFFSET, NULL, "%zu octets are left over",
                          bm_visitor_legacy_left(in));
    }
    bm_visitor_free(in);
    return ok;
}

/* ---- octets with names ---- */

/* Passes on to a sink and writes down what that made of it. */
typedef struct Lister {
    BmVisitor base;
    Sink sink;
    GString *text;
    size_t listed; /* octets */
} Lister;

/* In BER the header of what is open is not written yet. */
static gboolean list(BmVisitor *v, gboolean ok, gboolean value)
{
    Lister *l = (Lister *)v;
    BmOctets octets = sink_octets(&l->sink);

    for (; ok && (value || !l->sink.ber) && l->listed < octets.len; l->listed++) {
        g_string_append_printf(l->text, "%02x", octets.data[l->listed]);
    }
    l->listed = octets.len;
    g_string_append_c(l->text, ' ');
    return ok;
}

static BmVisitor *inner(BmVisitor *v, const char *name, const char *mark)
{
    Lister *l = (Lister *)v;

    g_string_append(l->text, name);
    g_string_append(l->text, mark);
    l->listed = sink_octets(&l->sink).len;
    return l->sink.visitor;
}

static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    BmVisitor *to = inner(v, field ? field->name : "", "{");

    return list(v, bm_visit_begin_struct(to, field, schema, error), FALSE);
}

static gboolean end_struct(BmVisitor *v, GError **error)
{
    return list(v, bm_visit_end_struct(inner(v, "", "}"), error), FALSE);
}

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    return list(v, bm_visit_begin_group(inner(v, field->name, "["), field, error), FALSE);
}

static gboolean end_group(BmVisitor *v, GError **error)
{
    return list(v, bm_visit_end_group(inner(v, "", "]"), error), FALSE);
}

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    return list(v, bm_visit_begin_subsection(inner(v, schema->name, "<"), schema, error), FALSE);
}

static gboolean end_subsection(BmVisitor *v, GError **error)
{
    return list(v, bm_visit_end_subsection(inner(v, "", ">"), error), FALSE);
}

static gboolean scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    return list(v, bm_visit_scalar(inner(v, field->name, "="), field, value, error), TRUE);
}

static gboolean octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    return list(v, bm_visit_octets(inner(v, field->name, "="), field, value, error), TRUE);
}

static const BmVisitorOps lister_ops = {
    .begin_struct = begin_struct,
    .end_struct = end_struct,
    .begin_group = begin_group,
    .end_group = end_group,
    .begin_subsection = begin_subsection,
    .end_subsection = end_subsection,
    .scalar = scalar,
    .octets = octets,
};

char *list_octets(const BmTable *table, void *object, Form form)
{
    Lister l = {.base = {.ops = &lister_ops}, .text = g_string_new(NULL)};
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;

    sink_init(&l.sink, form);
    if (!bm_table_save(table, object, set, &l.base, &error)) {
        g_string_assign(l.text, error->message);
        g_error_free(error);
    }
    sink_clear(&l.sink);
    bm_schema_set_free(set);
    g_strchomp(l.text->str);
    return g_string_free(l.text, FALSE);
}
