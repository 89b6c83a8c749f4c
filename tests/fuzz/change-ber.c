/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of inputs that are BER streams.  Nearly all would only show that checksums
 * work; so these are made right again in each new input.
 */
#include <string.h>

#include "entry.h"
#include "mutate.h"

static size_t give(uint8_t *data, size_t max_size, GByteArray *changed)
{
    size_t size = MIN(changed->len, max_size);

    memcpy(data, changed->data, size);
    g_byte_array_unref(changed);
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    GByteArray *changed;

    if (seed % 2 == 0) {
        return give(data, max_size, mutate_ber((BmOctets){data, size}, seed));
    }
    size = LLVMFuzzerMutate(data, size, max_size);
    changed = g_byte_array_new();
    g_byte_array_append(changed, data, (guint)size);
    repair_ber(changed);
    return give(data, max_size, changed);
}
