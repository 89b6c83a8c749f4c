/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "session-frame.h"

static const uint8_t token[BM_LIMIT_TOKEN_MAX] = {0xa1, 0xb2, 0xc3};
static const uint8_t data[BM_LIMIT_FRAME_DATA] = {0xde, 0xad};
static const uint64_t numbers[] = {0, 1, 127, 128, 255, 65536, UINT32_MAX, INT64_MAX, UINT64_MAX};
#define N(array) (sizeof(array) / sizeof((array)[0]))

/* The frame's octets, in memory of just that size, so that a sanitizer sees more. */
static uint8_t *octets_of(const BmFrame *frame, size_t *size)
{
    BmWriter w;
    uint8_t *octets;
    size_t at = 0;

    bm_writer_init(&w);
    bm_frame_put(&w, frame);
    cr_assert_eq(w.fault.code, BM_OK);
    *size = bm_writer_size(&w);
    octets = malloc(*size);
    for (size_t i = 0; i <= 2 * w.n_borrowed; i++) {
        BmOctets piece = bm_writer_piece(&w, i);

        memcpy(octets + at, piece.data, piece.len);
        at += piece.len;
    }
    bm_writer_clear(&w);
    return octets;
}

static bool same(BmOctets a, BmOctets b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static BmFrame read_whole(const uint8_t *octets, size_t size)
{
    BmFault fault = {0};
    BmFrame frame = {0};

    cr_assert_eq(bm_frame_size(octets, size, 0, &fault), size);
    cr_assert(bm_frame_get(octets, size, 0, &frame, &fault), "code %d: %s", fault.code, fault.what);
    return frame;
}

static void check(const BmFrame *frame)
{
    size_t size;
    uint8_t *octets = octets_of(frame, &size);
    BmFrame read = read_whole(octets, size);

    cr_assert_eq(read.type, frame->type);
    cr_assert(same(read.token, frame->token));
    cr_assert(same(read.data, frame->data));
    cr_assert_eq(read.stall, frame->stall);
    cr_assert_eq(read.resume, frame->resume);
    cr_assert_eq(read.window, frame->window);
    cr_assert_eq(read.position, frame->position);
    cr_assert_eq(read.received, frame->received);
    cr_assert_eq(read.gone, frame->gone);
    free(octets);
}

Test(session_frames, go_both_ways)
{
    for (size_t i = 0; i < N(numbers); i++) {
        uint64_t n = numbers[i];

        check(&(BmFrame){.type = BM_FRAME_OPEN,
                         .token = {token, 16},
                         .stall = n,
                         .resume = n / 2,
                         .window = BM_LIMIT_WINDOW_MIN + n / 3});
        check(&(BmFrame){.type = BM_FRAME_DATA, .position = n, .data = {data, 1 + i}});
        check(&(BmFrame){.type = BM_FRAME_HEARTBEAT, .received = n});
        check(&(BmFrame){.type = BM_FRAME_RESUME, .token = {token, 64}, .received = n});
        check(&(BmFrame){.type = BM_FRAME_CLOSE, .position = n, .received = n / 7, .gone = i % 2});
    }
    check(&(BmFrame){.type = BM_FRAME_DATA, .position = UINT64_MAX, .data = {data, sizeof(data)}});
}

/* By hand, after SPEC.md 5.14; the sum is a frozen one. */
Test(session_frames, have_the_octets_of_the_specification)
{
    static const uint8_t expected[] = {0x77, 0x09, 0x02, 0x01, 0x05, 0x04,
                                       0x04, 0xdc, 0xd6, 0x24, 0x20};
    size_t size;
    uint8_t *octets = octets_of(&(BmFrame){.type = BM_FRAME_HEARTBEAT, .received = 5}, &size);

    cr_assert_eq(size, sizeof(expected));
    cr_assert_arr_eq(octets, expected, sizeof(expected));
    free(octets);
}

Test(session_frames, that_are_not_whole_say_how_much_is_missing)
{
    const BmFrame frame = {.type = BM_FRAME_DATA, .position = 7, .data = {data, 300}};
    size_t size;
    uint8_t *octets = octets_of(&frame, &size);

    for (size_t len = 0; len < size; len++) {
        BmFault fault = {0};
        uint8_t *part = malloc(len + !len);
        size_t need;

        memcpy(part, octets, len);
        need = bm_frame_size(part, len, 0, &fault);
        cr_assert(need > len && need <= size && fault.code == BM_OK, "%zu of %zu: %zu", len, size,
                  need);
        free(part);
    }
    free(octets);
}

Test(session_frames, with_one_changed_bit_are_refused)
{
    const BmFrame frame = {
        .type = BM_FRAME_CLOSE, .position = 12345, .received = 67890, .gone = true};
    size_t size;
    uint8_t *octets = octets_of(&frame, &size);

    for (size_t bit = 0; bit < 8 * size; bit++) {
        BmFault fault = {0};
        BmFrame read;

        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        size_t now = bm_frame_size(octets, size, 0, &fault);
        cr_assert(now == 0 || now > size || !bm_frame_get(octets, now, 0, &read, &fault), "bit %zu",
                  bit);
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(octets);
}

static BmCode code_of_head(const char *head, size_t len)
{
    BmFault fault = {0};

    cr_assert_eq(bm_frame_size((const uint8_t *)head, len, 0, &fault), 0);
    return fault.code;
}

Test(session_frames, have_limits_that_are_seen_in_their_head)
{
    cr_assert_eq(code_of_head("\x74\x06", 2), BM_UNKNOWN);
    cr_assert_eq(code_of_head("\x7a\x06", 2), BM_UNKNOWN);
    cr_assert_eq(code_of_head("\x30\x80", 2), BM_UNKNOWN);
    cr_assert_eq(code_of_head("\x77\x05", 2), BM_BAD_LENGTH);
    cr_assert_eq(code_of_head("\x77\x80", 2), BM_BAD_LENGTH);
    cr_assert_eq(code_of_head("\x76\x83\x04\x00\x80", 5), BM_LIMIT);
    cr_assert_eq(code_of_head("\x76\x84\xff\xff\xff\xff", 6), BM_LIMIT);
}

static BmCode code_of(const BmFrame *frame)
{
    BmFault fault = {0};
    size_t size;
    uint8_t *octets = octets_of(frame, &size);
    BmFrame read;

    cr_assert_eq(bm_frame_size(octets, size, 0, &fault), size);
    cr_assert_not(bm_frame_get(octets, size, 0, &read, &fault));
    free(octets);
    return fault.code;
}

Test(session_frames, have_limits_in_their_members)
{
    cr_assert_eq(code_of(&(BmFrame){.type = BM_FRAME_RESUME, .token = {token, 15}}), BM_BAD_VALUE);
    cr_assert_eq(code_of(&(BmFrame){.type = BM_FRAME_DATA, .data = {data, 0}}), BM_BAD_VALUE);
    cr_assert_eq(code_of(&(BmFrame){.type = BM_FRAME_OPEN,
                                    .token = {token, 16},
                                    .window = BM_LIMIT_WINDOW_MIN - 1}),
                 BM_LIMIT);
}
