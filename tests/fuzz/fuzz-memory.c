/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as the memory of a guest, loaded through a buffer and straight into place. */
#include "entry.h"
#include "two-ways.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_two_ways((BmOctets){data, size}, NULL);
    return 0;
}

static void unref_octets(gpointer octets)
{
    g_byte_array_unref(octets);
}

GPtrArray *fuzz_seeds(void)
{
    GPtrArray *seeds = g_ptr_array_new_with_free_func(unref_octets);

    g_ptr_array_add(seeds, two_ways_stream(1));
    return seeds;
}
