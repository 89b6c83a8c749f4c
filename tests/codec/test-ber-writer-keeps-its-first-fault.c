/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "codec.h"

static void append_everything(BmWriter *w)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    bm_writer_boolean(w, BM_TAG_BOOLEAN, true);
    bm_writer_unsigned(w, BM_TAG_INTEGER, 1);
    bm_writer_signed(w, BM_TAG_INTEGER, -1);
    bm_writer_null(w, BM_TAG_NULL);
    bm_writer_octets(w, BM_TAG_OCTETS, "a", 1);
    bm_writer_text(w, BM_TAG_UTF8, "a");
    bm_writer_explicit(w, BM_TAG_CONTEXT(0), BM_TAG_UTF8, "a", 1);
    bm_writer_borrow(w, BM_TAG_OCTETS, "a", 1);
    bm_writer_verbatim(w, "\x05\x00", 2);
    bm_writer_close(w);
    bm_record_close(w);
}

/* After a fault nothing changes, and nothing comes out. */
static void stays_failed(BmWriter *w, BmCode code)
{
    struct iovec iov[8];
    BmFault fault = w->fault;
    size_t size = bm_writer_size(w);
    BmOutput *out = bm_output_memory();

    cr_assert_eq(fault.code, code, "%s", bm_code_name(fault.code));
    append_everything(w);
    cr_assert_eq(bm_writer_size(w), size);
    cr_assert_eq(memcmp(&w->fault, &fault, sizeof(fault)), 0);
    cr_assert_eq(bm_writer_pieces(w, iov, 8), 0);
    cr_assert_not(bm_output_writer(out, w));
    cr_assert_not(bm_output_write(out, "a", 1));
    cr_assert_neq(bm_output_errno(out), 0);
    bm_output_free(out);

    bm_writer_reset(w);
    append_everything(w);
    cr_assert_eq(w->fault.code, BM_BAD_ORDER); /* there is no record to close */
    bm_writer_clear(w);
}

Test(writer, refuses_to_nest_too_deep)
{
    BmWriter w;

    bm_writer_init(&w);
    for (unsigned i = 0; i < BM_WRITER_DEPTH; i++) {
        bm_writer_open(&w, BM_TAG_SEQUENCE);
    }
    cr_assert_eq(w.fault.code, BM_OK);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    stays_failed(&w, BM_LIMIT);
}

Test(writer, refuses_a_close_without_an_open)
{
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_close(&w);
    stays_failed(&w, BM_BAD_ORDER);
}

Test(writer, refuses_a_record_above_the_limit)
{
    static const uint8_t mebi[1u << 20];
    unsigned full = BM_LIMIT_RECORD / sizeof(mebi);
    BmWriter w;

    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_PART);
    for (unsigned i = 0; i + 1 < full; i++) {
        bm_writer_borrow(&w, BM_TAG_OCTETS, mebi, sizeof(mebi));
    }
    cr_assert_eq(w.fault.code, BM_OK);
    bm_writer_borrow(&w, BM_TAG_OCTETS, mebi, sizeof(mebi));
    stays_failed(&w, BM_LIMIT);
}

Test(writer, counts_the_length_octets_against_the_limit)
{
    BmWriter w;

    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_PART);
    /* The content alone fits, with a length of 5 octets it does not. */
    w.borrowed_len = BM_LIMIT_RECORD - w.len - 6;
    bm_record_close(&w);
    cr_assert_eq(w.fault.code, BM_LIMIT);
    bm_writer_clear(&w);
}

Test(writer, refuses_sizes_that_would_wrap)
{
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_borrow(&w, BM_TAG_OCTETS, "", SIZE_MAX);
    stays_failed(&w, BM_LIMIT);
    bm_writer_init(&w);
    bm_writer_octets(&w, BM_TAG_OCTETS, "", SIZE_MAX);
    stays_failed(&w, BM_LIMIT);
}

Test(writer, refuses_text_that_no_reader_takes)
{
    char longest[BM_LIMIT_NAME + 2] = {0};
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_text(&w, BM_TAG_UTF8, "\xc0\x80");
    stays_failed(&w, BM_BAD_VALUE);
    bm_writer_init(&w);
    bm_writer_explicit(&w, BM_TAG_CONTEXT(0), BM_TAG_UTF8, "a\0b", 3);
    stays_failed(&w, BM_BAD_VALUE);

    bm_writer_init(&w);
    memset(longest, 'x', BM_LIMIT_NAME);
    bm_writer_text(&w, BM_TAG_UTF8, longest);
    cr_assert_eq(w.fault.code, BM_OK);
    longest[BM_LIMIT_NAME] = 'x';
    bm_writer_text(&w, BM_TAG_UTF8, longest);
    stays_failed(&w, BM_LIMIT);
}

Test(writer, refuses_tags_that_no_reader_takes)
{
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_null(&w, BM_TAG_CONTEXT(BM_TAG_NUMBER_MAX + 1));
    stays_failed(&w, BM_BAD_TAG);
    bm_writer_init(&w);
    bm_writer_null(&w, BM_TAG_UNIVERSAL(0));
    stays_failed(&w, BM_BAD_TAG);
}

Test(writer, refuses_a_record_behind_other_octets)
{
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_null(&w, BM_TAG_NULL);
    bm_record_open(&w, BM_RECORD_PART);
    stays_failed(&w, BM_BAD_ORDER);
}

Test(writer, gives_no_pieces_while_a_container_is_open)
{
    struct iovec iov[4];
    BmWriter w;

    bm_writer_init(&w);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    cr_assert_eq(bm_writer_pieces(&w, iov, 4), 0);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    bm_record_close(&w);
    cr_assert_eq(w.fault.code, BM_BAD_ORDER);
    bm_writer_clear(&w);
}
