/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What legacy-values-out.c and legacy-values-in.c do value by value, in one loop for many.
 * Nothing stands between values here, so a number is copied and its octets are turned, and
 * how many octets all of them take is known before.
 */
#include "legacy-span.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "span-impl.h"

static size_t octets_of(const BmSlot *slot)
{
    return (size_t)bm_slot_width(slot->kind) * slot->count;
}

/* Structs of a slot: one has no count. */
static uint32_t structs(const BmSlot *slot)
{
    return slot->kind == BM_SLOT_GROUP ? slot->count : 1;
}

/* From the host's order to the other one, or back. */
#define TURN(bits)                                                                                 \
    static inline void turn##bits(const void *from, void *to)                                      \
    {                                                                                              \
        uint##bits##_t value;                                                                      \
                                                                                                   \
        memcpy(&value, from, sizeof(value));                                                       \
        value = htobe##bits(value);                                                                \
        memcpy(to, &value, sizeof(value));                                                         \
    }
TURN(16)
TURN(32)
TURN(64)

/* ---- writing ---- */

static uint8_t *put_slots(uint8_t *p, const BmSlot *slots, uint32_t n, const char *base)
{
    for (const BmSlot *slot = slots; slot < slots + n; slot++) {
        const char *member = base + slot->offset;

        switch (slot->kind) {
        case BM_SLOT_BOOLEAN:
            *p++ = *(const bool *)member;
            break;
        case BM_SLOT_U8:
        case BM_SLOT_I8:
            *p++ = (uint8_t)*member;
            break;
        case BM_SLOT_U16:
        case BM_SLOT_I16:
            turn16(member, p);
            p += 2;
            break;
        case BM_SLOT_U32:
        case BM_SLOT_I32:
            turn32(member, p);
            p += 4;
            break;
        case BM_SLOT_U64:
        case BM_SLOT_I64:
            turn64(member, p);
            p += 8;
            break;
        case BM_SLOT_STRUCT:
        case BM_SLOT_GROUP:
            for (uint32_t i = 0; i < structs(slot); i++) {
                p = put_slots(p, slot->slots, slot->n_slots, member + i * slot->size);
            }
            break;
        default:
            bm_slot_put_octets(slot, member, p);
            p += octets_of(slot);
        }
    }
    return p;
}

void bm_legacy_put_span(uint8_t *p, const BmSpan *span)
{
    put_slots(p, span->slots, span->n_slots, span->base);
}

/* ---- reading ---- */

static uint32_t get_slots(const uint8_t **p, const BmSlot *slots, uint32_t n, char *base);

static bool get_boolean(const uint8_t *p, char *member)
{
    if (*p > 1) {
        return false; /* QEMU writes none, but there is a way to have it */
    }
    *(bool *)member = *p;
    return true;
}

static bool get_structs(const uint8_t **p, const BmSlot *slot, char *base)
{
    const uint8_t *at = *p;

    for (uint32_t i = 0; i < structs(slot); i++, base += slot->size) {
        if (get_slots(&at, slot->slots, slot->n_slots, base) < slot->n_slots) {
            return false;
        }
    }
    *p = at;
    return true;
}

static uint32_t get_slots(const uint8_t **p, const BmSlot *slots, uint32_t n, char *base)
{
    const uint8_t *at = *p;
    uint32_t i;

    for (i = 0; i < n; i++) {
        const BmSlot *slot = &slots[i];
        char *member = base + slot->offset;
        bool ok = true;

        switch (slot->kind) {
        case BM_SLOT_BOOLEAN:
            ok = get_boolean(at, member);
            at += ok;
            break;
        case BM_SLOT_U8:
        case BM_SLOT_I8:
            *member = (char)*at++;
            break;
        case BM_SLOT_U16:
        case BM_SLOT_I16:
            turn16(at, member);
            at += 2;
            break;
        case BM_SLOT_U32:
        case BM_SLOT_I32:
            turn32(at, member);
            at += 4;
            break;
        case BM_SLOT_U64:
        case BM_SLOT_I64:
            turn64(at, member);
            at += 8;
            break;
        case BM_SLOT_STRUCT:
        case BM_SLOT_GROUP:
            ok = get_structs(&at, slot, member);
            break;
        default:
            bm_slot_get_octets(slot, member, at);
            at += octets_of(slot);
        }
        if (!ok) {
            break;
        }
    }
    *p = at;
    return i;
}

uint32_t bm_legacy_get_span(const uint8_t **p, const uint8_t *end, const BmSpan *span)
{
    return span->size <= (uint64_t)(end - *p) ? get_slots(p, span->slots, span->n_slots, span->base)
                                              : 0;
}
