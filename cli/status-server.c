/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "status-server.h"

/* Messages have the length of a path or two. */
#define MAX_LINE (64 << 10)

typedef struct Connection {
    int fd; /* -1: free */
    BmJsonReader *reader;
    BmTold *told; /* NULL: has not said who it is */
} Connection;

struct BmStatusServer {
    GSocket *socket;
    Connection connections[BM_STATUS_CONNECTIONS];
    BmTold told[BM_TELLERS];
    BmTold *failed; /* the first one */
};

static const char *const names[BM_TELLERS] = {
    [BM_TOLD_BY_SEND] = "send",
    [BM_TOLD_BY_RECV] = "recv",
};

const char *bm_teller_name(BmTeller teller)
{
    return names[teller];
}

/* ---- events ---- */

static void take_progress(BmTold *told, json_object *event)
{
    told->read = bm_json_count(event, "read");
    told->written = bm_json_count(event, "written");
}

static void take_message(BmTold *told, json_object *event)
{
    g_free(told->message);
    told->message = g_strdup(bm_json_string(event, "text"));
}

static void take_listening(BmTold *told, json_object *event)
{
    (void)event;
    told->listening = TRUE;
}

static void take_done(BmTold *told, json_object *event)
{
    json_object_put(told->done);
    told->done = json_object_get(event);
}

static void take_end(BmTold *told, json_object *event)
{
    told->exit = (int)MIN(bm_json_count(event, "exit"), 255);
}

static const struct {
    const char *event;
    void (*take)(BmTold *told, json_object *event);
} events[] = {
    {"progress", take_progress}, {"message", take_message}, {"listening", take_listening},
    {"done", take_done},         {"end", take_end},
};

static void take_event(BmTold *told, json_object *event)
{
    const char *name = bm_json_string(event, "event");

    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(events); i++) {
        if (strcmp(events[i].event, name) == 0) {
            events[i].take(told, event);
        }
    }
}

/* ---- connections ---- */

static void identify(BmStatusServer *server, Connection *c, json_object *event)
{
    const char *from = bm_json_string(event, "from");

    for (int i = 0; from != NULL && i < BM_TELLERS; i++) {
        if (strcmp(names[i], from) == 0) {
            c->told = &server->told[i];
            c->told->here = TRUE;
        }
    }
}

/* It says so, or went without a word. */
static gboolean has_failed(const BmTold *told)
{
    return told->exit > 0 || (told->gone && (told->exit != 0 || told->done == NULL));
}

/* The first one to fail is the cause. */
static void note_failure(BmStatusServer *server, BmTold *told)
{
    if (has_failed(told) && server->failed == NULL) {
        server->failed = told;
    }
}

static void disconnect(BmStatusServer *server, Connection *c)
{
    close(c->fd);
    c->fd = -1;
    bm_json_reader_free(g_steal_pointer(&c->reader));
    if (c->told == NULL) {
        return;
    }
    c->told->gone = TRUE;
    note_failure(server, c->told);
    c->told = NULL;
}

static void read_events(BmStatusServer *server, Connection *c)
{
    while (c->fd >= 0) {
        g_autoptr(json_object) event = NULL;
        BmJsonRead read = bm_json_reader_next(c->reader, &event, NULL);

        if (read == BM_JSON_LATER) {
            return;
        }
        if (read != BM_JSON_GOT) {
            disconnect(server, c);
            return;
        }
        if (c->told == NULL) {
            identify(server, c, event);
        }
        if (c->told != NULL) {
            take_event(c->told, event);
            note_failure(server, c->told);
        }
    }
}

static void accept_into(BmStatusServer *server, Connection *c)
{
    c->fd = accept4(g_socket_get_fd(server->socket), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (c->fd >= 0) {
        c->reader = bm_json_reader_new(c->fd, MAX_LINE);
    }
}

void bm_status_server_pump(BmStatusServer *server)
{
    for (int i = 0; i < BM_STATUS_CONNECTIONS; i++) {
        Connection *c = &server->connections[i];

        if (c->fd < 0) {
            accept_into(server, c);
        }
        read_events(server, c);
    }
}

unsigned bm_status_server_poll(const BmStatusServer *server, struct pollfd *fds)
{
    unsigned count = 0;
    gboolean room = FALSE;

    for (int i = 0; i < BM_STATUS_CONNECTIONS; i++) {
        const Connection *c = &server->connections[i];

        if (c->fd >= 0) {
            fds[count++] = (struct pollfd){.fd = c->fd, .events = POLLIN};
        } else {
            room = TRUE;
        }
    }
    if (room) {
        int fd = g_socket_get_fd(server->socket);

        fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    return count;
}

/* ---- the server ---- */

BmStatusServer *bm_status_server_new(const char *path, GError **error)
{
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    g_autoptr(GSocket) socket =
        g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);

    if (socket == NULL || !g_socket_bind(socket, address, FALSE, error) ||
        !g_socket_listen(socket, error)) {
        return NULL;
    }
    /* GSocket's own calls block by themselves; the descriptor never does. */
    BmStatusServer *server = g_new0(BmStatusServer, 1);

    server->socket = g_steal_pointer(&socket);
    for (int i = 0; i < BM_STATUS_CONNECTIONS; i++) {
        server->connections[i].fd = -1;
    }
    for (int i = 0; i < BM_TELLERS; i++) {
        server->told[i].exit = -1;
    }
    return server;
}

void bm_status_server_free(BmStatusServer *server)
{
    if (server == NULL) {
        return;
    }
    for (int i = 0; i < BM_STATUS_CONNECTIONS; i++) {
        if (server->connections[i].fd >= 0) {
            disconnect(server, &server->connections[i]);
        }
    }
    for (int i = 0; i < BM_TELLERS; i++) {
        g_free(server->told[i].message);
        json_object_put(server->told[i].done);
    }
    g_object_unref(server->socket);
    g_free(server);
}

const BmTold *bm_status_server_told(const BmStatusServer *server, BmTeller by)
{
    return &server->told[by];
}

static gboolean speaks_of_itself(const BmTold *told)
{
    return has_failed(told) && told->message != NULL && told->message[0] == '<';
}

gboolean bm_status_server_culprit(const BmStatusServer *server, BmTeller *teller)
{
    const BmTold *culprit = server->failed;

    for (int i = 0; i < BM_TELLERS; i++) {
        if (speaks_of_itself(&server->told[i]) && !speaks_of_itself(culprit)) {
            culprit = &server->told[i];
        }
    }
    if (culprit != NULL) {
        *teller = (BmTeller)(culprit - server->told);
    }
    return culprit != NULL;
}
