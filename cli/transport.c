/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "live.h"
#include "transport.h"

/* ---- addresses ---- */

static gboolean bad_address(GError **error, const char *text, const char *why)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                "'%s' is no address: %s; expected tcp:HOST:PORT or unix:PATH", text, why);
    return FALSE;
}

static gboolean parse_port(BmAddress *a, const char *port, GError **error)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(port, 10, 0, G_MAXUINT16, &value, NULL)) {
        return bad_address(error, a->text, "the port is not a number from 0 to 65535");
    }
    a->port = (guint16)value;
    return TRUE;
}

static gboolean parse_bracketed(BmAddress *a, const char *text, GError **error)
{
    const char *end = strchr(text, ']');

    if (end == NULL || end[1] != ':') {
        return bad_address(error, a->text, "no ]:PORT after the [");
    }
    a->host = g_strndup(text + 1, (gsize)(end - text - 1));
    return parse_port(a, end + 2, error);
}

static gboolean parse_tcp(BmAddress *a, const char *text, GError **error)
{
    const char *end = strrchr(text, ':');

    if (text[0] == '[') {
        return parse_bracketed(a, text, error);
    }
    if (end == NULL) {
        return bad_address(error, a->text, "it has no port");
    }
    a->host = g_strndup(text, (gsize)(end - text));
    if (strchr(a->host, ':') != NULL) {
        return bad_address(error, a->text, "an IPv6 address stands in [brackets]");
    }
    return parse_port(a, end + 1, error);
}

static gboolean parse_unix(BmAddress *a, const char *text, GError **error)
{
    if (text[0] == '\0') {
        return bad_address(error, a->text, "the path is empty");
    }
    /* sun_path, with its NUL */
    if (strlen(text) > 107) {
        return bad_address(error, a->text, "the path is longer than 107 octets");
    }
    a->path = g_strdup(text);
    return TRUE;
}

static gboolean parse(BmAddress *a, GError **error)
{
    if (g_str_has_prefix(a->text, "tcp:")) {
        return parse_tcp(a, a->text + strlen("tcp:"), error);
    }
    if (g_str_has_prefix(a->text, "unix:")) {
        return parse_unix(a, a->text + strlen("unix:"), error);
    }
    return bad_address(error, a->text, "unknown kind");
}

static BmAddress *address_new(const char *text)
{
    BmAddress *a = g_new0(BmAddress, 1);

    a->text = g_strdup(text);
    a->fd = -1;
    return a;
}

BmAddress *bm_address_parse(const char *text, GError **error)
{
    BmAddress *a = address_new(text);

    if (!parse(a, error)) {
        g_clear_pointer(&a, bm_address_free);
    }
    return a;
}

/* 0 to 2 are what - is for, and messages. */
static BmAddress *parse_fd(const char *text, GError **error)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text + strlen("fd:"), 10, STDERR_FILENO + 1, G_MAXINT, &value,
                                    NULL)) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                    "'%s' is no address: fd: needs the number of a descriptor above 2", text);
        return NULL;
    }
    BmAddress *a = address_new(text);
    a->fd = (int)value;
    return a;
}

BmAddress *bm_address_parse_any(const char *text, const char *standard, GError **error)
{
    if (g_str_has_prefix(text, "fd:")) {
        return parse_fd(text, error);
    }
    if (strcmp(text, "-") != 0) {
        return bm_address_parse(text, error);
    }
    BmAddress *a = address_new(standard);
    a->standard = TRUE;
    return a;
}

const char *bm_address_host(const BmAddress *address)
{
    if (address->host == NULL) {
        return NULL;
    }
    return address->host[0] != '\0' ? address->host : "localhost";
}

void bm_address_free(BmAddress *address)
{
    if (address != NULL) {
        g_free(address->text);
        g_free(address->path);
        g_free(address->host);
        g_free(address);
    }
}

/* ---- descriptors that are there already ---- */

gboolean bm_address_is_inherited(const BmAddress *address)
{
    return address->standard || address->fd >= 0;
}

static int errno_failed(GError **error)
{
    g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
    return -1;
}

int bm_address_take_fd(const BmAddress *address, int standard, GError **error)
{
    int fd = address->fd;

    if (address->standard) {
        fd = fcntl(standard, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (fd >= 0) {
            bm_live_close(standard);
        }
    } else if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        fd = -1;
    }
    return fd >= 0 ? fd : errno_failed(error);
}

/* ---- sockets ---- */

/* A host that vanished is noticed although nothing is sent: after 30 s of
 * silence, three questions 10 s apart. */
static void tune(int fd, gboolean tcp)
{
    const int on = 1, idle = 30, interval = 10, count = 3;

    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    if (tcp) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
        setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
    }
}

/* A descriptor of its own.  GIO's are non-blocking inside. */
static int take_fd(GSocket *socket, GError **error)
{
    int fd = fcntl(g_socket_get_fd(socket), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int flags = fd >= 0 ? fcntl(fd, F_GETFL) : -1;

    if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0) {
        errno_failed(error);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    tune(fd, g_socket_get_family(socket) != G_SOCKET_FAMILY_UNIX);
    return fd;
}

/* ---- connecting ---- */

#define RETRY_US (100 * G_TIME_SPAN_MILLISECOND)

static GSocketConnectable *connectable_new(const BmAddress *a)
{
    if (a->path != NULL) {
        return G_SOCKET_CONNECTABLE(g_unix_socket_address_new(a->path));
    }
    return g_network_address_new(bm_address_host(a), a->port);
}

static int connect_once(const BmAddress *a, unsigned seconds, GError **error)
{
    g_autoptr(GSocketConnectable) connectable = connectable_new(a);
    g_autoptr(GSocketClient) client = g_socket_client_new();

    g_socket_client_set_enable_proxy(client, FALSE);
    g_socket_client_set_timeout(client, seconds);
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect(client, connectable, NULL, error);
    return connection != NULL ? take_fd(g_socket_connection_get_socket(connection), error) : -1;
}

/* Errors that waiting does not cure. */
static gboolean is_final(const GError *error)
{
    return g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND) ||
           g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT) ||
           g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ||
           g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

int bm_connect(const BmAddress *address, unsigned seconds, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND;

    for (;;) {
        gint64 rest = deadline - g_get_monotonic_time();
        unsigned attempt = rest > 0 ? (unsigned)(rest / G_TIME_SPAN_SECOND) + 1 : 1;
        GError *last = NULL;
        int fd = connect_once(address, attempt, &last);

        if (fd >= 0) {
            return fd;
        }
        if (is_final(last) || g_get_monotonic_time() + RETRY_US >= deadline) {
            g_propagate_error(error, last);
            return -1;
        }
        g_error_free(last);
        g_usleep(RETRY_US);
    }
}

/* ---- listening ---- */

struct BmListener {
    GSocket *socket;
    char *path; /* of a Unix socket */
    char *name;
};

static GSocket *listen_at(GSocketAddress *address, gboolean dual, GError **error)
{
    g_autoptr(GSocket) socket =
        g_socket_new(g_socket_address_get_family(address), G_SOCKET_TYPE_STREAM,
                     G_SOCKET_PROTOCOL_DEFAULT, error);

    if (socket == NULL ||
        (dual && !g_socket_set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0, error)) ||
        !g_socket_bind(socket, address, TRUE, error)) {
        return NULL;
    }
    g_socket_set_listen_backlog(socket, 8);
    return g_socket_listen(socket, error) ? g_steal_pointer(&socket) : NULL;
}

static GSocket *listen_any(GSocketFamily family, guint16 port, GError **error)
{
    g_autoptr(GInetAddress) any = g_inet_address_new_any(family);
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new(any, port);

    return listen_at(address, family == G_SOCKET_FAMILY_IPV6, error);
}

/* All addresses: one IPv6 socket that takes IPv4 too, where the system has IPv6. */
static GSocket *listen_all(guint16 port, GError **error)
{
    g_autoptr(GError) first = NULL;
    GSocket *socket = listen_any(G_SOCKET_FAMILY_IPV6, port, &first);

    if (socket == NULL && !g_error_matches(first, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)) {
        return listen_any(G_SOCKET_FAMILY_IPV4, port, error);
    }
    if (socket == NULL) {
        g_propagate_error(error, g_steal_pointer(&first));
    }
    return socket;
}

/* The first of the host's addresses that can be bound. */
static GSocket *listen_host(const BmAddress *a, GError **error)
{
    g_autoptr(GSocketConnectable) host = g_network_address_new(a->host, a->port);
    g_autoptr(GSocketAddressEnumerator) list = g_socket_connectable_enumerate(host);
    g_autoptr(GError) first = NULL;

    for (;;) {
        g_autoptr(GError) here = NULL;
        g_autoptr(GSocketAddress) address = g_socket_address_enumerator_next(list, NULL, &here);
        GSocket *socket = address != NULL ? listen_at(address, FALSE, &here) : NULL;

        if (socket != NULL) {
            return socket;
        }
        if (first == NULL) {
            first = g_steal_pointer(&here);
        }
        if (address == NULL) {
            g_propagate_error(error, g_steal_pointer(&first));
            return NULL;
        }
    }
}

static GSocket *listen_tcp(const BmAddress *a, GError **error)
{
    if (a->host[0] == '\0' || strcmp(a->host, "::") == 0) {
        return listen_all(a->port, error);
    }
    return listen_host(a, error);
}

/* A socket file that nobody listens on is left over from a process that was
 * killed; it would keep the path occupied for ever.  A datagram socket finds out
 * without disturbing a listener: it is refused only if there is none. */
static void remove_stale(GSocketAddress *address, const char *path)
{
    g_autoptr(GSocket) probe =
        g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
    g_autoptr(GError) error = NULL;
    struct stat st;

    if (probe == NULL || lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
        return;
    }
    if (!g_socket_connect(probe, address, NULL, &error) &&
        g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)) {
        unlink(path);
    }
}

static GSocket *listen_unix(const BmAddress *a, GError **error)
{
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(a->path);

    remove_stale(address, a->path);
    return listen_at(address, FALSE, error);
}

/* In the spelling of bm_address_parse(). */
static char *tcp_name(GSocketAddress *address)
{
    GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(address);
    guint port = g_inet_socket_address_get_port(inet);
    g_autofree char *host = g_inet_address_to_string(g_inet_socket_address_get_address(inet));

    if (strchr(host, ':') != NULL) {
        return g_strdup_printf("tcp:[%s]:%u", host, port);
    }
    return g_strdup_printf("tcp:%s:%u", host, port);
}

static gboolean listen_for(BmListener *l, const BmAddress *a, GError **error)
{
    l->socket = a->path != NULL ? listen_unix(a, error) : listen_tcp(a, error);
    if (l->socket == NULL) {
        return FALSE;
    }
    if (a->path == NULL) {
        g_autoptr(GSocketAddress) local = g_socket_get_local_address(l->socket, error);

        l->name = local != NULL ? tcp_name(local) : NULL;
        return l->name != NULL;
    }
    l->name = g_strdup(a->text);
    l->path = g_strdup(a->path);
    bm_cleanup_add(l->path);
    return TRUE;
}

BmListener *bm_listen(const BmAddress *address, GError **error)
{
    BmListener *l = g_new0(BmListener, 1);

    if (!listen_for(l, address, error)) {
        g_clear_pointer(&l, bm_listener_free);
    }
    return l;
}

const char *bm_listener_name(const BmListener *listener)
{
    return listener->name;
}

/* TRUE when somebody connects. */
static gboolean await_connection(BmListener *listener, unsigned seconds, int reader, GError **error)
{
    gint64 end = g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND;
    /* Of a pipe's writing end only POLLERR is of interest: nobody reads any more. */
    struct pollfd p[2] = {{.fd = g_socket_get_fd(listener->socket), .events = POLLIN},
                          {.fd = reader}};

    for (;;) {
        gint64 rest = (end - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;
        int n = poll(p, G_N_ELEMENTS(p), seconds == 0 ? -1 : (int)CLAMP(rest, 0, G_MAXINT));

        if (n > 0 && p[1].revents != 0) {
            g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                                "the reader of standard output has gone, and nobody has sent");
            return FALSE;
        }
        if (n > 0) {
            return TRUE;
        }
        if (n == 0) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "nobody came within %u s",
                        seconds);
            return FALSE;
        }
        if (errno != EINTR) {
            g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
            return FALSE;
        }
    }
}

int bm_listener_fd(const BmListener *listener)
{
    return g_socket_get_fd(listener->socket);
}

/* A peer at a Unix socket has no name of its own. */
static char *peer_name(const BmListener *listener, GSocket *socket)
{
    g_autoptr(GSocketAddress) address = g_socket_get_remote_address(socket, NULL);

    return G_IS_INET_SOCKET_ADDRESS(address) ? tcp_name(address) : g_strdup(listener->name);
}

int bm_listener_take(BmListener *listener, char **who, GError **error)
{
    g_autoptr(GSocket) socket = g_socket_accept(listener->socket, NULL, error);
    int fd = socket != NULL ? take_fd(socket, error) : -1;

    if (fd >= 0) {
        *who = peer_name(listener, socket);
    }
    return fd;
}

int bm_listener_accept(BmListener *listener, unsigned seconds, int reader, GError **error)
{
    g_autofree char *who = NULL;

    return await_connection(listener, seconds, reader, error)
               ? bm_listener_take(listener, &who, error)
               : -1;
}

void bm_listener_free(BmListener *listener)
{
    if (listener == NULL) {
        return;
    }
    if (listener->path != NULL) {
        unlink(listener->path);
        bm_cleanup_forget(listener->path);
    }
    g_clear_object(&listener->socket);
    g_free(listener->path);
    g_free(listener->name);
    g_free(listener);
}
