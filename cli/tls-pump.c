/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls-pump.h"

/* Four records of TLS. */
#define FLOW_SIZE (64u << 10)

/* One direction.  It is read only when all that was read has been written: one
 * side that does not take octets so stops the other, and memory stays bounded. */
typedef struct Flow {
    guint8 *data;
    gsize begin, end; /* what is to be written */
    gboolean eof;     /* nothing more comes */
    gboolean done;    /* and that has been said */
} Flow;

typedef struct Pump {
    GTlsConnection *tls;
    GSocket *socket;
    int plain;
    gboolean plain_gone; /* its other end is closed */
    Flow out, in;
    GError *write_error, *read_error;
} Pump;

static gboolean would_block(const GError *error)
{
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* ---- plain to TLS ---- */

static gboolean read_plain(Pump *p)
{
    ssize_t n = read(p->plain, p->out.data, FLOW_SIZE);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return FALSE;
    }
    p->out.begin = 0;
    p->out.end = n > 0 ? (gsize)n : 0;
    p->out.eof = n <= 0;
    return TRUE;
}

/* Whoever writes to the other end finds a broken pipe. */
static void give_up_out(Pump *p)
{
    shutdown(p->plain, SHUT_RD);
    p->out.done = TRUE;
}

static gboolean write_tls(Pump *p)
{
    GPollableOutputStream *to =
        G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(G_IO_STREAM(p->tls)));
    GError *error = NULL;
    gssize n = g_pollable_output_stream_write_nonblocking(to, p->out.data + p->out.begin,
                                                          p->out.end - p->out.begin, NULL, &error);

    if (n >= 0) {
        p->out.begin += (gsize)n;
        return TRUE;
    }
    if (would_block(error)) {
        g_error_free(error);
        return FALSE;
    }
    if (p->in.eof) {
        /* It has ended without close_notify, and GnuTLS then takes nothing more. */
        g_error_free(error);
    } else {
        /* What the peer said before may still be read, and explain it. */
        p->write_error = error;
    }
    give_up_out(p);
    return TRUE;
}

/* Says close_notify; this waits, but only if there is no room for a record of a
 * few octets. */
static gboolean close_out(Pump *p)
{
    if (!g_socket_condition_check(p->socket, G_IO_OUT)) {
        return FALSE;
    }
    /* Who has gone does not hear it, and need not. */
    g_output_stream_close(g_io_stream_get_output_stream(G_IO_STREAM(p->tls)), NULL, NULL);
    p->out.done = TRUE;
    return TRUE;
}

/* The functions of a direction are TRUE if anything could be done. */
static gboolean move_out(Pump *p)
{
    if (p->out.done) {
        return FALSE;
    }
    if (p->out.begin < p->out.end) {
        return write_tls(p);
    }
    return p->out.eof ? close_out(p) : read_plain(p);
}

/* ---- TLS to plain ---- */

static gboolean read_tls(Pump *p)
{
    GPollableInputStream *from =
        G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(G_IO_STREAM(p->tls)));
    GError *error = NULL;
    gssize n = g_pollable_input_stream_read_nonblocking(from, p->in.data, FLOW_SIZE, NULL, &error);

    if (n < 0 && would_block(error)) {
        g_error_free(error);
        return FALSE;
    }
    p->read_error = error;
    p->in.begin = 0;
    p->in.end = n > 0 ? (gsize)n : 0;
    p->in.eof = n <= 0;
    return TRUE;
}

static gboolean write_plain(Pump *p)
{
    ssize_t n = send(p->plain, p->in.data + p->in.begin, p->in.end - p->in.begin, MSG_NOSIGNAL);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return FALSE;
    }
    /* Nobody reads any more. */
    p->in.done = n < 0;
    p->in.begin += n > 0 ? (gsize)n : 0;
    return TRUE;
}

static gboolean close_in(Pump *p)
{
    shutdown(p->plain, SHUT_WR);
    p->in.done = TRUE;
    return TRUE;
}

static gboolean move_in(Pump *p)
{
    if (p->in.done) {
        return FALSE;
    }
    if (p->in.begin < p->in.end) {
        return write_plain(p);
    }
    return p->in.eof ? close_in(p) : read_tls(p);
}

/* ---- both ---- */

static short when(gboolean wanted, short events)
{
    return wanted ? events : 0;
}

/* What nothing is expected from is left out: poll(2) reports its end each time. */
static int watched(int fd, short events)
{
    return events != 0 ? fd : -1;
}

/* Until something can be done; FALSE when asked to stop. */
static gboolean wait_for_more(Pump *p, int stop)
{
    gboolean out_full = p->out.begin < p->out.end, in_full = p->in.begin < p->in.end;
    short plain = when(!p->out.done && !out_full && !p->out.eof, POLLIN) |
                  when(!p->in.done && in_full, POLLOUT);
    short socket = when(!p->out.done && (out_full || p->out.eof), POLLOUT) |
                   when(!p->in.done && !in_full, POLLIN);
    struct pollfd fds[3] = {
        {.fd = stop, .events = POLLIN},
        {.fd = p->plain_gone ? watched(p->plain, plain) : p->plain, .events = plain},
        {.fd = watched(g_socket_get_fd(p->socket), socket), .events = socket},
    };

    if (poll(fds, G_N_ELEMENTS(fds), -1) < 0) {
        return errno == EINTR;
    }
    if (fds[1].revents & (POLLHUP | POLLERR)) {
        p->plain_gone = TRUE;
        p->in.done = TRUE;
    }
    return fds[0].revents == 0;
}

/* A failure to read is the end of both directions. */
static void run(Pump *p, int stop)
{
    while (!(p->out.done && p->in.done) && p->read_error == NULL) {
        gboolean moved = move_out(p);

        moved |= move_in(p);
        if (!moved && !wait_for_more(p, stop)) {
            return;
        }
    }
}

gboolean bm_tls_pump(GTlsConnection *tls, GSocket *socket, int plain, int stop, GError **error)
{
    Pump p = {.tls = tls, .socket = socket, .plain = plain};

    p.out.data = g_malloc(FLOW_SIZE);
    p.in.data = g_malloc(FLOW_SIZE);
    run(&p, stop);
    g_free(p.out.data);
    g_free(p.in.data);

    GError *why = p.read_error != NULL ? p.read_error : g_steal_pointer(&p.write_error);
    g_clear_error(&p.write_error);
    if (why != NULL) {
        g_propagate_error(error, why);
    }
    return why == NULL;
}
