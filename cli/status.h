/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a command tells other programs about its work: JSON lines, on standard
 * error in the place of text (--progress=json), to a socket (--status), or both.
 *
 * Each line is an object with the members "from" (the command), "event" and
 * "time" (seconds since 1970, UTC), and those of the event:
 *
 *   start     "pid", "version"
 *   listening "address"
 *   message   "text": what a person would read
 *   progress  see progress.h
 *   done      the final status, see progress.h; only after success
 *   end       "exit": the exit status
 *
 * Nobody has to read them: what does not fit into the socket at once ends this
 * connection, and the work goes on.
 */
#ifndef BM_STATUS_H
#define BM_STATUS_H

#include "json-lines.h"

/* A GOptionArgFunc for --status=ADDRESS. */
gboolean bm_status_option(const char *name, const char *value, gpointer data, GError **error);
/* Among a command's options. */
#define BM_STATUS_OPTION                                                                           \
    {                                                                                              \
        "status", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer)bm_status_option,                         \
            "Also send JSON lines to a socket, tcp:HOST:PORT or unix:PATH", "ADDRESS"              \
    }

/* Lines in the place of text on standard error, from now on. */
void bm_status_take_stderr(void);
gboolean bm_status_has_stderr(void);

/* Connects, if there is an address, and says that `command` starts. */
void bm_status_begin(const char *command);
/* Says how it ended.  Returns the exit status. */
int bm_status_end(int exit_status);

/* Somebody wants events. */
gboolean bm_status_wanted(void);
/* A new event; add its members, then tell it. */
json_object *bm_status_event(const char *event);
/* Takes the event over.  From any thread. */
void bm_status_tell(json_object *event);

/* Short for events with one text. */
void bm_status_tell_text(const char *event, const char *member, const char *text);

#endif
