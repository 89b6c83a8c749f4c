/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#include "limits.h"
#include "pages.h"

#define LEVEL_MIN 1
#define LEVEL_MAX 19
/* Level 1 takes half as much time again, for a tenth less output. */
#define LEVEL_FAST (-1)
/* Output is slow if more than this part of the time for compressing goes into writing; without a
 * wait it is half as much. */
#define WAITING 8
/* Part of these times that each write makes forgotten: a socket takes several records at once, and
 * then none for as long. */
#define FORGOTTEN 8
/* Compressing must save this part of the input. */
#define SAVING 8
/* Inputs from SAMPLED on are tried with SAMPLES pieces first. */
#define SAMPLED (64u << 10)
#define SAMPLES 3
#define SAMPLE_LEN (4u << 10)
/* First octets of a frame, RFC 8878 3.1.1, as a little-endian number. */
#define FRAME_MAGIC 0xfd2fb528u

struct BmZstd {
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *decompressor;
    uint8_t *buffer;
    size_t capacity;
    bool paced;
    uint64_t worked, waited; /* microseconds, of the last few writes */
};

static bool set_level(BmZstd *z, int level)
{
    return !ZSTD_isError(ZSTD_CCtx_setParameter(z->compressor, ZSTD_c_compressionLevel, level));
}

static int first_level(int level)
{
    if (level == BM_ZSTD_PACED) {
        return LEVEL_FAST;
    }
    return level < LEVEL_MIN ? LEVEL_MIN : level > LEVEL_MAX ? LEVEL_MAX : level;
}

BmZstd *bm_zstd_new(int level)
{
    BmZstd *z = calloc(1, sizeof(*z));

    if (z == NULL) {
        return NULL;
    }
    z->paced = level == BM_ZSTD_PACED;
    z->compressor = ZSTD_createCCtx();
    z->decompressor = ZSTD_createDCtx();
    if (z->compressor == NULL || z->decompressor == NULL || !set_level(z, first_level(level))) {
        bm_zstd_free(z);
        return NULL;
    }
    return z;
}

void bm_zstd_free(BmZstd *z)
{
    if (z == NULL) {
        return;
    }
    ZSTD_freeCCtx(z->compressor);
    ZSTD_freeDCtx(z->decompressor);
    free(z->buffer);
    free(z);
}

/* Room for `len` octets.  What is in the buffer is not kept. */
static bool reserve(BmZstd *z, size_t len)
{
    if (len <= z->capacity) {
        return true;
    }
    free(z->buffer);
    z->buffer = malloc(len);
    z->capacity = z->buffer != NULL ? len : 0;
    return z->buffer != NULL;
}

void bm_zstd_written(BmZstd *z, uint64_t microseconds)
{
    if (z->paced) {
        z->waited += microseconds;
        set_level(z, z->waited > z->worked / WAITING ? LEVEL_MIN : LEVEL_FAST);
        z->waited -= z->waited / FORGOTTEN;
        z->worked -= z->worked / FORGOTTEN;
    }
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Compresses into the buffer's first `room` octets, 0 if they are too few. */
static size_t compress(BmZstd *z, const uint8_t *data, size_t len, size_t room)
{
    uint64_t begin = z->paced ? now() : 0;
    size_t n = ZSTD_compress2(z->compressor, z->buffer, room, data, len);

    z->worked += z->paced ? now() - begin : 0;
    return ZSTD_isError(n) ? 0 : n;
}

/* Octets from `at` on, which are there. */
static void collect(const BmOctets *pieces, size_t at, uint8_t *to, size_t len)
{
    for (; at >= pieces->len; pieces++) {
        at -= pieces->len;
    }
    for (; len > 0; pieces++, at = 0) {
        size_t part = pieces->len - at < len ? pieces->len - at : len;

        memcpy(to, pieces->data + at, part);
        to += part;
        len -= part;
    }
}

/* Tries parts from the start, the middle and the end. */
static bool sample_saves(BmZstd *z, const BmOctets *pieces, size_t len)
{
    size_t step = (len - SAMPLE_LEN) / (SAMPLES - 1);
    uint8_t sample[SAMPLE_LEN];
    size_t total = 0;

    for (size_t i = 0; i < SAMPLES; i++) {
        collect(pieces, i * step, sample, SAMPLE_LEN);
        size_t n = compress(z, sample, SAMPLE_LEN, SAMPLE_LEN);

        total += n > 0 ? n : SAMPLE_LEN;
    }
    return total <= SAMPLES * (SAMPLE_LEN - SAMPLE_LEN / SAVING);
}

bool bm_zstd_seems_worth_it(BmZstd *z, const BmOctets *pieces, size_t n)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        len += pieces[i].len;
    }
    return len >= SAVING && reserve(z, SAMPLE_LEN) &&
           (len <= SAMPLED || sample_saves(z, pieces, len));
}

/* false if `room` octets are too few, or cannot be had. */
static bool compress_into(BmZstd *z, BmOctets in, size_t room, BmOctets *out)
{
    size_t n = reserve(z, room) ? compress(z, in.data, in.len, room) : 0;

    if (n == 0) {
        return false;
    }
    *out = (BmOctets){z->buffer, n};
    return true;
}

bool bm_zstd_press(BmZstd *z, BmOctets in, BmOctets *out)
{
    return in.len >= SAVING && compress_into(z, in, in.len - in.len / SAVING, out);
}

bool bm_zstd_compress(BmZstd *z, BmOctets in, BmOctets *out)
{
    return bm_zstd_seems_worth_it(z, &in, 1) && bm_zstd_press(z, in, out);
}

bool bm_zstd_pack(BmZstd *z, BmOctets in, BmOctets *out)
{
    return compress_into(z, in, ZSTD_compressBound(in.len), out);
}

/* True for one frame that does not contradict `size`, and nothing behind it;
 * libzstd itself would take several frames, and skippable ones. */
static bool one_frame(BmOctets in, size_t size)
{
    if (in.len < 4 || ((uint32_t)in.data[0] | (uint32_t)in.data[1] << 8 |
                       (uint32_t)in.data[2] << 16 | (uint32_t)in.data[3] << 24) != FRAME_MAGIC) {
        return false;
    }
    unsigned long long claimed = ZSTD_getFrameContentSize(in.data, in.len);
    if (claimed != ZSTD_CONTENTSIZE_UNKNOWN && claimed != size) {
        return false;
    }
    return ZSTD_findFrameCompressedSize(in.data, in.len) == in.len;
}

bool bm_zstd_decompress(BmZstd *z, BmOctets in, size_t size, BmOctets *out)
{
    if (size > BM_LIMIT_DESCRIPTION || !one_frame(in, size) || !reserve(z, size > 0 ? size : 1)) {
        return false;
    }
    /* A frame that needs a dictionary fails, since there is none. */
    if (ZSTD_decompressDCtx(z->decompressor, z->buffer, size, in.data, in.len) != size) {
        return false;
    }
    *out = (BmOctets){z->buffer, size};
    return true;
}
