/* SPDX-License-Identifier: BSD-2-Clause */
#include "session-reach.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <unistd.h>

#include "helper.h"
#include "reception.h"
#include "session-frame.h"
#include "token.h"

#define PAUSE_MS 100

struct BmReach {
    BmRoute route;
    const BmReachFor *who;
    unsigned delay_ms;
    BmHelper *helper;
    int found[2]; /* a pipe of Found */
    int alive[2]; /* a pipe with nothing in it: the reception ends when its reader goes */
};

typedef struct Found {
    BmLink *link;
    uint64_t received;
    GError *error;
} Found;

gboolean bm_route_leads_back(const BmRoute *route)
{
    const BmAddress *to = route->address;

    return route->listener != NULL || (to != NULL && (to->path != NULL || to->host != NULL));
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

static void connect_again(BmReach *reach, BmHelper *helper)
{
    Found found = {0};

    if (stopped_within(helper, reach->delay_ms)) {
        return;
    }
    do {
        g_clear_error(&found.error);
        found.link = connect_once(reach, &found.error);
    } while (found.link == NULL && !is_final(found.error) && !stopped_within(helper, PAUSE_MS));
    tell(reach, found);
}

/* ---- receiving ---- */

/* A Resume and nothing behind it: the sender waits for an answer. */
static gboolean read_resume(BmInput *in, BmFrame *frame, GError **error)
{
    BmFault fault = {0};
    size_t size = 1;

    do {
        if (bm_input_fill(in, size) < size) {
            return bm_error_set(error, BM_TRUNCATED, BM_NO_OFFSET, NULL,
                                "it ended the connection without a frame");
        }
        size = bm_frame_size(bm_input_data(in), bm_input_available(in), 0, &fault);
    } while (size > bm_input_available(in));
    if (size == 0 || !bm_frame_get(bm_input_data(in), size, 0, frame, &fault)) {
        return bm_error_from_fault(error, &fault, NULL);
    }
    return (frame->type == BM_FRAME_RESUME && size == bm_input_available(in)) ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "it does not resume a session");
}

static gboolean meet(BmArrival *arrival, const void *data, GError **error)
{
    const BmReachFor *who = data;
    BmFrame frame;

    if (!bm_link_check_identity(arrival->link, who->identity, error) ||
        !read_resume(arrival->in, &frame, error)) {
        return FALSE;
    }
    return bm_token_is(frame.token, who->token) ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "it has no token of this session");
}

static void take_arrival(BmReach *reach, BmArrival *arrival)
{
    BmFrame frame;

    if (read_resume(arrival->in, &frame, NULL)) {
        tell(reach, (Found){.link = g_steal_pointer(&arrival->link), .received = frame.received});
    }
    bm_arrival_clear(arrival);
}

static void accept_all(BmReach *reach, BmHelper *helper)
{
    do {
        BmArrival arrival = {0};

        if (bm_reception_wait_for(reach->route.listener, reach->route.credentials, reach->alive[1],
                                  meet, reach->who, &arrival, NULL)) {
            take_arrival(reach, &arrival);
        }
    } while (!stopped_within(helper, PAUSE_MS));
}

/* ---- the thread ---- */

static gboolean run(BmHelper *helper, void *data, GError **error)
{
    BmReach *reach = data;

    (void)error;
    if (reach->route.listener != NULL) {
        accept_all(reach, helper);
    } else {
        connect_again(reach, helper);
    }
    return TRUE;
}

static const BmHelperOps ops = {.name = "reach", .run = run};

static gboolean start(BmReach *reach, GError **error)
{
    if (pipe2(reach->found, O_CLOEXEC | O_NONBLOCK) < 0 || pipe2(reach->alive, O_CLOEXEC) < 0) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
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
    reach->found[0] = reach->found[1] = reach->alive[0] = reach->alive[1] = -1;
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
    if (reach->helper != NULL) {
        bm_helper_stop(reach->helper);
    }
    close_one(&reach->alive[0]);
    bm_helper_free(reach->helper);
    for (BmLink *link; (link = bm_reach_take(reach, &received, NULL)) != NULL;) {
        bm_link_drop(link);
    }
    close_one(&reach->found[0]);
    close_one(&reach->found[1]);
    close_one(&reach->alive[1]);
    g_free(reach);
}
