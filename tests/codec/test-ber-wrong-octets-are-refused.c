/* SPDX-License-Identifier: BSD-2-Clause */
/* Wrong octets give the fault and the offset that ber.h promises, and change
 * neither the view nor a result. */
#include <criterion/criterion.h>
#include <string.h>

#include "codec.h"

#define START 1000 /* offset of the first octet */

typedef bool Read(BmView *view);

static bool read_any(BmView *view)
{
    BmView content = {.len = 77};
    BmTag tag = 77;
    bool ok = bm_view_any(view, "any", &tag, &content);

    cr_assert(ok || (tag == 77 && content.len == 77 && content.data == NULL));
    return ok;
}

static bool read_unsigned(BmView *view)
{
    uint64_t value = 77;
    bool ok = bm_view_unsigned(view, BM_TAG_INTEGER, "unsigned", UINT64_MAX, &value);

    cr_assert(ok || value == 77);
    return ok;
}

static bool read_small(BmView *view)
{
    uint64_t value = 77;
    bool ok = bm_view_unsigned(view, BM_TAG_INTEGER, "small", 1000, &value);

    cr_assert(ok || value == 77);
    return ok;
}

static bool read_signed(BmView *view)
{
    int64_t value = 77;
    bool ok = bm_view_signed(view, BM_TAG_INTEGER, "signed", &value);

    cr_assert(ok || value == 77);
    return ok;
}

static bool read_boolean(BmView *view)
{
    bool value = true;
    bool ok = bm_view_boolean(view, BM_TAG_BOOLEAN, "boolean", &value);

    cr_assert(ok || value);
    return ok;
}

static bool read_null(BmView *view)
{
    return bm_view_null(view, BM_TAG_NULL, "null");
}

static bool read_octets(BmView *view)
{
    BmOctets value = {NULL, 77};
    bool ok = bm_view_octets(view, BM_TAG_OCTETS, "octets", 3, &value);

    cr_assert(ok || (value.data == NULL && value.len == 77));
    return ok;
}

static bool read_name(BmView *view)
{
    BmOctets value = {NULL, 77};
    bool ok = bm_view_name(view, BM_TAG_UTF8, "name", &value);

    cr_assert(ok || (value.data == NULL && value.len == 77));
    return ok;
}

static bool read_explicit(BmView *view)
{
    BmOctets value = {NULL, 77};
    bool ok = bm_view_explicit(view, BM_TAG_CONTEXT(0), BM_TAG_UTF8, "explicit", 3, &value);

    cr_assert(ok || (value.data == NULL && value.len == 77));
    return ok;
}

static bool read_end(BmView *view)
{
    return bm_view_end(view, "end");
}

static bool read_optional(BmView *view)
{
    BmView content;
    bool present;

    return bm_view_optional(view, BM_TAG_NULL, "optional", &present, &content);
}

#define OCTETS(...) .octets = {__VA_ARGS__}, .len = sizeof((uint8_t[]){__VA_ARGS__})

static const struct {
    Read *read;
    uint8_t octets[16];
    size_t len;
    BmCode code;
    uint64_t offset; /* from START */
} list[] = {
    /* the end of the view */
    {read_any, .len = 0, .code = BM_TRUNCATED, .offset = 0},
    {read_any, OCTETS(0x04), BM_TRUNCATED, 1},
    {read_any, OCTETS(0x9f), BM_TRUNCATED, 1},
    {read_any, OCTETS(0x9f, 0x81), BM_TRUNCATED, 2},
    {read_any, OCTETS(0x04, 0x82, 0x01), BM_TRUNCATED, 3},
    /* lengths: beyond the view, indefinite, reserved, not minimal */
    {read_any, OCTETS(0x04, 0x01), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x9f, 0x1f, 0x02, 0x00), BM_BAD_LENGTH, 2},
    {read_any, OCTETS(0x30, 0x80, 0x00, 0x00), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x04, 0xff, 0x00), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x04, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x04, 0x81, 0x01, 0x00), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x04, 0x81, 0x7f, 0x00), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x04, 0x82, 0x00, 0x80), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x04, 0x88, 0, 0, 0, 0, 0, 0, 0, 1, 0), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x04, 0x84, 0xff, 0xff, 0xff, 0xff), BM_BAD_LENGTH, 1},
    {read_any, OCTETS(0x04, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), BM_BAD_LENGTH,
     1},
    {read_any, OCTETS(0x04, 0x88, 0x80, 0, 0, 0, 0, 0, 0, 0), BM_BAD_LENGTH, 1},
    /* tags: end of contents, high form of a low number, leading zero, too high */
    {read_any, OCTETS(0x00, 0x00), BM_BAD_TAG, 0},
    {read_any, OCTETS(0x20, 0x00), BM_BAD_TAG, 0},
    {read_any, OCTETS(0x9f, 0x00, 0x00), BM_BAD_TAG, 0},
    {read_any, OCTETS(0x9f, 0x1e, 0x00), BM_BAD_TAG, 0},
    {read_any, OCTETS(0x9f, 0x80, 0x1f, 0x00), BM_BAD_TAG, 0},
    {read_any, OCTETS(0x9f, 0x81, 0x80, 0x80, 0x80, 0x00, 0x00), BM_BAD_TAG, 0},
    {read_any, OCTETS(0x9f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), BM_BAD_TAG, 0},
    /* other tags than the one expected */
    {read_unsigned, OCTETS(0x04, 0x01, 0x00), BM_BAD_TAG, 0},
    {read_unsigned, OCTETS(0x22, 0x01, 0x00), BM_BAD_TAG, 0},
    {read_octets, OCTETS(0x24, 0x03, 0x04, 0x01, 0x00), BM_BAD_TAG, 0},
    {read_name, OCTETS(0x04, 0x01, 'a'), BM_BAD_TAG, 0},
    {read_explicit, OCTETS(0x80, 0x01, 'a'), BM_BAD_TAG, 0},
    {read_explicit, OCTETS(0xa0, 0x03, 0x04, 0x01, 'a'), BM_BAD_TAG, 2},
    /* integers */
    {read_unsigned, OCTETS(0x02, 0x00), BM_BAD_VALUE, 2},
    {read_unsigned, OCTETS(0x02, 0x02, 0x00, 0x7f), BM_BAD_VALUE, 2},
    {read_unsigned, OCTETS(0x02, 0x01, 0xff), BM_BAD_VALUE, 2},
    {read_unsigned, OCTETS(0x02, 0x09, 1, 0, 0, 0, 0, 0, 0, 0, 0), BM_BAD_VALUE, 2},
    {read_unsigned, OCTETS(0x02, 0x0a, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0), BM_BAD_VALUE, 2},
    {read_signed, OCTETS(0x02, 0x00), BM_BAD_VALUE, 2},
    {read_signed, OCTETS(0x02, 0x02, 0xff, 0x80), BM_BAD_VALUE, 2},
    {read_signed, OCTETS(0x02, 0x02, 0x00, 0x00), BM_BAD_VALUE, 2},
    {read_signed, OCTETS(0x02, 0x09, 0, 0x80, 0, 0, 0, 0, 0, 0, 0), BM_BAD_VALUE, 2},
    {read_signed, OCTETS(0x02, 0x09, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0), BM_BAD_VALUE, 2},
    {read_small, OCTETS(0x02, 0x02, 0x03, 0xe9), BM_LIMIT, 2},
    /* booleans, null */
    {read_boolean, OCTETS(0x01, 0x00), BM_BAD_VALUE, 2},
    {read_boolean, OCTETS(0x01, 0x01, 0x01), BM_BAD_VALUE, 2},
    {read_boolean, OCTETS(0x01, 0x01, 0xfe), BM_BAD_VALUE, 2},
    {read_boolean, OCTETS(0x01, 0x02, 0xff, 0xff), BM_BAD_VALUE, 2},
    {read_null, OCTETS(0x05, 0x01, 0x00), BM_BAD_VALUE, 2},
    /* strings */
    {read_octets, OCTETS(0x04, 0x04, 1, 2, 3, 4), BM_LIMIT, 2},
    {read_name, OCTETS(0x0c, 0x03, 'a', 0x00, 'b'), BM_BAD_VALUE, 3},
    {read_name, OCTETS(0x0c, 0x02, 'a', 0xff), BM_BAD_VALUE, 3},
    {read_name, OCTETS(0x0c, 0x02, 0xc0, 0x80), BM_BAD_VALUE, 2},
    {read_name, OCTETS(0x0c, 0x04, 'a', 0xed, 0xa0, 0x80), BM_BAD_VALUE, 3},
    {read_name, OCTETS(0x0c, 0x03, 'a', 'b', 0xc3), BM_BAD_VALUE, 4},
    /* a sequence goes on behind its view, but not the character */
    {read_explicit, OCTETS(0xa0, 0x03, 0x0c, 0x01, 0xc3, 0xa9), BM_BAD_VALUE, 4},
    {read_explicit, OCTETS(0xa0, 0x06, 0x0c, 0x04, 'a', 'b', 'c', 'd'), BM_LIMIT, 4},
    {read_explicit, OCTETS(0xa0, 0x05, 0x0c, 0x01, 'a', 0x05, 0x00), BM_TRAILING, 5},
    {read_explicit, OCTETS(0xa0, 0x03, 0x0c, 0x02, 'a', 'b'), BM_BAD_LENGTH, 3},
    {read_explicit, OCTETS(0xa0, 0x00), BM_TRUNCATED, 2},
    {read_end, OCTETS(0x05, 0x00), BM_TRAILING, 0},
    {read_optional, OCTETS(0x05, 0x02, 0x00), BM_BAD_LENGTH, 1},
};

Test(wrong_octets, give_the_listed_fault)
{
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        BmFault fault = {0};
        BmView view = bm_view(list[i].octets, list[i].len, START, &fault);
        BmView before = view;

        cr_assert_not(list[i].read(&view), "case %zu", i);
        cr_assert_eq(fault.code, list[i].code, "case %zu: %s", i, bm_code_name(fault.code));
        cr_assert_eq(fault.offset, START + list[i].offset, "case %zu: %lu", i,
                     (unsigned long)fault.offset);
        cr_assert_not_null(fault.what);
        cr_assert(view.data == before.data && view.len == before.len &&
                  view.offset == before.offset);
    }
}

Test(wrong_octets, are_not_seen_by_peek)
{
    static const uint8_t bad[] = {0x9f, 0x80, 0x1f, 0x00};
    BmFault fault = {0};
    BmView view = bm_view(bad, sizeof(bad), 0, &fault);
    BmView empty = bm_view(NULL, 0, 0, &fault);
    BmTag tag;

    cr_assert_not(bm_view_peek(&view, &tag));
    cr_assert_not(bm_view_peek(&empty, &tag));
    cr_assert_eq(fault.code, BM_OK);
}

Test(faults, name_both_tags)
{
    BmFault fault = {0};
    BmView view = bm_view("\xa5\x00", 2, 0, &fault);
    BmView content;

    cr_assert_not(bm_view_get(&view, BM_TAG_SEQUENCE, "list", &content));
    cr_assert_eq(fault.expected, BM_TAG_SEQUENCE);
    cr_assert_eq(fault.got, BM_TAG_CONTEXT(5) | BM_CONSTRUCTED);
    cr_assert_str_eq(fault.what, "list");
}

Test(faults, stick_and_the_first_one_wins)
{
    static const uint8_t wire[] = {0x05, 0x00, 0x01, 0x01, 0x07};
    BmFault fault = {0};
    BmView view = bm_view(wire, sizeof(wire), 0, &fault);
    BmView other = view; /* shares the fault */
    bool value, present;
    const uint8_t *p;
    BmView content;
    BmTag tag;

    cr_assert_not(bm_view_boolean(&view, BM_TAG_BOOLEAN, "first", &value));
    cr_assert_not(bm_view_null(&other, BM_TAG_NULL, "second"));
    cr_assert_not(bm_view_take(&other, 1, "third", &p));
    cr_assert_not(bm_view_take(&other, 100, "third", &p));
    cr_assert_not(bm_view_peek(&other, &tag));
    cr_assert_not(bm_view_optional(&other, BM_TAG_INTEGER, "fourth", &present, &content));
    cr_assert_not(bm_view_end(&other, "fifth"));
    cr_assert_eq(fault.code, BM_BAD_TAG);
    cr_assert_str_eq(fault.what, "first");
}

Test(faults, have_a_name_for_each_code)
{
    static const BmCode codes[] = {
        BM_OK,       BM_TRUNCATED,      BM_IO,         BM_BAD_TAG,   BM_BAD_LENGTH,  BM_BAD_VALUE,
        BM_TRAILING, BM_LIMIT,          BM_BAD_DIGEST, BM_NO_MEMORY, BM_BAD_VERSION, BM_BAD_ORDER,
        BM_UNKNOWN,  BM_NOT_RECOGNISED, BM_MISMATCH,   BM_DUPLICATE, BM_REFUSED,     BM_PEER,
    };
    size_t n = sizeof(codes) / sizeof(codes[0]);

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            cr_assert_str_neq(bm_code_name(codes[i]), bm_code_name(codes[k]));
        }
    }
    cr_assert_str_eq(bm_code_name(BM_TRUNCATED), "truncated");
    cr_assert_str_eq(bm_code_name((BmCode)9999), "unknown fault");
}
