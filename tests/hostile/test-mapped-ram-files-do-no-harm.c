/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A mapped-ram file says where its pages are, and may say anything.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "passage.h"
#include "small-stream.h"

/* Members of a block's header. */
enum { PAGE_SIZE = 4, BITMAP = 12, PAGES = 20 };

static GByteArray *stream;

static void setup(void)
{
    stream = small_mapped_stream();
}

static void teardown(void)
{
    g_byte_array_unref(stream);
}

TestSuite(mapped, .init = setup, .fini = teardown);

static BmOctets octets(void)
{
    return (BmOctets){stream->data, stream->len};
}

static int verdict(BmOctets in)
{
    Passage p = legacy_to_ber(in);
    int code = p.ok ? BM_OK : p.error->code;

    passage_clear(&p);
    return code;
}

static void set64(size_t member, uint64_t value)
{
    uint64_t be = GUINT64_TO_BE(value);

    memcpy(stream->data + SMALL_MAPPED_HEADER + member, &be, sizeof be);
}

static void expect(size_t member, uint64_t value, int code)
{
    teardown();
    setup();
    set64(member, value);
    cr_expect_eq(verdict(octets()), code, "%zu: %lu: %d", member, (unsigned long)value,
                 verdict(octets()));
}

Test(mapped, has_the_pages_that_its_bitmap_has)
{
    BmInput *in = bm_input_memory(stream->data, stream->len);
    BmSummary summary = {0};
    BmStreamVisitor *s = bm_summary_stream(&summary);

    cr_assert(bm_legacy_read(in, s, NULL, NULL));
    cr_expect_eq(summary.pages, 2);
    cr_expect_eq(summary.zero_pages, 3);
    bm_stream_free(s);
    bm_summary_clear(&summary);
    bm_input_free(in);
    cr_expect(check_legacy_octets(octets()));
}

Test(mapped, may_say_anything)
{
    uint64_t end = SMALL_MAPPED_HEADER + BM_MAPPED_HEADER;

    expect(BITMAP, end - 1, BM_BAD_VALUE);
    expect(BITMAP, end + 1, BM_BAD_VALUE); /* then it reaches into the pages */
    expect(BITMAP, UINT64_MAX, BM_BAD_VALUE);
    expect(PAGES, end + 7, BM_BAD_VALUE);
    expect(PAGES, UINT64_MAX, BM_BAD_VALUE);
    expect(PAGES, INT64_MAX, BM_BAD_VALUE);
    expect(PAGES, UINT64_C(1) << 62, BM_TRUNCATED);
    expect(PAGE_SIZE, 0, BM_BAD_VALUE);
    expect(PAGE_SIZE, 3 * SMALL_PAGE, BM_BAD_VALUE);
    expect(PAGE_SIZE, 512, BM_BAD_VALUE);
    expect(PAGE_SIZE, 2 * SMALL_PAGE, BM_MISMATCH); /* the other block has another */
    stream->data[SMALL_MAPPED_HEADER + 3] = 2;
    cr_expect_eq(verdict(octets()), BM_BAD_VERSION);
}

Test(mapped, cut_anywhere_is_refused)
{
    for (size_t len = 0; len < stream->len; len++) {
        cr_expect_neq(verdict((BmOctets){stream->data, len}), BM_OK, "%zu", len);
    }
}

Test(mapped, with_any_octet_changed_is_read_or_refused)
{
    for (size_t i = 0; i < SMALL_MAPPED_HEADER + BM_MAPPED_HEADER + 8; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            stream->data[i] ^= (uint8_t)(1u << bit);
            check_legacy_octets(octets()); /* aborts where it should not be */
            stream->data[i] ^= (uint8_t)(1u << bit);
        }
    }
}
