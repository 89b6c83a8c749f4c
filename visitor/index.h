/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single pages out of a file with an index (SPEC.md 5.15), in a time that does not grow
 * with the file: bm_ber_file_out() writes such files, `bermig convert --seekable` too.
 *
 * The index is a tree of records.  A search reads one of each level, and a page is read
 * with the record that it is in; what is read is checked by its sum, and every offset
 * against the file before it is used.  The rest of the file is not looked at: whether it
 * is whole, and whether the index tells all of it, only bm_ber_stream_read() finds out.
 *
 * An object is for one thread at a time; several may be open on one descriptor.
 */
#ifndef BM_INDEX_H
#define BM_INDEX_H

#include "stream.h"

typedef struct BmIndex BmIndex;

typedef enum BmPlace {
    BM_PLACE_NOWHERE, /* the stream has no such page: it is zero, or was not saved */
    BM_PLACE_ZERO,    /* zero, and nothing of it is stored */
    BM_PLACE_PLAIN,   /* as it is, from `data` on */
    BM_PLACE_RECORD,  /* in a record, which has to be read for it: compressed, or one octet */
    BM_PLACE_ENCODED  /* xbzrle or zlib: the stream has to be read in order */
} BmPlace;

/* Neighbouring pages of a block that lie in one place. */
typedef struct BmIndexRange {
    uint32_t block; /* position in bm_index_blocks() */
    uint64_t page, count;
    BmPlace place;
    uint64_t record; /* not for NOWHERE and ZERO: offset of the record that they are in */
    uint64_t data;   /* PLAIN: offset of the first page's octets; the others follow it */
} BmIndexRange;

/* Opens the index of the stream that fills the file `fd`, which must stay open, stays the
 * caller's, and is only read by pread(2).  NULL sets *error: BM_UNKNOWN if the file has no
 * index, BM_NOT_RECOGNISED if it is no whole stream, BM_IO if it is no file, and what
 * is wrong with the index otherwise. */
BmIndex *bm_index_open(int fd, GError **error);
void bm_index_free(BmIndex *index); /* NULL is fine */

/* Octets of a page; 0 if the stream has no memory. */
uint64_t bm_index_page_size(const BmIndex *index);
/* The guest's memory, `*n` blocks.  The index's own. */
const BmRamBlock *bm_index_blocks(const BmIndex *index, uint32_t *n);
/* FALSE if no block has this name. */
gboolean bm_index_find_block(const BmIndex *index, const char *name, uint32_t *block);

/* Where a page is, and how many from it on are in the same place.  FALSE sets *error:
 * BM_LIMIT for a page outside its block, else what is wrong with the index. */
gboolean bm_index_find(BmIndex *index, uint32_t block, uint64_t page, BmIndexRange *range,
                       GError **error);

/* Reads `count` pages into `data`, which has room for them; pages that are nowhere are
 * zero.  FALSE sets *error: as bm_index_find(), BM_UNKNOWN for a page that is encoded,
 * BM_BAD_DIGEST for a damaged record, BM_MISMATCH if the index points to a record without
 * the page.  `data` may have been changed then. */
gboolean bm_index_read(BmIndex *index, uint32_t block, uint64_t page, uint64_t count, uint8_t *data,
                       GError **error);

#endif
