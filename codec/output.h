/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets to a descriptor or to memory: counted, never copied when
 * they are large.
 */
#ifndef BM_OUTPUT_H
#define BM_OUTPUT_H

#include "ber.h"

typedef struct BmOutput BmOutput;

/* Writes to fd, which stays the caller's.  NULL only if memory is out. */
BmOutput *bm_output_fd(int fd);
/* Collects in memory; see bm_output_memory_data(). */
BmOutput *bm_output_memory(void);
/* Does not flush. NULL is fine. */
void bm_output_free(BmOutput *out);

/* Appends.  Small pieces are collected in a buffer, large ones are written
 * together with it by writev(2).  false after a failed write, for good. */
bool bm_output_write(BmOutput *out, const void *data, size_t len);
/* The same for `n` pieces as one: what goes to a descriptor and is large is not
 * copied, in however many pieces it comes.  iov[] is not changed. */
bool bm_output_pieces(BmOutput *out, const struct iovec *iov, size_t n);
/* Room for the next `len` octets, which the caller writes there before anything else is
 * done with the output: they count as appended.  NULL if they are to be appended in
 * another way: they are too many for the buffer, or a write has failed. */
uint8_t *bm_output_reserve(BmOutput *out, uint64_t len);
/* The record in `w`.  A writer with a fault or an open container fails the
 * output too (bm_output_errno() is EINVAL), so that no record can get lost
 * unseen; look at w->fault first. */
bool bm_output_writer(BmOutput *out, const BmWriter *w);
/* The same for a record written by other means: its hash goes into the digest. */
void bm_output_digest_add(BmOutput *out, uint64_t hash);
/* Writes what is still in the buffer. */
bool bm_output_flush(BmOutput *out);
/* True if this goes to a regular file, all of it from the file's first octet on: then
 * it has places that can be written in any order.  Flushes. */
bool bm_output_has_places(BmOutput *out);
/* Goes on at an offset that is not behind; what lies between is a hole. */
bool bm_output_jump(BmOutput *out, uint64_t offset);
/* Writes, or reads back, octets at any offset without moving.  They must have been
 * jumped over, or flushed.  What was never written reads as zeros. */
bool bm_output_write_at(BmOutput *out, uint64_t offset, const void *data, size_t len);
bool bm_output_read_at(BmOutput *out, uint64_t offset, void *data, size_t len);
/* errno of the failed write, 0 if there was none.  EPIPE needs SIGPIPE ignored. */
int bm_output_errno(const BmOutput *out);

/* Octets appended so far. */
uint64_t bm_output_offset(const BmOutput *out);
/* The digest (digest.h) of the records appended as such. */
uint64_t bm_output_digest(const BmOutput *out);
/* What bm_output_memory() collected. */
BmOctets bm_output_memory_data(const BmOutput *out);

#endif
