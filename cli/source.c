/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "source.h"

BmExit bm_source_open_any(BmSource *source, const char *path)
{
    *source = (BmSource){.name = path, .fd = -1};
    if (strcmp(path, "-") == 0) {
        source->name = "<stdin>";
        source->fd = STDIN_FILENO;
    } else {
        source->fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (source->fd < 0) {
        bm_report(source->name, "%s", g_strerror(errno));
        return BM_EXIT_RUN;
    }
    source->in = bm_input_fd(source->fd);
    if (source->in == NULL) {
        bm_report(source->name, "no memory");
        return BM_EXIT_RUN;
    }
    return BM_EXIT_DONE;
}

BmExit bm_source_recognise(BmSource *source)
{
    const char *word = NULL;

    source->format = bm_detect(source->in, &word);
    if (bm_input_errno(source->in) != 0) {
        bm_report(source->name, "%s", g_strerror(bm_input_errno(source->in)));
        return BM_EXIT_RUN;
    }
    if (source->format == BM_FORMAT_UNKNOWN) {
        bm_report(source->name, "neither a BER nor a QEMU migration stream: %s", word);
        return BM_EXIT_INPUT;
    }
    return BM_EXIT_DONE;
}

BmExit bm_source_open(BmSource *source, const char *path)
{
    BmExit status = bm_source_open_any(source, path);

    if (status == BM_EXIT_DONE) {
        status = bm_source_recognise(source);
    }
    if (status != BM_EXIT_DONE) {
        bm_source_close(source);
    }
    return status;
}

/* ---- a file that is mapped ---- */

static const char *mapped_name; /* for the handler, which can have no argument */

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0) {
        /* Nobody reads messages. */
    }
}

static void report_cut(int number)
{
    (void)number;
    say(mapped_name);
    say(": the file was cut while it was read\n");
    _exit(BM_EXIT_INPUT);
}

/* A BER stream is passed over in records, which needs no mapping. */
void bm_source_skim(BmSource *source)
{
    if (source->format == BM_FORMAT_LEGACY && bm_input_map(source->in)) {
        mapped_name = source->name;
        signal(SIGBUS, report_cut);
    }
}

void bm_source_close(BmSource *source)
{
    g_clear_pointer(&source->in, bm_input_free);
    if (source->fd > STDIN_FILENO) {
        close(source->fd);
    }
    source->fd = -1;
}

gboolean bm_source_expect_end(const BmSource *source, GError **error)
{
    BmInput *in = source->in;
    uint64_t offset = bm_input_offset(in);

    if (bm_input_fill(in, 1) > 0) {
        return bm_error_set(error, BM_TRAILING, offset, NULL, "octets after the end of the stream");
    }
    if (bm_input_errno(in) != 0) {
        return bm_error_set(error, BM_IO, offset, NULL, "%s", g_strerror(bm_input_errno(in)));
    }
    return TRUE;
}

gboolean bm_source_read(BmSource *source, BmStreamVisitor *s, gboolean explain, BmBerStats *stats,
                        GError **error)
{
    const BmLegacyOptions options = {.live = source->live};

    if (source->format == BM_FORMAT_BER) {
        return bm_ber_stream_read(source->in, s, explain, stats, error) &&
               bm_source_expect_end(source, error);
    }
    return bm_legacy_read(source->in, s, &options, error);
}
