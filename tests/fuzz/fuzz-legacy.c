/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a stream of QEMU. */
#include <string.h>

#include "entry.h"
#include "mutate.h"
#include "passage.h"
#include "seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_legacy_octets((BmOctets){data, size});
    return 0;
}

/* Half of the changes are of the description's text. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    GByteArray *changed;

    if (seed % 2 == 0) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    changed = mutate_legacy((BmOctets){data, size}, seed);
    size = MIN(changed->len, max_size);
    memcpy(data, changed->data, size);
    g_byte_array_unref(changed);
    return size;
}

GPtrArray *fuzz_seeds(void)
{
    return legacy_seeds();
}
