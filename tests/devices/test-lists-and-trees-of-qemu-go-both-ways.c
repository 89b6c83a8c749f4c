/* SPDX-License-Identifier: BSD-2-Clause */
/* The macros of compat/qemu-vmstate.h for lists and trees, with the octets of QEMU. */
#define BM_WANT_QEMU_NAMES
#define BM_QEMU_MOST 64
#include "qemu-octets.h"

#include <criterion/criterion.h>

/* ---- lists ---- */

typedef struct Item {
    uint8_t value;
    QTAILQ_ENTRY(Item) next;
    QLIST_ENTRY(Item) link;
} Item;

typedef struct Lists {
    QTAILQ_HEAD(Items, Item) tail;
    QLIST_HEAD(ItemList, Item) list;
} Lists;

static const VMStateDescription vmstate_item = {
    .name = "item",
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(value, Item),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_lists = {
    .name = "lists",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_QTAILQ_V(tail, Lists, 1, vmstate_item, Item, next),
            VMSTATE_QLIST_V(list, Lists, 1, vmstate_item, Item, link),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, lists)
{
    Item items[] = {{.value = 1}, {.value = 2}, {.value = 3}}, *item;
    Lists a, b;
    unsigned n = 0;

    TAILQ_INIT(&a.tail);
    LIST_INIT(&a.list);
    TAILQ_INIT(&b.tail);
    LIST_INIT(&b.list);
    TAILQ_INSERT_TAIL(&a.tail, &items[0], next);
    TAILQ_INSERT_TAIL(&a.tail, &items[1], next);
    LIST_INSERT_HEAD(&a.list, &items[1], link);
    LIST_INSERT_HEAD(&a.list, &items[2], link);
    qemu_octets_pass(&vmstate_lists, &a, &b, "01010102000103010200");
    TAILQ_FOREACH_REVERSE(item, &b.tail, Items, next)
    {
        cr_assert_eq(item->value, 2 - n++);
    }
    cr_assert_eq(n, 2);
    item = LIST_FIRST(&b.list);
    cr_assert_eq(item->link.le_prev, &b.list.lh_first);
    LIST_REMOVE(item, link);
    g_free(item);
    cr_assert_eq(LIST_FIRST(&b.list)->value, 2);
    bm_table_clear(bm_qemu_table(&vmstate_lists), &b);
    cr_assert(TAILQ_EMPTY(&b.tail) && LIST_EMPTY(&b.list));
}

/* ---- a tree: their number, then each with a mark and its key ---- */

typedef struct Forest {
    GTree *tree;
} Forest;

static const VMStateDescription vmstate_forest = {
    .name = "forest",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_GTREE_DIRECT_KEY_V(tree, Forest, 1, &vmstate_pair, Pair),
            VMSTATE_END_OF_LIST(),
        },
};

static gint compare_keys(gconstpointer a, gconstpointer b)
{
    return GPOINTER_TO_INT(a) - GPOINTER_TO_INT(b);
}

Test(macros, a_tree)
{
    Pair pairs[2] = {{1, 2}, {3, 4}};
    Forest a = {g_tree_new(compare_keys)}, b = {NULL};

    g_tree_insert(a.tree, GINT_TO_POINTER(5), &pairs[0]);
    g_tree_insert(a.tree, GINT_TO_POINTER(6), &pairs[1]);
    qemu_octets_pass(&vmstate_forest, &a, &b,
                     "00000002"
                     "0100000000000000050102"
                     "0100000000000000060304"
                     "00");
    cr_assert_eq(g_tree_nnodes(b.tree), 2);
    g_tree_destroy(a.tree);
    bm_table_clear(bm_qemu_table(&vmstate_forest), &b);
}

/* ---- a tree whose keys are objects: made before loading, as QEMU's devices do ---- */

typedef struct Span {
    uint64_t low, high;
} Span;

static gint compare_spans(gconstpointer a, gconstpointer b, gpointer data)
{
    const Span *one = a, *other = b;

    (void)data;
    return one->high < other->low ? -1 : one->low > other->high;
}

static int spans_pre_load(void *opaque)
{
    Forest *forest = opaque;

    forest->tree = g_tree_new_full(compare_spans, NULL, g_free, g_free);
    return 0;
}

static const VMStateDescription vmstate_span_mapping[2] = {
    {
        .name = "mapping",
        .version_id = 1,
        .minimum_version_id = 1,
        .fields =
            (const VMStateField[]){
                VMSTATE_UINT8(x, Pair),
                VMSTATE_UINT8(y, Pair),
                VMSTATE_END_OF_LIST(),
            },
    },
    {
        .name = "span",
        .version_id = 1,
        .minimum_version_id = 1,
        .fields =
            (const VMStateField[]){
                VMSTATE_UINT64(low, Span),
                VMSTATE_UINT64(high, Span),
                VMSTATE_END_OF_LIST(),
            },
    },
};

static const VMStateDescription vmstate_spans = {
    .name = "spans",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = spans_pre_load,
    .fields =
        (const VMStateField[]){
            VMSTATE_GTREE_V(tree, Forest, 1, vmstate_span_mapping, Span, Pair),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, a_tree_whose_keys_are_objects)
{
    Pair pairs[2] = {{1, 2}, {3, 4}};
    Span spans[2] = {{0x10, 0x1f}, {0x20, 0x2f}};
    Forest a = {g_tree_new_full(compare_spans, NULL, NULL, NULL)}, b = {NULL};
    const Pair *found;

    g_tree_insert(a.tree, &spans[1], &pairs[1]);
    g_tree_insert(a.tree, &spans[0], &pairs[0]);
    qemu_octets_pass(&vmstate_spans, &a, &b,
                     "00000002"
                     "010000000000000010000000000000001f0102"
                     "010000000000000020000000000000002f0304"
                     "00");
    found = g_tree_lookup(b.tree, &(Span){0x25, 0x26});
    cr_assert(found && found->x == 3);
    g_tree_destroy(a.tree);
    bm_table_clear(bm_qemu_table(&vmstate_spans), &b);
}
