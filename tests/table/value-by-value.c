/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A visitor that has another one inside has no spans, so a trace makes a walk go value by
 * value.
 */
#include "value-by-value.h"

#include <criterion/criterion.h>

#include "visitors.h"
#include "walk.h"

static void nobody(const char *path, const char *type, const char *value, void *data)
{
    (void)path;
    (void)type;
    (void)value;
    (void)data;
}

static BmVisitor *maybe_slow(BmVisitor *v, gboolean fast)
{
    return fast ? v : bm_visitor_trace(v, NULL, nobody, NULL);
}

GByteArray *save_as(const BmTable *table, const void *object, const BmSchema *schema, Form form,
                    gboolean fast)
{
    BmOutput *output = bm_output_memory();
    GByteArray *octets = g_byte_array_new();
    BmVisitor *in = bm_visitor_table_in(table, object), *out;
    GError *error = NULL;
    BmOctets got;
    BmWriter w;

    bm_writer_init(&w);
    out =
        maybe_slow(form == FORM_BER ? bm_visitor_ber_out(&w) : bm_visitor_legacy_out(output), fast);
    cr_assert(bm_walk(schema, in, out, table->name, &error), "%s", SAYS(error));
    got = form == FORM_BER ? (BmOctets){w.data, w.len} : bm_output_memory_data(output);
    if (got.len > 0) {
        g_byte_array_append(octets, got.data, (guint)got.len);
    }
    bm_visitor_free(out);
    bm_visitor_free(in);
    bm_writer_clear(&w);
    bm_output_free(output);
    return octets;
}

char *load_as(const BmTable *table, void *object, const BmSchema *schema, Form form,
              const uint8_t *octets, size_t len, gboolean fast)
{
    g_autofree uint8_t *copy = g_memdup2(octets, len); /* so that one too many shows */
    GString *says = g_string_new(NULL);
    BmFault fault = {BM_OK};
    BmView view = bm_view(copy, len, 1000, &fault);
    BmVisitor *in = form == FORM_BER ? bm_visitor_ber_in(view) : bm_visitor_legacy_in(view), *out;
    BmLoadReport report;
    GError *error = NULL;

    bm_load_report_init(&report);
    out = maybe_slow(bm_visitor_table_out(table, object, schema->version, &report), fast);
    if (bm_walk(schema, in, out, table->name, &error)) {
        g_string_append_printf(says, "at %" G_GUINT64_FORMAT, bm_visitor_offset(in));
    } else {
        g_string_append_printf(says, "%d at %" G_GUINT64_FORMAT ", %s: %s", error->code,
                               bm_error_offset(error), bm_error_path(error), error->message);
        g_error_free(error);
    }
    for (guint i = 0; i < report.skipped->len; i++) {
        g_string_append_printf(says, "\nskipped %s", (char *)report.skipped->pdata[i]);
    }
    for (guint i = 0; i < report.defaulted->len; i++) {
        g_string_append_printf(says, "\ndefaulted %s", (char *)report.defaulted->pdata[i]);
    }
    bm_load_report_clear(&report);
    bm_visitor_free(out);
    bm_visitor_free(in);
    return g_string_free(says, FALSE);
}

char *text_of(const BmTable *table, const void *object)
{
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;
    const BmSchema *schema = bm_table_describe(table, object, set, &error);
    BmOutput *output = bm_output_memory();
    BmVisitor *in = bm_visitor_table_in(table, object), *out = bm_visitor_text(output, "object");
    BmOctets octets;
    char *text;

    if (schema && bm_walk(schema, in, out, "object", &error)) {
        octets = bm_output_memory_data(output);
        text = g_strndup((const char *)octets.data, octets.len);
    } else {
        text = g_strdup_printf("%s: %s", bm_error_path(error), SAYS(error));
        g_error_free(error);
    }
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_output_free(output);
    bm_schema_set_free(set);
    return text;
}
