/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The digest of a stream (SPEC.md 4.3): of the hashes of its records, and not of their
 * octets once more, which would cost as much again as the checksums.
 */
#ifndef BM_DIGEST_H
#define BM_DIGEST_H

#include <stdint.h>

/* The digest of one more record.  `digest` is that of the records before it, 0 if
 * there are none; `hash` is the XXH3-64 that the record's checksum is the low half of. */
uint64_t bm_digest_add(uint64_t digest, uint64_t hash);

#endif
