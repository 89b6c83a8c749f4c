/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "diff.h"
#include "emit.h"
#include "gather.h"
#include "json-writer.h"
#include "leaf.h"
#include "source.h"

typedef struct Diff {
    gboolean json;
    BmOutput *out;
    BmJson *document; /* NULL for text */
    GString *line;
} Diff;

/* ---- text ---- */

static void put_value(GString *line, const char *type, const char *value)
{
    if (type != NULL) {
        bm_leaf_emit_type(line, type);
        g_string_append_c(line, ' ');
    }
    g_string_append(line, value);
}

static void put_values(GString *line, const BmDifference *d)
{
    gboolean types = g_strcmp0(d->type_a, d->type_b) != 0;

    g_string_append(line, ": ");
    put_value(line, types ? d->type_a : NULL, d->a);
    g_string_append(line, " != ");
    put_value(line, types ? d->type_b : NULL, d->b);
}

static void put_only(GString *line, const BmDifference *d)
{
    gboolean a = d->kind == BM_DIFFERENCE_ONLY_A;

    g_string_append(line, a ? "only in A: " : "only in B: ");
    bm_leaf_emit_path(line, d->path);
    if (d->a != NULL || d->b != NULL) {
        g_string_append(line, " = ");
        put_value(line, a ? d->type_a : d->type_b, a ? d->a : d->b);
    }
}

static void print_text(const BmDifference *d, void *data)
{
    Diff *diff = data;
    GString *line = diff->line;

    g_string_truncate(line, 0);
    if (d->kind == BM_DIFFERENCE_ONLY_A || d->kind == BM_DIFFERENCE_ONLY_B) {
        put_only(line, d);
    } else {
        bm_leaf_emit_path(line, d->path);
        if (d->kind == BM_DIFFERENCE_VALUE) {
            put_values(line, d);
        } else {
            g_string_append(line, d->kind == BM_DIFFERENCE_CONTENT ? ": contents differ"
                                                                   : ": not comparable");
        }
    }
    g_string_append_c(line, '\n');
    bm_output_write(diff->out, line->str, line->len);
}

/* ---- JSON ---- */

static void put_side(BmJson *j, const char *key, const char *type, const char *value)
{
    if (value == NULL) {
        return;
    }
    bm_json_open(j, '{', key, BM_JSON_INLINE);
    if (type != NULL) {
        bm_json_text(j, "type", type);
    }
    bm_json_text(j, "value", value);
    bm_json_close(j);
}

static void print_json(const BmDifference *d, void *data)
{
    static const char *const kinds[] = {
        [BM_DIFFERENCE_VALUE] = "value",
        [BM_DIFFERENCE_ONLY_A] = "only in A",
        [BM_DIFFERENCE_ONLY_B] = "only in B",
        [BM_DIFFERENCE_CONTENT] = "content",
        [BM_DIFFERENCE_UNDECIDED] = "not comparable",
    };
    BmJson *j = ((Diff *)data)->document;

    bm_json_open(j, '{', NULL, BM_JSON_INLINE);
    bm_json_text(j, "difference", kinds[d->kind]);
    bm_json_text(j, "path", d->path);
    put_side(j, "a", d->type_a, d->a);
    put_side(j, "b", d->type_b, d->b);
    bm_json_close(j);
}

static void begin_json(Diff *diff)
{
    diff->document = bm_json_new(diff->out);
    bm_json_open(diff->document, '{', NULL, 0);
    bm_json_text(diff->document, "format", "bermig-diff");
    bm_emit_decimal(bm_json_value(diff->document, "version"), 1);
    bm_json_open(diff->document, '[', "differences", 0);
}

static void end_json(Diff *diff, uint64_t count)
{
    bm_json_close(diff->document);
    bm_emit_decimal(bm_json_value(diff->document, "count"), count);
    bm_json_close(diff->document);
    bm_json_drain(diff->document);
}

/* ---- the command ---- */

/* Status 1 is for streams that differ, so all trouble is 2. */
static BmExit read_side(const char *path, BmStreamVisitor *s)
{
    g_autoptr(GError) error = NULL;
    BmSource source;
    BmExit status = bm_source_open(&source, path);

    if (status == BM_EXIT_DONE) {
        if (!bm_source_read(&source, s, FALSE, NULL, &error)) {
            status = bm_report_error(source.name, error);
        }
        bm_source_close(&source);
    }
    bm_stream_free(s);
    return status == BM_EXIT_DONE ? BM_EXIT_DONE : BM_EXIT_RUN;
}

static BmExit written(BmOutput *out)
{
    bm_output_flush(out);
    if (bm_output_errno(out) != 0) {
        bm_report("<stdout>", "%s", g_strerror(bm_output_errno(out)));
        return BM_EXIT_RUN;
    }
    return BM_EXIT_DONE;
}

static BmExit compare(Diff *diff, BmDiff *d, char **paths)
{
    BmExit status = read_side(paths[0], bm_gather_stream(bm_diff_side_a(d)));
    uint64_t count;

    if (status == BM_EXIT_DONE) {
        status = read_side(paths[1], bm_gather_stream(bm_diff_side_b(d)));
    }
    if (status != BM_EXIT_DONE) {
        return status;
    }
    count = bm_diff_end(d);
    if (diff->json) {
        end_json(diff, count);
    }
    status = written(diff->out);
    return status == BM_EXIT_DONE && count > 0 ? BM_EXIT_INPUT : status;
}

static BmExit diff_files(Diff *diff, BmDiffOptions *options, char **paths)
{
    diff->out = bm_output_fd(STDOUT_FILENO);
    if (diff->out == NULL) {
        bm_report("<stdout>", "no memory");
        return BM_EXIT_RUN;
    }
    diff->line = g_string_new(NULL);
    if (diff->json) {
        begin_json(diff);
    }
    options->report = diff->json ? print_json : print_text;
    options->data = diff;
    options->limit = UINT64_MAX;
    BmDiff *d = bm_diff_new(options);
    BmExit status = compare(diff, d, paths);

    bm_diff_free(d);
    bm_json_free(diff->document);
    g_string_free(diff->line, TRUE);
    bm_output_free(diff->out);
    return status;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *format = NULL, *glob = NULL;
    gboolean no_pages = FALSE;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format, "One difference per line, or one document",
         "text|json"},
        {"path", 0, 0, G_OPTION_ARG_FILENAME, &glob, "Only values whose path matches", "GLOB"},
        {"no-pages", 0, 0, G_OPTION_ARG_NONE, &no_pages, "Leave out the contents of memory", NULL},
        G_OPTION_ENTRY_NULL,
    };
    Diff diff = {0};
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_diff, entries, 2, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_command_json(format, &diff.json)) {
        return bm_command_usage(&bm_command_diff, "--format=%s: expected text or json", format);
    }
    if (strcmp(argv[1], "-") == 0 && strcmp(argv[2], "-") == 0) {
        return bm_command_usage(&bm_command_diff, "only one of the two can be standard input");
    }
    BmDiffOptions options = {.glob = glob, .no_pages = no_pages};
    return diff_files(&diff, &options, &argv[1]);
}

const BmCommand bm_command_diff = {
    .name = "diff",
    .operands = "A B",
    .summary = "Show in what two streams differ",
    .run = run,
};
