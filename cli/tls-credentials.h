/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is in BmTlsCredentials: for the files of tls.h only.
 */
#ifndef BM_TLS_CREDENTIALS_H
#define BM_TLS_CREDENTIALS_H

#include <gio/gio.h>

#include "tls-check.h"
#include "tls.h"

struct BmTlsCredentials {
    BmTlsSide side;
    char *hostname;               /* NULL: none was given */
    GTlsCertificate *certificate; /* with its key; NULL: a client without */
    GTlsDatabase *authorities;
    BmTlsCheck *check;
};

#endif
