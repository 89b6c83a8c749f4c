/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a stream of this format. */
#include "entry.h"
#include "passage.h"
#include "seeds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_ber_octets((BmOctets){data, size});
    return 0;
}

GPtrArray *fuzz_seeds(void)
{
    return ber_seeds();
}
