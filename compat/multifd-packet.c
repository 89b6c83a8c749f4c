/* SPDX-License-Identifier: BSD-2-Clause */
#include "multifd-packet.h"

#include <string.h>

void bm_multifd_last_init(BmMultifdLast *last)
{
    last->header = g_byte_array_new();
}

void bm_multifd_last_clear(BmMultifdLast *last)
{
    g_byte_array_unref(last->header);
}

void bm_multifd_last_take(BmMultifdLast *last, const uint8_t *header, size_t len)
{
    g_byte_array_set_size(last->header, 0);
    g_byte_array_append(last->header, header, (guint)len);
}

static void set32(uint8_t *p, uint32_t n)
{
    uint32_t be = GUINT32_TO_BE(n);

    memcpy(p, &be, sizeof be);
}

static void set64(uint8_t *p, uint64_t n)
{
    uint64_t be = GUINT64_TO_BE(n);

    memcpy(p, &be, sizeof be);
}

/* What is there before anything is written over it. */
static void lay_ground(const BmMultifdLast *last, const BmChannelItem *item, uint8_t *p, size_t len)
{
    if (item->header.data) {
        memcpy(p, item->header.data, len);
    } else if (item->kept && last->header->len == len) {
        memcpy(p, last->header->data, len);
    } else {
        memset(p, 0, len);
    }
}

static void set_offsets(const BmChannelItem *item, uint8_t *p)
{
    BmFault fault = {0};
    BmView map = bm_view(item->map.data, item->map.len, 0, &fault);
    uint32_t left = item->full + item->zero;
    uint64_t next = item->page;
    BmPageRun run;

    while (left > 0 && bm_page_map_get(&map, &next, &run)) {
        for (uint64_t i = 0; i < run.count && left > 0; i++, left--, p += 8) {
            set64(p, (run.page + i) * item->page_size);
        }
    }
}

static void set_pages(const BmChannelItem *item, const char *name, uint8_t *p)
{
    memset(p + BM_MULTIFD_AT_BLOCK, 0, BM_MULTIFD_NAME);
    memcpy(p + BM_MULTIFD_AT_BLOCK, name, MIN(strlen(name), BM_MULTIFD_NAME - 1));
    set_offsets(item, p + BM_MULTIFD_AT_OFFSETS);
}

void bm_multifd_header(const BmMultifdLast *last, const BmChannelItem *item, const char *name,
                       GByteArray *header)
{
    uint8_t *p;

    g_byte_array_set_size(header, BM_CHANNEL_HEADER(item->page_size));
    p = header->data;
    lay_ground(last, item, p, header->len);
    set32(p, BM_MULTIFD_MAGIC);
    set32(p + 4, BM_MULTIFD_VERSION);
    set32(p + 8, item->flags);
    set32(p + BM_MULTIFD_AT_ALLOCATED, item->allocated);
    set32(p + BM_MULTIFD_AT_FULL, item->full);
    set32(p + BM_MULTIFD_AT_ZERO, item->zero);
    set64(p + BM_MULTIFD_AT_COUNTER, item->counter);
    if (item->full > 0) {
        set32(p + BM_MULTIFD_AT_SIZE, (uint32_t)item->data.len);
    }
    if (name) {
        set_pages(item, name, p);
    }
}
