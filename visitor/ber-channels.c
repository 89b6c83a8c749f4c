/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-channels.h"

#include <string.h>

void bm_ber_channel_ends_write(BmWriter *w, const BmChannelEnd *list, uint32_t n)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t digest = GUINT64_TO_BE(list[i].digest);

        bm_writer_open(w, BM_TAG_SEQUENCE);
        bm_writer_unsigned(w, BM_TAG_INTEGER, list[i].octets);
        bm_writer_octets(w, BM_TAG_OCTETS, &digest, sizeof digest);
        bm_writer_close(w);
    }
    bm_writer_close(w);
}

static gboolean failed(const BmView *view, GError **error)
{
    return bm_error_from_fault(error, view->fault, NULL);
}

static gboolean read_end(BmView *list, BmChannelEnd *end, GError **error)
{
    uint64_t offset = list->offset, digest;
    BmOctets octets;
    BmView view;

    if (!bm_view_get(list, BM_TAG_SEQUENCE, "the end of a channel", &view)) {
        return failed(list, error);
    }
    if (!bm_view_unsigned(&view, BM_TAG_INTEGER, "the octets of a channel", UINT64_MAX,
                          &end->octets) ||
        !bm_view_octets(&view, BM_TAG_OCTETS, "the digest of a channel", BM_DIGEST_LEN, &octets) ||
        !bm_view_end(&view, "the end of a channel")) {
        return failed(&view, error);
    }
    if (octets.len != BM_DIGEST_LEN) {
        return bm_error_set(error, BM_BAD_LENGTH, offset, NULL, "a digest of %zu octets",
                            octets.len);
    }
    memcpy(&digest, octets.data, sizeof digest);
    end->digest = GUINT64_FROM_BE(digest);
    return TRUE;
}

gboolean bm_ber_channel_ends_read(BmView body, BmStreamVisitor *s, GError **error)
{
    BmChannelEnd ends[BM_LIMIT_CHANNELS];
    uint32_t n = 0;
    BmView list;

    if (!bm_view_get(&body, BM_TAG_SEQUENCE, "the ends of channels", &list)) {
        return failed(&body, error);
    }
    for (; list.len > 0; n++) {
        if (n == BM_LIMIT_CHANNELS) {
            return bm_error_set(error, BM_LIMIT, list.offset, NULL, "more than %u channels",
                                BM_LIMIT_CHANNELS);
        }
        if (!read_end(&list, &ends[n], error)) {
            return FALSE;
        }
    }
    return bm_stream_channel_ends(s, ends, n, error);
}
