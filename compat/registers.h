/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of a processor, out of its device state.
 */
#ifndef BM_REGISTERS_H
#define BM_REGISTERS_H

#include "memory-map.h"
#include "state.h"

/* In the order of the kernel's struct user_regs_struct (x86-64), and of struct
 * user_pt_regs (aarch64): that of a core file. */
#define BM_REGISTERS_X86_64 27
#define BM_REGISTERS_AARCH64 34
#define BM_REGISTERS_MAX 34

typedef struct BmRegisters {
    BmProcessor processor;
    uint32_t count;
    uint64_t value[BM_REGISTERS_MAX];
} BmRegisters;

/* FALSE if the device is no processor of these two kinds. */
gboolean bm_registers_from_state(BmState *cpu, BmRegisters *registers);

#endif
