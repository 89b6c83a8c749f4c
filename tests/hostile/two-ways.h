/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory loaded from the same octets in the usual way, through the input's
 * buffer, and straight into its place: both must do the same.
 */
#ifndef BM_TWO_WAYS_H
#define BM_TWO_WAYS_H

#include "compat.h"

#define TWO_WAYS_PAGE 1024u
#define TWO_WAYS_PAGES 128u /* of the block "ram" */

/* A stream of that memory with some pages zero and some not, other ones for each
 * seed; g_byte_array_unref() it. */
GByteArray *two_ways_stream(guint32 seed);

/* Loads any octets, the second way from memory and from a descriptor.  Ends the program
 * by abort(), with a word on stderr, where
 *   - one way succeeds and the other does not, or memory differs then,
 *   - a failure has no error of ours,
 *   - they fail for different reasons, although no checksum is wrong,
 *   - something else than guest memory is touched: it lies between two pages that
 *     cannot be.
 * BM_OK if the octets were accepted, else the error of the usual way; *placed, which may
 * be NULL, is the number of pages that went straight to their place. */
BmCode check_two_ways(BmOctets in, uint64_t *placed);

#endif
