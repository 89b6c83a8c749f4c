/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and names as QEMU's stream has them: big-endian; one octet for the length
 * of a name.  A failed write sticks in the output, which can be asked for it once, later.
 */
#ifndef BM_LEGACY_PUT_H
#define BM_LEGACY_PUT_H

#include "visitor.h"

void bm_put8(BmOutput *out, unsigned n);
void bm_put16(BmOutput *out, unsigned n);
void bm_put32(BmOutput *out, uint32_t n);
void bm_put64(BmOutput *out, uint64_t n);

/* BM_MISMATCH for a name that has no form there. */
gboolean bm_legacy_check_name(const char *name, GError **error);
/* A name that was checked. */
void bm_put_name(BmOutput *out, const char *name);

#endif
