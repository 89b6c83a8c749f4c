/* SPDX-License-Identifier: BSD-2-Clause */
#include "compare.h"

#include <string.h>

#include "calls.h"
#include "frame.h"
#include "oracle-source.h"

static gboolean our_calls(BmOctets stream, GString *log, GError **error)
{
    BmInput *in = bm_input_memory(stream.data, stream.len);
    BmStreamVisitor *s = calls_stream(log);
    gboolean ok = bm_ber_stream_read(in, s, FALSE, NULL, error);

    bm_stream_free(s);
    bm_input_free(in);
    return ok;
}

static gboolean their_calls(const Oracle *oracle, BmOctets stream, GString *log, GError **error)
{
    BmStreamVisitor *s = calls_stream(log);
    gboolean ok = oracle_read(oracle, stream, s, error);

    bm_stream_free(s);
    return ok;
}

static gboolean same(BmOctets a, const void *data, size_t len, const char *what, GError **error)
{
    size_t i = 0;

    while (i < a.len && i < len && a.data[i] == ((const uint8_t *)data)[i]) {
        i++;
    }
    return (i == a.len && i == len) ||
           bm_error_set(error, BM_MISMATCH, i, what, "other octets: %zu for %zu", len, a.len);
}

static gboolean written_again(const Oracle *oracle, BmOctets stream, int level, GError **error)
{
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_stream_out(out, level, NULL);
    gboolean ok = oracle_read(oracle, stream, s, error);
    BmOctets again = bm_output_memory_data(out);

    ok = ok && same(stream, again.data, again.len, "written again", error);
    bm_stream_free(s);
    bm_output_free(out);
    return ok;
}

gboolean compare_readings(const Oracle *oracle, BmOctets stream, int level, GError **error)
{
    GString *ours = g_string_new(NULL), *theirs = g_string_new(NULL);
    gboolean ok = our_calls(stream, ours, error) && their_calls(oracle, stream, theirs, error) &&
                  calls_compare(ours, theirs, error) && written_again(oracle, stream, level, error);

    g_string_free(ours, TRUE);
    g_string_free(theirs, TRUE);
    return ok;
}

static gboolean encodes_the_same(const Oracle *oracle, const FrameRecord *r, GError **error)
{
    const char *type = oracle_record_type(r->type);
    void *node = oracle->decode(type, r->octets);
    g_autoptr(GBytes) again = node ? oracle->encode(node) : NULL;

    if (node) {
        oracle->free(node);
    }
    if (!again) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, type, "%s cannot code it",
                            oracle->name);
    }
    return same(r->octets, g_bytes_get_data(again, NULL), g_bytes_get_size(again), type, error);
}

gboolean compare_encodings(const Oracle *oracle, BmOctets stream, GError **error)
{
    g_autoptr(GArray) records = frame_split(stream);
    gboolean ok = records ||
                  bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "it is not one whole value");

    for (guint i = 0; ok && i < records->len; i++) {
        ok = encodes_the_same(oracle, &g_array_index(records, FrameRecord, i), error);
    }
    return ok;
}
