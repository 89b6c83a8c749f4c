/* SPDX-License-Identifier: BSD-2-Clause */
#include "digest.h"
#include "hash.h"

static void put_be64(uint8_t *p, uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8) {
        p[i] = (uint8_t)value;
    }
}

uint64_t bm_digest_add(uint64_t digest, uint64_t hash)
{
    uint8_t octets[16];

    put_be64(octets, digest);
    put_be64(octets + 8, hash);
    return XXH3_64bits(octets, sizeof(octets));
}
