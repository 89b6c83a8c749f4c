/* SPDX-License-Identifier: BSD-2-Clause */
/* What visitors with the operation `span` share. */
#ifndef BM_SPAN_IMPL_H
#define BM_SPAN_IMPL_H

#include "span.h"

/* Octets of a number; of one element where there may be several.  1 for structs. */
static inline unsigned bm_slot_width(BmSlotKind kind)
{
    switch (kind) {
    case BM_SLOT_U16:
    case BM_SLOT_I16:
    case BM_SLOT_WORDS16:
        return 2;
    case BM_SLOT_U32:
    case BM_SLOT_I32:
    case BM_SLOT_WORDS32:
        return 4;
    case BM_SLOT_U64:
    case BM_SLOT_I64:
    case BM_SLOT_WORDS64:
        return 8;
    default:
        return 1;
    }
}

/* The octets that BER and QEMU's form have alike, of a slot from BM_SLOT_BOOLEANS to
 * BM_SLOT_WORDS64: its width times its count. */
void bm_slot_put_octets(const BmSlot *slot, const void *member, uint8_t *octets);
void bm_slot_get_octets(const BmSlot *slot, void *member, const uint8_t *octets);

#endif
