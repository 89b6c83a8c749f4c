/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A token: octets that nobody can guess, by which a receiver knows a further connection
 * of its sender (SPEC.md 5.14, 5.17).  In a hello it is the parameter "token=" of a
 * capability.
 */
#ifndef BM_TOKEN_H
#define BM_TOKEN_H

#include "codec.h"
#include "error.h"

typedef struct BmToken {
    uint8_t data[BM_LIMIT_TOKEN_MAX];
    size_t len; /* 0: none */
} BmToken;

/* A fresh one.  FALSE if the system has no random octets. */
gboolean bm_token_new(BmToken *token, GError **error);
/* "token=" and hexadecimal digits; free with g_free(). */
char *bm_token_parameter(const BmToken *token);
/* From the digits.  FALSE if it is none of a length that is allowed. */
gboolean bm_token_parse(const char *hex, BmToken *token);
/* The token's octets. */
BmOctets bm_token_octets(const BmToken *token);
/* Takes the same time wherever the two differ. */
gboolean bm_token_is(BmOctets one, BmOctets other);

#endif
