/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would QEMU read a struct of this shape that was sent in that shape?
 */
#ifndef BM_SHAPE_COMPARE_H
#define BM_SHAPE_COMPARE_H

#include "findings.h"
#include "shape.h"

/* Pairs of shapes of which there is nothing to say, so that none is compared twice:
 * a stranger can have any number of devices of one shape.  The shapes must outlive
 * it. */
typedef struct BmShapeMemo BmShapeMemo;

BmShapeMemo *bm_shape_memo_new(void);
void bm_shape_memo_free(BmShapeMemo *memo);

/* Adds what speaks against it.  `version` is the one that was sent with the
 * struct; `path` begins the paths of what is found. */
void bm_shape_compare(const BmShape *destination, const BmShape *source, uint32_t version,
                      const char *path, BmShapeMemo *memo, BmFindings *findings);

/* The same of the version alone, for what is saved with no known shape: only the
 * versions of `destination` count. */
void bm_version_compare(const BmShape *destination, uint32_t version, const char *path,
                        BmFindings *findings);

#endif
