/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Visitors for looking at the values of one device: each takes them from a walk
 * (walk.h), whatever that walk reads from.
 */
#ifndef BM_VISITORS_H
#define BM_VISITORS_H

#include "visitor.h"

/* Prints one value per line, as `bermig dump` does:
 *
 *   slirp.bootp.bootp_clients(16)(8).[1].macaddr(6)(1).[3] = (uint8) 0x0
 *
 * `root` (may be NULL) is the first component of each path.  `out` stays the
 * caller's; nothing of the device is missing in it when the walk has ended. */
BmVisitor *bm_visitor_text(BmOutput *out, const char *root);

/* Writes the values as one JSON object: what `bermig dump --format=json` shows
 * as the "state" of a device (json-stream.c says how each kind looks). */
BmVisitor *bm_visitor_json_out(BmOutput *out);

#endif
