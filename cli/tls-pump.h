/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets between a TLS connection and a plain socket, both ways at once.
 */
#ifndef BM_TLS_PUMP_H
#define BM_TLS_PUMP_H

#include <gio/gio.h>

/* After the handshake, until both directions have ended or `stop` becomes
 * readable.  `socket` is below the connection; `plain` is non-blocking.
 *
 * The end of one direction goes on to the other side alone: the end of what
 * `plain` says as close_notify, the end of what the peer says as a shutdown(2).
 * When nobody is behind `plain` any more, what it said is sent, and what the
 * peer says is not waited for.
 *
 * FALSE if the connection broke; what had arrived before has gone to `plain`. */
gboolean bm_tls_pump(GTlsConnection *tls, GSocket *socket, int plain, int stop, GError **error);

#endif
