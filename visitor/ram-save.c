/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory out.  A pass looks at all pages once, in as many pieces as the
 * budget makes of it; where it stands is kept from piece to piece.
 */
#include "ram-impl.h"
#include "zero.h"

/* Octets of pages in one item: as much as the writer of BER collects. */
#define RUN_MAX (1u << 20)

/* ---- the first piece ---- */

static gboolean give_blocks(const BmRam *ram, BmStreamVisitor *out, GError **error)
{
    g_autofree BmRamBlock *blocks = g_new0(BmRamBlock, ram->areas->len);
    BmItem item = {.type = BM_ITEM_BLOCKS, .blocks = blocks, .n_blocks = ram->areas->len};

    for (guint i = 0; i < ram->areas->len; i++) {
        const BmRamArea *area = ram->areas->pdata[i];

        blocks[i] = (BmRamBlock){.name = area->name, .length = area->length};
        item.value += area->length;
    }
    return bm_stream_live_item(out, &item, error);
}

gboolean bm_ram_setup(void *opaque, BmStreamVisitor *out, GError **error)
{
    BmRam *ram = opaque;
    const BmItem size = {.type = BM_ITEM_PAGE_SIZE, .value = ram->page_size};

    ram->area = 0;
    ram->page = 0;
    if (!bm_ram_track(ram)) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL,
                            "no memory for one bit per page");
    }
    return bm_stream_live_item(out, &size, error) && give_blocks(ram, out, error);
}

/* ---- pages ---- */

/* Pages to fetch ahead: most are judged by their first octets, and waiting for these one
 * page after the other is a twentieth of the time to write the pages. */
#define FETCH_AHEAD 8u

static gboolean is_zero(const BmRamArea *area, uint64_t page)
{
    size_t page_size = (size_t)area->ram->page_size;
    const uint8_t *p = area->memory + page * page_size;

    if (area->pages - page > FETCH_AHEAD) {
        __builtin_prefetch(p + FETCH_AHEAD * page_size);
    }
    return bm_is_zero(p, page_size);
}

static gboolean give_item(const BmRamArea *area, uint64_t first, uint64_t count, gboolean zero,
                          BmStreamVisitor *out, GError **error)
{
    uint64_t page_size = area->ram->page_size;
    BmItem item = {.type = zero ? BM_ITEM_ZEROS : BM_ITEM_PAGES,
                   .page = first,
                   .count = count,
                   .block = area->ram->area,
                   .stable = area->ram->stable};

    if (!zero) {
        item.data = (BmOctets){area->memory + first * page_size, (size_t)(count * page_size)};
    }
    return bm_stream_live_item(out, &item, error);
}

/* Pages that are all zero or all not go as one item. */
static gboolean give_run(const BmRamArea *area, uint64_t first, uint64_t count,
                         BmStreamVisitor *out, GError **error)
{
    uint64_t end = first + count;

    while (first < end) {
        gboolean zero = is_zero(area, first);
        uint64_t next = first + 1;

        while (next < end && is_zero(area, next) == zero) {
            next++;
        }
        if (!give_item(area, first, next - first, zero, out, error)) {
            return FALSE;
        }
        first = next;
    }
    return TRUE;
}

/* Goes on until `pages` were sent or the pass is over.  A page is clean before it is
 * looked at, so that a change from then on makes it dirty again. */
static gboolean give_pages(BmRam *ram, BmStreamVisitor *out, uint64_t pages, GError **error)
{
    uint64_t run_max = RUN_MAX / ram->page_size;

    while (pages > 0 && ram->area < ram->areas->len) {
        BmRamArea *area = ram->areas->pdata[ram->area];
        uint64_t first = bm_dirty_next(&area->dirty, ram->page), count;

        if (first == area->pages) {
            ram->area++;
            ram->page = 0;
            continue;
        }
        count = bm_dirty_clean(&area->dirty, first, MIN(pages, run_max));
        if (!give_run(area, first, count, out, error)) {
            return FALSE;
        }
        pages -= count;
        ram->page = first + count;
    }
    return TRUE;
}

static void begin_pass(BmRam *ram)
{
    ram->area = 0;
    ram->page = 0;
    if (ram->sync) {
        ram->sync(ram->sync_data);
    }
}

gboolean bm_ram_iterate(void *opaque, BmStreamVisitor *out, uint64_t budget, GError **error)
{
    BmRam *ram = opaque;

    if (!give_pages(ram, out, MAX(budget / ram->page_size, 1), error)) {
        return FALSE;
    }
    if (ram->area == ram->areas->len) {
        begin_pass(ram);
    }
    return TRUE;
}

uint64_t bm_ram_remaining(void *opaque)
{
    BmRam *ram = opaque;

    return bm_dirty_count(&ram->n_dirty) * ram->page_size;
}

/* The guest stands still, whatever was so before. */
gboolean bm_ram_complete(void *opaque, BmStreamVisitor *out, GError **error)
{
    BmRam *ram = opaque;
    gboolean stable = ram->stable, ok;

    begin_pass(ram);
    ram->stable = TRUE;
    ok = give_pages(ram, out, UINT64_MAX, error);
    ram->stable = stable;
    return ok;
}
