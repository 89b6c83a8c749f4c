/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "samples.h"

static BmSchemaSet *set;

static void setup(void)
{
    set = bm_schema_set_new();
}

static void teardown(void)
{
    bm_schema_set_free(set);
}

TestSuite(sizes, .init = setup, .fini = teardown);

static uint64_t size_of(const BmSchema *schema)
{
    uint64_t size = 0;

    cr_assert(bm_schema_size(schema, &size));
    return size;
}

Test(sizes, fields_add_up)
{
    const BmSchema *pair = SCHEMA(set, "pair", UNSIGNED("a", 2), BUFFER("b", 6));

    cr_expect_eq(size_of(pair), 8);
    cr_expect_eq(size_of(SCHEMA(set, "s", STRUCTS("p", 16, pair), SIGNED("t", 8))), 136);
    cr_expect_eq(size_of(SCHEMA(set, "a", ARRAY("b", BM_KIND_BUFFER, 6, 3))), 18);
}

Test(sizes, lists_have_marks)
{
    const BmSchema *one = SCHEMA(set, "one", UNSIGNED("a", 1));
    const BmSchema *two = SCHEMA(set, "two", UNSIGNED("a", 2));

    cr_expect_eq(size_of(SCHEMA(set, "s", LIST("l", one, two))), 1 + (1 + 1) + (1 + 2));
    cr_expect_eq(size_of(SCHEMA(set, "e", ARRAY("l", BM_KIND_LIST, 0, 1))), 1);
}

Test(sizes, subsections_have_headers)
{
    const BmSchema *sub = SCHEMA(set, "s/sub", UNSIGNED("a", 4));
    uint64_t size;

    cr_assert(bm_subsection_size(sub, &size));
    cr_expect_eq(size, 1 + 1 + 5 + 4 + 4);
    cr_expect_eq(size_of(SCHEMA_WITH(set, "s", sub, UNSIGNED("b", 2))), 17);
}

Test(sizes, overflow_is_told)
{
    const BmSchema *s = SCHEMA(set, "s0", ARRAY("a", BM_KIND_OPAQUE, BM_LIMIT_RECORD, 1 << 24));
    uint64_t size = 5;

    for (int i = 0; i < 3; i++) {
        g_autofree char *name = g_strdup_printf("s%d", i + 1);

        s = SCHEMA(set, name, STRUCTS("x", 256, s));
    }
    cr_expect_not(bm_schema_size(s, &size));
    cr_expect_not(bm_subsection_size(s, &size));
    cr_expect_not(bm_field_element_size(&STRUCT("x", s), &size));
    cr_expect_not(bm_field_element_size(&LIST("x", s), &size));
    cr_expect_eq(size, 5);
}

Test(sizes, leaves_count_per_element_of_structs)
{
    const BmSchema *pair = SCHEMA(set, "pair", UNSIGNED("a", 2), OPAQUE("b", 6));
    const BmSchema *sub = SCHEMA(set, "s/sub", STRUCT("p", pair), BOOLEAN("c"));
    const BmSchema *s =
        SCHEMA_WITH(set, "s", sub, STRUCTS("p", 3, pair), ARRAY("x", BM_KIND_SIGNED, 4, 100),
                    ARRAY("q", BM_KIND_POINTER, 1, 7), LIST("l", pair, sub));
    uint64_t leaves, opaque;

    bm_schema_count_leaves(s, &leaves, &opaque);
    cr_expect_eq(leaves, 6 + 1 + 1 + (2 + 3) + 3);
    cr_expect_eq(opaque, 3 + 2 + 1);
}

Test(sizes, default_types_are_those_of_the_width)
{
    static const struct {
        BmKind kind;
        uint32_t width;
        const char *type;
    } rows[] = {
        {BM_KIND_BOOLEAN, 1, "bool"},    {BM_KIND_UNSIGNED, 1, "uint8"},
        {BM_KIND_UNSIGNED, 2, "uint16"}, {BM_KIND_UNSIGNED, 4, "uint32"},
        {BM_KIND_UNSIGNED, 8, "uint64"}, {BM_KIND_UNSIGNED, 3, "uint"},
        {BM_KIND_SIGNED, 1, "int8"},     {BM_KIND_SIGNED, 2, "int16"},
        {BM_KIND_SIGNED, 4, "int32"},    {BM_KIND_SIGNED, 8, "int64"},
        {BM_KIND_SIGNED, 5, "int"},      {BM_KIND_FLOAT, 4, "float32"},
        {BM_KIND_FLOAT, 8, "float64"},   {BM_KIND_FLOAT, 10, "float80"},
        {BM_KIND_FLOAT, 16, "float"},    {BM_KIND_BUFFER, 9, "buffer"},
        {BM_KIND_STRING, 0, "string"},   {BM_KIND_POINTER, 1, "nullptr"},
        {BM_KIND_STRUCT, 0, "struct"},   {BM_KIND_LIST, 0, "qtailq"},
        {BM_KIND_OPAQUE, 9, "opaque"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        cr_expect_str_eq(bm_field_type(&ARRAY("f", rows[i].kind, rows[i].width, 1)), rows[i].type);
    }
}

Test(sizes, arrays_of_scalars_are_packed_and_those_of_structs_are_groups)
{
    for (int kind = 0; kind < BM_KINDS; kind++) {
        BmField one = ARRAY("f", (BmKind)kind, 1, 1), many = one, whole = one;
        gboolean group = kind == BM_KIND_STRUCT || kind == BM_KIND_POINTER || kind == BM_KIND_LIST;

        many.count = 2;
        whole.form = BM_FORM_WHOLE;
        cr_expect_not(bm_field_is_packed(&one));
        cr_expect_eq(bm_field_is_packed(&many), !group && kind != BM_KIND_STRING);
        cr_expect_eq(bm_field_is_packed(&whole), !group && kind != BM_KIND_STRING);
        cr_expect_eq(bm_field_is_group(&one), kind == BM_KIND_LIST);
        cr_expect_eq(bm_field_is_group(&many), group);
    }
}
