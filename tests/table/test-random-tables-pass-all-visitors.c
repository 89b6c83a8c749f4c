/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random tables and random values, through each pair of visitors: whatever form an
 * object is read from, each other form of it comes out the same, and a second object
 * too.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "json-values.h"
#include "legacy-values.h"
#include "passage-of-tables.h"
#include "random-tables.h"
#include "state.h"
#include "visitors.h"
#include "walk.h"

#define SEEDS 150

/* What can be read and written. */
typedef enum Kind { BER, LEGACY, JSON, TREE, OBJECT, KINDS } Kind;

static const char *const kind_names[] = {"BER", "QEMU's octets", "JSON", "a tree", "an object"};

typedef struct Passage {
    guint32 seed;
    unsigned nulls;
    const BmTable *table;
    BmSchemaSet *set;
    const BmSchema *schema;
    /* the same device in each form */
    GByteArray *octets[KINDS]; /* of the first three */
    BmState *tree;
    Box *object;
} Passage;

/* ---- from a form ---- */

typedef struct Source {
    BmVisitor *visitor;
    BmFault fault; /* of what it reads */
} Source;

static void open_source(const Passage *p, Kind kind, Source *s)
{
    const GByteArray *octets = p->octets[kind];
    GError *error = NULL;

    s->fault = (BmFault){BM_OK};
    switch (kind) {
    case BER:
        s->visitor = bm_visitor_ber_in(bm_view(octets->data, octets->len, 0, &s->fault));
        break;
    case LEGACY:
        s->visitor = bm_visitor_legacy_in(bm_view(octets->data, octets->len, 0, &s->fault));
        break;
    case JSON:
        s->visitor = bm_visitor_json_in((const char *)octets->data, octets->len, &error);
        break;
    case TREE:
        s->visitor = bm_visitor_state_in(p->tree);
        break;
    default:
        s->visitor = bm_visitor_table_in(p->table, p->object);
    }
    cr_assert(s->visitor, "seed %u: %s", p->seed, SAYS(error));
}

static void walk(const Passage *p, Kind from, BmVisitor *out, const char *what)
{
    GError *error = NULL;
    Source source;

    open_source(p, from, &source);
    cr_assert(bm_walk(p->schema, source.visitor, out, p->table->name, &error),
              "seed %u, from %s to %s: %s: %s", p->seed, kind_names[from], what,
              bm_error_path(error), SAYS(error));
    bm_visitor_free(source.visitor);
}

/* ---- to octets ---- */

static GByteArray *copy(BmOctets octets)
{
    GByteArray *array = g_byte_array_new();

    if (octets.len > 0) {
        g_byte_array_append(array, octets.data, (guint)octets.len);
    }
    return array;
}

static GByteArray *make_ber(const Passage *p, Kind from)
{
    GByteArray *octets;
    BmVisitor *out;
    BmWriter w;

    bm_writer_init(&w);
    out = bm_visitor_ber_out(&w);
    walk(p, from, out, kind_names[BER]);
    octets = copy((BmOctets){w.data, w.len});
    bm_visitor_free(out);
    bm_writer_clear(&w);
    return octets;
}

static GByteArray *make(const Passage *p, Kind from, BmVisitor *out, BmOutput *output,
                        const char *what)
{
    GByteArray *octets;

    walk(p, from, out, what);
    octets = copy(bm_output_memory_data(output));
    bm_visitor_free(out);
    bm_output_free(output);
    return octets;
}

static GByteArray *make_octets(const Passage *p, Kind from, Kind to)
{
    BmOutput *output;

    if (to == BER) {
        return make_ber(p, from);
    }
    output = bm_output_memory();
    return make(p, from, to == LEGACY ? bm_visitor_legacy_out(output) : bm_visitor_json_out(output),
                output, kind_names[to]);
}

static GByteArray *make_text(const Passage *p, Kind from)
{
    BmOutput *output = bm_output_memory();

    return make(p, from, bm_visitor_text(output, "root"), output, "text");
}

/* ---- to a tree, to an object ---- */

static BmState *make_tree(const Passage *p, Kind from)
{
    BmState *tree = NULL;
    BmVisitor *out = bm_visitor_state_out(&tree);

    walk(p, from, out, kind_names[TREE]);
    bm_visitor_free(out);
    return tree;
}

static Box *make_object(const Passage *p, Kind from)
{
    Box *box = box_new(p->nulls);
    BmVisitor *out = bm_visitor_table_out(p->table, box, p->schema->version, NULL);

    walk(p, from, out, kind_names[OBJECT]);
    bm_visitor_free(out);
    return box;
}

static void object_free(const Passage *p, Box *box)
{
    bm_table_clear(p->table, box);
    box_free(box);
}

/* ---- one pair ---- */

static void same(const Passage *p, Kind from, const char *to, const GByteArray *is,
                 const GByteArray *expected)
{
    cr_assert_eq(is->len, expected->len, "seed %u, from %s to %s: %u octets, expected %u", p->seed,
                 kind_names[from], to, is->len, expected->len);
    cr_assert(is->len == 0 || !memcmp(is->data, expected->data, is->len),
              "seed %u, from %s to %s: other octets", p->seed, kind_names[from], to);
}

/* What a form holds that is none of octets shows when it is read again. */
static void same_again(const Passage *p, Kind from, Kind to, BmState *tree, Box *box)
{
    Passage other = *p;
    GByteArray *octets;

    other.tree = tree;
    other.object = box;
    octets = make_ber(&other, to);
    same(p, from, kind_names[to], octets, p->octets[BER]);
    g_byte_array_unref(octets);
}

static void check_pair(const Passage *p, Kind from, Kind to)
{
    if (to == TREE) {
        BmState *tree = make_tree(p, from);

        same_again(p, from, to, tree, NULL);
        cr_assert_eq(bm_state_schema(tree, p->set, NULL), p->schema, "seed %u, from %s", p->seed,
                     kind_names[from]);
        bm_state_free(tree);
    } else if (to == OBJECT) {
        Box *box = make_object(p, from);

        same_again(p, from, to, NULL, box);
        cr_assert_eq(bm_table_describe(p->table, box, p->set, NULL), p->schema, "seed %u, from %s",
                     p->seed, kind_names[from]);
        object_free(p, box);
    } else {
        GByteArray *octets = make_octets(p, from, to);

        same(p, from, kind_names[to], octets, p->octets[to]);
        g_byte_array_unref(octets);
    }
}

/* ---- visitors that nothing can be read from ---- */

static void differ(const BmDifference *difference, void *data)
{
    const Passage *p = data;

    cr_assert_fail("seed %u: %s: %s and %s", p->seed, difference->path, difference->a,
                   difference->b);
}

static void check_compare(Passage *p, Kind a, Kind b)
{
    Source expected;
    BmVisitor *out;

    open_source(p, a, &expected);
    out = bm_visitor_compare(expected.visitor, "root", differ, p, 1);
    walk(p, b, out, "comparison");
    cr_assert_eq(bm_visitor_compare_count(out), 0);
    bm_visitor_free(out);
    bm_visitor_free(expected.visitor);
}

static void check_size(const Passage *p, Kind from)
{
    BmSizes sizes;
    BmVisitor *out = bm_visitor_size(&sizes);

    walk(p, from, out, "size");
    cr_assert_eq(sizes.ber, p->octets[BER]->len, "seed %u", p->seed);
    cr_assert_eq(sizes.origin, p->octets[LEGACY]->len, "seed %u: %" G_GUINT64_FORMAT ", not %u",
                 p->seed, (guint64)sizes.origin, p->octets[LEGACY]->len);
    bm_visitor_free(out);
}

static void check_null(const Passage *p, Kind from)
{
    BmVisitor *out = bm_visitor_null();

    walk(p, from, out, "nothing");
    bm_visitor_free(out);
}

static void check_trace(const Passage *p, Kind from, const BmTrace *expected)
{
    BmTrace *trace = bm_trace_new();
    BmVisitor *out = bm_visitor_trace(bm_visitor_null(), "root", bm_trace_record, trace);
    GError *error = NULL;

    walk(p, from, out, "a trace");
    cr_assert(bm_trace_compare(expected, trace, &error), "seed %u, from %s: %s: %s", p->seed,
              kind_names[from], bm_error_path(error), SAYS(error));
    bm_visitor_free(out);
    bm_trace_free(trace);
}

static void check_text(const Passage *p, Kind from, const GByteArray *expected)
{
    GByteArray *text = make_text(p, from);

    same(p, from, "text", text, expected);
    g_byte_array_unref(text);
}

/* QEMU's octets alone. */
static void check_plain(const Passage *p, const BmTrace *expected)
{
    BmFault fault = {BM_OK};
    const GByteArray *octets = p->octets[LEGACY];
    BmVisitor *in = bm_visitor_legacy_in(bm_view(octets->data, octets->len, 0, &fault));
    Box *box = box_new(p->nulls);
    BmTrace *trace = bm_trace_new();
    BmVisitor *out = bm_visitor_trace(bm_visitor_table_out(p->table, box, p->table->version, NULL),
                                      "root", bm_trace_record, trace);
    GError *error = NULL;

    cr_assert(bm_walk(NULL, in, out, p->table->name, &error), "seed %u: %s: %s", p->seed,
              bm_error_path(error), SAYS(error));
    cr_assert_eq(bm_visitor_legacy_left(in), 0, "seed %u", p->seed);
    cr_assert(bm_trace_compare(expected, trace, &error), "seed %u: %s: %s", p->seed,
              bm_error_path(error), SAYS(error));
    bm_visitor_free(out);
    bm_visitor_free(in);
    bm_trace_free(trace);
    same_again(p, LEGACY, OBJECT, NULL, box);
    object_free(p, box);
}

/* ---- all of them ---- */

static void check_others(Passage *p)
{
    BmTrace *trace = bm_trace_new();
    BmVisitor *out = bm_visitor_trace(bm_visitor_null(), "root", bm_trace_record, trace);
    GByteArray *text = make_text(p, OBJECT);

    walk(p, OBJECT, out, "a trace");
    bm_visitor_free(out);
    for (Kind from = BER; from < KINDS; from++) {
        check_text(p, from, text);
        check_size(p, from);
        check_null(p, from);
        check_trace(p, from, trace);
        for (Kind other = BER; other < KINDS; other++) {
            check_compare(p, from, other);
        }
    }
    check_plain(p, trace);
    g_byte_array_unref(text);
    bm_trace_free(trace);
}

static void check_all(Passage *p)
{
    GError *error = NULL;

    p->schema = bm_table_describe(p->table, p->object, p->set, &error);
    cr_assert(p->schema, "seed %u: %s: %s", p->seed, bm_error_path(error), SAYS(error));
    for (Kind to = BER; to <= JSON; to++) {
        p->octets[to] = make_octets(p, OBJECT, to);
    }
    p->tree = make_tree(p, OBJECT);
    for (Kind from = BER; from < KINDS; from++) {
        for (Kind to = BER; to < KINDS; to++) {
            check_pair(p, from, to);
        }
    }
    check_others(p);
    for (Kind to = BER; to <= JSON; to++) {
        g_byte_array_unref(p->octets[to]);
    }
    bm_state_free(p->tree);
}

Test(random_tables, pass_each_pair_of_visitors)
{
    for (guint32 seed = 0; seed < SEEDS; seed++) {
        GRand *random = g_rand_new_with_seed(seed);
        RandomTable *table = random_table_new(random);
        Passage p = {.seed = seed, .table = random_table(table), .set = bm_schema_set_new()};

        p.nulls = g_rand_int(random) & g_rand_int(random) & 0x3ff;
        p.object = box_new(p.nulls);
        box_fill(p.object, random);
        check_all(&p);
        box_free(p.object);
        bm_schema_set_free(p.set);
        random_table_free(table);
        g_rand_free(random);
    }
}
