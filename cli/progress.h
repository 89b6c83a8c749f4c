/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What send and recv say about their work on standard error: a line each second
 * if wanted, and one at the end.
 */
#ifndef BM_PROGRESS_H
#define BM_PROGRESS_H

#include "watch.h"

typedef struct BmProgress BmProgress;

/* `where` begins each line.  Without `lines` only the time is taken. */
BmProgress *bm_progress_start(const char *where, const BmWatch *watch, gboolean lines);
/* No lines from now on.  The watch may go. */
void bm_progress_stop(BmProgress *progress);
/* Seconds from the start to the stop. */
double bm_progress_seconds(const BmProgress *progress);
void bm_progress_free(BmProgress *progress); /* stops too; NULL is fine */

#endif
