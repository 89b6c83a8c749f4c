/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "elf-core.h"
#include "extract.h"
#include "gather.h"
#include "one-page.h"
#include "out-file.h"
#include "source.h"

/* Longer names of files do not exist everywhere. */
#define NAME_MAX_OCTETS 200

typedef struct Extract {
    /* what was asked for */
    const char *folder; /* --raw, or NULL */
    const char *core;   /* --elf, or NULL */
    char **mappings;    /* --map; may be NULL */

    BmSource source;
    BmExtract memory;
    BmElfCore elf;
    BmOutFile *files; /* one for each block, or one */
    guint n_files;
    const char *where; /* an error, if it is not the stream's */
} Extract;

/* ---- RAM images ---- */

/* A block may be called anything: only what is harmless stays as it is, and no two
 * blocks get one name. */
static char *file_name(const char *block, guint number)
{
    GString *name = g_string_new(NULL);

    for (const char *c = block; *c != '\0'; c++) {
        if (g_ascii_isalnum(*c) || strchr("-_", *c) != NULL || (*c == '.' && c != block)) {
            g_string_append_c(name, *c);
        } else {
            g_string_append_printf(name, "%%%02X", (guchar)*c);
        }
    }
    if (name->len > NAME_MAX_OCTETS) {
        g_string_printf(name, "%%%u", number);
    }
    g_string_append(name, ".raw");
    return g_string_free(name, FALSE);
}

static gboolean set_length(const BmOutFile *file, uint64_t length, GError **error)
{
    if (length > INT64_MAX || ftruncate(file->fd, (off_t)length) < 0) {
        int number = length > INT64_MAX ? EFBIG : errno;

        g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(number), g_strerror(number));
        return FALSE;
    }
    return TRUE;
}

static gboolean open_image(Extract *x, guint i, GError **error)
{
    const BmRamBlock *block = &g_array_index(x->memory.blocks, BmRamBlock, i);
    g_autofree char *name = file_name(block->name, i);
    g_autofree char *path = g_build_filename(x->folder, name, NULL);
    BmOutFile *file = &x->files[i];

    if (!bm_out_file_open(file, path, error)) {
        return FALSE;
    }
    x->n_files++;
    if (!set_length(file, block->length, error)) {
        return FALSE;
    }
    const BmExtent all = {.length = block->length, .fd = file->fd};

    bm_image_add(&x->memory.images[i], &all);
    return TRUE;
}

static gboolean open_images(Extract *x, GError **error)
{
    guint n = x->memory.blocks->len;

    x->where = x->folder;
    x->files = g_new(BmOutFile, MAX(n, 1));
    if (mkdir(x->folder, 0777) < 0 && errno != EEXIST) {
        g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
        return FALSE;
    }
    for (guint i = 0; i < n; i++) {
        if (!open_image(x, i, error)) {
            return FALSE;
        }
    }
    x->where = NULL;
    return TRUE;
}

/* ---- a core file ---- */

static gboolean find_block(const Extract *x, const char *name, uint32_t *found)
{
    for (guint i = 0; i < x->memory.blocks->len; i++) {
        if (strcmp(g_array_index(x->memory.blocks, BmRamBlock, i).name, name) == 0) {
            *found = i;
            return TRUE;
        }
    }
    return FALSE;
}

/* The last ":NUMBER" of a text, which is cut off. */
static gboolean cut_number(char *text, uint64_t *number)
{
    char *colon = strrchr(text, ':'), *end;

    if (colon == NULL || !g_ascii_isdigit(colon[1])) {
        return FALSE;
    }
    errno = 0;
    *number = g_ascii_strtoull(colon + 1, &end, 0);
    *colon = '\0';
    return *end == '\0' && errno == 0;
}

/* BLOCK:OFFSET:LENGTH:ADDRESS; names of blocks have colons too. */
static gboolean parse_mapping(const Extract *x, const char *text, BmMapping *m, GError **error)
{
    g_autofree char *name = g_strdup(text);

    if (!cut_number(name, &m->address) || !cut_number(name, &m->length) ||
        !cut_number(name, &m->offset)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL,
                            "--map=%s: expected BLOCK:OFFSET:LENGTH:ADDRESS", text);
    }
    if (!find_block(x, name, &m->block)) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                            "--map=%s: the stream has no block '%s'", text, name);
    }
    const BmRamBlock *block = &g_array_index(x->memory.blocks, BmRamBlock, m->block);

    if (m->offset > block->length || m->length > block->length - m->offset) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "--map=%s: the block has %" G_GUINT64_FORMAT " octets", text,
                            block->length);
    }
    return TRUE;
}

static gboolean set_map(Extract *x, GError **error)
{
    const BmRamBlock *blocks = (const BmRamBlock *)(const void *)x->memory.blocks->data;

    x->elf.map = g_array_new(FALSE, FALSE, sizeof(BmMapping));
    x->elf.processor = bm_memory_map(x->memory.machine, blocks, x->memory.blocks->len, x->elf.map);
    if (x->mappings != NULL) {
        g_array_set_size(x->elf.map, 0);
    }
    for (char **text = x->mappings; text != NULL && *text != NULL; text++) {
        BmMapping m;

        if (!parse_mapping(x, *text, &m, error)) {
            return FALSE;
        }
        g_array_append_val(x->elf.map, m);
    }
    return x->elf.map->len > 0 ||
           bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                        "where the machine '%s' has its memory is not known: say it with "
                        "--map=BLOCK:OFFSET:LENGTH:ADDRESS, or use --raw",
                        x->memory.machine);
}

static gboolean open_core(Extract *x, GError **error)
{
    if (!set_map(x, error) || !bm_elf_core_lay_out(&x->elf, error)) {
        return FALSE;
    }
    x->where = x->core;
    x->files = g_new(BmOutFile, 1);
    if (!bm_out_file_open(x->files, x->core, error)) {
        return FALSE;
    }
    x->n_files = 1;
    if (!set_length(x->files, x->elf.end, error)) {
        return FALSE;
    }
    for (guint i = 0; i < x->elf.map->len; i++) {
        const BmMapping *m = &g_array_index(x->elf.map, BmMapping, i);
        const BmExtent part = {m->offset, m->length, x->files->fd, x->elf.at[i]};

        bm_image_add(&x->memory.images[m->block], &part);
    }
    x->where = NULL;
    return TRUE;
}

/* The processors say what they are where the machine does not. */
static gboolean finish_core(Extract *x, GError **error)
{
    if (x->elf.processor == BM_PROCESSOR_NONE && x->memory.registers->len > 0) {
        x->elf.processor = g_array_index(x->memory.registers, BmRegisters, 0).processor;
    }
    if (x->elf.processor == BM_PROCESSOR_NONE) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                            "a core file is for x86-64 or aarch64, and nothing says that the "
                            "machine is one of these; use --raw");
    }
    x->where = x->core;
    if (!bm_elf_core_write(&x->elf, x->files->fd, x->memory.registers, error)) {
        return FALSE;
    }
    x->where = NULL;
    return TRUE;
}

/* ---- both ---- */

static gboolean open_files(BmExtract *memory, void *data, GError **error)
{
    (void)memory;
    return ((Extract *)data)->folder != NULL ? open_images(data, error) : open_core(data, error);
}

static gboolean read_stream(Extract *x, GError **error)
{
    BmStreamVisitor *s = bm_gather_stream(bm_extract_stream(&x->memory));
    gboolean ok = bm_source_read(&x->source, s, FALSE, NULL, error);

    bm_stream_free(s);
    if (ok && x->memory.images == NULL) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                            "the stream has no memory in it");
    }
    return ok && (x->core == NULL || finish_core(x, error));
}

/* Disk errors have the name of what was written, and the status that fits. */
static BmExit report(const Extract *x, const GError *error)
{
    gboolean output = error->domain == G_IO_ERROR;
    const char *where = x->where != NULL ? x->where : x->core != NULL ? x->core : x->folder;

    bm_report_error(output ? where : x->source.name, error);
    return output ? BM_EXIT_RUN : BM_EXIT_INPUT;
}

static BmExit commit(Extract *x)
{
    BmExit status = BM_EXIT_DONE;

    for (guint i = 0; i < x->n_files; i++) {
        g_autoptr(GError) error = NULL;

        if (status != BM_EXIT_DONE) {
            bm_out_file_abandon(&x->files[i]);
        } else if (!bm_out_file_commit(&x->files[i], &error)) {
            status = report(x, error);
        }
    }
    return status;
}

/* QEMU sends zero pages too, so a block of which nothing came has its content
 * somewhere else; and no guest has nothing but zeros. */
static void warn_of_missing(const Extract *x)
{
    const char *why = x->memory.shared_ignored ? "the capability x-ignore-shared leaves it out"
                                               : "as with multifd, whose pages go another way";

    if (x->memory.pages == 0) {
        bm_report(x->source.name, "warning: no page with content is in the stream (as with "
                                  "multifd, whose pages go another way)");
        return;
    }
    for (guint i = 0; i < x->memory.blocks->len; i++) {
        const BmRamBlock *block = &g_array_index(x->memory.blocks, BmRamBlock, i);

        if (!x->memory.images[i].came && block->length > 0) {
            bm_report(x->source.name, "%s: warning: no page of this block is in the stream (%s)",
                      block->name, why);
        }
    }
}

static BmExit extract(Extract *x)
{
    g_autoptr(GError) error = NULL;

    if (read_stream(x, &error)) {
        warn_of_missing(x);
        return commit(x);
    }
    for (guint i = 0; i < x->n_files; i++) {
        bm_out_file_abandon(&x->files[i]);
    }
    return report(x, error);
}

static BmExit run_extract(Extract *x, const char *path)
{
    BmExit status = bm_source_open(&x->source, path);

    if (status != BM_EXIT_DONE) {
        return status;
    }
    bm_extract_init(&x->memory);
    x->memory.open = open_files;
    x->memory.data = x;
    status = extract(x);
    g_free(x->files);
    bm_elf_core_clear(&x->elf);
    bm_extract_clear(&x->memory);
    bm_source_close(&x->source);
    return status;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *folder = NULL, *core = NULL, *page = NULL;
    g_auto(GStrv) mappings = NULL;
    const GOptionEntry entries[] = {
        {"raw", 0, 0, G_OPTION_ARG_FILENAME, &folder, "One file for each RAM block, in DIR", "DIR"},
        {"elf", 0, 0, G_OPTION_ARG_FILENAME, &core, "One ELF core file, by physical address",
         "FILE"},
        {"map", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &mappings,
         "With --elf: this, and only this, is where memory is", "BLOCK:OFFSET:LENGTH:ADDRESS"},
        {"page", 0, 0, G_OPTION_ARG_FILENAME, &page,
         "This page, to standard output; FILE is of convert --seekable", "BLOCK:NUMBER"},
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_extract, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    if ((folder != NULL) + (core != NULL) + (page != NULL) != 1) {
        return bm_command_usage(&bm_command_extract,
                                "expected one of --raw=DIR, --elf=FILE, --page=BLOCK:NUMBER");
    }
    if (mappings != NULL && core == NULL) {
        return bm_command_usage(&bm_command_extract, "--map goes with --elf");
    }
    if (core != NULL && strcmp(core, "-") == 0) {
        return bm_command_usage(&bm_command_extract,
                                "--elf=-: a core file is not written in order");
    }
    if (page != NULL) {
        return bm_one_page(argv[1], page);
    }
    Extract x = {.folder = folder, .core = core, .mappings = mappings};

    return run_extract(&x, argv[1]);
}

const BmCommand bm_command_extract = {
    .name = "extract",
    .operands = "FILE",
    .summary = "Write the memory of a stream as RAM images or as a core file",
    .run = run,
};
