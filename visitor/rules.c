/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules.h"

#include <stddef.h>
#include <string.h>

#include "transform-impl.h"

struct BmRules {
    GStringChunk *strings;
    GArray *steps;         /* BmStep */
    GPtrArray *transforms; /* BmTransform[2] per step, the second one ends the list */
};

typedef enum KeyType { KEY_TEXT, KEY_NUMBER, KEY_BOOLEAN } KeyType;

typedef struct Key {
    const char *name;
    KeyType type;
    size_t offset;
    uint32_t bit; /* 0: with all operations */
    uint32_t min, max;
} Key;

#define MEMBER(member) offsetof(BmTransform, member)

static const Key keys[] = {
    {"device", KEY_TEXT, MEMBER(device)},
    {"instance", KEY_TEXT, MEMBER(instance)},
    {"consent", KEY_BOOLEAN, MEMBER(consent)},
    {"optional", KEY_BOOLEAN, MEMBER(optional)},
    {"one-way", KEY_BOOLEAN, MEMBER(one_way)},
    {"in", KEY_TEXT, MEMBER(in), BM_KEY_IN},
    {"name", KEY_TEXT, MEMBER(name), BM_KEY_NAME},
    {"to", KEY_TEXT, MEMBER(to), BM_KEY_TO},
    {"to-in", KEY_TEXT, MEMBER(to_in), BM_KEY_TO_IN},
    {"before", KEY_TEXT, MEMBER(before), BM_KEY_BEFORE},
    {"back-before", KEY_TEXT, MEMBER(back_before), BM_KEY_BACK_BEFORE},
    {"parts", KEY_TEXT, MEMBER(parts), BM_KEY_PARTS},
    {"fields", KEY_TEXT, MEMBER(fields), BM_KEY_FIELDS},
    {"value", KEY_TEXT, MEMBER(value), BM_KEY_VALUE},
    {"back-value", KEY_TEXT, MEMBER(back_value), BM_KEY_BACK_VALUE},
    {"type", KEY_TEXT, MEMBER(type), BM_KEY_TYPE},
    {"back-type", KEY_TEXT, MEMBER(back_type), BM_KEY_BACK_TYPE},
    {"width", KEY_NUMBER, MEMBER(width), BM_KEY_WIDTH, 1, 8},
    {"back-width", KEY_NUMBER, MEMBER(back_width), BM_KEY_BACK_WIDTH, 1, 8},
    {"version", KEY_NUMBER, MEMBER(version), BM_KEY_VERSION, 0, G_MAXUINT32},
    {"back-version", KEY_NUMBER, MEMBER(back_version), BM_KEY_BACK_VERSION, 0, G_MAXUINT32},
    {"code", KEY_NUMBER, MEMBER(code), BM_KEY_CODE, 0, G_MAXUINT16},
};

/* One group being read. */
typedef struct Group {
    BmRules *rules;
    GKeyFile *file;
    const char *name;
    BmStep step;
    BmTransform *t;
    uint32_t given;
    GError **error;
} Group;

static gboolean G_GNUC_PRINTF(3, 4) fail(const Group *g, const char *key, const char *format, ...)
{
    g_autofree char *path = g_strdup_printf("[%s]%s%s", g->name, *key ? " " : "", key);
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return bm_error_set(g->error, BM_BAD_VALUE, BM_NO_OFFSET, path, "%s", text);
}

static const char *keep(const Group *g, const char *text)
{
    return g_string_chunk_insert(g->rules->strings, text);
}

/* ---- one key ---- */

static gboolean take_number(Group *g, const Key *key, const char *text)
{
    guint64 n;

    if (!g_ascii_string_to_unsigned(text, 10, key->min, key->max, &n, NULL)) {
        return fail(g, key->name, "'%s' is no number from %u to %u", text, key->min, key->max);
    }
    *(uint32_t *)((char *)g->t + key->offset) = (uint32_t)n;
    return TRUE;
}

static gboolean take_boolean(Group *g, const Key *key, const char *text)
{
    gboolean yes = !strcmp(text, "yes") || !strcmp(text, "true");

    if (!yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0) {
        return fail(g, key->name, "'%s' is neither yes nor no", text);
    }
    *(gboolean *)((char *)g->t + key->offset) = yes;
    return TRUE;
}

static gboolean take_value(Group *g, const Key *key, const char *text)
{
    const BmOperation *operation = g->t->operation;

    if (key->bit != 0 && !(key->bit & (operation->needs | operation->takes))) {
        return fail(g, key->name, "means nothing for %s", operation->name);
    }
    g->given |= key->bit;
    switch (key->type) {
    case KEY_NUMBER:
        return take_number(g, key, text);
    case KEY_BOOLEAN:
        return take_boolean(g, key, text);
    default:
        *(const char **)((char *)g->t + key->offset) = keep(g, text);
        return TRUE;
    }
}

static const Key *find_key(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (!strcmp(keys[i].name, name)) {
            return &keys[i];
        }
    }
    return NULL;
}

static gboolean take_key(Group *g, const char *name)
{
    const Key *key = find_key(name);
    g_autoptr(GError) wrong = NULL;
    g_autofree char *text = NULL;

    if (!strcmp(name, "level") || !strcmp(name, "operation")) {
        return TRUE; /* taken already */
    }
    if (!key) {
        return fail(g, name, "there is no such key");
    }
    text = g_key_file_get_string(g->file, g->name, name, &wrong);
    return text ? take_value(g, key, text) : fail(g, name, "%s", wrong->message);
}

/* ---- one group ---- */

static gboolean take_operation(Group *g)
{
    g_autofree char *name = g_key_file_get_string(g->file, g->name, "operation", NULL);

    if (!name) {
        return fail(g, "operation", "is missing");
    }
    g->t->operation = bm_operation_find(name);
    if (!g->t->operation || g->t->operation->needs & BM_KEY_CALL) {
        return fail(g, "operation", "there is no operation '%s'", name);
    }
    return TRUE;
}

static gboolean take_level(Group *g)
{
    g_autofree char *text = g_key_file_get_string(g->file, g->name, "level", NULL);
    g_auto(GStrv) levels = text ? g_strsplit(text, ":", -1) : NULL;

    if (!text) {
        return TRUE;
    }
    if (g_strv_length(levels) != 2 || !*levels[0] || !*levels[1] || !strcmp(levels[0], levels[1])) {
        return fail(g, "level", "'%s' is not two levels, as in 10.0:9.2", text);
    }
    g->step.from = keep(g, levels[0]);
    g->step.to = keep(g, levels[1]);
    return TRUE;
}

static gboolean check_needs(const Group *g)
{
    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (keys[i].bit & g->t->operation->needs & ~g->given) {
            return fail(g, keys[i].name, "is missing, %s needs it", g->t->operation->name);
        }
    }
    return TRUE;
}

/* What is wrong in the small texts is better said before a stream is read. */
static gboolean check_texts(const Group *g)
{
    g_autoptr(GError) wrong = NULL;
    g_autoptr(GArray) parts = g->t->parts ? bm_parts_parse(g->t->parts, &wrong) : NULL;
    g_autoptr(GPtrArray) fields = NULL;
    guint64 n;

    if (g->t->parts && !parts) {
        return fail(g, "parts", "%s", wrong->message);
    }
    fields = g->t->fields ? bm_fields_parse(g->t->fields, &wrong) : NULL;
    if (g->t->fields && !fields) {
        return fail(g, "fields", "%s", wrong->message);
    }
    if (g->t->instance &&
        !g_ascii_string_to_unsigned(g->t->instance, 10, 0, G_MAXUINT32, &n, NULL)) {
        return fail(g, "instance", "'%s' is no number", g->t->instance);
    }
    return TRUE;
}

/* Without a device, all would go. */
static gboolean check_device(const Group *g)
{
    return g->t->device || !bm_transform_is_for_devices(g->t) || fail(g, "device", "is missing");
}

static gboolean take_keys(Group *g)
{
    g_auto(GStrv) names = g_key_file_get_keys(g->file, g->name, NULL, NULL);

    for (char **name = names; *name; name++) {
        if (!take_key(g, *name)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean take_group(BmRules *rules, GKeyFile *file, const char *name, GError **error)
{
    Group g = {.rules = rules, .file = file, .name = name, .error = error};

    g.t = g_new0(BmTransform, 2);
    g_ptr_array_add(rules->transforms, g.t);
    g.t->rule = keep(&g, name);
    g.step.transforms = g.t;
    if (!take_operation(&g) || !take_level(&g) || !take_keys(&g) || !check_needs(&g) ||
        !check_device(&g) || !check_texts(&g)) {
        return FALSE;
    }
    g_array_append_val(rules->steps, g.step);
    return TRUE;
}

/* ---- the whole text ---- */

/* GKeyFile would make one group of two with one name, and one rule would be
 * lost without a word. */
static gboolean check_groups(const char *text, gsize len, GError **error)
{
    g_autofree char *copy = g_strndup(text, len);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (char **line = lines; *line; line++) {
        g_strchomp(*line);
        if (**line == '[' && !g_hash_table_add(seen, *line)) {
            return bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, *line,
                                "there are two groups of this name");
        }
    }
    return TRUE;
}

static gboolean take_groups(BmRules *rules, GKeyFile *file, GError **error)
{
    g_auto(GStrv) names = g_key_file_get_groups(file, NULL);

    for (char **name = names; *name; name++) {
        if (!take_group(rules, file, *name, error)) {
            return FALSE;
        }
    }
    return rules->steps->len > 0 ||
           bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL, "there are no rules");
}

static gboolean parse(BmRules *rules, const char *text, gsize len, GError **error)
{
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) wrong = NULL;

    if (!g_key_file_load_from_data(file, text, len, G_KEY_FILE_NONE, &wrong)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL, "%s", wrong->message);
    }
    return check_groups(text, len, error) && take_groups(rules, file, error);
}

BmRules *bm_rules_parse(const char *text, gsize len, GError **error)
{
    BmRules *rules = g_new0(BmRules, 1);

    rules->strings = g_string_chunk_new(1024);
    rules->steps = g_array_new(FALSE, FALSE, sizeof(BmStep));
    rules->transforms = g_ptr_array_new_with_free_func(g_free);
    if (!parse(rules, text, len, error)) {
        g_clear_pointer(&rules, bm_rules_free);
    }
    return rules;
}

void bm_rules_free(BmRules *rules)
{
    if (!rules) {
        return;
    }
    g_string_chunk_free(rules->strings);
    g_array_free(rules->steps, TRUE);
    g_ptr_array_free(rules->transforms, TRUE);
    g_free(rules);
}

const BmStep *bm_rules_steps(const BmRules *rules, guint *n)
{
    *n = rules->steps->len;
    return (const BmStep *)(gpointer)rules->steps->data;
}

gboolean bm_rules_have_levels(const BmRules *rules)
{
    for (guint i = 0; i < rules->steps->len; i++) {
        if (g_array_index(rules->steps, BmStep, i).from) {
            return TRUE;
        }
    }
    return FALSE;
}
