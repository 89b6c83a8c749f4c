/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a file through its index: the trailer at its end, the root of the tree in front
 * of that, a record of each level, and the record with the pages.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ber-index.h"
#include "ber-items-in.h"

/* Octets of a trailer with its header, and of what ends `records` and the stream. */
#define TRAILER_MIN 24u
#define TRAILER_MAX 40u
#define END_LEN 2u
/* The last members of an Index record: its position, and its sum. */
#define POSITION_MEMBER_LEN (2u + 8u)
/* Tag and length of a record. */
#define HEADER_MAX 6u

/* The part of a tree that was read last, for each level. */
typedef struct Level {
    BmIndexNode node;
    uint64_t position; /* 0: none */
} Level;

/* One record, and what it is read with. */
typedef struct Record {
    uint8_t *octets;
    size_t capacity, size;
    uint64_t position; /* 0: none */
    BmRecordType type;
    BmView body;
    BmFault fault;
} Record;

struct BmIndex {
    int fd;
    uint64_t end; /* of the records */
    uint64_t page_size;
    Level levels[BM_LIMIT_INDEX_LEVEL + 1];
    uint64_t root_level;
    Record tree, pages;
    uint8_t *blocks; /* RamBlocks of the root */
    size_t blocks_len;
    BmItemsIn items;
    BmItemsSection section;
};

static gboolean wrong(BmCode code, uint64_t offset, const char *why, GError **error)
{
    return bm_error_set(error, code, offset, NULL, "%s", why);
}

/* ---- octets ---- */

static gboolean read_at(const BmIndex *ix, uint64_t offset, uint8_t *data, size_t len,
                        GError **error)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = pread(ix->fd, data + done, len - done, (off_t)(offset + done));

        if (n == 0) {
            return wrong(BM_TRUNCATED, offset + done, "the file has become shorter", error);
        }
        if (n < 0 && errno != EINTR) {
            return wrong(BM_IO, offset + done, g_strerror(errno), error);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return TRUE;
}

/* Tag and length, compared with the format and with the file. */
static gboolean read_header(const BmIndex *ix, Record *r, uint64_t position, size_t *header,
                            GError **error)
{
    uint8_t octets[HEADER_MAX] = {0};
    size_t n = (size_t)MIN(HEADER_MAX, ix->end - MIN(ix->end, position));
    BmView view = bm_view(octets, n, position, &r->fault);
    uint64_t len;
    BmTag tag;

    if (n == 0) {
        return wrong(BM_LIMIT, position, "an index that points outside the records", error);
    }
    if (!read_at(ix, position, octets, n, error)) {
        return FALSE;
    }
    if (!bm_view_header(&view, "record", &tag, &len)) {
        return bm_error_from_fault(error, &r->fault, NULL);
    }
    *header = (size_t)(view.offset - position);
    if ((tag & ~(BmTag)0x1f) != BM_TAG_RECORD(0)) {
        return wrong(BM_BAD_TAG, position, "an index that points to no record", error);
    }
    if (len < BM_SUM_MEMBER_LEN || len > BM_LIMIT_RECORD - *header ||
        len > ix->end - position - *header) {
        return wrong(BM_LIMIT, position, "a record that leads out of the records", error);
    }
    r->type = tag & 0x1f;
    r->size = *header + (size_t)len;
    return TRUE;
}

static void make_room(Record *r)
{
    if (r->size > r->capacity) {
        r->octets = g_realloc(r->octets, r->size);
        r->capacity = r->size;
    }
}

/* One record with a right sum.  What it held before is lost in any case. */
static gboolean read_record(const BmIndex *ix, Record *r, uint64_t position, GError **error)
{
    size_t header = 0;
    uint64_t hash;

    r->position = 0;
    r->fault = (BmFault){0};
    if (!read_header(ix, r, position, &header, error)) {
        return FALSE;
    }
    make_room(r);
    if (!read_at(ix, position, r->octets, r->size, error)) {
        return FALSE;
    }
    if (!bm_record_check(r->octets, r->size, position, &hash, &r->fault)) {
        return bm_error_from_fault(error, &r->fault, NULL);
    }
    r->body = bm_view(r->octets + header, r->size - header - BM_SUM_MEMBER_LEN, position + header,
                      &r->fault);
    r->position = position;
    return TRUE;
}

/* ---- the end of the file ---- */

/* TRUE if these octets, at `offset`, are a trailer that says so. */
static gboolean is_trailer(const uint8_t *p, size_t size, uint64_t offset)
{
    BmFault fault = {0};
    BmView body = bm_view(p + 2, size - 2, offset + 2, &fault);
    uint64_t records, octets, hash;

    return p[0] == (0x60 | BM_RECORD_TRAILER) && p[1] == size - 2 &&
           bm_record_check(p, size, offset, &hash, &fault) &&
           bm_view_unsigned(&body, BM_TAG_INTEGER, "records", UINT64_MAX, &records) &&
           bm_view_unsigned(&body, BM_TAG_INTEGER, "octets", UINT64_MAX, &octets) &&
           octets == offset;
}

/* It is found from the end of the file: no other record has its length there. */
static gboolean find_end(BmIndex *ix, uint64_t file_size, GError **error)
{
    uint8_t tail[TRAILER_MAX + END_LEN];
    size_t n = (size_t)MIN(sizeof tail, file_size);

    if (!read_at(ix, file_size - n, tail, n, error)) {
        return FALSE;
    }
    for (size_t size = TRAILER_MIN; size + END_LEN <= n; size++) {
        const uint8_t *p = tail + n - END_LEN - size;
        uint64_t offset = file_size - END_LEN - size;

        if (tail[n - 2] == 0 && tail[n - 1] == 0 && is_trailer(p, size, offset)) {
            ix->end = offset - END_LEN;
            return TRUE;
        }
    }
    return wrong(BM_NOT_RECOGNISED, file_size, "the file does not end as a whole BER stream does",
                 error);
}

static gboolean open_file(BmIndex *ix, GError **error)
{
    uint8_t magic[BM_MAGIC_LEN];
    struct stat st;

    if (fstat(ix->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        return wrong(BM_IO, BM_NO_OFFSET, "only a regular file can be read by its index", error);
    }
    if ((uint64_t)st.st_size < sizeof magic + TRAILER_MIN + 2 * END_LEN ||
        !read_at(ix, 0, magic, sizeof magic, error) || memcmp(magic, bm_magic, sizeof magic) != 0) {
        return wrong(BM_NOT_RECOGNISED, 0, "no BER stream", error);
    }
    return find_end(ix, (uint64_t)st.st_size, error);
}

/* ---- the tree ---- */

static gboolean read_node(BmIndex *ix, Level *level, uint64_t position, GError **error)
{
    level->position = 0;
    if (!read_record(ix, &ix->tree, position, error)) {
        return FALSE;
    }
    if (ix->tree.type != BM_RECORD_INDEX) {
        return wrong(BM_BAD_TAG, position, "an index that points to another record", error);
    }
    if (!bm_index_node_read(&level->node, ix->tree.body, position, error)) {
        return FALSE;
    }
    level->position = position;
    return TRUE;
}

static gboolean read_blocks(BmIndex *ix, GError **error)
{
    BmFault fault = {0};
    BmView view = bm_view(ix->blocks, ix->blocks_len, 0, &fault);

    return bm_items_in_blocks(&ix->items, &view, error) &&
           (bm_view_end(&view, "the RAM blocks of an index") ||
            bm_error_from_fault(error, &fault, NULL));
}

/* The root goes to its own level. */
static gboolean take_root(BmIndex *ix, GError **error)
{
    Level first = ix->levels[0];
    const BmIndexNode *node = &first.node;
    uint64_t size = node->page_size;

    if (!node->root) {
        return wrong(BM_BAD_ORDER, first.position, "an index without its root", error);
    }
    if (size != 0 && (size < BM_LIMIT_PAGE_MIN || (size & (size - 1)) != 0)) {
        return wrong(BM_BAD_VALUE, first.position, "an index with a wrong page size", error);
    }
    ix->page_size = size;
    ix->root_level = node->level;
    ix->blocks_len = node->blocks.len;
    ix->blocks = g_memdup2(node->blocks.data, node->blocks.len);
    ix->levels[0] = ix->levels[node->level];
    ix->levels[node->level] = first;
    return read_blocks(ix, error);
}

static gboolean find_root(BmIndex *ix, GError **error)
{
    const size_t tail = POSITION_MEMBER_LEN + BM_SUM_MEMBER_LEN;
    uint8_t octets[POSITION_MEMBER_LEN];
    uint64_t position;

    if (ix->end < tail || !read_at(ix, ix->end - tail, octets, sizeof octets, error)) {
        return FALSE;
    }
    memcpy(&position, octets + 2, sizeof position);
    position = GUINT64_FROM_BE(position);
    if (octets[0] != BM_TAG_OCTETS || octets[1] != sizeof position ||
        !read_record(ix, &ix->tree, position, NULL) || ix->tree.type != BM_RECORD_INDEX ||
        ix->tree.size != ix->end - position) {
        return wrong(BM_UNKNOWN, BM_NO_OFFSET,
                     "the file has no index at its end: 'bermig convert --seekable' writes one",
                     error);
    }
    return read_node(ix, &ix->levels[0], position, error) && take_root(ix, error);
}

BmIndex *bm_index_open(int fd, GError **error)
{
    BmIndex *ix = g_new0(BmIndex, 1);

    ix->fd = fd;
    ix->section.kind = BM_ITEMS_RAM;
    bm_items_in_init(&ix->items, bm_null_stream());
    for (size_t i = 0; i < G_N_ELEMENTS(ix->levels); i++) {
        bm_index_node_init(&ix->levels[i].node);
    }
    if (!open_file(ix, error) || !find_root(ix, error)) {
        bm_index_free(ix);
        return NULL;
    }
    return ix;
}

void bm_index_free(BmIndex *ix)
{
    if (!ix) {
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ix->levels); i++) {
        bm_index_node_clear(&ix->levels[i].node);
    }
    bm_stream_free(ix->items.s);
    bm_items_in_clear(&ix->items);
    g_free(ix->tree.octets);
    g_free(ix->pages.octets);
    g_free(ix->blocks);
    g_free(ix);
}

uint64_t bm_index_page_size(const BmIndex *ix)
{
    return ix->page_size;
}

const BmRamBlock *bm_index_blocks(const BmIndex *ix, uint32_t *n)
{
    *n = ix->items.blocks->len;
    return (const BmRamBlock *)(const void *)ix->items.blocks->data;
}

gboolean bm_index_find_block(const BmIndex *ix, const char *name, uint32_t *block)
{
    uint32_t n;
    const BmRamBlock *blocks = bm_index_blocks(ix, &n);

    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(blocks[i].name, name) == 0) {
            *block = i;
            return TRUE;
        }
    }
    return FALSE;
}

/* ---- where a page is ---- */

static gboolean begins_behind(uint32_t block, uint64_t page, uint32_t wanted_block,
                              uint64_t wanted_page)
{
    return block > wanted_block || (block == wanted_block && page > wanted_page);
}

G_STATIC_ASSERT(offsetof(BmIndexRange, block) == offsetof(BmIndexChild, block));
G_STATIC_ASSERT(offsetof(BmIndexRange, page) == offsetof(BmIndexChild, page));

/* Entries, of either kind, that do not begin behind the page: the last of them is its. */
static guint count_entries(const GArray *entries, guint size, uint32_t block, uint64_t page)
{
    guint low = 0, high = entries->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        const char *entry = entries->data + (size_t)middle * size;
        uint32_t entry_block;
        uint64_t entry_page;

        memcpy(&entry_block, entry + offsetof(BmIndexRange, block), sizeof entry_block);
        memcpy(&entry_page, entry + offsetof(BmIndexRange, page), sizeof entry_page);
        if (begins_behind(entry_block, entry_page, block, page)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Goes down to the ranges; *leaf is NULL if no range can have the page. */
static gboolean descend(BmIndex *ix, uint32_t block, uint64_t page, const BmIndexNode **leaf,
                        GError **error)
{
    *leaf = NULL;
    for (uint64_t i = ix->root_level; i > 0; i--) {
        GArray *children = ix->levels[i].node.children;
        Level *below = &ix->levels[i - 1];
        guint n = count_entries(children, sizeof(BmIndexChild), block, page);

        if (n == 0) {
            return TRUE;
        }
        uint64_t position = g_array_index(children, BmIndexChild, n - 1).position;

        if (below->position != position && !read_node(ix, below, position, error)) {
            return FALSE;
        }
        if (below->node.level != i - 1) {
            below->position = 0;
            return wrong(BM_MISMATCH, position, "an index whose levels are wrong", error);
        }
    }
    *leaf = &ix->levels[0].node;
    return TRUE;
}

static gboolean check_page(const BmIndex *ix, uint32_t block, uint64_t page, uint64_t count,
                           GError **error)
{
    uint32_t n;
    const BmRamBlock *blocks = bm_index_blocks(ix, &n);
    uint64_t pages = block < n && ix->page_size > 0 ? blocks[block].length / ix->page_size : 0;

    if (page >= pages || count > pages - page) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, block < n ? blocks[block].name : NULL,
                            "page %" G_GUINT64_FORMAT ": the block has %" G_GUINT64_FORMAT, page,
                            pages);
    }
    return TRUE;
}

/* The pages up to the next range, or to the end of what this leaf knows: at least one. */
static BmIndexRange gap(const BmIndexNode *leaf, guint n, uint32_t block, uint64_t page)
{
    BmIndexRange range = {.block = block, .page = page, .count = 1, .place = BM_PLACE_NOWHERE};

    if (leaf && n < leaf->ranges->len) {
        const BmIndexRange *next = &g_array_index(leaf->ranges, BmIndexRange, n);

        range.count = next->block == block ? next->page - page : 1;
    }
    return range;
}

gboolean bm_index_find(BmIndex *ix, uint32_t block, uint64_t page, BmIndexRange *range,
                       GError **error)
{
    const BmIndexNode *leaf;
    guint n = 0;

    if (!check_page(ix, block, page, 1, error) || !descend(ix, block, page, &leaf, error)) {
        return FALSE;
    }
    if (leaf) {
        n = count_entries(leaf->ranges, sizeof(BmIndexRange), block, page);
    }
    *range = gap(leaf, n, block, page);
    if (n > 0) {
        BmIndexRange found = g_array_index(leaf->ranges, BmIndexRange, n - 1);
        uint64_t skip = page - found.page;

        if (found.block == block && skip < found.count) {
            *range = found;
            range->page = page;
            range->count -= skip;
            range->data += found.place == BM_PLACE_PLAIN ? skip * ix->page_size : 0;
        }
    }
    return check_page(ix, block, page, range->count, error);
}

/* ---- pages ---- */

/* A stream visitor that keeps some pages of a record. */
typedef struct Collector {
    BmStreamVisitor base;
    BmIndex *ix;
    uint32_t block;
    uint64_t page, count;
    uint8_t *data;
    uint8_t *seen;   /* for each page */
    gboolean blocks; /* the record has a list of them */
} Collector;

static gboolean collect_pages(Collector *c, const BmItem *item)
{
    uint64_t size = c->ix->page_size;
    uint64_t first = MAX(item->page, c->page);
    uint64_t end = MIN(item->page + item->count, c->page + c->count);

    for (uint64_t page = first; item->block == c->block && page < end; page++) {
        uint8_t *to = c->data + (page - c->page) * size;

        c->seen[page - c->page] = 1;
        if (item->type == BM_ITEM_PAGES) {
            memcpy(to, item->data.data + (page - item->page) * size, size);
        } else {
            memset(to, item->type == BM_ITEM_FILL ? (int)item->value : 0, size);
        }
    }
    return TRUE;
}

static gboolean collect(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Collector *c = (Collector *)s;

    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        return item->value == c->ix->page_size ||
               wrong(BM_MISMATCH, BM_NO_OFFSET, "pages of another size than the index says", error);
    case BM_ITEM_BLOCKS:
        c->blocks = TRUE;
        return TRUE;
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
        return collect_pages(c, item);
    default:
        return TRUE;
    }
}

static const BmStreamOps collector_ops = {.live_item = collect};

/* To the items of a record of a live section. */
static gboolean open_items(Record *r, BmView *items, GError **error)
{
    BmView body = r->body;
    uint64_t number;
    BmOctets name;
    gboolean start = r->type == BM_RECORD_START, ok;

    if (!start && r->type != BM_RECORD_PART && r->type != BM_RECORD_END &&
        r->type != BM_RECORD_MORE) {
        return wrong(BM_BAD_TAG, r->position, "an index that points to a record without pages",
                     error);
    }
    ok = bm_view_unsigned(&body, BM_TAG_INTEGER, "the id of a section", UINT32_MAX, &number);
    if (start) {
        ok = ok && bm_view_name(&body, BM_TAG_UTF8, "the name of a section", &name) &&
             bm_view_unsigned(&body, BM_TAG_INTEGER, "an instance", UINT32_MAX, &number) &&
             bm_view_unsigned(&body, BM_TAG_INTEGER, "a version", UINT32_MAX, &number);
    }
    return (ok && bm_view_get(&body, BM_TAG_SEQUENCE, "the items of a section", items)) ||
           bm_error_from_fault(error, &r->fault, NULL);
}

static gboolean walk_items(BmIndex *ix, Collector *c, GError **error)
{
    BmStreamVisitor *nothing = ix->items.s;
    gboolean ok = TRUE;
    BmView items;

    ix->pages.fault = (BmFault){0};
    if (!open_items(&ix->pages, &items, error)) {
        return FALSE;
    }
    ix->items.s = &c->base;
    ix->items.page_size = ix->page_size;
    bm_items_in_begin(&ix->items, &ix->section);
    while (ok && items.len > 0) {
        ok = bm_items_in_read(&ix->items, &items, error);
    }
    ix->items.s = nothing;
    /* What stands in a record is for its own pages; those of the index hold for all. */
    return (!c->blocks || read_blocks(ix, ok ? error : NULL)) && ok;
}

static gboolean read_pages(BmIndex *ix, const BmIndexRange *range, uint8_t *data, GError **error)
{
    g_autofree uint8_t *seen = g_malloc0(range->count);
    Collector c = {.base = {&collector_ops},
                   .ix = ix,
                   .block = range->block,
                   .page = range->page,
                   .count = range->count,
                   .data = data,
                   .seen = seen};

    if (ix->pages.position != range->record && !read_record(ix, &ix->pages, range->record, error)) {
        return FALSE;
    }
    if (!walk_items(ix, &c, error)) {
        ix->pages.position = 0;
        return FALSE;
    }
    if (memchr(seen, 0, range->count) != NULL) {
        return wrong(BM_MISMATCH, range->record,
                     "an index that points to a record without the page", error);
    }
    return TRUE;
}

static gboolean read_range(BmIndex *ix, const BmIndexRange *range, uint8_t *data, GError **error)
{
    uint32_t n;

    switch (range->place) {
    case BM_PLACE_NOWHERE:
    case BM_PLACE_ZERO:
        memset(data, 0, range->count * ix->page_size);
        return TRUE;
    case BM_PLACE_ENCODED:
        return bm_error_set(
            error, BM_UNKNOWN, range->record, bm_index_blocks(ix, &n)[range->block].name,
            "page %" G_GUINT64_FORMAT " is encoded: only who reads the stream in order has it",
            range->page);
    default:
        return read_pages(ix, range, data, error);
    }
}

gboolean bm_index_read(BmIndex *ix, uint32_t block, uint64_t page, uint64_t count, uint8_t *data,
                       GError **error)
{
    if (!check_page(ix, block, page, count, error)) {
        return FALSE;
    }
    while (count > 0) {
        BmIndexRange range;

        if (!bm_index_find(ix, block, page, &range, error)) {
            return FALSE;
        }
        range.count = MIN(range.count, count);
        if (!read_range(ix, &range, data, error)) {
            return FALSE;
        }
        page += range.count;
        count -= range.count;
        data += range.count * ix->page_size;
    }
    return TRUE;
}
