/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "live.h"
#include "progress.h"
#include "report.h"
#include "status.h"

/* ---- the style ---- */

/* One of each per process: GLib's callbacks of options have no data of their own. */
static BmProgressStyle style;
static gboolean style_given;

gboolean bm_progress_option(const char *name, const char *value, gpointer data, GError **error)
{
    static const char *const names[] = {
        [BM_PROGRESS_NONE] = "none",
        [BM_PROGRESS_LINE] = "line",
        [BM_PROGRESS_JSON] = "json",
    };
    (void)name;
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(value[0] != '\0' ? value : "line", names[i]) == 0) {
            style = (BmProgressStyle)i;
            style_given = TRUE;
            if (style == BM_PROGRESS_JSON) {
                bm_status_take_stderr();
            }
            return TRUE;
        }
    }
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "--progress=%s: expected line, json or none", value);
    return FALSE;
}

BmProgressStyle bm_progress_style(BmProgressStyle otherwise)
{
    return style_given ? style : otherwise;
}

/* ---- each second ---- */

struct BmProgress {
    const char *where;
    const BmWatch *watch;
    gint64 begin; /* µs */

    GThread *thread; /* NULL: nobody wants to know */
    GMutex lock;
    GCond stopped;
    gboolean stop;
};

static double seconds_since(gint64 begin)
{
    return (double)(g_get_monotonic_time() - begin) / G_USEC_PER_SEC;
}

static void show(const char *where, const char *text)
{
    g_autofree char *line = g_strconcat(where, ": ", text, NULL);

    if (isatty(STDERR_FILENO)) {
        bm_report_in_place(line);
    } else {
        bm_report(where, "%s", text);
    }
}

static void show_step(const BmProgress *p, uint64_t before, gint64 since)
{
    uint64_t octets = p->watch->read;
    double rate = (double)(octets - before) / seconds_since(since) / (1 << 20);
    g_autofree char *text =
        g_strdup_printf("%.0f s, %" G_GUINT64_FORMAT " pages, %" G_GUINT64_FORMAT
                        " octets in, %" G_GUINT64_FORMAT " out, %.1f MiB/s in",
                        seconds_since(p->begin), p->watch->pages, octets, p->watch->written, rate);

    show(p->where, text);
}

static void tell_step(const BmProgress *p)
{
    json_object *event = bm_status_event("progress");

    json_object_object_add(event, "seconds", json_object_new_double(seconds_since(p->begin)));
    bm_json_add_count(event, "pages", p->watch->pages);
    bm_json_add_count(event, "read", p->watch->read);
    bm_json_add_count(event, "written", p->watch->written);
    bm_status_tell(event);
}

/* A thread, so that lines come when nothing else does. */
static gpointer follow(gpointer data)
{
    BmProgress *p = data;
    gint64 since = p->begin;
    uint64_t before = 0;

    g_mutex_lock(&p->lock);
    while (!p->stop) {
        if (g_cond_wait_until(&p->stopped, &p->lock, since + G_TIME_SPAN_SECOND)) {
            continue;
        }
        if (bm_status_wanted()) {
            tell_step(p);
        }
        if (bm_progress_style(BM_PROGRESS_NONE) == BM_PROGRESS_LINE) {
            show_step(p, before, since);
        }
        since = g_get_monotonic_time();
        before = p->watch->read;
    }
    g_mutex_unlock(&p->lock);
    return NULL;
}

BmProgress *bm_progress_start(const char *where, const BmWatch *watch)
{
    BmProgress *p = g_new0(BmProgress, 1);

    p->where = where;
    p->watch = watch;
    p->begin = g_get_monotonic_time();
    g_mutex_init(&p->lock);
    g_cond_init(&p->stopped);
    if (bm_status_wanted() || bm_progress_style(BM_PROGRESS_NONE) == BM_PROGRESS_LINE) {
        p->thread = g_thread_new("progress", follow, p);
    }
    return p;
}

static void stop(BmProgress *progress)
{
    g_mutex_lock(&progress->lock);
    progress->stop = TRUE;
    g_cond_signal(&progress->stopped);
    g_mutex_unlock(&progress->lock);
    g_thread_join(progress->thread);
}

void bm_progress_free(BmProgress *progress)
{
    if (progress == NULL) {
        return;
    }
    if (progress->thread != NULL) {
        stop(progress);
    }
    g_mutex_clear(&progress->lock);
    g_cond_clear(&progress->stopped);
    g_free(progress);
}

/* ---- the end ---- */

static void report_ber(const BmFinal *f)
{
    g_autofree char *rest = bm_live_summary(f->wire, f->legacy, seconds_since(f->begin));
    g_autofree char *resumed = g_strdup_printf("; the connection was resumed %u time%s", f->resumed,
                                               f->resumed > 1 ? "s" : "");
    g_autofree char *channels =
        g_strdup_printf("; over %u channel%s", f->channels, f->channels > 1 ? "s" : "");

    bm_report(f->where,
              "%" G_GUINT64_FORMAT " octets %s QEMU, %" G_GUINT64_FORMAT " on the wire %s%s%s%s",
              f->legacy, f->receives ? "to" : "from", f->wire->total, rest,
              f->one_way ? "; one way, nobody confirmed it" : "", f->resumed > 0 ? resumed : "",
              f->channels > 0 ? channels : "");
}

static void report_plain(const BmFinal *f)
{
    bm_report(f->where,
              "%" G_GUINT64_FORMAT
              " octets %s QEMU, passed on in its own format, %.1f s: the peer is %s%s",
              f->legacy, f->receives ? "to" : "from", seconds_since(f->begin), f->peer,
              f->confirmed ? "" : "; it did not confirm");
}

static void tell_final(const BmFinal *f)
{
    json_object *event = bm_status_event("done");
    g_autofree char *digest = NULL;

    bm_json_add_text(event, "peer", f->peer);
    bm_json_add_text(event, "format", f->wire != NULL ? "ber" : "qemu");
    bm_json_add_count(event, "qemu", f->legacy);
    bm_json_add_count(event, "wire", f->wire != NULL ? f->wire->total : f->legacy);
    json_object_object_add(event, "seconds", json_object_new_double(seconds_since(f->begin)));
    if (f->wire != NULL) {
        digest = g_strdup_printf("%016" G_GINT64_MODIFIER "x", f->wire->digest);
        bm_json_add_count(event, "description", bm_ber_stats_description(f->wire));
        bm_json_add_text(event, "digest", digest);
        bm_json_add_count(event, "resumed", f->resumed);
        bm_json_add_count(event, "channels", f->channels);
    } else {
        json_object_object_add(event, "confirmed", json_object_new_boolean(f->confirmed));
    }
    bm_status_tell(event);
}

void bm_progress_final(const BmFinal *final)
{
    bm_report_leave_place();
    if (bm_status_wanted()) {
        tell_final(final);
    }
    if (final->wire != NULL) {
        report_ber(final);
    } else {
        report_plain(final);
    }
}
