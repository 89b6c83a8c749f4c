/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sender's part of a preflight (SPEC.md 5.13): a stream visitor that announces
 * the guest's devices, asks the receiver whether it would take the guest, and lets
 * no page pass before the answer.
 *
 * The answer comes in another thread.
 */
#ifndef BM_ASK_H
#define BM_ASK_H

#include "announces.h"

/* For the answer. */
#define BM_ASK_SECONDS 10

typedef struct BmAsk BmAsk;

/* `announces` may be NULL, and must outlive it. */
BmAsk *bm_ask_new(const BmAnnounces *announces);
void bm_ask_free(BmAsk *ask); /* NULL is fine */

/* The visitor to drive, which passes on to `inner` and belongs to `ask`; `inner`
 * stays the caller's.  `outcome` (may be NULL) goes into the preamble.  `wanted`:
 * the receiver answers. */
BmStreamVisitor *bm_ask_stream(BmAsk *ask, BmStreamVisitor *inner, const BmOutcome *outcome,
                               gboolean wanted);

/* From the other thread: the answer, and that there will be none. */
void bm_ask_answer(BmAsk *ask, const BmFinding *list, uint32_t n);
void bm_ask_give_up(BmAsk *ask);

/* The receiver would not take the guest: the walk has failed with BM_REFUSED. */
gboolean bm_ask_was_refused(const BmAsk *ask);

/* Shows findings on standard error, a line each behind `where`. */
void bm_findings_report(const char *where, const BmFinding *list, uint32_t n);

#endif
