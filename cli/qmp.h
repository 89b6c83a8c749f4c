/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client of QEMU's machine protocol, QMP: one connection, one command at a
 * time.  Events wake who waits for bm_qmp_fd() and are passed over: what they tell is
 * asked for, since an event may have come before anybody listened.
 *
 * What QEMU says is a stranger's word: lines and waits have limits, and after a
 * broken rule the connection counts as lost.  All waits end at a deadline.
 */
#ifndef BM_QMP_H
#define BM_QMP_H

#include "json-lines.h"
#include "transport.h"

/* The longest line; QEMU's longest ordinary answers have some 100 KiB. */
#define BM_QMP_MAX_LINE (4 << 20)
/* For the greeting, and for the answer to a command. */
#define BM_QMP_GREETING_SECONDS 5
#define BM_QMP_ANSWER_SECONDS 20

#define BM_QMP_ERROR bm_qmp_error_quark()
GQuark bm_qmp_error_quark(void);

typedef enum BmQmpError {
    BM_QMP_REFUSED, /* QEMU did not do it; the message is QEMU's own */
    BM_QMP_LOST     /* there is no connection any more; the message says why */
} BmQmpError;

typedef struct BmQmp BmQmp;

/* Connects, reads the greeting and leaves negotiation.  NULL with BM_QMP_LOST. */
BmQmp *bm_qmp_open(const BmAddress *address, GError **error);
void bm_qmp_close(BmQmp *qmp); /* NULL is fine */

/* QEMU's version, as "7.2.22". */
const char *bm_qmp_version(const BmQmp *qmp);

/* Runs a command, takes over its arguments (NULL: none) and returns what QEMU
 * returned; the caller puts it.  NULL on failure. */
json_object *bm_qmp_run(BmQmp *qmp, const char *command, json_object *arguments, GError **error);
/* The same for who does not want the answer. */
gboolean bm_qmp_do(BmQmp *qmp, const char *command, json_object *arguments, GError **error);

/* Passes over what has come by itself, without waiting.  FALSE if the connection is
 * lost, now or before. */
gboolean bm_qmp_pump(BmQmp *qmp);
/* Why it was lost; NULL as long as it is not. */
const GError *bm_qmp_lost(const BmQmp *qmp);
/* Readable when there is something to fetch; -1 when the connection is lost. */
int bm_qmp_fd(const BmQmp *qmp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmQmp, bm_qmp_close)

#endif
