/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "json-writer.h"

static char *finish(BmJson *j, BmOutput *out)
{
    BmOctets text;
    char *copy;

    bm_json_drain(j);
    bm_json_free(j);
    bm_output_flush(out);
    text = bm_output_memory_data(out);
    copy = g_strndup((const char *)text.data, text.len);
    bm_output_free(out);
    return copy;
}

Test(json_writer, held_and_closed_leaves_no_trace)
{
    BmOutput *out = bm_output_memory();
    BmJson *j = bm_json_new(out);
    g_autofree char *text = NULL;

    bm_json_open(j, '{', NULL, BM_JSON_INLINE);
    bm_json_open(j, '{', "a", BM_JSON_HELD);
    bm_json_text(j, "b", "c");
    bm_json_close(j);
    bm_json_text(j, "d", "e");
    bm_json_close(j);
    text = finish(j, out);
    cr_assert_str_eq(text, "{\"d\": \"e\"}\n");
}

Test(json_writer, kept_is_written_with_what_is_around)
{
    BmOutput *out = bm_output_memory();
    BmJson *j = bm_json_new(out);
    g_autofree char *text = NULL;

    bm_json_open(j, '{', NULL, BM_JSON_INLINE | BM_JSON_HELD);
    bm_json_open(j, '[', "a", BM_JSON_HELD | BM_JSON_PLACES);
    bm_json_skip(j, NULL);
    bm_json_open(j, '{', NULL, BM_JSON_HELD);
    bm_json_close(j);
    cr_expect(bm_json_is_held(j));
    bm_json_keep(j);
    cr_expect_not(bm_json_is_held(j));
    bm_emit_decimal(bm_json_value(j, NULL), 5);
    bm_json_close(j);
    bm_json_close(j);
    text = finish(j, out);
    cr_assert_str_eq(text, "{\"a\": [null, null, 5]}\n");
}

/* RFC 8259, 7: what must be escaped is. */
Test(json_writer, strings_are_escaped)
{
    GString *s = g_string_new(NULL);

    bm_emit_string(s, "\"\\/\b\x01\x7f\xc2\x80\xe2\x82\xac", 11);
    cr_expect_str_eq(s->str, "\"\\\"\\\\/\\u0008\\u0001\\u007f\\u0080\xe2\x82\xac\"");
    g_string_free(s, TRUE);
}

Test(json_writer, numbers)
{
    GString *s = g_string_new(NULL);
    static const uint8_t wide[] = {0, 0, 0x0a, 0, 0, 0, 0, 0, 0, 1}, zero[] = {0, 0};

    bm_emit_decimal(s, 0);
    g_string_append_c(s, ' ');
    bm_emit_decimal(s, UINT64_MAX);
    g_string_append_c(s, ' ');
    bm_emit_signed(s, INT64_MIN);
    g_string_append_c(s, ' ');
    bm_emit_number(s, UINT64_MAX);
    g_string_append_c(s, ' ');
    bm_emit_wide_number(s, (BmOctets){wide, sizeof(wide)});
    g_string_append_c(s, ' ');
    bm_emit_wide_number(s, (BmOctets){zero, sizeof(zero)});
    cr_expect_str_eq(s->str, "0 18446744073709551615 -9223372036854775808 0xffffffffffffffff "
                             "0xa00000000000001 0x0");
    g_string_free(s, TRUE);
}

/* Longer than any buffer in between. */
Test(json_writer, long_octets_are_whole)
{
    const size_t size = 100000;
    g_autofree uint8_t *data = g_malloc(size);
    BmOutput *out = bm_output_memory();
    BmJson *j = bm_json_new(out);
    g_autofree char *text = NULL;

    memset(data, 0xa5, size);
    bm_json_open(j, '[', NULL, BM_JSON_INLINE);
    bm_json_hex(j, NULL, (BmOctets){data, size});
    bm_json_close(j);
    text = finish(j, out);
    cr_assert_eq(strlen(text), strlen("[\"\"]\n") + 2 * size);
    cr_assert_eq(strspn(text + 2, "a5"), 2 * size);
}
