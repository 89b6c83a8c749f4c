/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sample-stream.h"

Test(cut, at_each_octet_is_a_clean_fault)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    Reading r;

    for (size_t len = 0; len < stream.len; len++) {
        /* Of just this size, so that a sanitizer sees one octet too many. */
        uint8_t *copy = malloc(len > 0 ? len : 1);

        memcpy(copy, stream.data, len);
        cr_assert_not(read_stream_octets(copy, len, &r));
        cr_assert_eq(r.fault.code, BM_TRUNCATED, "%zu: %s", len, bm_code_name(r.fault.code));
        cr_assert_eq(r.fault.offset, len, "%zu: %lu", len, (unsigned long)r.fault.offset);
        cr_assert_gt(r.fault.expected, r.fault.got);
        free(copy);
    }
    bm_output_free(out);
}

/* The message record starts at 51: header 2, body 8, checksum 6. */
Test(cut, inside_a_record_leaves_what_is_there)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    BmInput *in = bm_input_memory(stream.data, 51 + 2 + 5);
    BmFault own = {0};
    BmTag tag;
    Reading r;

    cr_assert_not(read_stream(in, &r));
    cr_assert(r.fault.code == BM_TRUNCATED && r.fault.expected == 16 && r.fault.got == 7);
    cr_assert(!r.last.complete && r.last.type == BM_RECORD_MESSAGE && r.last.size == 16);
    cr_assert(r.last.offset == 51 && r.last.body.offset == 53 && r.last.body.len == 5);
    BmView body = bm_view(r.last.body.data, r.last.body.len, r.last.body.offset, &own);
    cr_assert(bm_view_peek(&body, &tag) && tag == BM_TAG_OCTETS);
    bm_input_free(in);
    bm_output_free(out);
}

/* Explaining a cut record needs views that end early without being wrong. */
Test(cut, view_gives_constructed_values_as_far_as_they_are_there)
{
    static const uint8_t octets[] = {0x30, 0x20, 0x02, 0x01, 0x07, 0x04, 0x05, 'a', 'b'};
    BmFault fault = {0};
    BmView view = bm_view(octets, sizeof(octets), 100, &fault);
    BmView list;
    uint64_t number;
    BmOctets text = {NULL, 77};

    view.cut = true;
    cr_assert(bm_view_get(&view, BM_TAG_SEQUENCE, "list", &list));
    cr_assert(list.cut && list.len == 7);
    cr_assert(bm_view_unsigned(&list, BM_TAG_INTEGER, "number", 10, &number));
    cr_assert_not(bm_view_octets(&list, BM_TAG_OCTETS, "text", 10, &text));
    cr_assert(fault.code == BM_TRUNCATED && fault.offset == 109);
    cr_assert(text.data == NULL && text.len == 77);
}

Test(cut, view_does_not_end_properly)
{
    static const uint8_t octets[] = {0x30, 0x02, 0x05, 0x00};
    BmFault fault = {0};
    BmView view = bm_view(octets, sizeof(octets), 100, &fault);
    BmView list;

    view.cut = true;
    cr_assert(bm_view_get(&view, BM_TAG_SEQUENCE, "list", &list));
    cr_assert(!list.cut && bm_view_null(&list, BM_TAG_NULL, "null") && bm_view_end(&list, "list"));
    cr_assert_not(bm_view_end(&view, "record"));
    cr_assert(fault.code == BM_TRUNCATED && fault.offset == 104);
}

Test(cut, before_a_header_leaves_an_empty_record)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    Reading r;

    cr_assert_not(read_stream_octets(stream.data, 51, &r));
    cr_assert(!r.last.complete && r.last.size == 0 && r.last.offset == 51);
    cr_assert_not(read_stream_octets(stream.data, 52, &r));
    cr_assert(!r.last.complete && r.last.size == 0);
    bm_output_free(out);
}

Test(cut, by_a_failed_read_is_not_called_truncated)
{
    BmInput *in = bm_input_fd(-1);
    Reading r;

    cr_assert_not(read_stream(in, &r));
    cr_assert_eq(r.fault.code, BM_IO);
    cr_assert_eq(r.fault.got, EBADF);
    bm_input_free(in);
}
