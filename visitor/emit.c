/* SPDX-License-Identifier: BSD-2-Clause */
#include "emit.h"

static const char digits[] = "0123456789abcdef";

void bm_emit_decimal(GString *to, uint64_t value)
{
    char text[20];
    size_t at = sizeof(text);

    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    g_string_append_len(to, text + at, (gssize)(sizeof(text) - at));
}

void bm_emit_signed(GString *to, int64_t value)
{
    if (value < 0) {
        g_string_append_c(to, '-');
    }
    /* Unsigned, because the smallest number has no positive counterpart. */
    bm_emit_decimal(to, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void bm_emit_number(GString *to, uint64_t value)
{
    char text[18];
    size_t at = sizeof(text);

    do {
        text[--at] = digits[value & 15];
        value >>= 4;
    } while (value);
    text[--at] = 'x';
    text[--at] = '0';
    g_string_append_len(to, text + at, (gssize)(sizeof(text) - at));
}

void bm_emit_wide_number(GString *to, BmOctets value)
{
    while (value.len > 1 && !*value.data) {
        value.data++;
        value.len--;
    }
    if (!value.len) {
        bm_emit_number(to, 0);
        return;
    }
    bm_emit_number(to, *value.data);
    bm_emit_hex(to, value.data + 1, value.len - 1);
}

void bm_emit_hex(GString *to, const uint8_t *data, size_t len)
{
    char text[512];

    while (len) {
        size_t part = MIN(len, sizeof(text) / 2);

        for (size_t i = 0; i < part; i++) {
            text[2 * i] = digits[data[i] >> 4];
            text[2 * i + 1] = digits[data[i] & 15];
        }
        g_string_append_len(to, text, (gssize)(2 * part));
        data += part;
        len -= part;
    }
}

static void emit_code(GString *to, unsigned code)
{
    char text[6] = {'\\', 'u', '0', '0', digits[code >> 4 & 15], digits[code & 15]};

    g_string_append_len(to, text, sizeof(text));
}

/* U+0080 to U+009F, as UTF-8: controls too, for a terminal. */
static gboolean is_c1(const uint8_t *text, size_t len)
{
    return len > 1 && text[0] == 0xc2 && text[1] < 0xa0;
}

/* What must not stand for itself, and how many octets it has; 0: it may. */
static size_t control_size(const uint8_t *text, size_t len)
{
    if (*text < 0x20 || *text == 0x7f) {
        return 1;
    }
    return is_c1(text, len) ? 2 : 0;
}

static void emit_escaped(GString *to, const char *text, size_t len, gboolean quotes)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + len, *kept = at;

    while (at < end) {
        size_t control = control_size(at, (size_t)(end - at));
        gboolean backslash = *at == '\\' || (quotes && *at == '"');

        if (!control && !backslash) {
            at++;
            continue;
        }
        g_string_append_len(to, (const char *)kept, at - kept);
        if (control) {
            emit_code(to, at[control - 1]);
        } else {
            g_string_append_c(to, '\\');
            g_string_append_c(to, (char)*at);
        }
        at += MAX(control, 1);
        kept = at;
    }
    g_string_append_len(to, (const char *)kept, at - kept);
}

void bm_emit_name(GString *to, const char *name, size_t len)
{
    emit_escaped(to, name, len, FALSE);
}

void bm_emit_string(GString *to, const char *text, size_t len)
{
    g_string_append_c(to, '"');
    emit_escaped(to, text, len, TRUE);
    g_string_append_c(to, '"');
}
