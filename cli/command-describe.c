/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "describe.h"
#include "source.h"

static BmExit describe(BmSource *source, gboolean ber, BmOutput *out)
{
    g_autoptr(GError) error = NULL;
    BmStreamVisitor *s = ber ? bm_describe_ber_stream(out) : bm_describe_stream(out);
    gboolean ok = bm_source_read(source, s, FALSE, NULL, &error);

    bm_stream_free(s);
    if (!ok) {
        return bm_report_error(source->name, error);
    }
    bm_output_flush(out);
    if (bm_output_errno(out) != 0) {
        bm_report("<stdout>", "%s", g_strerror(bm_output_errno(out)));
        return BM_EXIT_RUN;
    }
    return BM_EXIT_DONE;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *format = NULL;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format, "For people and programs, or for bermig",
         "json|ber"},
        G_OPTION_ENTRY_NULL,
    };
    BmSource source;
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_describe, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    gboolean ber = format != NULL && strcmp(format, "ber") == 0;
    if (format != NULL && !ber && strcmp(format, "json") != 0) {
        return bm_command_usage(&bm_command_describe, "--format=%s: expected json or ber", format);
    }
    if (ber && isatty(STDOUT_FILENO)) {
        return bm_command_usage(&bm_command_describe, "standard output is a terminal");
    }
    status = bm_source_open(&source, argv[1]);
    if (status != BM_EXIT_DONE) {
        return status;
    }
    BmOutput *out = bm_output_fd(STDOUT_FILENO);
    if (out != NULL) {
        status = describe(&source, ber, out);
    } else {
        bm_report("<stdout>", "no memory");
        status = BM_EXIT_RUN;
    }
    bm_output_free(out);
    bm_source_close(&source);
    return status;
}

const BmCommand bm_command_describe = {
    .name = "describe",
    .operands = "FILE",
    .summary = "Print the descriptions of a stream's devices",
    .run = run,
};
