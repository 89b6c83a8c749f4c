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

TestSuite(schemas, .init = setup, .fini = teardown);

Test(schemas, equal_content_is_one_object)
{
    const BmSchema *inner = SCHEMA(set, "inner", UNSIGNED("a", 4));
    const BmSchema *one = SCHEMA_WITH(set, "s", inner, STRUCT("x", inner), LIST("l", inner, inner));
    const BmSchema *two = SCHEMA_WITH(set, "s", inner, STRUCT("x", inner), LIST("l", inner, inner));

    cr_expect_eq(one, two);
    cr_expect_eq(bm_schema_set_size(set), 2);
    cr_expect_eq(bm_schema_set_get(set, 1), one);
    cr_expect_null(bm_schema_set_get(set, 2));
}

Test(schemas, each_difference_makes_another)
{
    const BmSchema *inner = SCHEMA(set, "inner", UNSIGNED("a", 4));
    BmField f = ARRAY("f", BM_KIND_UNSIGNED, 4, 2);
    GHashTable *seen = g_hash_table_new(NULL, NULL);
    uint32_t *numbers[] = {&f.width, &f.count, &f.first};

    g_hash_table_add(seen, (gpointer)try_schema(set, "s", f, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        *numbers[i] += 1;
        cr_expect(g_hash_table_add(seen, (gpointer)try_schema(set, "s", f, NULL)));
    }
    f.form = BM_FORM_REPEATED;
    cr_expect(g_hash_table_add(seen, (gpointer)try_schema(set, "s", f, NULL)));
    f.kind = BM_KIND_SIGNED;
    cr_expect(g_hash_table_add(seen, (gpointer)try_schema(set, "s", f, NULL)));
    f.name = "g";
    cr_expect(g_hash_table_add(seen, (gpointer)try_schema(set, "s", f, NULL)));
    f.type = "odd";
    cr_expect(g_hash_table_add(seen, (gpointer)try_schema(set, "s", f, NULL)));
    cr_expect(g_hash_table_add(seen, (gpointer)try_schema(set, "t", f, NULL)));
    cr_expect(g_hash_table_add(seen, (gpointer)sample_schema(set, "t", &f, 1, inner)));
    cr_expect_eq(bm_schema_set_size(set), g_hash_table_size(seen) + 1);
    g_hash_table_destroy(seen);
}

Test(schemas, default_type_is_no_difference)
{
    BmField plain = UNSIGNED("f", 4), typed = plain;

    typed.type = "uint32";
    cr_expect_eq(try_schema(set, "s", plain, NULL), try_schema(set, "s", typed, NULL));
    cr_expect_null(bm_schema_set_get(set, 0)->fields[0].type);
    typed.type = "timer";
    cr_expect_str_eq(bm_field_type(&try_schema(set, "s", typed, NULL)->fields[0]), "timer");
}

Test(schemas, nothing_of_the_caller_is_kept)
{
    char name[] = "name", field[] = "field", type[] = "type";
    BmField f = OPAQUE(field, 3);
    const BmSchema *schema;

    f.type = type;
    schema = try_schema(set, name, f, NULL);
    name[0] = field[0] = type[0] = '?';
    cr_expect_str_eq(schema->name, "name");
    cr_expect_str_eq(schema->fields[0].name, "field");
    cr_expect_str_eq(schema->fields[0].type, "type");
}

Test(schemas, last_field_can_be_extended)
{
    BmSchemaBuilder *b = bm_schema_builder_new("s", 1);
    BmField f = UNSIGNED("f", 2);
    const BmSchema *schema;

    cr_expect_null(bm_schema_builder_last(b));
    bm_schema_builder_field(b, &f);
    bm_schema_builder_last(b)->count++;
    schema = bm_schema_set_intern(set, b, NULL);
    cr_expect_eq(schema->fields[0].count, 2);
    cr_expect(bm_field_is_packed(&schema->fields[0]));
}

Test(schemas, children_have_lower_numbers)
{
    const BmSchema *inner = SCHEMA(set, "inner", UNSIGNED("a", 4));
    const BmSchema *outer = SCHEMA(set, "outer", STRUCT("x", inner));

    cr_expect_eq(inner->number, 0);
    cr_expect_eq(outer->number, 1);
    cr_expect_eq(outer->fields[0].elements[0], inner);
}

Test(schemas, empty_ones_are_fine)
{
    BmSchemaBuilder *b = bm_schema_builder_new("", 0);
    const BmSchema *schema = bm_schema_set_intern(set, b, NULL);
    uint64_t size;

    cr_expect(bm_schema_size(schema, &size));
    cr_expect_eq(size, 0);
    bm_schema_builder_free(bm_schema_builder_new("dropped", 1));
    bm_schema_builder_free(NULL);
    bm_schema_set_free(NULL);
}
