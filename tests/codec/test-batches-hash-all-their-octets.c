/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records whose data is in pieces of all lengths, more than one batch has room for:
 * what was written batch by batch has the sum of the whole, and comes to places of
 * other lengths.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "codec.h"

#define OCTETS (5u * BM_BATCH_OCTETS + 12345u)
#define PIECES_MAX 1024u

static uint8_t data[OCTETS], place[OCTETS];

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Cuts memory of OCTETS into pieces of `most` octets each, or fewer. */
static size_t cut(uint8_t *memory, struct iovec *pieces, size_t most, uint32_t seed)
{
    size_t n = 0, at = 0;

    while (at < OCTETS) {
        size_t left = OCTETS - at, len = next_random(&seed) % (most + 1);

        len = n + 1 == PIECES_MAX || len > left ? left : len;
        pieces[n++] = (struct iovec){memory + at, len};
        at += len;
    }
    return n;
}

static void fill_data(uint32_t seed)
{
    for (size_t i = 0; i < OCTETS; i++) {
        data[i] = (uint8_t)next_random(&seed);
    }
}

static BmOutput *written(size_t most, uint32_t seed)
{
    BmOutput *out = bm_output_memory();
    static BmOctets pieces[PIECES_MAX];
    struct iovec iov[PIECES_MAX];
    size_t n = cut(data, iov, most, seed);
    BmWriter w;

    for (size_t i = 0; i < n; i++) {
        pieces[i] = (BmOctets){iov[i].iov_base, iov[i].iov_len};
    }
    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_PART);
    bm_writer_borrow_pieces(&w, BM_TAG_OCTETS, pieces, n);
    cr_assert(bm_record_write(out, &w));
    bm_writer_clear(&w);
    return out;
}

/* The sum is that of the octets, computed at once. */
static void check_whole(BmOctets record)
{
    BmFault fault = {0};
    uint64_t hash;

    cr_assert(bm_record_check(record.data, record.len, 0, &hash, &fault));
}

/* What comes of reading the record piece by piece. */
static BmCode read_to_places(BmOctets octets, size_t most, uint32_t seed)
{
    BmInput *in = bm_input_memory(octets.data, octets.len);
    BmFault fault = {0};
    BmPieces *p = bm_pieces_new(in, &fault);
    struct iovec places[PIECES_MAX];
    size_t n = cut(place, places, most, seed);
    BmRecord record;
    BmView view;

    memset(place, 0, sizeof(place));
    cr_assert(bm_pieces_begin(p, &record));
    cr_assert(bm_pieces_need(p, bm_pieces_left(p) - OCTETS, &view));
    bm_pieces_skip(p, view.len);
    cr_assert(bm_pieces_place(p, places, n));
    cr_assert_eq(bm_pieces_end(p), fault.code == BM_OK);
    bm_pieces_free(p);
    bm_input_free(in);
    return fault.code;
}

Test(batch, any_pieces_are_written_and_placed)
{
    static const size_t most[] = {1300, 4096, 9000, 3 * BM_BATCH_OCTETS, OCTETS};

    for (uint32_t i = 0; i < 25; i++) {
        fill_data(i);
        BmOutput *out = written(most[i % 5], i);
        BmOctets octets = bm_output_memory_data(out);

        check_whole(octets);
        cr_assert_eq(read_to_places(octets, most[i / 5], i + 100), BM_OK);
        cr_assert_arr_eq(place, data, OCTETS);
        bm_output_free(out);
    }
}

/* Wherever it is: in the first batch, at an end, in the last one. */
Test(batch, one_wrong_octet_is_found)
{
    fill_data(7);
    BmOutput *out = written(9000, 7);
    BmOctets octets = bm_output_memory_data(out);
    uint8_t *changed = malloc(octets.len);

    memcpy(changed, octets.data, octets.len);
    for (size_t i = 16; i < octets.len - BM_SUM_MEMBER_LEN; i += BM_BATCH_OCTETS / 8 - 1) {
        changed[i] ^= 1;
        cr_assert_eq(read_to_places((BmOctets){changed, octets.len}, 4096, 8), BM_BAD_DIGEST);
        changed[i] ^= 1;
    }
    free(changed);
    bm_output_free(out);
}
