/* SPDX-License-Identifier: BSD-2-Clause */
/* Live sections and their items. */
#include "oracle-members.h"

#include <string.h>

static void give(Source *src, const BmItem *item)
{
    if (source_ok(src)) {
        bm_stream_live_item(src->s, item, &src->error);
    }
}

static void read_blocks(Source *src, const char *path, BmItem *item)
{
    const char *list = source_join(src, path, "blocks");
    BmRamBlock *blocks = source_keep(src, g_new0(BmRamBlock, (gsize)source_count(src, list) + 1));

    for (int i = 0; i < source_count(src, list); i++) {
        const char *block = source_nth(src, list, i), *address = source_join(src, block, "address");

        blocks[i] = (BmRamBlock){source_text(src, source_join(src, block, "name")),
                                 source_number(src, source_join(src, block, "length"), UINT64_MAX),
                                 source_number_or(src, source_join(src, block, "pageSize"), 0),
                                 source_present(src, address), source_number_or(src, address, 0)};
    }
    item->value = source_number(src, source_join(src, path, "total"), UINT64_MAX);
    item->blocks = blocks;
    item->n_blocks = (uint32_t)source_count(src, list);
}

/* A number of a map: X.690 8.19.2. */
static uint64_t map_number(Source *src, BmOctets *map)
{
    uint64_t value = 0;
    uint8_t octet = 0x80;

    while (map->len > 0 && octet & 0x80) {
        octet = *map->data++;
        map->len--;
        value = value << 7 | (octet & 0x7f);
    }
    if (octet & 0x80) {
        source_wrong(src, "map");
    }
    return value;
}

/* The runs of a batch, each with its share of the data. */
static void give_batch(Source *src, BmItem item, BmOctets map, BmOctets data)
{
    while (map.len > 0 && source_ok(src)) {
        uint64_t head = map_number(src, &map);
        size_t size;

        item.page = head & 4 ? item.page - (head >> 3) : item.page + (head >> 3);
        item.count = head & 1 ? map_number(src, &map) + 2 : 1;
        item.type = head & 2 ? BM_ITEM_ZEROS : BM_ITEM_PAGES;
        size = head & 2 ? 0 : (size_t)(item.count * src->page_size);
        item.data = (BmOctets){size ? data.data : NULL, size};
        if (size > data.len) {
            source_wrong(src, "data");
        }
        give(src, &item);
        item.page += item.count;
        data.data += size;
        data.len -= size;
    }
    if (data.len > 0) {
        source_wrong(src, "data");
    }
}

static void read_pages(Source *src, const char *name, const char *path, BmItem *item)
{
    item->block = source_number32(src, source_join(src, path, "block"));
    item->page = source_number(src, source_join(src, path, "page"), UINT64_MAX);
    item->count = 1;
    if (strcmp(name, "run") == 0) {
        item->type = BM_ITEM_PAGES;
        item->data = source_page_data(src, source_join(src, path, "data"));
        item->count = src->page_size ? item->data.len / src->page_size : 0;
    } else if (strcmp(name, "zeros") == 0) {
        item->type = BM_ITEM_ZEROS;
        item->count = source_number(src, source_join(src, path, "count"), UINT64_MAX);
    } else if (strcmp(name, "fill") == 0) {
        item->type = BM_ITEM_FILL;
        item->value = source_number(src, source_join(src, path, "value"), 255);
    } else {
        item->type = strcmp(name, "zlib") == 0 ? BM_ITEM_ZLIB : BM_ITEM_XBZRLE;
        item->data = source_octets(src, source_join(src, path, "data"));
    }
}

static void read_chunk(Source *src, const char *path, BmItem *item)
{
    const char *data = source_join(src, path, "data");

    item->device = source_text(src, source_join(src, path, "device"));
    item->page = source_number(src, source_join(src, path, "sector"), UINT64_MAX);
    if (src->oracle->choice(src->node, data)) {
        item->data = source_page_data(src, data);
    }
}

static void read_bitmap(Source *src, const char *name, const char *path, BmItem *item)
{
    const char *bits = source_join(src, path, "bits");

    item->device = source_text_or_none(src, source_join(src, path, "node"));
    item->name = source_text_or_none(src, source_join(src, path, "name"));
    if (strcmp(name, "bitmapStart") == 0) {
        item->type = BM_ITEM_BITMAP_START;
        item->value = source_number(src, source_join(src, path, "granularity"), UINT32_MAX);
        item->count = source_number(src, source_join(src, path, "flags"), BM_BITMAP_FLAGS);
    } else if (strcmp(name, "bitmapBits") == 0) {
        item->type = BM_ITEM_BITMAP_BITS;
        item->page = source_number(src, source_join(src, path, "sector"), UINT64_MAX);
        item->count = source_number(src, source_join(src, path, "count"), UINT32_MAX);
        if (source_present(src, bits)) {
            item->data = source_octets(src, bits);
        }
    } else {
        item->type = BM_ITEM_BITMAP_END;
    }
}

static void read_item(Source *src, const char *at)
{
    const char *name = src->oracle->choice(src->node, at);
    const char *path = source_join(src, at, name ? name : "?");
    BmItem item = {0};

    if (!name) {
        source_wrong(src, at);
    } else if (strcmp(name, "octets") == 0) {
        item = (BmItem){.type = BM_ITEM_OCTETS, .data = source_octets(src, path)};
    } else if (strcmp(name, "pageSize") == 0) {
        src->page_size = source_number(src, path, UINT32_MAX);
        item = (BmItem){.type = BM_ITEM_PAGE_SIZE, .value = src->page_size};
    } else if (strcmp(name, "blocks") == 0) {
        item.type = BM_ITEM_BLOCKS;
        read_blocks(src, path, &item);
    } else if (strcmp(name, "named") == 0) {
        item.type = BM_ITEM_NAMED;
    } else if (strcmp(name, "mark") == 0) {
        item = (BmItem){.type = BM_ITEM_MARK, .value = source_number(src, path, UINT64_MAX)};
    } else if (strcmp(name, "meet") == 0) {
        item = (BmItem){.type = BM_ITEM_MEET, .value = source_number(src, path, UINT64_MAX)};
    } else if (strcmp(name, "progress") == 0) {
        item = (BmItem){.type = BM_ITEM_PROGRESS, .value = source_number(src, path, UINT64_MAX)};
    } else if (strcmp(name, "chunk") == 0) {
        item.type = BM_ITEM_CHUNK;
        read_chunk(src, path, &item);
    } else if (strcmp(name, "hashSize") == 0) {
        item = (BmItem){.type = BM_ITEM_HASH_SIZE,
                        .value = source_number(src, path, BM_HASH_SIZE_MAX)};
    } else if (strcmp(name, "slots") == 0) {
        item =
            (BmItem){.type = BM_ITEM_SLOTS,
                     .page = source_number(src, source_join(src, path, "first"), UINT32_MAX),
                     .data = source_octets(src, source_join(src, path, "used")),
                     .count = source_number(src, source_join(src, path, "unused"), BM_SLOTS_MAX)};
    } else if (strcmp(name, "filler") == 0) {
        source_octets(src, path);
        return;
    } else if (g_str_has_prefix(name, "bitmap")) {
        read_bitmap(src, name, path, &item);
    } else if (strcmp(name, "batch") == 0) {
        item.block = source_number32(src, source_join(src, path, "block"));
        item.page = source_number(src, source_join(src, path, "page"), UINT64_MAX);
        give_batch(src, item, source_octets(src, source_join(src, path, "map")),
                   source_page_data(src, source_join(src, path, "data")));
        return;
    } else {
        read_pages(src, name, path, &item);
    }
    give(src, &item);
}

static void begin_live(Source *src, BmRecordType type)
{
    BmPhase phase = type == BM_RECORD_START  ? BM_PHASE_START
                    : type == BM_RECORD_PART ? BM_PHASE_PART
                                             : BM_PHASE_END;
    gpointer id = GUINT_TO_POINTER(source_number32(src, "id"));
    BmSection s = {.id = source_number32(src, "id")};

    if (type == BM_RECORD_START) {
        s = source_section(src);
        g_hash_table_insert(src->names, id, g_strdup(s.name));
    }
    s.name = g_hash_table_lookup(src->names, id);
    if (source_ok(src)) {
        bm_stream_live_begin(src->s, phase, &s, &src->error);
    }
}

void source_read_live(Source *src, BmRecordType type)
{
    uint64_t state = source_number_or(src, "state", COMPLETE);

    if (type != BM_RECORD_MORE) {
        begin_live(src, type);
    }
    for (int i = 0; i < source_count(src, "items") && source_ok(src); i++) {
        read_item(src, source_nth(src, "items", i));
    }
    if (!source_ok(src)) {
        return;
    }
    if (state == OPEN) {
        /* So that a writer ends its record where this one ends. */
        bm_stream_flush(src->s, &src->error);
    } else {
        bm_stream_live_end(src->s, state == BARE, &src->error);
    }
}
