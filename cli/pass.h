/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Passing octets on as they are, when one end is a plain QEMU.
 */
#ifndef BM_PASS_H
#define BM_PASS_H

#include "codec.h"
#include "error.h"
#include "return-path.h"
#include "watch.h"

/* All of `in` to `out`, flushed whenever the input has nothing at hand.  The watch
 * on the two is kept up to date. */
gboolean bm_pass_all(BmInput *in, BmOutput *out, BmWatch *watch, GError **error);

/* QEMU's return path from one descriptor to another, until it ends, the answer
 * SHUT has passed, or `stop` becomes readable.  `to` < 0: to nobody.  `path`
 * sees all of it.  FALSE if reading or writing failed, or if QEMU says that it
 * could not load the stream. */
gboolean bm_pass_return_path(int from, int to, int stop, BmReturnPath *path, GError **error);

#endif
