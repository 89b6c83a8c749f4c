/* SPDX-License-Identifier: BSD-2-Clause */
#include "words.h"

#include <glib.h>
#include <string.h>

#define GUINT8_TO_BE(value) (value)
/* A loop for each width, which the compiler then knows. */
#define COPY_SWAPPED(bits)                                                                         \
    do {                                                                                           \
        for (uint32_t i = 0; i < n; i++, from += from_stride, to += to_stride) {                   \
            uint##bits##_t value;                                                                  \
            memcpy(&value, from, sizeof(value));                                                   \
            value = GUINT##bits##_TO_BE(value);                                                    \
            memcpy(to, &value, sizeof(value));                                                     \
        }                                                                                          \
    } while (0)

static void copy_swapped(const uint8_t *from, size_t from_stride, uint8_t *to, size_t to_stride,
                         uint32_t n, uint32_t width)
{
    switch (width) {
    case 1:
        COPY_SWAPPED(8);
        break;
    case 2:
        COPY_SWAPPED(16);
        break;
    case 4:
        COPY_SWAPPED(32);
        break;
    default:
        COPY_SWAPPED(64);
        break;
    }
}

void bm_numbers_encode(uint8_t *octets, const void *members, size_t stride, uint32_t n,
                       uint32_t width)
{
    copy_swapped(members, stride, octets, width, n, width);
}

void bm_numbers_decode(const uint8_t *octets, void *members, size_t stride, uint32_t n,
                       uint32_t width)
{
    copy_swapped(octets, width, members, stride, n, width);
}
