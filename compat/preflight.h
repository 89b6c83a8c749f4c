/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would this machine take that guest?  Asked before the first page is sent.
 *
 * QEMU's loader goes by position and not by name, and this is about QEMU's
 * loader: a field that is not where it is expected is one that would be read as
 * another.  What is not known of either side is not compared, and where only a
 * sample is known of the destination (a stream of it, in which things may be
 * absent that it knows) a difference is a warning.  So a block is a failure that
 * was seen before it happens, and no block is no promise.
 */
#ifndef BM_PREFLIGHT_H
#define BM_PREFLIGHT_H

#include "expect.h"
#include "findings.h"

/* Compares a guest with the machine that is to take it, and adds to `findings`:
 * machine and memory first, then the guest's sections in their order. */
void bm_preflight(const BmExpect *destination, const BmExpect *guest, BmFindings *findings);

#endif
