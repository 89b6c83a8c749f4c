/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of members, in the form in which a stream has them. */
#include <stdbool.h>
#include <string.h>

#include "table-impl.h"

gboolean bm_fetch_scalar(const BmTableField *row, const void *element, BmScalar *value,
                         GError **error)
{
    BmNumber number;

    if (!element) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "a null pointer where there was an object");
    }
    if (row->type == BM_TYPE_BOOL) {
        *value = (BmScalar){BM_SCALAR_BOOLEAN, .boolean = *(const bool *)element};
        return TRUE;
    }
    number = bm_number_get(row->type, element);
    if (row->type >= BM_TYPE_U8 && row->type <= BM_TYPE_U64) {
        *value = (BmScalar){BM_SCALAR_UNSIGNED, .u = number.bits};
    } else {
        *value = (BmScalar){BM_SCALAR_SIGNED, .i = (int64_t)number.bits};
    }
    return TRUE;
}

/* ---- octets of one element ---- */

static void encode_float(const void *element, uint8_t *to)
{
    uint64_t bits;

    memcpy(&bits, element, sizeof(bits));
    bm_number_encode(to, 8, bits);
}

static void encode_float80(const void *element, uint8_t *to)
{
    BmFloat80 value;

    memcpy(&value, element, sizeof(value));
    bm_number_encode(to, 2, value.exponent);
    bm_number_encode(to + 2, 8, value.mantissa);
}

/* In words of 64 bits, whatever the host's are. */
static void encode_bitmap(const unsigned long *map, uint32_t words, uint8_t *to, uint32_t bits)
{
    const uint32_t per_word = 8 / sizeof(unsigned long);
    const uint32_t longs = (bits + 8 * (uint32_t)sizeof(long) - 1) / (8 * (uint32_t)sizeof(long));

    for (uint32_t i = 0; i < words; i++) {
        uint64_t word = map[i * per_word];

        if (per_word > 1 && i * per_word + 1 < longs) {
            word |= (uint64_t)map[i * per_word + 1] << 32;
        }
        bm_number_encode(to + 8 * (size_t)i, 8, word);
    }
}

static gboolean encode_element(const BmTableField *row, const void *element, const BmExtent *extent,
                               uint32_t width, uint8_t *to, GError **error)
{
    switch (row->type) {
    case BM_TYPE_BOOL:
        *to = *(const bool *)element ? 1 : 0;
        return TRUE;
    case BM_TYPE_F64:
        encode_float(element, to);
        return TRUE;
    case BM_TYPE_F80:
        encode_float80(element, to);
        return TRUE;
    case BM_TYPE_BUFFER:
        memcpy(to, element, width);
        return TRUE;
    case BM_TYPE_CUSTOM:
        return row->get(element, to, extent->size, error) ||
               bm_hook_failed(error, "get", row->name);
    default:
        bm_number_encode(to, width, bm_number_get(row->type, element).bits);
        return TRUE;
    }
}

/* ---- octets of a field ---- */

static gboolean fetch_string(const char *text, size_t size, BmOctets *value, GError **error)
{
    const char *end = memchr(text, '\0', size);

    if (!end) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the string has no end within its %zu octets", size);
    }
    *value = (BmOctets){(const uint8_t *)text, (size_t)(end - text)};
    return TRUE;
}

/* Octets that lie in memory as they do in the stream. */
static gboolean is_plain(const BmTableField *row)
{
    return !bm_row_has_pointers(row) &&
           (row->type == BM_TYPE_BUFFER || row->type == BM_TYPE_U8 || row->type == BM_TYPE_I8);
}

static gboolean fetch_elements(const BmTableField *row, const void *object, const BmExtent *extent,
                               const BmField *field, uint8_t *to, GError **error)
{
    if (bm_type_is_integer(row->type) && !bm_row_has_pointers(row) && field->count > 0) {
        bm_numbers_encode(to, bm_row_element(row, object, field->first), bm_row_stride(row),
                          field->count, field->width);
        return TRUE;
    }
    for (uint32_t i = 0; i < field->count; i++) {
        if (!encode_element(row, bm_row_element(row, object, field->first + i), extent,
                            field->width, to + (size_t)i * field->width, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* As a whole, when `room` has place for it. */
static gboolean fetch_whole(const BmTableField *row, const void *object, const BmExtent *extent,
                            const BmField *field, uint8_t *to, GError **error)
{
    switch (row->type) {
    case BM_TYPE_UNUSED:
        memset(to, 0, (size_t)field->width * field->count);
        return TRUE;
    case BM_TYPE_BITMAP:
        encode_bitmap(bm_row_element(row, object, 0), field->count, to, extent->size);
        return TRUE;
    default:
        return fetch_elements(row, object, extent, field, to, error);
    }
}

gboolean bm_fetch_octets(const BmTableField *row, const void *object, const BmExtent *extent,
                         const BmField *field, GByteArray *room, BmOctets *value, GError **error)
{
    size_t len = (size_t)field->width * field->count;
    const void *first =
        row->type == BM_TYPE_UNUSED ? "" : bm_row_element(row, object, field->first);

    if (!first && len > 0) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "%u elements, and a null pointer where they should be", field->count);
    }
    if (len > BM_LIMIT_RECORD) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "%zu octets, more than the limit of %u", len, BM_LIMIT_RECORD);
    }
    if (row->type == BM_TYPE_STRING) {
        return fetch_string(first, extent->size, value, error);
    }
    if (is_plain(row) && (field->count == 1 || bm_row_stride(row) == field->width)) {
        *value = (BmOctets){first, len};
        return TRUE;
    }
    g_byte_array_set_size(room, (guint)len);
    *value = (BmOctets){room->data, len};
    return len == 0 || fetch_whole(row, object, extent, field, room->data, error);
}
