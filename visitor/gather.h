/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page channels joined with their stream: a stream visitor that turns the packets of
 * channels into pages of the live section `ram`, decompressed, for a visitor that knows
 * only those.
 *
 * Pages come where their packets do; outside of the section, as a Part of its own.  The
 * marks of QEMU's stream that say "all channels have come so far" are left out behind the first
 * octets of a channel; a stream that has none stays as it was.
 */
#ifndef BM_GATHER_H
#define BM_GATHER_H

#include "stream.h"

/* Owns `inner`.  Fails with BM_REFUSED for pages compressed in a way that is not known
 * here, for octets of a channel that were not understood, and for device state. */
BmStreamVisitor *bm_gather_stream(BmStreamVisitor *inner);

#endif
