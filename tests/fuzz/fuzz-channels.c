/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a page channel beside a small stream.  What is taken must come back from
 * BER as it was, both the stream and the channel, and its pages lie in their blocks.
 */
#include <string.h>

#include "compat.h"
#include "entry.h"
#include "gather.h"
#include "multifd-packet.h"
#include "multifd.h"
#include "small-stream.h"

#define PAGE 4096u
#define BLOCK_PAGES 16u
#define PIECES 3u
/* Where a header ends. */
#define HEADER BM_CHANNEL_HEADER(PAGE)

/* ---- the stream ---- */

static GByteArray *make_stream(void)
{
    GByteArray *s = g_byte_array_new();

    put_header(s);
    for (unsigned i = 0; i < PIECES; i++) {
        if (i == 0) {
            put_section(s, BM_LEGACY_START, 1, "ram", 0, 4);
            put64(s, BLOCK_PAGES * PAGE | BM_RAM_MEM_SIZE);
            put_name(s, "ram");
            put64(s, BLOCK_PAGES * PAGE);
        } else {
            put8(s, i == PIECES - 1 ? BM_LEGACY_END : BM_LEGACY_PART);
            put32(s, 1);
        }
        put64(s, BM_RAM_EOS);
        put_footer(s, 1);
    }
    put8(s, BM_LEGACY_EOF);
    return s;
}

/* ---- there and back ---- */

static BmOutput *open_channel(guint number, void *data, GError **error)
{
    (void)error;
    g_assert(number == 0);
    return data;
}

static gboolean to_ber(BmOctets stream, BmOctets channel, BmOutput *ber)
{
    BmInput *in = bm_input_memory(stream.data, stream.len);
    BmInput *beside = bm_input_memory(channel.data, channel.len);
    const BmMultifdIn channels = {&beside, 1, -1, NULL};
    BmStreamVisitor *s = bm_multifd_in(bm_ber_stream_out(ber, 0, NULL), &channels);
    g_autoptr(GError) error = NULL;
    gboolean ok = bm_legacy_read(in, s, NULL, &error);

    g_assert(ok == (error == NULL));
    bm_stream_free(s);
    bm_input_free(beside);
    bm_input_free(in);
    return ok;
}

static gboolean read_ber(BmOctets ber, BmStreamVisitor *s)
{
    BmInput *in = bm_input_memory(ber.data, ber.len);
    g_autoptr(GError) error = NULL;
    gboolean ok = bm_ber_stream_read(in, s, FALSE, NULL, &error);

    g_assert(ok == (error == NULL));
    bm_stream_free(s);
    bm_input_free(in);
    return ok;
}

static void expect(BmOutput *out, BmOctets octets)
{
    BmOctets got = bm_output_memory_data(out);

    g_assert(got.len == octets.len && memcmp(got.data, octets.data, got.len) == 0);
    bm_output_free(out);
}

static void check_back(BmOctets ber, BmOctets stream, BmOctets channel)
{
    BmOutput *out = bm_output_memory(), *beside = bm_output_memory();
    const BmMultifdOut channels = {out, open_channel, beside};

    g_assert(read_ber(ber, bm_multifd_out(bm_legacy_stream_out(out), &channels)));
    expect(out, stream);
    expect(beside, channel);
}

/* Compressed pages need not be right: then joining fails, and harms nobody. */
static void check_joined(BmOctets ber)
{
    BmOutput *out = bm_output_memory();

    read_ber(ber, bm_gather_stream(bm_legacy_stream_out(out)));
    bm_output_free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GByteArray) made = make_stream();
    BmOctets stream = {made->data, made->len}, channel = {data, size};
    BmOutput *ber = bm_output_memory();

    if (to_ber(stream, channel, ber)) {
        check_back(bm_output_memory_data(ber), stream, channel);
        check_joined(bm_output_memory_data(ber));
    }
    bm_output_free(ber);
    return 0;
}

/* ---- changes ---- */

/* Most changes go where something is read: what all packets begin with, and the first
 * offsets. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size_t packet = size > BM_MULTIFD_INITIAL ? (size - BM_MULTIFD_INITIAL) / HEADER : 0;
    size_t at;

    if (packet == 0 || seed % 4 == 0) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    at = BM_MULTIFD_INITIAL + seed / 4 % packet * HEADER;
    at += seed % 4 == 1 ? BM_MULTIFD_AT_OFFSETS : 0;
    LLVMFuzzerMutate(data + at, MIN(size - at, 72), MIN(size - at, 72));
    return size;
}

/* ---- seeds ---- */

static void put_initial(GByteArray *to)
{
    uint8_t rest[BM_MULTIFD_INITIAL - 8] = {0};

    put32(to, BM_MULTIFD_MAGIC);
    put32(to, BM_MULTIFD_VERSION);
    g_byte_array_append(to, rest, sizeof rest);
}

/* `full` pages, then `zero` ones, each the second one after the one before. */
static void put_packet(GByteArray *to, BmMultifdLast *last, uint32_t flags, uint32_t full,
                       uint32_t zero)
{
    g_autoptr(GByteArray) header = g_byte_array_new(), map = g_byte_array_new();
    g_autofree uint8_t *pages = g_malloc0((size_t)full * PAGE);
    BmChannelItem item = {.type = BM_CHANNEL_PACKET,
                          .flags = flags,
                          .page_size = PAGE,
                          .allocated = BM_CHANNEL_ROOM / PAGE,
                          .kept = TRUE,
                          .full = full,
                          .zero = zero};
    uint64_t next = 0;

    for (uint32_t i = 0; i < full + zero; i++) {
        const BmPageRun run = {i, 1, i >= full};
        uint8_t octets[BM_PAGE_RUN_MAX];

        g_byte_array_append(map, octets, (guint)bm_page_map_put(octets, next, &run));
        next = run.page + run.count;
    }
    item.map = (BmOctets){map->data, map->len};
    item.data.len = (size_t)full * PAGE;
    bm_multifd_header(last, &item, full + zero > 0 ? "ram" : NULL, header);
    bm_multifd_last_take(last, header->data, header->len);
    g_byte_array_append(to, header->data, header->len);
    g_byte_array_append(to, pages, (guint)item.data.len);
}

static GByteArray *make_seed(uint32_t flags, uint32_t full, uint32_t zero)
{
    GByteArray *to = g_byte_array_new();
    BmMultifdLast last;

    bm_multifd_last_init(&last);
    put_initial(to);
    for (unsigned i = 0; i < PIECES; i++) {
        put_packet(to, &last, flags, full, zero);
        put_packet(to, &last, BM_CHANNEL_SYNC, 0, 0);
    }
    bm_multifd_last_clear(&last);
    return to;
}

GPtrArray *fuzz_seeds(void)
{
    GPtrArray *seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);

    g_ptr_array_add(seeds, make_seed(0, 0, 0));
    g_ptr_array_add(seeds, make_seed(0, 0, 5));
    g_ptr_array_add(seeds, make_seed(0, 1, 2));
    g_ptr_array_add(seeds, make_seed(BM_CHANNEL_ZLIB, 1, 0));
    return seeds;
}
