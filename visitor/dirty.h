/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which units of something (pages of memory, chunks of a disk) have changed since
 * they were sent: one bit each.  Any thread marks, at any time; the one that saves
 * cleans.
 */
#ifndef BM_DIRTY_H
#define BM_DIRTY_H

#include <glib.h>
#include <stdint.h>

typedef struct BmDirty {
    uint64_t length, unit; /* octets of the whole, and of one unit; the last may be less */
    uint64_t units;
    uint64_t *count; /* all that are dirty, of everything that shares it; atomic */
    uint64_t *bits;  /* NULL before the first bm_dirty_track() */
} BmDirty;

void bm_dirty_init(BmDirty *d, uint64_t length, uint64_t unit, uint64_t *count);
void bm_dirty_clear(BmDirty *d);

/* From now on marks count; all units are marked.  FALSE if memory is out. */
gboolean bm_dirty_track(BmDirty *d);
/* The units that have one of these octets; what lies outside does not count. */
void bm_dirty_mark(BmDirty *d, uint64_t offset, uint64_t length);
/* Units from `first` on that are dirty, at most `most`: they are clean now. */
uint64_t bm_dirty_clean(BmDirty *d, uint64_t first, uint64_t most);
/* The first dirty unit from `unit` on, or the number of units. */
uint64_t bm_dirty_next(const BmDirty *d, uint64_t unit);
uint64_t bm_dirty_count(const uint64_t *count);

#endif
