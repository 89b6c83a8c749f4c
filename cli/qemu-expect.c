/* SPDX-License-Identifier: BSD-2-Clause */
#include "qemu-expect.h"

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "compat.h"
#include "expectation.h"
#include "qmp.h"

#define STEP_US 5000

/* The files of one run, in a folder that nobody else can look into. */
typedef struct Files {
    char *folder, *qmp, *stream, *dump, *said;
} Files;

/* ---- files ---- */

/* On /tmp and not where TMPDIR says: paths of sockets are short. */
static gboolean make_files(Files *f, GError **error)
{
    g_autofree char *folder = g_strdup("/tmp/bermig-XXXXXX");

    if (g_mkdtemp(folder) == NULL) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "a folder in /tmp: %s",
                            g_strerror(errno));
    }
    f->folder = g_steal_pointer(&folder);
    f->qmp = g_build_filename(f->folder, "qmp", NULL);
    f->stream = g_build_filename(f->folder, "stream", NULL);
    f->dump = g_build_filename(f->folder, "dump", NULL);
    f->said = g_build_filename(f->folder, "said", NULL);
    return TRUE;
}

static void remove_files(Files *f)
{
    char *const paths[] = {f->qmp, f->stream, f->dump, f->said};

    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        if (paths[i] != NULL) {
            unlink(paths[i]);
            g_free(paths[i]);
        }
    }
    if (f->folder != NULL) {
        rmdir(f->folder);
        g_free(f->folder);
    }
}

/* The last thing that QEMU said before it gave up; NULL if it said nothing. */
static char *last_words(const Files *f)
{
    g_autofree char *text = NULL;
    char *line;

    if (!g_file_get_contents(f->said, &text, NULL, NULL)) {
        return NULL;
    }
    g_strchomp(text);
    line = strrchr(text, '\n');
    return *text != '\0' ? g_strdup(line != NULL ? line + 1 : text) : NULL;
}

/* ---- the command line ---- */

typedef struct Dropped {
    const char *option;
    gboolean value;
} Dropped;

static const Dropped dropped[] = {
    {"incoming", TRUE}, {"loadvm", TRUE}, {"pidfile", TRUE}, {"daemonize", FALSE}, {"S", FALSE},
};

/* "-machine" and "--machine" are the same to QEMU. */
static const char *option_of(const char *word)
{
    return *word == '-' ? word + (word[1] == '-' ? 2 : 1) : NULL;
}

static const Dropped *find_dropped(const char *word)
{
    const char *option = option_of(word);

    for (size_t i = 0; option != NULL && i < G_N_ELEMENTS(dropped); i++) {
        if (strcmp(option, dropped[i].option) == 0) {
            return &dropped[i];
        }
    }
    return NULL;
}

static void add_words(GPtrArray *argv, const char *const *words)
{
    for (; *words != NULL; words++) {
        g_ptr_array_add(argv, g_strdup(*words));
    }
}

static GPtrArray *begin_argv(char **words)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup(words[0]));
    return argv;
}

/* As given, but for what does not fit here. */
static GPtrArray *run_argv(char **words, const Files *f, gboolean waiting)
{
    g_autofree char *qmp = g_strdup_printf("unix:%s,server=on,wait=off", f->qmp);
    /* -snapshot: an image that somebody else writes is not written here, too. */
    const char *own[] = {"-S", "-snapshot", "-display", "none", "-qmp", qmp, NULL};
    const char *wait[] = {"-incoming", "defer", NULL};
    GPtrArray *argv = begin_argv(words);

    for (unsigned i = 1; words[i] != NULL; i++) {
        const Dropped *d = find_dropped(words[i]);

        if (d == NULL) {
            g_ptr_array_add(argv, g_strdup(words[i]));
        } else if (d->value && words[i + 1] != NULL) {
            i++;
        }
    }
    add_words(argv, own);
    if (waiting) {
        add_words(argv, wait);
    }
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* The machine alone: nothing is opened for a list of what the program knows. */
static GPtrArray *dump_argv(char **words, const Files *f)
{
    const char *own[] = {"-display", "none", "-dump-vmstate", f->dump, NULL};
    GPtrArray *argv = begin_argv(words);

    for (unsigned i = 1; words[i] != NULL; i++) {
        const char *option = option_of(words[i]);

        if (option != NULL && words[i + 1] != NULL &&
            (strcmp(option, "M") == 0 || strcmp(option, "machine") == 0)) {
            g_ptr_array_add(argv, g_strdup(words[i]));
            g_ptr_array_add(argv, g_strdup(words[++i]));
        }
    }
    add_words(argv, own);
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* ---- processes ---- */

static void die_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *start(GPtrArray *argv, const Files *f, GError **error)
{
    g_autoptr(GSubprocessLauncher) launcher =
        g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE);

    g_subprocess_launcher_set_stderr_file_path(launcher, f->said);
    g_subprocess_launcher_set_child_setup(launcher, die_with_parent, NULL, NULL);
    return g_subprocess_launcher_spawnv(launcher, (const char *const *)argv->pdata, error);
}

static gboolean has_ended(GSubprocess *process)
{
    return g_subprocess_get_identifier(process) == NULL;
}

static void stop(GSubprocess *process)
{
    g_subprocess_force_exit(process);
    g_subprocess_wait(process, NULL, NULL);
    g_object_unref(process);
}

static gint64 deadline(void)
{
    return g_get_monotonic_time() + BM_QEMU_EXPECT_SECONDS * G_TIME_SPAN_SECOND;
}

/* TRUE if it has ended in good order and in time. */
static gboolean run_to_end(GPtrArray *argv, const Files *f)
{
    GSubprocess *process = start(argv, f, NULL);
    gint64 end = deadline();

    if (process == NULL) {
        return FALSE;
    }
    while (!has_ended(process) && g_get_monotonic_time() < end) {
        g_usleep(STEP_US);
    }
    gboolean ok = has_ended(process) && g_subprocess_wait_check(process, NULL, NULL);

    stop(process);
    return ok;
}

/* ---- asking ---- */

static gboolean ended(const Files *f, GError **error)
{
    g_autofree char *words = last_words(f);

    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "QEMU ended: %s",
                        words != NULL ? words : "it did not say why");
}

static BmQmp *open_qmp(GSubprocess *process, const Files *f, GError **error)
{
    g_autofree char *uri = g_strconcat("unix:", f->qmp, NULL);
    g_autoptr(BmAddress) address = bm_address_parse(uri, error);
    gint64 end = deadline();

    while (address != NULL && !has_ended(process) && g_get_monotonic_time() < end) {
        BmQmp *qmp = bm_qmp_open(address, NULL);

        if (qmp != NULL) {
            return qmp;
        }
        g_usleep(STEP_US);
    }
    if (has_ended(process)) {
        ended(f, error);
    } else {
        bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "QEMU did not answer within %d s",
                     BM_QEMU_EXPECT_SECONDS);
    }
    return NULL;
}

static gboolean read_stream(int fd, BmExpect *e, GError **error)
{
    static const BmLegacyOptions live = {.live = TRUE, .end_timeout_ms = 1000};
    struct timeval wait = {.tv_sec = BM_QEMU_EXPECT_SECONDS};
    BmStreamVisitor *s = bm_expect_collect(e);
    BmInput *in = bm_input_fd(fd);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    gboolean ok = in != NULL && bm_legacy_read(in, s, &live, error);

    bm_input_free(in);
    bm_stream_free(s);
    return ok;
}

/* It saves itself to a socket of ours. */
static gboolean save(BmQmp *qmp, const Files *f, BmExpect *e, GError **error)
{
    g_autofree char *uri = g_strconcat("unix:", f->stream, NULL);
    g_autoptr(BmAddress) address = bm_address_parse(uri, error);
    BmListener *listener = address != NULL ? bm_listen(address, error) : NULL;
    json_object *fast = json_object_new_object(), *where = json_object_new_object();
    int fd = -1;

    json_object_object_add(fast, "max-bandwidth", json_object_new_int64(INT64_C(1) << 40));
    json_object_object_add(where, "uri", json_object_new_string(uri));
    bm_qmp_do(qmp, "migrate-set-parameters", fast, NULL);
    if (listener != NULL && bm_qmp_do(qmp, "migrate", where, error)) {
        fd = bm_listener_accept(listener, BM_QEMU_EXPECT_SECONDS, -1, error);
    }
    gboolean ok = fd >= 0 && read_stream(fd, e, error);

    if (fd >= 0) {
        close(fd);
    }
    bm_listener_free(listener);
    return ok;
}

/* "pc.ram    4 KiB  0x0000000000000000 0x0000000004000000 ...": name, page size,
 * offset, octets in use. */
static void add_block(const char *line, GArray *blocks, GStringChunk *names)
{
    g_auto(GStrv) words = g_strsplit_set(line, " \t\r", -1);
    const char *numbers[2] = {NULL, NULL};
    BmRamBlock block = {.name = NULL};
    unsigned n = 0;

    for (unsigned i = 0; words[i] != NULL && n < 2; i++) {
        if (g_str_has_prefix(words[i], "0x")) {
            numbers[n++] = words[i];
        } else if (block.name == NULL && *words[i] != '\0') {
            block.name = g_string_chunk_insert(names, words[i]);
        }
    }
    if (block.name != NULL && n == 2) {
        block.length = g_ascii_strtoull(numbers[1], NULL, 16);
        g_array_append_val(blocks, block);
    }
}

static void parse_blocks(const char *text, BmExpect *e)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GArray *blocks = g_array_new(FALSE, FALSE, sizeof(BmRamBlock));
    GStringChunk *names = g_string_chunk_new(256);

    for (unsigned i = 0; lines[i] != NULL; i++) {
        add_block(lines[i], blocks, names);
    }
    if (blocks->len > 0) {
        bm_expect_set_blocks(e, (const BmRamBlock *)(const void *)blocks->data, blocks->len);
    }
    g_string_chunk_free(names);
    g_array_unref(blocks);
}

static gboolean list_blocks(BmQmp *qmp, const Files *f, BmExpect *e, GError **error)
{
    json_object *arguments = json_object_new_object(), *answer;

    (void)f;
    json_object_object_add(arguments, "command-line", json_object_new_string("info ramblock"));
    answer = bm_qmp_run(qmp, "human-monitor-command", arguments, error);
    if (answer == NULL) {
        return FALSE;
    }
    parse_blocks(json_object_get_string(answer), e);
    json_object_put(answer);
    return TRUE;
}

typedef gboolean (*Ask)(BmQmp *qmp, const Files *f, BmExpect *e, GError **error);

static gboolean run_and_ask(char **words, const Files *f, gboolean waiting, Ask ask, BmExpect *e,
                            GError **error)
{
    g_autoptr(GPtrArray) argv = run_argv(words, f, waiting);
    GSubprocess *process = start(argv, f, error);

    if (process == NULL) {
        return FALSE;
    }
    BmQmp *qmp = open_qmp(process, f, error);
    gboolean ok = qmp != NULL && ask(qmp, f, e, error);

    if (!ok && qmp != NULL && has_ended(process)) {
        g_clear_error(error);
        ended(f, error);
    }
    bm_qmp_close(qmp);
    stop(process);
    unlink(f->qmp);
    return ok;
}

/* ---- all ---- */

static gboolean find_out(BmExpect *e, char **words, const Files *f, GError **error)
{
    g_autoptr(GPtrArray) dump = dump_argv(words, f);
    g_autoptr(GError) first = NULL;

    if (!run_to_end(dump, f) || bm_expectation_read(e, f->dump) != BM_EXIT_DONE) {
        bm_report("--qemu", "-dump-vmstate failed: what is in a device is known from one state");
    }
    if (run_and_ask(words, f, FALSE, save, e, &first)) {
        return TRUE;
    }
    if (!run_and_ask(words, f, TRUE, list_blocks, e, error)) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&first));
        return FALSE;
    }
    bm_report("--qemu", "only its machine and memory are known, not its devices: %s",
              first->message);
    return TRUE;
}

BmExit bm_qemu_expect(BmExpect *e, const char *command_line)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) words = NULL;
    Files files = {NULL};
    gboolean ok = g_shell_parse_argv(command_line, NULL, &words, &error) &&
                  make_files(&files, &error) && find_out(e, words, &files, &error);

    remove_files(&files);
    if (!ok) {
        bm_report_error("--qemu", error);
        return BM_EXIT_RUN;
    }
    return BM_EXIT_DONE;
}
