/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a stream, checked against what their members can hold, and stored. */
#include <string.h>

#include "table-impl.h"

/* ---- which fields ---- */

static gboolean kinds_agree(const BmTableField *row, const BmField *here, const BmField *field)
{
    switch (row->type) {
    case BM_TYPE_UNUSED:
    case BM_TYPE_CUSTOM:
        return !bm_field_is_group(field) && field->kind != BM_KIND_STRUCT &&
               field->kind != BM_KIND_LIST && field->kind != BM_KIND_STRING;
    case BM_TYPE_F64:
    case BM_TYPE_F80:
    case BM_TYPE_BITMAP:
        return field->kind == here->kind && field->width == here->width;
    default:
        return field->kind == here->kind ||
               (bm_type_is_integer(row->type) &&
                (field->kind == BM_KIND_UNSIGNED || field->kind == BM_KIND_SIGNED));
    }
}

gboolean bm_store_accepts(const BmTableField *row, const BmField *field, GError **error)
{
    const BmExtent one = bm_row_most(row);
    BmField here;

    bm_row_field(row, &one, &here);
    return kinds_agree(row, &here, field) ||
           bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "the stream has %s of %u octets, this side %s of %u", bm_field_type(field),
                        field->width, bm_field_type(&here), here.width);
}

/* ---- one value ---- */

static gboolean store_custom(const BmTableField *row, void *member, const uint8_t *octets,
                             size_t len, size_t size, GError **error)
{
    if (row->measure && len > bm_row_most(row).size) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "%zu octets, more than the maximum of %u", len, bm_row_most(row).size);
    }
    if (!row->measure && len != size) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the stream has %zu octets, this side %zu", len, size);
    }
    return row->put(member, octets, len, error) || bm_hook_failed(error, "put", row->name);
}

/* The origin's octets of a value, for those who know better what they mean. */
static gboolean store_custom_scalar(const BmTableField *row, void *member, const BmExtent *extent,
                                    const BmField *field, const BmScalar *value, GError **error)
{
    uint8_t octets[8];

    switch (value->type) {
    case BM_SCALAR_RAW:
        return store_custom(row, member, value->raw.data, value->raw.len, extent->size, error);
    case BM_SCALAR_BOOLEAN:
        octets[0] = value->boolean ? 1 : 0;
        break;
    case BM_SCALAR_NULL:
    case BM_SCALAR_PRESENT:
        octets[0] = value->type == BM_SCALAR_NULL ? '0' : '1';
        break;
    default:
        bm_number_encode(octets, field->width, value->u);
    }
    return store_custom(row, member, octets, field->width, extent->size, error);
}

/* All longs of the map; the bits beyond its size are whatever the sender had. */
static gboolean store_bitmap(unsigned long *map, const BmExtent *extent, const BmField *field,
                             const BmOctets *value, GError **error)
{
    const uint32_t bits = 8 * sizeof(unsigned long), per_word = 64 / bits;
    const uint32_t longs = extent->size / bits + (extent->size % bits != 0);

    for (uint32_t i = 0; i < field->count; i++) {
        uint64_t word = bm_number_decode(value->data + 8 * (size_t)i, 8, FALSE).bits;

        for (uint32_t j = 0; j < per_word; j++) {
            if (i * per_word + j < longs) {
                map[i * per_word + j] = (unsigned long)(word >> (j * bits) % 64);
            } else if (word >> (j * bits) % 64 != 0) {
                return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                                    "bits beyond the %u of the map are set", extent->size);
            }
        }
    }
    return TRUE;
}

/* A map of one word that its sender took for a number. */
static gboolean store_word(unsigned long *map, const BmExtent *extent, const BmField *field,
                           const BmScalar *value, GError **error)
{
    uint8_t octets[8];

    bm_number_encode(octets, sizeof(octets), value->type == BM_SCALAR_UNSIGNED ? value->u : 0);
    return store_bitmap(map, extent, field, &(BmOctets){octets, sizeof(octets)}, error);
}

gboolean bm_store_scalar(const BmTableField *row, void *element, const BmExtent *extent,
                         const BmField *field, const BmScalar *value, GError **error)
{
    switch (row->type) {
    case BM_TYPE_UNUSED:
        return TRUE;
    case BM_TYPE_CUSTOM:
        return store_custom_scalar(row, element, extent, field, value, error);
    case BM_TYPE_BITMAP:
        return store_word(element, extent, field, value, error);
    default:
        break;
    }
    switch (value->type) {
    case BM_SCALAR_BOOLEAN:
        return bm_store_bool(row, element, field, 0, value->boolean, error);
    case BM_SCALAR_UNSIGNED:
        return bm_store_number(row, element, field, 0, (BmNumber){value->u, FALSE}, error);
    case BM_SCALAR_SIGNED:
        return bm_store_number(row, element, field, 0, (BmNumber){(uint64_t)value->i, value->i < 0},
                               error);
    default:
        break;
    }
    /* QEMU loads what is not 0 as true. */
    if (value->type == BM_SCALAR_RAW && row->type == BM_TYPE_BOOL && value->raw.len == 1) {
        return bm_store_bool(row, element, field, 0, value->raw.data[0] != 0, error);
    }
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "the value is none that %s can have", bm_field_type(field));
}

/* ---- octets ---- */

static gboolean octets_differ(const uint8_t *here, const BmOctets *value, GError **error)
{
    size_t i = 0;

    while (here[i] == value->data[i]) {
        i++;
    }
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "octet %zu is 0x%02x in the stream, 0x%02x on this side, and they must be "
                        "equal",
                        i, value->data[i], here[i]);
}

static gboolean store_buffer(const BmTableField *row, void *member, const BmOctets *value,
                             size_t size, GError **error)
{
    if (value->len != size) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the stream has %zu octets, this side %zu", value->len, size);
    }
    if (size == 0) {
        return TRUE;
    }
    if (row->flags & BM_EQUAL) {
        return !memcmp(member, value->data, size) || octets_differ(member, value, error);
    }
    memcpy(member, value->data, size);
    return TRUE;
}

static gboolean store_string(const BmTableField *row, char *member, const BmOctets *value,
                             size_t size, GError **error)
{
    /* An empty one may have no place at all. */
    const char *text = value->len > 0 ? (const char *)value->data : "";

    if (row->flags & BM_EQUAL) {
        size_t len = strnlen(member, size);

        return (len == value->len && !memcmp(member, text, len)) ||
               bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the stream has \"%.*s\", this side \"%.*s\", and they must be equal",
                            (int)value->len, text, (int)len, member);
    }
    if (value->len >= size) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "the string has %zu octets, more than the limit of %zu", value->len,
                            size - 1);
    }
    memcpy(member, text, value->len);
    memset(member + value->len, 0, size - value->len);
    return TRUE;
}

static gboolean store_float(const BmTableField *row, void *member, const uint8_t *octets)
{
    if (row->type == BM_TYPE_F64) {
        uint64_t bits = bm_number_decode(octets, 8, FALSE).bits;

        memcpy(member, &bits, sizeof(bits));
    } else {
        BmFloat80 value = {bm_number_decode(octets + 2, 8, FALSE).bits,
                           (uint16_t)bm_number_decode(octets, 2, FALSE).bits};

        memcpy(member, &value, sizeof(value));
    }
    return TRUE;
}

static gboolean store_element(const BmTableField *row, void *element, const BmExtent *extent,
                              const BmField *field, uint32_t i, const uint8_t *octets,
                              GError **error)
{
    switch (row->type) {
    case BM_TYPE_BOOL:
        return bm_store_bool(row, element, field, i, octets[0] != 0, error);
    case BM_TYPE_F64:
    case BM_TYPE_F80:
        return store_float(row, element, octets);
    case BM_TYPE_BUFFER:
        return store_buffer(row, element, &(BmOctets){octets, field->width}, extent->size, error);
    case BM_TYPE_CUSTOM:
        return store_custom(row, element, octets, field->width, extent->size, error);
    default:
        return bm_store_number(
            row, element, field, i,
            bm_number_decode(octets, field->width, field->kind == BM_KIND_SIGNED), error);
    }
}

/* Numbers as they are, into members of the same kind and width. */
static gboolean are_plain_numbers(const BmTableField *row, const BmField *field)
{
    const BmExtent one = bm_row_most(row);
    BmField here;

    if (!bm_type_is_integer(row->type) || bm_row_has_pointers(row) ||
        row->flags & (BM_EQUAL | BM_AT_MOST) || field->count == 0) {
        return FALSE;
    }
    bm_row_field(row, &one, &here);
    return here.kind == field->kind && here.width == field->width;
}

static gboolean store_elements(const BmTableField *row, const void *object, const BmExtent *extent,
                               const BmField *field, const BmOctets *value, GError **error)
{
    if (are_plain_numbers(row, field)) {
        bm_numbers_decode(value->data, bm_row_element(row, object, field->first),
                          bm_row_stride(row), field->count, field->width);
        return TRUE;
    }
    for (uint32_t i = 0; i < field->count; i++) {
        if (!store_element(row, bm_row_element(row, object, field->first + i), extent, field, i,
                           value->data + (size_t)i * field->width, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Those that have no comparison of their own. */
static gboolean compare_octets(const BmTableField *row, const void *object, const BmExtent *extent,
                               const BmField *field, const BmOctets *value, GError **error)
{
    GByteArray *room = g_byte_array_new();
    BmOctets here;
    gboolean ok = bm_fetch_octets(row, object, extent, field, room, &here, error);

    ok = ok &&
         (!memcmp(here.data, value->data, value->len) || octets_differ(here.data, value, error));
    g_byte_array_unref(room);
    return ok;
}

gboolean bm_store_octets(const BmTableField *row, const void *object, const BmExtent *extent,
                         const BmField *field, const BmOctets *value, GError **error)
{
    if (row->flags & BM_EQUAL && value->len > 0 &&
        (row->type == BM_TYPE_F64 || row->type == BM_TYPE_F80 || row->type == BM_TYPE_BITMAP)) {
        return compare_octets(row, object, extent, field, value, error);
    }
    switch (row->type) {
    case BM_TYPE_UNUSED:
        return TRUE;
    case BM_TYPE_STRING:
        return store_string(row, bm_row_element(row, object, 0), value, extent->size, error);
    case BM_TYPE_BITMAP:
        return store_bitmap(bm_row_element(row, object, 0), extent, field, value, error);
    case BM_TYPE_CUSTOM:
        if (extent->count == 1) { /* of whatever form it came in */
            return store_custom(row, bm_row_element(row, object, 0), value->data, value->len,
                                extent->size, error);
        }
        break;
    default:
        break;
    }
    return store_elements(row, object, extent, field, value, error);
}

/* ---- without a stream ---- */

gboolean bm_store_otherwise(const BmTableField *row, const void *object, GError **error)
{
    BmExtent extent;

    if (!bm_row_extent(row, object, &extent, error)) {
        return FALSE;
    }
    for (uint32_t i = 0; i < extent.count; i++) {
        void *element = bm_row_element(row, object, i);

        if (!element) {
            continue;
        }
        if (row->type != BM_TYPE_CUSTOM) {
            memcpy(element, row->otherwise, bm_row_element_size(row, &extent));
        } else if (!row->put(element, row->otherwise, extent.size, error)) {
            return bm_hook_failed(error, "put", row->name);
        }
    }
    return TRUE;
}
