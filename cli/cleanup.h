/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that must not stay behind when a signal ends the program: temporary
 * outputs and the sockets of a listener.
 */
#ifndef BM_CLEANUP_H
#define BM_CLEANUP_H

#include <glib.h>

/* FALSE if the path is too long, with errno. */
gboolean bm_cleanup_add(const char *path);
/* The file is gone, or is to stay. */
void bm_cleanup_forget(const char *path);

#endif
