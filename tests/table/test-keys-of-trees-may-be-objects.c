/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees of nodes: what is wrong in a stream is refused, and nothing is lost by it. */
#include <criterion/criterion.h>
#include <string.h>

#include "box.h"
#include "passage-of-tables.h"

typedef struct Wood {
    GTree *nodes; /* Item to Item */
} Wood;

static gint by_y(gconstpointer a, gconstpointer b)
{
    return ((const Item *)a)->y - ((const Item *)b)->y;
}

#define WOOD(max, compare)                                                                         \
    ((BmTable){.name = "wood",                                                                     \
               .version = 1,                                                                       \
               .fields = (const BmTableField[]){BM_FIELD_TREE_OF_NODES(Wood, nodes, max, compare,  \
                                                                       item_table, Item,           \
                                                                       item_table, Item),          \
                                                BM_FIELD_END},                                     \
               .size = sizeof(Wood)})

static Item *item(int16_t x, uint8_t y)
{
    Item *i = g_new0(Item, 1);

    i->x = x;
    i->y = y;
    return i;
}

/* Keys (1, 7), (2, 7) and (3, 8). */
static Wood three(void)
{
    Wood wood = {g_tree_new(compare_items)};

    g_tree_insert(wood.nodes, item(1, 7), item(10, 0));
    g_tree_insert(wood.nodes, item(2, 7), item(20, 0));
    g_tree_insert(wood.nodes, item(3, 8), item(30, 0));
    return wood;
}

static GError *error;
static Wood sent, received;
static const char *const names[FORMS] = {"BER", "QEMU's octets", "plain"};

static void setup(void)
{
    sent = three();
}

static void teardown(void)
{
    BmTable table = WOOD(0, compare_items);

    g_clear_error(&error);
    bm_table_clear(&table, &sent);
    bm_table_clear(&table, &received);
    cr_expect_null(sent.nodes);
}

TestSuite(nodes, .init = setup, .fini = teardown);

static void refused(const BmTable *to, Form form, BmCode code, const char *path,
                    const char *message)
{
    BmTable from = WOOD(0, compare_items);
    Saved saved;

    cr_assert(save(&from, &sent, form, &saved, &error), "%s", SAYS(error));
    cr_assert_not(load(to, &received, form, &saved, NULL, &error), "%s", names[form]);
    cr_expect_eq(error->code, (int)code, "%s: %s", names[form], error->message);
    cr_expect_str_eq(bm_error_path(error), path, "%s: %s", names[form], bm_error_path(error));
    cr_expect_str_eq(error->message, message, "%s: %s", names[form], error->message);
    g_clear_error(&error);
    saved_clear(&saved);
}

Test(nodes, values_arrive_under_their_keys)
{
    BmTable table = WOOD(3, compare_items);
    const Item key = {.x = 2, .y = 7};
    Saved saved;

    for (Form form = FORM_BER; form < FORMS; form++) {
        cr_assert(save(&table, &sent, form, &saved, &error), "%s", SAYS(error));
        cr_assert(load(&table, &received, form, &saved, NULL, &error), "%s", SAYS(error));
        cr_assert_eq(g_tree_nnodes(received.nodes), 3);
        cr_expect_eq(((Item *)g_tree_lookup(received.nodes, &key))->x, 20, "%s", names[form]);
        saved_clear(&saved);
    }
}

/* Keys that are two for the sender are one for the receiver. */
Test(nodes, a_key_comes_once)
{
    BmTable table = WOOD(0, by_y);

    refused(&table, FORM_BER, BM_DUPLICATE, "wood.nodes(3).[1]", "the key is there twice");
    refused(&table, FORM_LEGACY, BM_DUPLICATE, "wood.nodes(3).[1]", "the key is there twice");
    refused(&table, FORM_PLAIN, BM_DUPLICATE, "wood.nodes(0).[1]", "the key is there twice");
    cr_expect_eq(g_tree_nnodes(received.nodes), 1);
}

Test(nodes, there_is_a_maximum)
{
    BmTable table = WOOD(2, compare_items);

    refused(&table, FORM_BER, BM_LIMIT, "wood.nodes(3)", "3 elements, more than the maximum of 2");
    refused(&table, FORM_PLAIN, BM_LIMIT, "wood.nodes(0).[2]",
            "there are more elements than the maximum of 2");
}

Test(nodes, somebody_must_say_how_keys_compare)
{
    BmTable table = WOOD(0, NULL);
    const char *message = "no tree to load into: pre_load has made none, and no function says how "
                          "its keys compare";

    refused(&table, FORM_BER, BM_MISMATCH, "wood.nodes(3)", message);
    refused(&table, FORM_PLAIN, BM_MISMATCH, "wood.nodes(0)", message);
    cr_expect_null(received.nodes);
}

/* The number before the nodes, and the mark behind them. */
Test(nodes, as_many_as_are_announced)
{
    static const struct {
        uint8_t number;
        const char *message;
    } cases[] = {
        {2, "the tree has more elements than it says"},
        {4, "the tree has fewer elements than it says"},
        {0, "the tree has more elements than it says"},
    };
    BmTable table = WOOD(0, compare_items);
    Saved saved;

    cr_assert(save(&table, &sent, FORM_PLAIN, &saved, &error), "%s", SAYS(error));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        saved.octets->data[3] = cases[i].number;
        cr_assert_not(load(&table, &received, FORM_PLAIN, &saved, NULL, &error));
        cr_expect_str_eq(error->message, cases[i].message);
        cr_expect(g_str_has_prefix(bm_error_path(error), "wood.nodes(0)"), "%s",
                  bm_error_path(error));
        g_clear_error(&error);
    }
    saved_clear(&saved);
}

/* Anywhere: also between a key and its value. */
Test(nodes, a_cut_stream_is_refused)
{
    BmTable table = WOOD(0, compare_items);
    Saved saved;

    for (Form form = FORM_BER; form < FORMS; form++) {
        cr_assert(save(&table, &sent, form, &saved, &error), "%s", SAYS(error));
        while (saved.octets->len > 0) {
            g_byte_array_set_size(saved.octets, saved.octets->len - 1);
            cr_assert_not(load(&table, &received, form, &saved, NULL, &error), "%s, %u octets",
                          names[form], saved.octets->len);
            g_clear_error(&error);
        }
        saved_clear(&saved);
    }
}

/* No value, or no key: such nodes are in no stream of this table. */
Test(nodes, a_key_has_a_value)
{
    static const char *const missing[] = {"key", "value"};
    BmTable table = WOOD(0, compare_items);

    for (size_t i = 0; i < G_N_ELEMENTS(missing); i++) {
        const BmTable *node = table.fields[0].table;
        BmTable half = *node;
        BmTableField rows[] = {node->fields[1 - i], BM_FIELD_END};
        BmTableField tree = table.fields[0];
        BmTable from = table;
        g_autofree char *message =
            g_strdup_printf("field \"%s\" is missing in the stream", missing[i]);
        Saved saved;

        half.fields = rows;
        tree.table = &half;
        from.fields = (const BmTableField[]){tree, BM_FIELD_END};
        cr_assert(save(&from, &sent, FORM_BER, &saved, &error), "%s", SAYS(error));
        cr_assert_not(load(&table, &received, FORM_BER, &saved, NULL, &error));
        cr_expect_str_eq(error->message, message);
        cr_expect_str_eq(bm_error_path(error), "wood.nodes(3).[0]");
        g_clear_error(&error);
        saved_clear(&saved);
    }
}

/* Keys are intervals from x to y, equal if they overlap: not if y is below x. */
static gint apart(gconstpointer a, gconstpointer b)
{
    const Item *one = a, *other = b;

    return one->y < other->x ? -1 : one->x > other->y;
}

static gint apart_with_data(gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    return apart(a, b);
}

static gboolean make_tree(void *object, GError **e)
{
    (void)e;
    ((Wood *)object)->nodes = g_tree_new_full(apart_with_data, NULL, g_free, g_free);
    return TRUE;
}

Test(nodes, a_key_is_equal_to_itself)
{
    BmTable table = WOOD(0, apart), own = WOOD(0, NULL), any = WOOD(0, compare_items);
    Saved saved;

    bm_table_clear(&any, &sent);
    sent.nodes = g_tree_new(compare_items);
    g_tree_insert(sent.nodes, item(9, 1), item(0, 0));
    for (Form form = FORM_BER; form <= FORM_LEGACY; form++) {
        refused(&table, form, BM_MISMATCH, "wood.nodes(1).[0]", "the key is not equal to itself");
    }
    /* In a tree of the device's own nobody knows; it is freed all the same. */
    own.pre_load = make_tree;
    cr_assert(save(&any, &sent, FORM_PLAIN, &saved, &error), "%s", SAYS(error));
    for (int i = 0; i < 2; i++) {
        cr_assert(load(&own, &received, FORM_PLAIN, &saved, NULL, &error), "%s", SAYS(error));
        cr_expect_eq(g_tree_nnodes(received.nodes), 1);
    }
    saved_clear(&saved);
}

static gint with_data(gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    return compare_items(a, b);
}

/* A device's own tree may free what is taken out of it. */
Test(nodes, clearing_frees_once)
{
    BmTable table = WOOD(0, compare_items);
    Wood wood = {g_tree_new_full(with_data, NULL, g_free, g_free)};

    g_tree_insert(wood.nodes, item(1, 1), item(2, 2));
    bm_table_clear(&table, &wood);
    cr_expect_null(wood.nodes);
}
