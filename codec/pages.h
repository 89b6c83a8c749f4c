/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page data: the map of a batch, digests, deltas, and compression.
 */
#ifndef BM_PAGES_H
#define BM_PAGES_H

#include "ber.h"

/*
 * The map of a PageBatch says which pages the data is for.  It is a sequence of
 * runs.  A run is one or two numbers, each in base 128, most significant group
 * first, bit 8 set in all octets but the last (as X.690 8.19.2 has it for the
 * parts of an OBJECT IDENTIFIER, minimal):
 *
 *   gap * 8 + back * 4            gap: pages between the end of the previous run
 *     + zero * 2 + many           (for the first run: the batch's first page) and
 *                                 the start of this one
 *                                 back: 1 if it starts before that end, then gap
 *                                 is not 0
 *                                 zero: 1 if the pages are all zero
 *   count - 2                     present if many is 1; else count is 1
 */
typedef struct BmPageRun {
    uint64_t page;
    uint64_t count;
    bool zero;
} BmPageRun;

/* Octets one run can take. */
#define BM_PAGE_RUN_MAX 20

/* Appends one run to a map at `p` (BM_PAGE_RUN_MAX octets of room); `next` is the end of the run
 * before it.  Returns the octets written, 0 for
 * a run that the map cannot express: empty, beyond 2^64 pages, or a gap of 2^61. */
size_t bm_page_map_put(uint8_t *p, uint64_t next, const BmPageRun *run);

/* Reads the next run from a view of a map.  *next starts as the batch's first
 * page and moves to the end of the run.  BM_BAD_VALUE on overflow or a
 * non-minimal number. */
bool bm_page_map_get(BmView *map, uint64_t *next, BmPageRun *run);

/* A digest of a page (XXH3-128): equal pages have equal ones. */
#define BM_PAGE_DIGEST 16
void bm_page_digest(const void *data, size_t len, uint8_t digest[BM_PAGE_DIGEST]);

/* Changes a page of `size` octets as an xbzrle delta says (SPEC.md 7.5).  A delta that is
 * wrong is a fault of the view, and the page has some of the changes then. */
bool bm_xbzrle_apply(uint8_t *page, size_t size, BmView delta);

/* Decompresses one zlib stream (RFC 1950) that gives exactly `size` octets; false, and
 * `page` has some of them, if it does not.  No more is ever produced. */
bool bm_zlib_page(BmOctets in, uint8_t *page, size_t size);

typedef struct BmZstd BmZstd;

/* Instead of a level: 1 where what is compressed has to wait for its output, and a faster one that
 * saves less where it does not.  So a slow link gets the fewest octets, and a fast one is not kept
 * waiting. */
#define BM_ZSTD_PACED (-1)

/* A compressor/decompressor; level 1..19 or BM_ZSTD_PACED, others are moved into that range.
 * NULL if memory is out. */
BmZstd *bm_zstd_new(int level);
void bm_zstd_free(BmZstd *z);

/* For BM_ZSTD_PACED: to write what has been compressed since the last call took so many
 * microseconds.  With another level it changes nothing. */
void bm_zstd_written(BmZstd *z, uint64_t microseconds);

/* Compresses if that saves at least an eighth; a sample decides first, so that
 * random data costs little.  false: send it plain.  *out is valid until the
 * next call. */
bool bm_zstd_compress(BmZstd *z, BmOctets in, BmOctets *out);

/* Whether bm_zstd_compress() would get beyond its sample, for data that need not be in one
 * place yet. */
bool bm_zstd_seems_worth_it(BmZstd *z, const BmOctets *pieces, size_t n);

/* The same without a sample, for what seemed worth it. */
bool bm_zstd_press(BmZstd *z, BmOctets in, BmOctets *out);

/* Compresses whatever comes of it, for what is always sent compressed.  false
 * only if memory is out.  *out is valid until the next call. */
bool bm_zstd_pack(BmZstd *z, BmOctets in, BmOctets *out);

/* Decompresses exactly `size` octets (the caller has checked it against a
 * limit) or fails: nothing longer is ever produced.  The input is one frame of
 * RFC 8878 with nothing behind it and no dictionary.  *out is valid until the next call. */
bool bm_zstd_decompress(BmZstd *z, BmOctets in, size_t size, BmOctets *out);

#endif
