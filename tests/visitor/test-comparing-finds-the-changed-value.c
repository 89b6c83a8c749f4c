/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The visitors that look: text, comparison and trace.
 */
#include <criterion/criterion.h>

#include "dump-sample.h"
#include "visitors.h"
#include "walk.h"

static const BmField mac = {.name = "macaddr", .kind = BM_KIND_UNSIGNED, .width = 1, .count = 3};

static const Value before[] = {V_OCTETS("\0\0\1"), V_OCTETS("\2\3\4")};
static const Value after[] = {V_OCTETS("\0\0\1"), V_OCTETS("\2\3\5")};

static const BmSchema *sample(BmSchemaSet *set)
{
    const BmSchema *client = struct_of(set, "client", &mac, 1, NULL);
    BmField clients = {.name = "bootp_clients",
                       .kind = BM_KIND_STRUCT,
                       .count = 2,
                       .elements = &client,
                       .n_elements = 1};

    return struct_of(set, "bootp", &clients, 1, NULL);
}

static void collect(const BmDifference *d, void *data)
{
    g_string_append_printf(data, "%s: (%s) %s != (%s) %s\n", d->path, d->type_a, d->a, d->type_b,
                           d->b);
}

static uint64_t compare(const Value *b, uint64_t limit, GString *log)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmVisitor *expected = script_in(before, 2), *in = script_in(b, 2);
    BmVisitor *out = bm_visitor_compare(expected, "slirp.bootp", collect, log, limit);
    uint64_t count;

    cr_assert(bm_walk(sample(set), in, out, NULL, NULL));
    count = bm_visitor_compare_count(out);
    bm_visitor_free(out);
    bm_visitor_free(in);
    bm_visitor_free(expected);
    bm_schema_set_free(set);
    return count;
}

Test(compare, finds_the_changed_value)
{
    GString *log = g_string_new(NULL);

    cr_expect_eq(compare(before, 10, log), 0);
    cr_expect_str_eq(log->str, "");
    cr_expect_eq(compare(after, 10, log), 1);
    cr_expect_str_eq(log->str, "slirp.bootp.bootp_clients(2)(3).[1].macaddr(3)(1).[2]: "
                               "(uint8) 0x4 != (uint8) 0x5\n");
    g_string_truncate(log, 0);
    cr_expect_eq(compare(after, 0, log), 1);
    cr_expect_str_eq(log->str, "");
    g_string_free(log, TRUE);
}

Test(text, one_line_per_value)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmOutput *octets = bm_output_memory();
    BmVisitor *in = script_in(before, 2), *out = bm_visitor_text(octets, "slirp.bootp");
    BmOctets text;
    g_autofree char *copy = NULL;

    cr_assert(bm_walk(sample(set), in, out, NULL, NULL));
    bm_output_flush(octets);
    text = bm_output_memory_data(octets);
    copy = g_strndup((const char *)text.data, text.len);
    cr_expect_str_eq(copy, "slirp.bootp.bootp_clients(2)(3).[0].macaddr(3)(1).[0] = (uint8) 0x0\n"
                           "slirp.bootp.bootp_clients(2)(3).[0].macaddr(3)(1).[1] = (uint8) 0x0\n"
                           "slirp.bootp.bootp_clients(2)(3).[0].macaddr(3)(1).[2] = (uint8) 0x1\n"
                           "slirp.bootp.bootp_clients(2)(3).[1].macaddr(3)(1).[0] = (uint8) 0x2\n"
                           "slirp.bootp.bootp_clients(2)(3).[1].macaddr(3)(1).[1] = (uint8) 0x3\n"
                           "slirp.bootp.bootp_clients(2)(3).[1].macaddr(3)(1).[2] = (uint8) 0x4\n");
    bm_visitor_free(out);
    bm_visitor_free(in);
    bm_output_free(octets);
    bm_schema_set_free(set);
}

static BmTrace *trace_of(const Value *values)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmTrace *trace = bm_trace_new();
    BmVisitor *in = bm_visitor_trace(script_in(values, 2), "bootp", bm_trace_record, trace);
    BmVisitor *out = bm_visitor_null();

    cr_assert(bm_walk(sample(set), in, out, NULL, NULL));
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_schema_set_free(set);
    return trace;
}

Test(trace, the_first_visit_that_differs_is_named)
{
    BmTrace *a = trace_of(before), *b = trace_of(before), *c = trace_of(after);
    GError *error = NULL;

    cr_expect(bm_trace_compare(a, b, NULL));
    cr_expect_not(bm_trace_compare(a, c, &error));
    cr_expect_str_eq(bm_error_path(error), "bootp.bootp_clients.[1].macaddr");
    cr_expect(strstr(error->message, "(uint8) 020304"), "%s", error->message);
    cr_expect(strstr(error->message, "(uint8) 020305"), "%s", error->message);
    g_error_free(error);
    bm_trace_free(a);
    bm_trace_free(b);
    bm_trace_free(c);
}
