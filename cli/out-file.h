/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An output file that appears when it is complete, or not at all: it is written
 * beside its place under another name and renamed at the end.  Standard output
 * ("-") and what is no regular file (a fifo, /dev/null) are written directly.
 */
#ifndef BM_OUT_FILE_H
#define BM_OUT_FILE_H

#include "report.h"

typedef struct BmOutFile {
    int fd;
    char *path;      /* the final one, links resolved */
    char *temporary; /* NULL: written directly */
} BmOutFile;

gboolean bm_out_file_open(BmOutFile *file, const char *path, GError **error);
/* Ends the file well: it is on the disk and in its place.  The file is closed
 * in any case. */
gboolean bm_out_file_commit(BmOutFile *file, GError **error);
/* Ends the file badly: nothing of it remains. */
void bm_out_file_abandon(BmOutFile *file);
/* One of both, by how writing it ended.  Returns that, or what came of the first, which is
 * reported; `name` is what messages call the file. */
BmExit bm_out_file_end(BmOutFile *file, const char *name, BmExit status);

#endif
