/* SPDX-License-Identifier: BSD-2-Clause */
/* What visitors with the operation `span` share. */
#ifndef BM_SPAN_IMPL_H
#define BM_SPAN_IMPL_H

#include "span.h"

/* Octets of a number; of one element where there may be several.  1 for structs. */
static inline unsigned bm_slot_width(BmSlotKind kind)
{
    static const uint8_t widths[] = {
        [BM_SLOT_U16] = 2,     [BM_SLOT_U32] = 4,   [BM_SLOT_U64] = 8,     [BM_SLOT_I16] = 2,
        [BM_SLOT_I32] = 4,     [BM_SLOT_I64] = 8,   [BM_SLOT_WORDS16] = 2, [BM_SLOT_WORDS32] = 4,
        [BM_SLOT_WORDS64] = 8, [BM_SLOT_GROUP] = 0, /* the last kind */
    };

    return widths[kind] > 0 ? widths[kind] : 1;
}

/* The octets that BER and QEMU's form have alike, of a slot from BM_SLOT_BOOLEANS to
 * BM_SLOT_WORDS64: its width times its count. */
void bm_slot_put_octets(const BmSlot *slot, const void *member, uint8_t *octets);
void bm_slot_get_octets(const BmSlot *slot, void *member, const uint8_t *octets);

#endif
