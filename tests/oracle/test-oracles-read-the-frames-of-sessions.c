/* SPDX-License-Identifier: BSD-2-Clause */
/* asn1c and libtasn1 find in each frame what was put in, and encode it again as it was. */
#include <criterion/criterion.h>
#include <string.h>

#include "oracle.h"
#include "session-frame.h"

static const uint8_t octets[64] = {0xca, 0xfe, 1, 2, 3};

static const BmFrame frames[] = {
    {.type = BM_FRAME_OPEN, .token = {octets, 16}, .stall = 30, .resume = 10, .window = 1 << 26},
    {.type = BM_FRAME_DATA, .position = 1ull << 40, .data = {octets, 64}},
    {.type = BM_FRAME_HEARTBEAT, .received = 128},
    {.type = BM_FRAME_RESUME, .token = {octets, 64}, .received = 77},
    {.type = BM_FRAME_CLOSE, .position = 5, .received = 6, .gone = true},
};
static const char *const names[] = {"open", "data", "heartbeat", "resume", "close"};

static void check_number(const Oracle *oracle, void *node, const char *frame, const char *member,
                         uint64_t expected)
{
    g_autofree char *path = g_strconcat(frame, ".", member, NULL);
    BmOctets content;
    uint64_t n;

    if (oracle->get(node, path, &content)) {
        cr_assert(oracle_unsigned(content, UINT64_MAX, &n));
        cr_assert_eq(n, expected, "%s by %s", path, oracle->name);
    } else {
        cr_assert_eq(expected, 0, "%s by %s: absent", path, oracle->name);
    }
}

static void check_octets(const Oracle *oracle, void *node, const char *frame, const char *member,
                         BmOctets expected)
{
    g_autofree char *path = g_strconcat(frame, ".", member, NULL);
    BmOctets content = {NULL, 0};

    if (expected.len > 0) {
        cr_assert(oracle->get(node, path, &content), "%s by %s: absent", path, oracle->name);
        cr_assert_eq(content.len, expected.len);
        cr_assert_arr_eq(content.data, expected.data, expected.len);
    }
}

static void check_members(const Oracle *oracle, void *node, const BmFrame *frame, const char *name)
{
    BmOctets gone;

    cr_assert_str_eq(oracle->choice(node, ""), name);
    check_number(oracle, node, name, "stall", frame->stall);
    check_number(oracle, node, name, "resume", frame->resume);
    check_number(oracle, node, name, "window", frame->window);
    check_number(oracle, node, name, "position", frame->position);
    check_number(oracle, node, name, "received", frame->received);
    check_octets(oracle, node, name, "token", frame->token);
    check_octets(oracle, node, name, "data", frame->data);
    if (frame->type == BM_FRAME_CLOSE) {
        cr_assert(oracle->get(node, "close.gone", &gone));
        cr_assert_eq(gone.data[0] != 0, frame->gone);
    }
}

static GByteArray *written(const BmFrame *frame)
{
    GByteArray *array = g_byte_array_new();
    BmWriter w;

    bm_writer_init(&w);
    bm_frame_put(&w, frame);
    for (size_t i = 0; i <= 2 * w.n_borrowed; i++) {
        BmOctets piece = bm_writer_piece(&w, i);

        g_byte_array_append(array, piece.data, (guint)piece.len);
    }
    bm_writer_clear(&w);
    return array;
}

static void check(const Oracle *oracle)
{
    for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
        g_autoptr(GByteArray) frame = written(&frames[i]);
        void *node = oracle->decode("SessionFrame", (BmOctets){frame->data, frame->len});

        cr_assert_not_null(node, "%s by %s", names[i], oracle->name);
        check_members(oracle, node, &frames[i], names[i]);
        g_autoptr(GBytes) again = oracle->encode(node);
        cr_assert_not_null(again);
        cr_assert_eq(g_bytes_get_size(again), frame->len);
        cr_assert_arr_eq(g_bytes_get_data(again, NULL), frame->data, frame->len);
        oracle->free(node);
    }
}

Test(session_frames, are_read_by_asn1c)
{
    check(&oracle_asn1c);
}

Test(session_frames, are_read_by_libtasn1)
{
    check(&oracle_tasn1);
}
