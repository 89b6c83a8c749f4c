/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second thread for the other direction of a connection.
 *
 * The main thread carries the stream, the helper the answers.  Either may fail
 * first.  If it is the helper, its `failed` function has to wake the main
 * thread wherever that is blocked; if it is the main thread, it makes the
 * helper's descriptors fail and asks it to stop: an eventfd that belongs into
 * each of its poll(2)s.
 */
#ifndef BM_HELPER_H
#define BM_HELPER_H

#include "error.h"

typedef struct BmHelper BmHelper;

typedef struct BmHelperOps {
    const char *name;
    gboolean (*run)(BmHelper *helper, void *data, GError **error);
    /* run() has failed, and bm_helper_error() tells so already.  May be NULL. */
    void (*failed)(void *data);
} BmHelperOps;

/* NULL if there can be no further thread. */
BmHelper *bm_helper_start(const BmHelperOps *ops, void *data, GError **error);
/* For run(): readable when it is asked to stop. */
int bm_helper_stop_fd(const BmHelper *helper);
void bm_helper_stop(BmHelper *helper);
/* TRUE if it has ended within `seconds`. */
gboolean bm_helper_wait(BmHelper *helper, unsigned seconds);
/* Asks it to stop and waits until it has. */
void bm_helper_join(BmHelper *helper);
/* Why run() failed; NULL if it has not (yet). */
const GError *bm_helper_error(BmHelper *helper);
void bm_helper_free(BmHelper *helper); /* joins; NULL is fine */

#endif
