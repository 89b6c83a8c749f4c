/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What legacy-values-out.c and legacy-values-in.c do value by value, in one loop for many.
 * Nothing stands between values here, so a number is copied and its octets are turned, and
 * how many octets all of them take is known before.
 *
 * Both ways are one walk, compiled twice: `way` is a constant in each.
 */
#include "legacy-span.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "span-impl.h"

typedef enum Way {
    PUT, /* from the struct into the octets, which are written to */
    GET  /* from the octets into the struct */
} Way;

#define BOTH_WAYS static inline __attribute__((always_inline))

/* A number: a member in the host's order, and its octets in that of the stream.  This and
 * the other functions for one value return where the next one is. */
#define PASS(bits, turn)                                                                           \
    BOTH_WAYS uint8_t *pass##bits(Way way, uint8_t *p, void *member)                               \
    {                                                                                              \
        uint##bits##_t value;                                                                      \
                                                                                                   \
        memcpy(&value, way == PUT ? member : p, sizeof(value));                                    \
        value = turn(value);                                                                       \
        memcpy(way == PUT ? p : member, &value, sizeof(value));                                    \
        return p + sizeof(value);                                                                  \
    }
#define AS_IT_IS(value) (value)
PASS(8, AS_IT_IS)
PASS(16, htobe16)
PASS(32, htobe32)
PASS(64, htobe64)

BOTH_WAYS uint8_t *pass_boolean(Way way, uint8_t *p, bool *member)
{
    if (way == PUT) {
        *p = *member;
    } else if (*p > 1) {
        return NULL; /* QEMU writes none, but there is a way to have it */
    } else {
        *member = *p;
    }
    return p + 1;
}

BOTH_WAYS uint8_t *pass_octets(Way way, uint8_t *p, const BmSlot *slot, char *member)
{
    if (way == PUT) {
        bm_slot_put_octets(slot, member, p);
    } else {
        bm_slot_get_octets(slot, member, p);
    }
    return p + (size_t)bm_slot_width(slot->kind) * slot->count;
}

static uint8_t *put_slots(uint8_t *p, const BmSlot *slots, uint32_t n, char *base);
static uint32_t get_slots(uint8_t **p, const BmSlot *slots, uint32_t n, char *base);

/* One struct has no count. */
BOTH_WAYS uint8_t *pass_structs(Way way, uint8_t *p, const BmSlot *slot, char *base)
{
    uint32_t count = slot->kind == BM_SLOT_GROUP ? slot->count : 1;

    for (uint32_t i = 0; i < count; i++, base += slot->size) {
        if (way == PUT) {
            p = put_slots(p, slot->slots, slot->n_slots, base);
        } else if (get_slots(&p, slot->slots, slot->n_slots, base) < slot->n_slots) {
            return NULL;
        }
    }
    return p;
}

/* NULL: the value is not as usual. */
BOTH_WAYS uint8_t *pass_slot(Way way, uint8_t *p, const BmSlot *slot, char *member)
{
    switch (slot->kind) {
    case BM_SLOT_BOOLEAN:
        return pass_boolean(way, p, (bool *)member);
    case BM_SLOT_U8:
    case BM_SLOT_I8:
        return pass8(way, p, member);
    case BM_SLOT_U16:
    case BM_SLOT_I16:
        return pass16(way, p, member);
    case BM_SLOT_U32:
    case BM_SLOT_I32:
        return pass32(way, p, member);
    case BM_SLOT_U64:
    case BM_SLOT_I64:
        return pass64(way, p, member);
    case BM_SLOT_STRUCT:
    case BM_SLOT_GROUP:
        return pass_structs(way, p, slot, member);
    default:
        return pass_octets(way, p, slot, member);
    }
}

/* Returns how many of the slots have passed; *p is behind them. */
BOTH_WAYS uint32_t pass_slots(Way way, uint8_t **p, const BmSlot *slots, uint32_t n, char *base)
{
    const BmSlot *slot;

    for (slot = slots; slot < slots + n; slot++) {
        uint8_t *next = pass_slot(way, *p, slot, base + slot->offset);

        if (next == NULL) {
            break;
        }
        *p = next;
    }
    return (uint32_t)(slot - slots);
}

static uint8_t *put_slots(uint8_t *p, const BmSlot *slots, uint32_t n, char *base)
{
    pass_slots(PUT, &p, slots, n, base);
    return p;
}

static uint32_t get_slots(uint8_t **p, const BmSlot *slots, uint32_t n, char *base)
{
    uint8_t *at = *p;
    uint32_t passed = pass_slots(GET, &at, slots, n, base);

    *p = at;
    return passed;
}

void bm_legacy_put_span(uint8_t *p, const BmSpan *span)
{
    put_slots(p, span->slots, span->n_slots, span->base);
}

uint32_t bm_legacy_get_span(const uint8_t **p, const uint8_t *end, const BmSpan *span)
{
    uint8_t *at = (uint8_t *)*p; /* GET only reads there */
    uint32_t n;

    if (span->size > (uint64_t)(end - *p)) {
        return 0;
    }
    n = get_slots(&at, span->slots, span->n_slots, span->base);
    *p = at;
    return n;
}
