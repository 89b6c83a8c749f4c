/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls-check.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "error.h"

/* More certificates than a chain has. */
#define CHAIN_MAX 16

struct BmTlsCheck {
    GMutex lock; /* GnuTLS does not promise that threads may share a list */
    gnutls_x509_trust_list_t list;
};

/* ---- the files ---- */

static gboolean file_failed(const char *path, const char *why, GError **error)
{
    return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s: %s", path, why);
}

static gboolean read_file(const char *path, gnutls_datum_t *data, GError **error)
{
    GError *why = NULL;
    char *content;
    gsize length;

    if (!g_file_get_contents(path, &content, &length, &why)) {
        file_failed(path, why->message, error);
        g_error_free(why);
        return FALSE;
    }
    *data = (gnutls_datum_t){(unsigned char *)content, (unsigned)length};
    return TRUE;
}

static gboolean add_authorities(BmTlsCheck *check, const char *path, GError **error)
{
    gnutls_datum_t data;

    if (!read_file(path, &data, error)) {
        return FALSE;
    }
    int n =
        gnutls_x509_trust_list_add_trust_mem(check->list, &data, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    g_free(data.data);
    if (n <= 0) {
        return file_failed(path, n < 0 ? gnutls_strerror(n) : "no certificate is in it", error);
    }
    return TRUE;
}

/* A list that no CA has signed GnuTLS leaves out, and to the caller. */
static gboolean add_list(BmTlsCheck *check, const char *path, gnutls_x509_crl_t list,
                         GError **error)
{
    if (gnutls_x509_trust_list_add_crls(check->list, &list, 1, GNUTLS_TL_VERIFY_CRL, 0) == 1) {
        return TRUE;
    }
    gnutls_x509_crl_deinit(list);
    return file_failed(path, "no CA of ca-cert.pem has signed it", error);
}

static gboolean add_revoked(BmTlsCheck *check, const char *path, GError **error)
{
    gnutls_x509_crl_t *lists;
    gnutls_datum_t data;
    unsigned n;
    gboolean ok = TRUE;

    if (!read_file(path, &data, error)) {
        return FALSE;
    }
    int status = gnutls_x509_crl_list_import2(&lists, &n, &data, GNUTLS_X509_FMT_PEM, 0);
    g_free(data.data);
    if (status < 0) {
        return file_failed(path, gnutls_strerror(status), error);
    }
    for (unsigned i = 0; i < n; i++) {
        ok = add_list(check, path, lists[i], error) && ok;
    }
    gnutls_free(lists);
    return ok;
}

BmTlsCheck *bm_tls_check_new(const char *authorities, const char *revoked, GError **error)
{
    BmTlsCheck *check = g_new0(BmTlsCheck, 1);

    g_mutex_init(&check->lock);
    if (gnutls_x509_trust_list_init(&check->list, 0) < 0) {
        bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
        g_clear_pointer(&check, bm_tls_check_free);
    } else if (!add_authorities(check, authorities, error) ||
               (revoked != NULL && !add_revoked(check, revoked, error))) {
        g_clear_pointer(&check, bm_tls_check_free);
    }
    return check;
}

void bm_tls_check_free(BmTlsCheck *check)
{
    if (check != NULL) {
        if (check->list != NULL) {
            gnutls_x509_trust_list_deinit(check->list, 1);
        }
        g_mutex_clear(&check->lock);
        g_free(check);
    }
}

/* ---- certificates ---- */

typedef struct Chain {
    gnutls_x509_crt_t certificates[CHAIN_MAX];
    unsigned n;
} Chain;

static gboolean add_certificate(Chain *chain, GTlsCertificate *certificate)
{
    g_autoptr(GByteArray) der = NULL;
    gnutls_x509_crt_t *next = &chain->certificates[chain->n];

    if (gnutls_x509_crt_init(next) < 0) {
        return FALSE;
    }
    chain->n++;
    g_object_get(certificate, "certificate", &der, NULL);
    return gnutls_x509_crt_import(*next, &(gnutls_datum_t){der->data, der->len},
                                  GNUTLS_X509_FMT_DER) >= 0;
}

/* The peer's certificate, then those that it sent to lead to a CA. */
static gboolean fill_chain(Chain *chain, GTlsCertificate *certificate)
{
    for (GTlsCertificate *c = certificate; c != NULL; c = g_tls_certificate_get_issuer(c)) {
        if (chain->n == CHAIN_MAX || !add_certificate(chain, c)) {
            return FALSE;
        }
    }
    return TRUE;
}

static unsigned verify(BmTlsCheck *check, Chain *chain, gboolean server)
{
    const char *purpose = server ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st data = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                  .data = (unsigned char *)purpose};
    unsigned faults = 0;

    g_mutex_lock(&check->lock);
    int status = gnutls_x509_trust_list_verify_crt2(check->list, chain->certificates, chain->n,
                                                    &data, 1, 0, &faults, NULL);
    g_mutex_unlock(&check->lock);
    return status < 0 ? GNUTLS_CERT_INVALID : faults;
}

static gboolean refused(unsigned faults, gboolean server, GError **error)
{
    static const struct {
        unsigned fault;
        const char *text;
    } reasons[] = {
        {GNUTLS_CERT_REVOKED, "it was revoked"},
        {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, "ca-crl.pem is too old to tell"},
        {GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE, "ca-crl.pem is from the future"},
    };
    const char *text = "it is not trusted";

    if (faults & GNUTLS_CERT_PURPOSE_MISMATCH) {
        text = server ? "it is not for a server" : "it is not for a client";
    }
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        if (faults & reasons[i].fault) {
            text = reasons[i].text;
            break;
        }
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the peer's certificate: %s", text);
}

gboolean bm_tls_check(BmTlsCheck *check, GTlsCertificate *certificate, gboolean server,
                      GError **error)
{
    Chain chain = {.n = 0};
    unsigned faults =
        fill_chain(&chain, certificate) ? verify(check, &chain, server) : GNUTLS_CERT_INVALID;

    for (unsigned i = 0; i < chain.n; i++) {
        gnutls_x509_crt_deinit(chain.certificates[i]);
    }
    return faults == 0 || refused(faults, server, error);
}
