/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A copy of the list of RAM blocks that a stream has given, for whoever needs it behind the
 * item: a GArray of BmRamBlock, with names of its own.
 */
#ifndef BM_BLOCK_LIST_H
#define BM_BLOCK_LIST_H

#include "stream.h"

/* Empty; to be freed with g_array_unref(), which frees the names too. */
GArray *bm_block_list_new(void);
/* Holds what `item`, a BM_ITEM_BLOCKS, has, and nothing of before. */
void bm_block_list_set(GArray *list, const BmItem *item);
/* Is this what it holds? */
gboolean bm_block_list_is(const GArray *list, const BmItem *item);

#endif
