/* SPDX-License-Identifier: BSD-2-Clause */
/* Which hooks are called, in which order, and what their failures do. */
#include <criterion/criterion.h>
#include <string.h>

#include "passage-of-tables.h"

typedef struct Inner {
    uint8_t id;
} Inner;

typedef struct Outer {
    uint8_t id;
    Inner inner;
    Inner two[2];
    uint8_t n;
    bool needed;
} Outer;

static GString *text;
static GError *error;
static const char *failing; /* the call that fails, as it is written down */

static void setup(void)
{
    text = g_string_new(NULL);
    failing = NULL;
}

static void teardown(void)
{
    g_clear_error(&error);
    g_string_free(text, TRUE);
}

TestSuite(hooks, .init = setup, .fini = teardown);

static gboolean note(const char *what, const void *object)
{
    g_autofree char *call = g_strdup_printf("%s%u", what, *(const uint8_t *)object);

    g_string_append_printf(text, "%s ", call);
    return g_strcmp0(call, failing) != 0;
}

static gboolean fail(GError **e, gboolean ok)
{
    return ok || bm_error_set(e, BM_REFUSED, BM_NO_OFFSET, NULL, "the hook says no");
}

static gboolean pre_save(void *object, GError **e)
{
    return fail(e, note("pre-save", object));
}

static gboolean post_save(void *object, GError **e)
{
    return fail(e, note("post-save", object));
}

static gboolean pre_load(void *object, GError **e)
{
    return fail(e, note("pre-load", object));
}

static gboolean post_load(void *object, uint32_t version, GError **e)
{
    g_string_append_printf(text, "v%u:", version);
    return fail(e, note("post-load", object));
}

#define HOOKS                                                                                      \
    .pre_save = pre_save, .post_save = post_save, .pre_load = pre_load, .post_load = post_load

static const BmTableField inner_fields[] = {BM_FIELD_U8(Inner, id), BM_FIELD_END};
static const BmTable inner_table = {
    .name = "inner", .version = 4, .fields = inner_fields, .size = sizeof(Inner), HOOKS};

static gboolean is_needed(const void *object)
{
    return ((const Outer *)object)->needed;
}

static const BmTableField sub_fields[] = {BM_FIELD_U8(Outer, n), BM_FIELD_END};
static const BmTable sub_table = {.name = "outer/sub",
                                  .version = 2,
                                  .fields = sub_fields,
                                  .size = sizeof(Outer),
                                  .needed = is_needed,
                                  HOOKS};

static const BmTableField outer_fields[] = {
    BM_FIELD_U8(Outer, id),
    BM_FIELD_STRUCT(Outer, inner, inner_table, Inner),
    BM_FIELD_STRUCT_ARRAY(Outer, two, 2, inner_table, Inner),
    BM_FIELD_END,
};
static const BmTable outer_table = {.name = "outer",
                                    .version = 3,
                                    .fields = outer_fields,
                                    .subsections = (const BmTable *const[]){&sub_table, NULL},
                                    .size = sizeof(Outer),
                                    HOOKS};

static Outer sample(void)
{
    return (Outer){.id = 1, .inner = {2}, .two = {{3}, {4}}, .n = 5, .needed = true};
}

static const char saved_calls[] = "pre-save1 pre-save2 pre-save3 pre-save4 pre-save1 "
                                  "post-save2 post-save3 post-save4 post-save1 post-save1 ";

Test(hooks, come_in_order)
{
    static const char plain[] = "pre-load0 pre-load0 v4:post-load2 pre-load0 v4:post-load3 "
                                "pre-load0 v4:post-load4 pre-load1 v2:post-load1 v3:post-load1 ";

    for (Form form = FORM_BER; form < FORMS; form++) {
        Outer outer = sample(), other = {0};
        Saved saved;

        cr_assert(save(&outer_table, &outer, form, &saved, &error), "%s", SAYS(error));
        cr_expect_str_eq(text->str, saved_calls);
        g_string_truncate(text, 0);
        cr_assert(load(&outer_table, &other, form, &saved, NULL, &error), "%s", SAYS(error));
        cr_expect_str_eq(text->str, plain);
        g_string_truncate(text, 0);
        saved_clear(&saved);
    }
}

/* Those that were prepared are taken back, and no others. */
Test(hooks, a_failing_pre_save_ends_it)
{
    Outer outer = sample();
    Saved saved;

    failing = "pre-save3";
    cr_assert_not(save(&outer_table, &outer, FORM_BER, &saved, &error));
    cr_expect_str_eq(text->str, "pre-save1 pre-save2 pre-save3 post-save2 post-save1 ");
    cr_expect_str_eq(error->message, "the hook says no");
    cr_expect_str_eq(bm_error_path(error), "outer");
}

Test(hooks, post_save_comes_after_a_failure)
{
    Outer outer = sample();
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = bm_table_prepare(&outer_table, &outer, set, &error);
    BmVisitor *null = bm_visitor_null();

    cr_assert(schema, "%s", SAYS(error));
    outer.needed = true;
    cr_expect(bm_table_save_prepared(&outer_table, &outer, schema, null, &error));
    cr_expect_str_eq(text->str, saved_calls);
    g_string_truncate(text, 0);

    schema = bm_table_describe(&sub_table, &outer, set, &error);
    cr_expect_not(bm_table_save_prepared(&outer_table, &outer, schema, null, &error));
    cr_expect(strstr(text->str, "post-save1"));
    bm_visitor_free(null);
    bm_schema_set_free(set);
}

/* All others still run, and no error takes the place of an earlier one. */
Test(hooks, a_failing_post_save_is_an_error)
{
    Outer outer = sample();
    BmSchemaSet *set = bm_schema_set_new();
    BmVisitor *null = bm_visitor_null();
    const BmSchema *sub = bm_table_describe(&sub_table, &outer, set, &error);
    Saved saved;

    failing = "post-save3";
    cr_assert_not(save(&outer_table, &outer, FORM_BER, &saved, &error));
    cr_expect_str_eq(text->str, saved_calls);
    cr_expect_str_eq(error->message, "the hook says no");
    cr_expect_str_eq(bm_error_path(error), "outer");
    g_clear_error(&error);
    cr_assert_not(save(&outer_table, &outer, FORM_BER, &saved, NULL));
    failing = "post-save1";
    cr_assert_not(bm_table_save_prepared(&outer_table, &outer, sub, null, &error));
    cr_expect_str_eq(error->message, "the object is not as its description says");
    bm_visitor_free(null);
    bm_schema_set_free(set);
}

Test(hooks, what_was_prepared_can_be_given_up)
{
    Outer outer = sample();
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = bm_table_prepare(&outer_table, &outer, set, &error);

    cr_expect(bm_table_save_prepared(&outer_table, &outer, schema, NULL, &error));
    cr_expect_str_eq(text->str, saved_calls);
    bm_schema_set_free(set);
}

static void check_load(const char *fails, const char *path, const char *last)
{
    Outer outer = sample(), other = {0};
    Saved saved;

    failing = NULL;
    cr_assert(save(&outer_table, &outer, FORM_BER, &saved, &error), "%s", SAYS(error));
    failing = fails;
    g_string_truncate(text, 0);
    cr_assert_not(load(&outer_table, &other, FORM_BER, &saved, NULL, &error));
    cr_expect(g_str_has_suffix(text->str, last), "%s", text->str);
    cr_expect_str_eq(bm_error_path(error), path);
    saved_clear(&saved);
    g_clear_error(&error);
}

/* What encloses the failing one is not said to be loaded. */
Test(hooks, failing_loads_say_where)
{
    check_load("post-load3", "outer.two(2)(1).[0]", "v4:post-load3 ");
    check_load("post-load2", "outer.inner", "v4:post-load2 ");
    check_load("pre-load0", "outer", "pre-load0 ");
    check_load("pre-load1", "outer.sub", "pre-load1 ");
}

/* ---- temporaries ---- */

typedef struct Temp {
    Outer *outer;
    uint8_t n;
    uint32_t *array; /* n */
} Temp;

static gboolean fill_temp(void *object, GError **e)
{
    Temp *temp = object;

    (void)e;
    temp->n = temp->outer->id;
    temp->array = g_new0(uint32_t, temp->n);
    return TRUE;
}

static gboolean empty_temp(void *object, GError **e)
{
    g_free(((Temp *)object)->array);
    return fail(e, g_strcmp0(failing, "empty-temp") != 0);
}

static gboolean use_temp(void *object, uint32_t version, GError **e)
{
    Temp *temp = object;

    (void)version;
    temp->outer->id = temp->n;
    return fail(e, note("post-load", temp->outer));
}

static const BmTableField temp_fields[] = {
    BM_FIELD_U8(Temp, n),
    BM_FIELD_ALLOCATED(Temp, array, BM_TYPE_U32, uint32_t, n, 9),
    BM_FIELD_END,
};
static const BmTable temp_table = {.name = "temp",
                                   .version = 1,
                                   .fields = temp_fields,
                                   .size = sizeof(Temp),
                                   .pre_save = fill_temp,
                                   .post_save = empty_temp,
                                   .post_load = use_temp};
static const BmTableField with_temp_fields[] = {
    {.name = "tmp", .type = BM_TYPE_TEMP, .table = &temp_table},
    BM_FIELD_END,
};
static const BmTable with_temp_table = {
    .name = "with", .version = 1, .fields = with_temp_fields, .size = sizeof(Outer)};

/* Nothing of it is left behind, whatever happens. */
Test(hooks, temporaries_come_and_go)
{
    for (Form form = FORM_BER; form < FORMS; form++) {
        Outer outer = {.id = 3}, other = {0};
        Saved saved;

        cr_assert(save(&with_temp_table, &outer, form, &saved, &error), "%s", SAYS(error));
        cr_expect_eq(saved.schema->fields[0].elements[0]->fields[1].count, 3);
        cr_expect_str_eq(bm_field_type(&saved.schema->fields[0]), "tmp");
        failing = NULL;
        cr_expect(load(&with_temp_table, &other, form, &saved, NULL, &error), "%s", SAYS(error));
        cr_expect_eq(other.id, 3);
        failing = "post-load3";
        cr_expect_not(load(&with_temp_table, &other, form, &saved, NULL, &error));
        g_clear_error(&error);
        g_byte_array_set_size(saved.octets, saved.octets->len - 1);
        cr_expect_not(load(&with_temp_table, &other, form, &saved, NULL, &error));
        g_clear_error(&error);
        saved_clear(&saved);
    }
}

Test(hooks, a_temporary_that_cannot_be_put_away_is_an_error)
{
    Outer outer = {.id = 3};
    Saved saved;

    failing = "empty-temp";
    cr_assert_not(save(&with_temp_table, &outer, FORM_BER, &saved, &error));
    cr_expect_str_eq(error->message, "the hook says no");
    cr_expect_str_eq(bm_error_path(error), "with.tmp");
}

/* ---- not sent ---- */

Test(hooks, what_is_not_sent_says_why)
{
    BmTable table = outer_table;
    Outer outer = sample();
    Saved saved;

    table.why_not = "it lives on the host";
    cr_assert_not(save(&table, &outer, FORM_BER, &saved, &error));
    cr_expect_eq(error->code, BM_REFUSED);
    cr_expect_str_eq(error->message, "outer is not sent: it lives on the host");
    cr_expect_str_eq(text->str, "");
}
