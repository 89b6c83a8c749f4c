/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-pages-out.h"

#include <string.h>

#include "ber-items.h"

/* Octets of a map after which another batch begins. */
#define MAP_MAX (64u << 10)

void bm_pages_out_init(BmPagesOut *p, BmWriter *w, int level)
{
    *p = (BmPagesOut){.w = w};
    p->zstd = level != 0 ? bm_zstd_new(level) : NULL;
    p->map = g_byte_array_new();
    p->pieces = g_array_new(FALSE, FALSE, sizeof(BmOctets));
}

void bm_pages_out_clear(BmPagesOut *p)
{
    bm_zstd_free(p->zstd);
    g_free(p->arena);
    g_byte_array_unref(p->map);
    g_array_unref(p->pieces);
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
    p->start = p->used;
    g_array_set_size(p->pieces, 0);
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

/* All page data has room there, whether it is put there or not. */
static const uint8_t *copy_to_arena(BmPagesOut *p, size_t at, const uint8_t *data, size_t len)
{
    if (!p->arena) {
        p->arena = g_malloc(BM_ARENA_SIZE);
    }
    return memcpy(p->arena + at, data, len);
}

static void add_piece(BmPagesOut *p, const uint8_t *data, size_t len)
{
    BmOctets *last =
        p->pieces->len > 0 ? &g_array_index(p->pieces, BmOctets, p->pieces->len - 1) : NULL;
    const BmOctets piece = {data, len};

    if (last && last->data + last->len == data) {
        last->len += len;
    } else {
        g_array_append_val(p->pieces, piece);
    }
}

gboolean bm_pages_out_continues(const BmPagesOut *p, uint32_t block)
{
    return !is_empty(p) && block == p->block && p->map->len <= MAP_MAX;
}

void bm_pages_out_add(BmPagesOut *p, uint32_t block, uint64_t first, uint64_t count,
                      const uint8_t *data, gboolean stable)
{
    if (!bm_pages_out_continues(p, block)) {
        bm_pages_out_end_batch(p);
        start_batch(p, block, first);
    }
    if (data) {
        size_t len = (size_t)(count * p->page_size);

        add_piece(p, stable ? data : copy_to_arena(p, p->used, data, len), len);
        p->used += len;
    }
    extend(p, first, count, data == NULL);
}

/* FALSE, and nothing is written, if it saves too little. */
static gboolean write_packed(BmPagesOut *p, BmOctets data)
{
    BmOctets packed;

    if (!bm_zstd_press(p->zstd, data, &packed)) {
        return FALSE;
    }
    bm_writer_open(p->w, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED);
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, data.len);
    bm_writer_octets(p->w, BM_TAG_OCTETS, packed.data, packed.len);
    bm_writer_close(p->w);
    return TRUE;
}

static gboolean seems_worth_it(BmPagesOut *p, const BmOctets *pieces, guint n)
{
    return p->zstd && bm_zstd_seems_worth_it(p->zstd, pieces, n);
}

void bm_pages_out_data(BmPagesOut *p, BmOctets data)
{
    if (!seems_worth_it(p, &data, 1) || !write_packed(p, data)) {
        bm_writer_borrow(p->w, BM_TAG_OCTETS, data.data, data.len);
    }
}

static void open_item(BmPagesOut *p, BmTag tag)
{
    bm_writer_open(p->w, tag);
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, p->block);
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, p->first);
}

/* A compressor wants all of a batch in one place. */
static void collect_pieces(BmPagesOut *p)
{
    size_t at = p->start;

    for (guint i = 0; i < p->pieces->len; i++) {
        BmOctets *piece = &g_array_index(p->pieces, BmOctets, i);

        if (!p->arena || piece->data != p->arena + at) {
            piece->data = copy_to_arena(p, at, piece->data, piece->len);
        }
        at += piece->len;
    }
    g_array_index(p->pieces, BmOctets, 0).len = at - p->start;
    g_array_set_size(p->pieces, 1);
}

static void write_data(BmPagesOut *p)
{
    const BmOctets *pieces = (const BmOctets *)(const void *)p->pieces->data;

    if (seems_worth_it(p, pieces, p->pieces->len)) {
        if (p->pieces->len > 1) {
            collect_pieces(p);
        }
        if (write_packed(p, pieces[0])) {
            return;
        }
    }
    bm_writer_borrow_pieces(p->w, BM_TAG_OCTETS, pieces, p->pieces->len);
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

void bm_pages_out_recycle(BmPagesOut *p, gint64 microseconds)
{
    p->used = 0;
    if (p->zstd) {
        bm_zstd_written(p->zstd, (uint64_t)microseconds);
    }
}
