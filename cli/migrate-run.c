/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "migrate.h"

/* How often the source is asked. */
#define TICK_MS 200
/* For recv to say that it listens, or why it cannot. */
#define LISTEN_SECONDS 5
/* For the source to find out by itself that the other side has failed. */
#define GRACE_SECONDS 10
/* For the source to stop, once it was told so. */
#define CANCEL_SECONDS 10

/* ---- waiting ---- */

static void take_signals(BmMigration *m)
{
    struct signalfd_siginfo info;

    while (read(m->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        m->interrupted++;
    }
}

void bm_migration_wait(BmMigration *m, int ms)
{
    struct pollfd fds[3 + BM_STATUS_CONNECTIONS + 1] = {
        {.fd = m->signals, .events = POLLIN},
        {.fd = bm_qmp_fd(m->source.qmp), .events = POLLIN},
        {.fd = bm_qmp_fd(m->destination.qmp), .events = POLLIN},
    };
    unsigned count = 3;

    if (m->server != NULL) {
        count += bm_status_server_poll(m->server, fds + count);
    }
    poll(fds, count, ms);
    take_signals(m);
    bm_qmp_pump(m->source.qmp);
    bm_qmp_pump(m->destination.qmp);
    if (m->server != NULL) {
        bm_status_server_pump(m->server);
    }
}

void bm_migration_give_up(BmMigration *m, const char *format, ...)
{
    va_list arguments;

    if (m->reason == NULL) {
        va_start(arguments, format);
        m->reason = g_strdup_vprintf(format, arguments);
        va_end(arguments);
    }
}

static gint64 seconds_from_now(int seconds)
{
    return g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
}

/* TRUE, with a reason, if the move should not go on. */
static gboolean is_interrupted(BmMigration *m)
{
    if (m->interrupted > 0) {
        bm_migration_give_up(m, "cancelled by a signal");
    }
    return m->interrupted > 0;
}

/* TRUE if the other side has gone, or one of the two commands says that it has
 * failed.  Why is known when both have said their last words. */
static gboolean is_broken(BmMigration *m)
{
    const GError *lost = bm_qmp_lost(m->destination.qmp);

    if (lost != NULL && m->symptom == NULL) {
        m->symptom = g_strdup_printf("QMP of the destination: %s", lost->message);
    }
    for (int i = 0; m->server != NULL && i < BM_TELLERS; i++) {
        if (bm_status_server_told(m->server, (BmTeller)i)->exit > 0) {
            return TRUE;
        }
    }
    return lost != NULL;
}

/* ---- before ---- */

static gboolean do_at(BmMigration *m, const BmMigrateSide *side, const char *command,
                      json_object *arguments)
{
    g_autoptr(GError) error = NULL;

    if (bm_qmp_do(side->qmp, command, arguments, &error)) {
        return TRUE;
    }
    if (g_error_matches(error, BM_QMP_ERROR, BM_QMP_LOST)) {
        bm_migration_give_up(m, "QMP of the %s: %s", side->name, error->message);
    } else {
        bm_migration_give_up(m, "the %s refuses %s: %s", side->name, command, error->message);
    }
    return FALSE;
}

json_object *bm_capability_arguments(const char *const *names, gboolean state)
{
    json_object *list = json_object_new_array();
    json_object *arguments = json_object_new_object();

    for (; *names != NULL; names++) {
        json_object *entry = json_object_new_object();

        json_object_object_add(entry, "capability", json_object_new_string(*names));
        json_object_object_add(entry, "state", json_object_new_boolean(state));
        json_object_array_add(list, entry);
    }
    json_object_object_add(arguments, "capabilities", list);
    return arguments;
}

/* Those of the names that are off now are to be switched off again afterwards. */
static void note_capabilities(BmMigrateSide *side, const char *const *names)
{
    g_autoptr(json_object) list = bm_qmp_run(side->qmp, "query-migrate-capabilities", NULL, NULL);
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

    for (size_t i = 0; i < count; i++) {
        json_object *entry = json_object_array_get_idx(list, i);
        const char *name = bm_json_string(entry, "capability");

        if (name != NULL && g_strv_contains(names, name) && !bm_json_true(entry, "state")) {
            g_ptr_array_add(side->changed, g_strdup(name));
        }
    }
}

static gboolean set_capabilities(BmMigration *m, BmMigrateSide *side)
{
    /* With a return path the source is done when the destination has loaded all;
     * without, when its last octet is in a pipe. */
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    g_ptr_array_add(names, "return-path");
    g_ptr_array_add(names, "events");
    for (char **name = m->plan->capabilities; name != NULL && *name != NULL; name++) {
        g_ptr_array_add(names, *name);
    }
    g_ptr_array_add(names, NULL);
    note_capabilities(side, (const char *const *)names->pdata);
    return do_at(m, side, "migrate-set-capabilities",
                 bm_capability_arguments((const char *const *)names->pdata, TRUE));
}

static gboolean set_parameters(BmMigration *m)
{
    json_object *arguments = json_object_new_object();

    if (m->plan->max_bandwidth > 0) {
        json_object_object_add(arguments, "max-bandwidth",
                               json_object_new_int64(m->plan->max_bandwidth));
    }
    if (m->plan->downtime_limit > 0) {
        json_object_object_add(arguments, "downtime-limit",
                               json_object_new_int(m->plan->downtime_limit));
    }
    return do_at(m, &m->source, "migrate-set-parameters", arguments);
}

static json_object *uri_argument(const char *uri)
{
    json_object *arguments = json_object_new_object();

    json_object_object_add(arguments, "uri", json_object_new_string(uri));
    return arguments;
}

/* Where recv cannot tell, be it elsewhere or another user's, send will find out: it
 * tries for a while. */
static gboolean await_listener(BmMigration *m)
{
    gint64 deadline = seconds_from_now(LISTEN_SECONDS);

    if (m->server == NULL || m->destination.address->path == NULL ||
        strcmp(m->plan->remote_bermig, "none") == 0) {
        return TRUE;
    }
    while (!bm_status_server_told(m->server, BM_TOLD_BY_RECV)->listening &&
           g_get_monotonic_time() < deadline) {
        bm_migration_wait(m, TICK_MS);
        if (is_interrupted(m) || is_broken(m)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean begin_incoming(BmMigration *m)
{
    g_autofree char *uri = bm_destination_uri(m->plan);

    m->incoming_begun = do_at(m, &m->destination, "migrate-incoming", uri_argument(uri));
    return m->incoming_begun && await_listener(m);
}

static gboolean begin_source(BmMigration *m)
{
    g_autofree char *uri = bm_source_uri(m->plan);

    gboolean done = do_at(m, &m->source, "migrate", uri_argument(uri));

    /* Without an answer it may have begun. */
    m->source_begun = done || bm_qmp_lost(m->source.qmp) != NULL;
    return done;
}

/* ---- how far it is ---- */

static void read_state(BmMigrateState *state, json_object *answer)
{
    json_object *ram = bm_json_member(answer, "ram");
    const char *status = bm_json_string(answer, "status");
    const char *fault = bm_json_string(answer, "error-desc");

    g_strlcpy(state->status, status != NULL ? status : "none", sizeof(state->status));
    if (fault != NULL && fault[0] != '\0') {
        g_free(state->fault);
        state->fault = g_strdup(fault);
    }
    state->total_ms = bm_json_count(answer, "total-time");
    state->setup_ms = bm_json_count(answer, "setup-time");
    state->downtime_ms = bm_json_count(answer, "downtime");
    if (ram == NULL) {
        return;
    }
    state->sent = bm_json_count(ram, "transferred");
    state->left = bm_json_count(ram, "remaining");
    state->total = bm_json_count(ram, "total");
    state->pages = bm_json_count(ram, "normal") + bm_json_count(ram, "duplicate");
    state->page_size = bm_json_count(ram, "page-size");
    state->dirty_rate = bm_json_count(ram, "dirty-pages-rate");
    state->iteration = bm_json_count(ram, "dirty-sync-count");
}

gboolean bm_migration_query(BmMigration *m)
{
    g_autoptr(json_object) answer = bm_qmp_run(m->source.qmp, "query-migrate", NULL, NULL);

    if (answer != NULL) {
        read_state(&m->state, answer);
    }
    return bm_qmp_lost(m->source.qmp) == NULL;
}

gboolean bm_migration_has_ended(const BmMigration *m)
{
    static const char *const ends[] = {"completed", "failed", "cancelled", NULL};

    return g_strv_contains(ends, m->state.status);
}

/* ---- the move ---- */

typedef struct Following {
    gint64 cancel_at;  /* when the source is told to stop; 0: no reason */
    gint64 give_up_at; /* when we stop waiting for that; 0: it was not told */
} Following;

static void cancel(BmMigration *m, Following *f)
{
    g_autoptr(GError) error = NULL;

    f->give_up_at = seconds_from_now(CANCEL_SECONDS);
    if (!bm_qmp_do(m->source.qmp, "migrate_cancel", NULL, &error)) {
        bm_report("bermig migrate", "the source refuses to cancel: %s", error->message);
    }
}

/* FALSE when there is nothing to wait for any more. */
static gboolean decide(BmMigration *m, Following *f)
{
    gint64 now = g_get_monotonic_time();

    if (f->cancel_at == 0 && is_interrupted(m)) {
        f->cancel_at = now;
    } else if (f->cancel_at == 0 && is_broken(m)) {
        f->cancel_at = seconds_from_now(GRACE_SECONDS);
    }
    if (m->interrupted > 0 && f->give_up_at == 0) {
        f->cancel_at = now;
    }
    if (f->cancel_at != 0 && f->give_up_at == 0 && now >= f->cancel_at) {
        cancel(m, f);
    }
    return f->give_up_at == 0 || (now < f->give_up_at && m->interrupted < 2);
}

static void follow(BmMigration *m)
{
    Following following = {0};

    while (bm_migration_query(m) && !bm_migration_has_ended(m) && decide(m, &following)) {
        bm_show_progress(m->show, m);
        bm_migration_wait(m, TICK_MS);
    }
}

void bm_migrate_run(BmMigration *m)
{
    bm_migration_wait(m, 0);
    if (!is_interrupted(m) && set_capabilities(m, &m->source) &&
        set_capabilities(m, &m->destination) && set_parameters(m) && begin_incoming(m) &&
        begin_source(m)) {
        follow(m);
    }
}
