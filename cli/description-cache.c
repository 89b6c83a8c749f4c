/* SPDX-License-Identifier: BSD-2-Clause */
#include "description-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".json"
#define DIGEST_TEXT 64
/* Names of a folder that are looked at, whatever they are. */
#define NAMES_MAX 1024u

char *bm_cache_folder(const char *option)
{
    if (option == NULL) {
        option = g_getenv("BERMIG_DESCRIPTION_CACHE");
    }
    if (option == NULL) {
        return g_build_filename(g_get_user_cache_dir(), "bermig", "descriptions", NULL);
    }
    return strcmp(option, "none") == 0 ? NULL : g_strdup(option);
}

/* ---- one file ---- */

static char *path_of(const char *folder, BmOctets text)
{
    g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, text.data, text.len);
    g_autofree char *name = g_strconcat(digest, SUFFIX, NULL);

    return g_build_filename(folder, name, NULL);
}

static gboolean is_name(const char *name)
{
    return strlen(name) == DIGEST_TEXT + strlen(SUFFIX) && g_str_has_suffix(name, SUFFIX) &&
           strspn(name, "0123456789abcdef") == DIGEST_TEXT;
}

/* Of a kind and size that one of ours can have. */
static gboolean is_file(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_size > 0 && st->st_size <= (off_t)BM_CACHE_TEXT;
}

/* All octets; NULL if they cannot be read. */
static uint8_t *read_file(const char *path, size_t *len)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    uint8_t *octets = NULL;
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && is_file(&st)) {
        *len = (size_t)st.st_size;
        octets = g_malloc(*len);
        if (read(fd, octets, *len) != (ssize_t)*len) {
            g_clear_pointer(&octets, g_free);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return octets;
}

static void load_file(BmRecall *recall, const char *folder, const char *path)
{
    size_t len;
    g_autofree uint8_t *octets = read_file(path, &len);

    if (octets != NULL) {
        const BmOctets text = {octets, len};
        g_autofree char *right = path_of(folder, text);

        if (strcmp(right, path) != 0 || !bm_recall_add(recall, text)) {
            g_unlink(path);
        }
    }
}

/* ---- the folder ---- */

typedef struct File {
    char *path;
    gint64 used; /* when it was of use last, in nanoseconds */
} File;

static void free_file(gpointer data)
{
    g_free(((File *)data)->path);
    g_free(data);
}

static int latest_first(gconstpointer a, gconstpointer b)
{
    const File *x = *(File *const *)a, *y = *(File *const *)b;

    return x->used > y->used ? -1 : x->used < y->used;
}

static GPtrArray *list_files(const char *folder)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(free_file);
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    for (unsigned i = 0; dir != NULL && i < NAMES_MAX && (name = g_dir_read_name(dir)); i++) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct stat st;

        if (is_name(name) && lstat(path, &st) == 0 && is_file(&st)) {
            File *file = g_new(File, 1);

            file->used = st.st_mtim.tv_sec * (gint64)1000000000 + st.st_mtim.tv_nsec;
            file->path = g_steal_pointer(&path);
            g_ptr_array_add(files, file);
        }
    }
    g_clear_pointer(&dir, g_dir_close);
    g_ptr_array_sort(files, latest_first);
    return files;
}

static void load(BmRecall *recall, void *data)
{
    const char *folder = data;
    g_autoptr(GPtrArray) files = list_files(folder);

    for (guint i = 0; i < MIN(files->len, BM_CACHE_FILES); i++) {
        load_file(recall, folder, ((File *)files->pdata[i])->path);
    }
}

BmRecall *bm_cache_load(const char *folder)
{
    BmRecall *recall = bm_recall_new();

    if (folder != NULL) {
        load(recall, (void *)folder);
    }
    return recall;
}

BmRecall *bm_cache_load_aside(const char *folder)
{
    BmRecall *recall = bm_recall_new();

    bm_recall_fill(recall, load, (void *)folder);
    return recall;
}

static void drop_oldest(const char *folder)
{
    g_autoptr(GPtrArray) files = list_files(folder);

    for (guint i = BM_CACHE_FILES; i < files->len; i++) {
        g_unlink(((File *)files->pdata[i])->path);
    }
}

void bm_cache_keep(const char *folder, const BmRecall *recall)
{
    BmOctets text = bm_recall_last(recall);

    if (folder == NULL || text.data == NULL || text.len > BM_CACHE_TEXT ||
        g_mkdir_with_parents(folder, 0700) < 0) {
        return;
    }
    g_autofree char *path = path_of(folder, text);

    /* One that is there was of use; if it is broken, whoever loads it sees that. */
    if (utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) == 0 ||
        g_file_set_contents_full(path, (const char *)text.data, (gssize)text.len,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL)) {
        drop_oldest(folder);
    }
}
