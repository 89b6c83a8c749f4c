/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sample-stream.h"

/* The stream of sample_stream(), by hand but for checksums and digest. */
static const struct {
    uint8_t octets[BM_MAGIC_LEN];
    size_t len;
    size_t gap; /* octets not compared behind these */
} parts[] = {
    {{0x30, 0x80, 0x06, 0x14, 0x69, 0x81, 0xbc, 0x9f, 0x9e, 0x96, 0xc1, 0xb7,
      0xea, 0xb1, 0xc5, 0x9a, 0xa2, 0x98, 0xc8, 0xd5, 0x92, 0xb5, 0x92, 0x47},
     24,
     0},
    {{0x60, 0x17, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00, 0x0a, 0x01, 0x00}, 11, 0},
    {{0x0c, 0x06, 's', 'a', 'm', 'p', 'l', 'e', 0x04, 0x04}, 10, 4},
    {{0x30, 0x80, 0x6d, 0x0e, 0x04, 0x06, 0xde, 0xad, 0xbe, 0xef, 0x00, 0x00, 4, 4}, 14, 4},
    {{0x6a, 0x06, 0x04, 0x04}, 4, 4},
    {{0x6f, 0x11, 0x02, 0x02, 0x01, 0x2c, 0x01, 0x01, 0xff, 0x04, 0x02, 0xde, 0xad, 4, 4}, 15, 4},
    {{0x00, 0x00, 0x70, 0x16, 0x02, 0x01, 0x03, 0x02, 0x01, 0x60, 0x04, 0x08}, 12, 8},
    {{0x04, 0x04}, 2, 4},
    {{0x00, 0x00}, 2, 0},
};

Test(stream, has_the_octets_of_the_specification)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    size_t at = 0;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        cr_assert_leq(at + parts[i].len + parts[i].gap, stream.len);
        for (size_t k = 0; k < parts[i].len; k++, at++) {
            cr_assert_eq(stream.data[at], parts[i].octets[k], "octet %zu: %02x", at,
                         stream.data[at]);
        }
        at += parts[i].gap;
    }
    cr_assert_eq(at, stream.len);
    bm_output_free(out);
}

/* Frozen: XXH3-64 is part of the format. */
Test(stream, has_checksums_that_never_change)
{
    static const uint8_t package_end[] = {0x6a, 0x06, 0x04, 0x04, 0xc4, 0x92, 0x4a, 0xdb};
    BmWriter w;

    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_PACKAGE_END);
    bm_record_close(&w);
    cr_assert_eq(w.len, sizeof(package_end));
    cr_assert_arr_eq(w.data, package_end, sizeof(package_end));
    bm_writer_clear(&w);
}

/* Frozen, and computed by another program from SPEC.md 4.3. */
Test(digest, never_changes)
{
    cr_assert_eq(bm_digest_add(0, 0x0123456789abcdef), UINT64_C(0x2b192cb50c0e0931));
    cr_assert_eq(bm_digest_add(UINT64_C(0x2b192cb50c0e0931), 1), UINT64_C(0x4de7ef80023bd459));
}

Test(stream, is_read_whole)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    Reading r;

    cr_assert(read_stream_octets(stream.data, stream.len, &r), "%s", bm_code_name(r.fault.code));
    cr_assert_eq(r.records, SAMPLE_RECORDS);
    cr_assert_eq(r.octets, 24 + 25 + 2 + 16 + 8 + 19 + 2);
    cr_assert(r.last.complete);
    cr_assert_eq(r.last.type, BM_RECORD_EXTENSION);
    cr_assert_eq(r.last.offset, 24 + 25 + 2 + 16 + 8);
    cr_assert_eq(r.last.size, 19);
    cr_assert_eq(r.last.body.len, 11);
    cr_assert_eq(r.last.body.offset, r.last.offset + 2);
    bm_output_free(out);
}

Test(stream, fails_with_any_bit_flipped)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    uint8_t *copy = malloc(stream.len);
    Reading r;

    memcpy(copy, stream.data, stream.len);
    for (size_t bit = 0; bit < 8 * stream.len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        cr_assert_not(read_stream_octets(copy, stream.len, &r), "octet %zu, bit %zu", bit / 8,
                      bit % 8);
        cr_assert_neq(r.fault.code, BM_OK);
        cr_assert_leq(r.fault.offset, stream.len);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    cr_assert(read_stream_octets(copy, stream.len, &r));
    free(copy);
    bm_output_free(out);
}

/* A record of a type, with a body that is one OCTET STRING, right but for what
 * the caller does to it. */
static void one_record(BmWriter *w, unsigned type)
{
    bm_writer_reset(w);
    bm_record_open(w, (BmRecordType)type);
    bm_writer_octets(w, BM_TAG_OCTETS, "ab", 2);
    bm_record_close(w);
    cr_assert_eq(w->fault.code, BM_OK);
}

static BmFault read_one_record(const void *data, size_t len)
{
    BmInput *in = bm_input_memory(data, len);
    BmFault fault = {0};
    BmRecord record;
    bool end;

    bm_frame_read_record(in, &record, &end, &fault);
    bm_input_free(in);
    return fault;
}

/* Of an application tag that no record has. */
#define UNASSIGNED 26

Test(record, of_a_wrong_kind_is_refused)
{
    BmWriter w;
    BmFault f;

    bm_writer_init(&w);
    one_record(&w, BM_RECORD_MESSAGE);
    f = read_one_record(w.data, w.len);
    cr_assert_eq(f.code, BM_OK);
    one_record(&w, UNASSIGNED);
    f = read_one_record(w.data, w.len);
    cr_assert(f.code == BM_UNKNOWN && f.offset == 0 && f.got == BM_TAG_RECORD(UNASSIGNED));
    one_record(&w, 31);
    f = read_one_record(w.data, w.len);
    cr_assert(f.code == BM_UNKNOWN && f.offset == 0);
    one_record(&w, BM_RECORD_TRAILER);
    f = read_one_record(w.data, w.len);
    cr_assert(f.code == BM_BAD_ORDER && f.offset == 0);
    one_record(&w, BM_RECORD_PREAMBLE);
    f = read_one_record(w.data, w.len);
    cr_assert(f.code == BM_BAD_ORDER && f.offset == 0);
    bm_writer_clear(&w);
    f = read_one_record("\x30\x06\x04\x04\0\0\0\0", 8);
    cr_assert(f.code == BM_UNKNOWN && f.offset == 0 && f.got == BM_TAG_SEQUENCE);
    f = read_one_record("\x4d\x06\x04\x04\0\0\0\0", 8);
    cr_assert(f.code == BM_BAD_TAG && f.expected == BM_TAG_RECORD(BM_RECORD_MESSAGE));
}

Test(record, with_a_wrong_length_is_refused)
{
    static const struct {
        const char *octets;
        size_t len;
        BmCode code;
    } list[] = {
        {"\x6d\x80\x04\x04\0\0\0\0\0\0", 10, BM_BAD_LENGTH},
        {"\x6d\x81\x06\x04\x04\0\0\0\0", 9, BM_BAD_LENGTH},
        {"\x6d\x82\0\x80", 4, BM_BAD_LENGTH},
        {"\x6d\x89\0\0\0\0\0\0\0\0\x06", 11, BM_BAD_LENGTH},
        {"\x6d\xff", 2, BM_BAD_LENGTH},
        {"\x6d\x05\x04\x03\0\0\0", 7, BM_BAD_LENGTH},
        {"\x6d\x00", 2, BM_BAD_LENGTH},
        /* 256 Mi octets less the header of 6 would be the most */
        {"\x6d\x84\x0f\xff\xff\xfb", 6, BM_LIMIT},
        {"\x6d\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10, BM_LIMIT},
        {"\0\x01", 2, BM_BAD_LENGTH},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        BmFault f = read_one_record(list[i].octets, list[i].len);

        cr_assert_eq(f.code, list[i].code, "case %zu: %s", i, bm_code_name(f.code));
        cr_assert_eq(f.offset, 1);
    }
    BmFault f = read_one_record("\x6d\x84\x0f\xff\xff\xfa", 6);
    cr_assert_eq(f.code, BM_TRUNCATED);
    cr_assert_eq(f.expected, BM_LIMIT_RECORD);
}

Test(record, without_a_checksum_is_refused)
{
    BmFault f = read_one_record("\x6d\x06\x02\x04\0\0\0\0", 8);

    cr_assert(f.code == BM_BAD_TAG && f.offset == 2);
    f = read_one_record("\x6d\x06\x04\x03\0\0\0\0", 8);
    cr_assert(f.code == BM_TRAILING && f.offset == 7);
    f = read_one_record("\x6d\x06\x04\x05\0\0\0\0", 8);
    cr_assert(f.code == BM_BAD_LENGTH && f.offset == 3);
    f = read_one_record("\x6d\x06\x04\x04\0\0\0\0", 8);
    cr_assert(f.code == BM_BAD_DIGEST && f.offset == 4 && f.expected == 0 && f.got != 0);
}

Test(record, checksum_is_the_same_over_borrowed_octets)
{
    static uint8_t octets[5000];
    BmWriter own, borrowing;
    BmOutput *out = bm_output_memory();

    memset(octets, 0x5a, sizeof(octets));
    bm_writer_init(&own);
    bm_writer_init(&borrowing);
    bm_record_open(&own, BM_RECORD_MESSAGE);
    bm_record_open(&borrowing, BM_RECORD_MESSAGE);
    for (size_t len = 1; len < sizeof(octets); len += 700) {
        bm_writer_octets(&own, BM_TAG_OCTETS, octets, len);
        bm_writer_borrow(&borrowing, BM_TAG_OCTETS, octets, len);
    }
    bm_record_close(&own);
    bm_record_close(&borrowing);
    cr_assert(bm_output_writer(out, &borrowing));
    BmOctets flat = bm_output_memory_data(out);
    cr_assert_eq(flat.len, own.len);
    cr_assert_eq(memcmp(flat.data, own.data, own.len), 0);
    cr_assert_eq(read_one_record(flat.data, flat.len).code, BM_OK);
    bm_output_free(out);
    bm_writer_clear(&own);
    bm_writer_clear(&borrowing);
}

/* A stream without records whose trailer comes from the caller. */
static BmFault read_with_trailer(uint64_t records, uint64_t octets, uint64_t digest_flip,
                                 size_t digest_len)
{
    BmOutput *out = bm_output_memory();
    uint8_t digest[BM_DIGEST_LEN + 1] = {0};
    BmWriter w;
    Reading r;

    bm_writer_init(&w);
    bm_frame_write_magic(out);
    bm_record_open(&w, BM_RECORD_PREAMBLE);
    bm_record_close(&w);
    bm_output_writer(out, &w);
    bm_frame_write_open(out);
    bm_output_write(out, "\0\0", 2);
    uint64_t value = bm_output_digest(out) ^ digest_flip;
    for (size_t i = 0; i < BM_DIGEST_LEN; i++) {
        digest[i] = (uint8_t)(value >> (56 - 8 * i));
    }
    bm_writer_reset(&w);
    bm_record_open(&w, BM_RECORD_TRAILER);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, records);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, octets);
    bm_writer_octets(&w, BM_TAG_OCTETS, digest, digest_len);
    bm_record_close(&w);
    bm_output_writer(out, &w);
    bm_output_write(out, "\0\0", 2);
    BmOctets stream = bm_output_memory_data(out);
    read_stream_octets(stream.data, stream.len, &r);
    bm_output_free(out);
    bm_writer_clear(&w);
    return r.fault;
}

Test(trailer, must_fit_what_was_read)
{
    BmFault f = read_with_trailer(0, 36, 0, 8);

    cr_assert_eq(f.code, BM_OK, "%s %lu", bm_code_name(f.code), (unsigned long)f.got);
    f = read_with_trailer(1, 36, 0, 8);
    cr_assert(f.code == BM_MISMATCH && f.expected == 1 && f.got == 0);
    f = read_with_trailer(0, 37, 0, 8);
    cr_assert(f.code == BM_MISMATCH && f.expected == 37 && f.got == 36);
    f = read_with_trailer(0, 36, 1, 8);
    cr_assert(f.code == BM_BAD_DIGEST && f.expected == (f.got ^ 1));
    cr_assert_eq(read_with_trailer(0, 36, 0, 7).code, BM_BAD_VALUE);
    cr_assert_eq(read_with_trailer(0, 36, 0, 9).code, BM_LIMIT);
}

Test(stream, may_lie_inside_a_longer_input)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    uint8_t *copy = malloc(stream.len + 10);
    Reading r;

    memset(copy, 0xee, stream.len + 10);
    memcpy(copy + 5, stream.data, stream.len);
    BmInput *in = bm_input_memory(copy, stream.len + 10);
    bm_input_skip(in, 5);
    cr_assert(read_stream(in, &r));
    cr_assert_eq(r.octets, 24 + 25 + 2 + 16 + 8 + 19 + 2);
    cr_assert_eq(bm_input_available(in), 5);
    cr_assert_eq(bm_input_offset(in), 5 + stream.len);
    bm_input_free(in);
    free(copy);
    bm_output_free(out);
}

Test(stream, is_not_recognised_without_its_magic)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    uint8_t copy[BM_MAGIC_LEN];
    Reading r;

    memcpy(copy, stream.data, sizeof(copy));
    copy[9] ^= 1;
    cr_assert_not(read_stream_octets(copy, sizeof(copy), &r));
    cr_assert(r.fault.code == BM_NOT_RECOGNISED && r.fault.offset == 9);
    cr_assert_not(read_stream_octets((const uint8_t *)"QEVM", 4, &r));
    cr_assert(r.fault.code == BM_NOT_RECOGNISED && r.fault.offset == 0);
    bm_output_free(out);
}

Test(frame, does_nothing_after_a_fault)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    BmInput *in = bm_input_memory(stream.data, stream.len);
    BmFault fault = {.code = BM_REFUSED};
    BmRecord record = {0};
    uint64_t octets, digest;
    bool end = false;

    cr_assert_not(bm_frame_read_head(in, &record, &fault));
    cr_assert_not(bm_frame_read_open(in, &fault));
    cr_assert_not(bm_frame_read_record(in, &record, &end, &fault));
    cr_assert_not(bm_frame_read_trailer(in, 0, &octets, &digest, &fault));
    cr_assert(!end && fault.code == BM_REFUSED && bm_input_offset(in) == 0);
    bm_input_free(in);
    bm_output_free(out);
}
