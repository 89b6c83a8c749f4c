/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last octets of a stream, held back until it is known to be whole.  There
 * can be many: a file may be followed by anything.
 */
#ifndef BM_LEGACY_TAIL_H
#define BM_LEGACY_TAIL_H

#include <stdio.h>

#include "stream.h"

typedef struct BmLegacyTail {
    GByteArray *octets;
    FILE *file; /* what came before them, if that is much; else NULL */
} BmLegacyTail;

void bm_legacy_tail_init(BmLegacyTail *tail);
void bm_legacy_tail_clear(BmLegacyTail *tail);

/* FALSE: no room in the folder for temporary files. */
gboolean bm_legacy_tail_add(BmLegacyTail *tail, const void *data, size_t len, GError **error);
/* Writes what came before the last BM_LEGACY_WINDOW octets; for a stream of
 * which no end is known. */
void bm_legacy_tail_slide(BmLegacyTail *tail, BmOutput *out);
/* Writes all. */
gboolean bm_legacy_tail_release(BmLegacyTail *tail, BmOutput *out, GError **error);

/* An end marker and QEMU's description, of 2 MB at most, lie in this. */
#define BM_LEGACY_WINDOW (4u << 20)

#endif
