/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-pages-out.h"

#include <string.h>

#include "ber-items.h"

/* Octets of a map after which another batch begins. */
#define MAP_MAX (64u << 10)

void bm_pages_out_init(BmPagesOut *p, BmWriter *w, int level)
{
    *p = (BmPagesOut){.w = w};
    p->zstd = level > 0 ? bm_zstd_new(level) : NULL;
    p->map = g_byte_array_new();
}

void bm_pages_out_clear(BmPagesOut *p)
{
    bm_zstd_free(p->zstd);
    g_free(p->arena);
    g_byte_array_unref(p->map);
}

gboolean bm_pages_out_fits(const BmPagesOut *p, uint64_t octets)
{
    return octets <= BM_ARENA_SIZE - p->used;
}

static gboolean is_empty(const BmPagesOut *p)
{
    return p->run.count == 0;
}

static void start_batch(BmPagesOut *p, uint32_t block, uint64_t first)
{
    p->block = block;
    p->first = p->next = p->mapped = first;
    p->data_at = p->used;
    p->runs = 0;
    p->run.count = 0;
    g_byte_array_set_size(p->map, 0);
}

/* The map is written one run behind, so that a single run needs none. */
static void map_last_run(BmPagesOut *p)
{
    uint8_t octets[BM_PAGE_RUN_MAX];
    size_t len = bm_page_map_put(octets, p->mapped, &p->run);

    g_byte_array_append(p->map, octets, (guint)len);
    p->mapped = p->run.page + p->run.count;
}

static void extend(BmPagesOut *p, uint64_t first, uint64_t count, gboolean zero)
{
    if (p->run.count > 0 && p->run.zero == zero && first == p->next) {
        p->run.count += count;
    } else {
        if (p->run.count > 0) {
            map_last_run(p);
        }
        p->run = (BmPageRun){.page = first, .count = count, .zero = zero};
        p->runs++;
    }
    p->next = first + count;
}

void bm_pages_out_add(BmPagesOut *p, uint32_t block, uint64_t first, uint64_t count,
                      const uint8_t *data)
{
    if (is_empty(p) || block != p->block || p->map->len > MAP_MAX) {
        bm_pages_out_end_batch(p);
        start_batch(p, block, first);
    }
    if (data) {
        size_t len = (size_t)(count * p->page_size);

        if (!p->arena) {
            p->arena = g_malloc(BM_ARENA_SIZE);
        }
        memcpy(p->arena + p->used, data, len);
        p->used += len;
    }
    extend(p, first, count, data == NULL);
}

void bm_pages_out_data(BmPagesOut *p, BmOctets data)
{
    BmOctets packed;

    if (!p->zstd || !bm_zstd_compress(p->zstd, data, &packed)) {
        bm_writer_borrow(p->w, BM_TAG_OCTETS, data.data, data.len);
        return;
    }
    bm_writer_open(p->w, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED);
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, data.len);
    bm_writer_octets(p->w, BM_TAG_OCTETS, packed.data, packed.len);
    bm_writer_close(p->w);
}

static void open_item(BmPagesOut *p, BmTag tag)
{
    bm_writer_open(p->w, tag);
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, p->block);
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, p->first);
}

static void write_data(BmPagesOut *p)
{
    bm_pages_out_data(p, (BmOctets){p->arena + p->data_at, p->used - p->data_at});
}

static void write_zeros(BmPagesOut *p)
{
    open_item(p, BM_TAG_ITEM_ZEROS);
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, p->run.count);
    bm_writer_close(p->w);
}

static void write_run(BmPagesOut *p)
{
    open_item(p, BM_TAG_ITEM_RUN);
    write_data(p);
    bm_writer_close(p->w);
}

static void write_batch(BmPagesOut *p)
{
    map_last_run(p);
    open_item(p, BM_TAG_ITEM_BATCH);
    bm_writer_octets(p->w, BM_TAG_OCTETS, p->map->data, p->map->len);
    write_data(p);
    bm_writer_close(p->w);
}

void bm_pages_out_end_batch(BmPagesOut *p)
{
    if (is_empty(p)) {
        return;
    }
    if (p->runs > 1) {
        write_batch(p);
    } else if (p->run.zero) {
        write_zeros(p);
    } else {
        write_run(p);
    }
    p->run.count = 0;
}

void bm_pages_out_recycle(BmPagesOut *p)
{
    p->used = 0;
}
