/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory: its blocks, and which of their pages are dirty. */
#include "ram-impl.h"

#define WORD_BITS 64u

static void free_area(gpointer data)
{
    BmRamArea *area = data;

    g_free(area->name);
    g_free(area->dirty);
    g_free(area);
}

BmRam *bm_ram_new(uint64_t page_size)
{
    BmRam *ram;

    if (page_size < BM_LIMIT_PAGE_MIN || page_size > BM_LIMIT_PAGE_MAX ||
        (page_size & (page_size - 1)) != 0) {
        return NULL;
    }
    ram = g_new0(BmRam, 1);
    ram->page_size = page_size;
    ram->areas = g_ptr_array_new_with_free_func(free_area);
    ram->listed = g_ptr_array_new();
    return ram;
}

void bm_ram_free(BmRam *ram)
{
    if (!ram) {
        return;
    }
    g_ptr_array_unref(ram->listed);
    g_ptr_array_unref(ram->areas);
    g_free(ram);
}

void bm_ram_set_sync(BmRam *ram, void (*sync)(void *data), void *data)
{
    ram->sync = sync;
    ram->sync_data = data;
}

void bm_ram_set_stable(BmRam *ram, gboolean stable)
{
    ram->stable = stable;
}

/* ---- blocks ---- */

static gboolean check_area(const BmRam *ram, const char *name, uint64_t length, GError **error)
{
    size_t len = strlen(name);

    if (len == 0 || len > BM_LIMIT_NAME || !bm_utf8_valid((const uint8_t *)name, len)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL,
                            "a RAM block's name of %zu octets, expected 1 to %u of UTF-8", len,
                            BM_LIMIT_NAME);
    }
    if (length == 0 || length % ram->page_size != 0) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, name,
                            "%" G_GUINT64_FORMAT " octets are no whole number of pages", length);
    }
    if (ram->areas->len >= BM_LIMIT_BLOCKS) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, name, "more than %u RAM blocks",
                            BM_LIMIT_BLOCKS);
    }
    for (guint i = 0; i < ram->areas->len; i++) {
        const BmRamArea *area = ram->areas->pdata[i];

        if (strcmp(area->name, name) == 0) {
            return bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, name,
                                "this RAM block is there already");
        }
    }
    return TRUE;
}

BmRamArea *bm_ram_add(BmRam *ram, const char *name, void *memory, uint64_t length, GError **error)
{
    BmRamArea *area;

    if (!check_area(ram, name, length, error)) {
        return NULL;
    }
    area = g_new0(BmRamArea, 1);
    area->name = g_strdup(name);
    area->memory = memory;
    area->length = length;
    area->pages = length / ram->page_size;
    area->ram = ram;
    g_ptr_array_add(ram->areas, area);
    return area;
}

/* ---- dirty pages: any thread marks, the one that saves cleans ---- */

/* The bits stay for as long as the blocks do: a thread that marks need not know
 * whether anybody saves. */
gboolean bm_ram_track(BmRam *ram)
{
    for (guint i = 0; i < ram->areas->len; i++) {
        BmRamArea *area = ram->areas->pdata[i];

        if (!area->dirty) {
            uint64_t *bits = g_try_new0(uint64_t, area->pages / WORD_BITS + 1);

            if (!bits) {
                return FALSE;
            }
            __atomic_store_n(&area->dirty, bits, __ATOMIC_RELEASE);
        }
        bm_ram_mark_dirty(area, 0, area->length);
    }
    return TRUE;
}

/* Bits [first, last] of one word. */
static uint64_t word_mask(uint64_t first, uint64_t last)
{
    return (UINT64_MAX << first) & (UINT64_MAX >> (WORD_BITS - 1 - last));
}

void bm_ram_mark_dirty(BmRamArea *area, uint64_t offset, uint64_t length)
{
    uint64_t *bits = __atomic_load_n(&area->dirty, __ATOMIC_ACQUIRE);
    uint64_t page, last, added = 0;

    if (!bits || length == 0 || offset >= area->length) {
        return;
    }
    page = offset / area->ram->page_size;
    last = (offset + (MIN(length, area->length - offset) - 1)) / area->ram->page_size;
    while (page <= last) {
        uint64_t word = page / WORD_BITS, end = MIN(last, word * WORD_BITS + WORD_BITS - 1);
        uint64_t mask = word_mask(page % WORD_BITS, end % WORD_BITS);
        uint64_t before = __atomic_fetch_or(&bits[word], mask, __ATOMIC_RELEASE);

        added += (uint64_t)__builtin_popcountll(mask & ~before);
        page = end + 1;
    }
    __atomic_add_fetch(&area->ram->n_dirty, added, __ATOMIC_RELAXED);
}

/* Those of a word that are dirty from bit `first` on without a gap, at most `most`. */
static uint64_t dirty_in_word(uint64_t word, uint64_t first, uint64_t most)
{
    uint64_t clean = ~(word >> first);
    uint64_t n = clean == 0 ? WORD_BITS : (uint64_t)__builtin_ctzll(clean);

    return MIN(MIN(n, WORD_BITS - first), most);
}

uint64_t bm_ram_clean(BmRamArea *area, uint64_t first, uint64_t most)
{
    uint64_t n = 0, bit, here;

    most = MIN(most, area->pages - first);
    do {
        uint64_t *word = &area->dirty[(first + n) / WORD_BITS];

        bit = (first + n) % WORD_BITS;
        here = dirty_in_word(__atomic_load_n(word, __ATOMIC_RELAXED), bit, most - n);
        if (here > 0) {
            /* Nobody else cleans, so these are still set. */
            __atomic_fetch_and(word, ~word_mask(bit, bit + here - 1), __ATOMIC_ACQ_REL);
        }
        n += here;
    } while (n < most && bit + here == WORD_BITS);
    __atomic_sub_fetch(&area->ram->n_dirty, n, __ATOMIC_RELAXED);
    return n;
}

uint64_t bm_ram_next_dirty(const BmRamArea *area, uint64_t page)
{
    while (page < area->pages) {
        uint64_t word =
            __atomic_load_n(&area->dirty[page / WORD_BITS], __ATOMIC_RELAXED) >> page % WORD_BITS;

        if (word != 0) {
            return page + (uint64_t)__builtin_ctzll(word);
        }
        page += WORD_BITS - page % WORD_BITS;
    }
    return area->pages;
}

/* A page may be cleaned before its marking was counted: then it is as if there
 * were less than none. */
uint64_t bm_ram_n_dirty(const BmRam *ram)
{
    uint64_t n = __atomic_load_n(&ram->n_dirty, __ATOMIC_RELAXED);

    return n > INT64_MAX ? 0 : n;
}

/* ---- the section ---- */

static void cleanup(void *opaque)
{
    BmRam *ram = opaque;

    g_ptr_array_set_size(ram->listed, 0);
    ram->sized = FALSE;
}

const BmLiveHandlers bm_ram_handlers = {
    .version = 4,
    .minimum_version = 4,
    .setup = bm_ram_setup,
    .iterate = bm_ram_iterate,
    .remaining = bm_ram_remaining,
    .complete = bm_ram_complete,
    .load_item = bm_ram_load_item,
    .load_place = bm_ram_load_place,
    .cleanup = cleanup,
};
