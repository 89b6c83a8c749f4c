/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffered octets from a descriptor or from memory, with look-ahead.
 *
 * Memory grows with what has arrived, never with what a length on the wire
 * promises.
 */
#ifndef BM_INPUT_H
#define BM_INPUT_H

#include "ber.h"

typedef struct BmInput BmInput;

/* Called before a read that would block, so that what is held back can be sent.
 * It must not touch the input. */
typedef void (*BmIdle)(void *data);

/* Reads from fd, which stays the caller's.  NULL only if memory is out. */
BmInput *bm_input_fd(int fd);
/* Reads from memory, which must outlive the input. */
BmInput *bm_input_memory(const void *data, size_t len);
/* NULL is fine. */
void bm_input_free(BmInput *in);

void bm_input_set_idle(BmInput *in, BmIdle idle, void *data);

/* With such a function, pointers into the input do not end with the next fill but when
 * it is called, which is as seldom as can be.  As with the other one, it must not touch
 * the input.  NULL: none any more. */
void bm_input_set_moving(BmInput *in, BmIdle moving, void *data);

/* Octets that one read may fetch beyond those that are wanted.  SIZE_MAX, as at first,
 * leaves it to the input. */
void bm_input_set_ahead(BmInput *in, size_t ahead);

/* Tries to have `want` octets at hand and returns how many are: fewer only at
 * the end of the input or after a failed read.  Pointers into the input, also
 * to octets that were skipped since, stay valid until the next fill and end
 * there (but see bm_input_set_moving()). */
size_t bm_input_fill(BmInput *in, size_t want);
/* As bm_input_fill(), but gives up `timeout_ms` after the last octet came (or
 * after the call); a later fill may go on. */
size_t bm_input_fill_within(BmInput *in, size_t want, int timeout_ms);
/* The octets at hand. */
const uint8_t *bm_input_data(const BmInput *in);
size_t bm_input_available(const BmInput *in);
/* Moves on.  `len` must be at hand. */
void bm_input_skip(BmInput *in, size_t len);
/* Moves as many octets to pieces of memory as these have room for, and on in the
 * input: those at hand are copied, the others read to where they belong.  Returns how
 * many: fewer only at the end of the input or after a failed read.  As a fill it ends
 * pointers into the input. */
size_t bm_input_move(BmInput *in, const struct iovec *to, size_t n);
/* From now on a regular file is read through a mapping, and only what is asked for: for
 * who passes over most of it.  A file that is cut meanwhile is a SIGBUS, which the program
 * has to be prepared for.  False, and nothing changes, if this is no regular file. */
bool bm_input_map(BmInput *in);
/* Moves on over octets that need not be at hand.  False, and nothing moves, if they are
 * not, and the input is not mapped or ends before. */
bool bm_input_pass(BmInput *in, size_t len);
/* Moves on to an offset that is not behind: what lies between is not read.  False if
 * the descriptor has no places to go to (a pipe). */
bool bm_input_jump(BmInput *in, uint64_t offset);
/* Octets from anywhere in the input, `len` of them, without moving.  False if they
 * are not all there; errno is 0 then, else it says why they could not be read (ESPIPE
 * for a pipe). */
bool bm_input_at(BmInput *in, uint64_t offset, void *data, size_t len);
/* Offset of bm_input_data()[0] in the input. */
uint64_t bm_input_offset(const BmInput *in);
/* errno of a failed read (ENOMEM: no room for what arrives), 0 if there was
 * none. */
int bm_input_errno(const BmInput *in);

/* The digest (digest.h) of the hashes added since bm_input_digest_start(). */
void bm_input_digest_start(BmInput *in);
void bm_input_digest_add(BmInput *in, uint64_t hash);
uint64_t bm_input_digest(const BmInput *in);
/* From now on there is no digest, until the next start: not all octets are looked at. */
void bm_input_digest_drop(BmInput *in);
bool bm_input_has_digest(const BmInput *in);
/* Octets skipped since bm_input_digest_start(), or since the beginning. */
uint64_t bm_input_digest_octets(const BmInput *in);

#endif
