/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema-impl.h"

#include <string.h>

struct BmSchemaBuilder {
    char *name;
    uint32_t version, minimum;
    char *condition;
    gboolean droppable;
    GArray *fields;      /* BmField */
    GPtrArray *elements; /* arrays that the fields point to */
    GPtrArray *subsections;
    GStringChunk *strings;
    gboolean full; /* more fields or subsections than there may be */
};

/* ---- the builder ---- */

BmSchemaBuilder *bm_schema_builder_new(const char *name, uint32_t version)
{
    BmSchemaBuilder *b = g_new0(BmSchemaBuilder, 1);

    b->name = g_strdup(name);
    b->version = version;
    b->minimum = version;
    b->fields = g_array_new(FALSE, FALSE, sizeof(BmField));
    b->elements = g_ptr_array_new_with_free_func(g_free);
    b->subsections = g_ptr_array_new();
    b->strings = g_string_chunk_new(512);
    return b;
}

void bm_schema_builder_free(BmSchemaBuilder *b)
{
    if (!b) {
        return;
    }
    g_free(b->name);
    g_free(b->condition);
    g_array_free(b->fields, TRUE);
    g_ptr_array_free(b->elements, TRUE);
    g_ptr_array_free(b->subsections, TRUE);
    g_string_chunk_free(b->strings);
    g_free(b);
}

void bm_schema_builder_field(BmSchemaBuilder *b, const BmField *field)
{
    BmField copy = *field;

    if (b->fields->len >= BM_LIMIT_FIELDS) {
        b->full = TRUE; /* told when interned; no more memory is taken till then */
        return;
    }
    copy.name = g_string_chunk_insert(b->strings, field->name);
    copy.type = field->type ? g_string_chunk_insert(b->strings, field->type) : NULL;
    copy.condition = field->condition ? g_string_chunk_insert(b->strings, field->condition) : NULL;
    copy.elements = NULL;
    if (field->n_elements > 0) {
        gpointer elements = g_memdup2(field->elements, field->n_elements * sizeof(gpointer));

        g_ptr_array_add(b->elements, elements);
        copy.elements = elements;
    }
    g_array_append_val(b->fields, copy);
}

void bm_schema_builder_subsection(BmSchemaBuilder *b, const BmSchema *subsection)
{
    if (b->subsections->len >= BM_LIMIT_FIELDS) {
        b->full = TRUE;
        return;
    }
    g_ptr_array_add(b->subsections, (gpointer)subsection);
}

void bm_schema_builder_minimum(BmSchemaBuilder *b, uint32_t minimum)
{
    b->minimum = minimum;
}

void bm_schema_builder_option(BmSchemaBuilder *b, const char *condition, gboolean droppable)
{
    g_free(b->condition);
    b->condition = g_strdup(condition);
    b->droppable = droppable;
}

BmField *bm_schema_builder_last(BmSchemaBuilder *b)
{
    return b->fields->len > 0 ? &g_array_index(b->fields, BmField, b->fields->len - 1) : NULL;
}

/* ---- equal contents ---- */

/* An order, and no hash: names are a stranger's, who can make any number of them
 * with one hash. */
static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

/* Schemas are interned already, so their addresses compare. */
static int compare_schemas(const BmSchema *const *a, const BmSchema *const *b, uint32_t n)
{
    return n == 0 ? 0 : memcmp(a, b, n * sizeof(*a));
}

static int compare_field(const BmField *a, const BmField *b)
{
    return strcmp(a->name, b->name) ?: compare_numbers(a->kind, b->kind)
           ?: compare_numbers(a->width, b->width) ?: compare_numbers(a->count, b->count)
           ?: compare_numbers(a->form, b->form) ?: compare_numbers(a->first, b->first)
           ?: g_strcmp0(a->type, b->type) ?: g_strcmp0(a->condition, b->condition)
           ?: compare_numbers(a->since, b->since)
           ?: compare_numbers(a->n_elements, b->n_elements)
           ?: compare_schemas(a->elements, b->elements, a->n_elements);
}

static int compare_heads(const BmSchema *a, const BmSchema *b)
{
    return strcmp(a->name, b->name) ?: compare_numbers(a->version, b->version)
           ?: compare_numbers(a->minimum, b->minimum)
           ?: compare_numbers(a->n_fields, b->n_fields)
           ?: compare_numbers(a->n_subsections, b->n_subsections)
           ?: compare_numbers(!a->droppable, !b->droppable)
           ?: g_strcmp0(a->condition, b->condition)
           ?: compare_schemas(a->subsections, b->subsections, a->n_subsections);
}

static int compare_schema(gconstpointer pa, gconstpointer pb)
{
    const BmSchema *a = pa, *b = pb;
    int order = compare_heads(a, b);

    for (uint32_t i = 0; order == 0 && i < a->n_fields; i++) {
        order = compare_field(&a->fields[i], &b->fields[i]);
    }
    return order;
}

/* ---- the set ---- */

static void free_interned(gpointer p)
{
    BmInterned *s = p;

    bm_kept_free(s->kept);
    g_free(s->alike);
    g_free(s);
}

BmSchemaSet *bm_schema_set_new(void)
{
    BmSchemaSet *set = g_new0(BmSchemaSet, 1);

    set->schemas = g_ptr_array_new_with_free_func(free_interned);
    set->contents = g_tree_new(compare_schema);
    return set;
}

void bm_schema_set_free(BmSchemaSet *set)
{
    if (!set) {
        return;
    }
    g_tree_unref(set->contents);
    g_ptr_array_free(set->schemas, TRUE);
    g_free(set->digest);
    g_free(set);
}

uint32_t bm_schema_set_size(const BmSchemaSet *set)
{
    return set->schemas->len;
}

const BmSchema *bm_schema_set_get(const BmSchemaSet *set, uint32_t number)
{
    return number < set->schemas->len ? set->schemas->pdata[number] : NULL;
}

gboolean bm_schema_set_has(const BmSchemaSet *set, const BmSchema *schema)
{
    return schema && schema->number < set->schemas->len &&
           set->schemas->pdata[schema->number] == schema;
}

/* ---- names alike ---- */

/* A struct that is not an element of an array. */
static gboolean is_single_struct(const BmField *f)
{
    return f->kind == BM_KIND_STRUCT && !bm_field_is_group(f) && f->form == BM_FORM_ARRAY &&
           f->first == 0;
}

static const char *component(const BmField *f)
{
    return is_single_struct(f) ? f->elements[0]->name : f->name;
}

static uint8_t *find_alike(const BmSchema *s)
{
    g_autoptr(GTree) seen = g_tree_new((GCompareFunc)strcmp);
    uint8_t *alike = g_new0(uint8_t, s->n_fields);
    gboolean any = FALSE;

    for (uint32_t i = 0; i < s->n_fields; i++) {
        gpointer first;
        const char *name = component(&s->fields[i]);

        if (g_tree_lookup_extended(seen, name, NULL, &first)) {
            alike[GPOINTER_TO_UINT(first)] = alike[i] = TRUE;
            any = TRUE;
        } else {
            g_tree_insert(seen, (gpointer)name, GUINT_TO_POINTER(i));
        }
    }
    if (!any) {
        g_clear_pointer(&alike, g_free);
    }
    return alike;
}

/* Found out when somebody asks: most schemas only pass through. */
static const uint8_t *alike_of(BmInterned *s)
{
    if (!s->alike_known) {
        s->alike = find_alike(&s->schema);
        s->alike_known = TRUE;
    }
    return s->alike;
}

gboolean bm_schema_named_by_type(const BmSchema *schema, const BmField *field)
{
    uintptr_t at = (uintptr_t)field - (uintptr_t)schema->fields;
    const uint8_t *alike;

    if (!is_single_struct(field)) {
        return FALSE;
    }
    alike = alike_of((BmInterned *)schema);
    return !alike || at >= schema->n_fields * sizeof(*field) || !alike[at / sizeof(*field)];
}

/* ---- interning ---- */

static const BmSchema **copy_schemas(const BmSchema **to, const BmSchema *const *from, uint32_t n)
{
    if (n > 0) {
        memcpy(to, from, n * sizeof(*to));
    }
    return to + n;
}

static size_t text_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

/* NULL stays NULL. */
static const char *copy_text(char **to, const char *from)
{
    size_t size = text_size(from);
    const char *copy = size > 0 ? memcpy(*to, from, size) : NULL;

    *to += size;
    return copy;
}

static size_t count_text(const BmSchema *s)
{
    size_t n = text_size(s->name) + text_size(s->condition);

    for (uint32_t i = 0; i < s->n_fields; i++) {
        const BmField *f = &s->fields[i];

        n += text_size(f->name) + text_size(f->type) + text_size(f->condition);
    }
    return n;
}

static size_t count_pointers(const BmSchema *s)
{
    size_t n = s->n_subsections;

    for (uint32_t i = 0; i < s->n_fields; i++) {
        n += s->fields[i].n_elements;
    }
    return n;
}

/* A copy in one block. */
static BmInterned *compact(BmSchemaSet *set, const BmSchema *s)
{
    size_t fields = s->n_fields * sizeof(BmField);
    size_t pointers = count_pointers(s) * sizeof(gpointer);
    size_t size = sizeof(BmInterned) + fields + pointers + count_text(s);
    BmInterned *copy = g_malloc(size);
    BmField *to = (BmField *)(copy + 1);
    const BmSchema **room = (const BmSchema **)(to + s->n_fields);
    char *text = (char *)room + pointers;

    set->memory += size;
    *copy = (BmInterned){.schema = *s};
    copy->schema.name = copy_text(&text, s->name);
    copy->schema.condition = copy_text(&text, s->condition);
    copy->schema.fields = to;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        const BmField *from = &s->fields[i];

        to[i] = *from;
        to[i].name = copy_text(&text, from->name);
        to[i].type = copy_text(&text, from->type);
        to[i].condition = copy_text(&text, from->condition);
        to[i].elements = from->n_elements > 0 ? room : NULL;
        room = copy_schemas(room, from->elements, from->n_elements);
    }
    copy->schema.subsections = s->n_subsections > 0 ? room : NULL;
    copy_schemas(room, s->subsections, s->n_subsections);
    return copy;
}

static const BmSchema *add(BmSchemaSet *set, const BmSchema *s, GError **error)
{
    BmSchemaMeasures m;
    BmInterned *copy;

    if (set->schemas->len >= BM_LIMIT_SCHEMAS) {
        bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "there are more than %u descriptions",
                     BM_LIMIT_SCHEMAS);
        return NULL;
    }
    /* One schema may exceed it: its record is limited. */
    if (set->memory > BM_LIMIT_SCHEMA_MEMORY) {
        bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                     "the descriptions take more than %u octets of memory", BM_LIMIT_SCHEMA_MEMORY);
        return NULL;
    }
    if (!bm_schema_measure(s, &m, error)) {
        return NULL;
    }
    copy = compact(set, s);
    copy->measures = m;
    copy->schema.number = set->schemas->len;
    copy->schema.kept = &copy->kept;
    g_ptr_array_add(set->schemas, copy);
    g_tree_insert(set->contents, copy, copy);
    return &copy->schema;
}

/* The type that follows from the kind is not kept, so that it makes no difference. */
static void drop_default_types(GArray *fields)
{
    for (guint i = 0; i < fields->len; i++) {
        BmField *f = &g_array_index(fields, BmField, i);

        if (f->type && !strcmp(f->type, bm_field_default_type(f))) {
            f->type = NULL;
        }
    }
}

static const BmSchema *intern(BmSchemaSet *set, const BmSchema *content, GError **error)
{
    const BmSchema *found = g_tree_lookup(set->contents, content);

    return found ? found : add(set, content, error);
}

const BmSchema *bm_schema_set_intern_content(BmSchemaSet *set, const BmSchema *content,
                                             GError **error)
{
    return bm_schema_check(set, content, FALSE, error) ? intern(set, content, error) : NULL;
}

const BmSchema *bm_schema_set_intern(BmSchemaSet *set, BmSchemaBuilder *b, GError **error)
{
    const BmSchema *found = NULL;

    drop_default_types(b->fields);
    BmSchema content = {
        .name = b->name,
        .version = b->version,
        .minimum = b->minimum,
        .fields = (const BmField *)(gpointer)b->fields->data,
        .n_fields = b->fields->len,
        .subsections = (const BmSchema *const *)b->subsections->pdata,
        .n_subsections = b->subsections->len,
        .condition = b->condition,
        .droppable = b->droppable,
    };
    if (bm_schema_check(set, &content, b->full, error)) {
        found = intern(set, &content, error);
    }
    bm_schema_builder_free(b);
    return found;
}
