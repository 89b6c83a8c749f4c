/* SPDX-License-Identifier: BSD-2-Clause */
/* Integers of all widths: from and to members, from and to a stream's octets. */
#include <string.h>

#include "table-impl.h"

gboolean bm_type_is_integer(BmType type)
{
    return (type >= BM_TYPE_U8 && type <= BM_TYPE_I64) || type == BM_TYPE_TIMER;
}

#define GET(ctype)                                                                                 \
    do {                                                                                           \
        ctype value;                                                                               \
        memcpy(&value, member, sizeof(value));                                                     \
        return (BmNumber){(uint64_t)value, value < (ctype)1 && value != 0};                        \
    } while (0)

BmNumber bm_number_get(BmType type, const void *member)
{
    switch (type) {
    case BM_TYPE_U8:
        GET(uint8_t);
    case BM_TYPE_U16:
        GET(uint16_t);
    case BM_TYPE_U32:
        GET(uint32_t);
    case BM_TYPE_U64:
        GET(uint64_t);
    case BM_TYPE_I8:
        GET(int8_t);
    case BM_TYPE_I16:
        GET(int16_t);
    case BM_TYPE_I32:
        GET(int32_t);
    default:
        GET(int64_t);
    }
}

/* The conversion is exact if it leads back to the same number. */
#define PUT(ctype)                                                                                 \
    do {                                                                                           \
        ctype value = (ctype)number.bits;                                                          \
        if ((uint64_t)value != number.bits ||                                                      \
            (value < (ctype)1 && value != 0) != number.negative) {                                 \
            return FALSE;                                                                          \
        }                                                                                          \
        memcpy(member, &value, sizeof(value));                                                     \
        return TRUE;                                                                               \
    } while (0)

gboolean bm_number_put(BmType type, void *member, BmNumber number)
{
    switch (type) {
    case BM_TYPE_U8:
        PUT(uint8_t);
    case BM_TYPE_U16:
        PUT(uint16_t);
    case BM_TYPE_U32:
        PUT(uint32_t);
    case BM_TYPE_U64:
        PUT(uint64_t);
    case BM_TYPE_I8:
        PUT(int8_t);
    case BM_TYPE_I16:
        PUT(int16_t);
    case BM_TYPE_I32:
        PUT(int32_t);
    default:
        PUT(int64_t);
    }
}

gboolean bm_number_less(BmNumber a, BmNumber b)
{
    return a.negative != b.negative ? a.negative : a.bits < b.bits;
}

char *bm_number_text(BmNumber number)
{
    return number.negative ? g_strdup_printf("%" G_GINT64_FORMAT, (gint64)number.bits)
                           : g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)number.bits);
}

const char *bm_number_range(BmType type)
{
    switch (type) {
    case BM_TYPE_U8:
        return "0 to 255";
    case BM_TYPE_U16:
        return "0 to 65535";
    case BM_TYPE_U32:
        return "0 to 4294967295";
    case BM_TYPE_U64:
        return "0 to 18446744073709551615";
    case BM_TYPE_I8:
        return "-128 to 127";
    case BM_TYPE_I16:
        return "-32768 to 32767";
    case BM_TYPE_I32:
        return "-2147483648 to 2147483647";
    default:
        return "-9223372036854775808 to 9223372036854775807";
    }
}

BmNumber bm_number_decode(const uint8_t *octets, uint32_t width, gboolean is_signed)
{
    BmNumber number = {is_signed && width > 0 && octets[0] & 0x80 ? UINT64_MAX : 0, FALSE};

    number.negative = number.bits != 0;
    for (uint32_t i = 0; i < width; i++) {
        number.bits = number.bits << 8 | octets[i];
    }
    return number;
}

void bm_number_encode(uint8_t *octets, uint32_t width, uint64_t bits)
{
    for (uint32_t i = width; i > 0; i--) {
        octets[i - 1] = (uint8_t)bits;
        bits >>= 8;
    }
}
