/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The few elements that nearly all of a device's state consists of, for loops over many
 * of them: as ber-writer.c and ber-reader.c have them, without a call, a view and a
 * fault for each.
 *
 * Writing: `p` is where the element goes, the result where the next one does.  The
 * caller has taken room for all of them and BM_PUT_SLACK octets more, since numbers are
 * stored eight octets at a time.
 *
 * Reading: `p` is where the element begins, `end` where what holds it ends, and `limit`,
 * not before that, where memory that may be read does.  The result is where the next one
 * begins, or NULL for whatever is not the element that was asked for, in its one form:
 * what is wrong with it, if anything is, ber-reader.c says.
 */
#ifndef BM_BER_INLINE_H
#define BM_BER_INLINE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BM_PUT_SLACK 8

/* Identifier octets. */
enum {
    BM_OCTET_BOOLEAN = 0x01,
    BM_OCTET_INTEGER = 0x02,
    BM_OCTET_OCTETS = 0x04,
    BM_OCTET_SEQUENCE = 0x30
};

/* ---- writing ---- */

static inline uint8_t *bm_put_boolean(uint8_t *p, bool value)
{
    p[0] = BM_OCTET_BOOLEAN;
    p[1] = 1;
    p[2] = value ? 0xff : 0x00;
    return p + 3;
}

/* The octets of a number whose bits, but for those that are its sign, are these: one bit
 * is for the sign.  Not for a number above INT64_MAX. */
static inline unsigned bm_number_octets(uint64_t bits)
{
    return ((63 ^ (unsigned)__builtin_clzll(bits | 1)) + 9) / 8;
}

static inline uint8_t *bm_put_number(uint8_t *p, uint64_t value, uint64_t bits)
{
    unsigned n = bm_number_octets(bits);
    uint64_t octets = htobe64(value << (64 - 8 * n));

    p[0] = BM_OCTET_INTEGER;
    p[1] = (uint8_t)n;
    memcpy(p + 2, &octets, sizeof(octets));
    return p + 2 + n;
}

/* Most numbers are small; a way of its own for these is foreseen, and then where the next
 * one goes is known before this one is written. */
static inline uint8_t *bm_put_small(uint8_t *p, uint8_t value)
{
    memcpy(p, "\x02\x01", 2); /* BM_OCTET_INTEGER, of one octet */
    p[2] = value;
    return p + 3;
}

static inline uint8_t *bm_put_signed(uint8_t *p, int64_t value)
{
    return value == (int8_t)value
               ? bm_put_small(p, (uint8_t)value)
               : bm_put_number(p, (uint64_t)value, (uint64_t)(value ^ value >> 63));
}

static inline uint8_t *bm_put_unsigned(uint8_t *p, uint64_t value)
{
    uint64_t octets = htobe64(value);

    if (value < 0x80) {
        return bm_put_small(p, (uint8_t)value);
    }
    if (value >> 63 == 0) {
        return bm_put_number(p, value, value);
    }
    p[0] = BM_OCTET_INTEGER;
    p[1] = 9;
    p[2] = 0; /* the sign */
    memcpy(p + 3, &octets, sizeof(octets));
    return p + 11;
}

/* Octets that bm_put_length() writes. */
static inline unsigned bm_length_octets(size_t len)
{
    return len < 0x80 ? 1 : 2 + (63 ^ (unsigned)__builtin_clzll(len)) / 8;
}

/* Definite, in the fewest octets (X.690 10.1). */
static inline uint8_t *bm_put_length(uint8_t *p, size_t len)
{
    unsigned n = bm_length_octets(len) - 1;

    if (n == 0) {
        *p = (uint8_t)len;
        return p + 1;
    }
    p[0] = (uint8_t)(0x80 | n);
    for (unsigned i = n; i > 0; i--, len >>= 8) {
        p[i] = (uint8_t)len;
    }
    return p + 1 + n;
}

/* A container whose content was written before its length: behind `start` with one octet
 * for the identifier and as many for the length as were expected, up to `end`.  What was not
 * foreseen is moved, which costs more than it should: it was written just now. */
static inline uint8_t *bm_put_container(uint8_t *start, uint8_t identifier, unsigned expected,
                                        uint8_t *end)
{
    uint8_t *content = start + 1 + expected, *at;
    size_t len = (size_t)(end - content);

    *start = identifier;
    at = start + 1 + bm_length_octets(len);
    if (at != content) {
        memmove(at, content, len);
    }
    bm_put_length(start + 1, len);
    return at + len;
}

/* ---- reading ---- */

static inline const uint8_t *bm_get_boolean(const uint8_t *p, const uint8_t *end, bool *value)
{
    if (end - p < 3 || p[0] != BM_OCTET_BOOLEAN || p[1] != 1 || (p[2] != 0x00 && p[2] != 0xff)) {
        return NULL;
    }
    *value = p[2] != 0;
    return p + 3;
}

/* Octets that must be there to be read where a number is, whatever it takes itself. */
#define BM_GET_REACH 11

/* A number.  Returns the octets of the element, which may be more than there are of what
 * holds it, or 0; not for numbers above INT64_MAX. */
static inline size_t bm_get_number(const uint8_t *p, int64_t *value)
{
    size_t n = p[1];
    uint64_t octets;
    int64_t number;

    if (!memcmp(p, "\x02\x01", 2)) { /* see bm_put_small() */
        *value = (int8_t)p[2];
        return 3;
    }
    memcpy(&octets, p + 2, sizeof(octets));
    number = (int64_t)be64toh(octets) >> (-(8 * n) & 63);
    *value = number;
    /* In the fewest octets (X.690 8.3.2), which also bounds n. */
    return p[0] == BM_OCTET_INTEGER && n == bm_number_octets((uint64_t)(number ^ number >> 63))
               ? 2 + n
               : 0;
}

/* One above INT64_MAX, for a uint64_t: its ninth octet is a sign. */
static inline const uint8_t *bm_get_largest(const uint8_t *p, const uint8_t *end, void *member)
{
    uint64_t value;

    if (end - p < 11 || p[0] != BM_OCTET_INTEGER || p[1] != 9 || p[2] != 0 || p[3] < 0x80) {
        return NULL;
    }
    memcpy(&value, p + 3, sizeof(value));
    value = be64toh(value);
    memcpy(member, &value, sizeof(value));
    return p + 11;
}

/* Identifier and length octets; the content ends in what holds it. */
static inline const uint8_t *bm_get_header(const uint8_t *p, const uint8_t *end, uint8_t identifier,
                                           size_t *len)
{
    size_t n, value = 0;

    if (end - p < 2 || p[0] != identifier) {
        return NULL;
    }
    if (p[1] < 0x80) {
        *len = p[1];
        return *len <= (size_t)(end - p) - 2 ? p + 2 : NULL;
    }
    n = p[1] & 0x7f;
    if (n == 0 || n > 4 || (size_t)(end - p) - 2 < n || p[2] == 0) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        value = value << 8 | p[2 + i];
    }
    *len = value;
    return value >= 0x80 && value <= (size_t)(end - p) - 2 - n ? p + 2 + n : NULL;
}

#endif
