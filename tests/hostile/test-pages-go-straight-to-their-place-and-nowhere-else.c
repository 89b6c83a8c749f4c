/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "mutate.h"
#include "two-ways.h"

static BmOctets octets(const GByteArray *a)
{
    return (BmOctets){a->data, a->len};
}

Test(place, a_stream_is_loaded_both_ways)
{
    for (guint32 seed = 0; seed < 20; seed++) {
        GByteArray *stream = two_ways_stream(seed);
        uint64_t placed = 0;

        cr_expect_eq(check_two_ways(octets(stream), &placed), BM_OK);
        cr_expect_gt(placed, TWO_WAYS_PAGES / 3, "nearly all full pages go straight");
        g_byte_array_unref(stream);
    }
}

Test(place, each_wrong_octet_is_found)
{
    GByteArray *stream = two_ways_stream(1);

    for (guint i = 0; i < stream->len; i += i % 509 < 64 ? 1 : 61) {
        stream->data[i] ^= (uint8_t)(1u << i % 8);
        cr_expect_neq(check_two_ways(octets(stream), NULL), BM_OK, "octet %u", i);
        stream->data[i] ^= (uint8_t)(1u << i % 8);
    }
    g_byte_array_unref(stream);
}

Test(place, a_stream_that_is_cut_fails)
{
    GByteArray *stream = two_ways_stream(2);

    for (guint len = 0; len < stream->len; len += 211) {
        cr_expect_neq(check_two_ways((BmOctets){stream->data, len}, NULL), BM_OK, "%u octets", len);
    }
    g_byte_array_unref(stream);
}

/* With sums that are right: pages outside, lengths that lie, items twice and in
 * another order. */
Test(place, changed_streams_do_the_same_both_ways)
{
    unsigned accepted = 0;

    for (guint32 seed = 0; seed < 1500; seed++) {
        GByteArray *stream = two_ways_stream(seed % 8);
        GByteArray *changed = mutate_ber(octets(stream), seed);

        accepted += check_two_ways(octets(changed), NULL) == BM_OK;
        g_byte_array_unref(changed);
        g_byte_array_unref(stream);
    }
    cr_expect_gt(accepted, 100, "some changes do no harm");
    cr_expect_lt(accepted, 1400, "most are found");
}

/* ---- streams by hand ---- */

/* All up to the Start, which has the page size and the blocks; the id of its section. */
static uint64_t write_beginning(BmOutput *out)
{
    GByteArray *stream = two_ways_stream(3);
    BmInput *in = bm_input_memory(stream->data, stream->len);
    BmFault fault = {0};
    BmRecord record;
    uint64_t id;
    bool end;

    cr_assert(bm_frame_read_head(in, &record, &fault) && bm_frame_read_open(in, &fault));
    do {
        cr_assert(bm_frame_read_record(in, &record, &end, &fault) && !end);
    } while (record.type != BM_RECORD_START);
    cr_assert(bm_view_unsigned(&record.body, BM_TAG_INTEGER, "id", UINT32_MAX, &id));
    cr_assert(bm_output_write(out, stream->data, record.offset + record.size));
    bm_input_free(in);
    g_byte_array_unref(stream);
    return id;
}

typedef void (*WriteItems)(BmWriter *w, const uint8_t *data);

/* One Part with these items; `data` has another octet in each page. */
static void write_part(BmOutput *out, uint64_t id, WriteItems write_items)
{
    g_autofree uint8_t *data = g_malloc(TWO_WAYS_PAGES * TWO_WAYS_PAGE);
    BmWriter w;

    for (unsigned i = 0; i < TWO_WAYS_PAGES * TWO_WAYS_PAGE; i++) {
        data[i] = (uint8_t)(i / TWO_WAYS_PAGE + 1);
    }
    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_PART);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, id);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    write_items(&w, data);
    bm_writer_close(&w);
    cr_assert(bm_record_write(out, &w));
    bm_writer_clear(&w);
}

static GByteArray *by_hand(WriteItems write_items)
{
    GByteArray *made = g_byte_array_new();
    BmOutput *out = bm_output_memory();
    uint64_t digest;
    BmWriter w;

    write_part(out, write_beginning(out), write_items);
    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_FINISH);
    cr_assert(bm_record_write(out, &w));
    cr_assert(bm_frame_write_trailer(out, 0, &digest));
    bm_writer_clear(&w);
    g_byte_array_append(made, bm_output_memory_data(out).data,
                        (guint)bm_output_memory_data(out).len);
    repair_ber(made); /* the trailer's counts */
    bm_output_free(out);
    return made;
}

static void open_item(BmWriter *w, unsigned tag, uint64_t block, uint64_t page)
{
    bm_writer_open(w, BM_TAG_CONTEXT(tag));
    bm_writer_unsigned(w, BM_TAG_INTEGER, block);
    bm_writer_unsigned(w, BM_TAG_INTEGER, page);
}

static void write_run(BmWriter *w, uint64_t block, uint64_t page, const uint8_t *data, size_t len)
{
    open_item(w, 3, block, page);
    bm_writer_octets(w, BM_TAG_OCTETS, data, len);
    bm_writer_close(w);
}

static void write_zeros(BmWriter *w, uint64_t page, uint64_t count)
{
    open_item(w, 4, 0, page);
    bm_writer_unsigned(w, BM_TAG_INTEGER, count);
    bm_writer_close(w);
}

static void all_pages(BmWriter *w, const uint8_t *data)
{
    write_run(w, 0, 0, data, TWO_WAYS_PAGES * TWO_WAYS_PAGE);
}

static void runs_that_overlap(BmWriter *w, const uint8_t *data)
{
    all_pages(w, data);
    write_zeros(w, 10, 20);
    write_run(w, 0, 25, data, 10 * TWO_WAYS_PAGE);
    write_run(w, 0, 20, data, 10 * TWO_WAYS_PAGE);
}

/* The map of SPEC.md 7.3, and one in which page 5 comes twice. */
static void batches(BmWriter *w, const uint8_t *data)
{
    static const uint8_t map[] = {0x01, 0x00, 0x02, 0x10, 0x44}, twice[] = {0x00, 0x0e, 0x0c};

    all_pages(w, data);
    open_item(w, 5, 0, 5);
    bm_writer_octets(w, BM_TAG_OCTETS, map, sizeof map);
    bm_writer_octets(w, BM_TAG_OCTETS, data, 4 * TWO_WAYS_PAGE);
    bm_writer_close(w);
    open_item(w, 5, 0, 5);
    bm_writer_octets(w, BM_TAG_OCTETS, twice, sizeof twice);
    bm_writer_octets(w, BM_TAG_OCTETS, data, 2 * TWO_WAYS_PAGE);
    bm_writer_close(w);
}

static void outside_its_block(BmWriter *w, const uint8_t *data)
{
    all_pages(w, data);
    write_run(w, 0, TWO_WAYS_PAGES - 1, data, 2 * TWO_WAYS_PAGE);
}

static void far_outside(BmWriter *w, const uint8_t *data)
{
    all_pages(w, data);
    write_run(w, 0, UINT64_MAX, data, TWO_WAYS_PAGE);
}

static void unknown_block(BmWriter *w, const uint8_t *data)
{
    all_pages(w, data);
    write_run(w, 1, 0, data, TWO_WAYS_PAGE);
}

static void half_a_page(BmWriter *w, const uint8_t *data)
{
    all_pages(w, data);
    write_run(w, 0, 0, data, TWO_WAYS_PAGE + TWO_WAYS_PAGE / 2);
}

static void no_pages(BmWriter *w, const uint8_t *data)
{
    all_pages(w, data);
    write_run(w, 0, 0, data, 0);
}

static void more_data_than_map(BmWriter *w, const uint8_t *data)
{
    static const uint8_t map[] = {0x01, 0x00};

    all_pages(w, data);
    open_item(w, 5, 0, 5);
    bm_writer_octets(w, BM_TAG_OCTETS, map, sizeof map);
    bm_writer_octets(w, BM_TAG_OCTETS, data, 3 * TWO_WAYS_PAGE);
    bm_writer_close(w);
}

static void an_item_longer_than_the_record(BmWriter *w, const uint8_t *data)
{
    static const uint8_t head[] = {0xa3, 0x84, 0x00, 0x10, 0x00, 0x00, 0x02};

    all_pages(w, data);
    bm_writer_verbatim(w, head, sizeof head);
}

static void data_longer_than_its_item(BmWriter *w, const uint8_t *data)
{
    /* A run of 10 octets: block 0, page 0, data of 1024 octets. */
    static const uint8_t head[] = {0xa3, 0x0a, 0x02, 0x01, 0x00, 0x02,
                                   0x01, 0x00, 0x04, 0x82, 0x04, 0x00};

    all_pages(w, data);
    bm_writer_verbatim(w, head, sizeof head);
    bm_writer_verbatim(w, data, TWO_WAYS_PAGE);
}

static void no_item(BmWriter *w, const uint8_t *data)
{
    all_pages(w, data);
    bm_writer_verbatim(w, "\0", 1);
}

static void expect(BmCode code, WriteItems write_items)
{
    GByteArray *stream = by_hand(write_items);

    cr_expect_eq(check_two_ways(octets(stream), NULL), code);
    g_byte_array_unref(stream);
}

Test(place, pages_that_come_twice_have_what_came_last)
{
    expect(BM_OK, all_pages);
    expect(BM_OK, runs_that_overlap);
    expect(BM_OK, batches);
}

Test(place, what_is_wrong_is_refused)
{
    expect(BM_LIMIT, outside_its_block);
    expect(BM_LIMIT, far_outside);
    expect(BM_UNKNOWN, unknown_block);
    expect(BM_BAD_LENGTH, half_a_page);
    expect(BM_LIMIT, no_pages);
    expect(BM_TRAILING, more_data_than_map);
    expect(BM_BAD_LENGTH, an_item_longer_than_the_record);
    expect(BM_BAD_LENGTH, data_longer_than_its_item);
    expect(BM_BAD_TAG, no_item);
}
