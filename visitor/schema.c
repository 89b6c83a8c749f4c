/* SPDX-License-Identifier: BSD-2-Clause */
#include "schema.h"

#include <string.h>

/* Values that one schema may describe: none shorter than two octets in BER. */
#define MAX_VALUES (BM_LIMIT_RECORD / 2)

/* What can be asked often, and follows from the content. */
typedef struct Measures {
    unsigned depth;   /* containers that a visitor has open, see visitor.c */
    uint64_t values;  /* calls on a visitor, roughly */
    uint64_t entries; /* never more than values */
    uint64_t leaves, opaque;
    uint64_t size;
    gboolean has_size; /* FALSE: overflow */
} Measures;

/* One block: this, its fields, all pointers that schema and fields have. */
typedef struct Interned {
    BmSchema schema; /* first: BmSchema pointers are cast */
    Measures measures;
    uint8_t *alike; /* per field: a component of the same name is there; NULL: none */
} Interned;

struct BmSchemaSet {
    GPtrArray *schemas;    /* Interned, by number */
    GTree *contents;       /* BmSchema, by content */
    GStringChunk *strings; /* of all of them, each once */
    GTree *texts;          /* those strings, by content */
    uint64_t memory;       /* octets that all of this takes, roughly */
};

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

static const Measures *measures(const BmSchema *schema)
{
    return &((const Interned *)schema)->measures;
}

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

/* ---- checks before interning ---- */

static gboolean check_name(const char *name, const char *what, GError **error)
{
    size_t len = strlen(name);

    if (len > BM_LIMIT_NAME) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "%s is %zu octets long, more than the limit of %u", what, len,
                            BM_LIMIT_NAME);
    }
    if (!bm_utf8_valid((const uint8_t *)name, len)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL, "%s is not UTF-8", what);
    }
    return TRUE;
}

static gboolean width_fits_kind(const BmField *f)
{
    switch (f->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_POINTER:
        return f->width == 1;
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
        return f->width >= 1 && f->width <= 8;
    case BM_KIND_FLOAT:
        return f->width >= 1;
    case BM_KIND_BUFFER:
    case BM_KIND_STRING:
    case BM_KIND_OPAQUE:
        return TRUE;
    case BM_KIND_STRUCT:
    case BM_KIND_LIST:
        return f->width == 0;
    }
    return FALSE;
}

static gboolean count_fits_kind(const BmField *f)
{
    return f->kind == BM_KIND_LIST || f->kind == BM_KIND_STRING ? f->count == 1 : f->count >= 1;
}

static gboolean elements_fit_kind(const BmField *f)
{
    return f->kind == BM_KIND_LIST || f->n_elements == (f->kind == BM_KIND_STRUCT ? 1 : 0);
}

static gboolean belongs(const BmSchemaSet *set, const BmSchema *schema)
{
    /* By address: a schema of another set must not be looked into. */
    return schema && schema->number < set->schemas->len &&
           set->schemas->pdata[schema->number] == schema;
}

static gboolean check_elements(const BmSchemaSet *set, const BmField *f, GError **error)
{
    for (uint32_t i = 0; i < f->n_elements; i++) {
        if (!belongs(set, f->elements[i])) {
            return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, f->name,
                                "the description of an element is not one of this stream");
        }
    }
    return TRUE;
}

static gboolean check_numbers(const BmField *f, GError **error)
{
    uint32_t most = MAX(f->count, f->first);

    if (most > BM_LIMIT_COUNT) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, f->name,
                            "the number of elements is %u, more than the limit of %u", most,
                            BM_LIMIT_COUNT);
    }
    if (f->width > BM_LIMIT_RECORD) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, f->name,
                            "the width is %u, more than the limit of %u", f->width,
                            BM_LIMIT_RECORD);
    }
    if (f->n_elements > BM_LIMIT_FIELDS) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, f->name,
                            "the number of descriptions is %u, more than the limit of %u",
                            f->n_elements, BM_LIMIT_FIELDS);
    }
    if ((unsigned)f->kind >= BM_KINDS || (unsigned)f->form >= BM_FORMS) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, f->name,
                            "there is no kind %d or no array form %d", (int)f->kind, (int)f->form);
    }
    if (!width_fits_kind(f) || !count_fits_kind(f) || !elements_fit_kind(f)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, f->name,
                            "%u elements of %u octets and %u descriptions do not make a field of "
                            "kind %d",
                            f->count, f->width, f->n_elements, (int)f->kind);
    }
    return TRUE;
}

static gboolean check_field(const BmSchemaSet *set, const BmField *f, GError **error)
{
    return check_name(f->name, "the name of a field", error) &&
           (!f->type || check_name(f->type, "the name of a type", error)) &&
           (!f->condition || check_name(f->condition, "the condition of a field", error)) &&
           check_numbers(f, error) && check_elements(set, f, error);
}

static gboolean check_fields(const BmSchemaSet *set, const BmSchema *s, GError **error)
{
    for (uint32_t i = 0; i < s->n_fields; i++) {
        if (!check_field(set, &s->fields[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean check_subsections(const BmSchemaSet *set, const BmSchema *s, GError **error)
{
    for (uint32_t i = 0; i < s->n_subsections; i++) {
        if (!belongs(set, s->subsections[i])) {
            return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                                "the description of a subsection is not one of this stream");
        }
    }
    return TRUE;
}

static gboolean check_content(const BmSchemaSet *set, const BmSchema *s, gboolean full,
                              GError **error)
{
    if (full) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "a description has more than %u fields or subsections",
                            BM_LIMIT_FIELDS);
    }
    if (s->minimum > s->version) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, s->name,
                            "the oldest version is %u, above the version %u itself", s->minimum,
                            s->version);
    }
    return check_name(s->name, "the name of a description", error) &&
           (!s->condition || check_name(s->condition, "the condition of a description", error)) &&
           check_fields(set, s, error) && check_subsections(set, s, error);
}

/* ---- measures ---- */

static void measure_element(Measures *m, const BmSchema *element, uint64_t times, unsigned nesting)
{
    const Measures *e = measures(element);

    m->depth = MAX(m->depth, 1 + nesting + e->depth);
    m->values += times * e->values;
    m->entries += e->entries;
    m->leaves += times * e->leaves;
    m->opaque += times * e->opaque;
}

static void measure_field(Measures *m, const BmField *f)
{
    unsigned group = bm_field_is_group(f) ? 1 : 0;

    m->values++;
    m->entries++;
    switch (f->kind) {
    case BM_KIND_STRUCT:
        measure_element(m, f->elements[0], f->count, group);
        break;
    case BM_KIND_LIST:
        for (uint32_t i = 0; i < f->n_elements; i++) {
            measure_element(m, f->elements[i], 1, group);
        }
        break;
    default:
        m->depth = MAX(m->depth, 1 + group);
        m->values += group ? f->count : 0;
        m->leaves++;
        m->opaque += f->kind == BM_KIND_OPAQUE;
    }
}

static gboolean measure_size(const BmSchema *s, uint64_t *size)
{
    uint64_t one;

    *size = 0;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        const BmField *f = &s->fields[i];

        if (!bm_field_element_size(f, &one) || !g_uint64_checked_mul(&one, one, f->count) ||
            !g_uint64_checked_add(size, *size, one)) {
            return FALSE;
        }
    }
    for (uint32_t i = 0; i < s->n_subsections; i++) {
        if (!bm_subsection_size(s->subsections[i], &one) ||
            !g_uint64_checked_add(size, *size, one)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Stops early: what passes cannot overflow in the next round, MAX_VALUES times
 * BM_LIMIT_COUNT is far from it.  Leaves are never more than values. */
static gboolean measure(const BmSchema *s, Measures *m)
{
    *m = (Measures){.depth = 1, .values = 1};
    for (uint32_t i = 0; i < s->n_fields && m->values <= MAX_VALUES; i++) {
        measure_field(m, &s->fields[i]);
    }
    for (uint32_t i = 0; i < s->n_subsections && m->values <= MAX_VALUES; i++) {
        m->entries++;
        /* A level more than a struct: BER wraps the number and the values. */
        measure_element(m, s->subsections[i], 1, 1);
    }
    m->has_size = measure_size(s, &m->size);
    return m->depth <= BM_LIMIT_DEPTH && m->values <= MAX_VALUES;
}

static gboolean check_measures(const BmSchema *s, Measures *m, GError **error)
{
    if (measure(s, m)) {
        return TRUE;
    }
    if (m->depth > BM_LIMIT_DEPTH) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, s->name,
                            "the description is nested deeper than %u", BM_LIMIT_DEPTH);
    }
    return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, s->name,
                        "the description is of more than %u values", MAX_VALUES);
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
    Interned *s = p;

    g_free(s->alike);
    g_free(s);
}

BmSchemaSet *bm_schema_set_new(void)
{
    BmSchemaSet *set = g_new0(BmSchemaSet, 1);

    set->schemas = g_ptr_array_new_with_free_func(free_interned);
    set->contents = g_tree_new(compare_schema);
    set->texts = g_tree_new((GCompareFunc)strcmp);
    set->strings = g_string_chunk_new(4096);
    return set;
}

void bm_schema_set_free(BmSchemaSet *set)
{
    if (!set) {
        return;
    }
    g_tree_unref(set->contents);
    g_tree_unref(set->texts);
    g_ptr_array_free(set->schemas, TRUE);
    g_string_chunk_free(set->strings);
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

gboolean bm_schema_named_by_type(const BmSchema *schema, const BmField *field)
{
    const uint8_t *alike = ((const Interned *)schema)->alike;
    uintptr_t at = (uintptr_t)field - (uintptr_t)schema->fields;

    if (!is_single_struct(field)) {
        return FALSE;
    }
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

static const char *keep(BmSchemaSet *set, const char *text)
{
    char *kept;

    if (!text) {
        return NULL;
    }
    kept = g_tree_lookup(set->texts, text);
    if (!kept) {
        kept = g_string_chunk_insert(set->strings, text);
        set->memory += strlen(text) + 1;
        g_tree_insert(set->texts, kept, kept);
    }
    return kept;
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
static Interned *compact(BmSchemaSet *set, const BmSchema *s)
{
    size_t fields = s->n_fields * sizeof(BmField);
    size_t pointers = count_pointers(s) * sizeof(gpointer);
    size_t size = sizeof(Interned) + fields + pointers;
    Interned *copy = g_malloc0(size);
    BmField *to = (BmField *)(copy + 1);
    const BmSchema **room = (const BmSchema **)(to + s->n_fields);

    set->memory += size;
    copy->schema = *s;
    copy->schema.name = keep(set, s->name);
    copy->schema.condition = keep(set, s->condition);
    copy->schema.fields = to;
    for (uint32_t i = 0; i < s->n_fields; i++) {
        const BmField *from = &s->fields[i];

        to[i] = *from;
        to[i].name = keep(set, from->name);
        to[i].type = keep(set, from->type);
        to[i].condition = keep(set, from->condition);
        to[i].elements = from->n_elements > 0 ? room : NULL;
        room = copy_schemas(room, from->elements, from->n_elements);
    }
    copy->schema.subsections = s->n_subsections > 0 ? room : NULL;
    copy_schemas(room, s->subsections, s->n_subsections);
    return copy;
}

static const BmSchema *add(BmSchemaSet *set, const BmSchema *s, GError **error)
{
    Measures m;
    Interned *copy;

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
    if (!check_measures(s, &m, error)) {
        return NULL;
    }
    copy = compact(set, s);
    copy->measures = m;
    copy->alike = find_alike(&copy->schema);
    copy->schema.number = set->schemas->len;
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
    return check_content(set, content, FALSE, error) ? intern(set, content, error) : NULL;
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
    if (check_content(set, &content, b->full, error)) {
        found = intern(set, &content, error);
    }
    bm_schema_builder_free(b);
    return found;
}

/* ---- asking ---- */

gboolean bm_field_is_packed(const BmField *field)
{
    if (field->count <= 1 && field->form != BM_FORM_WHOLE) {
        return FALSE;
    }
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
    case BM_KIND_FLOAT:
    case BM_KIND_BUFFER:
    case BM_KIND_OPAQUE:
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean bm_field_is_group(const BmField *field)
{
    return field->kind == BM_KIND_LIST ||
           (field->count > 1 && (field->kind == BM_KIND_STRUCT || field->kind == BM_KIND_POINTER));
}

gboolean bm_field_is_tree(const BmField *field)
{
    return field->kind == BM_KIND_LIST && field->type && !strcmp(field->type, "gtree");
}

static const char *number_type(uint32_t width, const char *const names[5])
{
    switch (width) {
    case 1:
        return names[1];
    case 2:
        return names[2];
    case 4:
        return names[3];
    case 8:
        return names[4];
    default:
        return names[0];
    }
}

static const char *float_type(uint32_t width)
{
    switch (width) {
    case 4:
        return "float32";
    case 8:
        return "float64";
    case 10:
        return "float80";
    default:
        return "float";
    }
}

const char *bm_field_default_type(const BmField *field)
{
    static const char *const unsigned_types[5] = {"uint", "uint8", "uint16", "uint32", "uint64"};
    static const char *const signed_types[5] = {"int", "int8", "int16", "int32", "int64"};

    switch (field->kind) {
    case BM_KIND_BOOLEAN:
        return "bool";
    case BM_KIND_UNSIGNED:
        return number_type(field->width, unsigned_types);
    case BM_KIND_SIGNED:
        return number_type(field->width, signed_types);
    case BM_KIND_FLOAT:
        return float_type(field->width);
    case BM_KIND_BUFFER:
        return "buffer";
    case BM_KIND_STRING:
        return "string";
    case BM_KIND_POINTER:
        return "nullptr";
    case BM_KIND_STRUCT:
        return "struct";
    case BM_KIND_LIST:
        return "qtailq";
    case BM_KIND_OPAQUE:
        break;
    }
    return "opaque";
}

const char *bm_field_type(const BmField *field)
{
    return field->type ? field->type : bm_field_default_type(field);
}

/* Each element after a mark, a mark at the end; a tree begins with a number. */
static gboolean list_size(const BmField *field, uint64_t *size)
{
    uint64_t sum = bm_field_is_tree(field) ? 5 : 1, one;

    for (uint32_t i = 0; i < field->n_elements; i++) {
        if (!bm_schema_size(field->elements[i], &one) || !g_uint64_checked_add(&sum, sum, one) ||
            !g_uint64_checked_add(&sum, sum, 1)) {
            return FALSE;
        }
    }
    *size = sum;
    return TRUE;
}

gboolean bm_field_element_size(const BmField *field, uint64_t *size)
{
    switch (field->kind) {
    case BM_KIND_STRUCT:
        return field->n_elements > 0 && bm_schema_size(field->elements[0], size);
    case BM_KIND_LIST:
        return list_size(field, size);
    default:
        *size = field->width;
        return TRUE;
    }
}

gboolean bm_schema_size(const BmSchema *schema, uint64_t *size)
{
    const Measures *m = measures(schema);

    if (m->has_size) {
        *size = m->size;
    }
    return m->has_size;
}

gboolean bm_subsection_size(const BmSchema *subsection, uint64_t *size)
{
    /* A mark, the length of the name, the name, the version. */
    uint64_t header = 1 + 1 + strlen(subsection->name) + 4, body;

    return bm_schema_size(subsection, &body) && g_uint64_checked_add(size, header, body);
}

void bm_schema_count_leaves(const BmSchema *schema, uint64_t *leaves, uint64_t *opaque)
{
    *leaves = measures(schema)->leaves;
    *opaque = measures(schema)->opaque;
}

uint64_t bm_schema_count_entries(const BmSchema *schema)
{
    return measures(schema)->entries;
}

uint64_t bm_schema_count_values(const BmSchema *schema)
{
    return measures(schema)->values;
}
