/* SPDX-License-Identifier: BSD-2-Clause */
#include "apart.h"

#include <stdlib.h>
#include <string.h>

#include "block-list.h"
#include "join.h"
#include "stream-pass.h"

/* ---- taking apart ---- */

typedef struct Deal {
    BmStreamPass pass; /* before the main stream */
    BmOutput *outs[1 + APART_CHANNELS];
    BmBerStats stats[1 + APART_CHANNELS];
    BmStreamVisitor *channels[APART_CHANNELS];
    unsigned n;
    BmItem size, list;
    GArray *blocks;
    BmSection section;
    gboolean began, open, meeting;
    uint64_t meetings, pages;
} Deal;

static Deal *deal_of(BmStreamVisitor *s)
{
    return (Deal *)s;
}

static void must(gboolean ok)
{
    if (!ok) {
        abort();
    }
}

static void give_all(Deal *d, const BmItem *item)
{
    for (unsigned i = 0; i < d->n; i++) {
        must(bm_stream_live_item(d->channels[i], item, NULL));
    }
}

static void begin_channels(Deal *d)
{
    const BmPreamble preamble = {
        .major = BM_VERSION_MAJOR, .direction = BM_FORWARD, .generator = "a test"};

    d->list.blocks = (const BmRamBlock *)(const void *)d->blocks->data;
    for (unsigned i = 0; i < d->n; i++) {
        must(bm_stream_begin(d->channels[i], &preamble, NULL) &&
             bm_stream_live_begin(d->channels[i], BM_PHASE_START, &d->section, NULL) &&
             bm_stream_live_item(d->channels[i], &d->size, NULL) &&
             bm_stream_live_item(d->channels[i], &d->list, NULL) &&
             bm_stream_live_end(d->channels[i], FALSE, NULL) &&
             bm_stream_live_begin(d->channels[i], BM_PHASE_PART, &d->section, NULL));
    }
    d->began = TRUE;
}

static gboolean deal_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    static const uint32_t version = BM_VERSION_MAJOR;
    g_autofree char *count = g_strdup_printf("count=%u", deal_of(s)->n);
    const char *const parameters[] = {count, NULL};
    const BmCapability capability = {BM_CHANNELS_CAPABILITY, parameters};
    const BmHello hello = {&version, 1, &capability, 1};

    return bm_stream_begin(deal_of(s)->pass.inner, preamble, error) &&
           bm_stream_hello(deal_of(s)->pass.inner, &hello, error);
}

static gboolean deal_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                GError **error)
{
    Deal *d = deal_of(s);

    d->open = phase != BM_PHASE_START && strcmp(section->name, "ram") == 0;
    if (!d->began && strcmp(section->name, "ram") == 0) {
        d->section = *section;
        d->section.name = "ram";
    }
    return bm_stream_live_begin(d->pass.inner, phase, section, error);
}

static void end_meeting(Deal *d)
{
    const BmItem meet = {.type = BM_ITEM_MEET, .value = d->meetings};

    if (d->meeting) {
        give_all(d, &meet);
        d->meeting = FALSE;
    }
}

static gboolean begin_meeting(Deal *d, GError **error)
{
    const BmItem meet = {.type = BM_ITEM_MEET, .value = d->meetings + 1};

    if (!d->began) {
        begin_channels(d);
    }
    if (d->meeting) {
        return TRUE;
    }
    d->meeting = TRUE;
    d->meetings++;
    return bm_stream_live_item(d->pass.inner, &meet, error);
}

static gboolean deal_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Deal *d = deal_of(s);

    switch (item->type) {
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        if (d->open && d->blocks->len > 0) {
            return begin_meeting(d, error) &&
                   bm_stream_live_item(d->channels[d->pages++ % d->n], item, error);
        }
        break;
    case BM_ITEM_PAGE_SIZE:
        d->size = *item;
        break;
    case BM_ITEM_BLOCKS:
        d->list = *item;
        bm_block_list_set(d->blocks, item);
        break;
    default:
        break;
    }
    end_meeting(d);
    return bm_stream_live_item(d->pass.inner, item, error);
}

static gboolean deal_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    end_meeting(deal_of(s));
    return bm_stream_live_end(deal_of(s)->pass.inner, bare, error);
}

static gboolean deal_end(BmStreamVisitor *s, GError **error)
{
    Deal *d = deal_of(s);
    const BmDescription none = {0};
    BmChannelEnd ends[APART_CHANNELS];

    must(d->began);
    for (unsigned i = 0; i < d->n; i++) {
        must(bm_stream_live_end(d->channels[i], FALSE, NULL) &&
             bm_stream_finish(d->channels[i], &none, NULL) && bm_stream_end(d->channels[i], NULL));
        ends[i] = (BmChannelEnd){d->stats[1 + i].trailer_octets, d->stats[1 + i].digest};
    }
    return bm_stream_channel_ends(d->pass.inner, ends, d->n, error) &&
           bm_stream_end(d->pass.inner, error);
}

static const BmStreamOps deal_ops = {
    .otherwise = &bm_stream_pass_ops,
    .begin = deal_begin,
    .live_begin = deal_live_begin,
    .live_item = deal_live_item,
    .live_end = deal_live_end,
    .end = deal_end,
};

static GByteArray *copy_of(BmOctets octets)
{
    GByteArray *copy = g_byte_array_new();

    return g_byte_array_append(copy, octets.data, (guint)octets.len);
}

Apart apart_legacy(BmOctets legacy, unsigned channels)
{
    Deal d = {.pass.base.ops = &deal_ops, .n = channels, .blocks = bm_block_list_new()};
    BmInput *in = bm_input_memory(legacy.data, legacy.len);
    Apart apart = {.n = 1 + channels};

    for (unsigned i = 0; i < apart.n; i++) {
        BmStreamVisitor *s;

        d.outs[i] = bm_output_memory();
        s = bm_ber_stream_out(d.outs[i], 0, &d.stats[i]);
        *(i == 0 ? &d.pass.inner : &d.channels[i - 1]) = s;
    }
    must(bm_legacy_read(in, &d.pass.base, NULL, NULL));
    for (unsigned i = 0; i < apart.n; i++) {
        apart.streams[i] = copy_of(bm_output_memory_data(d.outs[i]));
        bm_stream_free(i == 0 ? d.pass.inner : d.channels[i - 1]);
        bm_output_free(d.outs[i]);
    }
    g_array_unref(d.blocks);
    bm_input_free(in);
    return apart;
}

void apart_clear(Apart *apart)
{
    for (unsigned i = 0; i < apart->n; i++) {
        g_byte_array_unref(apart->streams[i]);
    }
    apart->n = 0;
}

/* ---- all in one ---- */

static const uint8_t beginning[] = {0x30, 0x80, 0x06, 0x14};

/* Where the next stream begins behind the first octet; the end without one. */
static size_t next_beginning(BmOctets octets)
{
    const uint8_t *found =
        octets.len < 2 ? NULL
                       : memmem(octets.data + 1, octets.len - 1, beginning, sizeof beginning);

    return found != NULL ? (size_t)(found - octets.data) : octets.len;
}

Apart apart_split(BmOctets octets)
{
    Apart apart = {.n = 0};

    while (octets.len > 0 && apart.n < G_N_ELEMENTS(apart.streams)) {
        size_t len = next_beginning(octets);

        apart.streams[apart.n++] = copy_of((BmOctets){octets.data, len});
        octets = (BmOctets){octets.data + len, octets.len - len};
    }
    return apart;
}

GByteArray *apart_laid_together(const Apart *apart)
{
    GByteArray *all = g_byte_array_new();

    for (unsigned i = 0; i < apart->n; i++) {
        g_byte_array_append(all, apart->streams[i]->data, apart->streams[i]->len);
    }
    return all;
}

/* ---- a visitor that sees what gets through ---- */

typedef struct Bounds {
    BmStreamPass pass;
    uint64_t page_size;
    GArray *blocks;
} Bounds;

static gboolean is_within(const Bounds *b, const BmItem *item)
{
    uint64_t pages, count = item->count;

    if (item->block >= b->blocks->len || b->page_size == 0) {
        return FALSE;
    }
    pages = g_array_index(b->blocks, BmRamBlock, item->block).length / b->page_size;
    return count <= pages && item->page <= pages - count &&
           (item->type != BM_ITEM_PAGES || item->data.len == count * b->page_size);
}

static gboolean bounds_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Bounds *b = (Bounds *)s;

    switch (item->type) {
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        must(is_within(b, item));
        break;
    case BM_ITEM_PAGE_SIZE:
        b->page_size = item->value;
        break;
    case BM_ITEM_BLOCKS:
        bm_block_list_set(b->blocks, item);
        break;
    case BM_ITEM_MEET:
        abort();
    default:
        break;
    }
    return bm_stream_live_item(b->pass.inner, item, error);
}

static const BmStreamOps bounds_ops = {
    .otherwise = &bm_stream_pass_ops,
    .live_item = bounds_live_item,
};

/* ---- putting together ---- */

typedef struct Inputs {
    BmInput *list[APART_CHANNELS];
    unsigned n;
} Inputs;

static gboolean open_inputs(void *data, const BmHello *hello, BmInput **inputs, unsigned *count,
                            GError **error)
{
    const Inputs *from = data;

    (void)hello;
    (void)error;
    memcpy(inputs, from->list, from->n * sizeof *inputs);
    *count = from->n;
    return TRUE;
}

static BmInput *input_of(const GByteArray *stream)
{
    return bm_input_memory(stream->data, stream->len);
}

gboolean apart_join(const Apart *apart, gboolean in_order, BmStreamVisitor *inner, GError **error)
{
    Bounds bounds = {.pass = {{&bounds_ops}, inner}, .blocks = bm_block_list_new()};
    Inputs inputs = {.n = apart->n > 0 ? apart->n - 1 : 0};
    const BmJoinSetup setup = {.open = open_inputs, .data = &inputs, .in_order = in_order};
    BmJoin *join = bm_join_new(&setup);
    BmInput *in = apart->n > 0 ? input_of(apart->streams[0]) : bm_input_memory("", 0);
    gboolean ok;

    for (unsigned i = 0; i < inputs.n; i++) {
        inputs.list[i] = input_of(apart->streams[1 + i]);
    }
    ok = bm_ber_stream_read(in, bm_join_stream(join, &bounds.pass.base), FALSE, NULL, error);
    bm_join_free(join);
    bm_input_free(in);
    for (unsigned i = 0; i < inputs.n; i++) {
        bm_input_free(inputs.list[i]);
    }
    g_array_unref(bounds.blocks);
    return ok;
}
