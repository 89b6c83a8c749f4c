/* SPDX-License-Identifier: BSD-2-Clause */
/* The macros of compat/qemu-vmstate.h in tables, with the octets that they make in QEMU. */
#define BM_WANT_QEMU_NAMES
#define BM_QEMU_MOST 64
#include "qemu-octets.h"

#include <criterion/criterion.h>
#include <string.h>

#include "visitors.h"

/* ---- numbers and their arrays ---- */

typedef struct Numbers {
    bool b;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    uint32_t newer;
    uint8_t tested, untested;
    uint16_t equal;
    int32_t at_most;
    uint8_t array[2], square[2][2], part[4];
    float64 f;
    CPU_DoubleU d[1];
    QEMUTimer timer, *elsewhere, *timers[2];
} Numbers;

static bool yes(void *opaque, int version_id)
{
    (void)opaque;
    return version_id == 2;
}

static bool no(void *opaque, int version_id)
{
    (void)opaque;
    return version_id != 2;
}

static const VMStateDescription vmstate_numbers = {
    .name = "numbers",
    .version_id = 2,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_BOOL(b, Numbers),
            VMSTATE_INT8(i8, Numbers),
            VMSTATE_INT16(i16, Numbers),
            VMSTATE_INT32(i32, Numbers),
            VMSTATE_INT64(i64, Numbers),
            VMSTATE_UINT8(u8, Numbers),
            VMSTATE_UINT16(u16, Numbers),
            VMSTATE_UINT32(u32, Numbers),
            VMSTATE_UINT64(u64, Numbers),
            VMSTATE_UINT32_V(newer, Numbers, 2),
            VMSTATE_UINT8_TEST(tested, Numbers, yes),
            VMSTATE_UINT8_TEST(untested, Numbers, no),
            VMSTATE_UINT16_EQUAL(equal, Numbers, "both sides have the same model"),
            VMSTATE_INT32_POSITIVE_LE(at_most, Numbers),
            VMSTATE_UINT8_ARRAY(array, Numbers, 2),
            VMSTATE_UINT8_2DARRAY(square, Numbers, 2, 2),
            VMSTATE_UINT8_SUB_ARRAY(part, Numbers, 1, 2),
            VMSTATE_FLOAT64(f, Numbers),
            VMSTATE_CPUDOUBLE_ARRAY(d, Numbers, 1),
            VMSTATE_TIMER(timer, Numbers),
            VMSTATE_TIMER_PTR(elsewhere, Numbers),
            VMSTATE_TIMER_PTR_ARRAY(timers, Numbers, 2),
            VMSTATE_UNUSED(3),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, numbers)
{
    QEMUTimer timers[3] = {{1}, {2}, {-1}}, others[3] = {{0}};
    Numbers a = {TRUE, -2, -3, -4, -5, 6, 7, 8, 9, 10, 11, 12, 13, 14, {15, 16}};
    Numbers b = {.equal = 13, .at_most = 14};

    memcpy(a.square, (uint8_t[]){17, 18, 19, 20}, 4);
    memcpy(a.part, (uint8_t[]){21, 22, 23, 24}, 4);
    a.f = 0x3ff0000000000000;
    a.d[0].d = 1;
    a.timer.expire_time = 25;
    a.elsewhere = &timers[0];
    b.elsewhere = &others[0];
    for (unsigned i = 0; i < 2; i++) {
        a.timers[i] = &timers[1 + i];
        b.timers[i] = &others[1 + i];
    }
    qemu_octets_pass(&vmstate_numbers, &a, &b,
                     "01fefffdfffffffcfffffffffffffffb06000700000008"
                     "0000000000000009"
                     "0000000a0b000d0000000e0f101112131416173ff0000000000000"
                     "3ff0000000000000"
                     "0000000000000019000000000000000100000000000000"
                     "02ffffffffffffffff000000");
    cr_assert_eq(b.untested, 0);
    cr_assert_eq(others[2].expire_time, -1);
}

/* ---- octets, and arrays that are elsewhere ---- */

typedef struct Octets {
    uint8_t whole[2], start[3], middle[3];
    uint32_t n;
    int32_t bits;
    uint8_t *some, *copied;
    uint16_t *words;
    uint16_t within[4];
    Pair one, *pointed, row[2], *grown, *mixed[3];
    unsigned long *map;
} Octets;

static const VMStateDescription vmstate_octets = {
    .name = "octets",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_BUFFER(whole, Octets),
            VMSTATE_PARTIAL_BUFFER(start, Octets, 2),
            VMSTATE_BUFFER_START_MIDDLE(middle, Octets, 1),
            VMSTATE_UINT32(n, Octets),
            VMSTATE_INT32(bits, Octets),
            VMSTATE_VBUFFER_UINT32(some, Octets, 1, NULL, n),
            VMSTATE_VBUFFER_ALLOC_UINT32(copied, Octets, 1, NULL, n),
            VMSTATE_VARRAY_UINT32_ALLOC(words, Octets, n, 1, vmstate_info_uint16, uint16_t),
            VMSTATE_VARRAY_UINT16_UNSAFE(within, Octets, n, 1, vmstate_info_uint16, uint16_t),
            VMSTATE_STRUCT(one, Octets, 1, vmstate_pair, Pair),
            VMSTATE_STRUCT_POINTER(pointed, Octets, vmstate_pair, Pair),
            VMSTATE_STRUCT_ARRAY(row, Octets, 2, 1, vmstate_pair, Pair),
            VMSTATE_STRUCT_VARRAY_ALLOC(grown, Octets, n, 1, vmstate_pair, Pair),
            VMSTATE_ARRAY_OF_POINTER_TO_STRUCT(mixed, Octets, 3, 1, vmstate_pair, Pair),
            VMSTATE_BITMAP(map, Octets, 1, bits),
            VMSTATE_UNUSED_VARRAY_UINT32(Octets, NULL, 1, n, 1),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, octets)
{
    Pair pairs[] = {{1, 2}, {3, 4}, {5, 6}}, others[3] = {{0}};
    uint8_t some[] = {0xa1, 0xa2}, room[2];
    uint16_t words[] = {0xb1, 0xb2};
    unsigned long bits = 5, map = 0;
    Octets a = {{1, 2}, {3, 4, 5}, {6, 7, 8}, 2, 3, some, some, words, {0xc1, 0xc2}};
    Octets b = {.some = room, .pointed = &others[0], .mixed = {&others[1], NULL, &others[2]}};

    a.one = pairs[0];
    a.pointed = &pairs[1];
    memcpy(a.row, pairs, sizeof(a.row));
    a.grown = pairs;
    a.mixed[0] = &pairs[1];
    a.mixed[2] = &pairs[2];
    a.map = &bits;
    b.map = &map;
    qemu_octets_pass(&vmstate_octets, &a, &b,
                     "010203040708"
                     "0000000200000003"
                     "a1a2a1a200b100b200c100c2"
                     "0102"
                     "0304"
                     "01020304"
                     "01020304"
                     "0304300506"
                     "0000000000000005"
                     "0000");
    cr_assert_eq(map, 5);
    bm_table_clear(bm_qemu_table(&vmstate_octets), &b);
}

/* ---- structs as of an older version ---- */

typedef struct Port {
    uint8_t level, later;
} Port;

typedef struct Card {
    bool old;
    Port port, ports[2], *pointed;
} Card;

static const VMStateDescription vmstate_port = {
    .name = "port",
    .version_id = 2,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(level, Port),
            VMSTATE_UINT8_V(later, Port, 2),
            VMSTATE_END_OF_LIST(),
        },
};

static bool card_is_old(void *opaque, int version_id)
{
    (void)version_id;
    return ((Card *)opaque)->old;
}

static const VMStateDescription vmstate_card = {
    .name = "card",
    .version_id = 2,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_VSTRUCT_TEST(port, Card, card_is_old, 0, vmstate_port, Port, 1),
            VMSTATE_VSTRUCT_V(port, Card, 2, vmstate_port, Port, 2),
            VMSTATE_VSTRUCT_ARRAY_TEST(ports, Card, 2, NULL, 0, vmstate_port, Port, 1),
            VMSTATE_VSTRUCT_POINTER_V(pointed, Card, 1, vmstate_port, Port, 1),
            VMSTATE_STRUCT(port, Card, 0, vmstate_port, Port),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, structs_of_older_versions)
{
    Port elsewhere = {7, 8}, room = {0, 9};
    Card a = {TRUE, {1, 2}, {{3, 4}, {5, 6}}, &elsewhere};
    Card b = {.old = TRUE, .ports = {{0, 9}, {0, 9}}, .pointed = &room};

    qemu_octets_pass(&vmstate_card, &a, &b, "0101020305070102");
    cr_expect_eq(b.ports[1].level, 5);
    cr_expect_eq(b.ports[1].later, 9);
    cr_expect_eq(room.later, 9);
    a.old = b.old = FALSE;
    qemu_octets_pass(&vmstate_card, &a, &b, "01020305070102");
}

/* ---- arrays of pointers elsewhere ---- */

typedef struct Timers {
    uint32_t n;
    QEMUTimer **timers;
} Timers;

static const VMStateDescription vmstate_timers = {
    .name = "timers",
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT32(n, Timers),
            VMSTATE_TIMER_PTR_VARRAY(timers, Timers, n),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, pointers_elsewhere)
{
    QEMUTimer timers[] = {{1}, {-1}}, others[2] = {{0}};
    QEMUTimer *to[] = {&timers[0], &timers[1]}, *there[] = {&others[0], &others[1]};
    Timers a = {2, to}, b = {.timers = there}, none = {.timers = NULL};
    GError *error = NULL;

    qemu_octets_pass(&vmstate_timers, &a, &b, "000000020000000000000001ffffffffffffffff");
    cr_expect_eq(others[1].expire_time, -1);
    cr_expect_not(qemu_octets_load(&vmstate_timers, &none, 0, "000000010000000000000001", &error));
    cr_expect_eq(error->code, BM_MISMATCH);
    g_clear_error(&error);
    cr_expect_not(qemu_octets_load(&vmstate_timers, &b, 0, "00000041", &error));
    cr_expect_eq(error->code, BM_LIMIT);
    g_clear_error(&error);
}

/* ---- a VMStateInfo of the device's own ---- */

typedef struct Level {
    uint32_t value; /* 24 bits of it */
} Level;

typedef struct Meter {
    Level level, levels[2];
    uint8_t last;
} Meter;

static gboolean get_level(const void *member, uint8_t *octets, size_t size, GError **error)
{
    const Level *level = member;

    (void)error;
    for (size_t i = 0; i < size; i++) {
        octets[i] = (uint8_t)(level->value >> 8 * (size - 1 - i));
    }
    return TRUE;
}

static gboolean put_level(void *member, const uint8_t *octets, size_t size, GError **error)
{
    Level *level = member;

    (void)error;
    level->value = 0;
    for (size_t i = 0; i < size; i++) {
        level->value = level->value << 8 | octets[i];
    }
    return TRUE;
}

#define BM_QEMU_vmstate_info_level BM_QEMU_INFO("level", 3, get_level, put_level)

static const VMStateDescription vmstate_meter = {
    .name = "meter",
    .fields =
        (const VMStateField[]){
            VMSTATE_SINGLE(level, Meter, 0, vmstate_info_level, Level),
            VMSTATE_ARRAY(levels, Meter, 2, 0, vmstate_info_level, Level),
            VMSTATE_UINT8(last, Meter),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, an_info_of_the_device)
{
    BmSchemaSet *set = bm_schema_set_new();
    Meter a = {{0x10203}, {{0x40506}, {0x70809}}, 10}, b = {{0}};
    const BmSchema *schema;

    qemu_octets_pass(&vmstate_meter, &a, &b, "0102030405060708090a");
    cr_expect_eq(b.levels[1].value, 0x70809);
    schema = bm_table_describe(bm_qemu_table(&vmstate_meter), &a, set, NULL);
    cr_expect_eq(schema->fields[0].width, 3);
    cr_expect_str_eq(schema->fields[0].type, "level");
    bm_schema_set_free(set);
}

/* ---- two rows of one member, of which one is there ---- */

typedef struct Space {
    bool wide;
    uint8_t octets[4];
} Space;

static bool is_wide(void *opaque, int version_id)
{
    (void)version_id;
    return ((Space *)opaque)->wide;
}

static bool is_narrow(void *opaque, int version_id)
{
    return !is_wide(opaque, version_id);
}

static const VMStateDescription vmstate_space = {
    .name = "space",
    .fields =
        (const VMStateField[]){
            VMSTATE_STATIC_BUFFER(octets, Space, 0, is_narrow, 0, 2),
            VMSTATE_STATIC_BUFFER(octets, Space, 0, is_wide, 0, 4),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, one_of_two_rows_of_one_name)
{
    Space a = {TRUE, {1, 2, 3, 4}}, b = {TRUE, {0}}, c = {FALSE, {0}};

    qemu_octets_pass(&vmstate_space, &a, &b, "01020304");
    a.wide = FALSE;
    qemu_octets_pass(&vmstate_space, &a, &c, "0102");
}

/* ---- the rest, each once: what they make is known from the others ---- */

typedef struct Rest {
    bool b[2];
    int8_t i8[2];
    int16_t i16[2];
    int32_t i32[2];
    int64_t i64[2];
    uint8_t u8[4], u8_2[2][2];
    uint16_t u16[4], u16_2[2][2], n16;
    uint32_t u32[4], u32_2[2][2], n;
    uint64_t u64[4], u64_2[2][2];
    float64 f[2];
    QEMUTimer timer[2], *pointer;
    Pair pair, pairs[2], square[2][2], *elsewhere;
    uint8_t n8, *octets;
    uint16_t *words;
} Rest;

static const VMStateDescription vmstate_rest = {
    .name = "rest",
    .version_id = 2,
    .minimum_version_id = 2,
    .early_setup = true,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8_V(n8, Rest, 1),
            VMSTATE_UINT16(n16, Rest),
            VMSTATE_UINT32(n, Rest),
            VMSTATE_BOOL_ARRAY(b, Rest, 2),
            VMSTATE_BOOL_ARRAY_TEST(b, Rest, 2, yes),
            VMSTATE_BOOL_SUB_ARRAY(b, Rest, 0, 1),
            VMSTATE_BOOL_TEST(b[0], Rest, yes),
            VMSTATE_INT8_ARRAY(i8, Rest, 2),
            VMSTATE_INT8_TEST(i8[0], Rest, yes),
            VMSTATE_INT16_ARRAY(i16, Rest, 2),
            VMSTATE_INT16_TEST(i16[0], Rest, yes),
            VMSTATE_INT32_ARRAY(i32, Rest, 2),
            VMSTATE_INT32_ARRAY_TEST(i32, Rest, 2, yes),
            VMSTATE_INT32_TEST(i32[0], Rest, yes),
            VMSTATE_INT32_EQUAL(i32[0], Rest),
            VMSTATE_INT64_ARRAY(i64, Rest, 2),
            VMSTATE_INT64_TEST(i64[0], Rest, yes),
            VMSTATE_UINT8_ARRAY_TEST(u8, Rest, 4, yes),
            VMSTATE_UINT8_EQUAL(u8[0], Rest),
            VMSTATE_UINT16_ARRAY(u16, Rest, 4),
            VMSTATE_UINT16_ARRAY_TEST(u16, Rest, 4, yes),
            VMSTATE_UINT16_SUB_ARRAY(u16, Rest, 1, 2),
            VMSTATE_UINT16_2DARRAY(u16_2, Rest, 2, 2),
            VMSTATE_UINT16_TEST(u16[0], Rest, yes),
            VMSTATE_UINT16_EQUAL_V(u16[0], Rest, 2),
            VMSTATE_UINT32_ARRAY(u32, Rest, 4),
            VMSTATE_UINT32_ARRAY_TEST(u32, Rest, 4, yes),
            VMSTATE_UINT32_SUB_ARRAY(u32, Rest, 1, 2),
            VMSTATE_UINT32_2DARRAY(u32_2, Rest, 2, 2),
            VMSTATE_UINT32_TEST(u32[0], Rest, yes),
            VMSTATE_UINT32_EQUAL(u32[0], Rest),
            VMSTATE_UINT64_ARRAY(u64, Rest, 4),
            VMSTATE_UINT64_ARRAY_TEST(u64, Rest, 4, yes),
            VMSTATE_UINT64_SUB_ARRAY(u64, Rest, 1, 2),
            VMSTATE_UINT64_2DARRAY(u64_2, Rest, 2, 2),
            VMSTATE_UINT64_TEST(u64[0], Rest, yes),
            VMSTATE_UINT64_EQUAL(u64[0], Rest, "a hint"),
            VMSTATE_FLOAT64_ARRAY(f, Rest, 2),
            VMSTATE_TIMER_ARRAY(timer, Rest, 2),
            VMSTATE_TIMER_TEST(timer[0], Rest, yes),
            VMSTATE_TIMER_PTR_TEST(pointer, Rest, yes),
            VMSTATE_BUFFER_TEST(u8, Rest, yes),
            VMSTATE_BUFFER_UNSAFE(u8_2, Rest, 1, 4),
            VMSTATE_BUFFER_POINTER_UNSAFE(octets, Rest, 1, 2),
            VMSTATE_VBUFFER_MULTIPLY(octets, Rest, 1, NULL, n, 2),
            VMSTATE_PARTIAL_VBUFFER(octets, Rest, n),
            VMSTATE_VARRAY_UINT16(words, Rest, n16, 1, vmstate_info_uint16, uint16_t),
            VMSTATE_VARRAY_MULTIPLY(u16, Rest, n, 2, vmstate_info_uint16, uint16_t),
            VMSTATE_STRUCT_TEST(pair, Rest, yes, 1, vmstate_pair, Pair),
            VMSTATE_STRUCT_POINTER_TEST(elsewhere, Rest, yes, vmstate_pair, Pair),
            VMSTATE_STRUCT_ARRAY_TEST(pairs, Rest, 2, yes, 1, vmstate_pair, Pair),
            VMSTATE_STRUCT_SUB_ARRAY(pairs, Rest, 1, 1, 1, vmstate_pair, Pair),
            VMSTATE_STRUCT_2DARRAY(square, Rest, 2, 2, 1, vmstate_pair, Pair),
            VMSTATE_STRUCT_VARRAY_UINT8(pairs, Rest, n8, 1, vmstate_pair, Pair),
            VMSTATE_STRUCT_VARRAY_POINTER_UINT32(elsewhere, Rest, n, vmstate_pair, Pair),
            VMSTATE_STRUCT_VARRAY_POINTER_KNOWN(elsewhere, Rest, 1, 1, vmstate_pair, Pair),
            VMSTATE_UNUSED_TEST(yes, 1),
            VMSTATE_UNUSED_V(2, 1),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, the_rest)
{
    uint8_t octets[4] = {1, 2, 3, 4}, copied[4] = {0};
    uint16_t words[2] = {5, 6}, copied_words[2] = {0};
    QEMUTimer timers[2] = {{7}, {0}};
    Pair pairs[2] = {{8, 9}, {0, 0}};
    Rest a = {.n8 = 2, .n16 = 2, .n = 1, .i64 = {-1, 1}, .u64 = {10, 11, 12, 13}}, b = {.u8 = {0}};
    GError *error = NULL;
    char *hex, *again;

    a.octets = octets;
    b.octets = copied;
    a.words = words;
    b.words = copied_words;
    a.pointer = &timers[0];
    b.pointer = &timers[1];
    a.elsewhere = &pairs[0];
    b.elsewhere = &pairs[1];
    b.u64[0] = 10; /* an equal one, which is looked at after it was loaded */
    hex = qemu_octets_save(&vmstate_rest, &a, &error);
    cr_assert(!error, "%s: %s", bm_error_path(error), error->message);
    cr_assert(qemu_octets_load(&vmstate_rest, &b, 2, hex, &error), "%s: %s", bm_error_path(error),
              error->message);
    again = qemu_octets_save(&vmstate_rest, &b, &error);
    cr_assert_str_eq(hex, again);
    cr_assert_arr_eq(copied_words, words, sizeof(words));
    cr_assert_eq(timers[1].expire_time, 7);
    cr_assert_eq(pairs[1].y, 9);
    g_free(hex);
    g_free(again);
}

/* ---- a temporary ---- */

typedef struct Half {
    uint16_t word;
} Half;

typedef struct HalfTmp {
    Half *parent;
    uint8_t high, low;
} HalfTmp;

static int half_pre_save(void *opaque)
{
    HalfTmp *tmp = opaque;

    tmp->high = (uint8_t)(tmp->parent->word >> 8);
    tmp->low = (uint8_t)tmp->parent->word;
    return 0;
}

static int half_post_load(void *opaque, int version_id)
{
    HalfTmp *tmp = opaque;

    (void)version_id;
    tmp->parent->word = (uint16_t)(tmp->high << 8 | tmp->low);
    return 0;
}

static const VMStateDescription vmstate_half_tmp = {
    .name = "half-tmp",
    .pre_save = half_pre_save,
    .post_load = half_post_load,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(high, HalfTmp),
            VMSTATE_UINT8(low, HalfTmp),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_half = {
    .name = "half",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_WITH_TMP(Half, HalfTmp, vmstate_half_tmp),
            VMSTATE_END_OF_LIST(),
        },
};

Test(macros, with_a_temporary)
{
    Half a = {0x1234}, b = {0};

    qemu_octets_pass(&vmstate_half, &a, &b, "1234");
    cr_assert_eq(b.word, 0x1234);
}
