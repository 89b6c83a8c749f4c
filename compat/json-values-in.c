/* SPDX-License-Identifier: BSD-2-Clause */
#include "json-values.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "leaf.h"
#include "names.h"
#include "path.h"
#include "visitor-impl.h"

/* Two of JSON for one of ours, and those inside a value. */
#define JSON_DEPTH (2 * (int)BM_LIMIT_DEPTH + 4)

typedef struct Level {
    json_object *json;
    const BmSchema *schema; /* NULL: a group */
    BmNames *names;         /* keys used so far; NULL for a group */
    size_t index;           /* of the next element */
} Level;

typedef struct JsonIn {
    BmVisitor base;
    json_object *root;
    GArray *levels;
    GByteArray *octets; /* the value given last */
    GString *key, *type;
} JsonIn;

static JsonIn *json_in(BmVisitor *v)
{
    return (JsonIn *)v;
}

static gboolean wrong(GError **error, const char *what)
{
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s", what);
}

/* ---- finding ---- */

static Level *top(JsonIn *in)
{
    return &g_array_index(in->levels, Level, in->levels->len - 1);
}

static void push(JsonIn *in, json_object *json, const BmSchema *schema)
{
    Level level = {json, schema, schema ? bm_names_new() : NULL, 0};

    g_array_append_val(in->levels, level);
}

static void clear_level(gpointer level)
{
    bm_names_free(((Level *)level)->names);
}

static gboolean find_key(Level *level, const char *key, json_object **json, GError **error)
{
    const char *unique = bm_names_add(level->names, key);

    return json_object_object_get_ex(level->json, unique, json) ||
           bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "there is no member \"%s\"",
                        unique);
}

static gboolean find(JsonIn *in, const BmField *field, json_object **json, GError **error)
{
    Level *level = top(in);

    if (level->schema) {
        return find_key(level, bm_path_key(level->schema, field, in->key), json, error);
    }
    *json = json_object_array_get_idx(level->json, level->index++);
    return TRUE;
}

/* ---- containers ---- */

static gboolean in_begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                                GError **error)
{
    JsonIn *in = json_in(v);
    json_object *json = in->root;

    if (field && !find(in, field, &json, error)) {
        return FALSE;
    }
    if (!json_object_is_type(json, json_type_object)) {
        return wrong(error, "a struct is no JSON object");
    }
    push(in, json, schema);
    return TRUE;
}

static gboolean in_begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    JsonIn *in = json_in(v);
    json_object *json;

    if (!find_key(top(in), schema->name, &json, error)) {
        return FALSE;
    }
    if (!json_object_is_type(json, json_type_object)) {
        return wrong(error, "a subsection is no JSON object");
    }
    push(in, json, schema);
    return TRUE;
}

static gboolean in_begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    JsonIn *in = json_in(v);
    size_t expected = field->kind == BM_KIND_LIST ? field->n_elements : field->count;
    json_object *json;

    if (!find(in, field, &json, error)) {
        return FALSE;
    }
    if (!json_object_is_type(json, json_type_array)) {
        return wrong(error, "several elements are no JSON array");
    }
    if (json_object_array_length(json) != expected) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an array of %zu elements, expected %zu",
                            json_object_array_length(json), expected);
    }
    push(in, json, NULL);
    return TRUE;
}

static gboolean check_left_over(const Level *level, GError **error)
{
    json_object_object_foreach(level->json, key, value)
    {
        (void)value;
        if (!bm_names_has(level->names, key)) {
            return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                                "a member \"%s\" that the description does not have", key);
        }
    }
    return TRUE;
}

static gboolean in_end(BmVisitor *v, GError **error)
{
    JsonIn *in = json_in(v);

    if (top(in)->names && !check_left_over(top(in), error)) {
        return FALSE;
    }
    g_array_set_size(in->levels, in->levels->len - 1);
    return TRUE;
}

/* ---- numbers ---- */

static gboolean get_unsigned(json_object *json, uint64_t *u, GError **error)
{
    if (!json_object_is_type(json, json_type_int) || json_object_get_int64(json) < 0) {
        return wrong(error, "the value is no whole number from 0 on");
    }
    *u = json_object_get_uint64(json);
    return TRUE;
}

static gboolean get_signed(json_object *json, int64_t *i, GError **error)
{
    if (!json_object_is_type(json, json_type_int)) {
        return wrong(error, "the value is no whole number");
    }
    *i = json_object_get_int64(json);
    /* json-c stops at the largest one. */
    return *i != INT64_MAX || json_object_get_uint64(json) == INT64_MAX ||
           wrong(error, "the value does not fit 64 bits with a sign");
}

static void put_number(uint8_t *to, uint32_t width, uint64_t bits)
{
    while (width-- > 0) {
        to[width] = (uint8_t)bits;
        bits >>= 8;
    }
}

static gboolean number_element(const BmField *field, json_object *json, uint8_t *to, GError **error)
{
    unsigned unused = 64 - 8 * field->width;
    uint64_t u = 0;
    int64_t i = 0;
    gboolean fits;

    if (field->kind == BM_KIND_SIGNED) {
        if (!get_signed(json, &i, error)) {
            return FALSE;
        }
        fits = (int64_t)((uint64_t)i << unused) >> unused == i;
        u = (uint64_t)i;
    } else {
        if (!get_unsigned(json, &u, error)) {
            return FALSE;
        }
        fits = u << unused >> unused == u;
    }
    put_number(to, field->width, u);
    return fits || bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                                "the value does not fit the %u octets of its field", field->width);
}

/* ---- octets ---- */

static gboolean get_text(json_object *json, BmOctets *text, GError **error)
{
    if (!json_object_is_type(json, json_type_string)) {
        return wrong(error, "the value is no JSON string");
    }
    *text = (BmOctets){(const uint8_t *)json_object_get_string(json),
                       (size_t)json_object_get_string_len(json)};
    return TRUE;
}

/* A first digit may be alone; then its octet must be 0 before. */
static gboolean from_hex(BmOctets text, uint8_t *to, GError **error)
{
    size_t at = text.len % 2;

    for (size_t i = 0; i < text.len; i++, at++) {
        int digit = g_ascii_xdigit_value((char)text.data[i]);

        if (digit < 0) {
            return wrong(error, "the value has other characters than hex digits");
        }
        to[at / 2] = (uint8_t)(at % 2 ? to[at / 2] | digit : digit << 4);
    }
    return TRUE;
}

static gboolean exact_hex(json_object *json, uint8_t *to, size_t width, GError **error)
{
    BmOctets text = {NULL, 0};

    if (!get_text(json, &text, error)) {
        return FALSE;
    }
    if (text.len != 2 * width) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the value has %zu hex digits, expected %zu", text.len, 2 * width);
    }
    return from_hex(text, to, error);
}

/* "0x3ff0...", right-aligned. */
static gboolean wide_number(json_object *json, uint8_t *to, size_t width, GError **error)
{
    BmOctets text = {NULL, 0};

    if (!get_text(json, &text, error)) {
        return FALSE;
    }
    if (text.len < 3 || memcmp(text.data, "0x", 2)) {
        return wrong(error, "the value does not begin with 0x");
    }
    text.data += 2;
    text.len -= 2;
    while (text.len > 1 && *text.data == '0') {
        text.data++;
        text.len--;
    }
    if ((text.len + 1) / 2 > width) {
        return wrong(error, "the value has more octets than its field");
    }
    memset(to, 0, width);
    return from_hex(text, to + width - (text.len + 1) / 2, error);
}

static gboolean element(const BmField *field, json_object *json, uint8_t *to, GError **error)
{
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
        if (json_object_is_type(json, json_type_boolean)) {
            put_number(to, field->width, json_object_get_boolean(json) ? 1 : 0);
            return TRUE;
        }
        /* fall through */
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
        if (field->width <= 8) {
            return number_element(field, json, to, error);
        }
        /* fall through */
    case BM_KIND_FLOAT:
        return wide_number(json, to, field->width, error);
    default:
        return exact_hex(json, to, field->width, error);
    }
}

static gboolean elements(JsonIn *in, const BmField *field, json_object *array, GError **error)
{
    if (!json_object_is_type(array, json_type_array) ||
        json_object_array_length(array) != field->count) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "the value is no JSON array of %u elements", field->count);
    }
    for (uint32_t i = 0; i < field->count; i++) {
        if (!element(field, json_object_array_get_idx(array, i),
                     in->octets->data + (size_t)i * field->width, error)) {
            g_autofree char *place = g_strdup_printf("element [%u]", field->first + i);

            if (error) {
                g_prefix_error(error, "%s: ", place);
            }
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean whole(JsonIn *in, const BmField *field, json_object *value, GError **error)
{
    BmOctets text = {NULL, 0};

    if (field->kind == BM_KIND_STRING) {
        if (!get_text(value, &text, error)) {
            return FALSE;
        }
        g_byte_array_set_size(in->octets, 0);
        g_byte_array_append(in->octets, text.data, (guint)text.len);
        return TRUE;
    }
    return in->octets->len == 0 || element(field, value, in->octets->data, error);
}

/* ---- values ---- */

/* The value of a leaf, whose type is the field's, or "raw". */
static gboolean find_leaf(JsonIn *in, const BmField *field, json_object **value, gboolean *raw,
                          GError **error)
{
    const char *expected =
        field->kind == BM_KIND_POINTER ? "pointer" : bm_leaf_field_type(field, in->type);
    json_object *leaf, *type;
    const char *name;

    if (!find(in, field, &leaf, error)) {
        return FALSE;
    }
    if (!json_object_is_type(leaf, json_type_object) ||
        !json_object_object_get_ex(leaf, "type", &type) ||
        !json_object_is_type(type, json_type_string) ||
        !json_object_object_get_ex(leaf, "value", value)) {
        return wrong(error, "a value is no JSON object with \"type\" and \"value\"");
    }
    name = json_object_get_string(type);
    *raw = !strcmp(name, "raw");
    return *raw || !strcmp(name, expected) ||
           bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "a value of type %s, expected %s",
                        name, expected);
}

static gboolean raw_scalar(JsonIn *in, const BmField *field, json_object *json, BmScalar *value,
                           GError **error)
{
    g_byte_array_set_size(in->octets, field->width);
    *value = (BmScalar){BM_SCALAR_RAW, .raw = {in->octets->data, field->width}};
    return exact_hex(json, in->octets->data, field->width, error);
}

static gboolean boolean_scalar(json_object *json, BmScalar *value, GError **error)
{
    *value = (BmScalar){BM_SCALAR_BOOLEAN, .boolean = json_object_get_boolean(json)};
    return json_object_is_type(json, json_type_boolean) ||
           wrong(error, "the value is neither true nor false");
}

static gboolean pointer_scalar(json_object *json, BmScalar *value, GError **error)
{
    value->type = json ? BM_SCALAR_PRESENT : BM_SCALAR_NULL;
    return !json ||
           (json_object_is_type(json, json_type_boolean) && json_object_get_boolean(json)) ||
           wrong(error, "a pointer is neither null nor true");
}

static gboolean in_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    JsonIn *in = json_in(v);
    json_object *json;
    gboolean raw;

    if (!find_leaf(in, field, &json, &raw, error)) {
        return FALSE;
    }
    if (raw) {
        return raw_scalar(in, field, json, value, error);
    }
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
        return boolean_scalar(json, value, error);
    case BM_KIND_POINTER:
        return pointer_scalar(json, value, error);
    case BM_KIND_SIGNED:
        value->type = BM_SCALAR_SIGNED;
        return get_signed(json, &value->i, error);
    default:
        value->type = BM_SCALAR_UNSIGNED;
        return get_unsigned(json, &value->u, error);
    }
}

static gboolean in_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    JsonIn *in = json_in(v);
    uint64_t size = (uint64_t)field->width * field->count;
    json_object *json;
    gboolean raw;

    if (!find_leaf(in, field, &json, &raw, error)) {
        return FALSE;
    }
    if (raw) {
        return wrong(error, "raw octets for a field that has none");
    }
    if (size > BM_LIMIT_RECORD) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "a field of more than %u octets",
                            BM_LIMIT_RECORD);
    }
    g_byte_array_set_size(in->octets, (guint)size);
    if (!(bm_leaf_is_array(field) ? elements(in, field, json, error)
                                  : whole(in, field, json, error))) {
        return FALSE;
    }
    *value = (BmOctets){in->octets->data, in->octets->len};
    return TRUE;
}

/* ---- the visitor ---- */

static uint64_t in_offset(const BmVisitor *v)
{
    (void)v;
    return BM_NO_OFFSET;
}

static void in_free(BmVisitor *v)
{
    JsonIn *in = json_in(v);

    json_object_put(in->root);
    g_array_unref(in->levels);
    g_byte_array_unref(in->octets);
    g_string_free(in->key, TRUE);
    g_string_free(in->type, TRUE);
    g_free(in);
}

static const BmVisitorOps in_ops = {
    .begin_struct = in_begin_struct,
    .end_struct = in_end,
    .begin_group = in_begin_group,
    .end_group = in_end,
    .begin_subsection = in_begin_subsection,
    .end_subsection = in_end,
    .scalar = in_scalar,
    .octets = in_octets,
    .offset = in_offset,
    .free = in_free,
};

/* json-c (0.16) takes the nearest number for one beyond 64 bits, so that these
 * have to be found before.  Returns NULL if there are none. */
static const char *find_overflow(const char *text)
{
    gboolean in_string = FALSE;

    for (; *text; text++) {
        char *end;

        if (*text == '"') {
            in_string = !in_string;
        } else if (in_string) {
            text += *text == '\\' && text[1];
        } else if (*text == '-' || g_ascii_isdigit(*text)) {
            errno = 0;
            if (*text == '-') {
                (void)g_ascii_strtoll(text, &end, 10);
            } else {
                (void)g_ascii_strtoull(text, &end, 10);
            }
            if (errno == ERANGE) {
                return text;
            }
            text = end > text ? end - 1 : text;
        }
    }
    return NULL;
}

static gboolean check_numbers(const char *text, size_t len, GError **error)
{
    g_autofree char *copy = g_strndup(text, len);
    const char *at = find_overflow(copy);

    return !at || bm_error_set(error, BM_BAD_VALUE, (uint64_t)(at - copy), NULL,
                               "no JSON: a number does not fit 64 bits");
}

static json_object *parse(const char *text, size_t len, GError **error)
{
    struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
    json_object *json;
    enum json_tokener_error fault;

    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    json = json_tokener_parse_ex(tokener, text, (int)len);
    fault = json_tokener_get_error(tokener);
    if (fault != json_tokener_success) {
        bm_error_set(error, fault == json_tokener_continue ? BM_TRUNCATED : BM_BAD_VALUE,
                     json_tokener_get_parse_end(tokener), NULL, "no JSON: %s",
                     json_tokener_error_desc(fault));
        g_clear_pointer(&json, json_object_put);
    }
    json_tokener_free(tokener);
    return json;
}

BmVisitor *bm_visitor_json_in(const char *text, size_t len, GError **error)
{
    json_object *root;
    JsonIn *in;

    /* Some characters may stand behind a value that json-c does not wait for. */
    while (len && strchr(" \t\r\n", text[len - 1])) {
        len--;
    }
    if (len > G_MAXINT) {
        bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "JSON of more than %d octets", G_MAXINT);
        return NULL;
    }
    root = check_numbers(text, len, error) ? parse(text, len, error) : NULL;
    if (!json_object_is_type(root, json_type_object)) {
        bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL, "the text is no JSON object");
        json_object_put(root);
        return NULL;
    }
    in = g_new0(JsonIn, 1);
    in->base.ops = &in_ops;
    in->root = root;
    in->levels = g_array_new(FALSE, FALSE, sizeof(Level));
    g_array_set_clear_func(in->levels, clear_level);
    in->octets = g_byte_array_new();
    in->key = g_string_new(NULL);
    in->type = g_string_new(NULL);
    return &in->base;
}
