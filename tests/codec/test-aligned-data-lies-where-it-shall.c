/* SPDX-License-Identifier: BSD-2-Clause */
/* A filler moves borrowed octets to a multiple of the alignment in the output, whatever
 * their length, the offset of the record and what stands before them. */
#include <criterion/criterion.h>
#include <string.h>

#include "codec.h"

#define FILLER (BM_TAG_CONTEXT(18) | BM_CONSTRUCTED)
#define BEHIND (3 + BM_SUM_MEMBER_LEN)

static uint8_t page[70000], zeros[200000];

/* A record like those of a live section; the octets that are not filler. */
static void put_record(BmWriter *w, size_t before, size_t len, uint64_t offset, uint64_t align)
{
    size_t at;

    bm_writer_reset(w);
    bm_record_open(w, BM_RECORD_PART);
    bm_writer_unsigned(w, BM_TAG_INTEGER, 2);
    bm_writer_open(w, BM_TAG_SEQUENCE);
    bm_writer_octets(w, BM_TAG_OCTETS, zeros, before);
    at = w->len;
    bm_writer_open(w, BM_TAG_CONTEXT(3));
    bm_writer_unsigned(w, BM_TAG_INTEGER, 7);
    bm_writer_borrow(w, BM_TAG_OCTETS, page, len);
    bm_writer_close(w);
    if (align > 0) {
        bm_writer_align(w, at, FILLER, offset, align, BEHIND);
    }
    bm_writer_close(w);
    bm_writer_unsigned(w, BM_TAG_CONTEXT(1), 0);
    bm_record_close(w);
    cr_assert(w->fault.code == BM_OK);
}

/* Where the data begins; also reads all elements, and checks that the filler is zero. */
static size_t read_record(const BmWriter *w, size_t before, size_t len)
{
    BmOutput *out = bm_output_memory();
    BmFault fault = {0};
    BmOctets filler, data, octets;
    uint64_t number;
    BmView v, record, items, item;
    BmTag tag;

    cr_assert(bm_output_writer(out, w));
    octets = bm_output_memory_data(out);
    v = bm_view(octets.data, octets.len, 0, &fault);
    cr_assert(bm_view_get(&v, BM_TAG_RECORD(BM_RECORD_PART), "record", &record));
    cr_assert(bm_view_unsigned(&record, BM_TAG_INTEGER, "id", 2, &number));
    cr_assert(bm_view_get(&record, BM_TAG_SEQUENCE, "items", &items));
    cr_assert(bm_view_octets(&items, BM_TAG_OCTETS, "before", before, &data));
    if (bm_view_peek(&items, &tag) && tag == FILLER) {
        cr_assert(bm_view_explicit(&items, FILLER, BM_TAG_OCTETS, "filler", sizeof zeros, &filler));
        cr_assert(memcmp(filler.data, zeros, filler.len) == 0);
    }
    cr_assert(bm_view_get(&items, BM_TAG_CONTEXT(3) | BM_CONSTRUCTED, "item", &item));
    cr_assert(bm_view_unsigned(&item, BM_TAG_INTEGER, "page", 7, &number));
    cr_assert(bm_view_octets(&item, BM_TAG_OCTETS, "data", len, &data));
    cr_assert(data.len == len && memcmp(data.data, page, len) == 0);
    cr_assert(bm_view_end(&item, "item") && bm_view_end(&items, "items"));
    size_t at = (size_t)(data.data - octets.data);
    bm_output_free(out);
    return at;
}

static void check(size_t before, size_t len, uint64_t offset, uint64_t align)
{
    BmWriter w;

    bm_writer_init(&w);
    put_record(&w, before, len, offset, align);
    cr_assert_eq((offset + read_record(&w, before, len)) % align, 0,
                 "%zu before, %zu octets, at %zu, to %zu", before, len, (size_t)offset,
                 (size_t)align);
    bm_writer_clear(&w);
}

Test(aligned, at_each_offset)
{
    memset(page, 0xa5, sizeof page);
    for (uint64_t offset = 0; offset < 4200; offset++) {
        check(5, 4096, offset, 4096);
    }
}

/* Lengths whose octets become more with the filler. */
Test(aligned, around_each_length_of_a_length)
{
    static const size_t lens[] = {1, 100, 127, 128, 240, 255, 256, 60000, 65500, 65535, 65536};

    memset(page, 0xa5, sizeof page);
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        for (size_t before = 0; before < 300; before++) {
            check(before, lens[i], 1000 + 7 * before, 1u << (before % 13));
        }
    }
    check(130000, 4096, 77, 65536);
}

/* What lies right needs no filler, so nothing is put in. */
Test(aligned, without_a_filler_where_none_is_needed)
{
    BmWriter w;

    bm_writer_init(&w);
    put_record(&w, 5, 4096, 0, 0);
    size_t at = read_record(&w, 5, 4096), size = bm_writer_size(&w);
    put_record(&w, 5, 4096, 4096 - at, 4096);
    cr_assert_eq(bm_writer_size(&w), size);
    put_record(&w, 5, 4096, 4097 - at, 4096);
    cr_assert_gt(bm_writer_size(&w), size);
    bm_writer_clear(&w);
}
