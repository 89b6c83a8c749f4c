/* SPDX-License-Identifier: BSD-2-Clause */
/* The small texts in a transformation: parts and definitions of fields. */
#include <string.h>

#include "transform-impl.h"

static gboolean bad(GError **error, const char *text, const char *expected)
{
    return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL, "'%s': expected %s", text,
                        expected);
}

/* A number from 1 to `max` with nothing behind it. */
static gboolean parse_number(const char *text, uint64_t max, uint32_t *number)
{
    guint64 n;

    if (!g_ascii_string_to_unsigned(text, 10, 1, max, &n, NULL)) {
        return FALSE;
    }
    *number = (uint32_t)n;
    return TRUE;
}

/* ---- parts ---- */

static void clear_part(gpointer p)
{
    g_free(((BmPart *)p)->name);
}

static gboolean parse_part(const char *word, GArray *parts, GError **error)
{
    const char *colon = strrchr(word, ':');
    BmPart part;

    if (!colon || colon == word || !parse_number(colon + 1, BM_LIMIT_COUNT, &part.size)) {
        return bad(error, word, "NAME:NUMBER");
    }
    part.name = g_strndup(word, (gsize)(colon - word));
    g_array_append_val(parts, part);
    return TRUE;
}

GArray *bm_parts_parse(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    GArray *parts = g_array_new(FALSE, FALSE, sizeof(BmPart));

    g_array_set_clear_func(parts, clear_part);
    for (char **word = words; *word; word++) {
        if (**word && !parse_part(*word, parts, error)) {
            g_array_unref(parts);
            return NULL;
        }
    }
    if (parts->len == 0) {
        bad(error, text, "NAME:NUMBER, with blanks between them");
        g_clear_pointer(&parts, g_array_unref);
    }
    return parts;
}

/* ---- fields ---- */

static const struct {
    const char *name;
    BmKind kind;
    uint32_t width;
} types[] = {
    {"bool", BM_KIND_BOOLEAN, 1},    {"uint8", BM_KIND_UNSIGNED, 1},
    {"uint16", BM_KIND_UNSIGNED, 2}, {"uint32", BM_KIND_UNSIGNED, 4},
    {"uint64", BM_KIND_UNSIGNED, 8}, {"int8", BM_KIND_SIGNED, 1},
    {"int16", BM_KIND_SIGNED, 2},    {"int32", BM_KIND_SIGNED, 4},
    {"int64", BM_KIND_SIGNED, 8},    {"float32", BM_KIND_FLOAT, 4},
    {"float64", BM_KIND_FLOAT, 8},   {"buffer", BM_KIND_BUFFER, 1},
};

static gboolean find_type(const char *name, BmField *is)
{
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        if (!strcmp(types[i].name, name)) {
            is->kind = types[i].kind;
            is->width = types[i].width;
            return TRUE;
        }
    }
    return FALSE;
}

/* Of a buffer the number in brackets is that of its octets. */
static gboolean parse_count(char *bracket, BmField *is)
{
    uint32_t count;

    bracket[strlen(bracket) - 1] = '\0';
    if (!parse_number(bracket + 1, BM_LIMIT_COUNT, &count)) {
        return FALSE;
    }
    *bracket = '\0';
    if (is->kind == BM_KIND_BUFFER) {
        is->width = count;
    } else {
        is->count = count;
    }
    return TRUE;
}

/* TYPE, TYPE[COUNT], TYPE/SENDER'S NAME or both. */
static gboolean parse_type(char *text, BmField *is, const char **sender)
{
    char *slash = strchr(text, '/'), *bracket;
    gboolean array = FALSE;
    char *end;

    if (slash) {
        *slash = '\0';
        *sender = slash + 1;
    }
    end = text + strlen(text);
    bracket = strchr(text, '[');
    array = bracket && end > bracket && end[-1] == ']';
    if (bracket && !array) {
        return FALSE;
    }
    if (bracket) {
        *bracket = '\0';
    }
    if (!find_type(text, is)) {
        return FALSE;
    }
    if (bracket) {
        *bracket = '[';
        return parse_count(bracket, is);
    }
    return TRUE;
}

/* NAME:TYPE=VALUE; names may have colons in them, types and values rarely do. */
static BmStateField *parse_field(char *text, GError **error)
{
    char *equal = strchr(text, '='), *colon;
    const char *sender = NULL;
    BmField is = {.count = 1};
    BmStateField *f;

    if (equal) {
        *equal = '\0';
    }
    colon = strrchr(text, ':');
    if (!equal || !colon || colon == text || !parse_type(colon + 1, &is, &sender)) {
        bad(error, text, "NAME:TYPE=VALUE, where TYPE is bool, uint32, int8[4], buffer[16] ...");
        return NULL;
    }
    *colon = '\0';
    is.name = text;
    is.type = sender;
    f = bm_state_field_new(&is);
    bm_state_field_clear(f);
    if (!bm_state_value_set(f, -1, equal + 1, error)) {
        g_clear_pointer(&f, bm_state_field_free);
    }
    return f;
}

static void free_field(gpointer p)
{
    bm_state_field_free(p);
}

GPtrArray *bm_fields_parse(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ";", -1);
    GPtrArray *fields = g_ptr_array_new_with_free_func(free_field);

    for (char **word = words; *word; word++) {
        BmStateField *f;

        g_strstrip(*word);
        if (!**word) {
            continue;
        }
        f = parse_field(*word, error);
        if (!f) {
            g_ptr_array_unref(fields);
            return NULL;
        }
        g_ptr_array_add(fields, f);
    }
    return fields;
}
