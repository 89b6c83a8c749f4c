/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "samples.h"
#include "walk.h"

static BmSchemaSet *set;

static void setup(void)
{
    set = bm_schema_set_new();
}

static void teardown(void)
{
    bm_schema_set_free(set);
}

TestSuite(limits, .init = setup, .fini = teardown);

static void refused(BmField field, BmCode code)
{
    uint32_t before = bm_schema_set_size(set);
    GError *error = NULL;

    cr_assert_null(try_schema(set, "s", field, &error));
    cr_expect_eq(error->code, (int)code, "%s", error->message);
    cr_expect_eq(bm_schema_set_size(set), before);
    g_error_free(error);
}

Test(limits, names_are_short_and_utf8)
{
    g_autofree char *longest = g_strnfill(BM_LIMIT_NAME, 'n');
    g_autofree char *too_long = g_strnfill(BM_LIMIT_NAME + 1, 'n');
    BmField typed = UNSIGNED("f", 4);

    cr_expect_not_null(try_schema(set, longest, UNSIGNED(longest, 4), NULL));
    cr_expect_null(try_schema(set, too_long, UNSIGNED("f", 4), NULL));
    refused(UNSIGNED(too_long, 4), BM_LIMIT);
    refused(UNSIGNED("\xff", 4), BM_BAD_VALUE);
    typed.type = too_long;
    refused(typed, BM_LIMIT);
}

Test(limits, counts_have_an_end)
{
    BmField late = UNSIGNED("f", 4);

    cr_expect_not_null(try_schema(set, "s", ARRAY("f", BM_KIND_BUFFER, 1, BM_LIMIT_COUNT), NULL));
    refused(ARRAY("f", BM_KIND_BUFFER, 1, BM_LIMIT_COUNT + 1), BM_LIMIT);
    late.first = UINT32_MAX;
    refused(late, BM_LIMIT);
}

Test(limits, widths_and_counts_fit_their_kind)
{
    const BmSchema *inner = SCHEMA(set, "inner", UNSIGNED("a", 4));
    BmField f = STRUCT("f", inner);

    refused(ARRAY("f", BM_KIND_UNSIGNED, 0, 1), BM_BAD_VALUE);
    refused(ARRAY("f", BM_KIND_SIGNED, 9, 1), BM_BAD_VALUE);
    refused(ARRAY("f", BM_KIND_BOOLEAN, 4, 1), BM_BAD_VALUE);
    refused(ARRAY("f", BM_KIND_POINTER, 8, 2), BM_BAD_VALUE);
    refused(ARRAY("f", BM_KIND_FLOAT, 0, 1), BM_BAD_VALUE);
    refused(ARRAY("f", BM_KIND_UNSIGNED, 4, 0), BM_BAD_VALUE);
    refused(ARRAY("f", BM_KIND_STRING, 0, 2), BM_BAD_VALUE);
    refused(ARRAY("f", BM_KIND_STRUCT, 0, 1), BM_BAD_VALUE);
    refused(ARRAY("f", (BmKind)BM_KINDS, 1, 1), BM_BAD_VALUE);
    f.width = 4;
    refused(f, BM_BAD_VALUE);
    f.kind = BM_KIND_UNSIGNED;
    refused(f, BM_BAD_VALUE);
}

Test(limits, schemas_of_another_set_are_refused)
{
    BmSchemaSet *other = bm_schema_set_new();
    const BmSchema *stranger = SCHEMA(other, "stranger", UNSIGNED("a", 4));
    BmSchemaBuilder *b = bm_schema_builder_new("s", 1);
    GError *error = NULL;

    refused(STRUCT("f", stranger), BM_UNKNOWN);
    SCHEMA(set, "s", UNSIGNED("a", 4));
    refused(STRUCT("f", stranger), BM_UNKNOWN);
    bm_schema_builder_subsection(b, stranger);
    cr_expect_null(bm_schema_set_intern(set, b, &error));
    cr_expect_eq(error->code, BM_UNKNOWN);
    g_error_free(error);
    bm_schema_set_free(other);
}

static const BmSchema *with_fields(uint32_t n, GError **error)
{
    BmSchemaBuilder *b = bm_schema_builder_new("s", 1);
    BmField f = UNSIGNED("f", 4);

    for (uint32_t i = 0; i < n; i++) {
        bm_schema_builder_field(b, &f);
    }
    return bm_schema_set_intern(set, b, error);
}

Test(limits, fields_have_an_end)
{
    GError *error = NULL;

    cr_expect_not_null(with_fields(BM_LIMIT_FIELDS, NULL));
    cr_expect_null(with_fields(BM_LIMIT_FIELDS + 1, &error));
    cr_expect_eq(error->code, BM_LIMIT);
    g_error_free(error);
}

Test(limits, schemas_have_an_end)
{
    GError *error = NULL;

    for (uint32_t i = 0; i < BM_LIMIT_SCHEMAS; i++) {
        BmSchemaBuilder *b = bm_schema_builder_new("s", i);

        cr_assert_not_null(bm_schema_set_intern(set, b, NULL));
    }
    cr_expect_null(bm_schema_set_intern(set, bm_schema_builder_new("t", 0), &error));
    cr_expect_eq(error->code, BM_LIMIT);
    cr_expect_not_null(bm_schema_set_intern(set, bm_schema_builder_new("s", 0), NULL));
    g_error_free(error);
}

typedef const BmSchema *(*Wrap)(const BmSchema *inner, GError **error);

static const BmSchema *wrap_struct(const BmSchema *inner, GError **error)
{
    return try_schema(set, "s", STRUCT("x", inner), error);
}

static const BmSchema *wrap_list(const BmSchema *inner, GError **error)
{
    return try_schema(set, "s", LIST("x", inner), error);
}

static const BmSchema *wrap_subsection(const BmSchema *inner, GError **error)
{
    BmSchemaBuilder *b = bm_schema_builder_new("s", 1);

    bm_schema_builder_subsection(b, inner);
    return bm_schema_set_intern(set, b, error);
}

/* What is accepted can be walked and written. */
static void walks(const BmSchema *schema)
{
    BmVisitor *in = counting_in(0), *out;
    GError *error = NULL;
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    out = bm_visitor_ber_out(&w);
    cr_expect(bm_walk(schema, in, out, NULL, &error), "%s", error ? error->message : "");
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_writer_clear(&w);
}

static unsigned levels(Wrap wrap)
{
    const BmSchema *s = SCHEMA(set, "leaf", UNSIGNED("a", 4)), *deepest = s;
    GError *error = NULL;
    unsigned n = 1;

    while ((s = wrap(deepest, &error))) {
        deepest = s;
        n++;
    }
    cr_expect_eq(error->code, BM_LIMIT);
    walks(deepest);
    g_error_free(error);
    return n;
}

Test(limits, nesting_has_an_end)
{
    cr_expect_eq(levels(wrap_struct), BM_LIMIT_DEPTH);
    cr_expect_eq(levels(wrap_list), (BM_LIMIT_DEPTH + 1) / 2);
    cr_expect_eq(levels(wrap_subsection), (BM_LIMIT_DEPTH + 1) / 2);
}

/* 65536 structs, of 65536 structs, of nothing: a few octets that describe more
 * than can ever be sent. */
Test(limits, values_altogether_have_an_end)
{
    const BmSchema *s = bm_schema_set_intern(set, bm_schema_builder_new("empty", 1), NULL);

    s = SCHEMA(set, "some", STRUCTS("x", 65536, s));
    refused(STRUCTS("x", 65536, s), BM_LIMIT);
}
