/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as the frames of a session.  One that is taken must be written as
 * the same octets; sums are made right again in each new input.
 */
#include <string.h>

#include "entry.h"
#include "limits.h"
#include "record.h"
#include "session-frame.h"

static void check_same(const BmFrame *frame, const uint8_t *data, size_t size)
{
    struct iovec iov[3];
    BmWriter w;
    size_t at = 0;

    bm_writer_init(&w);
    bm_frame_put(&w, frame);
    size_t n = bm_writer_pieces(&w, iov, G_N_ELEMENTS(iov));

    /* Members of later versions are passed over, and not written again. */
    if (bm_writer_size(&w) == size) {
        for (size_t i = 0; i < n; at += iov[i++].iov_len) {
            g_assert(memcmp(iov[i].iov_base, data + at, iov[i].iov_len) == 0);
        }
        g_assert(at == size);
    } else {
        g_assert(n > 0 && bm_writer_size(&w) < size);
    }
    bm_writer_clear(&w);
}

/* Calls a function for each frame that is there, until one is not. */
static void each_frame(uint8_t *data, size_t len, void (*call)(uint8_t *data, size_t size))
{
    BmFault fault = {0};

    while (len > 0) {
        size_t size = bm_frame_size(data, len, 0, &fault);

        g_assert((size == 0) == (fault.code != BM_OK) && size <= BM_LIMIT_FRAME);
        if (size == 0 || size > len) {
            return;
        }
        call(data, size);
        data += size;
        len -= size;
    }
}

static void check(uint8_t *data, size_t size)
{
    BmFault fault = {0};
    BmFrame frame;

    if (bm_frame_get(data, size, 0, &frame, &fault)) {
        check_same(&frame, data, size);
    } else {
        g_assert(fault.code != BM_OK && fault.offset <= size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree uint8_t *copy = g_memdup2(data, size);

    each_frame(copy, size, check);
    return 0;
}

/* The sum that the fault has told. */
static void repair(uint8_t *data, size_t size)
{
    BmFault fault = {0};
    uint64_t hash;

    memcpy(data + size - BM_SUM_MEMBER_LEN, "\4\4", 2);
    if (!bm_record_check(data, size, 0, &hash, &fault) && fault.code == BM_BAD_DIGEST) {
        for (size_t i = 0; i < BM_SUM_LEN; i++) {
            data[size - 1 - i] = (uint8_t)(fault.got >> 8 * i);
        }
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    (void)seed;
    size = LLVMFuzzerMutate(data, size, max_size);
    each_frame(data, size, repair);
    return size;
}

static void append(GByteArray *seed, const BmFrame *frame)
{
    BmWriter w;

    bm_writer_init(&w);
    bm_frame_put(&w, frame);
    for (size_t i = 0; i <= 2 * w.n_borrowed; i++) {
        BmOctets piece = bm_writer_piece(&w, i);

        g_byte_array_append(seed, piece.data, (guint)piece.len);
    }
    bm_writer_clear(&w);
}

static void unref_octets(gpointer octets)
{
    g_byte_array_unref(octets);
}

GPtrArray *fuzz_seeds(void)
{
    static const uint8_t octets[300] = {1, 2, 3};
    const BmFrame frames[] = {
        {.type = BM_FRAME_OPEN,
         .token = {octets, 16},
         .stall = 30,
         .resume = 10,
         .window = BM_LIMIT_WINDOW_MIN},
        {.type = BM_FRAME_DATA, .position = 200, .data = {octets, sizeof(octets)}},
        {.type = BM_FRAME_HEARTBEAT, .received = G_MAXUINT64},
        {.type = BM_FRAME_RESUME, .token = {octets, 64}, .received = 500},
        {.type = BM_FRAME_CLOSE, .position = 500, .received = 1 << 20, .gone = true},
    };
    GPtrArray *seeds = g_ptr_array_new_with_free_func(unref_octets);
    GByteArray *seed = g_byte_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
        append(seed, &frames[i]);
    }
    g_ptr_array_add(seeds, seed);
    return seeds;
}
