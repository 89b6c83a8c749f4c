/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BM_TESTS_DEVICE_PASSAGE_H
#define BM_TESTS_DEVICE_PASSAGE_H

#include "compat.h"
#include "devices.h"

/* QEMU's octets -> struct -> BER -> struct -> QEMU's octets: the last are the
 * first.  If the stream's description shows what is in the device (`schema` may
 * be NULL), that of the table says the same, and each visit is the same on both sides of
 * the ways old to new, new to new and new to old.  *leaves counts values. */
gboolean device_passage(const Device *device, const BmSection *section, const BmSchema *schema,
                        BmOctets octets, uint64_t *leaves, GError **error);

/* The device's entry may be for such a section. */
gboolean device_applies(const Device *device, const BmSection *section, const BmSchema *schema);

#endif
