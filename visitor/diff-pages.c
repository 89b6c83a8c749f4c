/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page that holds one octet over and over has that for a digest, whether it
 * was sent in full or not.  An encoded page cannot be digested without what it
 * changes; its digest is made of what came, and of the one before.  If two of
 * that sort are equal so are the pages, but not the other way round.
 */
#include "diff-pages.h"

#include <string.h>

#include "emit.h"
#include "pages.h"

#define CHUNK_PAGES 4096u

typedef enum Sort { SORT_ABSENT = 0, SORT_EXACT, SORT_FILLED, SORT_ENCODED } Sort;

typedef struct Digest {
    uint8_t octets[BM_PAGE_DIGEST - 1]; /* enough to tell pages apart */
    uint8_t sort;
} Digest;

typedef struct Chunk {
    uint64_t number; /* of its first page / CHUNK_PAGES; the key */
    Digest digests[CHUNK_PAGES];
} Chunk;

struct BmPageSet {
    GHashTable *blocks; /* name to a table of chunks */
    uint64_t limit, size;
};

BmPageSet *bm_page_set_new(uint64_t limit)
{
    BmPageSet *set = g_new0(BmPageSet, 1);

    set->limit = limit;
    set->blocks =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
    return set;
}

void bm_page_set_free(BmPageSet *set)
{
    if (set) {
        g_hash_table_unref(set->blocks);
        g_free(set);
    }
}

/* ---- building ---- */

static GHashTable *block_of(BmPageSet *set, const char *name)
{
    GHashTable *chunks = g_hash_table_lookup(set->blocks, name);

    if (!chunks) {
        chunks = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
        g_hash_table_insert(set->blocks, g_strdup(name), chunks);
    }
    return chunks;
}

static Digest *digest_of(BmPageSet *set, GHashTable *block, uint64_t page, GError **error)
{
    uint64_t number = page / CHUNK_PAGES;
    Chunk *chunk = g_hash_table_lookup(block, &number);

    if (!chunk) {
        if (set->limit - set->size < sizeof(*chunk)) {
            bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                         "digests of pages take more than %" G_GUINT64_FORMAT " octets",
                         set->limit);
            return NULL;
        }
        set->size += sizeof(*chunk);
        chunk = g_new0(Chunk, 1);
        chunk->number = number;
        g_hash_table_insert(block, &chunk->number, chunk);
    }
    return &chunk->digests[page % CHUNK_PAGES];
}

static Digest filled(uint64_t octet)
{
    return (Digest){{(uint8_t)octet}, SORT_FILLED};
}

static Digest digest_full(const uint8_t *data, size_t len)
{
    uint8_t octets[BM_PAGE_DIGEST];
    Digest digest = {.sort = SORT_EXACT};

    if (len && !memcmp(data, data + 1, len - 1)) {
        return filled(*data);
    }
    bm_page_digest(data, len, octets);
    memcpy(digest.octets, octets, sizeof(digest.octets));
    return digest;
}

static Digest digest_encoded(const Digest *before, BmItemType type, BmOctets data)
{
    uint8_t octets[BM_PAGE_DIGEST], all[sizeof(Digest) + 1 + BM_PAGE_DIGEST] = {0};
    Digest digest = {.sort = SORT_ENCODED};

    if (type == BM_ITEM_XBZRLE) {
        memcpy(all, before, sizeof(*before));
    }
    all[sizeof(Digest)] = (uint8_t)type;
    bm_page_digest(data.data, data.len, &all[sizeof(Digest) + 1]);
    bm_page_digest(all, sizeof(all), octets);
    memcpy(digest.octets, octets, sizeof(digest.octets));
    return digest;
}

static Digest digest_item(const Digest *before, const BmItem *item, uint64_t i)
{
    size_t size;

    switch (item->type) {
    case BM_ITEM_PAGES:
        size = (size_t)(item->data.len / item->count);
        return digest_full(item->data.data + i * size, size);
    case BM_ITEM_ZEROS:
        return filled(0);
    case BM_ITEM_FILL:
        return filled(item->value);
    default:
        return digest_encoded(before, item->type, item->data);
    }
}

gboolean bm_page_set_item(BmPageSet *set, const char *block, const BmItem *item, GError **error)
{
    GHashTable *chunks = block_of(set, block);
    uint64_t count = item->type == BM_ITEM_PAGES || item->type == BM_ITEM_ZEROS ? item->count : 1;

    for (uint64_t i = 0; i < count; i++) {
        Digest *digest = digest_of(set, chunks, item->page + i, error);

        if (!digest) {
            return FALSE;
        }
        *digest = digest_item(digest, item, i);
    }
    return TRUE;
}

/* ---- comparing ---- */

#define SAME (-1)

typedef struct Runs {
    BmDifferences *d;
    const char *root, *block;
    int kind; /* BmDifferenceKind, or SAME */
    uint64_t first, last;
} Runs;

static void end_run(Runs *r)
{
    GString *path;

    if (r->kind == SAME) {
        return;
    }
    path = g_string_new(NULL);
    g_string_printf(path, "%s.%s.pages.[", r->root, r->block);
    bm_emit_number(path, r->first);
    g_string_append(path, ", ");
    bm_emit_number(path, r->last);
    g_string_append_c(path, ']');
    bm_differences_add(r->d, &(BmDifference){(BmDifferenceKind)r->kind, .path = path->str});
    g_string_free(path, TRUE);
    r->kind = SAME;
}

static void add_page(Runs *r, int kind, uint64_t page)
{
    if (r->kind != kind || page != r->last + 1) {
        end_run(r);
        r->kind = kind;
        r->first = page;
    }
    r->last = page;
}

static int compare_digests(const Digest *a, const Digest *b)
{
    if (!memcmp(a, b, sizeof(*a))) {
        return SAME;
    }
    if (a->sort == SORT_ABSENT) {
        return BM_DIFFERENCE_ONLY_B;
    }
    if (b->sort == SORT_ABSENT) {
        return BM_DIFFERENCE_ONLY_A;
    }
    return a->sort == SORT_ENCODED || b->sort == SORT_ENCODED ? BM_DIFFERENCE_UNDECIDED
                                                              : BM_DIFFERENCE_CONTENT;
}

static void compare_chunk(Runs *r, uint64_t number, const Chunk *a, const Chunk *b)
{
    static const Digest absent;

    for (uint32_t i = 0; i < CHUNK_PAGES; i++) {
        int kind = compare_digests(a ? &a->digests[i] : &absent, b ? &b->digests[i] : &absent);

        if (kind != SAME) {
            add_page(r, kind, number * CHUNK_PAGES + i);
        }
    }
}

static int by_number(gconstpointer a, gconstpointer b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void add_numbers(GArray *numbers, GHashTable *chunks, GHashTable *but_not)
{
    GHashTableIter iter;
    gpointer key;

    if (!chunks) {
        return;
    }
    g_hash_table_iter_init(&iter, chunks);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!but_not || !g_hash_table_contains(but_not, key)) {
            g_array_append_vals(numbers, key, 1);
        }
    }
}

static void compare_block(BmDifferences *d, const char *root, const char *block, GHashTable *a,
                          GHashTable *b)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    Runs runs = {d, root, block, .kind = SAME};

    add_numbers(numbers, a, NULL);
    add_numbers(numbers, b, a);
    g_array_sort(numbers, by_number);
    for (guint i = 0; i < numbers->len; i++) {
        uint64_t *number = &g_array_index(numbers, uint64_t, i);

        compare_chunk(&runs, *number, a ? g_hash_table_lookup(a, number) : NULL,
                      b ? g_hash_table_lookup(b, number) : NULL);
    }
    end_run(&runs);
    g_array_unref(numbers);
}

static void add_names(GPtrArray *names, const BmPageSet *set, const BmPageSet *but_not)
{
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, set->blocks);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (!but_not || !g_hash_table_contains(but_not->blocks, key)) {
            g_ptr_array_add(names, key);
        }
    }
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void bm_page_set_compare(BmDifferences *d, const char *root, const BmPageSet *a, const BmPageSet *b)
{
    GPtrArray *names = g_ptr_array_new();

    add_names(names, a, NULL);
    add_names(names, b, a);
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++) {
        compare_block(d, root, names->pdata[i], g_hash_table_lookup(a->blocks, names->pdata[i]),
                      g_hash_table_lookup(b->blocks, names->pdata[i]));
    }
    g_ptr_array_unref(names);
}
