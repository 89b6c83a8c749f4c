/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-place-in.h"

#include "ber-items.h"

/* Enough for what stands before the data of an item, a map excluded: tag and length,
 * block and page, tags and lengths. */
#define HEAD_MAX 64u
/* A longer map is not worth the while. */
#define MAP_MAX (128u << 10)

struct BmPlaceIn {
    BmItemsIn *items;
    BmPieces *pieces;
    BmFault *fault;
    GArray *runs;    /* BmItem: of the item at work */
    GArray *places;  /* struct iovec: of its full pages */
    gboolean unseen; /* nobody looks at these */
};

BmPlaceIn *bm_place_in_new(BmItemsIn *items, BmInput *input, BmFault *fault)
{
    BmPlaceIn *l;

    if (!bm_stream_takes_places(items->s)) {
        return NULL;
    }
    l = g_new0(BmPlaceIn, 1);
    l->items = items;
    l->fault = fault;
    l->pieces = bm_pieces_new(input, fault);
    l->runs = g_array_new(FALSE, FALSE, sizeof(BmItem));
    l->places = g_array_new(FALSE, FALSE, sizeof(struct iovec));
    if (!l->pieces) {
        g_clear_pointer(&l, bm_place_in_free);
    }
    return l;
}

void bm_place_in_free(BmPlaceIn *l)
{
    if (!l) {
        return;
    }
    bm_pieces_free(l->pieces);
    g_array_unref(l->runs);
    g_array_unref(l->places);
    g_free(l);
}

BmPieces *bm_place_in_pieces(BmPlaceIn *l)
{
    return l->pieces;
}

/* ---- what comes next: looked at, with nothing moved ---- */

typedef struct Next {
    size_t size;     /* octets of the item, or what is left where it claims more */
    size_t head;     /* of these, before the page data */
    size_t data;     /* octets of page data */
    gboolean packed; /* they are compressed */
    BmItem pages;    /* block and first page */
} Next;

/* A view for guesses, which set no fault of the stream. */
static BmView guess(const BmView *view, BmFault *ignored)
{
    BmView v = *view;

    v.fault = ignored;
    return v;
}

/* What is no item has the size of what can be seen: its reader will find out. */
static size_t size_of_item(const BmView *view, uint64_t left)
{
    BmFault ignored = {0};
    BmView v = guess(view, &ignored);
    uint64_t len, head;
    BmTag tag;

    if (!bm_view_header(&v, "an item", &tag, &len)) {
        return view->len;
    }
    head = v.offset - view->offset;
    return (size_t)(len < left - head ? head + len : left);
}

static gboolean see_pages(BmView *v, BmTag tag, Next *next)
{
    BmTag got;
    uint64_t len;

    return bm_view_header(v, "an item", &got, &len) && got == tag &&
           bm_items_in_page_head(v, &next->pages, NULL);
}

/* The data must be all the rest of the item. */
static gboolean see_data(const BmPlaceIn *l, const BmView *view, BmView *v, Next *next)
{
    uint64_t len, octets;
    BmTag tag;

    if (!bm_view_header(v, "page data", &tag, &len)) {
        return FALSE;
    }
    next->head = (size_t)(v->offset - view->offset);
    next->packed = tag == (BM_TAG_CONTEXT(0) | BM_CONSTRUCTED);
    octets = len;
    if (next->packed ? !bm_view_unsigned(v, BM_TAG_INTEGER, "page data", BM_LIMIT_DATA, &octets)
                     : tag != BM_TAG_OCTETS) {
        return FALSE;
    }
    next->data = (size_t)octets;
    return octets <= BM_LIMIT_DATA && octets % l->items->page_size == 0 &&
           len == next->size - next->head;
}

/* FALSE if there is none.  Those of an item are either all somewhere or all nowhere. */
static gboolean add_place(BmPlaceIn *l, BmItem *run, gboolean packed)
{
    struct iovec place = {bm_stream_place(l->items->s, run),
                          (size_t)(run->count * l->items->page_size)};
    gboolean unseen = place.iov_base == bm_stream_nowhere;

    if (!place.iov_base || (packed && !unseen) || (l->places->len > 0 && unseen != l->unseen)) {
        return FALSE;
    }
    l->unseen = unseen;
    run->data = (BmOctets){unseen ? NULL : place.iov_base, place.iov_len};
    g_array_append_val(l->places, place);
    return TRUE;
}

static gboolean add_run(BmPlaceIn *l, BmItem run, gboolean packed)
{
    if (!bm_items_in_check_pages(l->items, &run, 0, NULL) ||
        (run.type == BM_ITEM_PAGES && !add_place(l, &run, packed))) {
        return FALSE;
    }
    g_array_append_val(l->runs, run);
    return TRUE;
}

static gboolean plan_run(BmPlaceIn *l, const BmView *view, Next *next)
{
    BmFault ignored = {0};
    BmView v = guess(view, &ignored);

    if (!see_pages(&v, BM_TAG_ITEM_RUN, next) || !see_data(l, view, &v, next)) {
        return FALSE;
    }
    next->pages.type = BM_ITEM_PAGES;
    next->pages.count = next->data / l->items->page_size;
    return add_run(l, next->pages, next->packed);
}

/* Runs that go back may have a page twice, and then their order counts. */
static gboolean plan_runs(BmPlaceIn *l, BmView map, const Next *next)
{
    uint64_t end = next->pages.page, left = next->data / l->items->page_size;

    while (map.len > 0) {
        uint64_t before = end;
        BmPageRun run;
        BmItem item = next->pages;

        if (!bm_page_map_get(&map, &end, &run) || run.page < before ||
            (!run.zero && run.count > left)) {
            return FALSE;
        }
        left -= run.zero ? 0 : run.count;
        item.type = run.zero ? BM_ITEM_ZEROS : BM_ITEM_PAGES;
        item.page = run.page;
        item.count = run.count;
        if (!add_run(l, item, next->packed)) {
            return FALSE;
        }
    }
    return left == 0;
}

/* Has the map in the buffer, and what stands behind it. */
static gboolean fetch_map(BmPlaceIn *l, BmView *view, Next *next)
{
    BmFault ignored = {0};
    BmView v = guess(view, &ignored);
    uint64_t len;
    BmTag tag;

    return see_pages(&v, BM_TAG_ITEM_BATCH, next) &&
           bm_view_header(&v, "the map of a batch", &tag, &len) && len <= MAP_MAX &&
           bm_pieces_need(l->pieces, HEAD_MAX + (size_t)len, view);
}

static gboolean plan_batch(BmPlaceIn *l, BmView *view, Next *next)
{
    BmFault ignored = {0};
    BmView v, map;

    if (!fetch_map(l, view, next)) {
        return FALSE;
    }
    v = guess(view, &ignored);
    return see_pages(&v, BM_TAG_ITEM_BATCH, next) &&
           bm_view_get(&v, BM_TAG_OCTETS, "the map of a batch", &map) &&
           see_data(l, view, &v, next) && plan_runs(l, map, next);
}

/* TRUE if all pages of the item are right and have a place. */
static gboolean plan(BmPlaceIn *l, BmView *view, Next *next)
{
    const BmItemsIn *items = l->items;

    g_array_set_size(l->runs, 0);
    g_array_set_size(l->places, 0);
    l->unseen = FALSE;
    if (items->section->kind != BM_ITEMS_RAM || items->octets || items->page_size == 0) {
        return FALSE;
    }
    return plan_run(l, view, next) || plan_batch(l, view, next);
}

/* ---- one item ---- */

static gboolean failed(const BmPlaceIn *l, GError **error)
{
    return bm_error_from_fault(error, l->fault, NULL);
}

static gboolean take_data(BmPlaceIn *l, const Next *next)
{
    if (l->unseen) {
        return bm_pieces_jump(l->pieces, next->size - next->head);
    }
    return bm_pieces_place(l->pieces, (const struct iovec *)(const void *)l->places->data,
                           l->places->len);
}

static gboolean read_in_place(BmPlaceIn *l, const Next *next, GError **error)
{
    bm_pieces_skip(l->pieces, next->head);
    if (!take_data(l, next)) {
        return failed(l, error);
    }
    l->items->items++;
    for (guint i = 0; i < l->runs->len; i++) {
        if (!bm_stream_live_item(l->items->s, &g_array_index(l->runs, BmItem, i), error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean read_whole(BmPlaceIn *l, size_t size, GError **error)
{
    BmView view;

    if (!bm_pieces_need(l->pieces, size, &view)) {
        return failed(l, error);
    }
    if (!bm_items_in_read(l->items, &view, error)) {
        return FALSE;
    }
    bm_pieces_skip(l->pieces, size);
    return TRUE;
}

gboolean bm_place_in_read(BmPlaceIn *l, uint64_t len, GError **error)
{
    while (len > 0) {
        Next next = {0};
        BmView view;

        if (!bm_pieces_need(l->pieces, (size_t)MIN(len, HEAD_MAX), &view)) {
            return failed(l, error);
        }
        next.size = size_of_item(&view, len);
        if (plan(l, &view, &next) ? !read_in_place(l, &next, error)
                                  : !read_whole(l, next.size, error)) {
            return FALSE;
        }
        len -= next.size;
    }
    return TRUE;
}
