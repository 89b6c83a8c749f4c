/* SPDX-License-Identifier: BSD-2-Clause */
#include "box.h"

#include <string.h>

/* ---- tables ---- */

static const BmTableField item_fields[] = {
    BM_FIELD_I16(Item, x),
    BM_FIELD_U8(Item, y),
    BM_FIELD_END,
};

const BmTable item_table = {
    .name = "item", .version = 1, .fields = item_fields, .size = sizeof(Item)};

static gboolean part_has_extra(const void *part)
{
    return ((const Part *)part)->has_extra;
}

/* That it came is how the other side knows. */
static gboolean extra_came(void *part, uint32_t version, GError **error)
{
    (void)version;
    (void)error;
    ((Part *)part)->has_extra = true;
    return TRUE;
}

static const BmTableField extra_fields[] = {BM_FIELD_U8(Part, extra), BM_FIELD_END};
static const BmTable extra_table = {.name = "part/extra",
                                    .version = 1,
                                    .fields = extra_fields,
                                    .size = sizeof(Part),
                                    .needed = part_has_extra,
                                    .condition = "has_extra",
                                    .post_load = extra_came};

static const BmTableField part_fields[] = {
    BM_FIELD_U8(Part, n),
    BM_ROW_COUNTED(Part, values, BM_TYPE_U16, uint16_t, n, BOX_MOST),
    BM_FIELD_ALLOCATED(Part, more, BM_TYPE_U32, uint32_t, n, BOX_MOST),
    BM_FIELD_END,
};

const BmTable part_table = {
    .name = "part",
    .version = 3,
    .fields = part_fields,
    .subsections = (const BmTable *const[]){&extra_table, NULL},
    .size = sizeof(Part),
};

static gboolean get_swapped(const void *member, uint8_t *octets, size_t size, GError **error)
{
    (void)error;
    for (size_t i = 0; i < size; i++) {
        octets[i] = (uint8_t)(*(const uint32_t *)member >> 8 * i);
    }
    return TRUE;
}

static gboolean put_swapped(void *member, const uint8_t *octets, size_t size, GError **error)
{
    uint32_t value = 0;

    (void)error;
    for (size_t i = 0; i < size; i++) {
        value |= (uint32_t)octets[i] << 8 * i;
    }
    *(uint32_t *)member = value;
    return TRUE;
}

typedef struct Halves {
    Box *box;
    uint16_t high, low;
} Halves;

static gboolean split(void *object, GError **error)
{
    Halves *halves = object;

    (void)error;
    halves->high = (uint16_t)(halves->box->split >> 16);
    halves->low = (uint16_t)halves->box->split;
    return TRUE;
}

static gboolean join(void *object, uint32_t version, GError **error)
{
    Halves *halves = object;

    (void)version;
    (void)error;
    halves->box->split = (uint32_t)halves->high << 16 | halves->low;
    return TRUE;
}

static const BmTableField halves_fields[] = {
    BM_FIELD_U16(Halves, high),
    BM_FIELD_U16(Halves, low),
    BM_FIELD_END,
};

static const BmTable halves_table = {.name = "halves",
                                     .version = 1,
                                     .fields = halves_fields,
                                     .size = sizeof(Halves),
                                     .pre_save = split,
                                     .post_load = join};

gint compare_items(gconstpointer a, gconstpointer b)
{
    const Item *one = a, *other = b;

    return one->x != other->x ? one->x - other->x : one->y - other->y;
}

static gboolean has_later(const void *box, uint32_t version)
{
    (void)version;
    return ((const Box *)box)->has_later;
}

static gboolean has_sub(const void *box)
{
    return ((const Box *)box)->has_sub;
}

static gboolean sub_came(void *box, uint32_t version, GError **error)
{
    (void)version;
    (void)error;
    ((Box *)box)->has_sub = true;
    return TRUE;
}

static const BmTableField sub_fields[] = {BM_FIELD_U32(Box, sub), BM_FIELD_END};
static const BmTable sub_table = {.name = "box/sub",
                                  .version = 1,
                                  .fields = sub_fields,
                                  .size = sizeof(Box),
                                  .needed = has_sub,
                                  .condition = "has_sub",
                                  .post_load = sub_came};

static const BmTableField box_fields[] = {
    BM_FIELD_BOOL(Box, yes),
    BM_FIELD_U8(Box, u8),
    BM_FIELD_U16(Box, u16),
    BM_FIELD_U32(Box, u32),
    BM_FIELD_U64(Box, u64),
    BM_FIELD_I8(Box, i8),
    BM_FIELD_I16(Box, i16),
    BM_FIELD_I32(Box, i32),
    BM_FIELD_I64(Box, i64),
    BM_FIELD_F64(Box, f64),
    BM_FIELD_F80(Box, f80),
    BM_FIELD_TIMER(Box, timer),
    BM_FIELD_BUFFER(Box, octets),
    BM_FIELD_STRING(Box, text),
    {.name = "map", .type = BM_TYPE_BITMAP, .offset = offsetof(Box, map), .size = BOX_BITS},
    BM_FIELD_UNUSED(3),
    BM_FIELD_BOOL_ARRAY(Box, flags, 3),
    BM_FIELD_U8_ARRAY(Box, bytes, 3),
    {.name = "words",
     .type = BM_TYPE_U16,
     .offset = BM_OFFSET(Box, words, uint16_t[2][2]),
     .size = sizeof(uint16_t),
     .count = 4},
    BM_FIELD_I64_ARRAY(Box, longs, 2),
    BM_ROW_ARRAY(Box, floats, BM_TYPE_F64, double, 2),
    {.name = "lines",
     .type = BM_TYPE_BUFFER,
     .offset = offsetof(Box, lines),
     .size = 3,
     .count = 2},
    BM_FIELD_UNUSED(1),
    BM_FIELD_U8(Box, n8),
    BM_FIELD_U16(Box, n16),
    BM_FIELD_U32(Box, n32),
    BM_FIELD_I32(Box, nint),
    BM_FIELD_U64(Box, n64),
    BM_FIELD_U32_COUNTED(Box, counted, n32, BOX_MOST),
    BM_FIELD_STRUCT_COUNTED(Box, items, n64, BOX_MOST, item_table, Item),
    {.name = "part_of_buffer",
     .type = BM_TYPE_BUFFER,
     .offset = offsetof(Box, part_of_buffer) + 4,
     .size = 1,
     .count = BOX_MOST,
     .counter = BM_COUNTER(Box, n8)},
    {.name = "pointer",
     .type = BM_TYPE_U32,
     .shape = BM_SHAPE_POINTER,
     .offset = BM_OFFSET(Box, pointer, uint32_t *),
     .size = sizeof(uint32_t)},
    BM_FIELD_POINTED(Box, pointed, BM_TYPE_U16, uint16_t, n8, BOX_MOST),
    BM_FIELD_ALLOCATED(Box, allocated, BM_TYPE_I32, int32_t, n16, BOX_MOST),
    {.name = "buffer",
     .type = BM_TYPE_BUFFER,
     .shape = BM_SHAPE_ALLOCATED,
     .offset = BM_OFFSET(Box, buffer, uint8_t *),
     .size = 1,
     .count = 2 * BOX_MOST,
     .counter = {.type = BM_TYPE_U32, .offset = offsetof(Box, n32), .times = 2}},
    {.name = "map2",
     .type = BM_TYPE_BITMAP,
     .shape = BM_SHAPE_ALLOCATED,
     .offset = BM_OFFSET(Box, map2, unsigned long *),
     .size = 1,
     .count = 2 * BOX_BITS,
     .counter = BM_COUNTER(Box, nint)},
    BM_FIELD_ALLOCATED(Box, floats2, BM_TYPE_F64, double, n64, BOX_MOST),
    BM_FIELD_STRUCT_POINTER(Box, item, item_table, Item),
    BM_FIELD_ALLOCATED(Box, items2, BM_TYPE_STRUCT, Item, nint, 2 * BOX_BITS, .table = &item_table),
    BM_FIELD_ALLOCATED(Box, parts2, BM_TYPE_STRUCT, Part, n8, BOX_MOST, .table = &part_table),
    BM_FIELD_STRUCT_POINTERS(Box, pointers, 4, item_table, Item),
    {.name = "numbers",
     .type = BM_TYPE_U16,
     .shape = BM_SHAPE_POINTERS,
     .offset = BM_OFFSET(Box, numbers, uint16_t *[4]),
     .size = sizeof(uint16_t),
     .count = 4},
    BM_FIELD_STRUCT(Box, one, item_table, Item),
    BM_FIELD_STRUCT_ARRAY(Box, two, 2, item_table, Item),
    BM_FIELD_STRUCT_ARRAY(Box, parts, 3, part_table, Part),
    {.name = "queue",
     .type = BM_TYPE_QUEUE,
     .offset = BM_OFFSET(Box, queue, GQueue *),
     .count = BOX_MOST,
     .size = sizeof(Part),
     .table = &part_table},
    {.name = "tree",
     .type = BM_TYPE_TREE,
     .offset = BM_OFFSET(Box, tree, GTree *),
     .count = BOX_MOST,
     .table = &item_table},
    BM_FIELD_TREE_OF_NODES(Box, nodes, BOX_MOST, compare_items, item_table, Item, part_table, Part),
    {.name = "tailq",
     .type = BM_TYPE_TAILQ,
     .offset = offsetof(Box, tailq),
     .link = offsetof(Item, tail_link),
     .count = BOX_MOST,
     .table = &item_table},
    {.name = "list",
     .type = BM_TYPE_LIST,
     .offset = offsetof(Box, list),
     .link = offsetof(Item, list_link),
     .count = BOX_MOST,
     .table = &item_table},
    {.name = "swapped",
     .type = BM_TYPE_CUSTOM,
     .offset = BM_OFFSET(Box, swapped, uint32_t),
     .size = 4,
     .type_name = "swapped",
     .get = get_swapped,
     .put = put_swapped},
    {.name = "tmp", .type = BM_TYPE_TEMP, .table = &halves_table},
    BM_FIELD_U8(Box, equal, .flags = BM_EQUAL),
    BM_FIELD_I32(Box, at_most, .flags = BM_AT_MOST),
    BM_FIELD_BOOL(Box, has_later, .since = 2),
    BM_FIELD_U32(Box, later, .since = 2, .when = has_later, .condition = "has_later"),
    BM_FIELD_END,
};

const BmTable box_table = {
    .name = "box",
    .version = 2,
    .minimum_version = 1,
    .fields = box_fields,
    .subsections = (const BmTable *const[]){&sub_table, NULL},
    .size = sizeof(Box),
};

/* ---- objects ---- */

Box *box_new(unsigned nulls)
{
    Box *box = g_new0(Box, 1);

    box->pointer = nulls & 1 ? NULL : g_new0(uint32_t, 1);
    box->item = nulls & 2 ? NULL : g_new0(Item, 1);
    box->pointed = g_new0(uint16_t, BOX_MOST);
    for (int i = 0; i < 4; i++) {
        box->pointers[i] = nulls & 4u << i ? NULL : g_new0(Item, 1);
        box->numbers[i] = nulls & 64u << i ? NULL : g_new0(uint16_t, 1);
    }
    TAILQ_INIT(&box->tailq);
    box->equal = 7;
    box->at_most = 1000;
    return box;
}

void box_free(Box *box)
{
    bm_table_clear(&box_table, box);
    for (int i = 0; i < 4; i++) {
        g_free(box->pointers[i]);
        g_free(box->numbers[i]);
    }
    g_free(box->pointer);
    g_free(box->item);
    g_free(box->pointed);
    g_free(box);
}

/* ---- values ---- */

static uint8_t some(GRand *random, guint most)
{
    return (uint8_t)g_rand_int_range(random, 0, (gint32)most + 1);
}

static void fill(GRand *random, void *memory, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        /* Often all zeros or ones, where signs and lengths change. */
        ((uint8_t *)memory)[i] = g_rand_int(random) % 4 ? (uint8_t)g_rand_int(random)
                                                        : (uint8_t) - (g_rand_int(random) % 2);
    }
}

static void *filled(GRand *random, size_t size)
{
    void *memory = size ? g_malloc(size) : NULL;

    fill(random, memory, size);
    return memory;
}

static void fill_item(GRand *random, Item *item)
{
    fill(random, &item->x, sizeof(item->x));
    item->y = some(random, 255);
}

static Item *new_item(GRand *random)
{
    Item *item = g_new0(Item, 1);

    fill_item(random, item);
    return item;
}

static void fill_part(GRand *random, Part *part)
{
    part->n = some(random, BOX_MOST);
    fill(random, part->values, sizeof(part->values));
    part->more = filled(random, part->n * sizeof(*part->more));
    part->has_extra = some(random, 1);
    part->extra = some(random, 255);
}

static Part *new_parts(GRand *random, guint n)
{
    Part *parts = n ? g_new0(Part, n) : NULL;

    for (guint i = 0; i < n; i++) {
        fill_part(random, &parts[i]);
    }
    return parts;
}

static gint compare_keys(gconstpointer a, gconstpointer b)
{
    return (uintptr_t)a < (uintptr_t)b ? -1 : (uintptr_t)a > (uintptr_t)b;
}

static void fill_nodes(GRand *random, Box *box)
{
    box->nodes = some(random, 3) ? g_tree_new(compare_items) : NULL;
    for (guint n = box->nodes ? some(random, BOX_MOST) : 0; n > 0; n--) {
        Item *key = new_item(random);

        if (g_tree_lookup_extended(box->nodes, key, NULL, NULL)) {
            g_free(key);
        } else {
            g_tree_insert(box->nodes, key, new_parts(random, 1));
        }
    }
}

static void fill_lists(GRand *random, Box *box)
{
    const guint shift = some(random, 40);
    Item *last = NULL;

    if (some(random, 3)) {
        box->queue = g_queue_new();
        box->tree = g_tree_new(compare_keys);
    }
    for (guint n = box->queue ? some(random, BOX_MOST) : 0; n > 0; n--) {
        g_queue_push_tail(box->queue, new_parts(random, 1));
        g_tree_insert(box->tree, (gpointer)((uintptr_t)n << shift), new_item(random));
    }
    for (guint n = some(random, BOX_MOST); n > 0; n--) {
        Item *item = new_item(random);

        TAILQ_INSERT_TAIL(&box->tailq, item, tail_link);
        item = new_item(random);
        if (last) {
            LIST_INSERT_AFTER(last, item, list_link);
        } else {
            LIST_INSERT_HEAD(&box->list, item, list_link);
        }
        last = item;
    }
}

static void fill_elsewhere(GRand *random, Box *box)
{
    if (box->pointer) {
        fill(random, box->pointer, sizeof(*box->pointer));
    }
    if (box->item) {
        fill_item(random, box->item);
    }
    fill(random, box->pointed, BOX_MOST * sizeof(*box->pointed));
    box->allocated = filled(random, box->n16 * sizeof(*box->allocated));
    box->buffer = filled(random, 2 * box->n32);
    box->map2 = filled(random, ((size_t)box->nint + 63) / 64 * 8);
    box->floats2 = filled(random, box->n64 * sizeof(*box->floats2));
    box->items2 = box->nint ? g_new0(Item, (gsize)box->nint) : NULL;
    for (int i = 0; i < box->nint; i++) {
        fill_item(random, &box->items2[i]);
    }
    box->parts2 = new_parts(random, box->n8);
    for (int i = 0; i < 4; i++) {
        if (box->pointers[i]) {
            fill_item(random, box->pointers[i]);
        }
        if (box->numbers[i]) {
            fill(random, box->numbers[i], sizeof(*box->numbers[i]));
        }
    }
}

static void fill_flags(GRand *random, Box *box)
{
    box->yes = some(random, 1);
    for (int i = 0; i < 3; i++) {
        box->flags[i] = some(random, 1);
        fill_part(random, &box->parts[i]);
    }
    memset(box->text, 0, sizeof(box->text));
    for (guint n = some(random, sizeof(box->text) - 1); n > 0; n--) {
        box->text[n - 1] = (char)('a' + some(random, 25));
    }
    box->n8 = some(random, BOX_MOST);
    box->n16 = some(random, BOX_MOST);
    box->n32 = some(random, BOX_MOST);
    box->n64 = some(random, BOX_MOST);
    box->nint = some(random, 2 * BOX_BITS);
    box->equal = 7;
    box->at_most = some(random, 200);
    box->has_later = some(random, 1);
    box->has_sub = some(random, 1);
}

void box_fill(Box *box, GRand *random)
{
    fill(random, &box->u8, offsetof(Box, f80) - offsetof(Box, u8));
    fill(random, &box->f80.mantissa, sizeof(box->f80.mantissa));
    fill(random, &box->f80.exponent, sizeof(box->f80.exponent));
    fill(random, &box->timer, offsetof(Box, flags) - offsetof(Box, timer));
    fill(random, box->bytes, offsetof(Box, n8) - offsetof(Box, bytes));
    fill(random, box->counted, sizeof(box->counted));
    fill(random, box->part_of_buffer, sizeof(box->part_of_buffer));
    fill(random, &box->swapped, 2 * sizeof(uint32_t));
    fill(random, &box->later, sizeof(box->later));
    fill(random, &box->sub, sizeof(box->sub));
    fill_flags(random, box);
    for (int i = 0; i < BOX_MOST; i++) {
        fill_item(random, &box->items[i]);
    }
    fill_item(random, &box->one);
    fill_item(random, &box->two[0]);
    fill_item(random, &box->two[1]);
    fill_elsewhere(random, box);
    fill_lists(random, box);
    fill_nodes(random, box);
}
