/* SPDX-License-Identifier: BSD-2-Clause */
#include "token.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define LEN 16

gboolean bm_token_new(BmToken *token, GError **error)
{
    *token = (BmToken){.len = LEN};
    return getrandom(token->data, LEN, 0) == LEN ||
           bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "getrandom: %s", g_strerror(errno));
}

char *bm_token_parameter(const BmToken *token)
{
    GString *text = g_string_new("token=");

    for (size_t i = 0; i < token->len; i++) {
        g_string_append_printf(text, "%02x", token->data[i]);
    }
    return g_string_free(text, FALSE);
}

gboolean bm_token_parse(const char *hex, BmToken *token)
{
    size_t len = strlen(hex);

    *token = (BmToken){0};
    if (len % 2 != 0 || len < 2 * BM_LIMIT_TOKEN_MIN || len > 2 * BM_LIMIT_TOKEN_MAX) {
        return FALSE;
    }
    for (size_t i = 0; i < len; i++) {
        int digit = g_ascii_xdigit_value(hex[i]);

        if (digit < 0) {
            return FALSE;
        }
        token->data[i / 2] = (uint8_t)(token->data[i / 2] << 4 | digit);
    }
    token->len = len / 2;
    return TRUE;
}

BmOctets bm_token_octets(const BmToken *token)
{
    return (BmOctets){token->data, token->len};
}

gboolean bm_token_is(BmOctets one, BmOctets other)
{
    unsigned differ = one.len != other.len;

    for (size_t i = 0; i < one.len && one.len == other.len; i++) {
        differ |= one.data[i] ^ other.data[i];
    }
    return differ == 0;
}
