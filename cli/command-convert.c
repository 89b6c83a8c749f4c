/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "channel-files.h"
#include "command.h"
#include "gather.h"
#include "out-file.h"
#include "recordings.h"
#include "source.h"

/* Room for several writes, so that both ends of a pipe are at work at once. */
#define PIPE_SIZE (1 << 20)

typedef struct Convert {
    BmFormat to;
    BmLegacyForm form;
    int level;
    gboolean seekable;
    BmSource source;
    BmChannelFiles channels;  /* of the one that is QEMU's */
    BmRecordings *recordings; /* beside the source; NULL: it is all */
    const char *out_name;     /* as reported */
    BmOutFile file;
    BmOutput *out;
} Convert;

static gboolean parse_to(const char *text, Convert *c)
{
    static const struct {
        const char *text;
        BmFormat to;
        BmLegacyForm form;
    } known[] = {
        {"ber", BM_FORMAT_BER, BM_LEGACY_PLAIN},
        {"qemu", BM_FORMAT_LEGACY, BM_LEGACY_PLAIN},
        {"mapped-ram", BM_FORMAT_LEGACY, BM_LEGACY_PLACES},
    };

    if (text == NULL) {
        c->to = BM_FORMAT_UNKNOWN;
        c->form = BM_LEGACY_AS_IT_WAS;
        return TRUE;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        if (strcmp(text, known[i].text) == 0) {
            c->to = known[i].to;
            c->form = known[i].form;
            return TRUE;
        }
    }
    return FALSE;
}

static BmFormat other_format(BmFormat format)
{
    return format == BM_FORMAT_BER ? BM_FORMAT_LEGACY : BM_FORMAT_BER;
}

/* Page channels go to files of their own or, without these, become pages of the stream. */
static BmStreamVisitor *write_qemu(Convert *c)
{
    BmStreamVisitor *s = bm_legacy_stream_out_as(c->out, c->form);

    return c->channels.n > 0 ? bm_channel_files_write(&c->channels, s, c->out)
                             : bm_gather_stream(s);
}

static BmStreamVisitor *write_any(Convert *c)
{
    if (c->to == BM_FORMAT_LEGACY) {
        return write_qemu(c);
    }
    return c->seekable ? bm_ber_file_out(c->out, c->level, NULL)
                       : bm_ber_stream_out(c->out, c->level, NULL);
}

/* Copies the stream; the error is the input's or the output's, or has been reported
 * (*status). */
static gboolean transcode(Convert *c, BmExit *status, GError **error)
{
    BmStreamVisitor *s = write_any(c);

    if (c->source.format == BM_FORMAT_LEGACY && c->channels.n > 0) {
        s = bm_channel_files_read(&c->channels, s, status);
    }
    if (s == NULL) {
        return FALSE;
    }
    gboolean ok = c->recordings != NULL ? bm_recordings_read(c->recordings, &c->source, s, error)
                                        : bm_source_read(&c->source, s, FALSE, NULL, error);

    bm_stream_free(s);
    return ok && bm_output_flush(c->out) && bm_channel_files_commit(&c->channels, error);
}

static BmExit report_failure(const Convert *c, const GError *error)
{
    int number = bm_output_errno(c->out);
    const char *where = number != 0 ? c->out_name : bm_channel_files_failed(&c->channels, &number);

    if (where != NULL) {
        bm_report(where, "%s", g_strerror(number));
        return BM_EXIT_RUN;
    }
    where = bm_recordings_failed(c->recordings);
    return bm_report_error(where != NULL ? where : c->source.name, error);
}

static BmExit write_file(Convert *c)
{
    g_autoptr(GError) error = NULL;

    c->out = bm_output_fd(c->file.fd);
    if (c->out == NULL) {
        bm_report(c->out_name, "no memory");
        return bm_out_file_end(&c->file, c->out_name, BM_EXIT_RUN);
    }
    BmExit status = BM_EXIT_DONE;
    if (!transcode(c, &status, &error) && status == BM_EXIT_DONE) {
        status = report_failure(c, error);
    }
    bm_output_free(c->out);
    return bm_out_file_end(&c->file, c->out_name, status);
}

static BmExit convert(Convert *c, const char *out_path)
{
    g_autoptr(GError) error = NULL;

    c->out_name = strcmp(out_path, "-") == 0 ? "<stdout>" : out_path;
    if (!bm_out_file_open(&c->file, out_path, &error)) {
        return bm_report_error(c->out_name, error);
    }
    /* Fails for what is no pipe, and above the user's limit. */
    fcntl(c->file.fd, F_SETPIPE_SZ, PIPE_SIZE);
    return write_file(c);
}

/* What the files of --channel are follows from IN: recordings that belong to it, or the page
 * channels of the stream that is QEMU's. */
static BmExit set_up_channels(Convert *c, char *const *paths)
{
    unsigned count = c->source.format == BM_FORMAT_BER ? bm_recordings_of(&c->source) : 0;
    BmExit status = BM_EXIT_DONE;

    if (count > 0) {
        c->recordings = bm_recordings_open(&c->source, count, paths, &status);
        return status;
    }
    if ((c->source.format == BM_FORMAT_LEGACY) == (c->to == BM_FORMAT_LEGACY)) {
        return bm_command_usage(&bm_command_convert,
                                "--channel: %s is no recording of a move with channels, and not "
                                "one of IN and OUT alone is in QEMU's format",
                                c->source.name);
    }
    bm_channel_files_init(&c->channels, paths);
    return BM_EXIT_DONE;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *to = NULL, *compress = NULL;
    g_auto(GStrv) channels = NULL;
    gboolean seekable = FALSE;
    const GOptionEntry entries[] = {
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &to, "Write this format: the one that IN has not",
         "ber|qemu|mapped-ram"},
        {"compress", 0, 0, G_OPTION_ARG_FILENAME, &compress,
         "Compress page data (BER only): 1 to 19, or not: 1", "LEVEL|none"},
        {"channel", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &channels,
         "A page channel of the one that is QEMU's, or a channel of IN; once for each", "FILE"},
        {"seekable", 0, 0, G_OPTION_ARG_NONE, &seekable,
         "Write BER, with pages in their places and an index: not compressed", NULL},
        G_OPTION_ENTRY_NULL,
    };
    Convert c = {0};
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_convert, entries, 2, &argc, &argv, &status)) {
        return status;
    }
    c.seekable = seekable;
    if (!parse_to(to, &c)) {
        return bm_command_usage(&bm_command_convert, "--to=%s: expected ber, qemu or mapped-ram",
                                to);
    }
    if (!bm_command_level(compress, &c.level)) {
        return bm_command_usage(&bm_command_convert, "--compress=%s: expected 1 to 19, or none",
                                compress);
    }
    if (seekable && c.to == BM_FORMAT_LEGACY) {
        return bm_command_usage(&bm_command_convert, "--seekable is for BER");
    }
    if (seekable) {
        c.to = BM_FORMAT_BER;
        c.level = compress == NULL ? 0 : c.level;
    }
    if (strcmp(argv[2], "-") == 0 && isatty(STDOUT_FILENO)) {
        return bm_command_usage(&bm_command_convert, "standard output is a terminal");
    }
    status = bm_source_open(&c.source, argv[1]);
    if (status != BM_EXIT_DONE) {
        return status;
    }
    if (c.to == BM_FORMAT_UNKNOWN) {
        c.to = other_format(c.source.format);
    }
    status = channels != NULL ? set_up_channels(&c, channels) : BM_EXIT_DONE;
    if (status == BM_EXIT_DONE) {
        status = convert(&c, argv[2]);
    }
    bm_channel_files_clear(&c.channels);
    bm_recordings_close(c.recordings);
    bm_source_close(&c.source);
    return status;
}

const BmCommand bm_command_convert = {
    .name = "convert",
    .operands = "IN OUT",
    .summary = "Convert a stream between BER and QEMU's format",
    .run = run,
};
