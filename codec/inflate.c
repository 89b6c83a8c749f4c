/* SPDX-License-Identifier: BSD-2-Clause */
#include "inflate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

/* The largest window that a stream may want: what libzstd uses at level 20, QEMU's highest. */
#define WINDOW_LOG_MAX 25

struct BmInflate {
    BmInflateMethod method;
    z_stream zlib;
    ZSTD_DCtx *zstd;
};

static bool init(BmInflate *z)
{
    if (z->method == BM_INFLATE_ZLIB) {
        return inflateInit(&z->zlib) == Z_OK;
    }
    z->zstd = ZSTD_createDCtx();
    return z->zstd != NULL &&
           !ZSTD_isError(ZSTD_DCtx_setParameter(z->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX));
}

BmInflate *bm_inflate_new(BmInflateMethod method)
{
    BmInflate *z = calloc(1, sizeof(*z));

    if (z == NULL) {
        return NULL;
    }
    z->method = method;
    if (!init(z)) {
        ZSTD_freeDCtx(z->zstd);
        free(z);
        return NULL;
    }
    return z;
}

void bm_inflate_free(BmInflate *z)
{
    if (z == NULL) {
        return;
    }
    if (z->method == BM_INFLATE_ZLIB) {
        inflateEnd(&z->zlib);
    }
    ZSTD_freeDCtx(z->zstd);
    free(z);
}

static bool next_zlib(z_stream *z, BmOctets in, uint8_t *out, size_t size)
{
    int result = Z_OK;

    if (in.len > UINT_MAX || size > UINT_MAX) {
        return false;
    }
    z->next_in = (Bytef *)(uintptr_t)in.data;
    z->avail_in = (uInt)in.len;
    z->next_out = out;
    z->avail_out = (uInt)size;
    while (result == Z_OK && z->avail_in > 0) {
        result = inflate(z, Z_SYNC_FLUSH);
    }
    return result == Z_OK && z->avail_out == 0;
}

static bool next_zstd(ZSTD_DCtx *z, BmOctets in, uint8_t *out, size_t size)
{
    ZSTD_inBuffer from = {in.data, in.len, 0};
    ZSTD_outBuffer to = {out, size, 0};

    while (from.pos < from.size) {
        size_t before = from.pos + to.pos;

        if (ZSTD_isError(ZSTD_decompressStream(z, &to, &from)) || from.pos + to.pos == before) {
            return false;
        }
    }
    return to.pos == size;
}

bool bm_inflate_next(BmInflate *z, BmOctets in, uint8_t *out, size_t size)
{
    return z->method == BM_INFLATE_ZLIB ? next_zlib(&z->zlib, in, out, size)
                                        : next_zstd(z->zstd, in, out, size);
}
