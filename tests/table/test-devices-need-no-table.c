/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices with a function of their own: what it saves is what a table saves, and
 * what it loads it may go by at once.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "box.h"
#include "device-body.h"
#include "passage-of-tables.h"

#define QUEUE_MOST 4

typedef struct Mouse {
    bool on;
    uint8_t u8;
    uint16_t u16;
    uint32_t n;
    uint64_t u64;
    int8_t i8;
    int16_t i16;
    int32_t wheel; /* since 2 */
    int64_t i64;
    double f64;
    BmFloat80 f80;
    int64_t timer;
    uint8_t octets[3];
    char model[8];
    uint16_t queue[QUEUE_MOST]; /* n */
    Item items[2];
    GQueue *list;
} Mouse;

static const BmTableField list_row = {.name = "list",
                                      .type = BM_TYPE_QUEUE,
                                      .offset = offsetof(Mouse, list),
                                      .count = 3,
                                      .table = &item_table};

static gboolean mouse_state(BmDirect *d, void *object)
{
    Mouse *m = object;

    bm_direct_bool(d, "on", &m->on);
    bm_direct_u8(d, "u8", &m->u8);
    bm_direct_u16(d, "u16", &m->u16);
    bm_direct_u32(d, "n", &m->n);
    bm_direct_u64(d, "u64", &m->u64);
    bm_direct_i8(d, "i8", &m->i8);
    bm_direct_i16(d, "i16", &m->i16);
    if (bm_direct_version(d) >= 2) {
        bm_direct_i32(d, "wheel", &m->wheel);
    }
    bm_direct_i64(d, "i64", &m->i64);
    bm_direct_f64(d, "f64", &m->f64);
    bm_direct_f80(d, "f80", &m->f80);
    bm_direct_timer(d, "timer", &m->timer);
    bm_direct_buffer(d, "octets", m->octets, sizeof(m->octets));
    bm_direct_unused(d, "unused", 2);
    bm_direct_string(d, "model", m->model, sizeof(m->model));
    bm_direct_structs(d, "items", &item_table, m->items, 2, 2);
    bm_direct_row(d, &list_row, m);
    if (bm_direct_is_loading(d) && m->n == 13) {
        return bm_direct_refuse(d, "n is %u", m->n);
    }
    return bm_direct_array(d, "queue", BM_TYPE_U16, m->queue, m->n, QUEUE_MOST);
}

static const BmDirectDevice mouse = {"mouse", 2, 1, mouse_state};

/* The same as a table. */
static const BmTableField mouse_fields[] = {
    BM_FIELD_BOOL(Mouse, on),
    BM_FIELD_U8(Mouse, u8),
    BM_FIELD_U16(Mouse, u16),
    BM_FIELD_U32(Mouse, n),
    BM_FIELD_U64(Mouse, u64),
    BM_FIELD_I8(Mouse, i8),
    BM_FIELD_I16(Mouse, i16),
    BM_FIELD_I32(Mouse, wheel, .since = 2),
    BM_FIELD_I64(Mouse, i64),
    BM_FIELD_F64(Mouse, f64),
    BM_FIELD_F80(Mouse, f80),
    BM_FIELD_TIMER(Mouse, timer),
    BM_FIELD_BUFFER(Mouse, octets),
    BM_FIELD_UNUSED(2),
    BM_FIELD_STRING(Mouse, model),
    BM_FIELD_STRUCT_ARRAY(Mouse, items, 2, item_table, Item),
    {.name = "list",
     .type = BM_TYPE_QUEUE,
     .offset = offsetof(Mouse, list),
     .count = 3,
     .table = &item_table},
    BM_ROW_COUNTED(Mouse, queue, BM_TYPE_U16, uint16_t, n, QUEUE_MOST),
    BM_FIELD_END,
};
static const BmTable mouse_table = {.name = "mouse",
                                    .version = 2,
                                    .minimum_version = 1,
                                    .fields = mouse_fields,
                                    .size = sizeof(Mouse)};

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

TestSuite(direct, .init = setup, .fini = teardown);

/* ---- objects ---- */

static Mouse sample(void)
{
    Mouse m = {true,
               0xff,
               0x8001,
               3,
               UINT64_MAX,
               -128,
               -2,
               -3,
               7,
               -2.5,
               {UINT64_C(0x8000000000000001), 0xbfff},
               -1};
    Item *item = g_new0(Item, 1);

    memcpy(m.octets, "\1\2\3", 3);
    strcpy(m.model, "ps2");
    memcpy(m.queue, (uint16_t[]){1, 2, 0xffff, 0}, sizeof(m.queue));
    m.items[1] = (Item){-5, 6};
    *item = (Item){8, 9};
    m.list = g_queue_new();
    g_queue_push_tail(m.list, item);
    return m;
}

static void mouse_clear(Mouse *m)
{
    bm_table_clear(&mouse_table, m);
}

/* ---- saving ---- */

/* As save() of passage-of-tables.h. */
static gboolean save_direct(const BmDirectDevice *device, void *object, Form form, Saved *saved)
{
    BmState *state = bm_direct_save(device, object, &error);
    BmVisitor *in, *out;
    BmOutput *output = bm_output_memory();
    BmWriter w;
    BmOctets octets;

    if (!state) {
        bm_output_free(output);
        return FALSE;
    }
    bm_writer_init(&w);
    *saved = (Saved){.set = bm_schema_set_new(), .octets = g_byte_array_new()};
    saved->schema = bm_state_schema(state, saved->set, &error);
    cr_assert(saved->schema, "%s", SAYS(error));
    in = bm_visitor_state_in(state);
    out = form == FORM_BER ? bm_visitor_ber_out(&w) : bm_visitor_legacy_out(output);
    cr_assert(bm_walk(saved->schema, in, out, NULL, &error), "%s", SAYS(error));
    octets = form == FORM_BER ? (BmOctets){w.data, w.len} : bm_output_memory_data(output);
    g_byte_array_append(saved->octets, octets.data, (guint)octets.len);
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_writer_clear(&w);
    bm_output_free(output);
    bm_state_free(state);
    return TRUE;
}

/* As a stream would bring it. */
static gboolean load_direct(const BmDirectDevice *device, void *object, uint32_t version, Form form,
                            const Saved *saved)
{
    BmFault fault = {BM_OK};
    BmView view = bm_view(saved->octets->data, saved->octets->len, 0, &fault);
    BmDevice came = {.section = {.name = "m", .version = version},
                     .octets = {saved->octets->data, saved->octets->len}};
    gboolean ok;

    if (form != FORM_PLAIN) {
        came.schema = saved->schema;
        came.values = form == FORM_BER ? bm_visitor_ber_in(view) : bm_visitor_legacy_in(view);
    }
    ok = bm_body_load_direct(&came, device, object, &report, &error);
    bm_visitor_free(came.values);
    return ok;
}

static void check_same(const Saved *a, const Saved *b)
{
    cr_assert_eq(a->octets->len, b->octets->len, "%u octets, and %u", a->octets->len,
                 b->octets->len);
    cr_expect(!memcmp(a->octets->data, b->octets->data, a->octets->len));
    cr_expect_eq(a->schema->n_fields, b->schema->n_fields);
    for (uint32_t i = 0; i < MIN(a->schema->n_fields, b->schema->n_fields); i++) {
        const BmField *f = &a->schema->fields[i], *g = &b->schema->fields[i];

        cr_expect_str_eq(f->name, g->name);
        cr_expect_str_eq(bm_field_type(f), bm_field_type(g));
    }
}

/* Saved by one, loaded by the other, and the same octets again. */
Test(direct, a_table_can_follow)
{
    for (Form form = FORM_BER; form < FORMS; form++) {
        Mouse m = sample(), by_table = {0}, by_function = {0};
        Saved direct, table, again;

        cr_assert(save_direct(&mouse, &m, form, &direct), "%s", SAYS(error));
        cr_assert(save(&mouse_table, &m, form, &table, &error), "%s", SAYS(error));
        check_same(&direct, &table);
        cr_assert(load(&mouse_table, &by_table, form, &direct, NULL, &error), "%s", SAYS(error));
        cr_assert(load_direct(&mouse, &by_function, 2, form, &table), "%s: %s",
                  bm_error_path(error), SAYS(error));
        cr_assert(save_direct(&mouse, &by_table, form, &again), "%s", SAYS(error));
        check_same(&direct, &again);
        saved_clear(&again);
        cr_assert(save(&mouse_table, &by_function, form, &again, &error), "%s", SAYS(error));
        check_same(&table, &again);
        cr_expect_eq(report.skipped->len + report.defaulted->len, 0);
        cr_expect_eq(by_function.queue[2], 0xffff);
        saved_clear(&again);
        saved_clear(&table);
        saved_clear(&direct);
        mouse_clear(&by_table);
        mouse_clear(&by_function);
        mouse_clear(&m);
    }
}

/* ---- what does not fit ---- */

typedef struct Pair {
    uint8_t a, b;
} Pair;

static gboolean both(BmDirect *d, void *object)
{
    Pair *p = object;

    return bm_direct_u8(d, "a", &p->a) && bm_direct_u8(d, "b", &p->b);
}

static gboolean both_back(BmDirect *d, void *object)
{
    Pair *p = object;

    return bm_direct_u8(d, "b", &p->b) && bm_direct_u8(d, "a", &p->a);
}

static gboolean only_a(BmDirect *d, void *object)
{
    return bm_direct_u8(d, "a", &((Pair *)object)->a);
}

static gboolean a_twice(BmDirect *d, void *object)
{
    return only_a(d, object) && only_a(d, object);
}

static gboolean a_or_five(BmDirect *d, void *object)
{
    static const uint8_t five = 5;

    return bm_direct_row(d, &(BmTableField)BM_FIELD_U8(Pair, a, .otherwise = &five), object) &&
           bm_direct_u8(d, "b", &((Pair *)object)->b);
}

static gboolean only_b(BmDirect *d, void *object)
{
    return bm_direct_u8(d, "b", &((Pair *)object)->b);
}

static const BmDirectDevice d_both = {"dev", 3, 2, both}, d_back = {"dev", 3, 2, both_back},
                            d_a = {"dev", 3, 2, only_a}, d_b = {"dev", 3, 2, only_b},
                            d_twice = {"dev", 3, 2, a_twice}, d_five = {"dev", 3, 2, a_or_five};

static void fails(const BmDirectDevice *from, const BmDirectDevice *to, uint32_t version, Form form,
                  BmCode code, const char *path, const char *message)
{
    Pair sent = {1, 2}, received = {0};
    Saved saved;

    cr_assert(save_direct(from, &sent, form, &saved), "%s", SAYS(error));
    cr_assert_not(load_direct(to, &received, version, form, &saved), "%s", message);
    cr_expect_eq(error->code, (int)code, "%d", error->code);
    cr_expect_str_eq(bm_error_path(error), path);
    cr_expect_str_eq(error->message, message);
    g_clear_error(&error);
    saved_clear(&saved);
}

static void passes(const BmDirectDevice *from, const BmDirectDevice *to, Pair *received)
{
    Pair sent = {1, 2};
    Saved saved;

    cr_assert(save_direct(from, &sent, FORM_BER, &saved), "%s", SAYS(error));
    cr_assert(load_direct(to, received, 3, FORM_BER, &saved), "%s", SAYS(error));
    saved_clear(&saved);
}

Test(direct, fields_are_found_by_name)
{
    Pair received = {0};

    passes(&d_back, &d_both, &received);
    cr_expect(received.a == 1 && received.b == 2);
    passes(&d_both, &d_a, &received);
    cr_assert_eq(report.skipped->len, 1);
    cr_expect_str_eq(report.skipped->pdata[0], "dev.b");
    passes(&d_b, &d_five, &received);
    cr_expect_eq(received.a, 5);
    cr_assert_eq(report.defaulted->len, 1);
    cr_expect_str_eq(report.defaulted->pdata[0], "dev.a");
}

Test(direct, what_does_not_fit_is_refused)
{
    Pair sent = {1, 2};
    Saved saved;

    fails(&d_a, &d_both, 3, FORM_BER, BM_MISMATCH, "dev", "field \"b\" is missing in the stream");
    fails(&d_a, &d_both, 3, FORM_PLAIN, BM_TRUNCATED, "dev.b",
          "the input ends inside uint8: 0 of 1 octets are there");
    fails(&d_both, &d_a, 3, FORM_PLAIN, BM_TRAILING, "dev",
          "1 octets are left over after the last field");
    fails(&d_both, &d_both, 1, FORM_PLAIN, BM_BAD_VERSION, "dev",
          "dev is of version 1, this side knows 2 and later ones");
    fails(&d_both, &d_both, 4, FORM_PLAIN, BM_BAD_VERSION, "dev",
          "dev is of version 4, this side knows up to 3");
    cr_assert_not(save_direct(&d_twice, &sent, FORM_BER, &saved));
    cr_expect_eq(error->code, BM_DUPLICATE);
    cr_expect_str_eq(error->message, "two fields have the name \"a\"");
}

Test(direct, counts_meet_their_maximum_and_values_their_judge)
{
    for (Form form = FORM_BER; form < FORMS; form++) {
        Mouse m = sample(), other = {0};
        Saved saved;
        /* Where n is: on, u8 and u16 are before it. */
        const size_t at = form == FORM_BER ? 3 + 4 + 5 + 2 : 1 + 1 + 2 + 3;

        m.n = QUEUE_MOST + 1;
        cr_assert_not(save_direct(&mouse, &m, form, &saved));
        cr_expect_eq(error->code, BM_LIMIT);
        cr_expect_str_eq(bm_error_path(error), "mouse.queue");
        cr_expect_str_eq(error->message, "5 elements, more than the maximum of 4");
        g_clear_error(&error);
        m.n = 0;
        cr_assert(save_direct(&mouse, &m, form, &saved), "%s", SAYS(error));
        saved.octets->data[at] = 13;
        cr_assert_not(load_direct(&mouse, &other, 2, form, &saved));
        cr_expect_str_eq(bm_error_path(error), "mouse");
        cr_expect_str_eq(error->message, "n is 13");
        g_clear_error(&error);
        saved.octets->data[at] = 5;
        cr_assert_not(load_direct(&mouse, &other, 2, form, &saved));
        cr_expect_eq(error->code, BM_LIMIT);
        g_clear_error(&error);
        saved_clear(&saved);
        mouse_clear(&m);
        mouse_clear(&other);
    }
}

Test(direct, unknown_subsections_are_named)
{
    static const BmTableField sub_fields[] = {BM_FIELD_U8(Pair, b), BM_FIELD_END};
    BmTable sub = {.name = "dev/sub", .version = 1, .fields = sub_fields, .size = sizeof(Pair)};
    const BmTable *const subs[] = {&sub, NULL};
    const BmTable table = {.name = "dev",
                           .version = 3,
                           .fields = (const BmTableField[]){BM_FIELD_U8(Pair, a), BM_FIELD_END},
                           .subsections = subs,
                           .size = sizeof(Pair)};
    Pair sent = {1, 2}, received = {0};
    Saved saved;

    cr_assert(save(&table, &sent, FORM_BER, &saved, &error));
    cr_assert_not(load_direct(&d_a, &received, 3, FORM_BER, &saved));
    cr_expect_eq(error->code, BM_UNKNOWN);
    cr_expect_str_eq(error->message, "subsection dev/sub, 1 octets, fields b; droppable: no");
    g_clear_error(&error);
    saved_clear(&saved);
    sub.droppable = TRUE;
    cr_assert(save(&table, &sent, FORM_BER, &saved, &error));
    cr_assert(load_direct(&d_a, &received, 3, FORM_BER, &saved), "%s", SAYS(error));
    cr_expect_str_eq(report.skipped->pdata[0], "dev.dev/sub");
    saved_clear(&saved);
}

/* ---- wrong octets ---- */

/* Loaded or not: the sanitizers see to the rest. */
static gboolean load_changed(GRand *random, const Saved *saved, Form form)
{
    uint8_t *octet = &saved->octets->data[g_rand_int_range(random, 0, (gint32)saved->octets->len)];
    uint8_t bit = (uint8_t)(1 << g_rand_int_range(random, 0, 8));
    Mouse other = {0};
    gboolean ok;

    *octet ^= bit;
    ok = load_direct(&mouse, &other, 2, form, saved);
    *octet ^= bit;
    mouse_clear(&other);
    return ok;
}

Test(direct, changed_octets_do_no_harm)
{
    GRand *random = g_rand_new_with_seed(3);
    unsigned loaded = 0;

    for (Form form = FORM_BER; form < FORMS; form++) {
        Mouse m = sample();
        Saved saved;

        cr_assert(save_direct(&mouse, &m, form, &saved), "%s", SAYS(error));
        for (int i = 0; i < 1000; i++) {
            if (load_changed(random, &saved, form)) {
                loaded++;
                continue;
            }
            cr_expect(g_str_has_prefix(bm_error_path(error), "mouse"), "%s: %s",
                      bm_error_path(error), SAYS(error));
            g_clear_error(&error);
        }
        saved_clear(&saved);
        mouse_clear(&m);
    }
    cr_expect(loaded > 0 && loaded < FORMS * 1000);
    g_rand_free(random);
}
