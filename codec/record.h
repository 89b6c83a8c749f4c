/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of a stream: format identifier, records with their checksums,
 * trailer.  Knows octets and tags, not what the records mean.
 */
#ifndef BM_RECORD_H
#define BM_RECORD_H

#include "input.h"
#include "output.h"

#define BM_VERSION_MAJOR 1
#define BM_VERSION_MINOR 0

/* The first octets of each stream: SEQUENCE of indefinite length, then the
 * OBJECT IDENTIFIER 2.25.125109616885063328647694488856104356167. */
#define BM_MAGIC_LEN 24
extern const uint8_t bm_magic[BM_MAGIC_LEN];

/* APPLICATION tag numbers, as in asn1/bermig.asn1. */
typedef enum BmRecordType {
    BM_RECORD_PREAMBLE = 0,
    BM_RECORD_CONFIGURATION = 1,
    BM_RECORD_SCHEMA = 2,
    BM_RECORD_DEVICE = 3,
    BM_RECORD_START = 4,
    BM_RECORD_PART = 5,
    BM_RECORD_END = 6,
    BM_RECORD_MORE = 7,
    BM_RECORD_COMMAND = 8,
    BM_RECORD_PACKAGE = 9,
    BM_RECORD_PACKAGE_END = 10,
    BM_RECORD_FINISH = 11,
    BM_RECORD_REMAINDER = 12,
    BM_RECORD_MESSAGE = 13,
    BM_RECORD_ACK = 14,
    BM_RECORD_EXTENSION = 15,
    BM_RECORD_TRAILER = 16,
    BM_RECORD_HELLO = 17,
    BM_RECORD_CHECK = 18,
    BM_RECORD_FINDINGS = 19,
    BM_RECORD_ANNOUNCE = 20,
    BM_RECORD_INDEX = 27, /* 21 to 25 are frames of sessions */
    BM_RECORD_CHANNEL = 28,
    BM_RECORD_CHANNEL_ENDS = 29,
    BM_RECORD_KNOWN = 30,
    BM_RECORD_TYPES = 31
} BmRecordType;

#define BM_TAG_RECORD(type) (BM_TAG_APPLICATION(type) | BM_CONSTRUCTED)
#define BM_SUM_LEN 4                       /* octets of a record's checksum */
#define BM_SUM_MEMBER_LEN (2 + BM_SUM_LEN) /* octets of the member that has it */
#define BM_DIGEST_LEN 8                    /* octets of the stream's digest */

/* ---- writing ---- */

/* Starts a record in an empty writer / appends the checksum and closes it; w->hash is
 * what bm_output_writer() adds to the digest then. */
void bm_record_open(BmWriter *w, BmRecordType type);
void bm_record_close(BmWriter *w);

/* Closes the record and writes it, in one go: each piece is hashed just before it is
 * written, while it is in the cache, and the checksum comes last.  What the record
 * borrows is read twice, so it must not change meanwhile, or the checksum is wrong.
 * false after a fault of the writer or a failed write. */
bool bm_record_write(BmOutput *out, BmWriter *w);

/* ---- reading ---- */

typedef struct BmRecord {
    BmRecordType type;
    uint64_t offset; /* of its first octet */
    size_t size;     /* octets, header included */
    BmView body;     /* members before the checksum; valid until the next read */
    bool complete;   /* false: the input ended inside; `body` is what is there,
                        unchecked, for an explanation only, and to be read by a
                        new view: its fault is already set */
} BmRecord;

/* In a fault, BM_BAD_DIGEST has the checksum of the stream as `expected` and the
 * one of the octets that came as `got`; BM_TRUNCATED is at the end of the input
 * with the octets something should have and those that are there.  Where the
 * input failed and did not end, the code is BM_IO (or BM_NO_MEMORY). */

/* Compares the last member of a record, its checksum, with the octets before it,
 * and gives their hash, which it is half of.  `size` is at least
 * BM_SUM_MEMBER_LEN, and `offset` that of record[0]. */
bool bm_record_check(const uint8_t *record, size_t size, uint64_t offset, uint64_t *hash,
                     BmFault *fault);

/* Reads the magic and the preamble record (fault BM_NOT_RECOGNISED, BM_TRUNCATED).
 * The digest of the input starts here. */
bool bm_frame_read_head(BmInput *in, BmRecord *preamble, BmFault *fault);

/* Reads the opening of `records`, right after the preamble. */
bool bm_frame_read_open(BmInput *in, BmFault *fault);

/* Reads the next record of `records`; *end is true, and nothing else is set, at
 * its end-of-contents octets.  A tag that is none of a record is BM_UNKNOWN, a
 * preamble or trailer among the records BM_BAD_ORDER.  The checksum has been verified.  When the
 * input ends inside a record, false is returned with BM_TRUNCATED and record->complete == false,
 * record->type and record->body set if the header was there (record->size == 0 otherwise). */
bool bm_frame_read_record(BmInput *in, BmRecord *record, bool *end, BmFault *fault);

/* Reads the trailer and the last end-of-contents octets and compares counts
 * (BM_MISMATCH) and digest (BM_BAD_DIGEST) with what was read; where the input has no
 * digest, *digest is what the trailer says.  `records` is the caller's count.  What follows in the
 * input is not looked at. */
bool bm_frame_read_trailer(BmInput *in, uint64_t records, uint64_t *octets, uint64_t *digest,
                           BmFault *fault);

/* The same for writing.  The magic must be the first thing in `out`.  The
 * trailer's function ends `records` first (so the trailer says two octets more
 * than bm_output_offset() before the call) and flushes at last. */
bool bm_frame_write_magic(BmOutput *out);
bool bm_frame_write_open(BmOutput *out);
bool bm_frame_write_trailer(BmOutput *out, uint64_t records, uint64_t *digest);

#endif
