/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a person is told on standard error, and the exit status that goes with
 * it.  All messages of the program go through here: each is one line and one
 * write(2), so that those of two threads or of both ends of a pipe never mix.
 * Programs that want to know get them as events, see status.h.
 */
#ifndef BM_REPORT_H
#define BM_REPORT_H

#include "error.h"

typedef enum BmExit {
    BM_EXIT_DONE = 0,
    BM_EXIT_INPUT = 1, /* the input is wrong, or the peer failed */
    BM_EXIT_RUN = 2    /* could not run: usage, cannot open, cannot connect, disk full */
} BmExit;

/* "WHERE: TEXT".  `where` is a file, an address or the command. */
void bm_report(const char *where, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* "WHERE:OFFSET: PATH: WHAT", as far as the error knows them.  Returns the
 * status that fits a file: a failed read or write is not the input's fault. */
BmExit bm_report_error(const char *where, const GError *error);

/* Shows a line of ASCII on the terminal that standard error is, in the place of
 * the one that was shown so before; what is reported next takes its place. */
void bm_report_in_place(const char *text);
/* It goes, and nothing comes in its place. */
void bm_report_leave_place(void);

/* The text as it may be shown on a terminal: no control characters, valid
 * UTF-8.  Free with g_free(). */
char *bm_printable(const char *text);

#endif
