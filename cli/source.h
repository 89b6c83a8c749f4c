/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream in a file or on standard input, whichever its format.
 */
#ifndef BM_SOURCE_H
#define BM_SOURCE_H

#include "compat.h"
#include "report.h"

typedef struct BmSource {
    const char *name; /* as reported: the path, or "<stdin>" */
    int fd;
    BmInput *in;
    BmFormat format; /* BER or legacy */
    gboolean live; /* legacy: a QEMU writes it now, and need not end the input; FALSE when opened */
} BmSource;

/* Opens and recognises.  What is wrong has been reported unless the result is
 * BM_EXIT_DONE.  `path` must outlive the source. */
BmExit bm_source_open(BmSource *source, const char *path);
/* The two halves of that: opens whatever it is, to be closed also after a
 * failure; says which format it has, BM_EXIT_INPUT if it is none. */
BmExit bm_source_open_any(BmSource *source, const char *path);
BmExit bm_source_recognise(BmSource *source);
void bm_source_close(BmSource *source);
/* What is passed over in a file shall not even be read.  A file that is cut meanwhile ends
 * the program, with a message; so this is for commands that write no file. */
void bm_source_skim(BmSource *source);

/* What was read is all that there is. */
gboolean bm_source_expect_end(const BmSource *source, GError **error);

/* Drives `s` with the whole stream, behind which nothing may be in BER.  `explain` and `stats` as
 * in bm_ber_stream_read(); they mean nothing for a legacy stream. */
gboolean bm_source_read(BmSource *source, BmStreamVisitor *s, gboolean explain, BmBerStats *stats,
                        GError **error);

#endif
