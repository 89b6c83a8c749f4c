/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "gather.h"
#include "out-file.h"
#include "rewrite.h"
#include "rules.h"
#include "source.h"

typedef struct Rewrite {
    const char *rules_path, *from, *to;
    gboolean consent, dry_run, live;
    int level;
    BmFormat as;
    BmRules *rules;
    BmChain *chain;
    guint *counts; /* of changes, per transformation of the chain */
    BmSource source;
    const char *out_name; /* as reported */
    BmOutFile file;
    BmOutput *out;
} Rewrite;

/* ---- what is said of it ---- */

static void count_change(Rewrite *r, const BmTransform *by)
{
    for (guint i = 0; i < bm_chain_length(r->chain); i++) {
        if (bm_chain_get(r->chain, i) == by) {
            r->counts[i]++;
        }
    }
}

static void report_change(void *user, const BmChange *change)
{
    GString *text = g_string_new(NULL);

    count_change(user, change->by);
    g_string_append_printf(text, "[%s] ", change->by->rule);
    if (change->device) {
        g_string_append(text, change->device);
    }
    if (change->instance > 0) {
        g_string_append_printf(text, "#%u", change->instance);
    }
    if (*change->path) {
        g_string_append_printf(text, ".%s", change->path);
    }
    g_string_append_printf(text, "%s%s", change->device ? ": " : "", change->what);
    if (change->lost) {
        g_string_append_printf(text, ", %s %s", change->refused ? "refused, it would lose" : "lost",
                               change->lost);
    }
    bm_report("rewrite", "%s", text->str);
    g_string_free(text, TRUE);
}

static void report_note(void *user, BmRewriteNote note)
{
    (void)user;
    bm_report("rewrite", "%s",
              note == BM_NOTE_DERIVED_ANEW
                  ? "the description was not as QEMU writes it, and is made anew"
                  : "the description cannot be read, and is dropped");
}

static void report_idle_rules(const Rewrite *r)
{
    for (guint i = 0; i < bm_chain_length(r->chain); i++) {
        if (r->counts[i] == 0) {
            bm_report("rewrite", "[%s] nothing to do", bm_chain_get(r->chain, i)->rule);
        }
    }
}

/* ---- the stream ---- */

static BmStreamVisitor *writer(const Rewrite *r)
{
    if (r->dry_run) {
        return bm_null_stream();
    }
    return r->as == BM_FORMAT_BER ? bm_ber_stream_out(r->out, r->level, NULL)
                                  : bm_gather_stream(bm_legacy_stream_out(r->out));
}

static gboolean transcode(Rewrite *r, GError **error)
{
    const BmRewriteOptions options = {r->consent, report_change, report_note, r};
    BmStreamVisitor *s = bm_rewrite_stream(writer(r), r->chain, &options);
    gboolean ok = bm_source_read(&r->source, s, FALSE, NULL, error);

    bm_stream_free(s);
    return ok && (r->dry_run || bm_output_flush(r->out));
}

static BmExit copy_stream(Rewrite *r)
{
    g_autoptr(GError) error = NULL;

    if (transcode(r, &error)) {
        report_idle_rules(r);
        return BM_EXIT_DONE;
    }
    if (r->out != NULL && bm_output_errno(r->out) != 0) {
        bm_report(r->out_name, "%s", g_strerror(bm_output_errno(r->out)));
        return BM_EXIT_RUN;
    }
    return bm_report_error(r->source.name, error);
}

static BmExit write_file(Rewrite *r)
{
    BmExit status;

    r->out = bm_output_fd(r->file.fd);
    if (r->out == NULL) {
        bm_report(r->out_name, "no memory");
        return bm_out_file_end(&r->file, r->out_name, BM_EXIT_RUN);
    }
    status = copy_stream(r);
    g_clear_pointer(&r->out, bm_output_free);
    return bm_out_file_end(&r->file, r->out_name, status);
}

static BmExit rewrite(Rewrite *r, const char *out_path)
{
    g_autoptr(GError) error = NULL;

    if (r->dry_run) {
        return copy_stream(r);
    }
    r->out_name = strcmp(out_path, "-") == 0 ? "<stdout>" : out_path;
    if (!bm_out_file_open(&r->file, out_path, &error)) {
        return bm_report_error(r->out_name, error);
    }
    return write_file(r);
}

/* ---- the rules ---- */

static BmExit parse_rules(Rewrite *r, const char *text, gsize len)
{
    g_autoptr(GError) error = NULL;
    const BmStep *steps;
    guint n;

    r->rules = bm_rules_parse(text, len, &error);
    if (r->rules == NULL) {
        bm_report_error(r->rules_path, error);
        return BM_EXIT_RUN;
    }
    if (bm_rules_have_levels(r->rules) && r->from == NULL) {
        bm_report(r->rules_path, "the rules have levels: --from and --to are needed");
        return BM_EXIT_RUN;
    }
    steps = bm_rules_steps(r->rules, &n);
    r->chain = bm_chain_new(steps, n, r->from, r->to, &error);
    if (r->chain == NULL) {
        bm_report_error(r->rules_path, error);
        return BM_EXIT_RUN;
    }
    r->counts = g_new0(guint, bm_chain_length(r->chain) + 1);
    return BM_EXIT_DONE;
}

static BmExit load_rules(Rewrite *r)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gsize len;

    if (!g_file_get_contents(r->rules_path, &text, &len, &error)) {
        bm_report("rewrite", "%s", error->message);
        return BM_EXIT_RUN;
    }
    return parse_rules(r, text, len);
}

static BmExit run_all(Rewrite *r, char **argv)
{
    BmExit status = load_rules(r);

    if (status == BM_EXIT_DONE) {
        status = bm_source_open(&r->source, argv[1]);
    }
    if (status == BM_EXIT_DONE) {
        if (r->as == BM_FORMAT_UNKNOWN) {
            r->as = r->source.format;
        }
        r->source.live = r->live;
        status = rewrite(r, argv[2]);
        bm_source_close(&r->source);
    }
    bm_chain_free(r->chain);
    bm_rules_free(r->rules);
    g_free(r->counts);
    return status;
}

/* ---- the command line ---- */

static gboolean parse_as(const char *text, BmFormat *as)
{
    if (text == NULL) {
        return TRUE;
    }
    if (strcmp(text, "ber") == 0) {
        *as = BM_FORMAT_BER;
    } else if (strcmp(text, "qemu") == 0) {
        *as = BM_FORMAT_LEGACY;
    }
    return *as != BM_FORMAT_UNKNOWN;
}

static BmExit check_options(const Rewrite *r, char **argv)
{
    if (r->rules_path == NULL) {
        return bm_command_usage(&bm_command_rewrite, "--rules is missing");
    }
    if ((r->from == NULL) != (r->to == NULL)) {
        return bm_command_usage(&bm_command_rewrite, "--from and --to go together");
    }
    if (!r->dry_run && strcmp(argv[2], "-") == 0 && isatty(STDOUT_FILENO)) {
        return bm_command_usage(&bm_command_rewrite, "standard output is a terminal");
    }
    return BM_EXIT_DONE;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *rules = NULL, *from = NULL, *to = NULL, *as = NULL, *compress = NULL;
    Rewrite r = {0};
    const GOptionEntry entries[] = {
        {"rules", 0, 0, G_OPTION_ARG_FILENAME, &rules, "What to change, see bermig-rules(5)",
         "FILE"},
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &from, "The level of IN", "LEVEL"},
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &to, "The level of OUT", "LEVEL"},
        {"consent", 0, 0, G_OPTION_ARG_NONE, &r.consent, "Lose what the rules lose", NULL},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &r.dry_run, "Write nothing", NULL},
        {"live", 0, 0, G_OPTION_ARG_NONE, &r.live,
         "A migration is under way: end with QEMU's stream, not with the input", NULL},
        {"as", 0, 0, G_OPTION_ARG_FILENAME, &as, "Write this format: the one that IN has",
         "ber|qemu"},
        {"compress", 0, 0, G_OPTION_ARG_FILENAME, &compress,
         "Compress page data (BER only): 1 to 19, or not: 1", "LEVEL|none"},
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_rewrite, entries, 2, &argc, &argv, &status)) {
        return status;
    }
    if (!parse_as(as, &r.as)) {
        return bm_command_usage(&bm_command_rewrite, "--as=%s: expected ber or qemu", as);
    }
    if (!bm_command_level(compress, &r.level)) {
        return bm_command_usage(&bm_command_rewrite, "--compress=%s: expected 1 to 19, or none",
                                compress);
    }
    r.rules_path = rules;
    r.from = from;
    r.to = to;
    status = check_options(&r, argv);
    return status == BM_EXIT_DONE ? run_all(&r, argv) : status;
}

const BmCommand bm_command_rewrite = {
    .name = "rewrite",
    .operands = "IN OUT",
    .summary = "Change device state by rules, for another version of QEMU",
    .run = run,
};
