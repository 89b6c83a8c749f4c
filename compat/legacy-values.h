/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Visitors of a device's values in QEMU's own octets: the body of a START, PART,
 * END or FULL section, big-endian and packed, without any mark of what is what.
 */
#ifndef BM_LEGACY_VALUES_H
#define BM_LEGACY_VALUES_H

#include "visitor.h"

/* Input from the body `octets`, which must outlive the visitor.  A bool octet
 * that is neither 0 nor 1, or a pointer's that is neither '0' nor '1', comes as
 * BM_SCALAR_RAW: QEMU writes none, but loads it. */
BmVisitor *bm_visitor_legacy_in(BmView octets);

/* Octets that bm_visitor_legacy_in() has not read yet: 0 at the end of a walk
 * if the description is right. */
size_t bm_visitor_legacy_left(const BmVisitor *v);

/* Output to `out`, which stays the caller's: the exact inverse. */
BmVisitor *bm_visitor_legacy_out(BmOutput *out);

/* BM_MISMATCH unless a scalar of this field has a width that QEMU has: 1 for
 * booleans and pointers, 1, 2, 4 or 8 for integers.  For the two visitors. */
gboolean bm_legacy_scalar_fits(const BmField *field, GError **error);

/* The octets of QEMU's grammar around lists and pointers. */
#define BM_LEGACY_SUBSECTION 0x05
#define BM_LEGACY_LIST_MORE 0x01
#define BM_LEGACY_LIST_END 0x00
#define BM_LEGACY_POINTER_NULL 0x30
#define BM_LEGACY_POINTER_VALID 0x31 /* since 11.1 */

#endif
