/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "live.h"
#include "multifd.h"
#include "return-path.h"
#include "source.h"
#include "transport.h"

/* For QEMU to load what it has got. */
#define LOAD_SECONDS 60

typedef struct Connection {
    int fd;
    BmOutput *out;
} Connection;

typedef struct Replay {
    const BmAddress *address;
    unsigned timeout;
    BmSource source;
    GArray *connections; /* Connection: the stream first, then its channels */
    BmReturnPath path;
} Replay;

static BmOutput *connect_one(Replay *r, GError **error)
{
    Connection c = {.fd = bm_connect(r->address, r->timeout, error)};

    if (c.fd < 0) {
        return NULL;
    }
    c.out = bm_output_fd(c.fd);
    if (c.out == NULL) {
        bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    }
    g_array_append_val(r->connections, c);
    return c.out;
}

static BmOutput *open_channel(guint number, void *data, GError **error)
{
    (void)number;
    return connect_one(data, error);
}

/* ---- the stream ---- */

/* With the stream's own channels, in the order in which QEMU can take all of it. */
static gboolean write_all(Replay *r, BmOutput *out, GError **error)
{
    const BmMultifdOut channels = {.stream = out, .open = open_channel, .data = r};
    BmStreamVisitor *s = bm_multifd_out(bm_legacy_stream_out(out), &channels);
    gboolean ok = bm_source_read(&r->source, s, FALSE, NULL, error);

    bm_stream_free(s);
    return ok && (bm_output_flush(out) ||
                  bm_error_from_fault(error,
                                      &(BmFault){BM_IO, BM_NO_OFFSET, "the QEMU stream", 0,
                                                 (uint64_t)bm_output_errno(out)},
                                      NULL));
}

/* QEMU closes its end when it has loaded all, or given up; what it says before must be
 * read, or closing ours would take octets away from it. */
static gboolean await_load(Replay *r, int fd, GError **error)
{
    BmInput *in = bm_input_fd(fd);
    size_t have = 0;

    if (in == NULL) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    }
    shutdown(fd, SHUT_WR);
    while (!r->path.shut && (have = bm_input_fill_within(in, 1, LOAD_SECONDS * 1000)) > 0) {
        bm_return_path_feed(&r->path, bm_input_data(in), have);
        bm_input_skip(in, have);
    }
    bm_input_free(in);
    return r->path.status == 0 ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "QEMU could not load the stream (status %u); its own messages say why",
                        r->path.status);
}

static gboolean replay_all(Replay *r, GError **error)
{
    BmOutput *out = connect_one(r, error);

    return out != NULL && write_all(r, out, error) &&
           await_load(r, g_array_index(r->connections, Connection, 0).fd, error);
}

static void print_summary(const Replay *r)
{
    uint64_t octets = 0;

    for (guint i = 0; i < r->connections->len; i++) {
        octets += bm_output_offset(g_array_index(r->connections, Connection, i).out);
    }
    bm_report("bermig replay", "%" G_GUINT64_FORMAT " octets over %u connections%s", octets,
              r->connections->len, r->path.shut ? ", QEMU has loaded them" : "");
}

/* A connection that failed is the peer's matter, all else the file's. */
static gboolean is_of_peer(const Replay *r, const GError *error)
{
    gboolean peer = r->connections->len == 0 || error->domain != BM_ERROR ||
                    g_error_matches(error, BM_ERROR, BM_PEER);

    for (guint i = 0; i < r->connections->len; i++) {
        const Connection *c = &g_array_index(r->connections, Connection, i);

        peer |= c->out != NULL && bm_output_errno(c->out) != 0;
    }
    return peer;
}

static BmExit replay(Replay *r)
{
    g_autoptr(GError) error = NULL;
    BmExit status = BM_EXIT_DONE;

    bm_live_prepare();
    r->connections = g_array_new(FALSE, FALSE, sizeof(Connection));
    if (replay_all(r, &error)) {
        print_summary(r);
    } else {
        status = BM_EXIT_INPUT;
        bm_report_error(is_of_peer(r, error) ? r->address->text : r->source.name, error);
    }
    for (guint i = 0; i < r->connections->len; i++) {
        bm_output_free(g_array_index(r->connections, Connection, i).out);
        close(g_array_index(r->connections, Connection, i).fd);
    }
    g_array_unref(r->connections);
    return status;
}

static BmExit run(int argc, char **argv)
{
    g_autoptr(BmAddress) address = NULL;
    g_autoptr(GError) error = NULL;
    int timeout = 30;
    const GOptionEntry entries[] = {
        {"connect-timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "Try so long to connect: 30", "SEC"},
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;
    Replay r = {0};

    if (!bm_command_parse(&bm_command_replay, entries, 2, &argc, &argv, &status)) {
        return status;
    }
    if (timeout < 0) {
        return bm_command_usage(&bm_command_replay, "--connect-timeout=%d: expected seconds",
                                timeout);
    }
    address = bm_address_parse(argv[2], &error);
    if (address == NULL) {
        return bm_command_usage(&bm_command_replay, "%s", error->message);
    }
    r.address = address;
    r.timeout = (unsigned)timeout;
    status = bm_source_open(&r.source, argv[1]);
    if (status == BM_EXIT_DONE) {
        status = replay(&r);
        bm_source_close(&r.source);
    }
    return status;
}

const BmCommand bm_command_replay = {
    .name = "replay",
    .operands = "FILE URI",
    .summary = "Send a stream and its page channels to a QEMU that waits for them",
    .run = run,
};
