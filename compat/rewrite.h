/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream visitor that hands everything on, devices with a chain of
 * transformations applied to them.
 */
#ifndef BM_REWRITE_H
#define BM_REWRITE_H

#include "stream.h"
#include "transform.h"

typedef enum BmRewriteNote {
    BM_NOTE_DERIVED_ANEW,       /* the origin's description was text, one is made from schemas */
    BM_NOTE_DESCRIPTION_DROPPED /* it was text that cannot be read */
} BmRewriteNote;

typedef struct BmRewriteOptions {
    gboolean consent;                                    /* to all that is lost */
    void (*changed)(void *user, const BmChange *change); /* these three may be NULL */
    void (*note)(void *user, BmRewriteNote note);
    void *user;
} BmRewriteOptions;

/* Takes over `inner`; `chain` must outlive the result.
 *
 * Losses that nobody consented to do not end the walk at once, so that all of
 * them are reported; the end of the stream is then an error (BM_REFUSED) and
 * does not reach `inner`.  Inside a package, whose size comes first, a device
 * may only change if it stays as long as it was. */
BmStreamVisitor *bm_rewrite_stream(BmStreamVisitor *inner, const BmChain *chain,
                                   const BmRewriteOptions *options);

#endif
