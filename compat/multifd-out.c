/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes the octets of page channels. */
#include <string.h>

#include "multifd-packet.h"
#include "multifd.h"
#include "stream-pass.h"

typedef struct Channel {
    BmOutput *out; /* not owned */
    BmMultifdLast last;
} Channel;

typedef struct Multifd {
    BmStreamPass pass;
    BmMultifdOut out;
    GPtrArray *channels; /* Channel */
    GPtrArray *blocks;   /* names */
    GByteArray *header;  /* of the packet at work */
} Multifd;

static Multifd *self(BmStreamVisitor *s)
{
    return (Multifd *)s;
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Multifd *m = self(s);

    if (item->type == BM_ITEM_BLOCKS) {
        g_ptr_array_set_size(m->blocks, 0);
        for (uint32_t i = 0; i < item->n_blocks; i++) {
            g_ptr_array_add(m->blocks, g_strdup(item->blocks[i].name));
        }
    }
    return bm_stream_live_item(m->pass.inner, item, error);
}

static void free_channel(gpointer data)
{
    Channel *c = data;

    bm_multifd_last_clear(&c->last);
    g_free(c);
}

static gboolean io_failed(BmOutput *out, const char *what, GError **error)
{
    BmFault fault = {BM_IO, BM_NO_OFFSET, what, 0, (uint64_t)bm_output_errno(out)};

    return bm_error_from_fault(error, &fault, NULL);
}

/* What was written to the stream goes out before. */
static Channel *channel_of(Multifd *m, const BmChannelItem *item, GError **error)
{
    Channel *c;

    if (!bm_output_flush(m->out.stream)) {
        io_failed(m->out.stream, "the QEMU stream", error);
        return NULL;
    }
    if (item->number < m->channels->len) {
        return m->channels->pdata[item->number];
    }
    c = g_new0(Channel, 1);
    bm_multifd_last_init(&c->last);
    c->out = m->out.open(item->number, m->out.data, error);
    g_ptr_array_add(m->channels, c);
    return c->out ? c : NULL;
}

static void write_initial(const Channel *c, const BmChannelItem *item)
{
    uint8_t p[BM_MULTIFD_INITIAL] = {0x11, 0x22, 0x33, 0x44, 0, 0, 0, BM_MULTIFD_VERSION};

    memcpy(p + 8, item->uuid, 16);
    p[24] = (uint8_t)item->id;
    bm_output_write(c->out, p, sizeof p);
}

static gboolean write_packet(Multifd *m, Channel *c, const BmChannelItem *item, GError **error)
{
    const char *name = NULL;

    if (item->full + item->zero > 0) {
        name = m->blocks->pdata[item->block];
        if (strlen(name) >= BM_MULTIFD_NAME) {
            return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, name,
                                "a name of %zu octets, a QEMU stream takes 1 to 255", strlen(name));
        }
    }
    bm_multifd_header(&c->last, item, name, m->header);
    bm_multifd_last_take(&c->last, m->header->data, m->header->len);
    bm_output_write(c->out, m->header->data, m->header->len);
    bm_output_write(c->out, item->data.data, item->data.len);
    return TRUE;
}

static void write_state(const Channel *c, const BmChannelItem *item)
{
    uint8_t p[BM_MULTIFD_STATE] = {0x11, 0x22, 0x33, 0x44, 0, 0, 0, BM_MULTIFD_VERSION};
    uint32_t numbers[2] = {GUINT32_TO_BE(item->instance), GUINT32_TO_BE((uint32_t)item->data.len)};
    uint32_t flags = GUINT32_TO_BE(item->flags);

    memcpy(p + 8, &flags, sizeof flags);
    memcpy(p + BM_MULTIFD_COMMON, item->name, strlen(item->name));
    memcpy(p + BM_MULTIFD_COMMON + BM_MULTIFD_NAME, numbers, sizeof numbers);
    bm_output_write(c->out, p, sizeof p);
    bm_output_write(c->out, item->data.data, item->data.len);
}

static gboolean write_item(Multifd *m, Channel *c, const BmChannelItem *item, GError **error)
{
    switch (item->type) {
    case BM_CHANNEL_OCTETS:
        bm_output_write(c->out, item->data.data, item->data.len);
        return TRUE;
    case BM_CHANNEL_INITIAL:
        write_initial(c, item);
        return TRUE;
    case BM_CHANNEL_PACKET:
        return write_packet(m, c, item, error);
    default:
        write_state(c, item);
        return TRUE;
    }
}

static gboolean channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    Multifd *m = self(s);
    Channel *c = channel_of(m, item, error);
    g_autofree char *what = NULL;

    if (!c || !write_item(m, c, item, error)) {
        return FALSE;
    }
    if (bm_output_flush(c->out)) {
        return TRUE;
    }
    what = g_strdup_printf("channel %u", item->number);
    return io_failed(c->out, what, error);
}

static void free_multifd(BmStreamVisitor *s)
{
    Multifd *m = self(s);

    g_ptr_array_unref(m->channels);
    g_ptr_array_unref(m->blocks);
    g_byte_array_unref(m->header);
    bm_stream_pass_free(s);
}

static const BmStreamOps multifd_out_ops = {
    .otherwise = &bm_stream_pass_ops,
    .live_item = live_item,
    .channel = channel,
    .free = free_multifd,
};

BmStreamVisitor *bm_multifd_out(BmStreamVisitor *inner, const BmMultifdOut *out)
{
    Multifd *m = g_new0(Multifd, 1);

    m->pass.base.ops = &multifd_out_ops;
    m->pass.inner = inner;
    m->out = *out;
    m->channels = g_ptr_array_new_with_free_func(free_channel);
    m->blocks = g_ptr_array_new_with_free_func(g_free);
    m->header = g_byte_array_new();
    return &m->pass.base;
}
