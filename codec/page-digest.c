/* SPDX-License-Identifier: BSD-2-Clause */
#include "pages.h"

#include "hash.h"

void bm_page_digest(const void *data, size_t len, uint8_t digest[BM_PAGE_DIGEST])
{
    XXH128_canonical_t canonical;

    XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, len));
    for (size_t i = 0; i < BM_PAGE_DIGEST; i++) {
        digest[i] = canonical.digest[i];
    }
}
