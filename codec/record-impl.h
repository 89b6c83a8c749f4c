/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two readers of records share: record.c reads whole ones, record-pieces.c
 * piece by piece. */
#ifndef BM_RECORD_IMPL_H
#define BM_RECORD_IMPL_H

#include "record.h"

typedef struct BmRecordHeader {
    BmRecordType type;
    size_t len;  /* octets of tag and length */
    size_t size; /* octets of the record */
} BmRecordHeader;

/* The header that comes next; nothing moves. */
bool bm_record_read_header(BmInput *in, BmRecordHeader *header, BmFault *fault);
/* The fault of an input that has fewer octets than `want` at hand: it ended or failed.
 * Always false. */
bool bm_record_too_short(BmInput *in, const char *what, uint64_t want, BmFault *fault);
/* Compares the member at `member`, which has the checksum, with the hash of the octets
 * before it.  `offset` is that of the member. */
bool bm_record_compare_sum(const uint8_t *member, uint64_t offset, uint64_t hash, BmFault *fault);

#endif
