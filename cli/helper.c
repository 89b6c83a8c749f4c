/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "helper.h"

struct BmHelper {
    const BmHelperOps *ops;
    void *data;
    GThread *thread; /* NULL: joined */
    int stop;
    GMutex lock; /* what follows */
    GCond ended_changed;
    gboolean ended;
    GError *error;
};

static gpointer thread_main(gpointer data)
{
    BmHelper *h = data;
    GError *error = NULL;
    gboolean ok = h->ops->run(h, h->data, &error);

    g_mutex_lock(&h->lock);
    h->error = error;
    h->ended = TRUE;
    g_cond_signal(&h->ended_changed);
    g_mutex_unlock(&h->lock);
    if (!ok && h->ops->failed != NULL) {
        h->ops->failed(h->data);
    }
    return NULL;
}

BmHelper *bm_helper_start(const BmHelperOps *ops, void *data, GError **error)
{
    BmHelper *h = g_new0(BmHelper, 1);

    h->ops = ops;
    h->data = data;
    g_mutex_init(&h->lock);
    g_cond_init(&h->ended_changed);
    h->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (h->stop < 0) {
        bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(errno));
    } else {
        h->thread = g_thread_try_new(ops->name, thread_main, h, error);
    }
    if (h->thread == NULL) {
        g_clear_pointer(&h, bm_helper_free);
    }
    return h;
}

int bm_helper_stop_fd(const BmHelper *helper)
{
    return helper->stop;
}

void bm_helper_stop(BmHelper *helper)
{
    eventfd_write(helper->stop, 1);
}

gboolean bm_helper_wait(BmHelper *helper, unsigned seconds)
{
    gint64 deadline = g_get_monotonic_time() + (gint64)seconds * G_TIME_SPAN_SECOND;

    g_mutex_lock(&helper->lock);
    while (!helper->ended && g_cond_wait_until(&helper->ended_changed, &helper->lock, deadline)) {
    }
    gboolean ended = helper->ended;
    g_mutex_unlock(&helper->lock);
    return ended;
}

void bm_helper_join(BmHelper *helper)
{
    if (helper->thread != NULL) {
        bm_helper_stop(helper);
        g_thread_join(g_steal_pointer(&helper->thread));
    }
}

const GError *bm_helper_error(BmHelper *helper)
{
    g_mutex_lock(&helper->lock);
    const GError *error = helper->error;
    g_mutex_unlock(&helper->lock);
    return error;
}

void bm_helper_free(BmHelper *helper)
{
    if (helper == NULL) {
        return;
    }
    bm_helper_join(helper);
    if (helper->stop >= 0) {
        close(helper->stop);
    }
    g_mutex_clear(&helper->lock);
    g_cond_clear(&helper->ended_changed);
    g_clear_error(&helper->error);
    g_free(helper);
}
