/* SPDX-License-Identifier: BSD-2-Clause */
#include "pass.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "live.h"

static void flush_output(void *out)
{
    /* A failure stays with the output, and the next write reports it. */
    bm_output_flush(out);
}

static gboolean io_failed(int number, const char *what, GError **error)
{
    BmFault fault = {BM_IO, BM_NO_OFFSET, what, 0, (uint64_t)number};

    return bm_error_from_fault(error, &fault, NULL);
}

gboolean bm_pass_all(BmInput *in, BmOutput *out, BmWatch *watch, GError **error)
{
    size_t have;

    bm_input_set_idle(in, flush_output, out);
    while ((have = bm_input_fill(in, 1)) > 0 && bm_output_write(out, bm_input_data(in), have)) {
        bm_input_skip(in, have);
        bm_watch_note(watch);
    }
    bm_input_set_idle(in, NULL, NULL);
    if (bm_input_errno(in) != 0) {
        return io_failed(bm_input_errno(in), "the stream", error);
    }
    return (bm_output_errno(out) == 0 && bm_output_flush(out)) ||
           io_failed(bm_output_errno(out), "the stream", error);
}

/* Octets read, 0 at the end or when asked to stop, -1 on failure. */
static ssize_t read_some(int from, int stop, uint8_t *buffer, size_t size, GError **error)
{
    struct pollfd p[2] = {{.fd = from, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
    ssize_t n;

    do {
        if (poll(p, G_N_ELEMENTS(p), -1) > 0 && p[1].revents != 0) {
            return 0;
        }
        n = read(from, buffer, size);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n < 0) {
        io_failed(errno, "the return path", error);
    }
    return n;
}

gboolean bm_pass_return_path(int from, int to, int stop, BmReturnPath *path, GError **error)
{
    uint8_t buffer[16 << 10];

    while (!path->shut) {
        ssize_t n = read_some(from, stop, buffer, sizeof(buffer), error);

        if (n <= 0) {
            return n == 0;
        }
        bm_return_path_feed(path, buffer, (size_t)n);
        if (to >= 0 && !bm_live_write(to, stop, (BmOctets){buffer, (size_t)n}, error)) {
            return FALSE;
        }
    }
    return path->status == 0 ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "QEMU could not load the stream (status %u); its own messages say why",
                        path->status);
}
