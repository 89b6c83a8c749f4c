/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a machine has its memory: guest-physical addresses of RAM blocks.
 *
 * A stream does not say it; it follows from the type of the machine and the size
 * of its memory, for those machines of QEMU that are known here.
 */
#ifndef BM_MEMORY_MAP_H
#define BM_MEMORY_MAP_H

#include "stream.h"

typedef enum BmProcessor {
    BM_PROCESSOR_NONE,
    BM_PROCESSOR_X86_64,
    BM_PROCESSOR_AARCH64
} BmProcessor;

typedef struct BmMapping {
    uint32_t block;          /* position in the list */
    uint64_t offset, length; /* in the block */
    uint64_t address;        /* of its first octet */
} BmMapping;

/* Appends BmMapping in rising order of address and says what the processors are; none
 * and BM_PROCESSOR_NONE if the machine is not known, or has no block of a name that is
 * expected there.  Known: pc (i440fx, q35), microvm, virt of aarch64, in all versions.
 * Memory that was plugged in, or that has several blocks (one per NUMA node), is not
 * there: its address is nowhere in a stream. */
BmProcessor bm_memory_map(const char *machine, const BmRamBlock *blocks, uint32_t n_blocks,
                          GArray *map);

#endif
