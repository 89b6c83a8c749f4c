/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection to the other end, however it was made: connected, accepted or
 * inherited, encrypted or not.  Whatever it is, what the program reads and
 * writes is one plain blocking descriptor.
 *
 * On an encrypted link it is one end of a socket pair, and a thread carries
 * octets between its other end and the peer (tls.h).  shutdown(2) works on it as
 * on the peer's socket.
 */
#ifndef BM_LINK_H
#define BM_LINK_H

#include "tls.h"
#include "transport.h"

/* For the handshake of TLS. */
#define BM_LINK_HANDSHAKE_SECONDS 10
/* For the peer to take what was written before a link is closed. */
#define BM_LINK_CLOSE_SECONDS 5

typedef struct BmLink BmLink;

/* Connects, tries again until `seconds` are over if nobody listens yet, and does
 * the handshake of TLS, once, if there are credentials (NULL: no TLS).  NULL on
 * failure.  `credentials` must outlive the link. */
BmLink *bm_link_connect(const BmAddress *address, const BmTlsCredentials *credentials,
                        unsigned seconds, GError **error);

/* Of an address that is fd: or -, for which `standard` is meant. */
BmLink *bm_link_inherit(const BmAddress *address, int standard, const BmTlsCredentials *credentials,
                        GError **error);

/* From a descriptor that is there already, which the link then owns, also on
 * failure.  One that is no socket goes one way only, and cannot have TLS. */
BmLink *bm_link_from_fd(int fd, const char *host, const BmTlsCredentials *credentials,
                        GError **error);

int bm_link_fd(const BmLink *link);
/* FALSE for pipes and files: there is no answer, and no answer can be given. */
gboolean bm_link_is_two_way(const BmLink *link);
/* Who the peer is: SHA-256 of its certificate in hexadecimal, NULL without TLS.
 * Whoever comes back with the same one has the same key. */
const char *bm_link_identity(const BmLink *link);

/* FALSE if the peer is not who has this identity (NULL: without TLS). */
gboolean bm_link_check_identity(const BmLink *link, const char *identity, GError **error);

/* Why the link broke, if it is something that the descriptor cannot tell: it
 * gives just an end then.  The link's; NULL if there is nothing to tell. */
const GError *bm_link_error(BmLink *link);

/* Closes.  What was written before is sent, unless the peer does not take it
 * within
 * BM_LINK_CLOSE_SECONDS.  NULL is fine. */
void bm_link_free(BmLink *link);
/* Closes at once, whatever is under way.  NULL is fine. */
void bm_link_drop(BmLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmLink, bm_link_free)

#endif
