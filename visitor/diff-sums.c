/* SPDX-License-Identifier: BSD-2-Clause */
#include "diff-sums.h"

#include <string.h>

static void sum_free(gpointer data)
{
    BmSum *sum = data;

    g_free(sum->key);
    g_free(sum->root);
    g_checksum_free(sum->sha256);
    g_free(sum);
}

void bm_sums_init(BmSums *sums)
{
    sums->order = g_ptr_array_new_with_free_func(sum_free);
    sums->table = g_hash_table_new(g_str_hash, g_str_equal);
}

void bm_sums_clear(BmSums *sums)
{
    g_hash_table_unref(sums->table);
    g_ptr_array_unref(sums->order);
}

BmSum *bm_sums_get(BmSums *sums, const char *key, const char *root, const char *unit)
{
    BmSum *sum = g_hash_table_lookup(sums->table, key);

    if (!sum) {
        sum = g_new0(BmSum, 1);
        sum->key = g_strdup(key);
        sum->root = g_strdup(root);
        sum->unit = unit;
        sum->sha256 = g_checksum_new(G_CHECKSUM_SHA256);
        g_hash_table_insert(sums->table, sum->key, sum);
        g_ptr_array_add(sums->order, sum);
    }
    return sum;
}

static void add_octets(GChecksum *sum, const void *data, size_t len)
{
    while (len) {
        size_t part = MIN(len, (size_t)1 << 30);

        g_checksum_update(sum, data, (gssize)part);
        data = (const uint8_t *)data + part;
        len -= part;
    }
}

void bm_sum_item(BmSum *sum, const BmItem *item)
{
    uint64_t len = item->data.data || item->type == BM_ITEM_SLOTS ? item->data.len : UINT64_MAX;
    uint64_t numbers[] = {item->type, item->page, len, item->count, item->value};

    sum->count++;
    add_octets(sum->sha256, numbers, sizeof(numbers));
    add_octets(sum->sha256, item->device, item->device ? strlen(item->device) + 1 : 0);
    add_octets(sum->sha256, item->name, item->name ? strlen(item->name) + 1 : 0);
    add_octets(sum->sha256, item->data.data, item->data.data ? item->data.len : 0);
}

void bm_sum_octets(BmSum *sum, BmOctets octets)
{
    sum->count += octets.len;
    add_octets(sum->sha256, octets.data, octets.len);
}
