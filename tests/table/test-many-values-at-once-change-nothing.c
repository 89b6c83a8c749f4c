/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A walk visits many values in one call where it can (span.h).  Whatever it does so is
 * what it does value by value: the same octets, the same object, the same report, and for
 * octets that are wrong the same error, at the same path and offset.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "random-tables.h"
#include "value-by-value.h"

/* ---- random tables over the box ---- */

typedef struct Sample {
    RandomTable *random;
    const BmTable *table;
    unsigned nulls;
    Box *box;
    BmSchemaSet *set;
    const BmSchema *schema;
} Sample;

static void sample_init(Sample *s, guint32 seed)
{
    GRand *random = g_rand_new_with_seed(seed);

    s->random = random_table_new(random);
    s->table = random_table(s->random);
    s->nulls = g_rand_int(random) & g_rand_int(random) & 0x3ff;
    s->box = box_new(s->nulls);
    box_fill(s->box, random);
    s->set = bm_schema_set_new();
    s->schema = bm_table_describe(s->table, s->box, s->set, NULL);
    cr_assert(s->schema);
    g_rand_free(random);
}

static void sample_clear(Sample *s)
{
    box_free(s->box);
    bm_schema_set_free(s->set);
    random_table_free(s->random);
}

/* All plain members, also those that the table does not send. */
static void same_members(const Box *a, const Box *b, const char *what)
{
    const size_t from = offsetof(Box, timer), to = offsetof(Box, items);

    cr_assert(!memcmp(a, b, offsetof(Box, f80)), "%s: other members", what);
    cr_assert(!memcmp((const char *)a + from, (const char *)b + from, to - from),
              "%s: other members", what);
}

static void box_release(const BmTable *table, Box *box)
{
    bm_table_clear(table, box);
    box_free(box);
}

/* `table` need not be the one that the octets are of. */
static void load_both(const Sample *s, const BmTable *table, Form form, const uint8_t *octets,
                      size_t len, const char *what)
{
    Box *slow = box_new(s->nulls), *fast = box_new(s->nulls);
    g_autofree char *slow_says = load_as(table, slow, s->schema, form, octets, len, FALSE);
    g_autofree char *fast_says = load_as(table, fast, s->schema, form, octets, len, TRUE);
    g_autofree char *slow_text = text_of(table, slow), *fast_text = text_of(table, fast);

    cr_assert_str_eq(fast_says, slow_says, "%s: %s, value by value: %s", what, fast_says,
                     slow_says);
    cr_assert_str_eq(fast_text, slow_text, "%s: another object: %s, value by value: %s", what,
                     fast_text, slow_text);
    same_members(slow, fast, what);
    box_release(table, slow);
    box_release(table, fast);
}

static GByteArray *save_both(const Sample *s, Form form, const char *what)
{
    GByteArray *slow = save_as(s->table, s->box, s->schema, form, FALSE);
    GByteArray *fast = save_as(s->table, s->box, s->schema, form, TRUE);

    cr_assert_eq(fast->len, slow->len, "%s: %u octets, value by value %u", what, fast->len,
                 slow->len);
    cr_assert(!memcmp(fast->data, slow->data, slow->len), "%s: other octets", what);
    g_byte_array_unref(slow);
    return fast;
}

Test(many_values, of_random_tables_are_the_same)
{
    for (guint32 seed = 0; seed < 60; seed++) {
        g_autofree char *what = g_strdup_printf("seed %u", seed);
        Sample s;

        sample_init(&s, seed);
        for (Form form = FORM_BER; form <= FORM_LEGACY; form++) {
            GByteArray *octets = save_both(&s, form, what);

            load_both(&s, s.table, form, octets->data, octets->len, what);
            g_byte_array_unref(octets);
        }
        sample_clear(&s);
    }
}

/* Fields that are not known, missing, or in another order. */
Test(many_values, of_another_table_are_the_same)
{
    for (guint32 seed = 0; seed < 60; seed++) {
        g_autofree char *what = g_strdup_printf("seed %u", seed);
        Sample s, other;

        sample_init(&s, seed);
        sample_init(&other, seed + 1);
        for (Form form = FORM_BER; form <= FORM_LEGACY; form++) {
            GByteArray *octets = save_both(&s, form, what);

            load_both(&s, other.table, form, octets->data, octets->len, what);
            g_byte_array_unref(octets);
        }
        sample_clear(&s);
        sample_clear(&other);
    }
}

static void change_each_octet(const Sample *s, Form form, GByteArray *octets)
{
    static const uint8_t changes[] = {0x01, 0x80, 0x7f};

    for (guint i = 0; i < octets->len; i++) {
        for (gsize k = 0; k < G_N_ELEMENTS(changes); k++) {
            g_autofree char *what =
                g_strdup_printf("form %d, octet %u changed by 0x%02x", (int)form, i, changes[k]);

            octets->data[i] ^= changes[k];
            load_both(s, s->table, form, octets->data, octets->len, what);
            octets->data[i] ^= changes[k];
        }
    }
}

static void cut_everywhere(const Sample *s, Form form, const GByteArray *octets)
{
    for (guint len = 0; len < octets->len; len++) {
        g_autofree char *what = g_strdup_printf("form %d, cut at %u", (int)form, len);

        load_both(s, s->table, form, octets->data, len, what);
    }
}

Test(many_values, fail_alike_when_octets_are_wrong)
{
    for (guint32 seed = 0; seed < 2; seed++) {
        Sample s;

        sample_init(&s, seed);
        for (Form form = FORM_BER; form <= FORM_LEGACY; form++) {
            GByteArray *octets = save_both(&s, form, "unchanged");

            change_each_octet(&s, form, octets);
            cut_everywhere(&s, form, octets);
            g_byte_array_unref(octets);
        }
        sample_clear(&s);
    }
}

/* ---- one struct with every kind of slot ---- */

typedef struct Inner {
    uint8_t a;
    int64_t b;
} Inner;

typedef struct Edges {
    bool yes;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64, timer;
    double f64;
    bool flags[3];
    uint8_t bytes[3];
    int16_t shorts[2];
    uint32_t words[40]; /* long enough for two octets of length */
    uint64_t longs[2];
    uint8_t buffer[4];
    Inner one, two[2];
} Edges;

static const BmTableField inner_fields[] = {BM_FIELD_U8(Inner, a), BM_FIELD_I64(Inner, b),
                                            BM_FIELD_END};
static const BmTable inner_table = {
    .name = "inner", .version = 1, .fields = inner_fields, .size = sizeof(Inner)};

static const BmTableField edges_fields[] = {
    BM_FIELD_BOOL(Edges, yes),
    BM_FIELD_U8(Edges, u8),
    BM_FIELD_U16(Edges, u16),
    BM_FIELD_U32(Edges, u32),
    BM_FIELD_U64(Edges, u64),
    BM_FIELD_I8(Edges, i8),
    BM_FIELD_I16(Edges, i16),
    BM_FIELD_I32(Edges, i32),
    BM_FIELD_I64(Edges, i64),
    BM_FIELD_TIMER(Edges, timer),
    BM_FIELD_F64(Edges, f64),
    BM_FIELD_UNUSED(5),
    BM_FIELD_BOOL_ARRAY(Edges, flags, 3),
    BM_FIELD_U8_ARRAY(Edges, bytes, 3),
    BM_ROW_ARRAY(Edges, shorts, BM_TYPE_I16, int16_t, 2),
    BM_FIELD_U32_ARRAY(Edges, words, 40),
    BM_FIELD_U64_ARRAY(Edges, longs, 2),
    BM_FIELD_BUFFER(Edges, buffer),
    BM_FIELD_STRUCT(Edges, one, inner_table, Inner),
    BM_FIELD_STRUCT_ARRAY(Edges, two, 2, inner_table, Inner),
    BM_FIELD_END,
};
static const BmTable edges_table = {
    .name = "edges", .version = 1, .fields = edges_fields, .size = sizeof(Edges)};

/* Where a number needs one octet more in BER, of either sign. */
static uint64_t edge(unsigned i)
{
    uint64_t power = i / 6 < 64 ? UINT64_C(1) << i / 6 : 0;

    switch (i % 6) {
    case 0:
        return power - 1;
    case 1:
        return power;
    case 2:
        return power + 1;
    case 3:
        return ~power;
    case 4:
        return ~power + 1;
    default:
        return ~power + 2;
    }
}
#define EDGES (6 * 64)

static void edges_fill(Edges *e, uint64_t v)
{
    memset(e, 0, sizeof(*e));
    e->yes = v & 1;
    e->u8 = (uint8_t)v;
    e->u16 = (uint16_t)v;
    e->u32 = (uint32_t)v;
    e->u64 = v;
    e->i8 = (int8_t)v;
    e->i16 = (int16_t)v;
    e->i32 = (int32_t)v;
    e->i64 = e->timer = (int64_t)v;
    memcpy(&e->f64, &v, sizeof(v));
    e->flags[1] = v & 1;
    e->shorts[1] = (int16_t)v;
    e->words[39] = (uint32_t)v;
    e->longs[0] = v;
    memcpy(e->bytes, &v, sizeof(e->bytes));
    memcpy(e->buffer, &v, sizeof(e->buffer));
    e->one = (Inner){.a = (uint8_t)(v >> 1)};
    e->one.b = e->two[1].b = (int64_t)(v >> 1);
    e->two[0].a = (uint8_t)(v >> 2);
}

static const BmSchema *describe_edges(const Edges *e, BmSchemaSet *set)
{
    const BmSchema *schema = bm_table_describe(&edges_table, e, set, NULL);

    cr_assert(schema);
    return schema;
}

static void load_edges(const BmSchema *schema, Form form, const GByteArray *octets, Edges *slow,
                       gboolean good)
{
    Edges fast = {0};
    g_autofree char *slow_says =
        load_as(&edges_table, slow, schema, form, octets->data, octets->len, FALSE);
    g_autofree char *fast_says =
        load_as(&edges_table, &fast, schema, form, octets->data, octets->len, TRUE);

    cr_assert_str_eq(fast_says, slow_says);
    cr_assert(!memcmp(&fast, slow, sizeof(fast)), "another object: %s", slow_says);
    cr_assert(!good || g_str_has_prefix(slow_says, "at "), "%s", slow_says);
}

Test(many_values, at_the_edges_of_their_types_are_the_same)
{
    BmSchemaSet *set = bm_schema_set_new();

    for (unsigned i = 0; i < EDGES; i++) {
        Edges e;

        edges_fill(&e, edge(i));
        for (Form form = FORM_BER; form <= FORM_LEGACY; form++) {
            const BmSchema *schema = describe_edges(&e, set);
            GByteArray *slow = save_as(&edges_table, &e, schema, form, FALSE);
            GByteArray *fast = save_as(&edges_table, &e, schema, form, TRUE);
            Edges loaded = {0};

            cr_assert_eq(fast->len, slow->len);
            cr_assert(!memcmp(fast->data, slow->data, slow->len), "edge %u: other octets", i);
            load_edges(schema, form, fast, &loaded, TRUE);
            cr_assert(!memcmp(&e, &loaded, sizeof(e)), "edge %u: not what was saved", i);
            g_byte_array_unref(slow);
            g_byte_array_unref(fast);
        }
    }
    bm_schema_set_free(set);
}

Test(many_values, of_any_octet_are_the_same)
{
    static const unsigned samples[] = {6, 6 * 31 + 1, 6 * 62 + 3};
    BmSchemaSet *set = bm_schema_set_new();

    for (gsize i = 0; i < G_N_ELEMENTS(samples); i++) {
        Edges e;

        edges_fill(&e, edge(samples[i]));
        for (Form form = FORM_BER; form <= FORM_LEGACY; form++) {
            const BmSchema *schema = describe_edges(&e, set);
            GByteArray *octets = save_as(&edges_table, &e, schema, form, TRUE);

            for (guint at = 0; at < octets->len; at++) {
                uint8_t was = octets->data[at];

                for (unsigned octet = 0; octet < 256; octet += form == FORM_BER ? 3 : 51) {
                    Edges loaded = {0};

                    octets->data[at] = (uint8_t)octet;
                    load_edges(schema, form, octets, &loaded, FALSE);
                }
                octets->data[at] = was;
            }
            g_byte_array_unref(octets);
        }
    }
    bm_schema_set_free(set);
}

/* ---- it is done at all ---- */

Test(many_values, of_a_plain_struct_are_one_span)
{
    BmSchemaSet *set = bm_schema_set_new();
    Edges e = {0};
    const BmSchema *schema = describe_edges(&e, set);
    BmVisitor *visitors[] = {bm_visitor_table_in(&edges_table, &e),
                             bm_visitor_table_out(&edges_table, &e, 1, NULL)};

    for (gsize i = 0; i < G_N_ELEMENTS(visitors); i++) {
        BmSpan span;

        cr_assert(bm_visit_begin_struct(visitors[i], NULL, schema, NULL));
        cr_assert(bm_visit_next_span(visitors[i], schema, 0, &span));
        cr_assert_eq(span.n_slots, G_N_ELEMENTS(edges_fields) - 1);
        cr_assert_eq(span.base, &e);
        bm_visitor_free(visitors[i]);
    }
    bm_schema_set_free(set);
}

/* From `octets`, which may be of another length than those that were saved. */
static gboolean load_whole(const BmSchema *schema, BmOctets octets, Edges *loaded)
{
    BmVisitor *in = bm_visitor_ber_in(bm_view(octets.data, octets.len, 0, NULL));
    BmVisitor *out = bm_visitor_table_out(&edges_table, loaded, schema->version, NULL);
    gboolean whole = bm_visit_whole(out, in, schema);

    cr_assert_eq(bm_visitor_offset(in), whole ? octets.len : 0, "some were taken");
    bm_visitor_free(out);
    bm_visitor_free(in);
    return whole;
}

Test(many_values, of_a_plain_struct_are_all_there_is)
{
    BmSchemaSet *set = bm_schema_set_new();
    Edges e, loaded = {0};
    const BmSchema *schema;
    BmVisitor *in, *out;
    BmWriter w;

    edges_fill(&e, edge(100));
    schema = describe_edges(&e, set);
    bm_writer_init(&w);
    in = bm_visitor_table_in(&edges_table, &e);
    out = bm_visitor_ber_out(&w);
    cr_assert(bm_visit_whole(in, out, schema));
    cr_assert(load_whole(schema, (BmOctets){w.data, w.len}, &loaded));
    cr_assert(!memcmp(&e, &loaded, sizeof(e)));
    cr_assert(!load_whole(schema, (BmOctets){w.data, w.len - 1}, &loaded));
    bm_writer_null(&w, BM_TAG_NULL);
    cr_assert(!load_whole(schema, (BmOctets){w.data, w.len}, &loaded));
    /* not in the middle of a device, nor of one that was begun */
    cr_assert(bm_visit_begin_struct(in, NULL, schema, NULL));
    cr_assert(!bm_visit_whole(in, out, schema));
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_writer_clear(&w);
    bm_schema_set_free(set);
}

/* A visitor that has failed in the middle is as good as new for another device. */
Test(many_values, may_be_read_by_one_visitor_for_many_devices)
{
    static const uint8_t good[] = {2, 1, 5, 2, 1, 0xfd}, bad[] = {2, 1, 5, 4};
    BmVisitor *in = bm_visitor_ber_in(bm_view(bad, sizeof(bad), 0, NULL));
    BmSchemaSet *set = bm_schema_set_new();
    Inner inner = {0};
    const BmSchema *schema = bm_table_describe(&inner_table, &inner, set, NULL);

    cr_assert(!bm_table_load(&inner_table, &inner, schema, in, NULL, NULL));
    for (unsigned i = 0; i < 2; i++) {
        inner = (Inner){0};
        bm_visitor_ber_in_again(in, bm_view(good, sizeof(good), 0, NULL));
        cr_assert(bm_table_load(&inner_table, &inner, schema, in, NULL, NULL));
        cr_assert(inner.a == 5 && inner.b == -3);
    }
    bm_visitor_free(in);
    bm_schema_set_free(set);
}

/* As the header shows it. */
Test(many_values, need_no_table)
{
    static const BmSlot slots[] = {
        {BM_SLOT_U8, .offset = offsetof(Inner, a)},
        {BM_SLOT_I64, .offset = offsetof(Inner, b)},
    };
    Inner inner = {200, -3}, loaded = {0};
    BmFault fault = {BM_OK};
    BmVisitor *v;
    BmSpan span;
    BmWriter w;

    bm_writer_init(&w);
    v = bm_visitor_ber_out(&w);
    bm_span_init(&span, slots, G_N_ELEMENTS(slots), &inner);
    cr_assert_eq(span.size, 9);
    cr_assert_eq(bm_visit_span(v, &span), 2);
    cr_assert_eq(w.len, 7);
    cr_assert(!memcmp(w.data, "\x02\x02\x00\xc8\x02\x01\xfd", 7));
    bm_visitor_free(v);

    v = bm_visitor_ber_in(bm_view(w.data, w.len, 0, &fault));
    bm_span_init(&span, slots, G_N_ELEMENTS(slots), &loaded);
    cr_assert_eq(bm_visit_span(v, &span), 2);
    cr_assert(loaded.a == 200 && loaded.b == -3);
    bm_visitor_free(v);
    /* a visitor without it */
    v = bm_visitor_null();
    cr_assert_eq(bm_visit_span(v, &span), 0);
    bm_visitor_free(v);
    bm_writer_clear(&w);
}
