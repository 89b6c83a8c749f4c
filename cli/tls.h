/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS around a connected socket, GIO's over GnuTLS, so that the rest of the
 * program still sees a plain descriptor.
 *
 * One thread does all of it, the handshake and then both directions, without
 * blocking: a session of GnuTLS that two threads use at once can break when TLS
 * 1.3 changes its keys.  It holds 64 KiB for each direction.
 */
#ifndef BM_TLS_H
#define BM_TLS_H

#include "error.h"

/* ---- certificates ---- */

typedef enum BmTlsSide { BM_TLS_CLIENT, BM_TLS_SERVER } BmTlsSide;

typedef struct BmTlsCredentials BmTlsCredentials;

/* From a folder laid out as for QEMU's tls-creds-x509: ca-cert.pem, the
 * certificate and key of this side (client-cert.pem, client-key.pem or
 * server-...), which a client may lack, and ca-crl.pem where there is one.
 * `hostname` is what a client expects in the server's certificate instead of the
 * host that it connects to; NULL: that host.  The error names the file. */
BmTlsCredentials *bm_tls_credentials_load(const char *folder, BmTlsSide side, const char *hostname,
                                          GError **error);
void bm_tls_credentials_free(BmTlsCredentials *credentials); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmTlsCredentials, bm_tls_credentials_free)

/* ---- connections ---- */

typedef struct BmTls BmTls;

/* Does the handshake, within `seconds`.  Each side demands a certificate of the
 * other that its CA has signed; the client also compares `host` (or the hostname
 * of its credentials) with it.  The socket is the BmTls's from now on, also on
 * failure.  NULL on failure: the error says what is wrong with which
 * certificate. */
BmTls *bm_tls_start(const BmTlsCredentials *credentials, int socket, const char *host,
                    unsigned seconds, GError **error);

/* What is written here goes to the peer encrypted, what can be read comes from
 * it.  shutdown(2) and the end of the peer's octets work as on a socket.  It is
 * the BmTls's. */
int bm_tls_fd(const BmTls *tls);
/* SHA-256 of the peer's certificate, in hexadecimal. */
const char *bm_tls_identity(const BmTls *tls);

/* Why the connection broke, once bm_tls_fd() has ended; NULL if it ended in
 * order.  Where the peer refuses a certificate in TLS 1.3, a client learns it
 * here, not from its handshake. */
const GError *bm_tls_error(BmTls *tls);

/* Closes.  What was written is sent first, and close_notify, unless the peer
 * does not take it within `seconds`.  NULL is fine. */
void bm_tls_free(BmTls *tls, unsigned seconds);

#endif
