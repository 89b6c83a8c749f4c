/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ber-values-out.c and ber-values-in.c do value by value, in one loop for many.  The
 * loops know the octets of a value and nothing of errors: a value that is not as usual is
 * left to those files.
 */
#include "ber-span.h"

#include "ber-inline.h"
#include "span-impl.h"

/* Whatever is no number: a call of its own keeps the loops for numbers in registers. */
#define OTHER __attribute__((noinline))

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

/* Of the length of structs.  Many numbers are small: they take about so much of what they
 * could. */
static unsigned expected_length(uint64_t most)
{
    return bm_length_octets(most * 5 / 8);
}

static uint8_t *put_struct(uint8_t *p, const BmSlot *slot, uint64_t most, const char *base)
{
    unsigned expected = expected_length(most);

    return bm_put_container(p, BM_OCTET_SEQUENCE, expected,
                            put_slots(p + 1 + expected, slot->slots, slot->n_slots, base));
}

static uint8_t *put_group(uint8_t *p, const BmSlot *slot, const char *base)
{
    unsigned expected = expected_length(slot->most);
    uint32_t most = slot->most / slot->count;
    uint8_t *end = p + 1 + expected;

    for (uint32_t i = 0; i < slot->count; i++, base += slot->size) {
        end = put_struct(end, slot, most, base);
    }
    return bm_put_container(p, BM_OCTET_SEQUENCE, expected, end);
}

static OTHER uint8_t *put_other(uint8_t *p, const BmSlot *slot, const char *member)
{
    switch (slot->kind) {
    case BM_SLOT_BOOLEAN:
        return bm_put_boolean(p, *(const bool *)member);
    case BM_SLOT_STRUCT:
        return put_struct(p, slot, slot->most, member);
    case BM_SLOT_GROUP:
        return put_group(p, slot, member);
    default:
        return put_octets(p, slot, member);
    }
}

/* A number in memory; negative ones are of signed types, so no cast changes one. */
#define PUT(name, ctype, put)                                                                      \
    static inline uint8_t *name(uint8_t *p, const char *member)                                    \
    {                                                                                              \
        ctype value;                                                                               \
                                                                                                   \
        memcpy(&value, member, sizeof(value));                                                     \
        return put(p, value);                                                                      \
    }
PUT(put_u8, uint8_t, bm_put_unsigned)
PUT(put_u16, uint16_t, bm_put_unsigned)
PUT(put_u32, uint32_t, bm_put_unsigned)
PUT(put_u64, uint64_t, bm_put_unsigned)
PUT(put_i8, int8_t, bm_put_signed)
PUT(put_i16, int16_t, bm_put_signed)
PUT(put_i32, int32_t, bm_put_signed)
PUT(put_i64, int64_t, bm_put_signed)

/* All slots of one kind that stand one behind the other: numbers mostly do, and then their
 * kind is asked for once. */
#define PUT_ALL(of_kind, put)                                                                      \
    case of_kind:                                                                                  \
        do {                                                                                       \
            p = put(p, base + slot->offset);                                                       \
        } while (++slot < end && slot->kind == (of_kind));                                         \
        break

static uint8_t *put_slots(uint8_t *p, const BmSlot *slots, uint32_t n, const char *base)
{
    const BmSlot *slot = slots, *end = slots + n;

    while (slot < end) {
        switch (slot->kind) {
            PUT_ALL(BM_SLOT_U8, put_u8);
            PUT_ALL(BM_SLOT_U16, put_u16);
            PUT_ALL(BM_SLOT_U32, put_u32);
            PUT_ALL(BM_SLOT_U64, put_u64);
            PUT_ALL(BM_SLOT_I8, put_i8);
            PUT_ALL(BM_SLOT_I16, put_i16);
            PUT_ALL(BM_SLOT_I32, put_i32);
            PUT_ALL(BM_SLOT_I64, put_i64);
        default:
            p = put_other(p, slot, base + slot->offset);
            slot++;
        }
    }
    return p;
}

uint8_t *bm_ber_put_span(uint8_t *p, const BmSpan *span)
{
    return put_slots(p, span->slots, span->n_slots, span->base);
}

/* ---- reading ---- */

/* Where what is read ends: the struct, and the places with BM_GET_REACH octets behind them. */
typedef struct Ends {
    const uint8_t *end, *reach;
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

/* One number at `p`, where BM_GET_REACH octets may be read, if it ends before `end` and the
 * type holds it. */
#define GET(name, ctype)                                                                           \
    static inline const uint8_t *name(const uint8_t *p, const uint8_t *end, char *member)          \
    {                                                                                              \
        int64_t number;                                                                            \
        size_t n = bm_get_number(p, &number);                                                      \
        ctype value = (ctype)number;                                                               \
                                                                                                   \
        if (n == 0 || p + n > end || value != number) {                                            \
            return NULL;                                                                           \
        }                                                                                          \
        memcpy(member, &value, sizeof(value));                                                     \
        return p + n;                                                                              \
    }
GET(get_u8, uint8_t)
GET(get_u16, uint16_t)
GET(get_u32, uint32_t)
GET(get_i8, int8_t)
GET(get_i16, int16_t)
GET(get_i32, int32_t)
GET(get_i64, int64_t)

static inline const uint8_t *get_u64(const uint8_t *p, const uint8_t *end, char *member)
{
    int64_t number;
    size_t n = bm_get_number(p, &number);

    if (n == 0) {
        return bm_get_largest(p, end, member);
    }
    if (p + n > end || number < 0) {
        return NULL;
    }
    memcpy(member, &number, sizeof(number));
    return p + n;
}

/* As PUT_ALL(), as long as they are as usual and not among the last octets. */
#define GET_ALL(of_kind, get)                                                                      \
    case of_kind:                                                                                  \
        while (at < ends.reach && (next = get(at, ends.end, base + slot->offset)) != NULL) {       \
            at = next;                                                                             \
            if (++slot == end || slot->kind != (of_kind)) {                                        \
                break;                                                                             \
            }                                                                                      \
        }                                                                                          \
        break

/* Numbers only; returns the first slot that was not read. */
static inline __attribute__((always_inline)) const BmSlot *
get_numbers(const uint8_t **p, Ends ends, const BmSlot *slot, const BmSlot *end, char *base)
{
    const uint8_t *at = *p, *next;

    switch (slot->kind) {
        GET_ALL(BM_SLOT_U8, get_u8);
        GET_ALL(BM_SLOT_U16, get_u16);
        GET_ALL(BM_SLOT_U32, get_u32);
        GET_ALL(BM_SLOT_U64, get_u64);
        GET_ALL(BM_SLOT_I8, get_i8);
        GET_ALL(BM_SLOT_I16, get_i16);
        GET_ALL(BM_SLOT_I32, get_i32);
        GET_ALL(BM_SLOT_I64, get_i64);
    default:
        break;
    }
    *p = at;
    return slot;
}

/* One of the last octets; whatever else is not as usual is not so here either. */
static const uint8_t *get_last_number(const uint8_t *p, const Ends *ends, const BmSlot *slot,
                                      char *member)
{
    size_t left = (size_t)(ends->end - p);
    uint8_t copy[BM_GET_REACH] = {0};
    const uint8_t *at = copy;

    if (left >= sizeof(copy)) {
        return NULL;
    }
    memcpy(copy, p, left);
    get_numbers(&at, (Ends){copy + left, copy + 1}, slot, slot + 1, member - slot->offset);
    return at > copy ? p + (at - copy) : NULL;
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
        return slot->kind < BM_SLOT_BOOLEANS ? get_last_number(p, ends, slot, member)
                                             : get_octets(p, ends, slot, member);
    }
}

static uint32_t get_slots(const uint8_t **p, const Ends *ends, const BmSlot *slots, uint32_t n,
                          char *base)
{
    const BmSlot *slot = slots, *end = slots + n;
    const uint8_t *at = *p;

    while (slot < end) {
        const BmSlot *next = get_numbers(&at, *ends, slot, end, base);

        if (next == slot) {
            const uint8_t *behind = get_other(at, ends, slot, base + slot->offset);

            if (behind == NULL) {
                break;
            }
            at = behind;
            next++;
        }
        slot = next;
    }
    *p = at;
    return (uint32_t)(slot - slots);
}

uint32_t bm_ber_get_span(const uint8_t **p, const uint8_t *end, const BmSpan *span)
{
    const Ends ends = {end, end - *p < BM_GET_REACH ? *p : end - BM_GET_REACH + 1};

    return get_slots(p, &ends, span->slots, span->n_slots, span->base);
}
