/* SPDX-License-Identifier: BSD-2-Clause */
#include "link.h"

#include <sys/stat.h>
#include <unistd.h>

struct BmLink {
    int fd;     /* -1: of tls */
    BmTls *tls; /* NULL: none */
    gboolean two_way;
};

static gboolean is_socket(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

BmLink *bm_link_from_fd(int fd, const char *host, const BmTlsCredentials *credentials,
                        GError **error)
{
    BmLink *link = g_new0(BmLink, 1);

    link->fd = fd;
    link->two_way = is_socket(fd);
    if (credentials == NULL) {
        return link;
    }
    if (!link->two_way) {
        bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                     "TLS needs a socket, on which octets go both ways");
        g_clear_pointer(&link, bm_link_free);
        return NULL;
    }
    link->fd = -1;
    link->tls = bm_tls_start(credentials, fd, host, BM_LINK_HANDSHAKE_SECONDS, error);
    if (link->tls == NULL) {
        g_clear_pointer(&link, bm_link_free);
    }
    return link;
}

BmLink *bm_link_connect(const BmAddress *address, const BmTlsCredentials *credentials,
                        unsigned seconds, GError **error)
{
    int fd = bm_connect(address, seconds, error);

    return fd >= 0 ? bm_link_from_fd(fd, bm_address_host(address), credentials, error) : NULL;
}

BmLink *bm_link_inherit(const BmAddress *address, int standard, const BmTlsCredentials *credentials,
                        GError **error)
{
    int fd = bm_address_take_fd(address, standard, error);

    return fd >= 0 ? bm_link_from_fd(fd, NULL, credentials, error) : NULL;
}

int bm_link_fd(const BmLink *link)
{
    return link->tls != NULL ? bm_tls_fd(link->tls) : link->fd;
}

gboolean bm_link_is_two_way(const BmLink *link)
{
    return link->two_way;
}

const char *bm_link_identity(const BmLink *link)
{
    return link->tls != NULL ? bm_tls_identity(link->tls) : NULL;
}

gboolean bm_link_check_identity(const BmLink *link, const char *identity, GError **error)
{
    return g_strcmp0(bm_link_identity(link), identity) == 0 ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "the peer has another certificate than on its first connection");
}

const GError *bm_link_error(BmLink *link)
{
    return link->tls != NULL ? bm_tls_error(link->tls) : NULL;
}

static void close_within(BmLink *link, unsigned seconds)
{
    if (link == NULL) {
        return;
    }
    bm_tls_free(link->tls, seconds);
    if (link->fd >= 0) {
        close(link->fd);
    }
    g_free(link);
}

void bm_link_free(BmLink *link)
{
    close_within(link, BM_LINK_CLOSE_SECONDS);
}

void bm_link_drop(BmLink *link)
{
    close_within(link, 0);
}
