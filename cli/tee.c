/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "helper.h"
#include "out-file.h"
#include "report.h"
#include "tee.h"

#define CHUNK (256u << 10)

struct BmTee {
    const char *path;
    BmOutFile file;
    gboolean recording;
    int socket;
    int pipe[2];
    BmHelper *helper;
};

static gboolean write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n >= 0) {
            data += n;
            len -= (size_t)n;
        } else if (errno != EINTR) {
            return FALSE;
        }
    }
    return TRUE;
}

/* A guest that cannot move is worse than a recording that is missing. */
static void drop_recording(BmTee *tee, const char *why)
{
    bm_report(tee->path, "%s; the recording is given up", why);
    bm_out_file_abandon(&tee->file);
    tee->recording = FALSE;
}

static gboolean copy_chunk(BmTee *tee, const uint8_t *data, size_t len, GError **error)
{
    if (!write_all(tee->socket, data, len)) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    if (tee->recording && !write_all(tee->file.fd, data, len)) {
        drop_recording(tee, g_strerror(errno));
    }
    return TRUE;
}

static gboolean copy(BmTee *tee, GError **error)
{
    g_autofree uint8_t *buffer = g_malloc(CHUNK);

    for (;;) {
        ssize_t n = read(tee->pipe[0], buffer, CHUNK);

        if (n == 0) {
            return TRUE;
        }
        if (n < 0 && errno != EINTR) {
            return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        }
        if (n > 0 && !copy_chunk(tee, buffer, (size_t)n, error)) {
            return FALSE;
        }
    }
}

static gboolean run(BmHelper *helper, void *data, GError **error)
{
    BmTee *tee = data;
    gboolean ok = copy(tee, error);

    (void)helper;
    /* If the socket failed, so does the writer's next write. */
    close(tee->pipe[0]);
    tee->pipe[0] = -1;
    return ok;
}

static const BmHelperOps tee_ops = {.name = "tee", .run = run};

static gboolean start(BmTee *tee, GError **error)
{
    if (!bm_out_file_open(&tee->file, tee->path, error)) {
        return FALSE;
    }
    tee->recording = TRUE;
    if (pipe2(tee->pipe, O_CLOEXEC) < 0) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    fcntl(tee->pipe[1], F_SETPIPE_SZ, 4 * CHUNK);
    tee->helper = bm_helper_start(&tee_ops, tee, error);
    return tee->helper != NULL;
}

BmTee *bm_tee_open(const char *path, int socket, GError **error)
{
    BmTee *tee = g_new0(BmTee, 1);

    tee->path = path;
    tee->socket = socket;
    tee->pipe[0] = tee->pipe[1] = -1;
    if (!start(tee, error)) {
        g_clear_pointer(&tee, bm_tee_free);
    }
    return tee;
}

int bm_tee_fd(const BmTee *tee)
{
    return tee->pipe[1];
}

static void close_pipe_end(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

gboolean bm_tee_drain(BmTee *tee, GError **error)
{
    close_pipe_end(&tee->pipe[1]);
    bm_helper_join(tee->helper);
    const GError *failure = bm_helper_error(tee->helper);
    if (failure != NULL) {
        g_propagate_error(error, g_error_copy(failure));
        return FALSE;
    }
    return TRUE;
}

void bm_tee_commit(BmTee *tee)
{
    g_autoptr(GError) error = NULL;

    if (tee->recording && !bm_out_file_commit(&tee->file, &error)) {
        bm_report_error(tee->path, error);
    }
    tee->recording = FALSE;
}

void bm_tee_free(BmTee *tee)
{
    if (tee == NULL) {
        return;
    }
    close_pipe_end(&tee->pipe[1]);
    bm_helper_free(tee->helper);
    close_pipe_end(&tee->pipe[0]);
    if (tee->recording) {
        bm_out_file_abandon(&tee->file);
    }
    g_free(tee);
}
