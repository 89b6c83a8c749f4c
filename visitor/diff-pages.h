/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each page of a guest's memory holds at the end of a stream, as 16 octets
 * per page.
 */
#ifndef BM_DIFF_PAGES_H
#define BM_DIFF_PAGES_H

#include "difference.h"
#include "stream.h"

typedef struct BmPageSet BmPageSet;

/* `limit`: octets it may grow to. */
BmPageSet *bm_page_set_new(uint64_t limit);
void bm_page_set_free(BmPageSet *set); /* NULL is fine */

/* Takes an item that brings pages. */
gboolean bm_page_set_item(BmPageSet *set, const char *block, const BmItem *item, GError **error);

/* Reports runs of pages that differ, of all blocks of both. */
void bm_page_set_compare(BmDifferences *d, const char *root, const BmPageSet *a,
                         const BmPageSet *b);

#endif
