/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "samples.h"
#include "walk.h"

static BmSchemaSet *set;
static GString *text;
static GError *error;

static void setup(void)
{
    set = bm_schema_set_new();
    text = g_string_new(NULL);
}

static void teardown(void)
{
    g_clear_error(&error);
    g_string_free(text, TRUE);
    bm_schema_set_free(set);
}

TestSuite(walks, .init = setup, .fini = teardown);

static gboolean walk(const BmSchema *schema, uint64_t in_fails, uint64_t out_fails)
{
    BmVisitor *in = counting_in(in_fails), *out = logging_out(text, out_fails);
    gboolean ok = bm_walk(schema, in, out, "root", &error);

    bm_visitor_free(in);
    bm_visitor_free(out);
    return ok;
}

/* Of everything something. */
static const BmSchema *sample(void)
{
    const BmSchema *pair = SCHEMA(set, "pair", UNSIGNED("a", 2), BUFFER("b", 2));
    const BmSchema *one = SCHEMA(set, "one", BOOLEAN("c"));
    const BmSchema *sub = SCHEMA(set, "dev/sub", SIGNED("s", 4), STRUCT("deep", one));
    BmField structs = STRUCTS("ps", 2, pair);

    structs.first = 4;
    return SCHEMA_WITH(set, "dev", sub, UNSIGNED("n", 4), ARRAY("xs", BM_KIND_SIGNED, 2, 3),
                       STRUCT("inner", one), structs, ARRAY("qs", BM_KIND_POINTER, 1, 2),
                       LIST("l", one, pair), OPAQUE("o", 1));
}

Test(walks, every_value_goes_from_in_to_out_in_order)
{
    cr_assert(walk(sample(), 0, 0), "%s", error ? error->message : "");
    cr_expect_str_eq(text->str, "{:dev n=1 xs=xxxxxx {inner:one c=true } "
                                "[ps {ps:pair a=4 b=xx } {ps:pair a=6 b=xx } ] "
                                "[qs qs=present qs=present ] "
                                "[l {l:one c=true } {l:pair a=11 b=xx } ] o=x "
                                "<dev/sub s=-14 {deep:one c=true } > } ");
}

Test(walks, empty_lists_are_groups_of_nothing)
{
    cr_assert(walk(SCHEMA(set, "dev", ARRAY("l", BM_KIND_LIST, 0, 1)), 0, 0));
    cr_expect_str_eq(text->str, "{:dev [l ] } ");
}

static const char *const places[] = {
    "root.n",
    "root.xs(3)(2)",
    "root.one.c",
    "root.ps(2)(4).[4].a",
    "root.ps(2)(4).[4].b(2)(1)",
    "root.ps(2)(4).[5].a",
    "root.ps(2)(4).[5].b(2)(1)",
    "root.qs(2)(1).[0]",
    "root.qs(2)(1).[1]",
    "root.l(2).[0].c",
    "root.l(2).[1].a",
    "root.l(2).[1].b(2)(1)",
    "root.o",
    "root.sub.s",
    "root.sub.one.c",
};

static void fails_at(uint64_t value, BmCode code)
{
    cr_assert_not_null(error);
    cr_expect_eq(error->code, (int)code);
    cr_expect_str_eq(bm_error_path(error), places[value - 1]);
    cr_expect_eq(bm_error_offset(error), (value - 1) * 10);
    g_clear_error(&error);
}

Test(walks, failures_of_either_side_say_where)
{
    const BmSchema *schema = sample();

    for (uint64_t i = 1; i <= G_N_ELEMENTS(places); i++) {
        cr_assert_not(walk(schema, i, 0));
        fails_at(i, BM_TRUNCATED);
        cr_assert_not(walk(schema, 0, i));
        fails_at(i, BM_IO);
    }
}

Test(walks, failures_may_go_unheard)
{
    BmVisitor *in = counting_in(3), *out = bm_visitor_null();

    cr_expect_not(bm_walk(sample(), in, out, NULL, NULL));
    bm_visitor_free(in);
    bm_visitor_free(out);
}

/* Into BER, and from there. */
Test(walks, values_are_the_same_after_a_detour)
{
    const BmSchema *schema = sample();
    BmVisitor *in = counting_in(0), *out;
    BmFault fault = {0};
    g_autofree char *direct = NULL;
    BmWriter w;

    cr_assert(walk(schema, 0, 0));
    direct = g_strdup(text->str);
    g_string_truncate(text, 0);
    bm_writer_init(&w);
    out = bm_visitor_ber_out(&w);
    cr_assert(bm_walk(schema, in, out, NULL, NULL));
    bm_visitor_free(in);
    bm_visitor_free(out);

    in = bm_visitor_ber_in(bm_view(w.data, w.len, 0, &fault));
    out = logging_out(text, 0);
    cr_assert(bm_walk(schema, in, out, NULL, &error), "%s", error ? error->message : "");
    cr_expect_str_eq(text->str, direct);
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_writer_clear(&w);
}
