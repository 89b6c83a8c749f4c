/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device that changed between two versions: what the old one saved the new one
 * loads, and the other way round, or says why not.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "passage-of-tables.h"
#include "state.h"

typedef struct Device {
    uint8_t narrow;
    uint32_t wide;
    int32_t sign;
    uint16_t added;
    uint32_t array[4];
    uint8_t octets[4];
    uint8_t more[6];
    bool flag;
    struct {
        uint16_t a, b;
    } inner;
    uint8_t sub;
} Device;

static GError *error;
static BmLoadReport report;

static void setup(void)
{
    bm_load_report_init(&report);
}

static void teardown(void)
{
    g_clear_error(&error);
    bm_load_report_clear(&report);
}

TestSuite(versions, .init = setup, .fini = teardown);

/* ---- from one table to another ---- */

#define TABLE(n, v, ...)                                                                           \
    ((BmTable){.name = (n),                                                                        \
               .version = (v),                                                                     \
               .fields = (const BmTableField[]){__VA_ARGS__, BM_FIELD_END},                        \
               .size = sizeof(Device)})

static gboolean pass(const BmTable *from, Device *sent, const BmTable *to, Device *received)
{
    Saved saved;
    gboolean ok;

    cr_assert(save(from, sent, FORM_BER, &saved, &error), "%s", SAYS(error));
    ok = load(to, received, FORM_BER, &saved, &report, &error);
    saved_clear(&saved);
    return ok;
}

static void passes(const BmTable *from, Device *sent, const BmTable *to, Device *received)
{
    cr_assert(pass(from, sent, to, received), "%s: %s", bm_error_path(error), SAYS(error));
}

static void fails(const BmTable *from, Device *sent, const BmTable *to, BmCode code,
                  const char *path, const char *message)
{
    Device received = {0};

    cr_assert_not(pass(from, sent, to, &received));
    cr_expect_eq(error->code, (int)code, "%d", error->code);
    cr_expect_str_eq(bm_error_path(error), path);
    cr_expect_str_eq(error->message, message);
    g_clear_error(&error);
}

static void reported(GPtrArray *paths, const char *expected)
{
    g_autofree char *is = NULL;

    g_ptr_array_add(paths, NULL);
    is = g_strjoinv(" ", (char **)paths->pdata);
    cr_expect_str_eq(is, expected);
    g_ptr_array_set_size(paths, 0);
}

/* ---- fields come and go ---- */

Test(versions, an_added_field_has_its_default)
{
    static const uint16_t otherwise = 77;
    BmTable old = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmTable new = TABLE("dev", 2, BM_FIELD_U8(Device, narrow),
                        BM_FIELD_U16(Device, added, .otherwise = &otherwise));
    Device sent = {.narrow = 5}, received = {0};

    passes(&old, &sent, &new, &received);
    cr_expect_eq(received.narrow, 5);
    cr_expect_eq(received.added, 77);
    reported(report.defaulted, "dev.added");
    reported(report.skipped, "");
}

Test(versions, a_field_since_a_version_is_not_expected_from_before)
{
    BmTable old = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmTable new =
        TABLE("dev", 2, BM_FIELD_U8(Device, narrow), BM_FIELD_U16(Device, added, .since = 2));
    Device sent = {.narrow = 5}, received = {.added = 9};

    passes(&old, &sent, &new, &received);
    cr_expect_eq(received.added, 9);
    reported(report.defaulted, "");
}

Test(versions, a_missing_field_without_a_default_is_an_error)
{
    BmTable old = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmTable new = TABLE("dev", 1, BM_FIELD_U8(Device, narrow), BM_FIELD_U16(Device, added));
    BmTable renamed = TABLE("dev", 1, ROW_NAMED("slim", Device, narrow, BM_TYPE_U8, uint8_t));
    Device sent = {0};

    fails(&old, &sent, &new, BM_MISMATCH, "dev", "field \"added\" is missing in the stream");
    fails(&old, &sent, &renamed, BM_MISMATCH, "dev", "field \"slim\" is missing in the stream");
}

Test(versions, an_unknown_field_is_passed_over)
{
    BmTable inner = TABLE("inner", 1, BM_FIELD_U8(Device, narrow), BM_FIELD_U16(Device, added));
    BmTable less = TABLE("inner", 1, BM_FIELD_U8(Device, narrow));
    BmTable old =
        TABLE("dev", 1, BM_FIELD_U32_ARRAY(Device, array, 4), BM_FIELD_U8(Device, narrow),
              {.name = "gone", .type = BM_TYPE_STRUCT, .size = sizeof(Device), .table = &inner},
              {.name = "self", .type = BM_TYPE_STRUCT, .size = sizeof(Device), .table = &inner},
              BM_FIELD_BOOL(Device, flag));
    BmTable new =
        TABLE("dev", 1, BM_FIELD_BOOL(Device, flag),
              {.name = "self", .type = BM_TYPE_STRUCT, .size = sizeof(Device), .table = &less});
    Device sent = {.flag = true, .narrow = 3}, received = {0};

    passes(&old, &sent, &new, &received);
    cr_expect(received.flag);
    cr_expect_eq(received.narrow, 3);
    reported(report.skipped, "dev.array(4)(4) dev.narrow dev.gone dev.self.added");
}

Test(versions, the_order_of_fields_is_free)
{
    BmTable old = TABLE("dev", 1, BM_FIELD_U8(Device, narrow), BM_FIELD_U32(Device, wide),
                        BM_FIELD_BOOL(Device, flag));
    BmTable new = TABLE("dev", 1, BM_FIELD_BOOL(Device, flag), BM_FIELD_U32(Device, wide),
                        BM_FIELD_U8(Device, narrow));
    Device sent = {.narrow = 1, .wide = 2, .flag = true}, received = {0};

    passes(&old, &sent, &new, &received);
    cr_expect(received.narrow == 1 && received.wide == 2 && received.flag);
}

/* ---- types ---- */

Test(versions, integers_of_another_width_fit_or_do_not)
{
    BmTable u8 = TABLE("dev", 1, ROW_NAMED("n", Device, narrow, BM_TYPE_U8, uint8_t));
    BmTable u32 = TABLE("dev", 1, ROW_NAMED("n", Device, wide, BM_TYPE_U32, uint32_t));
    BmTable i32 = TABLE("dev", 1, ROW_NAMED("n", Device, sign, BM_TYPE_I32, int32_t));
    Device sent = {.narrow = 255, .wide = 255, .sign = 3}, received = {0};

    passes(&u8, &sent, &u32, &received);
    cr_expect_eq(received.wide, 255);
    passes(&u32, &sent, &u8, &received);
    cr_expect_eq(received.narrow, 255);
    passes(&i32, &sent, &u32, &received);
    cr_expect_eq(received.wide, 3);
    passes(&u32, &sent, &i32, &received);
    cr_expect_eq(received.sign, 255);

    sent = (Device){.wide = 0x80000000, .sign = -1};
    fails(&u32, &sent, &u8, BM_MISMATCH, "dev.n", "2147483648 is not within 0 to 255");
    fails(&u32, &sent, &i32, BM_MISMATCH, "dev.n",
          "2147483648 is not within -2147483648 to 2147483647");
    fails(&i32, &sent, &u32, BM_MISMATCH, "dev.n", "-1 is not within 0 to 4294967295");
}

Test(versions, elements_of_another_width_fit_or_do_not)
{
    BmTable u32 = TABLE("dev", 1,
                        {.name = "a",
                         .type = BM_TYPE_U32,
                         .offset = BM_OFFSET(Device, array, uint32_t[4]),
                         .size = sizeof(uint32_t),
                         .count = 4});
    BmTable u8 = TABLE("dev", 1,
                       {.name = "a",
                        .type = BM_TYPE_U8,
                        .offset = BM_OFFSET(Device, octets, uint8_t[4]),
                        .size = sizeof(uint8_t),
                        .count = 4});
    Device sent = {.array = {1, 2, 3, 255}}, received = {0};

    passes(&u32, &sent, &u8, &received);
    cr_expect_arr_eq(received.octets, "\x01\x02\x03\xff", 4);
    sent.array[2] = 256;
    fails(&u32, &sent, &u8, BM_MISMATCH, "dev.a(4)(4).[2]", "256 is not within 0 to 255");
}

Test(versions, another_kind_is_refused)
{
    BmTable flag = TABLE("dev", 1, ROW_NAMED("n", Device, flag, BM_TYPE_BOOL, bool));
    BmTable number = TABLE("dev", 1, ROW_NAMED("n", Device, narrow, BM_TYPE_U8, uint8_t));
    BmTable buffer = TABLE("dev", 1,
                           {.name = "n",
                            .type = BM_TYPE_BUFFER,
                            .offset = offsetof(Device, octets),
                            .size = sizeof(((Device *)0)->octets)});
    Device sent = {0};

    fails(&flag, &sent, &number, BM_MISMATCH, "dev.n",
          "the stream has bool of 1 octets, this side uint8 of 1");
    fails(&number, &sent, &flag, BM_MISMATCH, "dev.n",
          "the stream has uint8 of 1 octets, this side bool of 1");
    fails(&buffer, &sent, &number, BM_MISMATCH, "dev.n(4)(1)",
          "the stream has buffer of 4 octets, this side uint8 of 1");
}

Test(versions, fixed_sizes_are_the_same)
{
    BmTable four = TABLE("dev", 1,
                         {.name = "a",
                          .type = BM_TYPE_U8,
                          .offset = BM_OFFSET(Device, octets, uint8_t[4]),
                          .size = sizeof(uint8_t),
                          .count = 4});
    BmTable six = TABLE("dev", 1,
                        {.name = "a",
                         .type = BM_TYPE_U8,
                         .offset = BM_OFFSET(Device, more, uint8_t[6]),
                         .size = sizeof(uint8_t),
                         .count = 6});
    BmTable buffer4 = TABLE("dev", 1,
                            {.name = "b",
                             .type = BM_TYPE_BUFFER,
                             .offset = offsetof(Device, octets),
                             .size = sizeof(((Device *)0)->octets)});
    BmTable buffer6 = TABLE("dev", 1,
                            {.name = "b",
                             .type = BM_TYPE_BUFFER,
                             .offset = offsetof(Device, more),
                             .size = sizeof(((Device *)0)->more)});
    Device sent = {0};

    fails(&four, &sent, &six, BM_MISMATCH, "dev.a(4)(1)", "the stream has 4 elements, this side 6");
    fails(&six, &sent, &four, BM_MISMATCH, "dev.a(6)(1)", "the stream has 6 elements, this side 4");
    fails(&buffer6, &sent, &buffer4, BM_MISMATCH, "dev.b(6)(1)",
          "the stream has 6 octets, this side 4");
    fails(&buffer4, &sent, &buffer6, BM_MISMATCH, "dev.b(4)(1)",
          "the stream has 4 octets, this side 6");
}

/* ---- versions ---- */

Test(versions, versions_have_a_range)
{
    BmTable v1 = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmTable v2 = TABLE("dev", 2, BM_FIELD_U8(Device, narrow));
    BmTable v3 = TABLE("dev", 3, BM_FIELD_U8(Device, narrow));
    BmTable outer1 = TABLE("dev", 1, {.name = "in", .type = BM_TYPE_STRUCT, .table = &v1});
    BmTable outer3 = TABLE("dev", 1, {.name = "in", .type = BM_TYPE_STRUCT, .table = &v3});
    Device sent = {0};

    v2.minimum_version = 2;
    fails(&v3, &sent, &v2, BM_BAD_VERSION, "dev", "dev is of version 3, this side knows up to 2");
    fails(&v1, &sent, &v2, BM_BAD_VERSION, "dev",
          "dev is of version 1, this side knows 2 and later ones");
    fails(&outer3, &sent, &outer1, BM_BAD_VERSION, "dev.dev",
          "dev is of version 3, this side knows up to 1");
}

/* ---- subsections ---- */

static const BmTable *const *subsections(const BmTable **room, const BmTable *sub)
{
    room[0] = sub;
    room[1] = NULL;
    return room;
}

Test(versions, unknown_subsections_are_an_error_unless_they_are_droppable)
{
    const BmTable *room[2];
    BmTable sub = TABLE("dev/sub", 1, BM_FIELD_U8(Device, sub), BM_FIELD_U32(Device, wide));
    BmTable more = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmTable less = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    Device sent = {.narrow = 1}, received = {0};

    more.subsections = subsections(room, &sub);
    fails(&more, &sent, &less, BM_UNKNOWN, "dev.sub",
          "subsection dev/sub, 5 octets, fields sub, wide; droppable: no");
    sub.droppable = TRUE;
    passes(&more, &sent, &less, &received);
    reported(report.skipped, "dev.sub");
    cr_expect_eq(received.narrow, 1);
}

Test(versions, of_many_unknown_fields_the_first_are_named)
{
    const BmTable *room[2];
    BmTableField fields[12] = {[11] = BM_FIELD_END};
    BmTable sub = {.name = "dev/sub", .version = 1, .fields = fields, .size = sizeof(Device)};
    BmTable more = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmTable less = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    Device sent = {.narrow = 1};

    for (int i = 0; i < 11; i++) {
        fields[i] = (BmTableField)BM_FIELD_U8(Device, sub);
        fields[i].name = (const char *[]){"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}[i];
    }
    more.subsections = subsections(room, &sub);
    fails(&more, &sent, &less, BM_UNKNOWN, "dev.sub",
          "subsection dev/sub, 11 octets, fields a, b, c, d, e, f, g, h and 3 more; droppable: no");
}

Test(versions, subsections_need_not_be_there)
{
    const BmTable *room[2];
    BmTable sub = TABLE("dev/sub", 1, BM_FIELD_U8(Device, sub));
    BmTable more = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmTable less = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    Device sent = {.narrow = 1}, received = {.sub = 9};

    more.subsections = subsections(room, &sub);
    passes(&less, &sent, &more, &received);
    cr_expect_eq(received.sub, 9);
}

/* QEMU's octets do not say what is in it. */
Test(versions, unknown_subsections_in_plain_octets_have_a_name)
{
    const BmTable *room[2];
    BmTable sub = TABLE("dev/sub", 1, BM_FIELD_U8(Device, sub));
    BmTable more = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmTable less = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    Device sent = {.narrow = 1}, received = {0};
    Saved saved;

    more.subsections = subsections(room, &sub);
    cr_assert(save(&more, &sent, FORM_PLAIN, &saved, NULL));
    cr_assert_not(load(&less, &received, FORM_PLAIN, &saved, NULL, &error));
    cr_expect_str_eq(error->message, "subsection dev/sub; droppable: no");
    cr_expect_str_eq(bm_error_path(error), "dev.sub");
    saved_clear(&saved);
}

/* ---- what is there twice ---- */

Test(versions, fields_that_are_there_twice_are_refused)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmSchemaBuilder *b = bm_schema_builder_new("dev", 1);
    BmField twice = {.name = "narrow", .kind = BM_KIND_UNSIGNED, .width = 1, .count = 1};
    BmTable table = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    GByteArray *octets = g_byte_array_new();
    Device received = {0};
    Saved saved = {.set = set, .octets = octets};

    bm_schema_builder_field(b, &twice);
    bm_schema_builder_field(b, &twice);
    saved.schema = bm_schema_set_intern(set, b, NULL);
    g_byte_array_append(octets, (const uint8_t *)"\x02\x01\x05\x02\x01\x06", 6);
    cr_assert_not(load(&table, &received, FORM_BER, &saved, NULL, &error));
    cr_expect_eq(error->code, BM_DUPLICATE);
    cr_expect_str_eq(bm_error_path(error), "dev.narrow");
    saved_clear(&saved);
}

/* A subsection of one octet. */
static BmState *small_state(const char *name)
{
    BmField narrow = {.name = "narrow", .kind = BM_KIND_UNSIGNED, .width = 1, .count = 1};
    BmStateField *field = bm_state_field_new(&narrow);
    BmState *state = bm_state_new(name, 1);

    bm_state_field_clear(field);
    bm_state_insert(state, -1, field);
    return state;
}

Test(versions, subsections_that_are_there_twice_are_refused)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmTable *room[2];
    BmTable sub = TABLE("dev/sub", 1, BM_FIELD_U8(Device, narrow));
    BmTable table = TABLE("dev", 1, BM_FIELD_U8(Device, narrow));
    BmState *state = small_state("dev");
    const BmSchema *schema;
    BmVisitor *in, *out;
    Device received = {0};

    table.subsections = subsections(room, &sub);
    g_ptr_array_add(state->subsections, small_state("dev/sub"));
    g_ptr_array_add(state->subsections, small_state("dev/sub"));
    schema = bm_state_schema(state, set, &error);
    cr_assert(schema, "%s", SAYS(error));
    in = bm_visitor_state_in(state);
    out = bm_visitor_table_out(&table, &received, 1, NULL);
    cr_assert_not(bm_walk(schema, in, out, "dev", &error));
    cr_expect_eq(error->code, BM_DUPLICATE);
    cr_expect_str_eq(bm_error_path(error), "dev.sub");
    cr_expect_str_eq(error->message, "the subsection is there twice");
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_state_free(state);
    bm_schema_set_free(set);
}

/* Rows of one name, of which each object has one. */
static gboolean is_new(const void *object, uint32_t version)
{
    (void)version;
    return ((const Device *)object)->flag;
}

static gboolean is_old(const void *object, uint32_t version)
{
    return !is_new(object, version);
}

Test(versions, rows_of_one_name_have_numbers)
{
    BmTable table = TABLE(
        "dev", 1, BM_FIELD_BOOL(Device, flag),
        ROW_NAMED("n", Device, narrow, BM_TYPE_U8, uint8_t, .when = is_old), BM_FIELD_UNUSED(1),
        ROW_NAMED("n", Device, wide, BM_TYPE_U32, uint32_t, .when = is_new), BM_FIELD_UNUSED(2));
    Device sent = {.flag = true, .narrow = 1, .wide = 2}, received = {0};
    g_autofree char *listed = list_octets(&table, &sent, FORM_LEGACY);

    cr_expect_str_eq(listed, "{ flag=01 unused[0]=00 n[1]=00000002 unused[1]=0000 }");
    passes(&table, &sent, &table, &received);
    cr_expect_eq(received.wide, 2);
    cr_expect_eq(received.narrow, 0);
}
