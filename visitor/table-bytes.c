/* SPDX-License-Identifier: BSD-2-Clause */
/* Members GByteArray *, whose octets begin with their number. */
#include <string.h>

#include "table.h"

#define HEAD sizeof(uint32_t)

uint64_t bm_byte_array_measure(const void *member)
{
    const GByteArray *array = *(GByteArray *const *)member;

    return HEAD + (array ? (uint64_t)array->len : 0);
}

gboolean bm_byte_array_get(const void *member, uint8_t *octets, size_t size, GError **error)
{
    const GByteArray *array = *(GByteArray *const *)member;
    uint32_t number = GUINT32_TO_BE((uint32_t)(size - HEAD));

    (void)error;
    memcpy(octets, &number, HEAD);
    if (size > HEAD) {
        memcpy(octets + HEAD, array->data, size - HEAD);
    }
    return TRUE;
}

gboolean bm_byte_array_put(void *member, const uint8_t *octets, size_t size, GError **error)
{
    GByteArray **array = member;
    uint32_t number = 0;

    if (size >= HEAD) {
        memcpy(&number, octets, HEAD);
    }
    if (size < HEAD || GUINT32_FROM_BE(number) != size - HEAD) {
        return bm_error_set(error, BM_BAD_LENGTH, BM_NO_OFFSET, NULL,
                            "%zu octets, which say that %u follow the first 4", size,
                            GUINT32_FROM_BE(number));
    }
    if (*array == NULL) {
        *array = g_byte_array_new();
    }
    g_byte_array_set_size(*array, 0);
    g_byte_array_append(*array, octets + HEAD, (guint)(size - HEAD));
    return TRUE;
}
