/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the foreign decoders cannot do, each once.  A test here that fails is
 * good news: the difference is gone, and so can its work-around be.
 */
#include <criterion/criterion.h>
#include <libtasn1.h>
#include <string.h>

#include "oracle.h"
#include "samples.h"

/* libtasn1 holds a part of an OBJECT IDENTIFIER in 64 bits, and the format's has
 * the 128 of a UUID.  That is why oracle_read() decodes record by record. */
Test(known_differences, libtasn1_reads_no_object_identifier_of_128_bits)
{
    char text[128];
    int used;

    cr_assert_eq(asn1_get_object_id_der(bm_magic + 3, BM_MAGIC_LEN - 3, &used, text, sizeof(text)),
                 ASN1_DER_ERROR);
}

static void *decode_with_format(BmOctets stream, const uint8_t *format, size_t len)
{
    static const uint8_t open[] = {0x30, 0x80};
    GByteArray *octets = g_byte_array_new();
    void *node;

    g_byte_array_append(octets, open, sizeof(open));
    g_byte_array_append(octets, format, (guint)len);
    g_byte_array_append(octets, stream.data + BM_MAGIC_LEN, (guint)(stream.len - BM_MAGIC_LEN));
    node = oracle_tasn1.decode("Stream", (BmOctets){octets->data, octets->len});
    g_byte_array_unref(octets);
    return node;
}

/* ... and it is all that keeps it from whole streams, indefinite lengths and
 * all: with a shorter identifier it reads them. */
Test(known_differences, libtasn1_reads_a_whole_stream_of_another_identifier_only)
{
    static const uint8_t other[] = {0x06, 0x02, 0x69, 0x01}; /* 2.25.1 */
    BmOutput *out = sample_written(&samples[0], 0);
    BmOctets stream = bm_output_memory_data(out), generator;
    void *node = decode_with_format(stream, other, sizeof(other));

    cr_assert_null(oracle_tasn1.decode("Stream", stream));
    cr_assert_not_null(node);
    cr_assert(oracle_tasn1.get(node, "preamble.generator", &generator));
    cr_assert_eq(generator.len, strlen(SAMPLE_GENERATOR));
    cr_assert_gt(oracle_tasn1.count(node, "records"), 20);
    oracle_tasn1.free(node);
    bm_output_free(out);
}
