/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls-options.h"

static BmExit load(const BmCommand *command, const char *folder, BmTlsSide side,
                   const char *hostname, BmTlsCredentials **credentials)
{
    g_autoptr(GError) error = NULL;

    if (folder == NULL) {
        return BM_EXIT_DONE;
    }
    *credentials = bm_tls_credentials_load(folder, side, hostname, &error);
    if (*credentials == NULL) {
        g_autofree char *where = g_strdup_printf("bermig %s", command->name);

        bm_report_error(where, error);
        return BM_EXIT_RUN;
    }
    return BM_EXIT_DONE;
}

BmExit bm_tls_options_client(const BmCommand *command, const BmAddress *address, const char *folder,
                             const char *hostname, BmTlsCredentials **credentials)
{
    if (folder == NULL && hostname != NULL) {
        return bm_command_usage(command, "--tls-hostname is nothing without --tls-creds");
    }
    if (folder != NULL && hostname == NULL && bm_address_host(address) == NULL) {
        return bm_command_usage(command,
                                "%s has no host that a certificate could name: give --tls-hostname",
                                address->text);
    }
    return load(command, folder, BM_TLS_CLIENT, hostname, credentials);
}

BmExit bm_tls_options_server(const BmCommand *command, const char *folder,
                             BmTlsCredentials **credentials)
{
    return load(command, folder, BM_TLS_SERVER, NULL, credentials);
}
