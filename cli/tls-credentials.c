/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tls-credentials.h"

static gboolean file_failed(const char *path, const char *why, GError **error)
{
    return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s: %s", path, why);
}

static gboolean is_readable(const char *path, GError **error)
{
    return access(path, R_OK) == 0 || file_failed(path, g_strerror(errno), error);
}

static gboolean load_authorities(BmTlsCredentials *c, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "ca-cert.pem", NULL);
    g_autofree char *revoked = g_build_filename(folder, "ca-crl.pem", NULL);
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    GError *why = NULL;

    if (!is_readable(path, error)) {
        return FALSE;
    }
    c->check = bm_tls_check_new(path, access(revoked, F_OK) == 0 ? revoked : NULL, error);
    if (c->check == NULL) {
        return FALSE;
    }
    c->authorities = g_tls_file_database_new(absolute, &why);
    if (c->authorities == NULL) {
        file_failed(path, why->message, error);
        g_error_free(why);
    }
    return c->authorities != NULL;
}

static gboolean load_own(BmTlsCredentials *c, const char *folder, GError **error)
{
    const char *name = c->side == BM_TLS_CLIENT ? "client" : "server";
    g_autofree char *certificate = g_strdup_printf("%s/%s-cert.pem", folder, name);
    g_autofree char *key = g_strdup_printf("%s/%s-key.pem", folder, name);
    GError *why = NULL;

    if (c->side == BM_TLS_CLIENT && access(certificate, F_OK) < 0 && access(key, F_OK) < 0) {
        return TRUE;
    }
    if (!is_readable(certificate, error) || !is_readable(key, error)) {
        return FALSE;
    }
    c->certificate = g_tls_certificate_new_from_files(certificate, key, &why);
    if (c->certificate == NULL) {
        g_autofree char *both = g_strdup_printf("%s and %s-key.pem", certificate, name);

        file_failed(both, why->message, error);
        g_error_free(why);
    }
    return c->certificate != NULL;
}

static gboolean has_backend(GError **error)
{
    return g_tls_backend_supports_tls(g_tls_backend_get_default()) ||
           bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL,
                        "GIO has no TLS here: glib-networking is not installed");
}

BmTlsCredentials *bm_tls_credentials_load(const char *folder, BmTlsSide side, const char *hostname,
                                          GError **error)
{
    BmTlsCredentials *c = g_new0(BmTlsCredentials, 1);

    c->side = side;
    c->hostname = g_strdup(hostname);
    if (!has_backend(error) || !load_authorities(c, folder, error) || !load_own(c, folder, error)) {
        g_clear_pointer(&c, bm_tls_credentials_free);
    }
    return c;
}

void bm_tls_credentials_free(BmTlsCredentials *credentials)
{
    if (credentials != NULL) {
        g_clear_object(&credentials->certificate);
        g_clear_object(&credentials->authorities);
        bm_tls_check_free(credentials->check);
        g_free(credentials->hostname);
        g_free(credentials);
    }
}
