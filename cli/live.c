/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live.h"

/* Measured with 64 KiB, 256 KiB and 1 MiB: this one carries most; the smallest
 * changes between processes four times as often, the largest leaves the caches. */
#define PIPE_SIZE (256 << 10)

static pthread_t main_thread;

static void wake(int number)
{
    (void)number;
}

void bm_live_prepare(void)
{
    /* Without SA_RESTART: it is there to interrupt a read(2). */
    const struct sigaction action = {.sa_handler = wake};

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    main_thread = pthread_self();
    sigaction(SIGUSR1, &action, NULL);
    /* Fails for what is no pipe, and above the user's limit. */
    fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
    fcntl(STDOUT_FILENO, F_SETPIPE_SZ, PIPE_SIZE);
}

gboolean bm_live_is_channel(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

void bm_live_close(int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null < 0) {
        close(fd);
        return;
    }
    dup2(null, fd);
    close(null);
}

/* A pipe cannot be shut down, and closing it does not wake who reads it.  So the
 * number gets another file first, and then a signal interrupts the read; it is
 * tried again, finds the other file, and with it the end.  Whenever the signal
 * comes, the next read is of the other file: there is no moment to miss. */
void bm_live_cut(int fd)
{
    bm_live_close(fd);
    pthread_kill(main_thread, SIGUSR1);
}

void bm_live_wake_qemu(void)
{
    if (bm_live_is_channel(STDIN_FILENO) && bm_live_is_channel(STDOUT_FILENO) &&
        write(STDOUT_FILENO, "", 1) < 0) {
        /* It has gone: that is as good. */
    }
}

/* TRUE when fd takes octets. */
static gboolean wait_writable(int fd, int stop, GError **error)
{
    struct pollfd p[2] = {{.fd = fd, .events = POLLOUT}, {.fd = stop, .events = POLLIN}};

    while (poll(p, G_N_ELEMENTS(p), -1) < 0) {
        if (errno != EINTR) {
            return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        }
    }
    if (p[1].revents != 0) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "not read in time");
    }
    return TRUE;
}

gboolean bm_live_write(int fd, int stop, BmOctets data, GError **error)
{
    while (data.len > 0) {
        if (!wait_writable(fd, stop, error)) {
            return FALSE;
        }
        /* pipe(7): after POLLOUT so many go in without blocking. */
        ssize_t n = write(fd, data.data, MIN(data.len, PIPE_BUF));
        if (n >= 0) {
            data.data += n;
            data.len -= (size_t)n;
        } else if (errno != EINTR && errno != EAGAIN) {
            return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        }
    }
    return TRUE;
}

static double quotient(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

char *bm_live_summary(const BmBerStats *wire, uint64_t legacy, double seconds)
{
    uint64_t description = bm_ber_stats_description(wire);

    return g_strdup_printf("(%.2f), description %" G_GUINT64_FORMAT " (%.1f %%), %.1f s",
                           quotient(wire->total, legacy), description,
                           100 * quotient(description, wire->total), seconds);
}
