/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device into a tree and out of it: the same octets and the same schema, for
 * schemas and values from a seed.
 */
#include <criterion/criterion.h>

#include "legacy-values.h"
#include "random-schema.h"
#include "state.h"
#include "walk.h"

#define SEEDS 400

static void must_walk(const BmSchema *schema, BmVisitor *in, BmVisitor *out, guint32 seed)
{
    GError *error = NULL;

    cr_assert(bm_walk(schema, in, out, "root", &error), "seed %u: %s", seed,
              error ? error->message : "");
    bm_visitor_free(in);
    bm_visitor_free(out);
}

static BmOutput *octets_of(const BmState *state, const BmSchema *schema, guint32 seed)
{
    BmOutput *octets = bm_output_memory();

    must_walk(schema, bm_visitor_state_in(state), bm_visitor_legacy_out(octets), seed);
    return octets;
}

static void expect_same(BmOutput *a, BmOutput *b, guint32 seed)
{
    BmOctets x = bm_output_memory_data(a), y = bm_output_memory_data(b);

    cr_assert_eq(x.len, y.len, "seed %u", seed);
    cr_expect(!x.len || !memcmp(x.data, y.data, x.len), "seed %u", seed);
}

static void check_copies(const BmState *state, const BmSchema *schema, BmSchemaSet *set,
                         BmOutput *octets, guint32 seed)
{
    BmSchemaSet *other = bm_schema_set_new();
    BmState *copy = bm_state_copy(state);
    const BmSchema *theirs = bm_schema_copy(schema, other, NULL);
    BmOutput *again;

    cr_expect_eq(bm_state_schema(state, set, NULL), schema, "seed %u", seed);
    cr_expect_eq(bm_state_schema(copy, other, NULL), theirs, "seed %u", seed);
    cr_expect_eq(bm_schema_copy(theirs, set, NULL), schema, "seed %u", seed);
    again = octets_of(copy, theirs, seed);
    expect_same(octets, again, seed);
    bm_output_free(again);
    bm_state_free(copy);
    bm_schema_set_free(other);
}

static void check_seed(guint32 seed)
{
    GRand *random = g_rand_new_with_seed(seed);
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = random_schema(random, set);
    BmOutput *first = bm_output_memory(), *again;
    BmFault fault = {BM_OK};
    BmOctets data;
    BmState *state;

    must_walk(schema, random_values(random), bm_visitor_legacy_out(first), seed);
    data = bm_output_memory_data(first);
    must_walk(schema, bm_visitor_legacy_in(bm_view(data.data, data.len, 0, &fault)),
              bm_visitor_state_out(&state), seed);
    cr_assert_not_null(state);
    again = octets_of(state, schema, seed);
    expect_same(first, again, seed);
    check_copies(state, schema, set, first, seed);
    bm_output_free(first);
    bm_output_free(again);
    bm_state_free(state);
    bm_schema_set_free(set);
    g_rand_free(random);
}

Test(state_trees, lose_nothing)
{
    for (guint32 seed = 0; seed < SEEDS; seed++) {
        check_seed(seed);
    }
}

/* What random schemas do not have. */
Test(state_trees, keep_conditions)
{
    BmSchemaSet *set = bm_schema_set_new(), *other = bm_schema_set_new();
    BmSchemaBuilder *b = bm_schema_builder_new("nic", 1);
    BmField field = {
        .name = "on", .kind = BM_KIND_BOOLEAN, .width = 1, .count = 1, .condition = "has_on"};
    const BmSchema *schema;
    GRand *random = g_rand_new_with_seed(1);
    BmState *state, *copy;

    bm_schema_builder_field(b, &field);
    bm_schema_builder_option(b, "needed", TRUE);
    schema = bm_schema_set_intern(set, b, NULL);
    must_walk(schema, random_values(random), bm_visitor_state_out(&state), 1);
    copy = bm_state_copy(state);
    cr_expect_eq(bm_state_schema(copy, set, NULL), schema);
    cr_expect_eq(bm_schema_copy(bm_schema_copy(schema, other, NULL), set, NULL), schema);
    g_rand_free(random);
    bm_state_free(copy);
    bm_state_free(state);
    bm_schema_set_free(other);
    bm_schema_set_free(set);
}

/* ---- paths and values ---- */

static void add(BmState *s, const char *name, BmKind kind, uint32_t width, uint32_t count,
                const char *value)
{
    BmStateField *f =
        bm_state_field_new(&(BmField){.name = name, .kind = kind, .width = width, .count = count});

    bm_state_field_clear(f);
    cr_assert(bm_state_value_set(f, -1, value, NULL), "%s", name);
    bm_state_insert(s, -1, f);
}

static BmState *sample(void)
{
    BmState *root = bm_state_new("nic", 1), *pci = bm_state_new("PCIDevice", 2);
    BmState *sub = bm_state_new("nic/rsc", 1);
    BmStateField *f =
        bm_state_field_new(&(BmField){.name = "parent_obj", .kind = BM_KIND_STRUCT, .count = 1});

    add(pci, "irq_state", BM_KIND_BUFFER, 4, 1, "hex:00010203");
    g_ptr_array_add(f->structs, pci);
    bm_state_insert(root, -1, f);
    add(root, "mac_reg", BM_KIND_UNSIGNED, 4, 5, "0 1 0x2 3 4");
    add(root, "ar.pm1.sts", BM_KIND_SIGNED, 2, 1, "-2");
    add(sub, "on", BM_KIND_BOOLEAN, 1, 1, "true");
    g_ptr_array_add(root->subsections, sub);
    return root;
}

static void expect_text(BmState *root, const char *path, const char *text)
{
    GArray *found = bm_state_find(root, path);
    BmStateRef *ref = &g_array_index(found, BmStateRef, 0);
    char *is;

    cr_assert_eq(found->len, 1, "%s: %u", path, found->len);
    is = bm_state_value_text(ref->field, ref->element);
    cr_expect_str_eq(is, text, "%s", path);
    g_free(is);
    g_array_free(found, TRUE);
}

Test(state_trees, paths_lead_to_values)
{
    static const char *const nowhere[] = {
        "PCIDevice.irq", "mac_reg[5]",  "mac_reg[]", "ar.pm1",    "PCIDevice.",
        "mac_reg.x",     "nic/rsc.off", ".",         "mac_reg[3", "PCIDevice[1].irq_state"};
    BmState *root = sample();

    expect_text(root, "PCIDevice.irq_state", "hex:00010203");
    expect_text(root, "parent_obj.irq_state[2]", "2");
    expect_text(root, "PCIDevice.irq_state(4)(1)", "hex:00010203");
    expect_text(root, "mac_reg", "0 1 2 3 4");
    expect_text(root, "mac_reg[3]", "3");
    expect_text(root, "mac_reg(5)(4).[3]", "3");
    expect_text(root, "ar.pm1.sts", "-2");
    expect_text(root, "rsc.on", "true");
    expect_text(root, "nic/rsc.on", "true");
    for (guint i = 0; i < G_N_ELEMENTS(nowhere); i++) {
        cr_expect_null(bm_state_get(root, nowhere[i]), "%s", nowhere[i]);
    }
    bm_state_free(root);
}

Test(state_trees, values_must_fit)
{
    static const struct {
        const char *path, *value;
        gboolean fits;
    } cases[] = {
        {"mac_reg", "7", TRUE},
        {"mac_reg", "0x100000000", FALSE},
        {"mac_reg", "1 2", FALSE},
        {"mac_reg", "-1", FALSE},
        {"ar.pm1.sts", "-32768", TRUE},
        {"ar.pm1.sts", "32768", FALSE},
        {"ar.pm1.sts", "", FALSE},
        {"ar.pm1.sts", "hex:ffff", TRUE},
        {"ar.pm1.sts", "hex:ff", FALSE},
        {"rsc.on", "false", TRUE},
        {"rsc.on", "2", FALSE},
        {"PCIDevice.irq_state", "hex:01020304", TRUE},
        {"PCIDevice.irq_state", "hex:0102030", FALSE},
        {"PCIDevice.irq_state", "0", TRUE},
        {"PCIDevice", "0", FALSE},
    };
    BmState *root = sample();

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        BmStateField *f = bm_state_get(root, cases[i].path);

        cr_expect_eq(bm_state_value_set(f, -1, cases[i].value, NULL), cases[i].fits, "%s = %s",
                     cases[i].path, cases[i].value);
    }
    bm_state_free(root);
}
