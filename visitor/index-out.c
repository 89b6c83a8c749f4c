/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges are kept in a tree by block and page, and never overlap: a range that comes
 * later cuts away what it covers.
 */
#include "index-out.h"

#include "block-list.h"

#include <string.h>

/* Entries of one record: reading one is little work, and a file of 100 GB needs two
 * levels. */
#define ENTRIES 1024u
/* Data is aligned to pages, and for mmap(2) to those of the host. */
#define ALIGNMENT_MIN 4096u

struct BmIndexOut {
    uint64_t page_size;
    GArray *blocks; /* BmRamBlock, names owned */
    uint64_t total;
    GArray *pending; /* BmIndexRange of the record that is being made */
    GTree *ranges;   /* BmIndexRange: key and value are one */
    /* writing */
    uint64_t level;
    GTreeNode *next;      /* range */
    GArray *below, *made; /* BmIndexChild: records of the level below, of this one */
    guint next_below;
    gboolean done;
};

static int compare_ranges(gconstpointer a, gconstpointer b, gpointer data)
{
    const BmIndexRange *x = a, *y = b;

    (void)data;
    if (x->block != y->block) {
        return x->block < y->block ? -1 : 1;
    }
    return x->page < y->page ? -1 : x->page > y->page;
}

BmIndexOut *bm_index_out_new(void)
{
    BmIndexOut *ix = g_new0(BmIndexOut, 1);

    ix->blocks = bm_block_list_new();
    ix->pending = g_array_new(FALSE, FALSE, sizeof(BmIndexRange));
    ix->ranges = g_tree_new_full(compare_ranges, NULL, g_free, NULL);
    ix->below = g_array_new(FALSE, FALSE, sizeof(BmIndexChild));
    ix->made = g_array_new(FALSE, FALSE, sizeof(BmIndexChild));
    return ix;
}

void bm_index_out_free(BmIndexOut *ix)
{
    if (!ix) {
        return;
    }
    g_array_unref(ix->blocks);
    g_array_unref(ix->pending);
    g_tree_unref(ix->ranges);
    g_array_unref(ix->below);
    g_array_unref(ix->made);
    g_free(ix);
}

/* ---- what pages mean ---- */

static gboolean is_empty(const BmIndexOut *ix)
{
    return ix->pending->len == 0 && g_tree_nnodes(ix->ranges) == 0;
}

static gboolean same_blocks(const BmIndexOut *ix, const BmItem *item)
{
    if (item->n_blocks != ix->blocks->len) {
        return FALSE;
    }
    for (guint i = 0; i < ix->blocks->len; i++) {
        const BmRamBlock *own = &g_array_index(ix->blocks, BmRamBlock, i);

        if (strcmp(own->name, item->blocks[i].name) != 0 || own->length != item->blocks[i].length) {
            return FALSE;
        }
    }
    return TRUE;
}

static void take_blocks(BmIndexOut *ix, const BmItem *item)
{
    bm_block_list_set(ix->blocks, item);
    ix->total = item->value;
}

gboolean bm_index_out_frame(BmIndexOut *ix, const BmItem *item, GError **error)
{
    gboolean size = item->type == BM_ITEM_PAGE_SIZE;
    gboolean same = size ? item->value == ix->page_size : same_blocks(ix, item);

    if (!same && !is_empty(ix)) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                            "no index can be made: the %s changes between pages",
                            size ? "size of pages" : "list of RAM blocks");
    }
    if (size) {
        ix->page_size = item->value;
    } else if (!same) {
        take_blocks(ix, item);
    }
    return TRUE;
}

uint64_t bm_index_out_alignment(const BmIndexOut *ix)
{
    return ix->page_size == 0 ? 0 : MAX(ix->page_size, ALIGNMENT_MIN);
}

/* ---- collecting ---- */

static uint64_t end_of(const BmIndexRange *r)
{
    return r->page + r->count;
}

static void insert(BmIndexOut *ix, BmIndexRange range)
{
    BmIndexRange *own = g_memdup2(&range, sizeof range);

    g_tree_insert(ix->ranges, own, own);
}

/* What is left of a range from `page` on. */
static BmIndexRange rest_from(const BmIndexOut *ix, const BmIndexRange *r, uint64_t page)
{
    BmIndexRange rest = *r;

    rest.page = page;
    rest.count = end_of(r) - page;
    rest.data += r->place == BM_PLACE_PLAIN ? (page - r->page) * ix->page_size : 0;
    return rest;
}

/* The range that begins last before this one, in its block; NULL: none. */
static BmIndexRange *before(const BmIndexOut *ix, const BmIndexRange *range)
{
    GTreeNode *node = g_tree_lower_bound(ix->ranges, range);
    BmIndexRange *r;

    node = node ? g_tree_node_previous(node) : g_tree_node_last(ix->ranges);
    r = node ? g_tree_node_key(node) : NULL;
    return r && r->block == range->block ? r : NULL;
}

/* Takes away what the new range covers. */
static void cut(BmIndexOut *ix, const BmIndexRange *range)
{
    BmIndexRange *first = before(ix, range);
    GTreeNode *node;

    if (first && end_of(first) > range->page) {
        BmIndexRange rest = *first;

        first->count = range->page - first->page;
        if (end_of(&rest) > end_of(range)) {
            insert(ix, rest_from(ix, &rest, end_of(range)));
        }
    }
    while ((node = g_tree_lower_bound(ix->ranges, range)) != NULL) {
        BmIndexRange covered = *(const BmIndexRange *)g_tree_node_key(node);

        if (covered.block != range->block || covered.page >= end_of(range)) {
            break;
        }
        g_tree_remove(ix->ranges, &covered);
        if (end_of(&covered) > end_of(range)) {
            insert(ix, rest_from(ix, &covered, end_of(range)));
        }
    }
}

/* Both lie in one place, one behind the other. */
static gboolean continues(const BmIndexOut *ix, const BmIndexRange *a, const BmIndexRange *b)
{
    return a && end_of(a) == b->page && a->place == b->place && a->record == b->record &&
           (a->place != BM_PLACE_PLAIN || a->data + a->count * ix->page_size == b->data);
}

static void put(BmIndexOut *ix, const BmIndexRange *range)
{
    BmIndexRange *left;

    cut(ix, range);
    left = before(ix, range);
    if (continues(ix, left, range)) {
        left->count += range->count;
    } else {
        insert(ix, *range);
    }
}

void bm_index_out_add(BmIndexOut *ix, BmPlace place, uint32_t block, uint64_t page, uint64_t count)
{
    BmIndexRange range = {.block = block, .page = page, .count = count, .place = place};

    g_array_append_val(ix->pending, range);
}

void bm_index_out_written(BmIndexOut *ix, uint64_t record, const uint64_t *data)
{
    uint64_t next = data ? *data : 0;

    for (guint i = 0; i < ix->pending->len; i++) {
        BmIndexRange *range = &g_array_index(ix->pending, BmIndexRange, i);

        range->record = range->place == BM_PLACE_ZERO ? 0 : record;
        if (range->place == BM_PLACE_PLAIN && data) {
            range->data = next;
            next += range->count * ix->page_size;
        } else if (range->place == BM_PLACE_PLAIN) {
            range->place = BM_PLACE_RECORD;
        }
        put(ix, range);
    }
    g_array_set_size(ix->pending, 0);
}

/* ---- writing ---- */

static guint left_on_level(const BmIndexOut *ix)
{
    return ix->level > 0 ? ix->below->len - ix->next_below
                         : (guint)g_tree_nnodes(ix->ranges) - ix->next_below;
}

/* Goes up when all of a level is written; the highest one has one record. */
static void climb(BmIndexOut *ix)
{
    GArray *made = ix->made;

    if (left_on_level(ix) > 0) {
        return;
    }
    ix->done = made->len == 1;
    ix->level++;
    ix->made = ix->below;
    ix->below = made;
    ix->next_below = 0;
    g_array_set_size(ix->made, 0);
}

/* Also moves to the next one. */
static BmIndexChild write_entry(BmIndexOut *ix, BmWriter *w)
{
    if (ix->level > 0) {
        BmIndexChild child = g_array_index(ix->below, BmIndexChild, ix->next_below);

        bm_index_write_child(w, &child);
        return child;
    }
    ix->next = ix->next_below == 0 ? g_tree_node_first(ix->ranges) : g_tree_node_next(ix->next);
    const BmIndexRange *range = g_tree_node_key(ix->next);

    bm_index_write_range(w, range);
    return (BmIndexChild){.block = range->block, .page = range->page};
}

gboolean bm_index_out_more(const BmIndexOut *ix)
{
    return !ix->done;
}

void bm_index_out_next(BmIndexOut *ix, BmWriter *w, uint64_t position)
{
    const BmItem blocks = {.type = BM_ITEM_BLOCKS,
                           .value = ix->total,
                           .blocks = (const BmRamBlock *)(const void *)ix->blocks->data,
                           .n_blocks = ix->blocks->len};
    guint n = MIN(left_on_level(ix), ENTRIES);
    gboolean root = ix->made->len == 0 && n == left_on_level(ix);
    BmIndexChild own = {0};

    bm_index_write_head(w, ix->level, root ? ix->page_size : 0, root ? &blocks : NULL);
    for (guint i = 0; i < n; i++) {
        BmIndexChild entry = write_entry(ix, w);

        own = i == 0 ? entry : own;
        ix->next_below++;
    }
    bm_index_write_tail(w, position);
    own.position = position;
    g_array_append_val(ix->made, own);
    climb(ix);
}
