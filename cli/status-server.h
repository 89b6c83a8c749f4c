/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other end of --status: what send and recv, whom QEMU started, tell about
 * themselves (status.h).  QEMU itself does not hand on what its children say.
 */
#ifndef BM_STATUS_SERVER_H
#define BM_STATUS_SERVER_H

#include <poll.h>

#include "json-lines.h"

/* Of more connections at a time the rest wait. */
#define BM_STATUS_CONNECTIONS 4

/* What one of the two has told so far. */
typedef struct BmTold {
    gboolean here;      /* connected; stays TRUE */
    gboolean gone;      /* has closed, as also a killed one does */
    gboolean listening; /* recv */
    guint64 read, written;
    char *message;     /* the last one; NULL */
    json_object *done; /* NULL before success */
    int exit;          /* -1: not told */
} BmTold;

typedef enum BmTeller { BM_TOLD_BY_SEND, BM_TOLD_BY_RECV, BM_TELLERS } BmTeller;

/* "send" or "recv". */
const char *bm_teller_name(BmTeller teller);

typedef struct BmStatusServer BmStatusServer;

/* Listens at a Unix socket. */
BmStatusServer *bm_status_server_new(const char *path, GError **error);
void bm_status_server_free(BmStatusServer *server); /* the file stays; NULL is fine */

/* What to poll: up to BM_STATUS_CONNECTIONS + 1 entries are filled in; how many. */
unsigned bm_status_server_poll(const BmStatusServer *server, struct pollfd *fds);
/* Takes what has come, without waiting. */
void bm_status_server_pump(BmStatusServer *server);

/* The server's, and up to date since the last pump. */
const BmTold *bm_status_server_told(const BmStatusServer *server, BmTeller by);
/* Who ended without success and is to blame; FALSE if nobody did (yet).  When one
 * fails, the other one loses its connection: so it is the one that speaks of its
 * own side, "<stdin>" or "<stdout>", else the first one. */
gboolean bm_status_server_culprit(const BmStatusServer *server, BmTeller *teller);

#endif
