/* SPDX-License-Identifier: BSD-2-Clause */
#include "carrier.h"

#include <sys/socket.h>
#include <unistd.h>

BmCarrier bm_carrier_of_link(BmLink *link)
{
    return (BmCarrier){.fd = bm_link_fd(link), .link = link};
}

BmCarrier bm_carrier_beside(const BmSession *main, const BmToken *token, GError **error)
{
    BmCarrier carrier = {.fd = -1};

    carrier.session = bm_session_beside(main, token, &carrier.fd, error);
    return carrier;
}

const GError *bm_carrier_error(const BmCarrier *carrier)
{
    return carrier->link != NULL ? bm_link_error(carrier->link)
                                 : bm_session_error(carrier->session);
}

unsigned bm_carrier_resumed(const BmCarrier *carrier)
{
    return bm_session_resumed(carrier->session);
}

void bm_carrier_shut(const BmCarrier *carrier)
{
    if (carrier->fd >= 0) {
        shutdown(carrier->fd, SHUT_RDWR);
    }
}

void bm_carrier_clear(BmCarrier *carrier, gboolean drop)
{
    if (carrier->session != NULL) {
        bm_session_free(carrier->session);
        close(carrier->fd);
    }
    (drop ? bm_link_drop : bm_link_free)(carrier->link);
    *carrier = (BmCarrier){.fd = -1};
}
