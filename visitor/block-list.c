/* SPDX-License-Identifier: BSD-2-Clause */
#include "block-list.h"

#include <string.h>

static void clear_block(gpointer data)
{
    g_free((char *)((BmRamBlock *)data)->name);
}

GArray *bm_block_list_new(void)
{
    GArray *list = g_array_new(FALSE, TRUE, sizeof(BmRamBlock));

    g_array_set_clear_func(list, clear_block);
    return list;
}

void bm_block_list_set(GArray *list, const BmItem *item)
{
    g_array_set_size(list, 0);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        BmRamBlock block = item->blocks[i];

        block.name = g_strdup(block.name);
        g_array_append_val(list, block);
    }
}

static gboolean same_block(const BmRamBlock *a, const BmRamBlock *b)
{
    return strcmp(a->name, b->name) == 0 && a->length == b->length &&
           a->page_size == b->page_size && a->has_address == b->has_address &&
           (!a->has_address || a->address == b->address);
}

gboolean bm_block_list_is(const GArray *list, const BmItem *item)
{
    gboolean same = item->n_blocks == list->len;

    for (uint32_t i = 0; same && i < list->len; i++) {
        same = same_block(&g_array_index(list, BmRamBlock, i), &item->blocks[i]);
    }
    return same;
}
