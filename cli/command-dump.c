/* SPDX-License-Identifier: BSD-2-Clause */
#include <unistd.h>

#include "command.h"
#include "gather.h"
#include "source.h"
#include "stream-pass.h"

typedef struct Dump {
    gboolean json;
    const char *glob;
    gboolean pages, handshake;
} Dump;

/* ---- what two ends said to each other before the guest's state ---- */

/* Takes over `inner`, and leaves all else out. */
static BmStreamVisitor *handshake_of(BmStreamVisitor *inner)
{
    static const BmStreamOps ops = {
        .begin = bm_stream_pass_begin,
        .hello = bm_stream_pass_hello,
        .announce = bm_stream_pass_announce,
        .check = bm_stream_pass_check,
        .findings = bm_stream_pass_findings,
        .end = bm_stream_pass_end,
        .free = bm_stream_pass_free,
    };
    BmStreamPass *h = g_new0(BmStreamPass, 1);

    h->base.ops = &ops;
    h->inner = inner;
    return &h->base;
}

/* ---- the command ---- */

static BmExit dump(const Dump *d, BmSource *source, BmOutput *out)
{
    g_autoptr(GError) error = NULL;
    BmStreamVisitor *s = d->json ? bm_json_stream_out(out, d->glob, d->pages)
                                 : bm_text_stream_out(out, d->glob, d->pages);
    if (d->handshake) {
        s = handshake_of(s);
    }
    if (d->pages) {
        s = bm_gather_stream(s);
    }
    s = bm_skim_stream(s);
    gboolean ok = bm_source_read(source, s, TRUE, NULL, &error);

    bm_stream_free(s);
    /* What a cut stream still told comes out before the error. */
    bm_output_flush(out);
    if (bm_output_errno(out) != 0) {
        bm_report("<stdout>", "%s", g_strerror(bm_output_errno(out)));
        return BM_EXIT_RUN;
    }
    return ok ? BM_EXIT_DONE : bm_report_error(source->name, error);
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *format = NULL, *glob = NULL;
    gboolean pages = FALSE, handshake = FALSE;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format, "One value per line, or one document",
         "text|json"},
        {"path", 0, 0, G_OPTION_ARG_FILENAME, &glob, "Only values whose path matches", "GLOB"},
        {"pages", 0, 0, G_OPTION_ARG_NONE, &pages, "Also show which pages are there", NULL},
        {"handshake", 0, 0, G_OPTION_ARG_NONE, &handshake,
         "Only what the two ends agreed on before the guest's state", NULL},
        G_OPTION_ENTRY_NULL,
    };
    Dump d = {0};
    BmSource source;
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_dump, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_command_json(format, &d.json)) {
        return bm_command_usage(&bm_command_dump, "--format=%s: expected text or json", format);
    }
    d.glob = glob;
    d.pages = pages;
    d.handshake = handshake;
    status = bm_source_open(&source, argv[1]);
    if (status != BM_EXIT_DONE) {
        return status;
    }
    bm_source_skim(&source);
    BmOutput *out = bm_output_fd(STDOUT_FILENO);
    if (out != NULL) {
        status = dump(&d, &source, out);
    } else {
        bm_report("<stdout>", "no memory");
        status = BM_EXIT_RUN;
    }
    bm_output_free(out);
    bm_source_close(&source);
    return status;
}

const BmCommand bm_command_dump = {
    .name = "dump",
    .operands = "FILE",
    .summary = "Print the values of a stream",
    .run = run,
};
