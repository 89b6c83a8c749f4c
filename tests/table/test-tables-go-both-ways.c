/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each type in each shape: the octets that it has in BER and in QEMU's stream,
 * written out by hand, and the way back from both.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "box.h"
#include "passage-of-tables.h"

typedef struct Case {
    const char *rows; /* of the box, those that the last one needs before it */
    void (*fill)(Box *box);
    const char *legacy, *ber; /* as list_octets() has them */
    unsigned nulls;           /* box_new() */
} Case;

/* ---- a table of some rows ---- */

#define ROWS_MOST 8

typedef struct SomeRows {
    BmTable table;
    BmTableField fields[ROWS_MOST];
} SomeRows;

static void take_rows(SomeRows *some, const char *names)
{
    g_auto(GStrv) list = g_strsplit(names, " ", ROWS_MOST - 1);
    guint n = 0;

    memset(some, 0, sizeof(*some));
    some->table = (BmTable){.name = "box", .version = 2, .size = sizeof(Box)};
    for (char **name = list; *name; name++) {
        if (!strcmp(*name, "box/sub")) {
            some->table.subsections = box_table.subsections;
            continue;
        }
        for (const BmTableField *row = box_table.fields; row->name; row++) {
            if (!strcmp(row->name, *name)) {
                some->fields[n++] = *row;
                break;
            }
        }
    }
    some->table.fields = some->fields;
}

/* ---- values ---- */

static void numbers(Box *b)
{
    b->yes = true;
    b->u8 = 0xff;
    b->u16 = 0x8001;
    b->u32 = 0x12345678;
    b->u64 = UINT64_C(0xff00000000000001);
    b->i8 = -128;
    b->i16 = -2;
    b->i32 = 127;
    b->i64 = INT64_MIN;
}

static void others(Box *b)
{
    b->f64 = -2.5;
    b->f80 = (BmFloat80){UINT64_C(0x8000000000000001), 0xbfff};
    b->timer = -1;
    memcpy(b->octets, "\x01\x02\x00\x04", 4);
    strcpy(b->text, "abc");
    b->swapped = 0x01020304;
    b->split = 0xaaaa5555;
}

static void map(Box *b)
{
    /* Bits 0, 33, 63 and 69. */
    for (unsigned i = 0; i < 4; i++) {
        unsigned bit = (const unsigned[]){0, 33, 63, 69}[i], word = 8 * sizeof(long);

        b->map[bit / word] |= 1ul << bit % word;
    }
}

static void arrays(Box *b)
{
    memcpy(b->flags, (bool[]){true, false, true}, sizeof(b->flags));
    memcpy(b->bytes, "\x01\x02\x03", 3);
    memcpy(b->words, (uint16_t[]){1, 2, 3, 0x8000}, sizeof(b->words));
    memcpy(b->longs, (int64_t[]){-1, 1}, sizeof(b->longs));
    b->floats[1] = 1;
    memcpy(b->lines, "abcdef", 6);
}

static void counted(Box *b)
{
    b->n32 = 2;
    b->counted[0] = 1;
    b->counted[1] = 0xfffffffe;
}

static void counted_structs(Box *b)
{
    b->n64 = 2;
    b->items[0] = (Item){-1, 2};
    b->items[1] = (Item){3, 4};
}

static void nothing(Box *b)
{
    (void)b;
}

static void buffers(Box *b)
{
    b->n8 = 3;
    memcpy(b->part_of_buffer, "0123abc7", 8);
}

static void pointed(Box *b)
{
    b->n8 = 2;
    *b->pointer = 5;
    b->pointed[1] = 0x102;
}

static void allocated(Box *b)
{
    b->n16 = 2;
    b->allocated = g_new0(int32_t, 2);
    b->allocated[0] = -1;
}

static void allocated_buffer(Box *b)
{
    b->n32 = 2;
    b->buffer = g_memdup2("wxyz", 4);
}

static void allocated_map(Box *b)
{
    b->nint = 65;
    b->map2 = g_malloc0(16);
    b->map2[0] = 1ul << 31;
}

static void allocated_floats(Box *b)
{
    b->n64 = 1;
    b->floats2 = g_new0(double, 1);
}

static void structs(Box *b)
{
    *b->item = (Item){1, 2};
    b->one = (Item){3, 4};
    b->two[0] = (Item){5, 6};
    b->two[1] = (Item){7, 8};
}

static void pointers(Box *b)
{
    for (int i = 0; i < 4; i++) {
        if (b->pointers[i]) {
            *b->pointers[i] = (Item){(int16_t)i, 9};
        }
    }
}

static void few_numbers(Box *b)
{
    for (int i = 0; i < 4; i++) {
        if (b->numbers[i]) {
            *b->numbers[i] = (uint16_t)(i + 1);
        }
    }
}

static Part part(uint8_t n, bool has_extra)
{
    Part p = {.n = n, .values = {1, 2, 3, 4, 5}, .has_extra = has_extra, .extra = 7};

    p.more = n ? g_new0(uint32_t, n) : NULL;
    return p;
}

static void parts(Box *b)
{
    b->parts[0] = part(1, false);
    b->parts[1] = part(1, false);
    b->parts[2] = part(0, true);
}

static void allocated_parts(Box *b)
{
    b->n8 = 1;
    b->parts2 = g_new0(Part, 1);
    *b->parts2 = part(2, false);
}

static void allocated_items(Box *b)
{
    b->nint = 2;
    b->items2 = g_new0(Item, 2);
    b->items2[1] = (Item){1, 2};
}

static void queue(Box *b)
{
    Part *a = g_new0(Part, 1), *c = g_new0(Part, 1);

    *a = part(0, true);
    *c = part(1, false);
    b->queue = g_queue_new();
    g_queue_push_tail(b->queue, a);
    g_queue_push_tail(b->queue, c);
}

static gint compare_keys(gconstpointer a, gconstpointer b)
{
    return (uintptr_t)a < (uintptr_t)b ? -1 : (uintptr_t)a > (uintptr_t)b;
}

static Item *item(int16_t x, uint8_t y)
{
    Item *i = g_new0(Item, 1);

    *i = (Item){x, y};
    return i;
}

static void tree(Box *b)
{
    b->tree = g_tree_new(compare_keys);
    g_tree_insert(b->tree, GUINT_TO_POINTER(0x80000001), item(1, 2));
    g_tree_insert(b->tree, GUINT_TO_POINTER(3), item(4, 5));
}

static Part *part_of(uint16_t value, bool has_extra)
{
    Part *p = g_new0(Part, 1);

    *p = (Part){.n = 1, .values = {value}, .more = g_new0(uint32_t, 1), .has_extra = has_extra};
    return p;
}

static void nodes(Box *b)
{
    b->nodes = g_tree_new(compare_items);
    g_tree_insert(b->nodes, item(3, 4), part_of(6, false));
    g_tree_insert(b->nodes, item(-1, 2), part_of(5, true));
}

static void lists(Box *b)
{
    Item *i = item(1, 2), *j = item(3, 4), *k = item(5, 6);

    TAILQ_INSERT_TAIL(&b->tailq, i, tail_link);
    TAILQ_INSERT_TAIL(&b->tailq, j, tail_link);
    LIST_INSERT_HEAD(&b->list, k, list_link);
}

static void limited(Box *b)
{
    b->at_most = 300;
}

static void later(Box *b)
{
    b->has_later = true;
    b->later = 1;
    b->has_sub = true;
    b->sub = 2;
}

/* ---- octets ---- */

static const Case cases[] = {
    {"yes u8 u16 u32 u64 i8 i16", numbers,
     "{ yes=01 u8=ff u16=8001 u32=12345678 u64=ff00000000000001 i8=80 i16=fffe }",
     "{ yes=0101ff u8=020200ff u16=0203008001 u32=020412345678 u64=020900ff00000000000001 "
     "i8=020180 i16=0201fe }"},
    {"i32 i64", numbers, "{ i32=0000007f i64=8000000000000000 }",
     "{ i32=02017f i64=02088000000000000000 }"},
    {"f64 f80 timer octets text", others,
     "{ f64=c004000000000000 f80=bfff8000000000000001 timer=ffffffffffffffff octets=01020004 "
     "text=6162630000000000 }",
     "{ f64=0408c004000000000000 f80=040abfff8000000000000001 timer=0201ff octets=040401020004 "
     "text=0c03616263 }"},
    {"map unused", map, "{ map=80000002000000010000000000000020 unused=000000 }",
     "{ map=041080000002000000010000000000000020 unused=0403000000 }"},
    {"flags bytes words longs floats lines", arrays,
     "{ flags=010001 bytes=010203 words=0001000200038000 longs=ffffffffffffffff0000000000000001 "
     "floats=00000000000000003ff0000000000000 lines=616263646566 }",
     "{ flags=0403010001 bytes=0403010203 words=04080001000200038000 "
     "longs=0410ffffffffffffffff0000000000000001 floats=041000000000000000003ff0000000000000 "
     "lines=0406616263646566 }"},
    {"n32 counted", counted, "{ n32=00000002 counted=00000001fffffffe }",
     "{ n32=020102 counted=040800000001fffffffe }"},
    {"n32 counted", nothing, "{ n32=00000000 }", "{ n32=020100 }"},
    {"n64 items", counted_structs,
     "{ n64=0000000000000002 items[ items{ x=ffff y=02 } items{ x=0003 y=04 } ] }",
     "{ n64=020102 items[ items{ x=0201ff y=020102 } items{ x=020103 y=020104 } ] }"},
    {"n64 items", nothing, "{ n64=0000000000000000 }", "{ n64=020100 }"},
    {"n8 part_of_buffer", buffers, "{ n8=03 part_of_buffer=616263 }",
     "{ n8=020103 part_of_buffer=0403616263 }"},
    {"n8 part_of_buffer", nothing, "{ n8=00 part_of_buffer= }",
     "{ n8=020100 part_of_buffer=0400 }"},
    {"n8 pointer pointed", pointed, "{ n8=02 pointer=00000005 pointed=00000102 }",
     "{ n8=020102 pointer=020105 pointed=040400000102 }"},
    {"pointer", nothing, "{ pointer=30 }", "{ pointer=0500 }", .nulls = 0x1},
    {"n16 allocated", allocated, "{ n16=0002 allocated=ffffffff00000000 }",
     "{ n16=020102 allocated=0408ffffffff00000000 }"},
    {"n16 allocated", nothing, "{ n16=0000 }", "{ n16=020100 }"},
    {"n32 buffer", allocated_buffer, "{ n32=00000002 buffer=7778797a }",
     "{ n32=020102 buffer=04047778797a }"},
    {"nint map2", allocated_map, "{ nint=00000041 map2=00000000800000000000000000000000 }",
     "{ nint=020141 map2=041000000000800000000000000000000000 }"},
    {"nint map2", nothing, "{ nint=00000000 }", "{ nint=020100 }"},
    {"n64 floats2", allocated_floats, "{ n64=0000000000000001 floats2=0000000000000000 }",
     "{ n64=020101 floats2=04080000000000000000 }"},
    {"item one two", structs,
     "{ item{ x=0001 y=02 } one{ x=0003 y=04 } two[ two{ x=0005 y=06 } two{ x=0007 y=08 } ] }",
     "{ item{ x=020101 y=020102 } one{ x=020103 y=020104 } two[ two{ x=020105 y=020106 } two{ "
     "x=020107 y=020108 } ] }"},
    {"item", nothing, "{ item=30 }", "{ item=0500 }", .nulls = 0x2},
    {"pointers", pointers,
     "{ pointers[ pointers{ x=0000 y=09 } pointers{ x=0001 y=09 } pointers{ x=0002 y=09 } "
     "pointers{ x=0003 y=09 } ] }",
     "{ pointers[ pointers{ x=020100 y=020109 } pointers{ x=020101 y=020109 } pointers{ x=020102 "
     "y=020109 } pointers{ x=020103 y=020109 } ] }"},
    {"pointers", pointers, "{ pointers[ pointers=30 pointers=30 pointers=30 pointers=30 ] }",
     "{ pointers[ pointers=0500 pointers=0500 pointers=0500 pointers=0500 ] }", .nulls = 0x3c},
    {"pointers", pointers,
     "{ pointers{ x=0000 y=09 } pointers[ pointers=30 pointers=30 ] pointers{ x=0003 y=09 } }",
     "{ pointers{ x=020100 y=020109 } pointers[ pointers=0500 pointers=0500 ] pointers{ x=020103 "
     "y=020109 } }",
     .nulls = 0x18},
    {"numbers", few_numbers, "{ numbers=0001000200030004 }", "{ numbers=04080001000200030004 }"},
    {"numbers", few_numbers, "{ numbers=30 numbers=00020003 numbers=30 }",
     "{ numbers=0500 numbers=040400020003 numbers=0500 }", .nulls = 0x240},
    {"parts", parts,
     "{ parts[ parts{ n=01 values=0001 more=00000000 } parts{ n=01 values=0001 more=00000000 } ] "
     "parts{ n=00 part/extra<050a706172742f657874726100000001 extra=07 > } }",
     "{ parts[ parts{ n=020101 values=020101 more=020100 } parts{ n=020101 values=020101 "
     "more=020100 } ] parts{ n=020100 part/extra< extra=020107 > } }"},
    {"n8 parts2", allocated_parts, "{ n8=01 parts2{ n=02 values=00010002 more=0000000000000000 } }",
     "{ n8=020101 parts2{ n=020102 values=040400010002 more=04080000000000000000 } }"},
    {"nint items2", allocated_items,
     "{ nint=00000002 items2[ items2{ x=0000 y=00 } items2{ x=0001 y=02 } ] }",
     "{ nint=020102 items2[ items2{ x=020100 y=020100 } items2{ x=020101 y=020102 } ] }"},
    {"queue", queue,
     "{ queue[ queue{01 n=00 part/extra<050a706172742f657874726100000001 extra=07 > } queue{01 "
     "n=01 values=0001 more=00000000 } ]00 }",
     "{ queue[ queue{ n=020100 part/extra< extra=020107 > } queue{ n=020101 values=020101 "
     "more=020100 } ] }"},
    {"queue", nothing, "{ queue[ ]00 }", "{ queue[ ] }"},
    {"tree", tree,
     "{ tree[00000002 tree{01 key=0000000000000003 x=0004 y=05 } tree{01 key=0000000080000001 "
     "x=0001 y=02 } ]00 }",
     "{ tree[ tree{ key=020103 x=020104 y=020105 } tree{ key=02050080000001 x=020101 y=020102 } ] "
     "}"},
    {"tree", nothing, "{ tree[00000000 ]00 }", "{ tree[ ] }"},
    {"nodes", nodes,
     "{ nodes[00000002 nodes{01 key{ x=ffff y=02 } value{ n=01 values=0005 more=00000000 "
     "part/extra<050a706172742f657874726100000001 extra=00 > } } nodes{01 key{ x=0003 y=04 } "
     "value{ n=01 values=0006 more=00000000 } } ]00 }",
     "{ nodes[ nodes{ key{ x=0201ff y=020102 } value{ n=020101 values=020105 more=020100 "
     "part/extra< extra=020100 > } } nodes{ key{ x=020103 y=020104 } value{ n=020101 "
     "values=020106 more=020100 } } ] }"},
    {"nodes", nothing, "{ nodes[00000000 ]00 }", "{ nodes[ ] }"},
    {"tailq list", lists,
     "{ tailq[ tailq{01 x=0001 y=02 } tailq{01 x=0003 y=04 } ]00 list[ list{01 x=0005 y=06 } ]00 }",
     "{ tailq[ tailq{ x=020101 y=020102 } tailq{ x=020103 y=020104 } ] list[ list{ x=020105 "
     "y=020106 } ] }"},
    {"swapped tmp", others, "{ swapped=04030201 tmp{ high=aaaa low=5555 } }",
     "{ swapped=040404030201 tmp{ high=020300aaaa low=02025555 } }"},
    {"equal at_most", limited, "{ equal=07 at_most=0000012c }",
     "{ equal=020107 at_most=0202012c }"},
    {"has_later later box/sub", later,
     "{ has_later=01 later=00000001 box/sub<0507626f782f73756200000001 sub=00000002 > }",
     "{ has_later=0101ff later=020101 box/sub< sub=020102 > }"},
    {"has_later later box/sub", nothing, "{ has_later=00 }", "{ has_later=010100 }"},
};

static void check_list(const Case *c, const BmTable *table, Box *box, Form form)
{
    const char *expected = form == FORM_BER ? c->ber : c->legacy;
    g_autofree char *is = list_octets(table, box, form);

    cr_expect_str_eq(is, expected, "%s:\n  %s", c->rows, is);
}

/* Into another box, and from there the same octets. */
static void check_way(const Case *c, const BmTable *table, Box *box, Form form)
{
    Box *other = box_new(c->nulls);
    GError *error = NULL;
    BmLoadReport report;
    Saved saved, again;

    bm_load_report_init(&report);
    if (!strcmp(c->rows, "equal at_most")) {
        other->at_most = 300;
    }
    cr_assert(save(table, box, form, &saved, &error), "%s: %s", c->rows, SAYS(error));
    cr_assert(load(table, other, form, &saved, &report, &error), "%s: %s", c->rows, SAYS(error));
    cr_assert(save(table, other, form, &again, &error), "%s: %s", c->rows, SAYS(error));
    cr_expect_eq(saved.octets->len, again.octets->len, "%s", c->rows);
    cr_expect(!memcmp(saved.octets->data, again.octets->data, again.octets->len), "%s", c->rows);
    cr_expect_eq(report.skipped->len + report.defaulted->len, 0, "%s", c->rows);
    saved_clear(&saved);
    saved_clear(&again);
    bm_load_report_clear(&report);
    box_free(other);
}

Test(tables, every_type_and_shape_goes_both_ways)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Box *box = box_new(cases[i].nulls);
        SomeRows some;

        take_rows(&some, cases[i].rows);
        cases[i].fill(box);
        check_list(&cases[i], &some.table, box, FORM_LEGACY);
        check_list(&cases[i], &some.table, box, FORM_BER);
        for (Form form = FORM_BER; form < FORMS; form++) {
            check_way(&cases[i], &some.table, box, form);
        }
        box_free(box);
    }
}

/* What was loaded is what was saved, and not only the same octets. */
Test(tables, values_arrive_in_their_members)
{
    Box *box = box_new(0), *other = box_new(0);
    GError *error = NULL;
    Saved saved;

    numbers(box);
    others(box);
    map(box);
    arrays(box);
    cr_assert(save(&box_table, box, FORM_BER, &saved, NULL));
    cr_assert(load(&box_table, other, FORM_BER, &saved, NULL, &error), "%s", SAYS(error));
    cr_expect_eq(other->yes, true);
    cr_expect_eq(other->u64, UINT64_C(0xff00000000000001));
    cr_expect_eq(other->i8, -128);
    cr_expect_eq(other->i64, INT64_MIN);
    cr_expect_eq(other->f64, -2.5);
    cr_expect_eq(other->f80.exponent, 0xbfff);
    cr_expect_str_eq(other->text, "abc");
    cr_expect_arr_eq(other->map, box->map, sizeof(box->map));
    cr_expect_arr_eq(other->words, box->words, sizeof(box->words));
    cr_expect_eq(other->swapped, 0x01020304);
    cr_expect_eq(other->split, 0xaaaa5555);
    saved_clear(&saved);
    box_free(box);
    box_free(other);
}
