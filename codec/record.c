/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>

#include "batch.h"
#include "limits.h"
#include "record-impl.h"

const uint8_t bm_magic[BM_MAGIC_LEN] = {
    0x30, 0x80, 0x06, 0x14, 0x69, 0x81, 0xbc, 0x9f, 0x9e, 0x96, 0xc1, 0xb7, //
    0xea, 0xb1, 0xc5, 0x9a, 0xa2, 0x98, 0xc8, 0xd5, 0x92, 0xb5, 0x92, 0x47,
};
/* X.690 8.1.3.6: the indefinite form, and what ends it. */
static const uint8_t open_octets[2] = {0x30, 0x80};
static const uint8_t end_octets[2] = {0x00, 0x00};

static uint64_t get_be(const uint8_t *p, size_t len)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        value = value << 8 | p[i];
    }
    return value;
}

static void put_be(uint8_t *p, size_t len, uint64_t value)
{
    for (size_t i = len; i > 0; i--, value >>= 8) {
        p[i - 1] = (uint8_t)value;
    }
}

/* ---- writing ---- */

void bm_record_open(BmWriter *w, BmRecordType type)
{
    if (bm_writer_size(w) > 0) {
        bm_fault_set(&w->fault, BM_BAD_ORDER, bm_writer_size(w), "record in a writer with octets",
                     0, bm_writer_size(w));
        return;
    }
    bm_writer_open(w, BM_TAG_RECORD(type));
}

/* Appends room for the checksum, which covers the record's length: so that must be
 * there first. */
static bool close_unsummed(BmWriter *w)
{
    static const uint8_t zeros[BM_SUM_LEN];

    if (w->fault.code == BM_OK && w->depth != 1) {
        bm_fault_set(&w->fault, BM_BAD_ORDER, bm_writer_size(w), "containers open in a record", 1,
                     w->depth);
    }
    bm_writer_octets(w, BM_TAG_OCTETS, zeros, sizeof(zeros));
    bm_writer_close(w);
    return w->fault.code == BM_OK;
}

static void set_sum(BmWriter *w, XXH3_state_t *state)
{
    w->hash = XXH3_64bits_digest(state);
    put_be(w->data + w->len - BM_SUM_LEN, BM_SUM_LEN, w->hash);
}

/* Piece `i` without the member that has the checksum. */
static BmOctets covered_piece(const BmWriter *w, size_t i)
{
    BmOctets piece = bm_writer_piece(w, i);

    if (i == 2 * w->n_borrowed) {
        piece.len -= BM_SUM_MEMBER_LEN;
    }
    return piece;
}

void bm_record_close(BmWriter *w)
{
    XXH3_state_t state;

    if (!close_unsummed(w)) {
        return;
    }
    XXH3_INITSTATE(&state);
    XXH3_64bits_reset(&state);
    for (size_t i = 0; i <= 2 * w->n_borrowed; i++) {
        BmOctets piece = covered_piece(w, i);

        XXH3_64bits_update(&state, piece.data, piece.len);
    }
    set_sum(w, &state);
}

static bool write_batch(BmOutput *out, BmBatch *batch, XXH3_state_t *state)
{
    bm_batch_hash_before_write(batch, state);
    bool ok = bm_output_pieces(out, batch->iov, batch->n);
    bm_batch_clear(batch);
    return ok;
}

/* All octets that the checksum covers. */
static bool write_covered(BmOutput *out, const BmWriter *w, XXH3_state_t *state)
{
    BmBatch batch = {.n = 0, .len = 0};

    for (size_t i = 0; i <= 2 * w->n_borrowed; i++) {
        BmOctets octets = covered_piece(w, i);
        struct iovec piece = {(void *)(uintptr_t)octets.data, octets.len};

        while (!bm_batch_take(&batch, &piece)) {
            if (!write_batch(out, &batch, state)) {
                return false;
            }
        }
    }
    return write_batch(out, &batch, state);
}

bool bm_record_write(BmOutput *out, BmWriter *w)
{
    XXH3_state_t state;

    if (!close_unsummed(w)) {
        return bm_output_writer(out, w); /* which fails */
    }
    XXH3_INITSTATE(&state);
    XXH3_64bits_reset(&state);
    if (!write_covered(out, w, &state)) {
        return false;
    }
    set_sum(w, &state);
    bm_output_digest_add(out, w->hash);
    return bm_output_write(out, w->data + w->len - BM_SUM_MEMBER_LEN, BM_SUM_MEMBER_LEN);
}

bool bm_frame_write_magic(BmOutput *out)
{
    return bm_output_write(out, bm_magic, sizeof(bm_magic));
}

bool bm_frame_write_open(BmOutput *out)
{
    return bm_output_write(out, open_octets, sizeof(open_octets));
}

/* Sends the trailer for what was appended so far. */
static bool write_trailer(BmOutput *out, uint64_t records, uint64_t digest)
{
    uint8_t octets[BM_DIGEST_LEN];
    BmWriter w;

    put_be(octets, sizeof(octets), digest);
    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_TRAILER);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, records);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, bm_output_offset(out));
    bm_writer_octets(&w, BM_TAG_OCTETS, octets, sizeof(octets));
    bool ok = bm_record_write(out, &w);
    bm_writer_clear(&w);
    return ok;
}

bool bm_frame_write_trailer(BmOutput *out, uint64_t records, uint64_t *digest)
{
    if (!bm_output_write(out, end_octets, sizeof(end_octets))) {
        return false;
    }
    uint64_t sum = bm_output_digest(out);
    if (!write_trailer(out, records, sum) ||
        !bm_output_write(out, end_octets, sizeof(end_octets)) || !bm_output_flush(out)) {
        return false;
    }
    *digest = sum;
    return true;
}

/* ---- reading: octets ---- */

bool bm_record_too_short(BmInput *in, const char *what, uint64_t want, BmFault *fault)
{
    uint64_t got = bm_input_available(in);
    uint64_t offset = bm_input_offset(in) + got;
    int error = bm_input_errno(in);

    if (error == 0) {
        return bm_fault_set(fault, BM_TRUNCATED, offset, what, want, got);
    }
    return bm_fault_set(fault, error == ENOMEM ? BM_NO_MEMORY : BM_IO, offset, what, want, error);
}

/* Fixed octets of the frame; `code` if others are there. */
static bool read_fixed(BmInput *in, const uint8_t *octets, size_t len, BmCode code,
                       const char *what, BmFault *fault)
{
    if (fault->code != BM_OK) {
        return false;
    }
    size_t got = bm_input_fill(in, len);
    const uint8_t *p = bm_input_data(in);

    for (size_t i = 0; i < len && i < got; i++) {
        if (p[i] != octets[i]) {
            return bm_fault_set(fault, code, bm_input_offset(in) + i, what, octets[i], p[i]);
        }
    }
    if (got < len) {
        return bm_record_too_short(in, what, len, fault);
    }
    bm_input_skip(in, len);
    return true;
}

/* ---- reading: one record ---- */

/* Octets that the header will have, as its first two say. */
static size_t header_octets(const uint8_t *p)
{
    size_t count = p[1] & 0x7fu;

    /* Wrong forms are left to bm_view_header(), which needs no more for that. */
    return p[1] > 0x80 && count <= 8 ? 2 + count : 2;
}

static bool is_record(unsigned number)
{
    return number <= BM_RECORD_ANNOUNCE || number == BM_RECORD_INDEX ||
           number == BM_RECORD_CHANNEL || number == BM_RECORD_CHANNEL_ENDS ||
           number == BM_RECORD_KNOWN;
}

/* The tags of the format's records all take one octet. */
static bool check_tag(uint8_t octet, uint64_t offset, BmFault *fault)
{
    BmTag tag = (BmTag)(octet >> 6) << 30 | (octet & 0x20 ? BM_CONSTRUCTED : 0) | (octet & 0x1fu);
    BmTag record = tag | BM_CONSTRUCTED;

    if (octet >> 6 != 1 || !is_record(octet & 0x1f)) {
        return bm_fault_set(fault, BM_UNKNOWN, offset, "record", 0, tag);
    }
    if (tag != record) {
        return bm_fault_set(fault, BM_BAD_TAG, offset, "record", record, tag);
    }
    return true;
}

static bool parse_header(BmView view, BmRecordHeader *header)
{
    uint64_t offset = view.offset;
    uint64_t len;
    BmTag tag;

    if (!bm_view_header(&view, "record", &tag, &len)) {
        return false;
    }
    header->type = tag & (BM_CONSTRUCTED - 1);
    header->len = (size_t)(view.offset - offset);
    if (len > BM_LIMIT_RECORD - header->len) {
        return bm_fault_set(view.fault, BM_LIMIT, offset + 1, "record", BM_LIMIT_RECORD, len);
    }
    header->size = header->len + (size_t)len;
    return true;
}

bool bm_record_read_header(BmInput *in, BmRecordHeader *header, BmFault *fault)
{
    uint64_t offset = bm_input_offset(in);

    if (fault->code != BM_OK) {
        return false;
    }
    size_t got = bm_input_fill(in, 2);

    if (got > 0 && !check_tag(bm_input_data(in)[0], offset, fault)) {
        return false;
    }
    if (got < 2) {
        return bm_record_too_short(in, "record", 2, fault);
    }
    size_t need = header_octets(bm_input_data(in));
    if (bm_input_fill(in, need) < need) {
        return bm_record_too_short(in, "record", need, fault);
    }
    return parse_header(bm_view(bm_input_data(in), need, offset, fault), header);
}

bool bm_record_compare_sum(const uint8_t *member, uint64_t offset, uint64_t hash, BmFault *fault)
{
    static const char what[] = "record checksum";
    BmView view = bm_view(member, BM_SUM_MEMBER_LEN, offset, fault);
    BmOctets sum;

    if (!bm_view_octets(&view, BM_TAG_OCTETS, what, BM_SUM_LEN, &sum) ||
        !bm_view_end(&view, what)) {
        return false;
    }
    uint64_t stated = get_be(sum.data, sum.len);
    uint64_t actual = hash & UINT32_MAX;
    return stated == actual ||
           bm_fault_set(fault, BM_BAD_DIGEST, offset + BM_SUM_MEMBER_LEN - BM_SUM_LEN, what, stated,
                        actual);
}

bool bm_record_check(const uint8_t *record, size_t size, uint64_t offset, uint64_t *hash,
                     BmFault *fault)
{
    size_t covered = size - BM_SUM_MEMBER_LEN;

    *hash = XXH3_64bits(record, covered);
    return bm_record_compare_sum(record + covered, offset + covered, *hash, fault);
}

/* What there is of a record that does not come to its end. */
static bool read_partial(BmInput *in, const BmRecordHeader *header, BmRecord *record,
                         BmFault *fault)
{
    uint64_t offset = bm_input_offset(in);
    BmView body = bm_view(bm_input_data(in) + header->len, bm_input_available(in) - header->len,
                          offset + header->len, fault);

    body.cut = true;
    *record = (BmRecord){header->type, offset, header->size, body, false};
    return bm_record_too_short(in, "record", header->size, fault);
}

/* The rest of the record whose header was read.  It is skipped; its octets stay where
 * they are until the next fill. */
static bool read_body(BmInput *in, const BmRecordHeader *header, BmRecord *record, BmFault *fault)
{
    uint64_t offset = bm_input_offset(in);
    size_t len = header->size - header->len;
    uint64_t hash;

    if (len < BM_SUM_MEMBER_LEN) {
        return bm_fault_set(fault, BM_BAD_LENGTH, offset + 1, "record", BM_SUM_MEMBER_LEN, len);
    }
    if (bm_input_fill(in, header->size) < header->size) {
        return read_partial(in, header, record, fault);
    }
    const uint8_t *p = bm_input_data(in);
    if (!bm_record_check(p, header->size, offset, &hash, fault)) {
        return false;
    }
    bm_input_digest_add(in, hash);
    BmView body = bm_view(p + header->len, len - BM_SUM_MEMBER_LEN, offset + header->len, fault);
    *record = (BmRecord){header->type, offset, header->size, body, true};
    bm_input_skip(in, header->size);
    return true;
}

/* A record that must be of one type. */
static bool read_one(BmInput *in, BmRecordType type, BmRecord *record, BmFault *fault)
{
    uint64_t offset = bm_input_offset(in);
    BmRecordHeader header;

    if (!bm_record_read_header(in, &header, fault)) {
        return false;
    }
    if (header.type != type) {
        return bm_fault_set(fault, BM_BAD_TAG, offset, "record", BM_TAG_RECORD(type),
                            BM_TAG_RECORD(header.type));
    }
    return read_body(in, &header, record, fault);
}

/* ---- reading: the frame ---- */

bool bm_frame_read_head(BmInput *in, BmRecord *preamble, BmFault *fault)
{
    if (fault->code != BM_OK) {
        return false;
    }
    bm_input_digest_start(in);
    *preamble = (BmRecord){.offset = bm_input_offset(in)};
    return read_fixed(in, bm_magic, sizeof(bm_magic), BM_NOT_RECOGNISED, "format identifier",
                      fault) &&
           read_one(in, BM_RECORD_PREAMBLE, preamble, fault);
}

bool bm_frame_read_open(BmInput *in, BmFault *fault)
{
    return read_fixed(in, open_octets, sizeof(open_octets), BM_BAD_TAG, "start of the records",
                      fault);
}

/* True at the octets that end `records`.  They begin like no record does. */
static bool at_end_octets(BmInput *in)
{
    return bm_input_fill(in, 2) > 0 && bm_input_data(in)[0] == end_octets[0];
}

bool bm_frame_read_record(BmInput *in, BmRecord *record, bool *end, BmFault *fault)
{
    uint64_t offset = bm_input_offset(in);
    BmRecordHeader header;

    if (fault->code != BM_OK) {
        return false;
    }
    if (at_end_octets(in)) {
        if (!read_fixed(in, end_octets, sizeof(end_octets), BM_BAD_LENGTH, "end of the records",
                        fault)) {
            *record = (BmRecord){.offset = offset};
            return false;
        }
        *end = true;
        return true;
    }
    *record = (BmRecord){.offset = offset};
    if (!bm_record_read_header(in, &header, fault)) {
        return false;
    }
    if (header.type == BM_RECORD_PREAMBLE || header.type == BM_RECORD_TRAILER) {
        return bm_fault_set(fault, BM_BAD_ORDER, offset, "record", 0, BM_TAG_RECORD(header.type));
    }
    if (!read_body(in, &header, record, fault)) {
        return false;
    }
    *end = false;
    return true;
}

typedef struct Trailer {
    uint64_t records, octets, digest;
} Trailer;

static bool parse_trailer(BmView body, Trailer *trailer)
{
    BmOctets digest;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "records in the trailer", UINT64_MAX,
                          &trailer->records) ||
        !bm_view_unsigned(&body, BM_TAG_INTEGER, "octets in the trailer", UINT64_MAX,
                          &trailer->octets) ||
        !bm_view_octets(&body, BM_TAG_OCTETS, "digest in the trailer", BM_DIGEST_LEN, &digest) ||
        !bm_view_end(&body, "trailer")) {
        return false;
    }
    if (digest.len != BM_DIGEST_LEN) {
        return bm_fault_set(body.fault, BM_BAD_VALUE, body.offset - digest.len,
                            "digest in the trailer", BM_DIGEST_LEN, digest.len);
    }
    trailer->digest = get_be(digest.data, digest.len);
    return true;
}

/* Compares what the trailer says with what came. */
static bool check_trailer(const Trailer *stated, const Trailer *actual, uint64_t offset,
                          BmFault *fault)
{
    if (stated->records != actual->records) {
        return bm_fault_set(fault, BM_MISMATCH, offset, "records in the trailer", stated->records,
                            actual->records);
    }
    if (stated->octets != actual->octets) {
        return bm_fault_set(fault, BM_MISMATCH, offset, "octets in the trailer", stated->octets,
                            actual->octets);
    }
    if (stated->digest != actual->digest) {
        return bm_fault_set(fault, BM_BAD_DIGEST, offset, "digest in the trailer", stated->digest,
                            actual->digest);
    }
    return true;
}

bool bm_frame_read_trailer(BmInput *in, uint64_t records, uint64_t *octets, uint64_t *digest,
                           BmFault *fault)
{
    /* Before the trailer is read: it does not cover itself. */
    Trailer actual = {records, bm_input_digest_octets(in), bm_input_digest(in)};
    Trailer stated;
    BmRecord record;

    if (!read_one(in, BM_RECORD_TRAILER, &record, fault) || !parse_trailer(record.body, &stated)) {
        return false;
    }
    if (!bm_input_has_digest(in)) {
        actual.digest = stated.digest;
    }
    if (!check_trailer(&stated, &actual, record.offset, fault) ||
        !read_fixed(in, end_octets, sizeof(end_octets), BM_BAD_TAG, "end of the stream", fault)) {
        return false;
    }
    *octets = actual.octets;
    *digest = actual.digest;
    return true;
}
