/* SPDX-License-Identifier: BSD-2-Clause */
#include "registers.h"

static gboolean get(BmState *cpu, const char *path, int64_t element, uint64_t *value)
{
    BmStateField *field = bm_state_get(cpu, path);

    return field != NULL && bm_state_value_bits(field, element, value);
}

static gboolean get_segment(BmState *cpu, int segment, const char *member, uint64_t *value)
{
    g_autofree char *path = g_strdup_printf("env.segs[%d].%s", segment, member);

    return get(cpu, path, -1, value);
}

/* QEMU counts registers as the instructions do: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 ... */
static gboolean x86_general(BmState *cpu, uint64_t *value)
{
    static const uint8_t order[] = {15, 14, 13, 12, 5, 3, 11, 10, 9, 8, 0, 1, 2, 6, 7};

    for (size_t i = 0; i < G_N_ELEMENTS(order); i++) {
        if (!get(cpu, "env.regs", order[i], &value[i])) {
            return FALSE;
        }
    }
    value[15] = UINT64_MAX; /* orig_rax: not in a system call */
    return get(cpu, "env.eip", -1, &value[16]) && get(cpu, "env.eflags", -1, &value[18]) &&
           get(cpu, "env.regs", 4, &value[19]);
}

static gboolean x86_segments(BmState *cpu, uint64_t *value)
{
    enum { ES, CS, SS, DS, FS, GS };

    return get_segment(cpu, CS, "selector", &value[17]) &&
           get_segment(cpu, SS, "selector", &value[20]) &&
           get_segment(cpu, FS, "base", &value[21]) && get_segment(cpu, GS, "base", &value[22]) &&
           get_segment(cpu, DS, "selector", &value[23]) &&
           get_segment(cpu, ES, "selector", &value[24]) &&
           get_segment(cpu, FS, "selector", &value[25]) &&
           get_segment(cpu, GS, "selector", &value[26]);
}

static gboolean aarch64(BmState *cpu, uint64_t *value)
{
    for (int i = 0; i < 32; i++) { /* the last one is the stack pointer */
        if (!get(cpu, "env.xregs", i, &value[i])) {
            return FALSE;
        }
    }
    /* Bit 4 of the state of the program: it runs 32-bit instructions. */
    return get(cpu, "env.pc", -1, &value[32]) && get(cpu, "cpsr", -1, &value[33]) &&
           (value[33] & 0x10) == 0;
}

gboolean bm_registers_from_state(BmState *cpu, BmRegisters *registers)
{
    BmRegisters r = {0};

    if (x86_general(cpu, r.value) && x86_segments(cpu, r.value)) {
        r.processor = BM_PROCESSOR_X86_64;
        r.count = BM_REGISTERS_X86_64;
    } else if (aarch64(cpu, r.value)) {
        r.processor = BM_PROCESSOR_AARCH64;
        r.count = BM_REGISTERS_AARCH64;
    } else {
        return FALSE;
    }
    *registers = r;
    return TRUE;
}
