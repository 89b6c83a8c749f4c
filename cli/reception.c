/* SPDX-License-Identifier: BSD-2-Clause */
#include "reception.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper.h"
#include "report.h"

/* Beyond that, connections wait in the kernel. */
#define CALLERS_MAX 16

/* A connection that is being met. */
typedef struct Caller {
    const BmTlsCredentials *credentials;
    BmMeet meet;
    const void *data;
    char *name;
    int fd;    /* the thread's */
    int guard; /* the same socket, to end what the thread waits for */
    gint64 deadline;
    gboolean late; /* which has happened */
    int changed;   /* the reception's */
    BmHelper *helper;
    BmArrival arrival;
    atomic_bool met; /* arrival is whole, or the helper has an error */
} Caller;

typedef struct Reception {
    BmReceptionSetup setup;
    gint64 deadline;     /* G_MAXINT64: none */
    BmArrival *arrivals; /* those who are waited for */
    unsigned wanted, arrived;
    void (*take)(void *data, BmArrival *arrival); /* or who gets them, without end */
    void *taker;
    int changed; /* an eventfd: a caller was met */
    Caller *callers[CALLERS_MAX];
    unsigned n;
} Reception;

void bm_arrival_clear(BmArrival *arrival)
{
    g_clear_pointer(&arrival->in, bm_input_free);
    g_clear_pointer(&arrival->link, bm_link_free);
}

static gint64 deadline_in(unsigned seconds)
{
    return seconds > 0 ? g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND : G_MAXINT64;
}

static int timeout_until(gint64 time)
{
    gint64 rest = (time - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND + 1;

    return time == G_MAXINT64 ? -1 : (int)CLAMP(rest, 0, G_MAXINT);
}

static gboolean reader_gone(GError **error)
{
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_CLOSED,
                        "the reader of standard output has gone, and nobody has sent");
    return FALSE;
}

static gboolean nobody_came(unsigned seconds, GError **error)
{
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no sender came within %u s", seconds);
    return FALSE;
}

/* ---- one caller ---- */

static gboolean meet_caller(Caller *c, GError **error)
{
    BmArrival *a = &c->arrival;

    a->link = bm_link_from_fd(c->fd, NULL, c->credentials, error);
    if (a->link == NULL) {
        return FALSE;
    }
    a->in = bm_input_fd(bm_link_fd(a->link));
    if (a->in == NULL) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    }
    return c->meet(a, c->data, error);
}

static void tell_met(Caller *c)
{
    c->met = TRUE;
    eventfd_write(c->changed, 1);
}

static gboolean run(BmHelper *helper, void *data, GError **error)
{
    Caller *c = data;
    gboolean ok = meet_caller(c, error);

    (void)helper;
    if (ok) {
        tell_met(c);
    }
    return ok;
}

static void failed(void *data)
{
    tell_met(data);
}

static const BmHelperOps caller_helper = {.name = "reception", .run = run, .failed = failed};

/* Ends its thread, wherever that is. */
static void caller_free(Caller *c)
{
    if (c->guard >= 0 && !c->met) {
        shutdown(c->guard, SHUT_RDWR);
    }
    bm_helper_free(c->helper);
    bm_arrival_clear(&c->arrival);
    if (c->guard >= 0) {
        close(c->guard);
    }
    g_free(c->name);
    g_free(c);
}

/* ---- the reception ---- */

static gboolean start_caller(Caller *c, BmListener *listener, GError **error)
{
    c->fd = bm_listener_take(listener, &c->name, error);
    if (c->fd < 0) {
        return FALSE;
    }
    c->guard = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
    if (c->guard < 0) {
        bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    } else {
        c->helper = bm_helper_start(&caller_helper, c, error);
    }
    if (c->helper == NULL) {
        close(c->fd);
    }
    return c->helper != NULL;
}

static gboolean add_caller(Reception *r, GError **error)
{
    Caller *c = g_new0(Caller, 1);

    c->credentials = r->setup.credentials;
    c->meet = r->setup.meet;
    c->data = r->setup.data;
    c->changed = r->changed;
    c->guard = -1;
    c->deadline = g_get_monotonic_time() + BM_RECEPTION_SECONDS * G_TIME_SPAN_SECOND;
    if (!start_caller(c, r->setup.listener, error)) {
        caller_free(c);
        return FALSE;
    }
    r->callers[r->n++] = c;
    return TRUE;
}

static void turn_away(const Caller *c)
{
    const GError *link = c->arrival.link != NULL ? bm_link_error(c->arrival.link) : NULL;

    if (c->late) {
        bm_report(c->name, "turned away: it did not begin within %d s", BM_RECEPTION_SECONDS);
    } else {
        bm_report(c->name, "turned away: %s",
                  (link != NULL ? link : bm_helper_error(c->helper))->message);
    }
}

/* FALSE: it is no sender. */
static gboolean welcome(Caller *c, BmArrival *arrival)
{
    if (c->late || bm_helper_error(c->helper) != NULL) {
        turn_away(c);
        return FALSE;
    }
    *arrival = c->arrival;
    c->arrival = (BmArrival){0};
    close(c->guard);
    c->guard = -1;
    return TRUE;
}

static void seat(Reception *r, Caller *c)
{
    BmArrival arrival;

    if (!welcome(c, &arrival)) {
        return;
    }
    if (r->take != NULL) {
        r->take(r->taker, &arrival);
    } else {
        r->arrivals[r->arrived++] = arrival;
    }
}

/* Of those who were met, the first senders stay; TRUE if all are there. */
static gboolean look_at_callers(Reception *r)
{
    for (unsigned i = 0; i < r->n && (r->take != NULL || r->arrived < r->wanted);) {
        Caller *c = r->callers[i];

        if (c->met) {
            r->callers[i] = r->callers[--r->n];
            seat(r, c);
            caller_free(c);
        } else {
            i++;
        }
    }
    return r->take == NULL && r->arrived == r->wanted;
}

/* Those who took too long; the time of the next one. */
static gint64 look_at_clock(Reception *r)
{
    gint64 now = g_get_monotonic_time(), next = r->deadline;

    for (unsigned i = 0; i < r->n; i++) {
        Caller *c = r->callers[i];

        if (!c->late && c->deadline <= now) {
            c->late = TRUE;
            shutdown(c->guard, SHUT_RDWR);
        }
        if (!c->late) {
            next = MIN(next, c->deadline);
        }
    }
    return next;
}

/* Waits for one thing to happen; somebody new is let in to be met. */
static gboolean await_caller(Reception *r, GError **error)
{
    struct pollfd p[3] = {
        {.fd = r->changed, .events = POLLIN},
        {.fd = r->n < CALLERS_MAX ? bm_listener_fd(r->setup.listener) : -1, .events = POLLIN},
        /* Of a pipe's writing end only POLLERR is of interest: nobody reads any more. */
        {.fd = r->setup.reader},
    };
    eventfd_t count;

    if (poll(p, G_N_ELEMENTS(p), timeout_until(look_at_clock(r))) < 0) {
        return errno == EINTR ||
               bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    if (p[0].revents != 0) {
        eventfd_read(r->changed, &count);
    }
    if (p[2].revents != 0) {
        return reader_gone(error);
    }
    return p[1].revents == 0 || add_caller(r, error);
}

static gboolean wait_for_senders(Reception *r, unsigned seconds, GError **error)
{
    while (!look_at_callers(r)) {
        if (g_get_monotonic_time() >= r->deadline) {
            return nobody_came(seconds, error);
        }
        if (!await_caller(r, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean hold(Reception *r, unsigned seconds, GError **error)
{
    r->changed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->changed < 0) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    }
    gboolean arrived = wait_for_senders(r, seconds, error);

    while (r->n > 0) {
        caller_free(r->callers[--r->n]);
    }
    close(r->changed);
    return arrived;
}

static gboolean meet_sender(BmArrival *arrival, const void *data, GError **error)
{
    (void)data;
    return bm_meet_peer(arrival->in, &arrival->peer, error);
}

gboolean bm_reception_wait(const BmReceptionSetup *setup, unsigned seconds, BmArrival *arrivals,
                           unsigned n, GError **error)
{
    Reception r = {
        .setup = *setup,
        .deadline = deadline_in(seconds),
        .arrivals = arrivals,
        .wanted = n,
    };

    if (r.setup.meet == NULL) {
        r.setup.meet = meet_sender;
    }
    return hold(&r, seconds, error);
}

void bm_reception_serve(const BmReceptionSetup *setup, void (*take)(void *data, BmArrival *arrival),
                        void *data)
{
    Reception r = {.setup = *setup, .deadline = G_MAXINT64, .take = take, .taker = data};

    hold(&r, 0, NULL);
}

/* ---- a link that is there already ---- */

/* Until the peer says something, or ends. */
static gboolean await_octets(const BmLink *link, unsigned seconds, int reader, GError **error)
{
    gint64 deadline = deadline_in(seconds);
    struct pollfd p[2] = {{.fd = bm_link_fd(link), .events = POLLIN}, {.fd = reader}};

    for (;;) {
        int n = poll(p, G_N_ELEMENTS(p), timeout_until(deadline));

        if (n > 0) {
            return p[1].revents == 0 || reader_gone(error);
        }
        if (n == 0) {
            return nobody_came(seconds, error);
        }
        if (errno != EINTR) {
            return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
        }
    }
}

gboolean bm_reception_meet(BmLink *link, unsigned seconds, int reader, BmArrival *arrival,
                           GError **error)
{
    arrival->link = link;
    arrival->in = bm_input_fd(bm_link_fd(link));
    if (arrival->in == NULL) {
        bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
    } else if (await_octets(link, seconds, reader, error) &&
               bm_meet_peer(arrival->in, &arrival->peer, error)) {
        return TRUE;
    }
    bm_arrival_clear(arrival);
    return FALSE;
}
