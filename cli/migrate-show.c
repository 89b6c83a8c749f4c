/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "migrate.h"
#include "progress.h"
#include "status.h"

#define MIB 1048576.0
/* Rates are those of at least so long. */
#define RATE_US G_TIME_SPAN_SECOND
/* A line on a terminal may move more often than others come. */
#define TERMINAL_US (G_TIME_SPAN_SECOND / 2)

struct BmShow {
    BmProgressStyle style;
    gint64 shown; /* the last time */

    /* since when rates are counted, and the last ones */
    gint64 since;
    guint64 sent, pages;
    double octets_per_second, pages_per_second;
};

BmShow *bm_show_new(void)
{
    BmShow *show = g_new0(BmShow, 1);

    show->style = bm_progress_style(isatty(STDERR_FILENO) ? BM_PROGRESS_LINE : BM_PROGRESS_NONE);
    return show;
}

void bm_show_free(BmShow *show)
{
    if (show != NULL) {
        bm_report_leave_place();
        g_free(show);
    }
}

/* ---- rates ---- */

static void count_rates(BmShow *show, const BmMigrateState *state)
{
    gint64 now = g_get_monotonic_time();
    double seconds = (double)(now - show->since) / G_USEC_PER_SEC;

    if (show->since != 0 && now - show->since < RATE_US) {
        return;
    }
    if (show->since != 0 && state->sent >= show->sent && state->pages >= show->pages) {
        show->octets_per_second = (double)(state->sent - show->sent) / seconds;
        show->pages_per_second = (double)(state->pages - show->pages) / seconds;
    }
    show->since = now;
    show->sent = state->sent;
    show->pages = state->pages;
}

/* Seconds to go, if both rates stay; < 0 if it does not end so. */
static double expected_seconds(const BmShow *show, const BmMigrateState *state)
{
    double gain = (show->pages_per_second - (double)state->dirty_rate) * (double)state->page_size;

    return gain > 0 ? (double)state->left / gain : -1;
}

/* ---- what the commands tell ---- */

static const BmTold *told_by_send(const BmMigration *m)
{
    return m->server != NULL ? bm_status_server_told(m->server, BM_TOLD_BY_SEND) : NULL;
}

/* Octets on the wire for each of QEMU's; 0 if nobody knows. */
static double ratio(const BmMigration *m)
{
    const BmTold *told = told_by_send(m);

    return told != NULL && told->read > 0 ? (double)told->written / (double)told->read : 0;
}

/* ---- on the way ---- */

static void add_mib(GString *line, const char *before, double octets, const char *after)
{
    double mib = octets / MIB;

    g_string_append_printf(line, "%s%.*f%s", before, mib < 10 ? 1 : 0, mib, after);
}

static void add_rates(GString *line, const BmShow *show, const BmMigrateState *state)
{
    double dirty = (double)state->dirty_rate * (double)state->page_size;
    double expected = expected_seconds(show, state);

    if (show->pages_per_second == 0) {
        return;
    }
    add_mib(line, ", ", show->octets_per_second, " MiB/s");
    add_mib(line, ", dirty ", dirty, "");
    if (expected >= 0) {
        g_string_append_printf(line, ", %.0f s to go", expected);
    } else if (state->iteration > 1) {
        g_string_append(line, ", no end in sight");
    }
}

/* Short: a terminal has 80 columns. */
static void show_line(const BmShow *show, const BmMigration *m)
{
    const BmMigrateState *state = &m->state;
    g_autoptr(GString) line = g_string_new(NULL);

    if (strcmp(state->status, "active") != 0) {
        g_string_append_printf(line, "%s, ", state->status);
    }
    g_string_append_printf(line, "iteration %" G_GUINT64_FORMAT ": ", state->iteration);
    add_mib(line, "", (double)state->sent, " MiB sent");
    add_mib(line, ", ", (double)state->left, " left");
    add_rates(line, show, state);
    if (ratio(m) > 0) {
        g_string_append_printf(line, ", wire %.2f", ratio(m));
    }
    if (isatty(STDERR_FILENO)) {
        g_autofree char *printable = bm_printable(line->str);

        bm_report_in_place(printable);
    } else {
        bm_report("bermig migrate", "%s", line->str);
    }
}

static void add_number(json_object *event, const char *name, double value)
{
    json_object_object_add(event, name, json_object_new_double(value));
}

static void tell_progress(const BmShow *show, const BmMigration *m)
{
    const BmMigrateState *state = &m->state;
    const BmTold *told = told_by_send(m);
    double expected = expected_seconds(show, state);
    json_object *event = bm_status_event("progress");

    bm_json_add_text(event, "status", state->status);
    bm_json_add_count(event, "iteration", state->iteration);
    bm_json_add_count(event, "sent", state->sent);
    bm_json_add_count(event, "remaining", state->left);
    bm_json_add_count(event, "total", state->total);
    add_number(event, "rate", show->octets_per_second);
    add_number(event, "dirty-rate", (double)state->dirty_rate * (double)state->page_size);
    if (expected >= 0) {
        add_number(event, "expected-seconds", expected);
    }
    if (told != NULL && told->read > 0) {
        bm_json_add_count(event, "qemu", told->read);
        bm_json_add_count(event, "wire", told->written);
    }
    bm_status_tell(event);
}

static gboolean is_due(const BmShow *show)
{
    gint64 pause =
        show->style == BM_PROGRESS_LINE && isatty(STDERR_FILENO) ? TERMINAL_US : G_TIME_SPAN_SECOND;

    return g_get_monotonic_time() - show->shown >= pause;
}

void bm_show_progress(BmShow *show, const BmMigration *m)
{
    if (m->state.total == 0) {
        return;
    }
    count_rates(show, &m->state);
    if (show->style == BM_PROGRESS_NONE || !is_due(show)) {
        return;
    }
    show->shown = g_get_monotonic_time();
    if (show->style == BM_PROGRESS_JSON) {
        tell_progress(show, m);
    } else {
        show_line(show, m);
    }
}

/* ---- the end ---- */

static void print_wire(const BmMigration *m)
{
    const BmTold *told = told_by_send(m);
    json_object *done = told != NULL ? told->done : NULL;
    const char *format = bm_json_string(done, "format");
    guint64 qemu = bm_json_count(done, "qemu"), wire = bm_json_count(done, "wire");

    if (done == NULL) {
        printf("  wire:        %.1f MiB of QEMU's own stream; 'bermig send' at the source knows "
               "more\n",
               (double)m->state.sent / MIB);
        return;
    }
    printf("  wire:        %" G_GUINT64_FORMAT " octets for %" G_GUINT64_FORMAT
           " octets of QEMU's own stream (%.2f)\n",
           wire, qemu, qemu > 0 ? (double)wire / (double)qemu : 0);
    if (g_strcmp0(format, "ber") == 0) {
        puts("  format:      BER");
    } else {
        const char *peer = bm_json_string(done, "peer");

        printf("  format:      QEMU's own, not BER: the peer is %s\n",
               peer != NULL ? peer : "unknown");
    }
}

static void print_summary(const BmMigration *m, const char *guest)
{
    printf("The guest is at the destination, %s.\n", guest);
    printf("  time:        %.2f s, %" G_GUINT64_FORMAT " iterations\n",
           (double)m->state.total_ms / 1000, m->state.iteration);
    printf("  downtime:    %" G_GUINT64_FORMAT " ms\n", m->state.downtime_ms);
    print_wire(m);
    printf("  source:      QEMU %s, %s\n", bm_qmp_version(m->source.qmp),
           m->plan->quit_source ? "told to quit"
                                : "in state postmigrate: end it with 'quit', never 'cont' it");
    printf("  destination: QEMU %s\n", bm_qmp_version(m->destination.qmp));
}

static void tell_summary(const BmMigration *m, const char *guest)
{
    const BmTold *told = told_by_send(m);
    json_object *done = told != NULL ? told->done : NULL;
    json_object *event = bm_status_event("done");

    bm_json_add_text(event, "guest", guest);
    bm_json_add_count(event, "total-ms", m->state.total_ms);
    bm_json_add_count(event, "setup-ms", m->state.setup_ms);
    bm_json_add_count(event, "downtime-ms", m->state.downtime_ms);
    bm_json_add_count(event, "iterations", m->state.iteration);
    bm_json_add_text(event, "source-version", bm_qmp_version(m->source.qmp));
    bm_json_add_text(event, "destination-version", bm_qmp_version(m->destination.qmp));
    if (done != NULL) {
        bm_json_add_count(event, "qemu", bm_json_count(done, "qemu"));
        bm_json_add_count(event, "wire", bm_json_count(done, "wire"));
        bm_json_add_text(event, "format", bm_json_string(done, "format"));
        bm_json_add_text(event, "peer", bm_json_string(done, "peer"));
        bm_json_add_text(event, "digest", bm_json_string(done, "digest"));
    }
    bm_status_tell(event);
}

void bm_show_summary(const BmMigration *m, const char *guest)
{
    bm_report_leave_place();
    if (bm_status_wanted()) {
        tell_summary(m, guest);
    } else {
        print_summary(m, guest);
    }
}

void bm_show_failure(const BmMigration *m, const char *reason, const char *source,
                     const char *destination)
{
    if (bm_status_wanted()) {
        json_object *event = bm_status_event("failed");

        bm_json_add_text(event, "status", m->state.status);
        bm_json_add_text(event, "reason", reason);
        bm_json_add_text(event, "source", source);
        bm_json_add_text(event, "destination", destination);
        bm_status_tell(event);
    }
}
