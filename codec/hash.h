/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xxHash for the files of this folder, with the widest vectors that the processor
 * has: a library that is built for all of an architecture has only the oldest ones
 * in its plain functions, and XXH3 is three to four times as fast with the newest.
 * Where the library can choose at run time, its names stand for those functions.
 */
#ifndef BM_HASH_H
#define BM_HASH_H

#define XXH_STATIC_LINKING_ONLY /* a state on the stack */
#ifdef BM_XXH_DISPATCH
#include <xxh_x86dispatch.h>
#endif
#include <xxhash.h>

#endif
