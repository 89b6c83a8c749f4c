/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts, sizes, equal ones, checks: what a stream says is compared with them first. */
#include <criterion/criterion.h>
#include <string.h>

#include "box.h"
#include "passage-of-tables.h"

static GError *error;

static void teardown(void)
{
    g_clear_error(&error);
}

TestSuite(limits, .fini = teardown);

/* ---- from a stream ---- */

typedef struct Many {
    uint32_t n;
    int32_t negative;
    uint16_t counted[64];
    uint16_t *allocated;
    uint8_t *buffer;
    char text[64];
    uint8_t equal;
    int32_t at_most;
    double f;
    unsigned long *map;
    GQueue *queue;
    TAILQ_HEAD(, Item) tailq;
    bool ok;
} Many;

#define TABLE(v, ...)                                                                              \
    ((BmTable){.name = "dev",                                                                      \
               .version = (v),                                                                     \
               .fields = (const BmTableField[]){__VA_ARGS__, BM_FIELD_END},                        \
               .size = sizeof(Many)})

/* Saved with one table, loaded with another, in each form that has a chance. */
static void refused(const BmTable *from, Many *sent, const BmTable *to, Many *received, Form form,
                    BmCode code, const char *path, const char *message)
{
    Saved saved;

    cr_assert(save(from, sent, form, &saved, &error), "%s", SAYS(error));
    cr_assert_not(load(to, received, form, &saved, NULL, &error), "%s", message);
    cr_expect_eq(error->code, (int)code, "%d: %s", error->code, error->message);
    cr_expect_str_eq(bm_error_path(error), path);
    cr_expect_str_eq(error->message, message);
    g_clear_error(&error);
    saved_clear(&saved);
}

Test(limits, counts_are_compared_before_memory_is_taken)
{
    uint16_t values[64] = {0};
    BmTable large = TABLE(1, BM_FIELD_U32(Many, n),
                          BM_FIELD_POINTED(Many, allocated, BM_TYPE_U16, uint16_t, n, 64));
    BmTable small = TABLE(1, BM_FIELD_U32(Many, n),
                          BM_FIELD_ALLOCATED(Many, allocated, BM_TYPE_U16, uint16_t, n, 4));
    Many sent = {.n = 5, .allocated = values}, received = {0};

    for (Form form = FORM_BER; form <= FORM_LEGACY; form++) {
        refused(&large, &sent, &small, &received, form, BM_LIMIT, "dev.allocated(5)(2)",
                "its counter is 5, more than the maximum of 4");
        cr_expect_null(received.allocated);
    }
    refused(&large, &sent, &small, &received, FORM_PLAIN, BM_LIMIT, "dev.allocated",
            "its counter is 5, more than the maximum of 4");
    cr_expect_null(received.allocated);
}

Test(limits, counters_and_counts_agree)
{
    BmTable from = TABLE(1, ROW_NAMED("m", Many, n, BM_TYPE_U32, uint32_t),
                         BM_FIELD_POINTED(Many, allocated, BM_TYPE_U16, uint16_t, n, 64));
    BmTable to = TABLE(1, BM_FIELD_U32(Many, n),
                       BM_FIELD_ALLOCATED(Many, allocated, BM_TYPE_U16, uint16_t, n, 8));
    static const uint32_t three = 3;
    BmTable otherwise = TABLE(1, BM_FIELD_U32(Many, n, .otherwise = &three),
                              BM_FIELD_ALLOCATED(Many, allocated, BM_TYPE_U16, uint16_t, n, 8));
    uint16_t values[64] = {0};
    Many sent = {.n = 5, .allocated = values}, received = {.n = 4};

    refused(&from, &sent, &to, &received, FORM_BER, BM_MISMATCH, "dev.allocated(5)(2)",
            "5 elements, and its counter says 4");
    sent.n = 9;
    refused(&from, &sent, &to, &received, FORM_BER, BM_LIMIT, "dev.allocated(9)(2)",
            "9 elements, more than the maximum of 8");
    sent.n = 0;
    received.n = 4;
    refused(&from, &sent, &to, &received, FORM_BER, BM_MISMATCH, "dev",
            "field \"n\" is missing in the stream");
    refused(&from, &sent, &otherwise, &received, FORM_BER, BM_MISMATCH, "dev",
            "field \"allocated\" is missing in the stream");
}

/* Or an array could come to be longer than its memory. */
Test(limits, counters_do_not_change_what_was_loaded)
{
    static const uint32_t five = 5;
    uint16_t values[64] = {0};
    BmTable from = TABLE(1, BM_FIELD_POINTED(Many, allocated, BM_TYPE_U16, uint16_t, n, 64),
                         BM_FIELD_U32(Many, n));
    BmTable to = TABLE(1, BM_FIELD_U32(Many, n),
                       BM_FIELD_ALLOCATED(Many, allocated, BM_TYPE_U16, uint16_t, n, 8));
    BmTable otherwise = TABLE(1, BM_FIELD_U32(Many, n, .otherwise = &five),
                              BM_FIELD_ALLOCATED(Many, allocated, BM_TYPE_U16, uint16_t, n, 8));
    BmTable array = TABLE(1, BM_FIELD_POINTED(Many, allocated, BM_TYPE_U16, uint16_t, n, 64));
    Many sent = {.n = 5, .allocated = values}, received = {.n = 5};
    Saved saved;

    refused(&from, &sent, &to, &received, FORM_BER, BM_BAD_ORDER, "dev.n",
            "it counts elements that came before it");
    /* A default is there in time. */
    received.n = 7;
    cr_assert(save(&array, &sent, FORM_BER, &saved, NULL));
    cr_expect(load(&otherwise, &received, FORM_BER, &saved, NULL, &error), "%s", SAYS(error));
    cr_expect_eq(received.n, 5);
    saved_clear(&saved);
    bm_table_clear(&to, &received);
}

Test(limits, sizes_have_a_maximum)
{
    static const uint32_t four = 4;
    uint8_t octets[64] = {0};
    unsigned long bits[4] = {0};
    BmTable from = TABLE(1, BM_FIELD_U32(Many, n),
                         {.name = "b",
                          .type = BM_TYPE_BUFFER,
                          .shape = BM_SHAPE_POINTER,
                          .offset = offsetof(Many, buffer),
                          .size = 1,
                          .count = 64,
                          .counter = BM_COUNTER(Many, n)});
    BmTable to = TABLE(1, ROW_NAMED("other", Many, n, BM_TYPE_U32, uint32_t, .otherwise = &four),
                       {.name = "b",
                        .type = BM_TYPE_BUFFER,
                        .shape = BM_SHAPE_ALLOCATED,
                        .offset = offsetof(Many, buffer),
                        .size = 1,
                        .count = 8,
                        .counter = BM_COUNTER(Many, n)});
    BmTable maps = TABLE(1, BM_FIELD_U32(Many, n),
                         {.name = "b",
                          .type = BM_TYPE_BITMAP,
                          .shape = BM_SHAPE_POINTER,
                          .offset = offsetof(Many, map),
                          .size = 1,
                          .count = 256,
                          .counter = BM_COUNTER(Many, n)});
    BmTable map = TABLE(1, ROW_NAMED("other", Many, n, BM_TYPE_U32, uint32_t, .otherwise = &four),
                        {.name = "b",
                         .type = BM_TYPE_BITMAP,
                         .shape = BM_SHAPE_ALLOCATED,
                         .offset = offsetof(Many, map),
                         .size = 1,
                         .count = 70,
                         .counter = BM_COUNTER(Many, n)});
    Many sent = {.n = 9, .buffer = octets, .map = bits}, received = {.n = 4};

    refused(&from, &sent, &to, &received, FORM_BER, BM_LIMIT, "dev.b(9)(1)",
            "9 octets, more than the maximum of 8");
    sent.n = 7;
    refused(&from, &sent, &to, &received, FORM_BER, BM_MISMATCH, "dev.b(7)(1)",
            "the stream has 7 octets, this side 4");
    sent.n = 200;
    refused(&maps, &sent, &map, &received, FORM_BER, BM_LIMIT, "dev.b(4)(8)",
            "192 bits, more than the maximum of 70");
    sent.n = 100;
    refused(&maps, &sent, &map, &received, FORM_BER, BM_MISMATCH, "dev.b(2)(8)",
            "the stream has 2 words of bits, this side 1");
    bm_table_clear(&to, &received);
    bm_table_clear(&map, &received);
}

/* A counter of words is told how many words there may be. */
Test(limits, counters_that_are_multiplied_have_a_maximum)
{
    uint8_t octets[64] = {0};
    BmTableField row = {.name = "b",
                        .type = BM_TYPE_BUFFER,
                        .shape = BM_SHAPE_POINTER,
                        .offset = offsetof(Many, buffer),
                        .size = 1,
                        .count = 63,
                        .counter = BM_COUNTER(Many, n)};
    BmTable table;
    Many sent = {.n = 16, .buffer = octets};
    Saved saved;

    row.counter.times = 4;
    table = TABLE(1, BM_FIELD_U32(Many, n), row);
    cr_assert_not(save(&table, &sent, FORM_BER, &saved, &error));
    cr_expect_str_eq(error->message, "its counter is 16, more than the maximum of 15");
    g_clear_error(&error);
    sent.n = UINT32_MAX;
    cr_assert_not(save(&table, &sent, FORM_BER, &saved, &error));
    g_clear_error(&error);
    sent.n = 15;
    cr_assert(save(&table, &sent, FORM_PLAIN, &saved, &error), "%s", SAYS(error));
    cr_expect_eq(saved.octets->len, 4 + 60);
    saved_clear(&saved);
}

Test(limits, negative_counters_are_refused)
{
    BmTable table = TABLE(1, BM_FIELD_I32(Many, negative),
                          {.name = "counted",
                           .type = BM_TYPE_U16,
                           .offset = offsetof(Many, counted),
                           .size = 2,
                           .count = 64,
                           .counter = BM_COUNTER(Many, negative)});
    Many sent = {.negative = -1};
    Saved saved;

    cr_assert_not(save(&table, &sent, FORM_BER, &saved, &error));
    cr_expect_eq(error->code, BM_LIMIT);
    cr_expect_str_eq(bm_error_path(error), "dev.counted");
    cr_expect_str_eq(error->message, "its counter is -1, less than 0");
}

Test(limits, strings_fit_their_member)
{
    BmTable from = TABLE(1, BM_FIELD_STRING(Many, text));
    BmTable to = TABLE(
        1, {.name = "text", .type = BM_TYPE_STRING, .offset = offsetof(Many, text), .size = 4});
    Many sent = {.text = "abcd"}, received = {0};

    refused(&from, &sent, &to, &received, FORM_BER, BM_LIMIT, "dev.text",
            "the string has 4 octets, more than the limit of 3");
    memset(sent.text, 'x', sizeof(sent.text));
    cr_assert_not(save(&from, &sent, FORM_BER, &(Saved){NULL}, &error));
    cr_expect_str_eq(error->message, "the string has no end within its 64 octets");
}

Test(limits, equal_ones_are_compared)
{
    BmTable number = TABLE(1, BM_FIELD_U8(Many, equal, .flags = BM_EQUAL));
    BmTable text = TABLE(1, BM_FIELD_STRING(Many, text, .flags = BM_EQUAL));
    BmTable array = TABLE(1, BM_FIELD_U16_ARRAY(Many, counted, 64, .flags = BM_EQUAL));
    BmTable buffer = TABLE(1, BM_FIELD_BUFFER(Many, text, .flags = BM_EQUAL));
    BmTable floating = TABLE(1, BM_FIELD_F64(Many, f, .flags = BM_EQUAL));
    Many sent = {.equal = 5, .text = "one", .counted = {[3] = 8}, .f = 1};
    Many received = {.equal = 6, .text = "two", .f = 2};

    for (Form form = FORM_BER; form < FORMS; form++) {
        refused(&number, &sent, &number, &received, form, BM_MISMATCH, "dev.equal",
                "the stream has 5, this side 6, and they must be equal");
        refused(&text, &sent, &text, &received, form, BM_MISMATCH, "dev.text",
                "the stream has \"one\", this side \"two\", and they must be equal");
        refused(&array, &sent, &array, &received, form, BM_MISMATCH, "dev.counted(64)(2).[3]",
                "the stream has 8, this side 0, and they must be equal");
        refused(&buffer, &sent, &buffer, &received, form, BM_MISMATCH, "dev.text(64)(1)",
                "octet 0 is 0x6f in the stream, 0x74 on this side, and they must be equal");
        refused(&floating, &sent, &floating, &received, form, BM_MISMATCH, "dev.f",
                "octet 0 is 0x3f in the stream, 0x40 on this side, and they must be equal");
    }
    cr_expect_eq(received.equal, 6);
}

Test(limits, at_most_is_what_is_there)
{
    BmTable table = TABLE(1, BM_FIELD_I32(Many, at_most, .flags = BM_AT_MOST));
    Many sent = {.at_most = 11}, received = {.at_most = 10};

    refused(&table, &sent, &table, &received, FORM_PLAIN, BM_MISMATCH, "dev.at_most",
            "11 is not within 0 to 10");
    sent.at_most = -1;
    refused(&table, &sent, &table, &received, FORM_BER, BM_MISMATCH, "dev.at_most",
            "-1 is not within 0 to 10");
}

Test(limits, lists_have_a_maximum)
{
    BmTableField row = {.name = "queue",
                        .type = BM_TYPE_QUEUE,
                        .offset = offsetof(Many, queue),
                        .table = &item_table};
    BmTable from = TABLE(1, row);
    BmTable to;
    Item items[3] = {{1, 2}, {3, 4}, {5, 6}};
    Many sent = {.queue = g_queue_new()}, received = {0};

    row.count = 2;
    to = TABLE(1, row);
    for (int i = 0; i < 3; i++) {
        g_queue_push_tail(sent.queue, &items[i]);
    }
    refused(&from, &sent, &to, &received, FORM_BER, BM_LIMIT, "dev.queue(3)",
            "3 elements, more than the maximum of 2");
    refused(&from, &sent, &to, &received, FORM_PLAIN, BM_LIMIT, "dev.queue(0).[2]",
            "there are more elements than the maximum of 2");
    cr_assert_not(save(&to, &sent, FORM_BER, &(Saved){NULL}, &error));
    cr_expect_str_eq(error->message, "there are more elements than the maximum of 2");
    cr_expect_str_eq(bm_error_path(error), "dev.queue");
    bm_table_clear(&to, &received);
    cr_expect_null(received.queue);
    g_queue_free(sent.queue);
}

Test(limits, octets_that_are_left_over_are_refused)
{
    BmTable table = TABLE(1, BM_FIELD_U32(Many, n));
    Many sent = {.n = 1}, received = {0};

    for (Form form = FORM_BER; form < FORMS; form++) {
        Saved saved;

        cr_assert(save(&table, &sent, form, &saved, &error), "%s", SAYS(error));
        g_byte_array_append(saved.octets, (const uint8_t *)"\x02\x01\x00", 3);
        cr_assert_not(load(&table, &received, form, &saved, NULL, &error));
        cr_expect_eq(error->code, BM_TRAILING, "%d: %s", form, error->message);
        g_clear_error(&error);
        saved_clear(&saved);
    }
}

/* ---- checks ---- */

static gboolean few(const void *object, uint32_t version)
{
    (void)version;
    return ((const Many *)object)->n < 3;
}

/* Before what depends on it is loaded. */
Test(limits, checks_come_in_their_place)
{
    uint16_t values[8] = {0}, little[2] = {0};
    BmTable from = TABLE(1, BM_FIELD_U32(Many, n),
                         BM_FIELD_POINTED(Many, allocated, BM_TYPE_U16, uint16_t, n, 64));
    BmTable to =
        TABLE(1, BM_FIELD_U32(Many, n), {.name = "few", .type = BM_TYPE_CHECK, .when = few},
              BM_FIELD_POINTED(Many, allocated, BM_TYPE_U16, uint16_t, n, 64));
    BmTable last =
        TABLE(1, BM_FIELD_U32(Many, n), {.name = "few", .type = BM_TYPE_CHECK, .when = few});
    Many sent = {.n = 8, .allocated = values}, received = {.allocated = little};

    refused(&from, &sent, &to, &received, FORM_BER, BM_MISMATCH, "dev.allocated(8)(2)",
            "the check \"few\" says no");
    refused(&from, &sent, &to, &received, FORM_PLAIN, BM_MISMATCH, "dev.few",
            "the check \"few\" says no");
    refused(&from, &sent, &last, &received, FORM_BER, BM_MISMATCH, "dev",
            "the check \"few\" says no");
    cr_assert_not(save(&to, &sent, FORM_BER, &(Saved){NULL}, &error));
    cr_expect_str_eq(bm_error_path(error), "dev.few");
}

/* ---- what only a description says ---- */

static gboolean not_zero(const void *object, uint32_t version)
{
    (void)version;
    return ((const Many *)object)->equal != 0;
}

Test(limits, values_that_are_not_sent_when_default)
{
    static const uint8_t zero = 0;
    BmTable table = TABLE(1, BM_FIELD_U8(Many, equal, .when = not_zero, .flags = BM_WHEN_OWN_VALUE,
                                         .otherwise = &zero));
    Many sent = {0}, received = {.equal = 5};
    Saved saved;

    cr_assert(save(&table, &sent, FORM_BER, &saved, NULL));
    cr_expect_eq(saved.schema->n_fields, 0);
    cr_assert(load(&table, &received, FORM_BER, &saved, NULL, &error), "%s", SAYS(error));
    cr_expect_eq(received.equal, 0);
    cr_assert_not(load(&table, &received, FORM_PLAIN, &saved, NULL, &error));
    cr_expect_eq(error->code, BM_REFUSED);
    cr_expect_str_eq(error->message, "only a description says whether \"equal\" was sent");
    saved_clear(&saved);
}

/* Members that the object may not hold, but the stream brings. */
Test(limits, there_must_be_an_object_to_load_into)
{
    Box *box = box_new(0), *other = box_new(1);
    BmTable table = {.name = "dev",
                     .fields =
                         (const BmTableField[]){
                             {.name = "pointer",
                              .type = BM_TYPE_U32,
                              .shape = BM_SHAPE_POINTER,
                              .offset = offsetof(Box, pointer),
                              .size = 4},
                             BM_FIELD_END,
                         },
                     .size = sizeof(Box)};
    Saved saved;

    cr_assert(save(&table, box, FORM_BER, &saved, NULL));
    cr_assert_not(load(&table, other, FORM_BER, &saved, NULL, &error));
    cr_expect_str_eq(error->message, "an object in the stream, a null pointer on this side");
    g_clear_error(&error);
    saved_clear(&saved);
    cr_assert(save(&table, other, FORM_BER, &saved, NULL));
    cr_assert_not(load(&table, box, FORM_BER, &saved, NULL, &error));
    cr_expect_str_eq(error->message, "a null pointer in the stream, an object here");
    saved_clear(&saved);
    box_free(box);
    box_free(other);
}
