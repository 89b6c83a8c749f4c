/* SPDX-License-Identifier: BSD-2-Clause */
#include "progress.h"
#include "report.h"

struct BmProgress {
    const char *where;
    const BmWatch *watch;
    gint64 begin, end; /* µs */

    GThread *thread; /* NULL: no lines */
    GMutex lock;
    GCond stopped;
    gboolean stop;
};

static double seconds(gint64 us)
{
    return (double)us / G_USEC_PER_SEC;
}

static void print_step(const BmProgress *p, uint64_t before, gint64 since)
{
    uint64_t octets = p->watch->read;
    gint64 now = g_get_monotonic_time();
    double rate = (double)(octets - before) / seconds(now - since) / (1 << 20);

    bm_report(p->where,
              "%.0f s, %" G_GUINT64_FORMAT " pages, %" G_GUINT64_FORMAT
              " octets in, %" G_GUINT64_FORMAT " out, %.1f MiB/s in",
              seconds(now - p->begin), p->watch->pages, octets, p->watch->written, rate);
}

/* A thread, so that lines come when nothing else does. */
static gpointer print_lines(gpointer data)
{
    BmProgress *p = data;
    gint64 since = p->begin;
    uint64_t before = 0;

    g_mutex_lock(&p->lock);
    while (!p->stop) {
        if (!g_cond_wait_until(&p->stopped, &p->lock, since + G_TIME_SPAN_SECOND)) {
            print_step(p, before, since);
            since = g_get_monotonic_time();
            before = p->watch->read;
        }
    }
    g_mutex_unlock(&p->lock);
    return NULL;
}

BmProgress *bm_progress_start(const char *where, const BmWatch *watch, gboolean lines)
{
    BmProgress *p = g_new0(BmProgress, 1);

    p->where = where;
    p->watch = watch;
    p->begin = g_get_monotonic_time();
    g_mutex_init(&p->lock);
    g_cond_init(&p->stopped);
    if (lines) {
        p->thread = g_thread_new("progress", print_lines, p);
    }
    return p;
}

void bm_progress_stop(BmProgress *progress)
{
    if (progress->end == 0) {
        progress->end = g_get_monotonic_time();
    }
    if (progress->thread == NULL) {
        return;
    }
    g_mutex_lock(&progress->lock);
    progress->stop = TRUE;
    g_cond_signal(&progress->stopped);
    g_mutex_unlock(&progress->lock);
    g_thread_join(g_steal_pointer(&progress->thread));
}

double bm_progress_seconds(const BmProgress *progress)
{
    return seconds(progress->end - progress->begin);
}

void bm_progress_free(BmProgress *progress)
{
    if (progress == NULL) {
        return;
    }
    bm_progress_stop(progress);
    g_mutex_clear(&progress->lock);
    g_cond_clear(&progress->stopped);
    g_free(progress);
}
