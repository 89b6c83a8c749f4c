/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every kind of value through JSON and back, sizes, traces and comparisons, for
 * schemas and values from a seed.
 */
#include <criterion/criterion.h>

#include "json-values.h"
#include "legacy-values.h"
#include "random-schema.h"
#include "walk.h"

#define SEEDS 300

/* Walks from `in` to `out` and frees both. */
static gboolean walk(const BmSchema *schema, BmVisitor *in, BmVisitor *out, GError **error)
{
    gboolean ok = in && bm_walk(schema, in, out, "root", error);

    bm_visitor_free(in);
    bm_visitor_free(out);
    return ok;
}

static BmVisitor *legacy_in(BmOutput *octets)
{
    static BmFault fault;
    BmOctets data = bm_output_memory_data(octets);

    return bm_visitor_legacy_in(bm_view(data.data, data.len, 0, &fault));
}

static BmVisitor *json_in(BmOutput *json, GError **error)
{
    BmOctets text = bm_output_memory_data(json);

    return bm_visitor_json_in((const char *)text.data, text.len, error);
}

static void expect_same(BmOutput *a, BmOutput *b, guint32 seed)
{
    BmOctets x = bm_output_memory_data(a), y = bm_output_memory_data(b);

    cr_assert_eq(x.len, y.len, "seed %u", seed);
    cr_assert(!x.len || !memcmp(x.data, y.data, x.len), "seed %u", seed);
}

static void check_sizes(const BmSchema *schema, BmOutput *octets)
{
    BmSizes sizes;
    BmWriter w;

    bm_writer_init(&w);
    cr_assert(walk(schema, legacy_in(octets), bm_visitor_size(&sizes), NULL));
    cr_assert(walk(schema, legacy_in(octets), bm_visitor_ber_out(&w), NULL));
    cr_expect_eq(sizes.origin, bm_output_memory_data(octets).len);
    cr_expect_eq(sizes.ber, w.len);
    bm_writer_clear(&w);
}

/* What an input gives is what an output gets, whichever they are. */
static void check_traces(const BmSchema *schema, BmOutput *octets, BmOutput *json)
{
    BmTrace *in = bm_trace_new(), *out = bm_trace_new();
    GError *error = NULL;

    cr_assert(walk(schema, bm_visitor_trace(legacy_in(octets), "dev", bm_trace_record, in),
                   bm_visitor_null(), NULL));
    cr_assert(walk(schema, json_in(json, NULL),
                   bm_visitor_trace(bm_visitor_null(), "dev", bm_trace_record, out), NULL));
    cr_expect(bm_trace_compare(in, out, &error), "%s", error ? error->message : "");
    cr_expect_gt(bm_trace_length(in), 1);
    bm_trace_free(in);
    bm_trace_free(out);
}

static void check_compare(const BmSchema *schema, BmOutput *octets, BmOutput *json)
{
    BmVisitor *expected = legacy_in(octets);
    BmVisitor *compare = bm_visitor_compare(expected, "dev", NULL, NULL, 0);
    BmVisitor *in = json_in(json, NULL);

    cr_assert(bm_walk(schema, in, compare, NULL, NULL));
    cr_expect_eq(bm_visitor_compare_count(compare), 0);
    bm_visitor_free(in);
    bm_visitor_free(compare);
    bm_visitor_free(expected);
}

static void check_seed(guint32 seed)
{
    GRand *random = g_rand_new_with_seed(seed);
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = random_schema(random, set);
    BmOutput *octets = bm_output_memory(), *again = bm_output_memory(), *json = bm_output_memory();
    GError *error = NULL;

    cr_assert(walk(schema, random_values(random), bm_visitor_legacy_out(octets), &error));
    cr_assert(walk(schema, legacy_in(octets), bm_visitor_json_out(json), &error));
    cr_assert(walk(schema, json_in(json, &error), bm_visitor_legacy_out(again), &error),
              "seed %u: %s: %s", seed, bm_error_path(error), error->message);
    expect_same(octets, again, seed);
    check_sizes(schema, octets);
    check_traces(schema, octets, json);
    check_compare(schema, octets, json);
    bm_output_free(octets);
    bm_output_free(again);
    bm_output_free(json);
    bm_schema_set_free(set);
    g_rand_free(random);
}

Test(json_values, come_back)
{
    for (guint32 seed = 0; seed < SEEDS; seed++) {
        check_seed(seed);
    }
}

/* ---- one field ---- */

static void refused(BmField field, const char *json, const char *path, const char *message)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmSchemaBuilder *b = bm_schema_builder_new("dev", 1);
    GError *error = NULL;
    BmVisitor *in = bm_visitor_json_in(json, strlen(json), &error);
    const BmSchema *schema;

    bm_schema_builder_field(b, &field);
    schema = bm_schema_set_intern(set, b, NULL);
    cr_assert_not(walk(schema, in, bm_visitor_null(), &error), "%s", json);
    cr_expect_str_eq(bm_error_path(error), path);
    cr_expect(strstr(error->message, message), "%s", error->message);
    g_clear_error(&error);
    bm_schema_set_free(set);
}

Test(json_values, errors_say_what_and_where)
{
    BmField u64 = {.name = "n", .kind = BM_KIND_UNSIGNED, .width = 8, .count = 1};
    BmField i8s = {.name = "s", .kind = BM_KIND_SIGNED, .width = 1, .count = 2};

    refused(u64, "{\"n\": {\"type\": \"uint64\", \"value\": 18446744073709551616}}", "", "no JSON");
    refused(u64, "{\"n\": {\"type\": \"uint64\", \"value\": -1}}", "root.n", "from 0 on");
    refused(u64, "{\"n\": {\"type\": \"uint64\", \"value\": 1.5}}", "root.n", "whole number");
    refused(u64, "{\"n\": {\"type\": \"uint32\", \"value\": 1}}", "root.n", "expected uint64");
    refused(u64, "{\"n\": 1}", "root.n", "no JSON object");
    refused(u64, "{}", "root.n", "no member \"n\"");
    refused(u64, "{\"n\": {\"type\": \"uint64\", \"value\": 1}, \"m\": 1}", "root", "\"m\"");
    refused(i8s, "{\"s\": {\"type\": \"int8\", \"value\": [1, 128]}}", "root.s(2)(1)",
            "element [1]");
    refused(i8s, "{\"s\": {\"type\": \"int8\", \"value\": [1]}}", "root.s(2)(1)", "2 elements");
    refused(u64, "[]", "", "no JSON object");
    refused(u64, "{\"n\"", "", "no JSON");
    refused(u64, "{} {}", "", "no JSON");
}
