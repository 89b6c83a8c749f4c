/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "samples.h"
#include "visitor-impl.h"

static BmVisitor *out;
static GError *error;

static void setup(void)
{
    out = bm_visitor_null();
}

static void teardown(void)
{
    g_clear_error(&error);
    bm_visitor_free(out);
}

TestSuite(visitors, .init = setup, .fini = teardown);

static void fails(gboolean ok, BmCode code)
{
    cr_assert_not(ok);
    cr_assert_not_null(error);
    cr_expect_eq(error->code, (int)code, "%s", error->message);
    g_clear_error(&error);
}

static gboolean put(BmField field, BmScalar value)
{
    return bm_visit_scalar(out, &field, &value, &error);
}

static BmScalar of_u(uint64_t u)
{
    return (BmScalar){BM_SCALAR_UNSIGNED, .u = u};
}

static BmScalar of_i(int64_t i)
{
    return (BmScalar){BM_SCALAR_SIGNED, .i = i};
}

Test(visitors, scalars_are_of_the_kind_of_their_field)
{
    cr_expect(put(BOOLEAN("f"), (BmScalar){BM_SCALAR_BOOLEAN, .boolean = TRUE}));
    cr_expect(put(ARRAY("f", BM_KIND_POINTER, 1, 2), (BmScalar){BM_SCALAR_NULL}));
    cr_expect(put(ARRAY("f", BM_KIND_POINTER, 1, 1), (BmScalar){BM_SCALAR_PRESENT}));
    fails(put(BOOLEAN("f"), of_u(1)), BM_MISMATCH);
    fails(put(UNSIGNED("f", 4), of_i(1)), BM_MISMATCH);
    fails(put(SIGNED("f", 4), of_u(1)), BM_MISMATCH);
    fails(put(UNSIGNED("f", 4), (BmScalar){(BmScalarType)99}), BM_MISMATCH);
    fails(put(BUFFER("f", 4), of_u(1)), BM_MISMATCH);
    fails(put(ARRAY("f", BM_KIND_UNSIGNED, 4, 2), of_u(1)), BM_MISMATCH);
}

Test(visitors, numbers_fit_the_width_of_their_field)
{
    cr_expect(put(UNSIGNED("f", 1), of_u(255)));
    fails(put(UNSIGNED("f", 1), of_u(256)), BM_MISMATCH);
    cr_expect(put(UNSIGNED("f", 8), of_u(UINT64_MAX)));
    cr_expect(put(SIGNED("f", 2), of_i(-32768)));
    cr_expect(put(SIGNED("f", 2), of_i(32767)));
    fails(put(SIGNED("f", 2), of_i(-32769)), BM_MISMATCH);
    fails(put(SIGNED("f", 2), of_i(32768)), BM_MISMATCH);
    cr_expect(put(SIGNED("f", 8), of_i(INT64_MIN)));
}

Test(visitors, raw_values_have_the_width_of_their_field)
{
    BmScalar raw = {BM_SCALAR_RAW, .raw = {(const uint8_t *)"ab", 2}};

    cr_expect(put(UNSIGNED("f", 2), raw));
    fails(put(BOOLEAN("f"), raw), BM_MISMATCH);
}

static gboolean put_octets(BmField field, const char *data, size_t len)
{
    BmOctets octets = {(const uint8_t *)data, len};

    return bm_visit_octets(out, &field, &octets, &error);
}

Test(visitors, octets_have_the_length_of_their_field)
{
    cr_expect(put_octets(BUFFER("f", 3), "abc", 3));
    cr_expect(put_octets(ARRAY("f", BM_KIND_SIGNED, 2, 2), "abcd", 4));
    cr_expect(put_octets(BUFFER("f", 0), NULL, 0));
    fails(put_octets(BUFFER("f", 3), "abc", 2), BM_MISMATCH);
    fails(put_octets(ARRAY("f", BM_KIND_SIGNED, 2, 2), "abcd", 2), BM_MISMATCH);
    fails(put_octets(SIGNED("f", 2), "ab", 2), BM_MISMATCH);
    fails(put_octets(ARRAY("f", BM_KIND_POINTER, 1, 2), "ab", 2), BM_MISMATCH);
}

Test(visitors, strings_are_short_and_utf8)
{
    g_autofree char *text = g_strnfill(BM_LIMIT_NAME + 1, 's');

    cr_expect(put_octets(STRING("f"), text, BM_LIMIT_NAME));
    fails(put_octets(STRING("f"), text, BM_LIMIT_NAME + 1), BM_LIMIT);
    fails(put_octets(STRING("f"), "\xff", 1), BM_BAD_VALUE);
}

Test(visitors, containers_end_as_they_began)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *s = SCHEMA(set, "s", UNSIGNED("a", 4));

    fails(bm_visit_end_struct(out, &error), BM_MISMATCH);
    cr_assert(bm_visit_begin_struct(out, NULL, s, NULL));
    fails(bm_visit_begin_struct(out, NULL, s, &error), BM_MISMATCH);
    fails(bm_visit_begin_struct(out, &UNSIGNED("f", 4), s, &error), BM_MISMATCH);
    fails(bm_visit_begin_group(out, &STRUCT("f", s), &error), BM_MISMATCH);
    fails(bm_visit_end_subsection(out, &error), BM_MISMATCH);
    cr_assert(bm_visit_begin_subsection(out, s, NULL));
    fails(bm_visit_end_struct(out, &error), BM_MISMATCH);
    cr_assert(bm_visit_begin_group(out, &STRUCTS("f", 2, s), NULL));
    fails(bm_visit_end_struct(out, &error), BM_MISMATCH);
    cr_expect(bm_visit_end_group(out, NULL));
    cr_expect(bm_visit_end_subsection(out, NULL));
    cr_expect(bm_visit_end_struct(out, NULL));
    bm_schema_set_free(set);
}

Test(visitors, depth_has_an_end)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *s = SCHEMA(set, "s", UNSIGNED("a", 4));

    for (unsigned i = 0; i < BM_LIMIT_DEPTH; i++) {
        cr_assert(bm_visit_begin_struct(out, i ? &STRUCT("f", s) : NULL, s, NULL));
    }
    fails(bm_visit_begin_struct(out, &STRUCT("f", s), s, &error), BM_LIMIT);
    fails(bm_visit_begin_group(out, &LIST("f", s), &error), BM_LIMIT);
    fails(bm_visit_begin_subsection(out, s, &error), BM_LIMIT);
    bm_schema_set_free(set);
}

/* Gives what does not fit. */
static gboolean wrong_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **e)
{
    (void)v;
    (void)field;
    (void)e;
    *value = of_u(1000);
    return TRUE;
}

static gboolean wrong_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **e)
{
    (void)v;
    (void)field;
    (void)e;
    *value = (BmOctets){(const uint8_t *)"x", 1};
    return TRUE;
}

static uint64_t wrong_offset(const BmVisitor *v)
{
    (void)v;
    return 5;
}

Test(visitors, wrong_input_leaves_the_value_untouched)
{
    static const BmVisitorOps ops = {
        .scalar = wrong_scalar, .octets = wrong_octets, .offset = wrong_offset};
    BmVisitor *in = g_new0(BmVisitor, 1);
    BmScalar value = of_i(7);
    BmOctets octets = {NULL, 9};

    in->ops = &ops;
    fails(bm_visit_scalar(in, &UNSIGNED("f", 1), &value, &error), BM_MISMATCH);
    fails(bm_visit_octets(in, &BUFFER("f", 2), &octets, &error), BM_MISMATCH);
    cr_expect(value.type == BM_SCALAR_SIGNED && value.i == 7);
    cr_expect(octets.data == NULL && octets.len == 9);
    cr_expect(bm_visit_scalar(in, &UNSIGNED("f", 2), &value, NULL));
    cr_expect_eq(value.u, 1000);
    cr_expect_eq(bm_visitor_offset(in), 5);
    cr_expect_eq(bm_visitor_offset(out), BM_NO_OFFSET);
    bm_visitor_free(in);
    bm_visitor_free(NULL);
}
