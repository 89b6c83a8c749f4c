/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "migrate.h"

/* For the destination to load what it has got, and to say so. */
#define LOAD_SECONDS 90
/* For a destination whose stream broke to end by itself. */
#define END_SECONDS 5
/* For the command that failed to say why. */
#define EXPLAIN_SECONDS 1
/* For the guest to go on at the source. */
#define RESUME_SECONDS 10
/* For the source to say how long it took. */
#define FIGURES_SECONDS 2
#define TICK_MS 50

typedef gboolean (*Condition)(BmMigration *m);

static gboolean wait_until(BmMigration *m, Condition holds, int seconds)
{
    gint64 deadline = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;

    while (!holds(m)) {
        if (g_get_monotonic_time() > deadline) {
            return FALSE;
        }
        bm_migration_wait(m, TICK_MS);
    }
    return TRUE;
}

/* The state of a QEMU, "unknown" if it does not answer any more.  Free with g_free(). */
static char *run_state(const BmMigrateSide *side)
{
    g_autoptr(json_object) answer = bm_qmp_run(side->qmp, "query-status", NULL, NULL);
    const char *status = bm_json_string(answer, "status");

    return g_strdup(status != NULL ? status : "unknown");
}

static gboolean is_in_state(const BmMigrateSide *side, const char *state)
{
    g_autofree char *now = run_state(side);

    return strcmp(now, state) == 0;
}

/* ---- conditions ---- */

static gboolean destination_is_lost(BmMigration *m)
{
    return bm_qmp_lost(m->destination.qmp) != NULL;
}

/* It has loaded the guest, or it never will.  Versions before 3.0 show it only in
 * the state that they are in. */
static gboolean destination_has_decided(BmMigration *m)
{
    static const char *const ends[] = {"completed", "failed", NULL};
    g_autoptr(json_object) answer = bm_qmp_run(m->destination.qmp, "query-migrate", NULL, NULL);
    const char *status = bm_json_string(answer, "status");

    return destination_is_lost(m) || (status != NULL && g_strv_contains(ends, status)) ||
           !is_in_state(&m->destination, "inmigrate");
}

static gboolean source_goes_on(BmMigration *m)
{
    return bm_qmp_lost(m->source.qmp) != NULL || !m->was_running ||
           is_in_state(&m->source, "running");
}

/* What held it up may have been the destination. */
static gboolean source_has_stopped(BmMigration *m)
{
    return !m->source_begun || bm_migration_has_ended(m) || !bm_migration_query(m);
}

/* It has sent all it had to say, or there is nobody to say it. */
static gboolean commands_have_ended(BmMigration *m)
{
    for (int i = 0; m->server != NULL && i < BM_TELLERS; i++) {
        const BmTold *told = bm_status_server_told(m->server, (BmTeller)i);

        if (told->here && !told->gone) {
            return FALSE;
        }
    }
    return TRUE;
}

/* QEMU has completed a moment before it computes how long that took. */
static gboolean source_has_figures(BmMigration *m)
{
    return m->state.total_ms > 0 || !bm_migration_query(m) || m->state.total_ms > 0;
}

/* ---- after success ---- */

/* One that was started with -S has not resumed the guest: with that, nothing runs
 * twice whatever happened on the way.  The guest ran before, so it does now. */
static gboolean resume_destination(BmMigration *m, GError **error)
{
    return !m->was_running || !is_in_state(&m->destination, "paused") ||
           bm_qmp_do(m->destination.qmp, "cont", NULL, error);
}

static void quit(BmMigrateSide *side)
{
    /* Its answer may not come any more. */
    bm_qmp_do(side->qmp, "quit", NULL, NULL);
}

/* The source has done its part, but nobody says that the guest is there. */
static BmExit settle_doubtful(BmMigration *m, const GError *error)
{
    const GError *lost = bm_qmp_lost(m->destination.qmp);
    const char *why = error != NULL  ? error->message
                      : lost != NULL ? lost->message
                                     : "it still waits for a guest";

    bm_report("bermig migrate",
              "the source has moved the guest, but the destination does not answer as it should: "
              "%s; if it has ended, 'cont' at the source takes the guest up again",
              why);
    bm_show_failure(m, why, m->state.status, "unknown");
    return BM_EXIT_INPUT;
}

static BmExit settle_moved(BmMigration *m)
{
    g_autoptr(GError) error = NULL;

    if (!wait_until(m, destination_has_decided, LOAD_SECONDS) || destination_is_lost(m) ||
        !resume_destination(m, &error)) {
        return settle_doubtful(m, error);
    }
    g_autofree char *state = run_state(&m->destination);

    if (destination_is_lost(m)) {
        return settle_doubtful(m, NULL);
    }
    wait_until(m, commands_have_ended, END_SECONDS);
    wait_until(m, source_has_figures, FIGURES_SECONDS);
    if (m->plan->quit_source) {
        quit(&m->source);
    }
    bm_show_summary(m, state);
    return BM_EXIT_DONE;
}

/* ---- after a failure ---- */

static void restore_capabilities(BmMigrateSide *side)
{
    if (side->changed->len > 0) {
        g_ptr_array_add(side->changed, NULL);
        bm_qmp_do(side->qmp, "migrate-set-capabilities",
                  bm_capability_arguments((const char *const *)side->changed->pdata, FALSE), NULL);
    }
}

/* What one of the two commands said last.  Free with g_free(). */
static char *words_of(const BmMigration *m, BmTeller teller)
{
    const BmTold *told = bm_status_server_told(m->server, teller);
    gboolean spoke = told->exit > 0 && told->message != NULL;

    return g_strdup_printf("bermig %s: %s", bm_teller_name(teller),
                           spoke ? told->message : "was killed, or has crashed");
}

/* Free with g_free(). */
static char *cause(const BmMigration *m)
{
    BmTeller teller;

    if (m->reason != NULL) {
        return g_strdup(m->reason);
    }
    if (m->server != NULL && bm_status_server_culprit(m->server, &teller)) {
        return words_of(m, teller);
    }
    if (m->symptom != NULL) {
        return g_strdup(m->symptom);
    }
    return g_strdup(m->state.fault != NULL ? m->state.fault : m->state.status);
}

/* What it has of a guest is of no use, and it cannot take another one.  Most end
 * by themselves; one that runs its guest must not, beside the source. */
static const char *end_destination(BmMigration *m)
{
    if (destination_is_lost(m)) {
        return "the destination has ended";
    }
    if (!m->incoming_begun) {
        restore_capabilities(&m->destination);
        return "the destination waits on";
    }
    if (!m->source_begun || is_in_state(&m->destination, "running") ||
        !wait_until(m, destination_is_lost, END_SECONDS)) {
        g_autofree char *why = cause(m);

        /* What is said from now on is our own doing. */
        bm_migration_give_up(m, "%s", why);
        quit(&m->destination);
        wait_until(m, destination_is_lost, END_SECONDS);
    }
    return destination_is_lost(m) ? "the destination has ended" : "the destination does not end";
}

/* What the others said, which follows from the cause, or explains it. */
static void report_others(const BmMigration *m, const char *known)
{
    for (int i = 0; m->server != NULL && i < BM_TELLERS; i++) {
        const BmTold *told = bm_status_server_told(m->server, (BmTeller)i);
        g_autofree char *words = words_of(m, (BmTeller)i);

        if (told->gone && told->done == NULL && strcmp(words, known) != 0) {
            bm_report("bermig migrate", "%s", words);
        }
    }
    if (m->state.fault != NULL && strcmp(m->state.fault, known) != 0) {
        bm_report("bermig migrate", "QEMU at the source: %s", m->state.fault);
    }
}

/* What a command says may come a moment after its QEMU has gone. */
static gboolean is_explained(BmMigration *m)
{
    BmTeller teller;

    return m->reason != NULL || m->server == NULL || bm_status_server_culprit(m->server, &teller);
}

static BmExit settle_failed(BmMigration *m)
{
    if (destination_is_lost(m)) {
        wait_until(m, is_explained, EXPLAIN_SECONDS); /* nothing else is urgent */
    }
    const char *destination = end_destination(m);

    gboolean stopped = wait_until(m, source_has_stopped, RESUME_SECONDS);

    wait_until(m, source_goes_on, RESUME_SECONDS);
    wait_until(m, commands_have_ended, END_SECONDS);
    restore_capabilities(&m->source);
    g_autofree char *source = run_state(&m->source);
    g_autofree char *why = cause(m);

    if (m->interrupted == 0 && m->source_begun) {
        report_others(m, why);
    }
    bm_report("bermig migrate", "not moved: %s; the guest is at the source, %s%s%s; %s", why,
              source, stopped ? "" : ", where the migration is still ",
              stopped ? "" : m->state.status, destination);
    bm_show_failure(m, why, source, destination);
    return BM_EXIT_INPUT;
}

/* The source may have ended, or only its QMP.  Who has all of the guest keeps it. */
static void report_without_source(BmMigration *m, const char *why, const char *state)
{
    if (destination_is_lost(m)) {
        bm_report("bermig migrate",
                  "QMP of the source: %s; the destination has not got the whole guest and has "
                  "ended: if the source has not ended, the guest is there",
                  why);
    } else if (strcmp(state, "inmigrate") == 0) {
        bm_report("bermig migrate",
                  "QMP of the source: %s; the destination still waits for the rest of the guest",
                  why);
    } else {
        bm_report("bermig migrate", "QMP of the source: %s; the guest is at the destination, %s",
                  why, state);
    }
}

static gboolean decided_or_interrupted(BmMigration *m)
{
    return destination_has_decided(m) || m->interrupted > 0;
}

static BmExit settle_without_source(BmMigration *m)
{
    const char *why = bm_qmp_lost(m->source.qmp)->message;
    g_autofree char *state = NULL;

    if (m->source_begun) {
        /* If only its QMP is gone the move goes on, however long it takes. */
        wait_until(m, decided_or_interrupted, G_MAXINT);
    } else {
        end_destination(m);
    }
    state = run_state(&m->destination);
    report_others(m, "");
    report_without_source(m, why, state);
    bm_show_failure(m, why, "unknown", state);
    return BM_EXIT_INPUT;
}

BmExit bm_migrate_settle(BmMigration *m)
{
    if (bm_qmp_lost(m->source.qmp) != NULL) {
        return settle_without_source(m);
    }
    if (strcmp(m->state.status, "completed") == 0) {
        return settle_moved(m);
    }
    return settle_failed(m);
}
