/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `qemu-system-... -dump-vmstate FILE` writes: the name of the machine, and
 * of each type of device that this QEMU has all versions, fields and subsections
 * that it knows.  Not which of them the machine has.
 */
#ifndef BM_VMSTATE_DUMP_H
#define BM_VMSTATE_DUMP_H

#include "expect.h"

/* Adds the machine and the types.  Also takes what `bermig describe` prints,
 * whose shapes are samples (expect.h).  BM_BAD_VALUE with the place if the text is
 * not such a list; *e then has what came before. */
gboolean bm_vmstate_dump_parse(const char *text, size_t len, BmExpect *e, GError **error);

#endif
