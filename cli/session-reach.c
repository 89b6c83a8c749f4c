/* SPDX-License-Identifier: BSD-2-Clause */
#include "session-reach.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <unistd.h>

#include "helper.h"

#define PAUSE_MS 100

struct BmReach {
    BmRoute route;
    const BmReachFor *who;
    unsigned delay_ms;
    BmHelper *helper;  /* sending */
    BmDoorGuest guest; /* receiving */
    int found[2];      /* a pipe of Found */
};

typedef struct Found {
    BmLink *link;
    uint64_t received;
    GError *error;
} Found;

gboolean bm_route_leads_back(const BmRoute *route)
{
    const BmAddress *to = route->address;

    return route->door != NULL || (to != NULL && (to->path != NULL || to->host != NULL));
}

static void tell(BmReach *reach, Found found)
{
    /* Less than PIPE_BUF: all or nothing. */
    if (write(reach->found[1], &found, sizeof(found)) != sizeof(found)) {
        bm_link_drop(found.link);
        g_clear_error(&found.error);
    }
}

/* TRUE if it was stopped within that time. */
static gboolean stopped_within(BmHelper *helper, unsigned ms)
{
    struct pollfd p = {.fd = bm_helper_stop_fd(helper), .events = POLLIN};

    return poll(&p, 1, (int)ms) > 0;
}

/* ---- sending ---- */

static BmLink *connect_once(const BmReach *reach, GError **error)
{
    BmLink *link = bm_link_connect(reach->route.address, reach->route.credentials, 0, error);

    if (link != NULL && !bm_link_check_identity(link, reach->who->identity, error)) {
        g_clear_pointer(&link, bm_link_free);
    }
    return link;
}

/* Nobody listens there any more, or somebody else does. */
static gboolean is_final(const GError *error)
{
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
           g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
           g_error_matches(error, BM_ERROR, BM_PEER);
}

static gboolean connect_again(BmHelper *helper, void *data, GError **error)
{
    BmReach *reach = data;
    Found found = {0};

    (void)error;
    if (stopped_within(helper, reach->delay_ms)) {
        return TRUE;
    }
    do {
        g_clear_error(&found.error);
        found.link = connect_once(reach, &found.error);
    } while (found.link == NULL && !is_final(found.error) && !stopped_within(helper, PAUSE_MS));
    tell(reach, found);
    return TRUE;
}

static const BmHelperOps ops = {.name = "reach", .run = connect_again};

/* ---- receiving ---- */

static void arrived(void *data, BmLink *link, uint64_t received)
{
    tell(data, (Found){.link = link, .received = received});
}

/* ---- both ---- */

static gboolean start(BmReach *reach, GError **error)
{
    if (pipe2(reach->found, O_CLOEXEC | O_NONBLOCK) < 0) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    if (reach->route.door != NULL) {
        reach->guest = (BmDoorGuest){reach->who->token, arrived, reach};
        return bm_door_admit(reach->route.door, &reach->guest, error);
    }
    reach->helper = bm_helper_start(&ops, reach, error);
    return reach->helper != NULL;
}

BmReach *bm_reach_start(const BmRoute *route, const BmReachFor *who, unsigned delay_ms,
                        GError **error)
{
    BmReach *reach = g_new0(BmReach, 1);

    reach->route = *route;
    reach->who = who;
    reach->delay_ms = delay_ms;
    reach->found[0] = reach->found[1] = -1;
    if (!start(reach, error)) {
        g_clear_pointer(&reach, bm_reach_stop);
    }
    return reach;
}

int bm_reach_fd(const BmReach *reach)
{
    return reach->found[0];
}

BmLink *bm_reach_take(BmReach *reach, uint64_t *received, GError **error)
{
    Found found = {0};

    if (read(reach->found[0], &found, sizeof(found)) != sizeof(found)) {
        return NULL;
    }
    if (found.error != NULL) {
        g_propagate_error(error, found.error);
    }
    *received = found.received;
    return found.link;
}

static void close_one(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

void bm_reach_stop(BmReach *reach)
{
    uint64_t received;

    if (reach == NULL) {
        return;
    }
    if (reach->route.door != NULL) {
        bm_door_dismiss(reach->route.door, &reach->guest);
    }
    bm_helper_free(reach->helper);
    for (BmLink *link; (link = bm_reach_take(reach, &received, NULL)) != NULL;) {
        bm_link_drop(link);
    }
    close_one(&reach->found[0]);
    close_one(&reach->found[1]);
    g_free(reach);
}
