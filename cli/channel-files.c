/* SPDX-License-Identifier: BSD-2-Clause */
#include "channel-files.h"

void bm_channel_files_init(BmChannelFiles *f, char *const *paths)
{
    *f = (BmChannelFiles){.paths = paths};
    f->n = paths != NULL ? g_strv_length((char **)(uintptr_t)paths) : 0;
}

/* ---- reading ---- */

BmStreamVisitor *bm_channel_files_read(BmChannelFiles *f, BmStreamVisitor *inner, BmExit *status)
{
    BmMultifdIn in = {.n = f->n, .stream_fd = -1};

    if (f->n > BM_LIMIT_PAGE_CHANNELS) {
        bm_report(f->paths[BM_LIMIT_PAGE_CHANNELS], "more than %u channels",
                  BM_LIMIT_PAGE_CHANNELS);
        *status = BM_EXIT_RUN;
        bm_stream_free(inner);
        return NULL;
    }
    f->sources = g_new0(BmSource, f->n);
    f->inputs = g_new0(BmInput *, f->n);
    for (guint i = 0; i < f->n; i++) {
        *status = bm_source_open_any(&f->sources[i], f->paths[i]);
        if (*status != BM_EXIT_DONE) {
            bm_stream_free(inner);
            return NULL;
        }
        f->inputs[i] = f->sources[i].in;
    }
    in.channels = f->inputs;
    return bm_multifd_in(inner, &in);
}

/* ---- writing ---- */

static BmOutput *open_channel(guint number, void *data, GError **error)
{
    BmChannelFiles *f = data;

    if (number >= f->n) {
        bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                     "the stream has more than %u page channels: give each a file with --channel",
                     f->n);
        return NULL;
    }
    if (!bm_out_file_open(&f->files[number], f->paths[number], error)) {
        return NULL;
    }
    f->opened++;
    f->outputs[number] = bm_output_fd(f->files[number].fd);
    if (f->outputs[number] == NULL) {
        bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    }
    return f->outputs[number];
}

BmStreamVisitor *bm_channel_files_write(BmChannelFiles *f, BmStreamVisitor *inner, BmOutput *stream)
{
    const BmMultifdOut out = {.stream = stream, .open = open_channel, .data = f};

    f->files = g_new(BmOutFile, f->n);
    f->outputs = g_new0(BmOutput *, f->n);
    for (guint i = 0; i < f->n; i++) {
        f->files[i] = (BmOutFile){.fd = -1};
    }
    return bm_multifd_out(inner, &out);
}

gboolean bm_channel_files_commit(BmChannelFiles *f, GError **error)
{
    if (f->opened < f->n && f->files != NULL) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the stream has %u page channels, and there are files for %u",
                            f->opened, f->n);
    }
    for (guint i = 0; f->files != NULL && i < f->n; i++) {
        if (!bm_out_file_commit(&f->files[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

const char *bm_channel_files_failed(const BmChannelFiles *f, int *number)
{
    for (guint i = 0; f->outputs != NULL && i < f->n; i++) {
        *number = f->outputs[i] != NULL ? bm_output_errno(f->outputs[i]) : 0;
        if (*number != 0) {
            return f->paths[i];
        }
    }
    return NULL;
}

void bm_channel_files_clear(BmChannelFiles *f)
{
    for (guint i = 0; i < f->n; i++) {
        if (f->sources != NULL && f->sources[i].name != NULL) {
            bm_source_close(&f->sources[i]);
        }
        if (f->files != NULL) {
            bm_output_free(f->outputs[i]);
            bm_out_file_abandon(&f->files[i]);
        }
    }
    g_free(f->sources);
    g_free(f->inputs);
    g_free(f->files);
    g_free(f->outputs);
}
