/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Properties of a struct with everything in it, for values from a seed: it comes
 * back the same from either form, and no octets do harm.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "box.h"
#include "passage-of-tables.h"

#define SEEDS 300
#define CUT_SEEDS 8    /* these are cut at each octet */
#define WRONG_SEEDS 60 /* these get octets changed */
#define CHANGES 200

static void check_same(const Saved *a, const Saved *b, guint32 seed, Form form)
{
    cr_assert_eq(a->octets->len, b->octets->len, "seed %u, form %d: %u octets, then %u", seed, form,
                 a->octets->len, b->octets->len);
    cr_expect(!memcmp(a->octets->data, b->octets->data, a->octets->len), "seed %u, form %d", seed,
              form);
}

static Box *random_box(guint32 seed, unsigned *nulls)
{
    GRand *random = g_rand_new_with_seed(seed);
    Box *box;

    *nulls = g_rand_int(random) & g_rand_int(random) & 0x3ff;
    box = box_new(*nulls);
    box_fill(box, random);
    g_rand_free(random);
    return box;
}

/* Twice into the same object: the first values are freed. */
static void check_way(guint32 seed, Form form)
{
    unsigned nulls;
    Box *box = random_box(seed, &nulls), *other = box_new(nulls);
    GError *error = NULL;
    Saved saved, again;

    cr_assert(save(&box_table, box, form, &saved, &error), "seed %u: %s", seed, SAYS(error));
    for (int i = 0; i < 2; i++) {
        other->has_sub = false;
        cr_assert(load(&box_table, other, form, &saved, NULL, &error), "seed %u, form %d: %s: %s",
                  seed, form, bm_error_path(error), SAYS(error));
        cr_assert(save(&box_table, other, form, &again, &error), "seed %u: %s", seed, SAYS(error));
        check_same(&saved, &again, seed, form);
        saved_clear(&again);
        other->at_most = 1000;
    }
    saved_clear(&saved);
    box_free(box);
    box_free(other);
}

Test(random_tables, come_back_as_they_were)
{
    for (guint32 seed = 0; seed < SEEDS; seed++) {
        for (Form form = FORM_BER; form < FORMS; form++) {
            check_way(seed, form);
        }
    }
}

/* ---- wrong octets ---- */

static void check_cut(guint32 seed, Form form)
{
    unsigned nulls;
    Box *box = random_box(seed, &nulls);
    Saved saved;

    cr_assert(save(&box_table, box, form, &saved, NULL));
    while (saved.octets->len > 0) {
        Box *other = box_new(nulls);
        GError *error = NULL;

        g_byte_array_set_size(saved.octets, saved.octets->len - 1);
        /* Where a subsection ends too early there is none for QEMU; it may be the last thing. */
        if (!load(&box_table, other, form, &saved, NULL, &error)) {
            cr_expect(error->code == BM_TRAILING || g_str_has_prefix(bm_error_path(error), "box"),
                      "%s: %s", bm_error_path(error), error->message);
            g_error_free(error);
        } else {
            cr_expect_eq(form, FORM_PLAIN);
        }
        box_free(other);
    }
    saved_clear(&saved);
    box_free(box);
}

Test(random_tables, cut_octets_are_refused)
{
    for (guint32 seed = 0; seed < CUT_SEEDS; seed++) {
        for (Form form = FORM_BER; form < FORMS; form++) {
            check_cut(seed, form);
        }
    }
}

static void change(GRand *random, GByteArray *octets)
{
    for (int n = g_rand_int_range(random, 1, 4); n > 0 && octets->len > 0; n--) {
        octets->data[g_rand_int_range(random, 0, (gint32)octets->len)] ^=
            (uint8_t)(1 << g_rand_int_range(random, 0, 8));
    }
}

/* Loaded or not: the sanitizers see to the rest, and it can be saved again. */
static void check_changed(guint32 seed, Form form)
{
    GRand *random = g_rand_new_with_seed(seed + SEEDS);
    unsigned nulls;
    Box *box = random_box(seed, &nulls);
    Saved saved;

    cr_assert(save(&box_table, box, form, &saved, NULL));
    for (int i = 0; i < CHANGES; i++) {
        Box *other = box_new(nulls);
        Saved again;

        change(random, saved.octets);
        if (load(&box_table, other, form, &saved, NULL, NULL)) {
            cr_expect(save(&box_table, other, form, &again, NULL));
            saved_clear(&again);
        }
        box_free(other);
    }
    saved_clear(&saved);
    box_free(box);
    g_rand_free(random);
}

Test(random_tables, changed_octets_do_no_harm)
{
    for (guint32 seed = 0; seed < WRONG_SEEDS; seed++) {
        for (Form form = FORM_BER; form < FORMS; form++) {
            check_changed(seed, form);
        }
    }
}

/* The description of one object, the pointers of another. */
Test(random_tables, objects_of_another_form_are_refused)
{
    for (guint32 seed = 0; seed < SEEDS; seed++) {
        unsigned nulls, others;
        Box *box = random_box(seed, &nulls), *model = random_box(seed + 1, &others);
        Box *other = box_new(others);
        GError *error = NULL;
        Saved saved;

        cr_assert(save(&box_table, box, FORM_BER, &saved, NULL));
        if (nulls == others) {
            cr_expect(load(&box_table, other, FORM_BER, &saved, NULL, NULL), "seed %u", seed);
        } else {
            cr_assert_not(load(&box_table, other, FORM_BER, &saved, NULL, &error), "seed %u", seed);
            cr_expect_eq(error->code, BM_MISMATCH, "seed %u: %s", seed, SAYS(error));
            g_error_free(error);
        }
        saved_clear(&saved);
        box_free(other);
        box_free(model);
        box_free(box);
    }
}

/* A description that asks for what the object does not have. */
Test(random_tables, objects_that_have_changed_are_not_saved)
{
    for (guint32 seed = 0; seed < SEEDS; seed++) {
        unsigned nulls, others;
        Box *box = random_box(seed, &nulls), *other = random_box(seed + 1, &others);
        BmSchemaSet *set = bm_schema_set_new();
        const BmSchema *schema = bm_table_describe(&box_table, box, set, NULL);
        const BmSchema *own = bm_table_describe(&box_table, other, set, NULL);
        BmVisitor *in = bm_visitor_table_in(&box_table, other), *out = bm_visitor_null();

        cr_assert(schema && own);
        cr_expect_eq(bm_walk(schema, in, out, NULL, NULL), schema == own, "seed %u", seed);
        bm_visitor_free(in);
        bm_visitor_free(out);
        bm_schema_set_free(set);
        box_free(box);
        box_free(other);
    }
}

/* ---- another order ---- */

static const BmSchema *shuffled(GRand *random, BmSchemaSet *set, const BmSchema *schema)
{
    BmSchemaBuilder *b = bm_schema_builder_new(schema->name, schema->version);
    g_autofree BmField *fields = g_memdup2(schema->fields, schema->n_fields * sizeof(*fields));

    /* Mostly a few that change places, so that not all fail at once. */
    for (int n = g_rand_int_range(random, 1, 6); n > 0; n--) {
        gint32 i = g_rand_int_range(random, 0, (gint32)schema->n_fields);
        gint32 j = g_rand_int_range(random, 0, (gint32)schema->n_fields);
        BmField field = fields[i];

        fields[i] = fields[j];
        fields[j] = field;
    }
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (g_rand_int(random) % 50) {
            bm_schema_builder_field(b, &fields[i]);
        }
    }
    return bm_schema_set_intern(set, b, NULL);
}

/* Into an object that holds others already: its counters must not lie afterwards. */
static gboolean pass_shuffled(GRand *random, Box *box, Box *other)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = shuffled(random, set, bm_table_describe(&box_table, box, set, NULL));
    BmVisitor *in = bm_visitor_table_in(&box_table, box);
    BmVisitor *out = bm_visitor_table_out(&box_table, other, 2, NULL);
    gboolean ok = bm_walk(schema, in, out, NULL, NULL);

    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_schema_set_free(set);
    return ok;
}

Test(random_tables, fields_in_any_order_do_no_harm)
{
    GRand *random = g_rand_new_with_seed(7);
    guint passed = 0;

    for (guint32 seed = 0; seed < 10 * SEEDS; seed++) {
        Box *box = box_new(0), *other = box_new(0);
        Saved saved;

        box_fill(box, random);
        box_fill(other, random);
        box->equal = other->equal;
        box->at_most = 1;
        if (pass_shuffled(random, box, other)) {
            cr_expect(save(&box_table, other, FORM_BER, &saved, NULL), "seed %u", seed);
            saved_clear(&saved);
            passed++;
        }
        box_free(box);
        box_free(other);
    }
    cr_expect_gt(passed, 0);
    g_rand_free(random);
}
