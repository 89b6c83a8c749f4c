/* SPDX-License-Identifier: BSD-2-Clause */
#include "state.h"

#include <string.h>

/* ---- structs ---- */

static void free_state(gpointer p)
{
    bm_state_free(p);
}

static void free_field(gpointer p)
{
    bm_state_field_free(p);
}

BmState *bm_state_new(const char *name, uint32_t version)
{
    BmState *s = g_new0(BmState, 1);

    s->name = g_strdup(name);
    s->version = version;
    s->fields = g_ptr_array_new_with_free_func(free_field);
    s->subsections = g_ptr_array_new_with_free_func(free_state);
    return s;
}

BmState *bm_state_new_of(const BmSchema *schema)
{
    BmState *s = bm_state_new(schema->name, schema->version);

    s->condition = g_strdup(schema->condition);
    s->droppable = schema->droppable;
    return s;
}

void bm_state_free(BmState *state)
{
    if (!state) {
        return;
    }
    g_free(state->name);
    g_free(state->condition);
    g_ptr_array_free(state->fields, TRUE);
    g_ptr_array_free(state->subsections, TRUE);
    g_free(state);
}

BmState *bm_state_copy(const BmState *state)
{
    BmState *copy = bm_state_new(state->name, state->version);

    copy->condition = g_strdup(state->condition);
    copy->droppable = state->droppable;
    for (guint i = 0; i < state->fields->len; i++) {
        g_ptr_array_add(copy->fields, bm_state_field_copy(state->fields->pdata[i]));
    }
    for (guint i = 0; i < state->subsections->len; i++) {
        g_ptr_array_add(copy->subsections, bm_state_copy(state->subsections->pdata[i]));
    }
    return copy;
}

/* ---- fields ---- */

BmStateField *bm_state_field_new(const BmField *is)
{
    BmStateField *f = g_new0(BmStateField, 1);

    f->is = *is;
    f->is.name = g_strdup(is->name);
    f->is.type = g_strdup(is->type);
    f->is.condition = g_strdup(is->condition);
    f->is.elements = NULL;
    f->is.n_elements = 0;
    f->scalars = g_array_new(FALSE, TRUE, sizeof(BmStateScalar));
    f->octets = g_byte_array_new();
    f->structs = g_ptr_array_new_with_free_func(free_state);
    return f;
}

void bm_state_field_free(BmStateField *field)
{
    if (!field) {
        return;
    }
    g_free((char *)field->is.name);
    g_free((char *)field->is.type);
    g_free((char *)field->is.condition);
    g_array_free(field->scalars, TRUE);
    g_byte_array_unref(field->octets);
    g_ptr_array_free(field->structs, TRUE);
    g_free(field);
}

BmStateField *bm_state_field_copy(const BmStateField *field)
{
    BmStateField *copy = bm_state_field_new(&field->is);

    g_array_append_vals(copy->scalars, field->scalars->data, field->scalars->len);
    g_byte_array_append(copy->octets, field->octets->data, field->octets->len);
    for (guint i = 0; i < field->structs->len; i++) {
        g_ptr_array_add(copy->structs, bm_state_copy(field->structs->pdata[i]));
    }
    return copy;
}

void bm_state_field_rename(BmStateField *field, const char *name)
{
    char *old = (char *)field->is.name;

    field->is.name = g_strdup(name);
    g_free(old);
}

void bm_state_field_retype(BmStateField *field, const char *type)
{
    char *old = (char *)field->is.type;

    field->is.type = g_strdup(type);
    g_free(old);
}

static void clear_scalars(BmStateField *field, BmScalarType type)
{
    g_array_set_size(field->scalars, 0);
    g_array_set_size(field->scalars, field->is.count);
    for (guint i = 0; i < field->scalars->len; i++) {
        g_array_index(field->scalars, BmStateScalar, i).type = type;
    }
}

static void clear_octets(BmStateField *field)
{
    size_t len = (size_t)field->is.width * field->is.count;

    g_byte_array_set_size(field->octets, (guint)len);
    if (len > 0) {
        memset(field->octets->data, 0, len);
    }
}

void bm_state_field_clear(BmStateField *field)
{
    gboolean packed = bm_field_is_packed(&field->is);

    switch (field->is.kind) {
    case BM_KIND_STRUCT:
    case BM_KIND_LIST:
        break;
    case BM_KIND_POINTER:
        clear_scalars(field, BM_SCALAR_NULL);
        break;
    case BM_KIND_BOOLEAN:
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
        if (!packed) {
            clear_scalars(field, field->is.kind == BM_KIND_BOOLEAN    ? BM_SCALAR_BOOLEAN
                                 : field->is.kind == BM_KIND_UNSIGNED ? BM_SCALAR_UNSIGNED
                                                                      : BM_SCALAR_SIGNED);
            break;
        }
        clear_octets(field);
        break;
    default:
        clear_octets(field);
    }
}

/* ---- fields of a struct ---- */

int bm_state_index(const BmState *state, const char *name)
{
    for (guint i = 0; i < state->fields->len; i++) {
        const BmStateField *f = state->fields->pdata[i];

        if (!strcmp(f->is.name, name)) {
            return (int)i;
        }
    }
    return -1;
}

void bm_state_insert(BmState *state, int at, BmStateField *field)
{
    g_ptr_array_insert(state->fields, at, field);
}

BmStateField *bm_state_steal(BmState *state, int at)
{
    return g_ptr_array_steal_index(state->fields, (guint)at);
}

/* ---- schemas ---- */

static gboolean same_elements(const BmStateField *f, const BmSchema **elements, GError **error)
{
    for (guint i = 1; i < f->structs->len; i++) {
        if (elements[i] != elements[0]) {
            return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, f->is.name,
                                "the elements of an array differ");
        }
    }
    return TRUE;
}

static gboolean check_elements(const BmStateField *f, const BmSchema **elements, GError **error)
{
    if (f->is.kind != BM_KIND_STRUCT) {
        return f->is.kind == BM_KIND_LIST || f->structs->len == 0 ||
               bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, f->is.name,
                            "a field that is no struct has one");
    }
    if (f->structs->len != f->is.count) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, f->is.name,
                            "%u structs, its description says %u", f->structs->len, f->is.count);
    }
    return same_elements(f, elements, error);
}

static gboolean add_field(const BmStateField *f, BmSchemaSet *set, BmSchemaBuilder *b,
                          GError **error)
{
    g_autofree const BmSchema **elements = g_new0(const BmSchema *, f->structs->len + 1);
    BmField is = f->is;

    for (guint i = 0; i < f->structs->len; i++) {
        elements[i] = bm_state_schema(f->structs->pdata[i], set, error);
        if (!elements[i]) {
            return FALSE;
        }
    }
    if (!check_elements(f, elements, error)) {
        return FALSE;
    }
    is.elements = elements;
    is.n_elements = f->is.kind == BM_KIND_STRUCT ? 1 : f->structs->len;
    bm_schema_builder_field(b, &is);
    return TRUE;
}

static gboolean add_members(const BmState *state, BmSchemaSet *set, BmSchemaBuilder *b,
                            GError **error)
{
    for (guint i = 0; i < state->fields->len; i++) {
        if (!add_field(state->fields->pdata[i], set, b, error)) {
            return FALSE;
        }
    }
    for (guint i = 0; i < state->subsections->len; i++) {
        const BmSchema *s = bm_state_schema(state->subsections->pdata[i], set, error);

        if (!s) {
            return FALSE;
        }
        bm_schema_builder_subsection(b, s);
    }
    return TRUE;
}

const BmSchema *bm_state_schema(const BmState *state, BmSchemaSet *set, GError **error)
{
    BmSchemaBuilder *b = bm_schema_builder_new(state->name, state->version);

    bm_schema_builder_option(b, state->condition, state->droppable);
    if (!add_members(state, set, b, error)) {
        bm_schema_builder_free(b);
        return NULL;
    }
    return bm_schema_set_intern(set, b, error);
}

/* ---- copies of schemas ---- */

static const BmSchema *copy_schema(const BmSchema *schema, BmSchemaSet *set, GHashTable *done,
                                   GError **error);

static gboolean copy_field(const BmField *f, BmSchemaSet *set, BmSchemaBuilder *b, GHashTable *done,
                           GError **error)
{
    g_autofree const BmSchema **elements = g_new0(const BmSchema *, f->n_elements + 1);
    BmField copy = *f;

    for (uint32_t i = 0; i < f->n_elements; i++) {
        elements[i] = copy_schema(f->elements[i], set, done, error);
        if (!elements[i]) {
            return FALSE;
        }
    }
    copy.elements = elements;
    bm_schema_builder_field(b, &copy);
    return TRUE;
}

static gboolean copy_members(const BmSchema *schema, BmSchemaSet *set, BmSchemaBuilder *b,
                             GHashTable *done, GError **error)
{
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (!copy_field(&schema->fields[i], set, b, done, error)) {
            return FALSE;
        }
    }
    for (uint32_t i = 0; i < schema->n_subsections; i++) {
        const BmSchema *s = copy_schema(schema->subsections[i], set, done, error);

        if (!s) {
            return FALSE;
        }
        bm_schema_builder_subsection(b, s);
    }
    return TRUE;
}

/* Schemas share their children, so that each is copied but once. */
static const BmSchema *copy_schema(const BmSchema *schema, BmSchemaSet *set, GHashTable *done,
                                   GError **error)
{
    const BmSchema *copy = g_hash_table_lookup(done, schema);
    BmSchemaBuilder *b;

    if (copy) {
        return copy;
    }
    b = bm_schema_builder_new(schema->name, schema->version);
    bm_schema_builder_minimum(b, schema->minimum);
    bm_schema_builder_option(b, schema->condition, schema->droppable);
    if (!copy_members(schema, set, b, done, error)) {
        bm_schema_builder_free(b);
        return NULL;
    }
    copy = bm_schema_set_intern(set, b, error);
    if (copy) {
        g_hash_table_insert(done, (gpointer)schema, (gpointer)copy);
    }
    return copy;
}

const BmSchema *bm_schema_copy(const BmSchema *schema, BmSchemaSet *set, GError **error)
{
    g_autoptr(GHashTable) done = g_hash_table_new(NULL, NULL);

    return copy_schema(schema, set, done, error);
}
