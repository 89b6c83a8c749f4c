/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A copy of what is sent, in a file.  The octets go through a pipe to a thread
 * that writes them twice: compressing twice would cost more, and the recording
 * is what went over the wire, bit for bit.
 */
#ifndef BM_TEE_H
#define BM_TEE_H

#include <glib.h>

typedef struct BmTee BmTee;

/* What is written to bm_tee_fd() goes to `socket` and to the file. */
BmTee *bm_tee_open(const char *path, int socket, GError **error);
int bm_tee_fd(const BmTee *tee);
/* All has been written: waits until it is sent. */
gboolean bm_tee_drain(BmTee *tee, GError **error);
/* The stream was confirmed: the file comes into its place.  A recording that
 * fails is reported and dropped; the migration goes on. */
void bm_tee_commit(BmTee *tee);
/* Without a commit before it, no file remains.  NULL is fine. */
void bm_tee_free(BmTee *tee);

#endif
