/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A regular file, read through a mapping of a part of it at a time: pages of the file that
 * nobody looks at cost nothing.  A file that is cut under a mapping is a SIGBUS.
 */
#ifndef BM_FILE_MAP_H
#define BM_FILE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct BmFileMap BmFileMap;

/* Reads from the place `at` on.  The descriptor stays the caller's.  NULL if it is no
 * regular file, or memory is out. */
BmFileMap *bm_file_map_new(int fd, uint64_t at);
/* NULL is fine. */
void bm_file_map_free(BmFileMap *m);

/* As read(2), also in its result. */
ssize_t bm_file_map_read(BmFileMap *m, void *to, size_t len);
/* The place of the next octet, and how many there are up to the file's end. */
uint64_t bm_file_map_at(const BmFileMap *m);
uint64_t bm_file_map_left(const BmFileMap *m);
void bm_file_map_go(BmFileMap *m, uint64_t at);

#endif
