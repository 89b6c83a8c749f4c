/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's descriptions of guests that were moved, in files, for the next move (recall.h).
 *
 * A folder of texts, each under its own SHA-256: `DIGEST.json`.  A file that is not what its
 * name says is removed, one that is hardly ever wanted goes when there are too many, and
 * without all of them a move only takes longer.  Several processes may use a folder at once.
 */
#ifndef BM_DESCRIPTION_CACHE_H
#define BM_DESCRIPTION_CACHE_H

#include "recall.h"

/* Files that are kept, and octets that one may have. */
#define BM_CACHE_FILES 8u
#define BM_CACHE_TEXT (1u << 20)

/* A row of a table of GOptionEntry. */
#define BM_CACHE_ENTRY(folder)                                                                     \
    {                                                                                              \
        "description-cache", 0, 0, G_OPTION_ARG_FILENAME, folder,                                  \
            "Where to keep descriptions of guests for the next move; none: nowhere", "DIR|none"    \
    }

/* From the option to the folder; NULL: none.  Without the option (NULL) it is as in
 * $BERMIG_DESCRIPTION_CACHE, and without that bermig/descriptions below $XDG_CACHE_HOME or
 * ~/.cache. */
char *bm_cache_folder(const char *option);

/* All that the folder has, latest first.  Nothing in it, or no folder, is no failure. */
BmRecall *bm_cache_load(const char *folder);
/* The same without waiting for it: a thread reads what is wanted only when the guest stands still.
 * `folder` must live as long as what is returned. */
BmRecall *bm_cache_load_aside(const char *folder);
/* Keeps what `recall` has seen, once a guest has arrived.  That it cannot be written is no
 * failure either. */
void bm_cache_keep(const char *folder, const BmRecall *recall);

#endif
