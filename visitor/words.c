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

/* Those that lie side by side, eight octets at a time: all of them turned round, and then
 * the numbers in them put back to their places. */
static uint64_t turn_each(uint64_t octets, uint32_t width)
{
    const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);

    switch (width) {
    case 2:
        return (octets & even) << 8 | (octets >> 8 & even);
    case 4:
        octets = GUINT64_SWAP_LE_BE(octets);
        return octets << 32 | octets >> 32;
    default:
        return GUINT64_SWAP_LE_BE(octets);
    }
}

#define TURN_EIGHT(width)                                                                          \
    do {                                                                                           \
        for (; done + 8 <= len; done += 8) {                                                       \
            uint64_t octets;                                                                       \
            memcpy(&octets, from + done, 8);                                                       \
            octets = turn_each(octets, width);                                                     \
            memcpy(to + done, &octets, 8);                                                         \
        }                                                                                          \
    } while (0)

/* As many as there are whole eights of; returns how many. */
static uint32_t copy_eights(const uint8_t *from, uint8_t *to, uint32_t n, uint32_t width)
{
    size_t len = (size_t)n * width, done = 0;

    if (G_BYTE_ORDER != G_LITTLE_ENDIAN) {
        return 0;
    }
    switch (width) {
    case 2:
        TURN_EIGHT(2);
        break;
    case 4:
        TURN_EIGHT(4);
        break;
    case 8:
        TURN_EIGHT(8);
        break;
    default:
        break;
    }
    return (uint32_t)(done / width);
}

static void copy_dense(const uint8_t *from, uint8_t *to, uint32_t n, uint32_t width)
{
    uint32_t done = copy_eights(from, to, n, width);
    size_t at = (size_t)done * width;

    copy_swapped(from + at, width, to + at, width, n - done, width);
}

void bm_numbers_encode(uint8_t *octets, const void *members, size_t stride, uint32_t n,
                       uint32_t width)
{
    if (stride == width) {
        copy_dense(members, octets, n, width);
    } else {
        copy_swapped(members, stride, octets, width, n, width);
    }
}

void bm_numbers_decode(const uint8_t *octets, void *members, size_t stride, uint32_t n,
                       uint32_t width)
{
    if (stride == width) {
        copy_dense(octets, members, n, width);
    } else {
        copy_swapped(octets, width, members, stride, n, width);
    }
}
