/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the contenders of bench-device save and load: a device of tests/devices with
 * values in it, and the same values flat, one after the other, as a list that knows
 * no format.  A contender makes its schema or its message from that list, so nobody
 * wrote one by hand.
 *
 * The flat form is to the advantage of the others: they have no structs in structs,
 * no conditions, no subsections, and the elements of an array come as octets that
 * are already in the order of the wire.
 */
#ifndef BM_BENCH_CONTENT_H
#define BM_BENCH_CONTENT_H

#include <string.h>

#include "devices.h"

typedef enum ValueKind { VALUE_BOOLEAN, VALUE_UNSIGNED, VALUE_SIGNED, VALUE_OCTETS } ValueKind;

typedef struct Value {
    char *path; /* "channels.[1].count", unique */
    ValueKind kind;
    uint32_t width; /* octets in flat memory: 1, 2, 4, 8, or those of the octets */
    size_t offset;  /* in flat memory, aligned */
} Value;

typedef struct Content {
    const char *name; /* of the table */
    const Device *device;
    void *object, *loaded_object; /* C structs of the device: to save, and to load into */
    BmSchemaSet *set;
    const BmSchema *schema; /* of `object` */
    Value *values;
    unsigned n_values;
    uint8_t *flat, *loaded; /* values of `object`; memory for values that were loaded */
    size_t flat_size;
} Content;

/* A device with values that are always the same: a third zero, a third of one octet,
 * a third of any size up to 63 bits, since not everybody has 64 without a sign. */
Content *content_new(const Device *device, GError **error);
void content_free(Content *content);

/* Forgets what was loaded, in either form. */
void content_forget(Content *content);
/* TRUE if what was loaded, flat or into the device, is what there was. */
gboolean content_is_loaded(const Content *content);
gboolean content_is_loaded_object(Content *content, GError **error);

/* Enough for all values in any binary form of the contenders. */
size_t content_room(const Content *content);

/* One number in flat memory. */
static inline uint64_t value_unsigned(const Value *value, const uint8_t *flat)
{
    const uint8_t *p = flat + value->offset;

    switch (value->width) {
    case 1:
        return *p;
    case 2:
        return *(const uint16_t *)(const void *)p;
    case 4:
        return *(const uint32_t *)(const void *)p;
    default:
        return *(const uint64_t *)(const void *)p;
    }
}

static inline int64_t value_signed(const Value *value, const uint8_t *flat)
{
    const uint8_t *p = flat + value->offset;

    switch (value->width) {
    case 1:
        return (int8_t)*p;
    case 2:
        return *(const int16_t *)(const void *)p;
    case 4:
        return *(const int32_t *)(const void *)p;
    default:
        return *(const int64_t *)(const void *)p;
    }
}

/* Either, as one 64-bit number. */
static inline int64_t value_number(const Value *value, const uint8_t *flat)
{
    return value->kind == VALUE_SIGNED ? value_signed(value, flat)
                                       : (int64_t)value_unsigned(value, flat);
}

static inline void value_set(const Value *value, uint8_t *flat, uint64_t number)
{
    uint8_t *p = flat + value->offset;

    switch (value->width) {
    case 1:
        *p = (uint8_t)number;
        break;
    case 2:
        *(uint16_t *)(void *)p = (uint16_t)number;
        break;
    case 4:
        *(uint32_t *)(void *)p = (uint32_t)number;
        break;
    default:
        *(uint64_t *)(void *)p = number;
    }
}

/* FALSE if they are not as many as they must be. */
static inline gboolean value_set_octets(const Value *value, uint8_t *flat, const void *octets,
                                        size_t len)
{
    if (len != value->width) {
        return FALSE;
    }
    memcpy(flat + value->offset, octets, len);
    return TRUE;
}

#endif
