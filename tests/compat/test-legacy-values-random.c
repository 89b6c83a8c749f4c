/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties, for schemas and values from a seed.
 */
#include <criterion/criterion.h>

#include "legacy-values.h"
#include "random-schema.h"
#include "walk.h"

#define SEEDS 300
#define TRUNCATED_SEEDS 60 /* these are cut at each octet */

/* Octets of a device of this schema; NULL if the walk failed. */
static BmOutput *copy(const BmSchema *schema, BmVisitor *in, GError **error)
{
    BmOutput *octets = bm_output_memory();
    BmVisitor *out = bm_visitor_legacy_out(octets);
    gboolean ok = bm_walk(schema, in, out, "root", error);

    bm_visitor_free(out);
    if (!ok) {
        g_clear_pointer(&octets, bm_output_free);
    }
    return octets;
}

static void check_again(const BmSchema *schema, BmOctets data, guint32 seed)
{
    BmFault fault = {BM_OK};
    GError *error = NULL;
    BmVisitor *in = bm_visitor_legacy_in(bm_view(data.data, data.len, 0, &fault));
    BmOutput *octets = copy(schema, in, &error);
    BmOctets again;

    cr_assert(octets, "seed %u: %s", seed, error ? error->message : "");
    again = bm_output_memory_data(octets);
    cr_expect_eq(bm_visitor_legacy_left(in), 0, "seed %u", seed);
    cr_assert_eq(again.len, data.len, "seed %u", seed);
    cr_expect(!data.len || !memcmp(again.data, data.data, data.len), "seed %u", seed);
    bm_output_free(octets);
    bm_visitor_free(in);
}

/* A copy of the exact length, so that one octet too many shows. */
static void check_truncated(const BmSchema *schema, BmOctets data, guint32 seed)
{
    for (size_t len = 0; len < data.len; len++) {
        g_autofree uint8_t *part = g_memdup2(data.data, len);
        BmFault fault = {BM_OK};
        GError *error = NULL;
        BmVisitor *in = bm_visitor_legacy_in(bm_view(part, len, 0, &fault));

        cr_assert_null(copy(schema, in, &error), "seed %u, %zu octets", seed, len);
        cr_assert_eq(error->code, BM_TRUNCATED, "seed %u: %s", seed, error->message);
        cr_expect(g_str_has_prefix(bm_error_path(error), "root."), "%s", error->message);
        cr_expect_leq(bm_error_offset(error), len);
        g_error_free(error);
        bm_visitor_free(in);
    }
}

static void check_seed(guint32 seed)
{
    GRand *random = g_rand_new_with_seed(seed);
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = random_schema(random, set);
    BmVisitor *values = random_values(random);
    GError *error = NULL;
    BmOutput *octets = copy(schema, values, &error);
    uint64_t size;
    BmOctets data;

    cr_assert(octets, "seed %u: %s", seed, error ? error->message : "");
    data = bm_output_memory_data(octets);
    cr_assert(bm_schema_size(schema, &size));
    cr_expect_eq(data.len, size, "seed %u", seed);
    check_again(schema, data, seed);
    if (seed < TRUNCATED_SEEDS) {
        check_truncated(schema, data, seed);
    }
    bm_output_free(octets);
    bm_visitor_free(values);
    bm_schema_set_free(set);
    g_rand_free(random);
}

Test(legacy_values_random, same_octets)
{
    for (guint32 seed = 0; seed < SEEDS; seed++) {
        check_seed(seed);
    }
}
