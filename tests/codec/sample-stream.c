/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "sample-stream.h"

static void send(BmOutput *out, BmWriter *w)
{
    bm_record_close(w);
    cr_assert_eq(w->fault.code, BM_OK);
    cr_assert(bm_output_writer(out, w));
    bm_writer_reset(w);
}

static void send_preamble(BmOutput *out, BmWriter *w)
{
    bm_record_open(w, BM_RECORD_PREAMBLE);
    bm_writer_unsigned(w, BM_TAG_INTEGER, BM_VERSION_MAJOR);
    bm_writer_unsigned(w, BM_TAG_INTEGER, BM_VERSION_MINOR);
    bm_writer_unsigned(w, BM_TAG_ENUMERATED, 0);
    bm_writer_text(w, BM_TAG_UTF8, "sample");
    send(out, w);
}

static void send_records(BmOutput *out, BmWriter *w)
{
    static const uint8_t page[] = {0xde, 0xad, 0xbe, 0xef, 0x00, 0x00};

    bm_record_open(w, BM_RECORD_MESSAGE);
    bm_writer_borrow(w, BM_TAG_OCTETS, page, sizeof(page));
    send(out, w);

    bm_record_open(w, BM_RECORD_PACKAGE_END);
    send(out, w);

    bm_record_open(w, BM_RECORD_EXTENSION);
    bm_writer_unsigned(w, BM_TAG_INTEGER, 300);
    bm_writer_boolean(w, BM_TAG_BOOLEAN, true);
    bm_writer_octets(w, BM_TAG_OCTETS, page, 2);
    send(out, w);
}

BmOutput *sample_stream(void)
{
    BmOutput *out = bm_output_memory();
    BmWriter w;
    uint64_t digest;

    bm_writer_init(&w);
    cr_assert(bm_frame_write_magic(out));
    send_preamble(out, &w);
    cr_assert(bm_frame_write_open(out));
    send_records(out, &w);
    cr_assert(bm_frame_write_trailer(out, SAMPLE_RECORDS, &digest));
    bm_writer_clear(&w);
    return out;
}

bool read_stream(BmInput *in, Reading *r)
{
    bool end = false;

    *r = (Reading){0};
    if (!bm_frame_read_head(in, &r->last, &r->fault) || !bm_frame_read_open(in, &r->fault)) {
        return false;
    }
    for (;;) {
        if (!bm_frame_read_record(in, &r->last, &end, &r->fault)) {
            return false;
        }
        if (end) {
            break;
        }
        r->records++;
    }
    return bm_frame_read_trailer(in, r->records, &r->octets, &r->digest, &r->fault);
}

bool read_stream_octets(const uint8_t *data, size_t len, Reading *r)
{
    BmInput *in = bm_input_memory(data, len);
    bool ok = read_stream(in, r);

    bm_input_free(in);
    return ok;
}
