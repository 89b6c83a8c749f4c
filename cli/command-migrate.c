/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "command.h"
#include "migrate.h"
#include "negotiate.h"
#include "progress.h"
#include "status.h"

/* ---- a folder for the sockets between processes on this machine ---- */

typedef struct Folder {
    char *path; /* nobody else can look inside; NULL: not needed */
    char *stream, *status;
} Folder;

/* On /tmp and not where TMPDIR says: paths of sockets are short. */
static gboolean make_folder(Folder *folder, GError **error)
{
    g_autofree char *path = g_strdup("/tmp/bermig-XXXXXX");

    if (g_mkdtemp(path) == NULL) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "a folder in /tmp: %s",
                    g_strerror(errno));
        return FALSE;
    }
    folder->path = g_steal_pointer(&path);
    folder->stream = g_build_filename(folder->path, "stream", NULL);
    folder->status = g_build_filename(folder->path, "status", NULL);
    return TRUE;
}

static void remove_folder(Folder *folder)
{
    if (folder->path != NULL) {
        unlink(folder->stream);
        unlink(folder->status);
        rmdir(folder->path);
    }
    g_free(folder->path);
    g_free(folder->stream);
    g_free(folder->status);
}

/* ---- the two sides ---- */

static gboolean connect_side(BmMigrateSide *side, const char *name, const BmAddress *address)
{
    g_autoptr(GError) error = NULL;

    side->name = name;
    side->address = address;
    side->changed = g_ptr_array_new_with_free_func(g_free);
    side->qmp = bm_qmp_open(address, &error);
    if (side->qmp == NULL) {
        bm_report(address->text, "QMP of the %s: %s", name, error->message);
    }
    return side->qmp != NULL;
}

static void disconnect_side(BmMigrateSide *side)
{
    bm_qmp_close(side->qmp);
    if (side->changed != NULL) {
        g_ptr_array_unref(side->changed);
    }
}

/* From now on they are read, and do not end the program. */
static int catch_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static gboolean listen_for_status(BmMigration *m)
{
    g_autoptr(GError) error = NULL;

    if (m->plan->status == NULL) {
        return TRUE;
    }
    m->server = bm_status_server_new(m->plan->status, &error);
    if (m->server == NULL) {
        bm_report_error(m->plan->status, error);
    }
    return m->server != NULL;
}

static BmExit move(BmMigration *m)
{
    if (!connect_side(&m->source, "source", m->plan->from) ||
        !connect_side(&m->destination, "destination", m->plan->to) || !listen_for_status(m)) {
        return BM_EXIT_RUN;
    }
    if (!bm_migrate_check(m)) {
        bm_show_failure(m, "the check", "as it was", "as it was");
        return BM_EXIT_INPUT;
    }
    m->show = bm_show_new();
    bm_migrate_run(m);
    bm_show_free(g_steal_pointer(&m->show));
    return bm_migrate_settle(m);
}

static BmExit migrate(const BmMigratePlan *plan)
{
    BmMigration m = {.plan = plan, .signals = catch_signals()};
    BmExit status = move(&m);

    disconnect_side(&m.source);
    disconnect_side(&m.destination);
    bm_status_server_free(m.server);
    close(m.signals);
    g_free(m.state.fault);
    g_free(m.reason);
    g_free(m.symptom);
    return status;
}

/* ---- options ---- */

/* What is in a JSON string has to be UTF-8. */
static gboolean is_text(char *const *texts)
{
    for (; texts != NULL && *texts != NULL; texts++) {
        if (!g_utf8_validate(*texts, -1, NULL)) {
            return FALSE;
        }
    }
    return TRUE;
}

static BmExit usage(const char *text)
{
    return bm_command_usage(&bm_command_migrate, "%s", text);
}

static BmExit check_address(const char *option, const char *text, BmAddress **address)
{
    g_autoptr(GError) error = NULL;

    *address = bm_address_parse(text, &error);
    return *address != NULL
               ? BM_EXIT_DONE
               : bm_command_usage(&bm_command_migrate, "%s: %s", option, error->message);
}

static BmExit check_addresses(BmMigratePlan *plan, const char *from, const char *to)
{
    g_autoptr(BmAddress) via = NULL, listen = NULL;

    if (from == NULL || to == NULL) {
        return usage("expected --from and --to");
    }
    if (check_address("--from", from, &plan->from) != BM_EXIT_DONE ||
        check_address("--to", to, &plan->to) != BM_EXIT_DONE ||
        (plan->via != NULL && check_address("--via", plan->via, &via) != BM_EXIT_DONE) ||
        (plan->listen != NULL &&
         check_address("--listen", plan->listen, &listen) != BM_EXIT_DONE)) {
        return BM_EXIT_RUN;
    }
    if (plan->via == NULL && (plan->from->path == NULL || plan->to->path == NULL)) {
        return usage("without --via both QMP sockets have to be unix:PATH");
    }
    if (plan->via == NULL && plan->listen != NULL) {
        return usage("--listen belongs to --via");
    }
    return BM_EXIT_DONE;
}

static BmExit check_capabilities(const BmMigratePlan *plan)
{
    for (char **name = plan->capabilities; name != NULL && *name != NULL; name++) {
        const char *why = bm_capability_refusal(*name);

        if (why != NULL) {
            return bm_command_usage(&bm_command_migrate, "--capability=%s: %s", *name, why);
        }
    }
    return BM_EXIT_DONE;
}

static BmExit check_values(const BmMigratePlan *plan)
{
    char *const single[] = {plan->bermig, plan->remote_bermig, plan->via != NULL ? plan->via : "",
                            plan->listen != NULL ? plan->listen : "", NULL};
    BmWish wish;
    int level;

    if (!bm_wish_parse(plan->format, &wish)) {
        return bm_command_usage(&bm_command_migrate, "--format=%s: expected auto, ber or qemu",
                                plan->format);
    }
    if (!bm_command_level(plan->compress, &level)) {
        return bm_command_usage(&bm_command_migrate, "--compress=%s: expected 1 to 19, or none",
                                plan->compress);
    }
    if (plan->channels < 0 || plan->channels > (int)BM_LIMIT_CHANNELS) {
        return bm_command_usage(&bm_command_migrate, "--channels=%d: expected 0 to %u",
                                plan->channels, BM_LIMIT_CHANNELS);
    }
    if (plan->max_bandwidth < 0 || plan->downtime_limit < 0) {
        return usage("--max-bandwidth and --downtime-limit are not negative");
    }
    if (!is_text(single) || !is_text(plan->send_options) || !is_text(plan->recv_options) ||
        !is_text(plan->capabilities)) {
        return usage("QMP carries UTF-8 only: paths and options have to be that");
    }
    return check_capabilities(plan);
}

/* The program at both ends is this one, if nothing else is said. */
static BmExit find_programs(BmMigratePlan *plan)
{
    g_autoptr(GError) error = NULL;

    if (plan->bermig == NULL) {
        plan->bermig = g_file_read_link("/proc/self/exe", &error);
    }
    if (plan->bermig == NULL) {
        return bm_command_usage(&bm_command_migrate, "--bermig is not given: %s", error->message);
    }
    if (plan->remote_bermig == NULL) {
        plan->remote_bermig = g_strdup(plan->bermig);
    }
    return BM_EXIT_DONE;
}

static BmExit check_plan(BmMigratePlan *plan, const char *from, const char *to)
{
    BmExit status = check_addresses(plan, from, to);

    if (status == BM_EXIT_DONE) {
        status = find_programs(plan);
    }
    return status == BM_EXIT_DONE ? check_values(plan) : status;
}

static void clear_plan(BmMigratePlan *plan)
{
    bm_address_free(plan->from);
    bm_address_free(plan->to);
    g_free(plan->via);
    g_free(plan->listen);
    g_free(plan->bermig);
    g_free(plan->remote_bermig);
    g_free(plan->format);
    g_free(plan->compress);
    g_strfreev(plan->send_options);
    g_strfreev(plan->recv_options);
    g_strfreev(plan->capabilities);
}

/* With a folder for what stays on this machine. */
static BmExit run_plan(BmMigratePlan *plan)
{
    Folder folder = {0};
    g_autoptr(GError) error = NULL;
    gboolean local = plan->from->path != NULL || plan->to->path != NULL;
    BmExit status;

    if (local && !make_folder(&folder, &error)) {
        return bm_report_error("bermig migrate", error);
    }
    plan->status = folder.status;
    if (plan->via == NULL) {
        plan->via = g_strconcat("unix:", folder.stream, NULL);
        plan->private_via = TRUE;
    }
    bm_status_begin("migrate");
    status = bm_status_end(migrate(plan));
    remove_folder(&folder);
    return status;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *from = NULL, *to = NULL;
    BmMigratePlan plan = {0};
    const GOptionEntry entries[] = {
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &from,
         "QMP of the source: unix:PATH or tcp:HOST:PORT", "QMP"},
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &to,
         "QMP of the destination, which was started with -incoming defer", "QMP"},
        {"via", 0, 0, G_OPTION_ARG_FILENAME, &plan.via,
         "Where the stream goes over: tcp:HOST:PORT or unix:PATH", "ADDRESS"},
        {"listen", 0, 0, G_OPTION_ARG_FILENAME, &plan.listen,
         "The same as the destination sees it, if it differs", "ADDRESS"},
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &plan.format, "As of 'bermig send'",
         "auto|ber|qemu"},
        {"compress", 0, 0, G_OPTION_ARG_FILENAME, &plan.compress, "As of 'bermig send'",
         "LEVEL|none"},
        {"channels", 0, 0, G_OPTION_ARG_INT, &plan.channels, "As of 'bermig send'", "N"},
        {"capability", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &plan.capabilities,
         "Switch on a capability of QEMU on both sides; may be repeated", "NAME"},
        {"max-bandwidth", 0, 0, G_OPTION_ARG_INT64, &plan.max_bandwidth,
         "QEMU's limit: octets per second", "N"},
        {"downtime-limit", 0, 0, G_OPTION_ARG_INT, &plan.downtime_limit,
         "How long the guest may stand still", "MS"},
        {"bermig", 0, 0, G_OPTION_ARG_FILENAME, &plan.bermig, "The program at the source: this one",
         "PATH"},
        {"remote-bermig", 0, 0, G_OPTION_ARG_FILENAME, &plan.remote_bermig,
         "The program at the destination: as at the source; none: QEMU alone", "PATH|none"},
        {"send-option", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &plan.send_options,
         "A further option for 'bermig send'; may be repeated", "OPTION"},
        {"recv-option", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &plan.recv_options,
         "A further option for 'bermig recv'; may be repeated", "OPTION"},
        {"quit-source", 0, 0, G_OPTION_ARG_NONE, &plan.quit_source,
         "End the source's QEMU after the move", NULL},
        BM_PROGRESS_OPTION,
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;

    if (bm_command_parse(&bm_command_migrate, entries, 0, &argc, &argv, &status)) {
        status = check_plan(&plan, from, to);
        if (status == BM_EXIT_DONE) {
            status = run_plan(&plan);
        }
    }
    clear_plan(&plan);
    return status;
}

const BmCommand bm_command_migrate = {
    .name = "migrate",
    .operands = "--from=QMP --to=QMP",
    .summary = "Move a guest from one running QEMU to another",
    .run = run,
};
