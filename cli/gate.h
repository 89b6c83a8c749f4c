/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receiver's part of a preflight (SPEC.md 5.13): a stream visitor that lets
 * through to QEMU what it would take.
 *
 * What comes before a Check is compared with what QEMU expects; of a sender that
 * does not ask, what comes before the first page.  It is not flushed before, so that
 * QEMU has seen nothing of a guest that is refused.  Of a probe nothing is passed on
 * at all.
 */
#ifndef BM_GATE_H
#define BM_GATE_H

#include "expect.h"

typedef struct BmGateOps {
    /* No probe: a guest follows.  Called once. */
    void (*in_earnest)(void *data);
    /* What was found, for people. */
    void (*show)(void *data, const BmFindings *findings);
    /* The same for the sender, who has asked. */
    gboolean (*answer)(void *data, const BmFindings *findings, GError **error);
} BmGateOps;

typedef struct BmGate BmGate;

/* `expect`: what QEMU expects, NULL if that is not known; must outlive it, as must
 * `inner`, which stays the caller's. */
BmGate *bm_gate_new(BmStreamVisitor *inner, const BmExpect *expect, const BmGateOps *ops,
                    void *data);
void bm_gate_free(BmGate *gate); /* NULL is fine */
BmStreamVisitor *bm_gate_stream(BmGate *gate);

gboolean bm_gate_was_probe(const BmGate *gate);
/* Nothing has been passed on for good. */
gboolean bm_gate_is_closed(const BmGate *gate);

#endif
