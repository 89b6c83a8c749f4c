/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ber-values-out.c and ber-values-in.c do value by value, in one loop for many.  The
 * loops know the octets of a value and nothing of errors: a value that is not as usual is
 * left to those files.
 */
#include "ber-span.h"

#include "ber-inline.h"
#include "span-impl.h"

/* Whatever is no number: a call of its own keeps the loop for numbers in registers. */
#define OTHER __attribute__((noinline))

static bool is_number(BmSlotKind kind)
{
    return kind >= BM_SLOT_U8 && kind <= BM_SLOT_I64;
}

/* ---- writing ---- */

static uint8_t *put_slots(uint8_t *p, const BmSlot *slots, uint32_t n, const char *base);

static uint8_t *put_octets(uint8_t *p, const BmSlot *slot, const char *member)
{
    size_t len = (size_t)bm_slot_width(slot->kind) * slot->count;

    *p = BM_OCTET_OCTETS;
    p = bm_put_length(p + 1, len);
    bm_slot_put_octets(slot, member, p);
    return p + len;
}

static uint8_t *put_struct(uint8_t *p, const BmSlot *slot, const char *base)
{
    return bm_put_container(p, BM_OCTET_SEQUENCE,
                            put_slots(p + 2, slot->slots, slot->n_slots, base));
}

static uint8_t *put_group(uint8_t *p, const BmSlot *slot, const char *base)
{
    uint8_t *end = p + 2;

    for (uint32_t i = 0; i < slot->count; i++, base += slot->size) {
        end = put_struct(end, slot, base);
    }
    return bm_put_container(p, BM_OCTET_SEQUENCE, end);
}

static OTHER uint8_t *put_other(uint8_t *p, const BmSlot *slot, const char *member)
{
    switch (slot->kind) {
    case BM_SLOT_BOOLEAN:
        return bm_put_boolean(p, *(const bool *)member);
    case BM_SLOT_STRUCT:
        return put_struct(p, slot, member);
    case BM_SLOT_GROUP:
        return put_group(p, slot, member);
    default:
        return put_octets(p, slot, member);
    }
}

#define PUT(ctype)                                                                                 \
    do {                                                                                           \
        ctype value;                                                                               \
        memcpy(&value, member, sizeof(value));                                                     \
        return bm_put_signed(p, value);                                                            \
    } while (0)

static inline uint8_t *put_number(uint8_t *p, BmSlotKind kind, const char *member)
{
    uint64_t largest;

    switch (kind) {
    case BM_SLOT_U8:
        PUT(uint8_t);
    case BM_SLOT_U16:
        PUT(uint16_t);
    case BM_SLOT_U32:
        PUT(uint32_t);
    case BM_SLOT_I8:
        PUT(int8_t);
    case BM_SLOT_I16:
        PUT(int16_t);
    case BM_SLOT_I32:
        PUT(int32_t);
    case BM_SLOT_I64:
        PUT(int64_t);
    default:
        memcpy(&largest, member, sizeof(largest));
        return bm_put_unsigned(p, largest);
    }
}

static uint8_t *put_slots(uint8_t *p, const BmSlot *slots, uint32_t n, const char *base)
{
    for (const BmSlot *slot = slots; slot < slots + n; slot++) {
        const char *member = base + slot->offset;

        p = is_number(slot->kind) ? put_number(p, slot->kind, member) : put_other(p, slot, member);
    }
    return p;
}

uint8_t *bm_ber_put_span(uint8_t *p, const BmSpan *span)
{
    return put_slots(p, span->slots, span->n_slots, span->base);
}

/* ---- reading ---- */

/* Where what is read ends: the struct, and all that there is. */
typedef struct Ends {
    const uint8_t *end, *limit;
} Ends;

static uint32_t get_slots(const uint8_t **p, const Ends *ends, const BmSlot *slots, uint32_t n,
                          char *base);

static const uint8_t *get_octets(const uint8_t *p, const Ends *ends, const BmSlot *slot,
                                 char *member)
{
    size_t len;

    p = bm_get_header(p, ends->end, BM_OCTET_OCTETS, &len);
    if (p == NULL || len != (size_t)bm_slot_width(slot->kind) * slot->count) {
        return NULL;
    }
    bm_slot_get_octets(slot, member, p);
    return p + len;
}

/* Goes into a SEQUENCE, where *inside ends then. */
static inline const uint8_t *enter(const uint8_t *p, Ends *inside)
{
    size_t len;

    p = bm_get_header(p, inside->end, BM_OCTET_SEQUENCE, &len);
    if (p != NULL) {
        inside->end = p + len;
    }
    return p;
}

/* All fields of it, and nothing behind them. */
static const uint8_t *get_struct(const uint8_t *p, const Ends *ends, const BmSlot *slot, char *base)
{
    Ends inside = *ends;

    p = enter(p, &inside);
    return p != NULL && get_slots(&p, &inside, slot->slots, slot->n_slots, base) == slot->n_slots &&
                   p == inside.end
               ? p
               : NULL;
}

static const uint8_t *get_group(const uint8_t *p, const Ends *ends, const BmSlot *slot, char *base)
{
    Ends inside = *ends;

    p = enter(p, &inside);
    for (uint32_t i = 0; p != NULL && i < slot->count; i++, base += slot->size) {
        p = get_struct(p, &inside, slot, base);
    }
    return p == inside.end ? p : NULL;
}

/* Stored if the type holds it. */
#define GET(ctype)                                                                                 \
    do {                                                                                           \
        ctype value = (ctype)number;                                                               \
        if (value != number) {                                                                     \
            return 0;                                                                              \
        }                                                                                          \
        memcpy(member, &value, sizeof(value));                                                     \
        return n;                                                                                  \
    } while (0)

/* One number in at most `left` of the octets at `p`, BM_GET_REACH of which may be read.
 * Returns the octets it takes, or 0. */
static inline __attribute__((always_inline)) size_t get_number(const uint8_t *p, size_t left,
                                                               BmSlotKind kind, char *member)
{
    int64_t number;
    size_t n = bm_get_number(p, &number);

    if (n == 0 || n > left) {
        return kind == BM_SLOT_U64 ? bm_get_largest(p, left, member) : 0;
    }
    switch (kind) {
    case BM_SLOT_U8:
        GET(uint8_t);
    case BM_SLOT_U16:
        GET(uint16_t);
    case BM_SLOT_U32:
        GET(uint32_t);
    case BM_SLOT_U64:
        return number < 0 ? 0 : (memcpy(member, &number, sizeof(number)), n);
    case BM_SLOT_I8:
        GET(int8_t);
    case BM_SLOT_I16:
        GET(int16_t);
    case BM_SLOT_I32:
        GET(int32_t);
    default:
        GET(int64_t);
    }
}

/* One of the last before the limit. */
static const uint8_t *get_last_number(const uint8_t *p, const Ends *ends, const BmSlot *slot,
                                      char *member)
{
    uint8_t copy[BM_GET_REACH] = {0};
    size_t n;

    memcpy(copy, p, (size_t)(ends->limit - p));
    n = get_number(copy, (size_t)(ends->end - p), slot->kind, member);
    return n > 0 ? p + n : NULL;
}

static OTHER const uint8_t *get_other(const uint8_t *p, const Ends *ends, const BmSlot *slot,
                                      char *member)
{
    switch (slot->kind) {
    case BM_SLOT_BOOLEAN:
        return bm_get_boolean(p, ends->end, (bool *)member);
    case BM_SLOT_STRUCT:
        return get_struct(p, ends, slot, member);
    case BM_SLOT_GROUP:
        return get_group(p, ends, slot, member);
    default:
        return is_number(slot->kind) ? get_last_number(p, ends, slot, member)
                                     : get_octets(p, ends, slot, member);
    }
}

static uint32_t get_slots(const uint8_t **p, const Ends *ends, const BmSlot *slots, uint32_t n,
                          char *base)
{
    const uint8_t *at = *p, *end = ends->end, *limit = ends->limit;
    const BmSlot *slot;

    for (slot = slots; slot < slots + n; slot++) {
        char *member = base + slot->offset;

        if (is_number(slot->kind) && limit - at >= BM_GET_REACH) {
            size_t len = get_number(at, (size_t)(end - at), slot->kind, member);

            if (len == 0) {
                break;
            }
            at += len;
        } else {
            const uint8_t *next = get_other(at, ends, slot, member);

            if (next == NULL) {
                break;
            }
            at = next;
        }
    }
    *p = at;
    return (uint32_t)(slot - slots);
}

uint32_t bm_ber_get_span(const uint8_t **p, const uint8_t *end, const BmSpan *span)
{
    const Ends ends = {end, end};

    return get_slots(p, &ends, span->slots, span->n_slots, span->base);
}
