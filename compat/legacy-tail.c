/* SPDX-License-Identifier: BSD-2-Clause */
#include "legacy-tail.h"

#include <errno.h>

/* More than this goes into a file. */
#define MEMORY_MAX (16u << 20)
#define PIECE (64u << 10)

void bm_legacy_tail_init(BmLegacyTail *tail)
{
    *tail = (BmLegacyTail){g_byte_array_new(), NULL};
}

void bm_legacy_tail_clear(BmLegacyTail *tail)
{
    g_byte_array_unref(tail->octets);
    if (tail->file) {
        fclose(tail->file);
    }
}

static gboolean failed(GError **error)
{
    return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "a temporary file: %s",
                        g_strerror(errno));
}

static gboolean spill(BmLegacyTail *tail, GError **error)
{
    if (!tail->file) {
        tail->file = tmpfile();
    }
    if (!tail->file ||
        fwrite(tail->octets->data, 1, tail->octets->len, tail->file) != tail->octets->len) {
        return failed(error);
    }
    g_byte_array_set_size(tail->octets, 0);
    return TRUE;
}

gboolean bm_legacy_tail_add(BmLegacyTail *tail, const void *data, size_t len, GError **error)
{
    g_byte_array_append(tail->octets, data, (guint)len);
    return tail->octets->len <= MEMORY_MAX || spill(tail, error);
}

void bm_legacy_tail_slide(BmLegacyTail *tail, BmOutput *out)
{
    /* What is in the file comes first, and stays. */
    if (!tail->file && tail->octets->len > BM_LEGACY_WINDOW) {
        guint before = tail->octets->len - BM_LEGACY_WINDOW;

        bm_output_write(out, tail->octets->data, before);
        g_byte_array_remove_range(tail->octets, 0, before);
    }
}

static gboolean copy_file(BmLegacyTail *tail, BmOutput *out, GError **error)
{
    uint8_t piece[PIECE];
    size_t n;

    rewind(tail->file);
    while ((n = fread(piece, 1, sizeof piece, tail->file)) > 0) {
        bm_output_write(out, piece, n);
    }
    return !ferror(tail->file) || failed(error);
}

gboolean bm_legacy_tail_release(BmLegacyTail *tail, BmOutput *out, GError **error)
{
    if (tail->file && !copy_file(tail, out, error)) {
        return FALSE;
    }
    bm_output_write(out, tail->octets->data, tail->octets->len);
    g_byte_array_set_size(tail->octets, 0);
    return TRUE;
}
