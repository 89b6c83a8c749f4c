/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "command.h"
#include "gather.h"
#include "source.h"
#include "watch.h"

static void print_verdict(const BmSource *source, const BmWatch *watch, const BmBerStats *stats)
{
    g_autofree char *name = bm_printable(source->name);

    printf("%s: valid %s stream", name, source->format == BM_FORMAT_BER ? "BER" : "QEMU");
    if (source->format == BM_FORMAT_BER) {
        printf(", %" G_GUINT64_FORMAT " records", stats->records);
    }
    printf(", %" G_GUINT64_FORMAT " pages, %" G_GUINT64_FORMAT " octets", watch->pages,
           bm_input_offset(source->in));
    if (watch->remainder > 0) {
        printf(", the last %" G_GUINT64_FORMAT " not understood", watch->remainder);
    }
    putchar('\n');
}

static BmExit run(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    BmBerStats stats = {0};
    BmSource source;
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_validate, NULL, 1, &argc, &argv, &status)) {
        return status;
    }
    status = bm_source_open(&source, argv[1]);
    if (status != BM_EXIT_DONE) {
        return status;
    }
    BmWatch *watch = bm_watch_new(bm_gather_stream(bm_null_stream()), NULL, NULL);
    if (bm_source_read(&source, bm_watch_stream(watch), FALSE, &stats, &error)) {
        print_verdict(&source, watch, &stats);
    } else {
        status = bm_report_error(source.name, error);
    }
    bm_watch_free(watch);
    bm_source_close(&source);
    return status;
}

const BmCommand bm_command_validate = {
    .name = "validate",
    .operands = "FILE",
    .summary = "Check a stream from its first octet to its last",
    .run = run,
};
