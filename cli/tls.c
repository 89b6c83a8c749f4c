/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper.h"
#include "tls-credentials.h"
#include "tls-pump.h"

struct BmTls {
    const BmTlsCredentials *credentials;
    char *host; /* a client's: what the server's certificate has to name */
    GSocket *socket;
    GTlsConnection *connection;
    int plain[2];                /* the program's end, the pump's */
    GTlsCertificateFlags faults; /* of the peer's certificate */
    char *identity;
    BmHelper *helper;

    GMutex lock; /* what follows */
    GCond shaken;
    gboolean ready; /* the handshake is over */
};

/* ---- the handshake ---- */

/* A server is asked about each certificate, a client about those with faults. */
static gboolean judge_certificate(GTlsConnection *connection, GTlsCertificate *certificate,
                                  GTlsCertificateFlags faults, gpointer data)
{
    (void)connection;
    (void)certificate;
    ((BmTls *)data)->faults = faults;
    return faults == 0;
}

static gboolean certificate_refused(const BmTls *t, GError **error)
{
    static const struct {
        GTlsCertificateFlags flag;
        const char *text;
    } reasons[] = {
        {G_TLS_CERTIFICATE_UNKNOWN_CA, "no CA of ca-cert.pem has signed it"},
        {G_TLS_CERTIFICATE_BAD_IDENTITY, "it is for another host"},
        {G_TLS_CERTIFICATE_NOT_ACTIVATED, "it is not valid yet"},
        {G_TLS_CERTIFICATE_EXPIRED, "it has expired"},
        {G_TLS_CERTIFICATE_REVOKED, "it was revoked"},
        {G_TLS_CERTIFICATE_INSECURE, "its algorithm is not secure"},
        {G_TLS_CERTIFICATE_GENERIC_ERROR, "it is not for this purpose, or broken"},
    };
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (t->faults & reasons[i].flag) {
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", reasons[i].text);
        }
    }
    if (t->faults & G_TLS_CERTIFICATE_BAD_IDENTITY) {
        g_string_append_printf(text, " than '%s'", t->host);
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the peer's certificate: %s",
                        text->str);
}

static gboolean handshake_failed(const BmTls *t, const GError *why, GError **error)
{
    if (t->faults != 0) {
        return certificate_refused(t, error);
    }
    if (g_error_matches(why, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED)) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the peer has no certificate");
    }
    if (g_error_matches(why, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS)) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the peer speaks no TLS, or refused the certificate of this side (%s)",
                            why->message);
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the handshake of TLS: %s",
                        why->message);
}

static gboolean check_version(const BmTls *t, GError **error)
{
    GTlsProtocolVersion version = g_tls_connection_get_protocol_version(t->connection);

    return version == G_TLS_PROTOCOL_VERSION_TLS_1_2 || version == G_TLS_PROTOCOL_VERSION_TLS_1_3 ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the peer's TLS is older than 1.2");
}

static char *identity_of(GTlsCertificate *certificate)
{
    g_autoptr(GByteArray) der = NULL;

    g_object_get(certificate, "certificate", &der, NULL);
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, der->data, der->len);
}

static gboolean shake_hands(BmTls *t, GError **error)
{
    GError *why = NULL;

    if (!g_tls_connection_handshake(t->connection, NULL, &why)) {
        handshake_failed(t, why, error);
        g_error_free(why);
        return FALSE;
    }
    GTlsCertificate *peer = g_tls_connection_get_peer_certificate(t->connection);

    if (!check_version(t, error) ||
        !bm_tls_check(t->credentials->check, peer, t->credentials->side == BM_TLS_CLIENT, error)) {
        return FALSE;
    }
    t->identity = identity_of(peer);
    return TRUE;
}

/* ---- the thread ---- */

static void tell_ready(BmTls *t)
{
    g_mutex_lock(&t->lock);
    t->ready = TRUE;
    g_cond_signal(&t->shaken);
    g_mutex_unlock(&t->lock);
}

static gboolean pump(BmTls *t, int stop, GError **error)
{
    GError *why = NULL;

    if (!bm_tls_pump(t->connection, t->socket, t->plain[1], stop, &why)) {
        bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "%s", why->message);
        g_error_free(why);
        return FALSE;
    }
    return TRUE;
}

static gboolean run(BmHelper *helper, void *data, GError **error)
{
    BmTls *t = data;

    if (!shake_hands(t, error)) {
        return FALSE;
    }
    tell_ready(t);
    return pump(t, bm_helper_stop_fd(helper), error);
}

/* The program sees the end only now that it can ask for the reason. */
static void failed(void *data)
{
    BmTls *t = data;

    shutdown(t->plain[1], SHUT_RDWR);
    tell_ready(t);
}

static const BmHelperOps tls_helper = {.name = "tls", .run = run, .failed = failed};

/* ---- setting up ---- */

static gboolean gio_failed(GError *why, GError **error)
{
    bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", why->message);
    g_error_free(why);
    return FALSE;
}

/* As an address it is not sent as the name that the client asks for, which an
 * IPv6 one must not be. */
static GSocketConnectable *identity_new(const char *host)
{
    return g_hostname_is_ip_address(host)
               ? G_SOCKET_CONNECTABLE(g_inet_socket_address_new_from_string(host, 0))
               : g_network_address_new(host, 0);
}

static GTlsConnection *connection_new(const BmTls *t, GIOStream *base, GError **error)
{
    const BmTlsCredentials *c = t->credentials;
    GIOStream *connection;

    if (c->side == BM_TLS_CLIENT) {
        g_autoptr(GSocketConnectable) identity = identity_new(t->host);

        connection = g_tls_client_connection_new(base, identity, error);
    } else {
        connection = g_tls_server_connection_new(base, c->certificate, error);
    }
    return connection != NULL ? G_TLS_CONNECTION(connection) : NULL;
}

/* The stream inside says itself where it ends, so that a missing close_notify
 * cannot pass for its end; QEMU before 10.0 does not send any. */
static gboolean wrap(BmTls *t, GError **error)
{
    g_autoptr(GSocketConnection) base = g_socket_connection_factory_create_connection(t->socket);
    GError *why = NULL;

    t->connection = connection_new(t, G_IO_STREAM(base), &why);
    if (t->connection == NULL) {
        return gio_failed(why, error);
    }
    g_signal_connect(t->connection, "accept-certificate", G_CALLBACK(judge_certificate), t);
    g_tls_connection_set_database(t->connection, t->credentials->authorities);
    g_tls_connection_set_require_close_notify(t->connection, FALSE);
    if (t->credentials->side == BM_TLS_SERVER) {
        g_object_set(t->connection, "authentication-mode", G_TLS_AUTHENTICATION_REQUIRED, NULL);
    } else if (t->credentials->certificate != NULL) {
        g_tls_connection_set_certificate(t->connection, t->credentials->certificate);
    }
    return TRUE;
}

static gboolean set_up(BmTls *t, int socket, GError **error)
{
    GError *why = NULL;

    t->socket = g_socket_new_from_fd(socket, &why);
    if (t->socket == NULL) {
        close(socket);
        return gio_failed(why, error);
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, t->plain) < 0 ||
        fcntl(t->plain[1], F_SETFL, O_NONBLOCK) < 0) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    return wrap(t, error);
}

static gboolean await_handshake(BmTls *t, unsigned seconds)
{
    gint64 end = g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND;

    g_mutex_lock(&t->lock);
    while (!t->ready && g_cond_wait_until(&t->shaken, &t->lock, end)) {
    }
    gboolean ready = t->ready;
    g_mutex_unlock(&t->lock);
    return ready;
}

static gboolean start(BmTls *t, unsigned seconds, GError **error)
{
    t->helper = bm_helper_start(&tls_helper, t, error);
    if (t->helper == NULL) {
        return FALSE;
    }
    if (!await_handshake(t, seconds)) {
        g_socket_shutdown(t->socket, TRUE, TRUE, NULL);
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the handshake of TLS: not done within %u s", seconds);
    }
    /* The identity is the thread's last word, if it has ended well. */
    const GError *why = t->identity == NULL ? bm_helper_error(t->helper) : NULL;
    if (why != NULL) {
        g_propagate_error(error, g_error_copy(why));
    }
    return why == NULL;
}

BmTls *bm_tls_start(const BmTlsCredentials *credentials, int socket, const char *host,
                    unsigned seconds, GError **error)
{
    BmTls *t = g_new0(BmTls, 1);

    t->credentials = credentials;
    t->host = g_strdup(credentials->hostname != NULL ? credentials->hostname : host);
    t->plain[0] = t->plain[1] = -1;
    g_mutex_init(&t->lock);
    g_cond_init(&t->shaken);
    if (credentials->side == BM_TLS_CLIENT && t->host == NULL) {
        close(socket);
        bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                     "there is no host that the peer's certificate could name");
        bm_tls_free(t, 0);
        return NULL;
    }
    if (!set_up(t, socket, error) || !start(t, seconds, error)) {
        bm_tls_free(t, 0);
        return NULL;
    }
    return t;
}

int bm_tls_fd(const BmTls *tls)
{
    return tls->plain[0];
}

const char *bm_tls_identity(const BmTls *tls)
{
    return tls->identity;
}

const GError *bm_tls_error(BmTls *tls)
{
    return bm_helper_error(tls->helper);
}

static void close_plain(BmTls *tls, int side)
{
    if (tls->plain[side] >= 0) {
        close(tls->plain[side]);
        tls->plain[side] = -1;
    }
}

void bm_tls_free(BmTls *tls, unsigned seconds)
{
    if (tls == NULL) {
        return;
    }
    /* This the pump sees, and ends when it has sent what came before. */
    close_plain(tls, 0);
    if (tls->helper != NULL) {
        bm_helper_wait(tls->helper, seconds);
        bm_helper_free(tls->helper);
    }
    close_plain(tls, 1);
    g_clear_object(&tls->connection);
    if (tls->socket != NULL) {
        g_socket_close(tls->socket, NULL);
        g_clear_object(&tls->socket);
    }
    g_mutex_clear(&tls->lock);
    g_cond_clear(&tls->shaken);
    g_free(tls->identity);
    g_free(tls->host);
    g_free(tls);
}
