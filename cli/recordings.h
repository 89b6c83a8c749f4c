/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that hold the channels of a move (SPEC.md 5.17), one each, as `bermig send --record`
 * writes them: they are joined with the recording of its main stream.
 */
#ifndef BM_RECORDINGS_H
#define BM_RECORDINGS_H

#include "join.h"
#include "source.h"

typedef struct BmRecordings BmRecordings;

/* How many channels belong to a main stream that is in BER, and has been opened and not been
 * read; 0 if it is none. */
unsigned bm_recordings_of(const BmSource *main);

/* Opens the files, NULL-terminated and in any order: they must be all `count` channels of one
 * move.  NULL after a failure, which has been reported; `main` is for that. */
BmRecordings *bm_recordings_open(const BmSource *main, unsigned count, char *const *paths,
                                 BmExit *status);
void bm_recordings_close(BmRecordings *recordings); /* NULL is fine */

/* Drives `s`, which stays the caller's, with what all of them together are. */
gboolean bm_recordings_read(BmRecordings *recordings, BmSource *main, BmStreamVisitor *s,
                            GError **error);
/* Whose fault a failure of that was: the file of a channel, or NULL. */
const char *bm_recordings_failed(BmRecordings *recordings);

#endif
