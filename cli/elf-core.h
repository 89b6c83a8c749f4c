/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ELF core file of a machine: its memory by physical address, and the registers
 * of its processors.  Virtual addresses of the file are physical ones of the guest.
 */
#ifndef BM_ELF_CORE_H
#define BM_ELF_CORE_H

#include "registers.h"

typedef struct BmElfCore {
    BmProcessor processor;
    GArray *map;  /* BmMapping */
    uint64_t *at; /* of each mapping, in the file; NULL before bm_elf_core_lay_out() */
    uint64_t end; /* of the last one: the notes follow */
} BmElfCore;

/* The limit of the format: more need another kind of header. */
#define BM_ELF_CORE_MAPPINGS 65000

/* Says where in the file memory goes.  BM_LIMIT if there are too many pieces, or if
 * they are too long for a file. */
gboolean bm_elf_core_lay_out(BmElfCore *core, GError **error);
/* Headers and notes, behind which the file is as long as it must be.  One note for
 * each of `registers` (BmRegisters) that fits the processor. */
gboolean bm_elf_core_write(const BmElfCore *core, int fd, const GArray *registers, GError **error);
void bm_elf_core_clear(BmElfCore *core);

#endif
