/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What GIO does not check of a peer's certificate: whether it was revoked, and
 * whether it is for the side that shows it.  GnuTLS does.
 */
#ifndef BM_TLS_CHECK_H
#define BM_TLS_CHECK_H

#include <gio/gio.h>

typedef struct BmTlsCheck BmTlsCheck;

/* From files in PEM: the CAs, and what they revoked (NULL: nothing).  A list that
 * none of them has signed is an error.  The error names the file. */
BmTlsCheck *bm_tls_check_new(const char *authorities, const char *revoked, GError **error);
/* Checks the chain of a server or else of a client.  From any thread. */
gboolean bm_tls_check(BmTlsCheck *check, GTlsCertificate *certificate, gboolean server,
                      GError **error);
void bm_tls_check_free(BmTlsCheck *check); /* NULL is fine */

#endif
