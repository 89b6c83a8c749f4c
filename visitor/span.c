/* SPDX-License-Identifier: BSD-2-Clause */
#include "span-impl.h"

#include <stdbool.h>
#include <string.h>

#include "words.h"

/* Identifier, and length octets of a content that is no longer (X.690 8.1.3). */
static unsigned header(uint64_t most)
{
    unsigned n = 2;

    for (uint64_t rest = most; most >= 0x80 && rest > 0; rest >>= 8) {
        n++;
    }
    return n;
}

static void add(BmSpan *span, uint64_t most, uint64_t size)
{
    span->most += most;
    span->size += size;
}

static void add_structs(BmSpan *span, const BmSlot *slot)
{
    bool group = slot->kind == BM_SLOT_GROUP;
    uint32_t count = group ? slot->count : 1;
    BmSpan inside;
    uint64_t most;

    bm_span_init(&inside, slot->slots, slot->n_slots, NULL);
    most = count * (header(inside.most) + inside.most);
    add(span, group ? header(most) + most : most, count * inside.size);
    inside.depth += group ? 2 : 1;
    span->depth = span->depth > inside.depth ? span->depth : inside.depth;
}

void bm_span_init(BmSpan *span, const BmSlot *slots, uint32_t n_slots, void *base)
{
    *span = (BmSpan){.slots = slots, .n_slots = n_slots, .base = base};
    for (const BmSlot *slot = slots; slot < slots + n_slots; slot++) {
        uint64_t size = bm_slot_width(slot->kind);

        if (slot->kind == BM_SLOT_STRUCT || slot->kind == BM_SLOT_GROUP) {
            add_structs(span, slot);
        } else if (slot->kind >= BM_SLOT_BOOLEANS) {
            size *= slot->count;
            add(span, header(size) + size, size);
        } else {
            add(span, 2 + size + 1, size); /* the one is for a sign */
        }
    }
}

/* ---- octets ---- */

void bm_slot_put_octets(const BmSlot *slot, const void *member, uint8_t *octets)
{
    switch (slot->kind) {
    case BM_SLOT_ZEROS:
        memset(octets, 0, slot->count);
        break;
    case BM_SLOT_OCTETS:
        memcpy(octets, member, slot->count);
        break;
    case BM_SLOT_BOOLEANS:
        for (uint32_t i = 0; i < slot->count; i++) {
            octets[i] = ((const bool *)member)[i];
        }
        break;
    default:
        bm_numbers_encode(octets, member, bm_slot_width(slot->kind), slot->count,
                          bm_slot_width(slot->kind));
    }
}

void bm_slot_get_octets(const BmSlot *slot, void *member, const uint8_t *octets)
{
    switch (slot->kind) {
    case BM_SLOT_ZEROS:
        break;
    case BM_SLOT_OCTETS:
        memcpy(member, octets, slot->count);
        break;
    case BM_SLOT_BOOLEANS:
        for (uint32_t i = 0; i < slot->count; i++) {
            ((bool *)member)[i] = octets[i] != 0;
        }
        break;
    default:
        bm_numbers_decode(octets, member, bm_slot_width(slot->kind), slot->count,
                          bm_slot_width(slot->kind));
    }
}
