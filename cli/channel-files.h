/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that hold the page channels of a QEMU stream, one each.
 */
#ifndef BM_CHANNEL_FILES_H
#define BM_CHANNEL_FILES_H

#include "multifd.h"
#include "out-file.h"
#include "source.h"

typedef struct BmChannelFiles {
    char *const *paths; /* NULL-terminated, the caller's; channel 0 first */
    guint n;
    /* to be read */
    BmSource *sources;
    BmInput **inputs;
    /* to be written */
    BmOutFile *files;
    BmOutput **outputs;
    guint opened;
} BmChannelFiles;

/* `paths` may be NULL.  Nothing is opened yet. */
void bm_channel_files_init(BmChannelFiles *f, char *const *paths);

/* Opens all for reading and puts them before `inner`, a stream visitor that a QEMU stream
 * is going to drive; NULL after a failure, which has been reported.  Owns `inner`. */
BmStreamVisitor *bm_channel_files_read(BmChannelFiles *f, BmStreamVisitor *inner, BmExit *status);

/* Lets `inner`, a stream visitor that writes to `stream`, have channels in the files, which
 * appear as in out-file.h.  Owns `inner`. */
BmStreamVisitor *bm_channel_files_write(BmChannelFiles *f, BmStreamVisitor *inner,
                                        BmOutput *stream);
/* All of them were channels of the stream, and are in their places. */
gboolean bm_channel_files_commit(BmChannelFiles *f, GError **error);
/* The file that could not be written, NULL: none. */
const char *bm_channel_files_failed(const BmChannelFiles *f, int *number);

/* Closes what is open; nothing remains of files that were not committed. */
void bm_channel_files_clear(BmChannelFiles *f);

#endif
