/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would QEMU read a struct of this shape that was sent in that shape?
 */
#ifndef BM_SHAPE_COMPARE_H
#define BM_SHAPE_COMPARE_H

#include "findings.h"
#include "shape.h"

/* Adds what speaks against it.  `version` is the one that was sent with the
 * struct; `path` begins the paths of what is found. */
void bm_shape_compare(const BmShape *destination, const BmShape *source, uint32_t version,
                      const char *path, BmFindings *findings);

/* The same of the version alone, for what is saved with no known shape: only the
 * versions of `destination` count. */
void bm_version_compare(const BmShape *destination, uint32_t version, const char *path,
                        BmFindings *findings);

#endif
