/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "migrate.h"

/* ---- findings ---- */

typedef struct Check {
    BmMigration *m;
    unsigned findings;
} Check;

static void found(Check *check, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void found(Check *check, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    bm_report("bermig migrate", "%s", text);
    check->findings++;
}

/* NULL if this QEMU does not know the command: then there is nothing to compare.
 * A lost connection is a finding. */
static json_object *ask(Check *check, const BmMigrateSide *side, const char *command,
                        json_object *arguments)
{
    g_autoptr(GError) error = NULL;
    json_object *value = NULL;

    if (bm_qmp_lost(side->qmp) != NULL) {
        json_object_put(arguments);
        return NULL;
    }
    value = bm_qmp_run(side->qmp, command, arguments, &error);
    if (g_error_matches(error, BM_QMP_ERROR, BM_QMP_LOST)) {
        found(check, "%s: %s", side->address->text, error->message);
    }
    return value;
}

static json_object *text_argument(const char *name, const char *value)
{
    json_object *arguments = json_object_new_object();

    json_object_object_add(arguments, name, json_object_new_string(value));
    return arguments;
}

/* ---- what the two are doing ---- */

static void check_source_state(Check *check)
{
    /* A guest that is not here, or not here any more. */
    static const char *const without_guest[] = {"inmigrate", "postmigrate", "finish-migrate", NULL};
    g_autoptr(json_object) answer = ask(check, &check->m->source, "query-status", NULL);
    const char *status = bm_json_string(answer, "status");

    check->m->was_running = g_strcmp0(status, "running") == 0;
    if (status != NULL && g_strv_contains(without_guest, status)) {
        found(check, "the source is in state %s: there is no guest to move", status);
    }
}

static void check_source_migration(Check *check)
{
    static const char *const over[] = {"none", "completed", "failed", "cancelled", NULL};
    g_autoptr(json_object) answer = ask(check, &check->m->source, "query-migrate", NULL);
    const char *status = bm_json_string(answer, "status");
    json_object *blockers = bm_json_member(answer, "blocked-reasons");

    if (status != NULL && !g_strv_contains(over, status)) {
        found(check, "the source is migrating already: %s", status);
    }
    for (size_t i = 0;
         json_object_is_type(blockers, json_type_array) && i < json_object_array_length(blockers);
         i++) {
        found(check, "the source cannot be moved: %s",
              json_object_get_string(json_object_array_get_idx(blockers, i)));
    }
}

static void check_destination_state(Check *check)
{
    g_autoptr(json_object) answer = ask(check, &check->m->destination, "query-status", NULL);
    g_autoptr(json_object) migration = ask(check, &check->m->destination, "query-migrate", NULL);
    const char *status = bm_json_string(answer, "status");
    const char *incoming = bm_json_string(migration, "status");

    if (status != NULL && strcmp(status, "inmigrate") != 0) {
        found(check, "the destination is in state %s: start it with -incoming defer", status);
    } else if (incoming != NULL && strcmp(incoming, "none") != 0) {
        found(check, "the destination takes a guest already (%s): start it with -incoming defer",
              incoming);
    }
}

/* ---- what the two are ---- */

/* "pc-q35-7.2" of "pc-q35-7.2-machine"; NULL if it is not known. */
static char *machine_of(Check *check, const BmMigrateSide *side)
{
    json_object *arguments = text_argument("path", "/machine");

    json_object_object_add(arguments, "property", json_object_new_string("type"));
    g_autoptr(json_object) answer = ask(check, side, "qom-get", arguments);

    if (!json_object_is_type(answer, json_type_string)) {
        return NULL;
    }
    char *name = g_strdup(json_object_get_string(answer));

    if (g_str_has_suffix(name, "-machine")) {
        name[strlen(name) - strlen("-machine")] = '\0';
    }
    return name;
}

static void check_machines(Check *check)
{
    g_autofree char *source = machine_of(check, &check->m->source);
    g_autofree char *destination = machine_of(check, &check->m->destination);

    if (source != NULL && destination != NULL && strcmp(source, destination) != 0) {
        found(check,
              "the machines differ: the source is a %s, the destination a %s: start it with "
              "-machine %s",
              source, destination, source);
    }
}

static void check_memory(Check *check)
{
    static const char command[] = "query-memory-size-summary";
    g_autoptr(json_object) source = ask(check, &check->m->source, command, NULL);
    g_autoptr(json_object) destination = ask(check, &check->m->destination, command, NULL);
    static const struct {
        const char *member, *hint;
    } sizes[] = {
        {"base-memory", "start it with the same -m"},
        {"plugged-memory", "give it the same DIMMs"},
    };

    for (size_t i = 0; source != NULL && destination != NULL && i < G_N_ELEMENTS(sizes); i++) {
        guint64 a = bm_json_count(source, sizes[i].member);
        guint64 b = bm_json_count(destination, sizes[i].member);

        if (a != b) {
            found(check,
                  "%s differs: the source has %" G_GUINT64_FORMAT
                  " MiB, the destination %" G_GUINT64_FORMAT " MiB: %s",
                  sizes[i].member, a >> 20, b >> 20, sizes[i].hint);
        }
    }
}

static void check_processors(Check *check)
{
    g_autoptr(json_object) source = ask(check, &check->m->source, "query-cpus-fast", NULL);
    g_autoptr(json_object) destination =
        ask(check, &check->m->destination, "query-cpus-fast", NULL);

    if (!json_object_is_type(source, json_type_array) ||
        !json_object_is_type(destination, json_type_array)) {
        return;
    }
    size_t a = json_object_array_length(source), b = json_object_array_length(destination);

    if (a != b) {
        found(check,
              "the number of processors differs: %zu at the source, %zu at the destination: start "
              "it with the same -smp",
              a, b);
    }
}

/* ---- the programs ---- */

/* A QEMU that was told to run a program which is not there may just go on waiting.
 * One without a path is looked up by QEMU's shell. */
static void check_program(Check *check, const BmMigrateSide *side, const char *program)
{
    if (side->address->path != NULL && program[0] == '/' &&
        !g_file_test(program, G_FILE_TEST_IS_EXECUTABLE)) {
        found(check, "%s, which the %s is to run, is no program", program, side->name);
    }
}

/* Who the listener of a Unix socket is, as far as the system knows. */
static gboolean is_of_another_user(const BmMigrateSide *side)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    int fd = bm_qmp_fd(side->qmp);

    return side->address->path != NULL && fd >= 0 &&
           getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid != 0 &&
           peer.uid != geteuid();
}

static void check_user(Check *check, const BmMigrateSide *side)
{
    if (check->m->plan->private_via && is_of_another_user(side)) {
        found(check,
              "the %s runs as another user, who cannot get at a socket of this one: say --via",
              side->name);
    }
}

/* ---- blocks of RAM ---- */

typedef struct Block {
    guint64 used, total;
} Block;

/* By name; NULL if it is not known.  QEMU has this as text for people only. */
static GHashTable *blocks_of(Check *check, const BmMigrateSide *side)
{
    static const char row[] = "^\\s*(\\S.*?)\\s+\\d+ [KMG]iB\\s+0x[0-9a-f]+\\s+(0x[0-9a-f]+)\\s+"
                              "(0x[0-9a-f]+)";
    g_autoptr(json_object) answer =
        ask(check, side, "human-monitor-command", text_argument("command-line", "info ramblock"));
    g_autoptr(GRegex) regex = g_regex_new(row, G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    if (!json_object_is_type(answer, json_type_string)) {
        return NULL;
    }
    GHashTable *blocks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    g_regex_match(regex, json_object_get_string(answer), 0, &match);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *used = g_match_info_fetch(match, 2);
        g_autofree char *total = g_match_info_fetch(match, 3);
        Block *block = g_new(Block, 1);

        block->used = g_ascii_strtoull(used, NULL, 16);
        block->total = g_ascii_strtoull(total, NULL, 16);
        g_hash_table_replace(blocks, g_match_info_fetch(match, 1), block);
    }
    return blocks;
}

/* A block that may change its size at run time is as large as the source says,
 * as long as there is room. */
static gboolean fits(const Block *source, const Block *destination)
{
    gboolean fixed = source->used == source->total && destination->used == destination->total;

    return source->used <= destination->total && (!fixed || source->used == destination->used);
}

static void check_block(Check *check, const char *name, const Block *source,
                        const Block *destination)
{
    if (destination == NULL) {
        found(check,
              "the source has a block of RAM named %s with %" G_GUINT64_FORMAT
              " octets, the destination has none: a device is missing there, or is elsewhere",
              name, source->used);
    } else if (!fits(source, destination)) {
        found(check,
              "the block of RAM named %s differs: the source has %" G_GUINT64_FORMAT
              " octets, the destination %" G_GUINT64_FORMAT,
              name, source->used, destination->used);
    }
}

static void check_blocks(Check *check)
{
    g_autoptr(GHashTable) source = blocks_of(check, &check->m->source);
    g_autoptr(GHashTable) destination = blocks_of(check, &check->m->destination);
    GHashTableIter at;
    gpointer name, block;

    if (source == NULL || destination == NULL || g_hash_table_size(destination) == 0) {
        return;
    }
    g_hash_table_iter_init(&at, source);
    while (g_hash_table_iter_next(&at, &name, &block)) {
        check_block(check, name, block, g_hash_table_lookup(destination, name));
    }
}

/* ---- capabilities ---- */

static const struct {
    const char *name, *why;
} refused[] = {
    {"postcopy-ram",
     "nothing here goes over to postcopy, and a guest in two halves cannot be taken back"},
    {"postcopy-preempt", "it belongs to postcopy"},
    {"multifd", "it needs several connections"},
    {"zero-copy-send", "it belongs to multifd"},
    {"mapped-ram", "it is for files"},
    {"fixed-ram", "it is for files"},
    {"rdma-pin-all", "it is for RDMA"},
    {"background-snapshot", "it is for files"},
    {"x-colo", "it never ends"},
    {"pause-before-switchover", "it waits for somebody else to go on"},
};

const char *bm_capability_refusal(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        if (strcmp(refused[i].name, name) == 0) {
            return refused[i].why;
        }
    }
    return NULL;
}

/* Somebody may have switched one on before. */
static void check_capabilities(Check *check, const BmMigrateSide *side)
{
    g_autoptr(json_object) list = ask(check, side, "query-migrate-capabilities", NULL);
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

    for (size_t i = 0; i < count; i++) {
        json_object *entry = json_object_array_get_idx(list, i);
        const char *name = bm_json_string(entry, "capability");
        const char *why = name != NULL ? bm_capability_refusal(name) : NULL;

        if (why != NULL && bm_json_true(entry, "state")) {
            found(check, "the capability %s is on at the %s: %s; switch it off", name, side->name,
                  why);
        }
    }
}

gboolean bm_migrate_check(BmMigration *m)
{
    Check check = {.m = m};

    check_source_state(&check);
    check_source_migration(&check);
    check_destination_state(&check);
    check_capabilities(&check, &m->source);
    check_capabilities(&check, &m->destination);
    check_machines(&check);
    check_memory(&check);
    check_processors(&check);
    check_user(&check, &m->source);
    check_user(&check, &m->destination);
    check_program(&check, &m->source, m->plan->bermig);
    check_program(&check, &m->destination, m->plan->remote_bermig);
    if (check.findings == 0) {
        /* Else they differ as a consequence. */
        check_blocks(&check);
    }
    return check.findings == 0;
}
