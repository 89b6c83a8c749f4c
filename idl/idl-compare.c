/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Can what was written then be read now?
 *
 * Fields are found by name, so that their order does not matter.  What changed
 * so that old streams cannot be read is allowed only when old streams are
 * refused honestly: when the minimum version has risen above theirs.
 */
#include "idl-stored.h"

#include <stdarg.h>
#include <string.h>

typedef struct Pair {
    IdlModel *model;
    GKeyFile *then, *now;
    IdlStruct *s;
    uint64_t version; /* then */
    char **names;     /* of the fields then */
    IdlField *field;
    char *group; /* of the field */
} Pair;

/* The key of the field then or now, NULL if it has none. */
static char *get(GKeyFile *file, const Pair *p, const char *key)
{
    return g_key_file_get_string(file, p->group, key, NULL);
}

static uint64_t get_number(GKeyFile *file, const Pair *p, const char *key, uint64_t otherwise)
{
    return g_key_file_has_key(file, p->group, key, NULL)
               ? g_key_file_get_uint64(file, p->group, key, NULL)
               : otherwise;
}

#define CANNOT "a stored stream cannot be read any more. "

static char *way_out(const Pair *p)
{
    if (p->s->version == p->version) {
        return g_strdup("Add a field with a new name, or raise the version.");
    }
    return g_strdup_printf("Add a field with a new name, or refuse version %" G_GUINT64_FORMAT
                           " with BM_MINIMUM(%" G_GUINT64_FORMAT ").",
                           p->version, p->s->version);
}

G_GNUC_PRINTF(2, 3)
static void broken(const Pair *p, const char *format, ...)
{
    char *way = way_out(p), *text;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    idl_problem(p->model, p->s, p->field, "%s; " CANNOT "%s", text, way);
    g_free(text);
    g_free(way);
}

/* ---- fields of both ---- */

static void compare_type(const Pair *p)
{
    char *then = get(p->then, p, IDL_KEY_TYPE), *now = get(p->now, p, IDL_KEY_TYPE);

    if (g_strcmp0(then, now)) {
        broken(p, "type changed from %s to %s", then, now);
    }
    g_free(then);
    g_free(now);
}

static void compare_elements(const Pair *p)
{
    uint64_t then = get_number(p->then, p, IDL_KEY_ELEMENTS, 1);
    uint64_t now = get_number(p->now, p, IDL_KEY_ELEMENTS, 1);
    char *by_then = get(p->then, p, IDL_KEY_COUNTED), *by_now = get(p->now, p, IDL_KEY_COUNTED);

    if (g_strcmp0(by_then, by_now)) {
        broken(p, "its number of elements was %s and is now %s", by_then ? by_then : "fixed",
               by_now ? by_now : "fixed");
    } else if ((by_now || idl_field_is_list(p->field)) && now < then) {
        broken(p,
               "it had at most %" G_GUINT64_FORMAT
               " elements and has now at most %" G_GUINT64_FORMAT,
               then, now);
    } else if (!by_now && !idl_field_is_list(p->field) && now != then) {
        broken(p, "it had %" G_GUINT64_FORMAT " elements and has now %" G_GUINT64_FORMAT, then,
               now);
    }
    g_free(by_then);
    g_free(by_now);
}

static void compare_size(const Pair *p)
{
    uint64_t then = get_number(p->then, p, IDL_KEY_SIZE, 0);
    uint64_t now = get_number(p->now, p, IDL_KEY_SIZE, 0);

    if (p->field->is_string ? now < then : now != then) {
        broken(p, "its size changed from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " %s", then,
               now, p->field->bitmap ? "bits" : "octets");
    }
}

static void compare_default(const Pair *p)
{
    char *then = get(p->then, p, IDL_KEY_DEFAULT), *now = get(p->now, p, IDL_KEY_DEFAULT);

    if (then && !now) {
        broken(p, "its default %s is gone, and a stream without it means that", then);
    } else if (then && now && strcmp(then, now)) {
        idl_problem(p->model, p->s, p->field,
                    "default changed from %s to %s; a stored stream without it means %s. Never "
                    "change a default without renaming the field: it is ABI.",
                    then, now, then);
    } else if (now && !then && p->s->version == p->version) {
        idl_problem(p->model, p->s, p->field,
                    "a default is new, so that it is not always sent; readers of version "
                    "%" G_GUINT64_FORMAT " expect it. Raise the version.",
                    p->version);
    }
    g_free(then);
    g_free(now);
}

static void compare_optional(const Pair *p)
{
    char *then = get(p->then, p, IDL_KEY_OPTIONAL), *now = get(p->now, p, IDL_KEY_OPTIONAL);

    if (then && !now && !p->field->default_value) {
        broken(p, "it was optional (%s) and is now always expected", then);
    } else if (then && now && strcmp(then, now)) {
        broken(p, "it was sent when %s and is now sent when %s", then, now);
    } else if (now && !then && p->s->version == p->version) {
        idl_problem(p->model, p->s, p->field,
                    "it is now optional, so that it is not always sent; readers of version "
                    "%" G_GUINT64_FORMAT " expect it. Raise the version.",
                    p->version);
    }
    g_free(then);
    g_free(now);
}

static void compare_subsection(const Pair *p)
{
    char *then = get(p->then, p, IDL_KEY_IN), *now = get(p->now, p, IDL_KEY_IN);

    if (g_strcmp0(then, now)) {
        broken(p, "it was in %s and is now in %s", then ? then : "the struct itself",
               now ? now : "the struct itself");
    }
    g_free(then);
    g_free(now);
}

static void compare_since(const Pair *p)
{
    uint64_t then = get_number(p->then, p, IDL_KEY_SINCE, 1);
    uint64_t now = get_number(p->now, p, IDL_KEY_SINCE, 1);

    if (then != now) {
        broken(p, "its first version changed from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
               then, now);
    }
}

static void compare_field(const Pair *p)
{
    guint problems = p->model->problems->len;

    compare_type(p);
    if (p->model->problems->len == problems) {
        compare_elements(p);
        compare_size(p);
        compare_default(p);
        compare_optional(p);
        compare_since(p);
        compare_subsection(p);
    }
}

/* ---- fields of one of them ---- */

static gboolean was_sent(const Pair *p, const char *name)
{
    char *group = idl_field_group(p->s->device, name);
    gboolean sent = g_key_file_has_key(p->then, group, IDL_KEY_TYPE, NULL);

    g_free(group);
    return sent;
}

static gboolean same_value(const Pair *p, const char *group, const char *other, const char *key)
{
    char *then = g_key_file_get_string(p->then, group, key, NULL);
    char *now = g_key_file_get_string(p->now, other, key, NULL);
    gboolean same = g_strcmp0(then, now) == 0;

    g_free(then);
    g_free(now);
    return same;
}

/* The field that has taken the place of the one that is gone: a new name of the
 * same type at the same place.  NULL if there is none. */
static IdlField *find_renamed(const Pair *p, guint place)
{
    IdlField *field = place < p->s->fields->len ? p->s->fields->pdata[place] : NULL;
    char *other;
    gboolean same;

    if (!field || field->marker || g_strv_contains((const char *const *)p->names, field->name)) {
        return NULL;
    }
    other = idl_field_group(p->s->device, field->name);
    same = same_value(p, p->group, other, IDL_KEY_TYPE) &&
           same_value(p, p->group, other, IDL_KEY_ELEMENTS);
    g_free(other);
    return same ? field : NULL;
}

/* Old streams can be loaded then, but not as they were meant. */
G_GNUC_PRINTF(2, 3)
static void lost(const Pair *p, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    idl_problem(p->model, p->s, p->field,
                "%s; what a stored stream has in it would be lost. Keep it, or raise the version "
                "and refuse version %" G_GUINT64_FORMAT " with BM_MINIMUM(%" G_GUINT64_FORMAT ").",
                text, p->version, p->version + 1);
    g_free(text);
}

static void compare_gone(Pair *p, guint place, GHashTable *renamed)
{
    const char *name = p->names[place];
    IdlField *instead = p->field ? NULL : find_renamed(p, place);

    if (p->field) {
        lost(p, "it was sent and is now %s", p->field->marker);
    } else if (instead) {
        g_hash_table_add(renamed, instead);
        p->field = instead;
        broken(p, "renamed from %s", name);
    } else {
        lost(p, "the field %s is gone", name);
    }
}

/* None of its members was sent: an old stream is one that did not need it. */
static gboolean is_in_new_subsection(const Pair *p, const IdlField *field)
{
    for (guint i = 0; field->in && p->names[i]; i++) {
        char *group = idl_field_group(p->s->device, p->names[i]);
        char *in = g_key_file_get_string(p->then, group, IDL_KEY_IN, NULL);
        gboolean same = g_strcmp0(in, field->in) == 0;

        g_free(in);
        g_free(group);
        if (same) {
            return FALSE;
        }
    }
    return field->in != NULL;
}

static void compare_new(Pair *p, GHashTable *renamed)
{
    for (guint i = 0; i < p->s->fields->len; i++) {
        IdlField *f = p->s->fields->pdata[i];

        if (!f->marker && !was_sent(p, f->name) && !g_hash_table_contains(renamed, f) &&
            !f->default_value && !f->optional && !f->counter_of_optional &&
            !is_in_new_subsection(p, f) && f->since <= p->version) {
            idl_problem(p->model, p->s, f,
                        "a new field that is always expected, and a stored stream does not have "
                        "it. Give it BM_DEFAULT, BM_OPTIONAL or BM_VERSION(%" G_GUINT64_FORMAT ").",
                        MAX(p->version + 1, p->s->version));
        }
    }
}

static void compare_fields(Pair *p)
{
    GHashTable *renamed = g_hash_table_new(NULL, NULL);

    for (guint i = 0; p->names[i]; i++) {
        p->group = idl_field_group(p->s->device, p->names[i]);
        p->field = idl_struct_field(p->s, p->names[i]);
        if (!was_sent(p, p->names[i])) {
            /* whatever it is now, streams do not have it: compare_new() */
        } else if (p->field && !p->field->marker) {
            compare_field(p);
        } else {
            compare_gone(p, i, renamed);
        }
        g_free(p->group);
    }
    compare_new(p, renamed);
    g_hash_table_unref(renamed);
}

/* ---- structs ---- */

static void compare_struct(Pair *p, const char *group)
{
    p->version = g_key_file_get_uint64(p->then, group, IDL_KEY_VERSION, NULL);
    if (p->s->version < p->version) {
        idl_problem(p->model, p->s, NULL,
                    "the version went back from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                    "; a stored stream would be refused. Versions only rise.",
                    p->version, p->s->version);
    } else if (p->s->minimum_version <= p->version) {
        p->names = idl_stored_fields(p->then, p->s->device);
        compare_fields(p);
        g_strfreev(p->names);
    }
}

static void compare_gone_struct(IdlModel *model, GKeyFile *then, const char *group)
{
    char *name = g_key_file_get_string(then, group, IDL_KEY_STRUCT, NULL);
    char *text = g_strdup_printf("%s: no struct has BM_DEVICE(\"%s\") any more; a stored stream "
                                 "that has it cannot be read. The name of a device is ABI.",
                                 name ? name : "?", group + strlen(IDL_STRUCT_GROUP));

    idl_problem_at(model, model->header, 1, text);
    g_free(text);
    g_free(name);
}

void idl_compare(IdlModel *model, GKeyFile *then, GKeyFile *now)
{
    char **groups = g_key_file_get_groups(then, NULL);

    for (guint i = 0; groups[i]; i++) {
        Pair p = {.model = model, .then = then, .now = now};

        if (!g_str_has_prefix(groups[i], IDL_STRUCT_GROUP)) {
            continue;
        }
        p.s = idl_model_device(model, groups[i] + strlen(IDL_STRUCT_GROUP));
        if (p.s) {
            compare_struct(&p, groups[i]);
        } else {
            compare_gone_struct(model, then, groups[i]);
        }
    }
    g_strfreev(groups);
}
