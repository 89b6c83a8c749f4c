/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A live section: state that is sent piece by piece while the guest runs.  A const
 * record of functions with an opaque pointer; bm_machine_add_live() registers it.
 */
#ifndef BM_LIVE_HANDLERS_H
#define BM_LIVE_HANDLERS_H

#include "stream.h"

/* All may be NULL but load_item; iterate needs remaining.  Items go out by
 * bm_stream_live_item(out, ..), which is all that may be done with `out`: what an
 * item points to is borrowed for the call.  Which items a section may have follows
 * from its name and version (SPEC.md 7.1); all may have octets. */
typedef struct BmLiveHandlers {
    uint32_t version, minimum_version;
    int priority;
    /* The first piece: what the section is. */
    gboolean (*setup)(void *opaque, BmStreamVisitor *out, GError **error);
    /* A piece of about `budget` octets of the state, at least something; called
     * while there are any remaining. */
    gboolean (*iterate)(void *opaque, BmStreamVisitor *out, uint64_t budget, GError **error);
    /* Octets of the state that iterate still has to send: an estimate, but 0 is none. */
    uint64_t (*remaining)(void *opaque);
    /* The last piece, with the guest stopped: all that is left. */
    gboolean (*complete)(void *opaque, BmStreamVisitor *out, GError **error);
    /* A piece begins, its items, and its end. */
    gboolean (*load_begin)(void *opaque, BmPhase phase, uint32_t version, GError **error);
    gboolean (*load_item)(void *opaque, const BmItem *item, GError **error);
    /* Where the octets of full pages belong, as bm_stream_place() has it. */
    uint8_t *(*load_place)(void *opaque, const BmItem *item);
    gboolean (*load_end)(void *opaque, BmPhase phase, GError **error);
    /* Saving or loading is over, well or not; once for each that has begun. */
    void (*cleanup)(void *opaque);
} BmLiveHandlers;

#endif
