/* SPDX-License-Identifier: BSD-2-Clause */
#include "door.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "reception.h"
#include "session-frame.h"

#define PAUSE_MS 100

/* Who has come before the session was there. */
typedef struct Early {
    BmLink *link;
    BmToken token;
    uint64_t received;
} Early;

struct BmDoor {
    BmDoorSetup setup;
    BmHelper *helper;  /* NULL: nobody has been admitted yet */
    int alive[2];      /* a pipe with nothing in it: the reception ends when its reader goes */
    GMutex lock;       /* what follows */
    GPtrArray *guests; /* BmDoorGuest, the sessions' own */
    Early early[BM_LIMIT_CHANNELS];
    unsigned n_early;
};

/* ---- who is it ---- */

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

/* Under the lock. */
static const BmDoorGuest *find_guest(const BmDoor *door, BmOctets token)
{
    for (guint i = 0; i < door->guests->len; i++) {
        const BmDoorGuest *guest = door->guests->pdata[i];

        if (bm_token_is(token, guest->token)) {
            return guest;
        }
    }
    return NULL;
}

/* A token that a session may have that is not there yet. */
static gboolean is_to_come(const BmDoor *door, BmOctets token)
{
    BmOctets base;

    if (door->setup.channels == NULL) {
        return FALSE;
    }
    base = bm_token_octets(door->setup.channels);
    return token.len == base.len + 1 && bm_token_is((BmOctets){token.data, base.len}, base);
}

/* In a thread for each who has connected. */
static gboolean meet(BmArrival *arrival, const void *data, GError **error)
{
    BmDoor *door = (BmDoor *)(uintptr_t)data;
    BmFrame frame;
    gboolean known;

    if (!bm_link_check_identity(arrival->link, door->setup.identity, error) ||
        !read_resume(arrival->in, &frame, error)) {
        return FALSE;
    }
    g_mutex_lock(&door->lock);
    known = find_guest(door, frame.token) != NULL;
    g_mutex_unlock(&door->lock);
    return known || is_to_come(door, frame.token) ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "it has no token of this session");
}

/* ---- letting in ---- */

/* The latest one of each token.  Under the lock. */
static void keep_early(BmDoor *door, BmLink *link, const BmFrame *frame)
{
    Early *at = door->early;

    while (at < door->early + door->n_early &&
           !bm_token_is(bm_token_octets(&at->token), frame->token)) {
        at++;
    }
    if (at == door->early + BM_LIMIT_CHANNELS) {
        bm_link_drop(link);
        return;
    }
    if (at == door->early + door->n_early) {
        door->n_early++;
    } else {
        bm_link_drop(at->link);
    }
    *at = (Early){.link = link, .received = frame->received};
    memcpy(at->token.data, frame->token.data, frame->token.len);
    at->token.len = frame->token.len;
}

static void take(void *data, BmArrival *arrival)
{
    BmDoor *door = data;
    const BmDoorGuest *guest;
    BmFrame frame;

    if (read_resume(arrival->in, &frame, NULL)) {
        BmLink *link = g_steal_pointer(&arrival->link);

        g_mutex_lock(&door->lock);
        guest = find_guest(door, frame.token);
        if (guest != NULL) {
            guest->arrived(guest->data, link, frame.received);
        } else {
            keep_early(door, link, &frame);
        }
        g_mutex_unlock(&door->lock);
    }
    bm_arrival_clear(arrival);
}

/* ---- the thread ---- */

static gboolean stopped_within(BmHelper *helper, unsigned ms)
{
    struct pollfd p = {.fd = bm_helper_stop_fd(helper), .events = POLLIN};

    return poll(&p, 1, (int)ms) > 0;
}

static gboolean run(BmHelper *helper, void *data, GError **error)
{
    const BmDoor *door = data;
    const BmReceptionSetup reception = {
        .listener = door->setup.listener,
        .credentials = door->setup.credentials,
        .reader = door->alive[1],
        .meet = meet,
        .data = door,
    };

    (void)error;
    do {
        bm_reception_serve(&reception, take, data);
    } while (!stopped_within(helper, PAUSE_MS));
    return TRUE;
}

static const BmHelperOps ops = {.name = "door", .run = run};

/* ---- the sessions' side ---- */

static void greet_early(BmDoor *door, const BmDoorGuest *guest)
{
    for (unsigned i = 0; i < door->n_early; i++) {
        Early early = door->early[i];

        if (bm_token_is(bm_token_octets(&early.token), guest->token)) {
            door->early[i] = door->early[--door->n_early];
            guest->arrived(guest->data, early.link, early.received);
            return;
        }
    }
}

gboolean bm_door_admit(BmDoor *door, const BmDoorGuest *guest, GError **error)
{
    g_mutex_lock(&door->lock);
    g_ptr_array_add(door->guests, (gpointer)(uintptr_t)guest);
    greet_early(door, guest);
    g_mutex_unlock(&door->lock);
    if (door->helper == NULL) {
        door->helper = bm_helper_start(&ops, door, error);
    }
    return door->helper != NULL;
}

/* Waits until nobody is met any more. */
static void shut(BmDoor *door)
{
    if (door->helper != NULL) {
        bm_helper_stop(door->helper);
    }
    if (door->alive[0] >= 0) {
        close(door->alive[0]);
        door->alive[0] = -1;
    }
    g_clear_pointer(&door->helper, bm_helper_free);
}

/* A sender that has not heard the last goodbye comes once more: whoever is left is there until
 * the door is shut, so that it is not turned away as a stranger. */
void bm_door_dismiss(BmDoor *door, const BmDoorGuest *guest)
{
    gboolean last;

    g_mutex_lock(&door->lock);
    last = door->guests->len == 1 && door->guests->pdata[0] == guest;
    g_mutex_unlock(&door->lock);
    if (last) {
        shut(door);
    }
    g_mutex_lock(&door->lock);
    g_ptr_array_remove_fast(door->guests, (gpointer)(uintptr_t)guest);
    g_mutex_unlock(&door->lock);
}

BmDoor *bm_door_new(const BmDoorSetup *setup, GError **error)
{
    BmDoor *door = g_new0(BmDoor, 1);

    door->setup = *setup;
    if (pipe2(door->alive, O_CLOEXEC) < 0) {
        bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        g_free(door);
        return NULL;
    }
    door->guests = g_ptr_array_new();
    g_mutex_init(&door->lock);
    return door;
}

void bm_door_free(BmDoor *door)
{
    if (door == NULL) {
        return;
    }
    shut(door);
    close(door->alive[1]);
    for (unsigned i = 0; i < door->n_early; i++) {
        bm_link_drop(door->early[i].link);
    }
    g_ptr_array_unref(door->guests);
    g_mutex_clear(&door->lock);
    g_free(door);
}
