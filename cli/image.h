/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block of RAM that becomes part of files: which part of it lies where.
 *
 * Files stay sparse: what is zero and was never anything else is a hole.
 */
#ifndef BM_IMAGE_H
#define BM_IMAGE_H

#include <glib.h>
#include <stdint.h>

/* `length` octets of the block, from `offset` on, at `at` of the file. */
typedef struct BmExtent {
    uint64_t offset, length;
    int fd;
    uint64_t at;
} BmExtent;

typedef struct BmImage {
    GArray *extents;  /* BmExtent that do not overlap; the rest of the block goes nowhere */
    uint64_t written; /* nothing at or behind this offset was ever written */
    gboolean came;    /* something has said what is in the block, or in a part of it */
} BmImage;

void bm_image_init(BmImage *image);
void bm_image_clear(BmImage *image); /* the files stay open */
void bm_image_add(BmImage *image, const BmExtent *extent);

/* Octets of the block.  Files are as long as they must be beforehand, so that reading
 * finds zeros where nothing was written.  The caller has checked that they lie in the
 * block.  FALSE sets a GIOErrorEnum. */
gboolean bm_image_write(BmImage *image, uint64_t offset, const uint8_t *data, size_t len,
                        GError **error);
gboolean bm_image_zero(BmImage *image, uint64_t offset, uint64_t len, GError **error);
gboolean bm_image_read(const BmImage *image, uint64_t offset, uint8_t *data, size_t len,
                       GError **error);

#endif
