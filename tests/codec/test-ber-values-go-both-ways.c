/* SPDX-License-Identifier: BSD-2-Clause */
/* Each value has one encoding (X.690 chapter 10 and 11.1), given here by hand. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

#define WIRE_MAX 16

typedef struct Wire {
    uint8_t octets[WIRE_MAX];
    size_t len;
} Wire;

#define WIRE(...)                                                                                  \
    {                                                                                              \
        {__VA_ARGS__}, sizeof((uint8_t[]){__VA_ARGS__})                                            \
    }

static void expect_wire(BmWriter *w, const uint8_t *octets, size_t len)
{
    cr_assert_eq(w->fault.code, BM_OK);
    cr_assert_eq(w->len, len, "%zu octets, expected %zu", w->len, len);
    cr_assert_arr_eq(w->data, octets, len);
    bm_writer_clear(w);
}

Test(values, unsigned_integers_have_listed_octets)
{
    static const struct {
        uint64_t value;
        Wire wire;
    } list[] = {
        {0, WIRE(0x02, 0x01, 0x00)},
        {1, WIRE(0x02, 0x01, 0x01)},
        {127, WIRE(0x02, 0x01, 0x7f)},
        {128, WIRE(0x02, 0x02, 0x00, 0x80)},
        {255, WIRE(0x02, 0x02, 0x00, 0xff)},
        {256, WIRE(0x02, 0x02, 0x01, 0x00)},
        {32767, WIRE(0x02, 0x02, 0x7f, 0xff)},
        {32768, WIRE(0x02, 0x03, 0x00, 0x80, 0x00)},
        {UINT32_MAX, WIRE(0x02, 0x05, 0x00, 0xff, 0xff, 0xff, 0xff)},
        {INT64_MAX, WIRE(0x02, 0x08, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)},
        {1ull << 63, WIRE(0x02, 0x09, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00)},
        {UINT64_MAX, WIRE(0x02, 0x09, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        BmFault fault = {0};
        BmView view = bm_view(list[i].wire.octets, list[i].wire.len, 0, &fault);
        uint64_t value;
        BmWriter w;

        bm_writer_init(&w);
        bm_writer_unsigned(&w, BM_TAG_INTEGER, list[i].value);
        expect_wire(&w, list[i].wire.octets, list[i].wire.len);
        cr_assert(bm_view_unsigned(&view, BM_TAG_INTEGER, "value", UINT64_MAX, &value));
        cr_assert_eq(value, list[i].value);
        cr_assert(bm_view_end(&view, "value"));
    }
}

Test(values, signed_integers_have_listed_octets)
{
    static const struct {
        int64_t value;
        Wire wire;
    } list[] = {
        {0, WIRE(0x02, 0x01, 0x00)},
        {127, WIRE(0x02, 0x01, 0x7f)},
        {128, WIRE(0x02, 0x02, 0x00, 0x80)},
        {-1, WIRE(0x02, 0x01, 0xff)},
        {-128, WIRE(0x02, 0x01, 0x80)},
        {-129, WIRE(0x02, 0x02, 0xff, 0x7f)},
        {-256, WIRE(0x02, 0x02, 0xff, 0x00)},
        {-32768, WIRE(0x02, 0x02, 0x80, 0x00)},
        {-32769, WIRE(0x02, 0x03, 0xff, 0x7f, 0xff)},
        {INT64_MAX, WIRE(0x02, 0x08, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)},
        {INT64_MIN, WIRE(0x02, 0x08, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00)},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        BmFault fault = {0};
        BmView view = bm_view(list[i].wire.octets, list[i].wire.len, 0, &fault);
        int64_t value;
        BmWriter w;

        bm_writer_init(&w);
        bm_writer_signed(&w, BM_TAG_INTEGER, list[i].value);
        expect_wire(&w, list[i].wire.octets, list[i].wire.len);
        cr_assert(bm_view_signed(&view, BM_TAG_INTEGER, "value", &value));
        cr_assert_eq(value, list[i].value);
        cr_assert(bm_view_end(&view, "value"));
    }
}

Test(values, booleans_and_null_have_listed_octets)
{
    static const uint8_t wire[] = {0x01, 0x01, 0xff, 0x01, 0x01, 0x00, 0x05, 0x00};
    BmFault fault = {0};
    BmView view = bm_view(wire, sizeof(wire), 0, &fault);
    bool yes = false;
    bool no = true;
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_boolean(&w, BM_TAG_BOOLEAN, true);
    bm_writer_boolean(&w, BM_TAG_BOOLEAN, false);
    bm_writer_null(&w, BM_TAG_NULL);
    expect_wire(&w, wire, sizeof(wire));
    cr_assert(bm_view_boolean(&view, BM_TAG_BOOLEAN, "yes", &yes));
    cr_assert(bm_view_boolean(&view, BM_TAG_BOOLEAN, "no", &no));
    cr_assert(bm_view_null(&view, BM_TAG_NULL, "null"));
    cr_assert(bm_view_end(&view, "values"));
    cr_assert(yes && !no);
}

Test(values, strings_have_listed_octets)
{
    /* an OCTET STRING, a UTF8String, and each of them in an explicit tag */
    static const uint8_t wire[] = {0x04, 0x02, 0x00, 0xff, 0x0c, 0x03, 'a',  0xc3, 0xa9, 0xa2,
                                   0x03, 0x04, 0x01, 0x07, 0xa4, 0x03, 0x0c, 0x01, 'z'};
    BmFault fault = {0};
    BmView view = bm_view(wire, sizeof(wire), 0, &fault);
    BmOctets octets, text, inner, name;
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_octets(&w, BM_TAG_OCTETS, "\x00\xff", 2);
    bm_writer_text(&w, BM_TAG_UTF8, "a\xc3\xa9");
    bm_writer_explicit(&w, BM_TAG_CONTEXT(2), BM_TAG_OCTETS, "\x07", 1);
    bm_writer_explicit(&w, BM_TAG_CONTEXT(4), BM_TAG_UTF8, "z", 1);
    expect_wire(&w, wire, sizeof(wire));
    cr_assert(bm_view_octets(&view, BM_TAG_OCTETS, "octets", 2, &octets));
    cr_assert(bm_view_name(&view, BM_TAG_UTF8, "text", &text));
    cr_assert(bm_view_explicit(&view, BM_TAG_CONTEXT(2), BM_TAG_OCTETS, "inner", 1, &inner));
    cr_assert(
        bm_view_explicit(&view, BM_TAG_CONTEXT(4) | BM_CONSTRUCTED, BM_TAG_UTF8, "name", 1, &name));
    cr_assert(bm_view_end(&view, "values"));
    cr_assert(octets.len == 2 && octets.data == wire + 2);
    cr_assert(text.len == 3 && text.data == wire + 6);
    cr_assert(inner.len == 1 && inner.data == wire + 13);
    cr_assert(name.len == 1 && name.data == wire + 18);
}

Test(values, empty_strings_need_no_memory)
{
    static const uint8_t wire[] = {0x04, 0x00, 0x04, 0x00, 0x0c, 0x00};
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_octets(&w, BM_TAG_OCTETS, NULL, 0);
    bm_writer_borrow(&w, BM_TAG_OCTETS, NULL, 0);
    bm_writer_text(&w, BM_TAG_UTF8, "");
    bm_writer_verbatim(&w, NULL, 0);
    cr_assert_eq(w.n_borrowed, 0);
    expect_wire(&w, wire, sizeof(wire));
}

Test(values, tags_have_listed_octets)
{
    static const struct {
        BmTag tag;
        Wire wire;
    } list[] = {
        {BM_TAG_INTEGER, WIRE(0x02, 0x00)},
        {BM_TAG_SEQUENCE, WIRE(0x30, 0x00)},
        {BM_TAG_APPLICATION(30), WIRE(0x5e, 0x00)},
        {BM_TAG_CONTEXT(0) | BM_CONSTRUCTED, WIRE(0xa0, 0x00)},
        {BM_TAG_UNIVERSAL(0) | (3u << 30), WIRE(0xc0, 0x00)},
        {BM_TAG_CONTEXT(31), WIRE(0x9f, 0x1f, 0x00)},
        {BM_TAG_CONTEXT(127), WIRE(0x9f, 0x7f, 0x00)},
        {BM_TAG_APPLICATION(128), WIRE(0x5f, 0x81, 0x00, 0x00)},
        {BM_TAG_APPLICATION(16384), WIRE(0x5f, 0x81, 0x80, 0x00, 0x00)},
        {BM_TAG_APPLICATION(2097152), WIRE(0x5f, 0x81, 0x80, 0x80, 0x00, 0x00)},
        {BM_TAG_CONTEXT(BM_TAG_NUMBER_MAX), WIRE(0x9f, 0xff, 0xff, 0xff, 0x7f, 0x00)},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        BmFault fault = {0};
        BmView view = bm_view(list[i].wire.octets, list[i].wire.len, 0, &fault);
        BmView content;
        BmTag peeked, tag;
        BmWriter w;

        bm_writer_init(&w);
        bm_writer_null(&w, list[i].tag);
        expect_wire(&w, list[i].wire.octets, list[i].wire.len);
        cr_assert(bm_view_peek(&view, &peeked));
        cr_assert(bm_view_any(&view, "value", &tag, &content));
        cr_assert(tag == list[i].tag && peeked == tag && content.len == 0);
        cr_assert(bm_view_end(&view, "value"));
    }
}

/* Reads one OCTET STRING of `len` octets back from the header given by hand. */
static void length_goes_both_ways(size_t len, const uint8_t *header, size_t header_len)
{
    uint8_t *content = calloc(1, len + 1);
    BmFault fault = {0};
    BmOctets octets;
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_octets(&w, BM_TAG_OCTETS, content, len);
    cr_assert_eq(w.len, header_len + len);
    cr_assert_arr_eq(w.data, header, header_len);
    BmView view = bm_view(w.data, w.len, 0, &fault);
    cr_assert(bm_view_octets(&view, BM_TAG_OCTETS, "value", len, &octets));
    cr_assert_eq(octets.len, len);
    bm_writer_clear(&w);
    free(content);
}

Test(values, lengths_have_listed_octets)
{
    static const struct {
        size_t len;
        Wire wire;
    } list[] = {
        {0, WIRE(0x04, 0x00)},
        {127, WIRE(0x04, 0x7f)},
        {128, WIRE(0x04, 0x81, 0x80)},
        {255, WIRE(0x04, 0x81, 0xff)},
        {256, WIRE(0x04, 0x82, 0x01, 0x00)},
        {65535, WIRE(0x04, 0x82, 0xff, 0xff)},
        {65536, WIRE(0x04, 0x83, 0x01, 0x00, 0x00)},
        {16777216, WIRE(0x04, 0x84, 0x01, 0x00, 0x00, 0x00)},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        length_goes_both_ways(list[i].len, list[i].wire.octets, list[i].wire.len);
    }
}

Test(values, optional_elements_are_read_or_left)
{
    static const uint8_t wire[] = {0x80, 0x01, 0x07, 0x02, 0x01, 0x05};
    BmFault fault = {0};
    BmView view = bm_view(wire, sizeof(wire), 0, &fault);
    BmView content = {0};
    bool present = true;
    uint64_t value;

    cr_assert(bm_view_optional(&view, BM_TAG_CONTEXT(1), "one", &present, &content));
    cr_assert(!present && view.len == sizeof(wire) && content.data == NULL);
    cr_assert(bm_view_optional(&view, BM_TAG_CONTEXT(0), "zero", &present, &content));
    cr_assert(present && content.len == 1 && content.offset == 2);
    cr_assert(bm_view_unsigned(&view, BM_TAG_INTEGER, "value", 5, &value));
    cr_assert(bm_view_optional(&view, BM_TAG_CONTEXT(0), "zero", &present, &content));
    cr_assert(!present && fault.code == BM_OK);
}

Test(values, utf8_is_judged_by_rfc_3629)
{
    static const struct {
        const char *octets;
        bool valid;
    } list[] = {
        {"", true},
        {"plain", true},
        {"\x7f", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xbf", false},
        {"\xc0\x80", false},
        {"\xc1\xbf", false},
        {"\xc2", false},
        {"\xc2\x7f", false},
        {"\xc2\xc0", false},
        {"\xe0\x9f\xbf", false},
        {"\xe1\x80", false},
        {"\xe1\x80\x7f", false},
        {"\xed\xa0\x80", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"\xf1\x80\x80", false},
        {"\xf1\x80\x80\xc0", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        const char *s = list[i].octets;

        cr_assert_eq(bm_utf8_valid((const uint8_t *)s, strlen(s)), list[i].valid, "case %zu", i);
    }
    cr_assert_not(bm_utf8_valid((const uint8_t *)"a\0b", 3));
}
