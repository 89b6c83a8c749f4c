/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "emit.h"
#include "expectation.h"
#include "findings.h"
#include "json-writer.h"
#include "preflight.h"

/* ---- text ---- */

static void print_text(BmOutput *out, const BmFinding *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        g_autofree char *line = bm_finding_line(&list[i]);
        g_autofree char *shown = bm_printable(line);

        bm_output_write(out, shown, strlen(shown));
        bm_output_write(out, "\n", 1);
    }
    if (n == 0) {
        bm_output_write(out, "OK\n", 3);
    }
}

/* ---- JSON ---- */

static void put_optional(BmJson *j, const char *key, const char *text)
{
    if (text != NULL) {
        bm_json_text(j, key, text);
    }
}

static void put_finding(BmJson *j, const BmFinding *f)
{
    bm_json_open(j, '{', NULL, BM_JSON_INLINE);
    bm_emit_decimal(bm_json_value(j, "code"), f->code);
    bm_json_text(j, "name", bm_finding_name(f->code));
    bm_json_text(j, "severity", f->severity == BM_SEVERITY_BLOCK ? "block" : "warn");
    bm_json_text(j, "path", f->path);
    bm_json_text(j, "message", f->message);
    put_optional(j, "expected", f->expected);
    put_optional(j, "got", f->got);
    bm_json_close(j);
}

static void print_json(BmOutput *out, const BmFindings *findings)
{
    BmJson *j = bm_json_new(out);
    uint32_t n;
    const BmFinding *list = bm_findings_list(findings, &n);

    bm_json_open(j, '{', NULL, 0);
    bm_json_text(j, "format", "bermig-check");
    bm_emit_decimal(bm_json_value(j, "version"), 1);
    bm_json_open(j, '[', "findings", 0);
    for (uint32_t i = 0; i < n; i++) {
        put_finding(j, &list[i]);
    }
    bm_json_close(j);
    bm_emit_decimal(bm_json_value(j, "blocking"), bm_findings_blocking(findings));
    bm_json_close(j);
    bm_json_drain(j);
    bm_json_free(j);
}

/* ---- the command ---- */

static BmExit print(const BmFindings *findings, gboolean json)
{
    BmOutput *out = bm_output_fd(STDOUT_FILENO);
    BmExit status = bm_findings_blocking(findings) > 0 ? BM_EXIT_INPUT : BM_EXIT_DONE;
    uint32_t n;
    const BmFinding *list = bm_findings_list(findings, &n);

    if (out == NULL) {
        bm_report("<stdout>", "no memory");
        return BM_EXIT_RUN;
    }
    if (json) {
        print_json(out, findings);
    } else {
        print_text(out, list, n);
    }
    bm_output_flush(out);
    if (bm_output_errno(out) != 0) {
        bm_report("<stdout>", "%s", g_strerror(bm_output_errno(out)));
        status = BM_EXIT_RUN;
    }
    bm_output_free(out);
    return status;
}

static BmExit check(char **paths, gboolean json)
{
    g_autoptr(BmExpect) destination = bm_expect_new();
    g_autoptr(BmExpect) guest = bm_expect_new();
    g_autoptr(BmFindings) findings = bm_findings_new();

    /* Status 1 is for a guest that would not load, so all trouble is 2. */
    if (bm_expectation_read(destination, paths[0]) != BM_EXIT_DONE ||
        bm_expectation_read(guest, paths[1]) != BM_EXIT_DONE) {
        return BM_EXIT_RUN;
    }
    bm_preflight(destination, guest, findings);
    return print(findings, json);
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *format = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format, "One finding per line, or one document",
         "text|json"},
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_check, entries, 2, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_command_json(format, &json)) {
        return bm_command_usage(&bm_command_check, "--format=%s: expected text or json", format);
    }
    if (strcmp(argv[1], "-") == 0 && strcmp(argv[2], "-") == 0) {
        return bm_command_usage(&bm_command_check, "only one of the two can be standard input");
    }
    return check(&argv[1], json);
}

const BmCommand bm_command_check = {
    .name = "check",
    .operands = "EXPECT STREAM",
    .summary = "Say whether a machine would take a saved guest",
    .run = run,
};
