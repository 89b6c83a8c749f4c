/* SPDX-License-Identifier: BSD-2-Clause */
#include "pages.h"

#include <limits.h>
#include <zlib.h>

bool bm_zlib_page(BmOctets in, uint8_t *page, size_t size)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.data,
                  .avail_in = (uInt)in.len,
                  .next_out = page,
                  .avail_out = (uInt)size};
    int result;

    if (in.len > UINT_MAX || size > UINT_MAX || inflateInit(&z) != Z_OK) {
        return false;
    }
    result = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return result == Z_STREAM_END && z.total_out == size;
}
