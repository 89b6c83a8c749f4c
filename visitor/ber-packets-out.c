/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-items.h"
#include "ber-packets.h"

static void write_initial(BmWriter *w, const BmChannelItem *item)
{
    bm_writer_open(w, BM_TAG_ITEM(BM_CHANNEL_INITIAL));
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->id);
    bm_writer_octets(w, BM_TAG_OCTETS, item->uuid, 16);
    bm_writer_close(w);
}

/* What QEMU compressed does not get smaller. */
static void write_data(BmPagesOut *p, const BmChannelItem *item)
{
    if (item->flags & BM_CHANNEL_METHOD) {
        bm_writer_borrow(p->w, BM_TAG_OCTETS, item->data.data, item->data.len);
    } else {
        bm_pages_out_data(p, item->data);
    }
}

static void write_pages(BmPagesOut *p, const BmChannelItem *item)
{
    bm_writer_open(p->w, BM_TAG_ITEM(3));
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, item->block);
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, item->page);
    bm_writer_octets(p->w, BM_TAG_OCTETS, item->map.data, item->map.len);
    write_data(p, item);
    bm_writer_close(p->w);
}

static void write_packet(BmPagesOut *p, const BmChannelItem *item)
{
    BmWriter *w = p->w;

    bm_writer_open(w, BM_TAG_ITEM(BM_CHANNEL_PACKET));
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->flags);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->counter);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->page_size);
    if (item->allocated != BM_CHANNEL_ROOM / item->page_size) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), item->allocated);
    }
    if (item->kept) {
        bm_writer_null(w, BM_TAG_CONTEXT(1));
    }
    if (item->header.data) {
        bm_writer_explicit(w, BM_TAG_CONTEXT(2), BM_TAG_OCTETS, item->header.data,
                           item->header.len);
    }
    if (item->full + item->zero > 0) {
        write_pages(p, item);
    }
    bm_writer_close(w);
}

static void write_state(BmWriter *w, const BmChannelItem *item)
{
    bm_writer_open(w, BM_TAG_ITEM(BM_CHANNEL_STATE));
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->flags);
    bm_writer_text(w, BM_TAG_UTF8, item->name);
    bm_writer_unsigned(w, BM_TAG_INTEGER, item->instance);
    bm_writer_borrow(w, BM_TAG_OCTETS, item->data.data, item->data.len);
    bm_writer_close(w);
}

void bm_ber_channel_write(BmPagesOut *p, const BmChannelItem *item)
{
    bm_writer_unsigned(p->w, BM_TAG_INTEGER, item->number);
    switch (item->type) {
    case BM_CHANNEL_OCTETS:
        bm_writer_explicit(p->w, BM_TAG_ITEM(BM_CHANNEL_OCTETS), BM_TAG_OCTETS, item->data.data,
                           item->data.len);
        break;
    case BM_CHANNEL_INITIAL:
        write_initial(p->w, item);
        break;
    case BM_CHANNEL_PACKET:
        write_packet(p, item);
        break;
    case BM_CHANNEL_STATE:
        write_state(p->w, item);
        break;
    }
}
