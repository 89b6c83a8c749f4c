/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record that is read piece by piece, for one whose data belongs elsewhere than in
 * the input's buffer:
 *
 *     bm_pieces_begin(p, &record)
 *     bm_pieces_need(p, 32, &view)     some members, in the buffer
 *     bm_pieces_skip(p, read)
 *     bm_pieces_place(p, places, n)    octets, to where they belong
 *     bm_pieces_jump(p, len)           octets that nobody wants
 *     bm_pieces_end(p)                 only now it is known that all this was right
 *
 * Who uses it must be able to take back, or to throw away, what came of a record that
 * turns out to be wrong.
 */
#ifndef BM_RECORD_PIECES_H
#define BM_RECORD_PIECES_H

#include "record.h"

typedef struct BmPieces BmPieces;

/* Both stay the caller's.  NULL only if memory is out. */
BmPieces *bm_pieces_new(BmInput *in, BmFault *fault);
/* NULL is fine. */
void bm_pieces_free(BmPieces *p);

/* What the next record is, if one with a good header comes next; nothing moves, and
 * there is no fault otherwise. */
bool bm_pieces_peek(BmInput *in, BmRecordType *type, size_t *size);

/* Moves over the header.  record->body is empty. */
bool bm_pieces_begin(BmPieces *p, BmRecord *record);
/* Octets of members that are still to be read, the checksum excluded. */
size_t bm_pieces_left(const BmPieces *p);
/* A view of the next `want` octets, or of all that are left if these are fewer.  Good
 * until the next call but bm_pieces_skip(); nothing moves. */
bool bm_pieces_need(BmPieces *p, size_t want, BmView *view);
/* Moves over octets of the last view. */
void bm_pieces_skip(BmPieces *p, size_t len);
/* Moves the next octets to their places, which must not be more than are left.  Those
 * that are in the buffer are copied, all others are read there by readv(2). */
bool bm_pieces_place(BmPieces *p, const struct iovec *places, size_t n);
/* Moves over the next octets, which must not be more than are left, and does not read
 * them if the input has places to go to (a file); then neither the record's checksum nor
 * the digest of the input is known any more. */
bool bm_pieces_jump(BmPieces *p, size_t len);
/* Reads the checksum, when nothing is left: BM_BAD_DIGEST if it is known and wrong.  Adds
 * to the digest of the input. */
bool bm_pieces_end(BmPieces *p);

#endif
