/* SPDX-License-Identifier: BSD-2-Clause */
/*
 *   {"vmschkmachine": {"Name": "pc-i440fx-7.2"},
 *    "e1000": {"Name": "e1000", "version_id": 2, "minimum_version_id": 1,
 *              "Description": {"name": "e1000", "version_id": 2, "minimum_version_id": 1,
 *                "Fields": [{"field": "parent_obj", "version_id": 0, "field_exists": false,
 *                            "size": 2608, "Description": {...}}, ...],
 *                "Subsections": [{"name": "e1000/mit_state", ...}]}}}
 *
 * A size is one of memory: of a struct it means nothing.  "field_exists": the
 * field has a condition.  "version_id" of a field: the first one that has it.
 */
#include "vmstate-dump.h"

#include <cJSON.h>
#include <string.h>

typedef struct Dump {
    GString *path;
    unsigned depth;
    GError **error;
} Dump;

static const BmShape *bad(Dump *d, const char *what)
{
    bm_error_set(d->error, BM_BAD_VALUE, BM_NO_OFFSET, d->path->str, "%s", what);
    return NULL;
}

static const char *text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* 0 if it is missing or no such number. */
static uint64_t number_of(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

    return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= UINT32_MAX
               ? (uint64_t)item->valuedouble
               : 0;
}

/* Only what `bermig describe` prints has the types of fields. */
static gboolean is_sample(const cJSON *fields)
{
    return cJSON_GetObjectItemCaseSensitive(fields ? fields->child : NULL, "type") != NULL;
}

/* ---- names ---- */

/* Entries of one name, as QEMU counts them. */
typedef struct Names {
    GHashTable *total, *seen; /* name to number */
} Names;

static void count(GHashTable *table, const char *name)
{
    guint n = GPOINTER_TO_UINT(g_hash_table_lookup(table, name));

    g_hash_table_insert(table, (gpointer)name, GUINT_TO_POINTER(n + 1));
}

static void names_init(Names *names, const cJSON *fields)
{
    const cJSON *item;

    names->total = g_hash_table_new(g_str_hash, g_str_equal);
    names->seen = g_hash_table_new(g_str_hash, g_str_equal);
    cJSON_ArrayForEach(item, fields)
    {
        const char *name = text_of(item, "field");

        if (name) {
            count(names->total, name);
        }
    }
}

static void names_clear(Names *names)
{
    g_hash_table_unref(names->total);
    g_hash_table_unref(names->seen);
}

/* What QEMU calls the field in the description of a stream: where a struct has
 * several of a name, all but their number is the same. */
static char *name_in_stream(Names *names, const char *name)
{
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(names->seen, name));

    if (GPOINTER_TO_UINT(g_hash_table_lookup(names->total, name)) < 2) {
        return g_strdup(name);
    }
    count(names->seen, name);
    return g_strdup_printf("%s[%u]", name, number);
}

/* ---- one description ---- */

static const BmShape *parse_shape(Dump *d, const cJSON *object, gboolean conditional);

static gboolean parse_field(Dump *d, BmShapeBuilder *b, Names *names, const cJSON *object)
{
    g_autofree char *name = NULL;
    const cJSON *element = cJSON_GetObjectItemCaseSensitive(object, "Description");
    BmShapeField field = {
        .name = text_of(object, "field"),
        .since = (uint32_t)number_of(object, "version_id"),
        .conditional = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, "field_exists")),
        .size = number_of(object, "size"),
    };

    if (!field.name) {
        return bad(d, "a field without a name") != NULL;
    }
    field.name = name = name_in_stream(names, field.name);
    if (element) {
        gsize before = d->path->len;

        g_string_append_printf(d->path, ".%s", field.name);
        field.element = parse_shape(d, element, FALSE);
        g_string_truncate(d->path, before);
        if (!field.element) {
            return FALSE;
        }
    }
    bm_shape_builder_field(b, &field);
    bm_shape_unref(field.element);
    return TRUE;
}

static gboolean parse_subsection(Dump *d, BmShapeBuilder *b, const cJSON *object)
{
    const BmShape *shape = parse_shape(d, object, TRUE);

    if (shape) {
        bm_shape_builder_subsection(b, shape);
        bm_shape_unref(shape);
    }
    return shape != NULL;
}

static gboolean parse_fields(Dump *d, BmShapeBuilder *b, const cJSON *fields)
{
    gboolean ok = TRUE;
    const cJSON *item;
    Names names;

    names_init(&names, fields);
    cJSON_ArrayForEach(item, fields)
    {
        ok = ok && parse_field(d, b, &names, item);
    }
    names_clear(&names);
    return ok;
}

static gboolean parse_subsections(Dump *d, BmShapeBuilder *b, const cJSON *subs)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, subs)
    {
        if (!parse_subsection(d, b, item)) {
            return FALSE;
        }
    }
    return TRUE;
}

static const BmShape *parse_shape(Dump *d, const cJSON *object, gboolean conditional)
{
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(object, "Fields");
    const cJSON *subs = cJSON_GetObjectItemCaseSensitive(object, "Subsections");
    const BmShape head = {
        .name = text_of(object, "name"),
        .version = (uint32_t)number_of(object, "version_id"),
        .minimum = is_sample(fields) ? 0 : (uint32_t)number_of(object, "minimum_version_id"),
        .sampled = is_sample(fields),
        .conditional = conditional,
    };
    const BmShape *shape;
    BmShapeBuilder *b;
    gboolean ok;

    if (!head.name) {
        return bad(d, "a description without a name");
    }
    if (d->depth >= BM_LIMIT_DEPTH) {
        return bad(d, "descriptions nested too deeply");
    }
    b = bm_shape_builder_new(&head);
    d->depth++;
    ok = parse_fields(d, b, fields) && parse_subsections(d, b, subs);
    d->depth--;
    shape = bm_shape_builder_end(b);
    if (!ok) {
        bm_shape_unref(shape);
        return NULL;
    }
    return shape;
}

/* ---- the list ---- */

static gboolean parse_type(Dump *d, const cJSON *item, BmExpect *e)
{
    const cJSON *description = cJSON_GetObjectItemCaseSensitive(item, "Description");
    const BmShape *shape;

    g_string_assign(d->path, item->string);
    if (!strcmp(item->string, "vmschkmachine")) {
        const char *name = text_of(item, "Name");

        if (name) {
            bm_expect_set_machine(e, name);
        }
        return name || bad(d, "a machine without a name");
    }
    if (!description) {
        return TRUE; /* in what `bermig describe` prints: carried as octets */
    }
    shape = parse_shape(d, description, FALSE);
    if (shape) {
        bm_expect_add_type(e, shape);
        bm_shape_unref(shape);
    }
    return shape != NULL;
}

gboolean bm_vmstate_dump_parse(const char *text, size_t len, BmExpect *e, GError **error)
{
    Dump d = {.path = g_string_new(NULL), .error = error};
    cJSON *top = cJSON_ParseWithLength(text, len);
    gboolean ok = cJSON_IsObject(top);
    const cJSON *item;

    if (!ok) {
        bad(&d, "not the JSON that -dump-vmstate writes");
    }
    cJSON_ArrayForEach(item, top)
    {
        ok = ok && parse_type(&d, item, e);
    }
    if (ok && bm_expect_is_empty(e)) {
        ok = bad(&d, "no description of a machine") != NULL;
    }
    cJSON_Delete(top);
    g_string_free(d.path, TRUE);
    return ok;
}
