/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options --tls-creds and --tls-hostname.
 */
#ifndef BM_TLS_OPTIONS_H
#define BM_TLS_OPTIONS_H

#include "command.h"
#include "tls.h"
#include "transport.h"

/* For who connects to `address`, from the values of both (NULL: not given).
 * *credentials stays NULL if there is to be no TLS. */
BmExit bm_tls_options_client(const BmCommand *command, const BmAddress *address, const char *folder,
                             const char *hostname, BmTlsCredentials **credentials);
/* For who is connected to. */
BmExit bm_tls_options_server(const BmCommand *command, const char *folder,
                             BmTlsCredentials **credentials);

#endif
