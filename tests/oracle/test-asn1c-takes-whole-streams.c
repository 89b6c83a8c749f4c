/* SPDX-License-Identifier: BSD-2-Clause */
#include <bermig-asn1c.h>
#include <criterion/criterion.h>

#include "frame.h"
#include "oracle.h"
#include "samples.h"

static BmOctets record(GArray *records, guint i)
{
    return g_array_index(records, FrameRecord, i).octets;
}

static void put(BmWriter *w, BmOctets octets)
{
    bm_writer_verbatim(w, octets.data, octets.len);
}

/* What DER makes of a stream: the same octets, but the two outer lengths are
 * definite, and no end-of-contents octets are needed. */
static void write_definite(BmWriter *w, GArray *records)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    bm_writer_verbatim(w, bm_magic + 2, BM_MAGIC_LEN - 2);
    put(w, record(records, 0));
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (guint i = 1; i < records->len - 1; i++) {
        put(w, record(records, i));
    }
    bm_writer_close(w);
    put(w, record(records, records->len - 1));
    bm_writer_close(w);
    cr_assert_eq(w->fault.code, BM_OK);
}

static void check_encoding(void *node, GArray *records)
{
    g_autoptr(GBytes) again = oracle_asn1c.encode(node);
    BmOctets expected;
    BmWriter w;

    bm_writer_init(&w);
    write_definite(&w, records);
    expected = bm_writer_piece(&w, 0);
    cr_assert_not_null(again);
    cr_assert_eq(g_bytes_get_size(again), expected.len);
    cr_assert_arr_eq(g_bytes_get_data(again, NULL), expected.data, expected.len);
    bm_writer_clear(&w);
}

static void check_stream(const Sample *sample)
{
    BmOutput *out = sample_written(sample, 0);
    BmOctets stream = bm_output_memory_data(out), format;
    g_autoptr(GArray) records = frame_split(stream);
    void *node = oracle_asn1c.decode("Stream", stream);

    cr_assert_not_null(records);
    cr_assert_not_null(node, "%s", sample->name);
    cr_assert(oracle_asn1c.get(node, "format", &format));
    cr_assert_eq(format.len, BM_MAGIC_LEN - 4);
    cr_assert_arr_eq(format.data, bm_magic + 4, format.len);
    cr_assert_eq(oracle_asn1c.count(node, "records"), (int)records->len - 2);
    check_encoding(node, records);
    oracle_asn1c.free(node);
    bm_output_free(out);
}

Test(whole_streams, asn1c_decodes_them_as_one_value_and_encodes_it_again)
{
    for (size_t i = 0; i < n_samples; i++) {
        check_stream(&samples[i]);
    }
}

/* Its decoder may stop anywhere and go on with the next octets. */
Test(whole_streams, asn1c_wants_more_of_a_stream_that_is_cut)
{
    BmOutput *out = sample_written(&samples[1], 0);
    BmOctets stream = bm_output_memory_data(out);

    for (size_t len = 0; len < stream.len; len++) {
        Stream_t *value = NULL;
        asn_dec_rval_t result =
            ber_decode(NULL, &asn_DEF_Stream, (void **)&value, stream.data, len);

        cr_assert_eq(result.code, RC_WMORE, "at %zu octets: %d", len, result.code);
        ASN_STRUCT_FREE(asn_DEF_Stream, value);
    }
    bm_output_free(out);
}
