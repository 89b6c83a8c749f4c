/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ber-values-out.c and ber-values-in.c do value by value, in one loop for many.  The
 * loops know the octets of a value and nothing of errors: a value that is not as usual is
 * left to those files.
 */
#include "ber-span.h"

#include "ber-inline.h"
#include "span-impl.h"

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

#define PUT(ctype, put)                                                                            \
    do {                                                                                           \
        ctype value;                                                                               \
        memcpy(&value, member, sizeof(value));                                                     \
        p = put;                                                                                   \
    } while (0)

static uint8_t *put_slots(uint8_t *p, const BmSlot *slots, uint32_t n, const char *base)
{
    for (const BmSlot *slot = slots; slot < slots + n; slot++) {
        const char *member = base + slot->offset;

        switch (slot->kind) {
        case BM_SLOT_BOOLEAN:
            p = bm_put_boolean(p, *(const bool *)member);
            break;
        case BM_SLOT_U8:
            PUT(uint8_t, bm_put_number(p, value, value));
            break;
        case BM_SLOT_U16:
            PUT(uint16_t, bm_put_number(p, value, value));
            break;
        case BM_SLOT_U32:
            PUT(uint32_t, bm_put_number(p, value, value));
            break;
        case BM_SLOT_U64:
            PUT(uint64_t, bm_put_unsigned(p, value));
            break;
        case BM_SLOT_I8:
            PUT(int8_t, bm_put_signed(p, value));
            break;
        case BM_SLOT_I16:
            PUT(int16_t, bm_put_signed(p, value));
            break;
        case BM_SLOT_I32:
            PUT(int32_t, bm_put_signed(p, value));
            break;
        case BM_SLOT_I64:
            PUT(int64_t, bm_put_signed(p, value));
            break;
        case BM_SLOT_STRUCT:
            p = put_struct(p, slot, member);
            break;
        case BM_SLOT_GROUP:
            p = put_group(p, slot, member);
            break;
        default:
            p = put_octets(p, slot, member);
        }
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

static uint32_t get_slots(const uint8_t **p, Ends ends, const BmSlot *slots, uint32_t n,
                          char *base);

static const uint8_t *get_octets(const uint8_t *p, Ends ends, const BmSlot *slot, char *member)
{
    size_t len;

    p = bm_get_header(p, ends.end, BM_OCTET_OCTETS, &len);
    if (p == NULL || len != (size_t)bm_slot_width(slot->kind) * slot->count) {
        return NULL;
    }
    bm_slot_get_octets(slot, member, p);
    return p + len;
}

/* All fields of it, and nothing behind them. */
static const uint8_t *get_struct(const uint8_t *p, Ends ends, const BmSlot *slot, char *base)
{
    size_t len;

    p = bm_get_header(p, ends.end, BM_OCTET_SEQUENCE, &len);
    if (p == NULL) {
        return NULL;
    }
    ends.end = p + len;
    return get_slots(&p, ends, slot->slots, slot->n_slots, base) == slot->n_slots && p == ends.end
               ? p
               : NULL;
}

static const uint8_t *get_group(const uint8_t *p, Ends ends, const BmSlot *slot, char *base)
{
    size_t len;

    p = bm_get_header(p, ends.end, BM_OCTET_SEQUENCE, &len);
    if (p == NULL) {
        return NULL;
    }
    ends.end = p + len;
    for (uint32_t i = 0; i < slot->count; i++, base += slot->size) {
        p = get_struct(p, ends, slot, base);
        if (p == NULL) {
            return NULL;
        }
    }
    return p == ends.end ? p : NULL;
}

/* Stored if the type holds it. */
#define GET(ctype, wide, get)                                                                      \
    do {                                                                                           \
        wide number = 0;                                                                           \
        ctype value;                                                                               \
        next = get(at, ends.end, ends.limit, &number);                                             \
        value = (ctype)number;                                                                     \
        if (next != NULL && value == number) {                                                     \
            memcpy(member, &value, sizeof(value));                                                 \
        } else {                                                                                   \
            next = NULL;                                                                           \
        }                                                                                          \
    } while (0)

static uint32_t get_slots(const uint8_t **p, Ends ends, const BmSlot *slots, uint32_t n, char *base)
{
    const uint8_t *at = *p, *next = at;
    uint32_t i;

    for (i = 0; i < n; i++, at = next) {
        const BmSlot *slot = &slots[i];
        char *member = base + slot->offset;

        switch (slot->kind) {
        case BM_SLOT_BOOLEAN:
            next = bm_get_boolean(at, ends.end, (bool *)member);
            break;
        case BM_SLOT_U8:
            GET(uint8_t, int64_t, bm_get_signed);
            break;
        case BM_SLOT_U16:
            GET(uint16_t, int64_t, bm_get_signed);
            break;
        case BM_SLOT_U32:
            GET(uint32_t, int64_t, bm_get_signed);
            break;
        case BM_SLOT_U64:
            GET(uint64_t, uint64_t, bm_get_unsigned);
            break;
        case BM_SLOT_I8:
            GET(int8_t, int64_t, bm_get_signed);
            break;
        case BM_SLOT_I16:
            GET(int16_t, int64_t, bm_get_signed);
            break;
        case BM_SLOT_I32:
            GET(int32_t, int64_t, bm_get_signed);
            break;
        case BM_SLOT_I64:
            GET(int64_t, int64_t, bm_get_signed);
            break;
        case BM_SLOT_STRUCT:
            next = get_struct(at, ends, slot, member);
            break;
        case BM_SLOT_GROUP:
            next = get_group(at, ends, slot, member);
            break;
        default:
            next = get_octets(at, ends, slot, member);
        }
        if (next == NULL) {
            break;
        }
    }
    *p = at;
    return i;
}

uint32_t bm_ber_get_span(const uint8_t **p, const uint8_t *end, const BmSpan *span)
{
    return get_slots(p, (Ends){end, end}, span->slots, span->n_slots, span->base);
}
