/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-items.h"

void bm_ber_blocks_write(BmWriter *w, BmTag tag, const BmItem *item)
{
    bm_writer_open(w, tag);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->value);
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        const BmRamBlock *block = &item->blocks[i];

        bm_writer_open(w, BM_TAG_SEQUENCE);
        bm_writer_text(w, BM_TAG_UTF8, block->name);
        bm_writer_unsigned(w, BM_TAG_INTEGER, block->length);
        if (block->page_size != 0) {
            bm_writer_unsigned(w, BM_TAG_CONTEXT(0), block->page_size);
        }
        if (block->has_address) {
            bm_writer_unsigned(w, BM_TAG_CONTEXT(1), block->address);
        }
        bm_writer_close(w);
    }
    bm_writer_close(w);
    bm_writer_close(w);
}

static void write_page_head(BmWriter *w, BmTag tag, const BmItem *item)
{
    bm_writer_open(w, tag);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->block);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->page);
}

static void write_encoded(BmWriter *w, BmTag tag, const BmItem *item)
{
    write_page_head(w, tag, item);
    bm_writer_octets(w, BM_TAG_OCTETS, item->data.data, item->data.len);
    bm_writer_close(w);
}

static void write_fill(BmWriter *w, const BmItem *item)
{
    write_page_head(w, BM_TAG_ITEM_FILL, item);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->value);
    bm_writer_close(w);
}

static void write_slots(BmWriter *w, const BmItem *item)
{
    bm_writer_open(w, BM_TAG_ITEM_SLOTS);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->page);
    bm_writer_octets(w, BM_TAG_OCTETS, item->data.data, item->data.len);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->count);
    bm_writer_close(w);
}

static void write_alias(BmWriter *w, unsigned tag, const char *name)
{
    if (name) {
        bm_writer_open(w, BM_TAG_CONTEXT(tag) | BM_CONSTRUCTED);
        bm_writer_text(w, BM_TAG_UTF8, name);
        bm_writer_close(w);
    }
}

static void write_bitmap(BmWriter *w, BmTag tag, const BmItem *item)
{
    bm_writer_open(w, tag);
    write_alias(w, 0, item->device);
    write_alias(w, 1, item->name);
    if (item->type == BM_ITEM_BITMAP_START) {
        bm_writer_unsigned(w, BM_TAG_INTEGER, item->value);
        bm_writer_unsigned(w, BM_TAG_INTEGER, item->count);
    } else if (item->type == BM_ITEM_BITMAP_BITS) {
        bm_writer_unsigned(w, BM_TAG_INTEGER, item->page);
        bm_writer_unsigned(w, BM_TAG_INTEGER, item->count);
        if (item->data.data) {
            bm_writer_octets(w, BM_TAG_OCTETS, item->data.data, item->data.len);
        }
    }
    bm_writer_close(w);
}

void bm_ber_item_write(BmWriter *w, const BmItem *item)
{
    switch (item->type) {
    case BM_ITEM_OCTETS:
        bm_writer_explicit(w, BM_TAG_ITEM_OCTETS, BM_TAG_OCTETS, item->data.data, item->data.len);
        break;
    case BM_ITEM_PAGE_SIZE:
        bm_writer_unsigned(w, BM_TAG_ITEM_PAGE_SIZE, item->value);
        break;
    case BM_ITEM_BLOCKS:
        bm_ber_blocks_write(w, BM_TAG_ITEM_BLOCKS, item);
        break;
    case BM_ITEM_FILL:
        write_fill(w, item);
        break;
    case BM_ITEM_XBZRLE:
        write_encoded(w, BM_TAG_ITEM_XBZRLE, item);
        break;
    case BM_ITEM_ZLIB:
        write_encoded(w, BM_TAG_ITEM_ZLIB, item);
        break;
    case BM_ITEM_NAMED:
        bm_writer_null(w, BM_TAG_ITEM_NAMED);
        break;
    case BM_ITEM_MARK:
        bm_writer_unsigned(w, BM_TAG_ITEM_MARK, item->value);
        break;
    case BM_ITEM_MEET:
        bm_writer_unsigned(w, BM_TAG_ITEM_MEET, item->value);
        break;
    case BM_ITEM_PROGRESS:
        bm_writer_unsigned(w, BM_TAG_ITEM_PROGRESS, item->value);
        break;
    case BM_ITEM_HASH_SIZE:
        bm_writer_unsigned(w, BM_TAG_ITEM_HASH_SIZE, item->value);
        break;
    case BM_ITEM_SLOTS:
        write_slots(w, item);
        break;
    case BM_ITEM_BITMAP_START:
        write_bitmap(w, BM_TAG_ITEM_BITMAP_START, item);
        break;
    case BM_ITEM_BITMAP_BITS:
        write_bitmap(w, BM_TAG_ITEM_BITMAP_BITS, item);
        break;
    case BM_ITEM_BITMAP_END:
        write_bitmap(w, BM_TAG_ITEM_BITMAP_END, item);
        break;
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_CHUNK:
        g_assert_not_reached();
    }
}
