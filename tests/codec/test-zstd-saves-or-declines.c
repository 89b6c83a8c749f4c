/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

static BmZstd *z;

static void setup(void)
{
    z = bm_zstd_new(3);
    cr_assert_not_null(z);
}

static void teardown(void)
{
    bm_zstd_free(z);
}

TestSuite(zstd, .init = setup, .fini = teardown);

static void fill_random(uint8_t *data, size_t len)
{
    uint64_t x = 0x2545f4914f6cdd1dull;

    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        data[i] = (uint8_t)(x >> 32);
    }
}

static uint8_t *text(size_t len)
{
    uint8_t *data = malloc(len + 32);

    for (size_t i = 0; i < len; i += 16) {
        snprintf((char *)data + i, 32, "page word %06zx", i & 0xffffff);
    }
    return data;
}

/* A copy, since the result lies in the memory of the next call. */
static BmOctets compressed(const uint8_t *data, size_t len)
{
    BmOctets out;

    cr_assert(bm_zstd_compress(z, (BmOctets){data, len}, &out));
    uint8_t *copy = malloc(out.len);
    memcpy(copy, out.data, out.len);
    return (BmOctets){copy, out.len};
}

static void release(BmOctets octets)
{
    free((void *)(uintptr_t)octets.data);
}

Test(zstd, data_goes_both_ways)
{
    static const size_t lens[] = {64, 1000, 4096, 65536, 65537, 1u << 20, BM_LIMIT_DATA};

    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        uint8_t *data = text(lens[i]);
        BmOctets packed, plain;

        packed = compressed(data, lens[i]);
        cr_assert_leq(packed.len, lens[i] - lens[i] / 8);
        cr_assert(bm_zstd_decompress(z, packed, lens[i], &plain));
        cr_assert_eq(plain.len, lens[i]);
        cr_assert_eq(memcmp(plain.data, data, lens[i]), 0);
        release(packed);
        free(data);
    }
}

/* Octets that `paced` makes of the data, which come back from them. */
static size_t paced_len(BmZstd *paced, const uint8_t *data, size_t len)
{
    BmOctets packed, plain;

    cr_assert(bm_zstd_compress(paced, (BmOctets){data, len}, &packed));
    cr_assert(bm_zstd_decompress(z, packed, len, &plain));
    cr_assert_eq(memcmp(plain.data, data, len), 0);
    return packed.len;
}

Test(zstd, saves_more_when_its_output_has_to_wait)
{
    const size_t len = 256u << 10;
    BmZstd *paced = bm_zstd_new(BM_ZSTD_PACED), *fixed = bm_zstd_new(1);
    uint8_t *data = text(len);
    size_t first = paced_len(paced, data, len), slow = paced_len(fixed, data, len);
    unsigned writes = 0;

    cr_expect_gt(first, slow);
    bm_zstd_written(paced, 1000000000);
    cr_expect_eq(paced_len(paced, data, len), slow);
    /* What was slow once is forgotten, sooner or later. */
    while (paced_len(paced, data, len) == slow && writes < 1000) {
        bm_zstd_written(paced, 0);
        writes++;
    }
    cr_expect_eq(paced_len(paced, data, len), first, "after %u writes", writes);
    bm_zstd_written(fixed, 0);
    cr_expect_eq(paced_len(fixed, data, len), slow);
    free(data);
    bm_zstd_free(fixed);
    bm_zstd_free(paced);
}

Test(zstd, random_data_is_declined)
{
    static const size_t lens[] = {0, 1, 7, 8, 100, 4096, 65536, 65537, 1u << 20};
    uint8_t *data = malloc(1u << 20);
    BmOctets out = {NULL, 77};

    fill_random(data, 1u << 20);
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        cr_assert_not(bm_zstd_compress(z, (BmOctets){data, lens[i]}, &out), "%zu", lens[i]);
    }
    cr_assert(out.data == NULL && out.len == 77);
    free(data);
}

Test(zstd, data_that_saves_less_than_an_eighth_is_declined)
{
    uint8_t *data = malloc(1u << 20);
    BmOctets out;

    /* One sixteenth zeros. */
    fill_random(data, 1u << 20);
    memset(data, 0, 4096 / 16);
    cr_assert_not(bm_zstd_compress(z, (BmOctets){data, 4096}, &out));
    /* The samples look good, the rest is not. */
    size_t step = ((1u << 20) - 4096) / 2;
    for (size_t i = 0; i < 3; i++) {
        memset(data + i * step, 0, 4096);
    }
    cr_assert_not(bm_zstd_compress(z, (BmOctets){data, 1u << 20}, &out));
    free(data);
}

Test(zstd, data_that_must_be_packed_is_packed_in_any_case)
{
    uint8_t *data = malloc(70000);
    BmOctets packed, plain;

    fill_random(data, 70000);
    for (size_t len = 0; len <= 70000; len += 35000) {
        cr_assert(bm_zstd_pack(z, (BmOctets){data, len}, &packed));
        uint8_t *copy = malloc(packed.len);
        memcpy(copy, packed.data, packed.len);
        cr_assert(bm_zstd_decompress(z, (BmOctets){copy, packed.len}, len, &plain));
        cr_assert(plain.len == len && memcmp(plain.data, data, len) == 0);
        free(copy);
    }
    free(data);
}

Test(zstd, a_frame_that_claims_another_size_is_refused)
{
    uint8_t *data = text(10000);
    BmOctets packed = compressed(data, 10000);
    BmOctets plain = {NULL, 77};

    cr_assert_not(bm_zstd_decompress(z, packed, 9999, &plain));
    cr_assert_not(bm_zstd_decompress(z, packed, 10001, &plain));
    cr_assert_not(bm_zstd_decompress(z, packed, 0, &plain));
    cr_assert_not(bm_zstd_decompress(z, packed, BM_LIMIT_DESCRIPTION + 1, &plain));
    cr_assert_not(bm_zstd_decompress(z, packed, SIZE_MAX, &plain));
    cr_assert(plain.data == NULL && plain.len == 77);
    release(packed);
    free(data);
}

/* RFC 8878 by hand: a frame without content size, window of 1 KiB, and one last
 * RLE block of `len` times 'a'. */
static size_t rle_frame(uint8_t *p, unsigned len)
{
    unsigned block = 1u | 1u << 1 | len << 3;

    memcpy(p, "\x28\xb5\x2f\xfd\x00\x38", 6); /* window of 128 KiB */
    p[6] = (uint8_t)block;
    p[7] = (uint8_t)(block >> 8);
    p[8] = (uint8_t)(block >> 16);
    p[9] = 'a';
    return 10;
}

Test(zstd, a_bomb_without_a_size_produces_no_octet_too_many)
{
    uint8_t frame[16];
    size_t len = rle_frame(frame, 100000);
    BmOctets plain;

    cr_assert(bm_zstd_decompress(z, (BmOctets){frame, len}, 100000, &plain));
    cr_assert(plain.len == 100000 && plain.data[99999] == 'a');
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){frame, len}, 99999, &plain));
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){frame, len}, 1, &plain));
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){frame, len}, 0, &plain));
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){frame, len}, 100001, &plain));
    /* a frame that needs dictionary 5 */
    uint8_t with_dictionary[16];
    memcpy(with_dictionary, frame, 6);
    with_dictionary[4] = 0x01;
    with_dictionary[6] = 5;
    memcpy(with_dictionary + 7, frame + 6, len - 6);
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){with_dictionary, len + 1}, 100000, &plain));
}

Test(zstd, only_one_frame_is_taken)
{
    uint8_t octets[64];
    size_t len = rle_frame(octets, 10);
    BmOctets plain;

    cr_assert(bm_zstd_decompress(z, (BmOctets){octets, len}, 10, &plain));
    memcpy(octets + len, octets, len); /* two frames */
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){octets, 2 * len}, 20, &plain));
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){octets, len + 1}, 10, &plain));
    /* a skippable frame, alone and behind */
    memcpy(octets + len, "\x50\x2a\x4d\x18\x02\x00\x00\x00zz", 10);
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){octets + len, 10}, 0, &plain));
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){octets, len + 10}, 10, &plain));
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){NULL, 0}, 0, &plain));
    cr_assert_not(bm_zstd_decompress(z, (BmOctets){octets, 3}, 0, &plain));
}

Test(zstd, cut_and_flipped_frames_do_no_harm)
{
    uint8_t *data = text(2000);
    BmOctets packed = compressed(data, 2000);
    BmOctets plain;

    for (size_t len = 0; len < packed.len; len++) {
        uint8_t *cut = malloc(len > 0 ? len : 1);

        memcpy(cut, packed.data, len);
        cr_assert_not(bm_zstd_decompress(z, (BmOctets){cut, len}, 2000, &plain));
        free(cut);
    }
    uint8_t *copy = malloc(packed.len);
    memcpy(copy, packed.data, packed.len);
    for (size_t bit = 0; bit < 8 * packed.len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* The record's checksum would tell; here the size has to be right. */
        if (bm_zstd_decompress(z, (BmOctets){copy, packed.len}, 2000, &plain)) {
            cr_assert_eq(plain.len, 2000);
        }
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(copy);
    release(packed);
    free(data);
}

Test(zstd, levels_outside_the_range_are_moved_into_it)
{
    static const int levels[] = {-100, 0, 1, 19, 100};
    uint8_t *data = text(4096);

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        BmZstd *other = bm_zstd_new(levels[i]);
        BmOctets out;

        cr_assert(bm_zstd_compress(other, (BmOctets){data, 4096}, &out));
        bm_zstd_free(other);
    }
    bm_zstd_free(NULL);
    free(data);
}

/* Cut anywhere, it is judged as if it were in one place. */
static void check_pieces(const uint8_t *data, size_t len, size_t step)
{
    BmOctets pieces[64], packed;
    size_t n = 0;

    for (size_t at = 0; at < len; at += step) {
        size_t left = len - at;

        cr_assert_lt(n, 64u);
        pieces[n++] = (BmOctets){data + at, left < step ? left : step};
    }
    bool worth = bm_zstd_seems_worth_it(z, pieces, n);

    cr_expect_eq(worth, bm_zstd_compress(z, (BmOctets){data, len}, &packed));
}

Test(zstd, pieces_are_judged_as_a_whole)
{
    static const size_t steps[] = {4096, 5000, 70000, 1u << 20};
    size_t len = 200000;
    uint8_t *plain = text(len), *noise = malloc(len);

    cr_assert_not_null(noise);
    fill_random(noise, len);
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        check_pieces(plain, len, steps[i]);
        check_pieces(noise, len, steps[i]);
    }
    free(plain);
    free(noise);
}
