/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a tree as numbers and as text. */
#include <errno.h>
#include <string.h>

#include "emit.h"
#include "state.h"

#define HEX "hex:"

static gboolean is_number(const BmStateField *f)
{
    return f->is.kind == BM_KIND_UNSIGNED || f->is.kind == BM_KIND_SIGNED ||
           f->is.kind == BM_KIND_BOOLEAN;
}

static gboolean is_scalar(const BmStateField *f)
{
    return f->scalars->len > 0;
}

int64_t bm_state_value_count(const BmStateField *field)
{
    if (is_scalar(field)) {
        return field->scalars->len;
    }
    if (is_number(field)) {
        return field->is.width ? field->octets->len / field->is.width : 0;
    }
    return field->octets->len;
}

/* ---- numbers ---- */

static uint64_t mask(uint32_t width)
{
    return width >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * width)) - 1;
}

static int64_t extend(uint64_t bits, uint32_t width)
{
    unsigned unused = 64 - 8 * CLAMP(width, 1, 8);

    return (int64_t)(bits << unused) >> unused;
}

static uint64_t get_be(const uint8_t *p, uint32_t width)
{
    uint64_t n = 0;

    for (uint32_t i = 0; i < width; i++) {
        n = n << 8 | p[i];
    }
    return n;
}

static void put_be(uint8_t *p, uint32_t width, uint64_t n)
{
    for (uint32_t i = width; i-- > 0; n >>= 8) {
        p[i] = (uint8_t)n;
    }
}

static gboolean scalar_bits(const BmStateField *f, int64_t element, uint64_t *bits)
{
    const BmStateScalar *s = &g_array_index(f->scalars, BmStateScalar, element);

    switch (s->type) {
    case BM_SCALAR_BOOLEAN:
        *bits = s->boolean ? 1 : 0;
        return TRUE;
    case BM_SCALAR_UNSIGNED:
        *bits = s->u;
        return TRUE;
    case BM_SCALAR_SIGNED:
        *bits = (uint64_t)s->i & mask(f->is.width);
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean bm_state_value_bits(const BmStateField *field, int64_t element, uint64_t *bits)
{
    element = MAX(element, 0);
    if (!is_number(field) || element >= bm_state_value_count(field)) {
        return FALSE;
    }
    if (is_scalar(field)) {
        return scalar_bits(field, element, bits);
    }
    *bits = get_be(field->octets->data + element * field->is.width, field->is.width);
    return TRUE;
}

static void set_scalar_bits(BmStateField *f, int64_t element, uint64_t bits)
{
    BmStateScalar *s = &g_array_index(f->scalars, BmStateScalar, element);

    *s = (BmStateScalar){.type = BM_SCALAR_UNSIGNED, .u = bits & mask(f->is.width)};
    if (f->is.kind == BM_KIND_SIGNED) {
        *s = (BmStateScalar){.type = BM_SCALAR_SIGNED, .i = extend(bits, f->is.width)};
    } else if (f->is.kind == BM_KIND_BOOLEAN) {
        *s = (BmStateScalar){.type = BM_SCALAR_BOOLEAN, .boolean = bits != 0};
    }
}

gboolean bm_state_value_set_bits(BmStateField *field, int64_t element, uint64_t bits)
{
    element = MAX(element, 0);
    if (!is_number(field) || element >= bm_state_value_count(field)) {
        return FALSE;
    }
    if (is_scalar(field)) {
        set_scalar_bits(field, element, bits);
    } else {
        put_be(field->octets->data + element * field->is.width, field->is.width, bits);
    }
    return TRUE;
}

/* ---- text of a value ---- */

static void emit_octets(GString *to, const uint8_t *data, size_t len)
{
    g_string_append(to, HEX);
    bm_emit_hex(to, data, len);
}

static void emit_number(GString *to, const BmStateField *f, int64_t element)
{
    uint64_t bits = 0;

    bm_state_value_bits(f, element, &bits);
    if (f->is.kind == BM_KIND_SIGNED) {
        bm_emit_signed(to, extend(bits, f->is.width));
    } else if (f->is.kind == BM_KIND_BOOLEAN && bits <= 1) {
        g_string_append(to, bits ? "true" : "false");
    } else {
        bm_emit_decimal(to, bits);
    }
}

static void emit_scalar(GString *to, const BmStateField *f, int64_t element)
{
    const BmStateScalar *s = &g_array_index(f->scalars, BmStateScalar, element);

    switch (s->type) {
    case BM_SCALAR_NULL:
        g_string_append(to, "null");
        break;
    case BM_SCALAR_PRESENT:
        g_string_append(to, "present");
        break;
    case BM_SCALAR_RAW:
        emit_octets(to, s->raw, MIN(f->is.width, sizeof(s->raw)));
        break;
    default:
        emit_number(to, f, element);
    }
}

static void emit_element(GString *to, const BmStateField *f, int64_t element)
{
    if (is_scalar(f)) {
        emit_scalar(to, f, element);
    } else if (is_number(f)) {
        emit_number(to, f, element);
    } else {
        bm_emit_decimal(to, f->octets->data[element]);
    }
}

char *bm_state_value_text(const BmStateField *field, int64_t element)
{
    GString *to = g_string_new(NULL);
    int64_t n = bm_state_value_count(field);

    if (field->is.kind == BM_KIND_STRING) {
        g_string_append_len(to, (const char *)field->octets->data, field->octets->len);
    } else if (element >= 0) {
        if (element < n) {
            emit_element(to, field, element);
        }
    } else if (is_scalar(field) || is_number(field)) {
        for (int64_t i = 0; i < n; i++) {
            g_string_append(to, i > 0 ? " " : "");
            emit_element(to, field, i);
        }
    } else {
        emit_octets(to, field->octets->data, field->octets->len);
    }
    return g_string_free(to, FALSE);
}

/* ---- a value from text ---- */

static gboolean bad(GError **error, const BmStateField *f, const char *text, const char *expected)
{
    return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, f->is.name,
                        "'%s' is no value of a field of type %s%s%s", text, bm_field_type(&f->is),
                        *expected ? ": expected " : "", expected);
}

static GByteArray *parse_hex(const char *digits)
{
    size_t len = strlen(digits);
    GByteArray *octets = g_byte_array_new();

    for (size_t i = 0; i + 1 < len; i += 2) {
        int high = g_ascii_xdigit_value(digits[i]), low = g_ascii_xdigit_value(digits[i + 1]);
        uint8_t octet = (uint8_t)(high << 4 | low);

        if (high < 0 || low < 0) {
            break;
        }
        g_byte_array_append(octets, &octet, 1);
    }
    if (len % 2 != 0 || octets->len != len / 2) {
        g_clear_pointer(&octets, g_byte_array_unref);
    }
    return octets;
}

static gboolean parse_signed(const char *text, uint32_t width, uint64_t *bits)
{
    char *end;
    int64_t i;

    errno = 0;
    i = g_ascii_strtoll(text, &end, 0);
    *bits = (uint64_t)i & mask(width);
    return end > text && *end == '\0' && errno == 0 && extend(*bits, width) == i;
}

static gboolean parse_unsigned(const char *text, uint32_t width, uint64_t *bits)
{
    char *end;

    errno = 0;
    *bits = g_ascii_strtoull(text, &end, 0);
    return end > text && *end == '\0' && errno == 0 && text[0] != '-' && *bits <= mask(width);
}

static gboolean parse_bits(const BmStateField *f, const char *text, uint64_t *bits)
{
    switch (f->is.kind) {
    case BM_KIND_SIGNED:
        return parse_signed(text, f->is.width, bits);
    case BM_KIND_BOOLEAN:
        *bits = !strcmp(text, "true") || !strcmp(text, "1");
        return *bits || !strcmp(text, "false") || !strcmp(text, "0");
    default:
        return parse_unsigned(text, f->is.width, bits);
    }
}

static gboolean parse_raw(BmStateField *f, int64_t element, const char *text)
{
    g_autoptr(GByteArray) octets = parse_hex(text + strlen(HEX));
    BmStateScalar s = {.type = BM_SCALAR_RAW};

    if (!octets || octets->len != f->is.width || octets->len > sizeof(s.raw)) {
        return FALSE;
    }
    memcpy(s.raw, octets->data, octets->len);
    g_array_index(f->scalars, BmStateScalar, element) = s;
    return TRUE;
}

static gboolean parse_scalar(BmStateField *f, int64_t element, const char *text)
{
    BmStateScalar *s = &g_array_index(f->scalars, BmStateScalar, element);
    uint64_t bits;

    if (g_str_has_prefix(text, HEX)) {
        return parse_raw(f, element, text);
    }
    if (f->is.kind == BM_KIND_POINTER) {
        *s = (BmStateScalar){.type = !strcmp(text, "null") ? BM_SCALAR_NULL : BM_SCALAR_PRESENT};
        return s->type == BM_SCALAR_NULL || !strcmp(text, "present");
    }
    return parse_bits(f, text, &bits) && bm_state_value_set_bits(f, element, bits);
}

static gboolean parse_element(BmStateField *f, int64_t element, const char *text)
{
    uint64_t bits;

    if (is_scalar(f)) {
        return parse_scalar(f, element, text);
    }
    if (is_number(f)) {
        return parse_bits(f, text, &bits) && bm_state_value_set_bits(f, element, bits);
    }
    if (!parse_unsigned(text, 1, &bits)) {
        return FALSE;
    }
    f->octets->data[element] = (uint8_t)bits;
    return TRUE;
}

static gboolean set_all(BmStateField *f, const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    int64_t n = bm_state_value_count(f);
    guint given = g_strv_length(words);

    if (given != 1 && given != n) {
        return bad(error, f, text, "one value, or one for each element");
    }
    for (int64_t i = 0; i < n; i++) {
        if (!parse_element(f, i, words[given == 1 ? 0 : i])) {
            return bad(error, f, text, "");
        }
    }
    return TRUE;
}

static gboolean set_octets(BmStateField *f, const char *text, GError **error)
{
    g_autoptr(GByteArray) octets =
        g_str_has_prefix(text, HEX) ? parse_hex(text + strlen(HEX)) : NULL;

    if (!strcmp(text, "0")) {
        bm_state_field_clear(f);
        return TRUE;
    }
    if (!octets || octets->len != f->octets->len) {
        return bad(error, f, text, "hex: and two digits for each octet, or 0");
    }
    memcpy(f->octets->data, octets->data, octets->len);
    return TRUE;
}

static gboolean set_string(BmStateField *f, const char *text)
{
    g_byte_array_set_size(f->octets, 0);
    g_byte_array_append(f->octets, (const uint8_t *)text, (guint)strlen(text));
    f->is.width = f->octets->len;
    return TRUE;
}

gboolean bm_state_value_set(BmStateField *field, int64_t element, const char *text, GError **error)
{
    if (field->is.kind == BM_KIND_STRUCT || field->is.kind == BM_KIND_LIST) {
        return bad(error, field, text, "the name of a field inside it");
    }
    if (field->is.kind == BM_KIND_STRING) {
        return set_string(field, text);
    }
    if (element >= 0) {
        return (element < bm_state_value_count(field) && parse_element(field, element, text)) ||
               bad(error, field, text, "");
    }
    if (is_scalar(field) || is_number(field)) {
        return set_all(field, text, error);
    }
    return set_octets(field, text, error);
}
