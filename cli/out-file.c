/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "out-file.h"

static gboolean set_errno(GError **error, int number)
{
    g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(number), g_strerror(number));
    return FALSE;
}

/* The name that rename(2) is to replace: what a link points to, not the link. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = g_strdup(real != NULL ? real : path);

    free(real);
    return copy;
}

static gboolean open_temporary(BmOutFile *file, GError **error)
{
    file->temporary = g_strdup_printf("%s.%d-%08x.part", file->path, getpid(), g_random_int());
    /* First known, then made: no signal can come in between. */
    if (!bm_cleanup_add(file->temporary)) {
        return set_errno(error, errno);
    }
    file->fd = open(file->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return file->fd >= 0 || set_errno(error, errno);
}

static gboolean open_regular(BmOutFile *file, const struct stat *old, GError **error)
{
    if (!open_temporary(file, error)) {
        return FALSE;
    }
    /* It holds a guest's memory: what replaces a private file stays private. */
    if (old != NULL && fchmod(file->fd, old->st_mode & 0777) < 0) {
        return set_errno(error, errno);
    }
    return TRUE;
}

static gboolean open_path(BmOutFile *file, const char *path, GError **error)
{
    struct stat old;
    gboolean exists = stat(path, &old) == 0;

    if (exists && !S_ISREG(old.st_mode)) {
        file->fd = open(path, O_WRONLY | O_CLOEXEC);
        return file->fd >= 0 || set_errno(error, errno);
    }
    file->path = resolve(path);
    return open_regular(file, exists ? &old : NULL, error);
}

gboolean bm_out_file_open(BmOutFile *file, const char *path, GError **error)
{
    *file = (BmOutFile){.fd = -1};
    if (strcmp(path, "-") == 0) {
        file->fd = STDOUT_FILENO;
        return TRUE;
    }
    if (!open_path(file, path, error)) {
        bm_out_file_abandon(file);
        return FALSE;
    }
    return TRUE;
}

/* The directory too, or the new name could be lost with the power.  Not every
 * file system can; that is no reason to fail. */
static void sync_directory(const char *path)
{
    g_autofree char *name = g_path_get_dirname(path);
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

static gboolean close_fd(BmOutFile *file)
{
    int fd = file->fd;

    file->fd = -1;
    return fd < 0 || fd == STDOUT_FILENO || close(fd) == 0;
}

static gboolean publish(BmOutFile *file)
{
    if (fsync(file->fd) < 0 || !close_fd(file) || rename(file->temporary, file->path) < 0) {
        return FALSE;
    }
    sync_directory(file->path);
    return TRUE;
}

static void clear(BmOutFile *file)
{
    if (file->temporary != NULL) {
        bm_cleanup_forget(file->temporary);
    }
    g_clear_pointer(&file->temporary, g_free);
    g_clear_pointer(&file->path, g_free);
}

gboolean bm_out_file_commit(BmOutFile *file, GError **error)
{
    gboolean ok = file->temporary != NULL ? publish(file) : close_fd(file);

    if (!ok) {
        set_errno(error, errno);
        bm_out_file_abandon(file);
        return FALSE;
    }
    clear(file);
    return TRUE;
}

void bm_out_file_abandon(BmOutFile *file)
{
    close_fd(file);
    if (file->temporary != NULL) {
        unlink(file->temporary);
    }
    clear(file);
}

BmExit bm_out_file_end(BmOutFile *file, const char *name, BmExit status)
{
    g_autoptr(GError) error = NULL;

    if (status != BM_EXIT_DONE) {
        bm_out_file_abandon(file);
    } else if (!bm_out_file_commit(file, &error)) {
        status = bm_report_error(name, error);
    }
    return status;
}
