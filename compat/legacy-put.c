/* SPDX-License-Identifier: BSD-2-Clause */
#include "legacy-put.h"

#include <string.h>

void bm_put8(BmOutput *out, unsigned n)
{
    uint8_t octet = (uint8_t)n;

    bm_output_write(out, &octet, 1);
}

void bm_put16(BmOutput *out, unsigned n)
{
    uint16_t be = GUINT16_TO_BE((uint16_t)n);

    bm_output_write(out, &be, sizeof be);
}

void bm_put32(BmOutput *out, uint32_t n)
{
    uint32_t be = GUINT32_TO_BE(n);

    bm_output_write(out, &be, sizeof be);
}

void bm_put64(BmOutput *out, uint64_t n)
{
    uint64_t be = GUINT64_TO_BE(n);

    bm_output_write(out, &be, sizeof be);
}

gboolean bm_legacy_check_name(const char *name, GError **error)
{
    size_t len = strlen(name);

    if (len == 0 || len > 255) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, name,
                            "a name of %zu octets, a QEMU stream takes 1 to 255", len);
    }
    return TRUE;
}

void bm_put_name(BmOutput *out, const char *name)
{
    size_t len = strlen(name);

    bm_put8(out, (unsigned)len);
    bm_output_write(out, name, len);
}
