/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The text is taken by cJSON because that keeps the order of members and
 * members of the same name: QEMU writes one `fields` per element of a list into
 * the same object.  Members that are not known are passed over; that the text
 * follows from what was understood shows when it is written again.
 */
#include "vmdesc.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "path.h"
#include "vmdesc-types.h"

/* Values in a text, so that its tree stays within a few hundred MB.  QEMU's own
 * texts have one per 12 to 30 octets, and 2 MB at most. */
#define VALUES_MAX (2u << 20)
/* cJSON has numbers as double: beyond this they are not exact. */
#define NUMBER_MAX (UINT64_C(1) << 53)

typedef struct Parser {
    BmSchemaSet *set;
    BmPath path;
    unsigned depth; /* of structs in structs */
    GError **error;
} Parser;

BmVmdesc *bm_vmdesc_new(void)
{
    BmVmdesc *d = g_new0(BmVmdesc, 1);

    d->devices = g_array_new(FALSE, FALSE, sizeof(BmVmdescDevice));
    return d;
}

void bm_vmdesc_free(BmVmdesc *d)
{
    if (!d) {
        return;
    }
    for (guint i = 0; i < d->devices->len; i++) {
        g_free(g_array_index(d->devices, BmVmdescDevice, i).name);
    }
    g_array_free(d->devices, TRUE);
    g_free(d);
}

void bm_vmdesc_add(BmVmdesc *d, const char *name, uint32_t instance, const BmSchema *schema,
                   uint64_t size)
{
    BmVmdescDevice device = {g_strdup(name), instance, schema, size};

    g_array_append_val(d->devices, device);
}

static gboolean equal_devices(const BmVmdescDevice *a, const BmVmdescDevice *b)
{
    return a->schema == b->schema && a->instance == b->instance &&
           (a->schema || a->size == b->size) && strcmp(a->name, b->name) == 0;
}

gboolean bm_vmdesc_equal(const BmVmdesc *a, const BmVmdesc *b)
{
    gboolean equal = a->style == b->style && a->page_size == b->page_size &&
                     a->configuration == b->configuration && a->devices->len == b->devices->len;

    for (guint i = 0; equal && i < a->devices->len; i++) {
        equal = equal_devices(&g_array_index(a->devices, BmVmdescDevice, i),
                              &g_array_index(b->devices, BmVmdescDevice, i));
    }
    return equal;
}

static gboolean bad(Parser *p, const char *what)
{
    return bm_error_set(p->error, BM_BAD_VALUE, BM_NO_OFFSET, bm_path_text(&p->path), "%s", what);
}

static gboolean limit(Parser *p, const char *what, uint64_t max)
{
    return bm_error_set(p->error, BM_LIMIT, BM_NO_OFFSET, bm_path_text(&p->path),
                        "%s, expected at most %" G_GUINT64_FORMAT, what, max);
}

/* ---- the text ---- */

/* Octets of the escape at `text`, 0 if it is none or gives a NUL: cJSON would
 * take that for the end of the string. */
static size_t escape_len(const char *text, const char *end)
{
    gboolean zero = TRUE;

    if (end - text < 2 || !strchr("\"\\/bfnrtu", text[1])) {
        return 0;
    }
    if (text[1] != 'u') {
        return 2;
    }
    if (end - text < 6) {
        return 0;
    }
    for (int i = 2; i < 6; i++) {
        if (!g_ascii_isxdigit(text[i])) {
            return 0;
        }
        zero = zero && text[i] == '0';
    }
    return zero ? 0 : 6;
}

/* What cJSON lets through, and how much it would build.  QEMU writes all on one
 * line; up to 5.2 it escapes nothing. */
static gboolean check_octets(Parser *p, const char *text, size_t len, BmStyle style)
{
    uint64_t values = 0;
    size_t step;

    for (size_t i = 0; i < len; i += step) {
        char c = text[i];

        step = c != '\\' ? 1 : style == BM_STYLE_SPACED ? 0 : escape_len(text + i, text + len);
        if (!step || (c >= 0 && c < ' ')) {
            return bad(p, "character that is not escaped as QEMU does");
        }
        values += c == ',' || c == '[' || c == '{';
    }
    return values <= VALUES_MAX || limit(p, "values", VALUES_MAX);
}

static cJSON *parse_text(Parser *p, const char *text, size_t len, BmStyle style)
{
    const char *end = NULL;
    cJSON *root;

    if (!bm_utf8_valid((const uint8_t *)text, len)) {
        bad(p, "text that is not UTF-8");
        return NULL;
    }
    if (!check_octets(p, text, len, style)) {
        return NULL;
    }
    root = cJSON_ParseWithLengthOpts(text, len, &end, FALSE);
    if (root && end == text + len) {
        return root;
    }
    cJSON_Delete(root);
    bad(p, root ? "octets behind the JSON value" : "text that is not JSON");
    return NULL;
}

/* ---- members ---- */

/* All of these report what is missing or of another type. */

static gboolean as_number(Parser *p, const cJSON *item, uint64_t max, uint64_t *n)
{
    double d = cJSON_IsNumber(item) ? item->valuedouble : -1;

    /* Before 5.0 QEMU takes the instance for a signed number, and a negative one
     * does not say which it was on the wire. */
    if (!(d >= 0) || d > (double)NUMBER_MAX || d != (double)(uint64_t)d) {
        return bad(p, "number missing, negative or not an integer");
    }
    *n = (uint64_t)d;
    return *n <= max || limit(p, "number", max);
}

static gboolean as_string(Parser *p, const cJSON *item, const char **string)
{
    if (!cJSON_IsString(item)) {
        return bad(p, "string missing");
    }
    if (strlen(item->valuestring) > BM_LIMIT_NAME) {
        return limit(p, "octets of a string", BM_LIMIT_NAME);
    }
    *string = item->valuestring;
    return TRUE;
}

static gboolean as_array(Parser *p, const cJSON *item)
{
    return cJSON_IsArray(item) || bad(p, "array missing");
}

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static gboolean get_number(Parser *p, const cJSON *object, const char *key, uint64_t max,
                           uint64_t *n)
{
    bm_path_push_name(&p->path, key);
    if (!as_number(p, member(object, key), max, n)) {
        return FALSE;
    }
    bm_path_pop(&p->path);
    return TRUE;
}

static gboolean get_string(Parser *p, const cJSON *object, const char *key, const char **string)
{
    bm_path_push_name(&p->path, key);
    if (!as_string(p, member(object, key), string)) {
        return FALSE;
    }
    bm_path_pop(&p->path);
    return TRUE;
}

/* Calls `each` for the members of an array, with their index in the path. */
typedef gboolean (*Each)(Parser *p, const cJSON *item, void *data);

static gboolean for_each(Parser *p, const char *key, const cJSON *array, Each each, void *data)
{
    const cJSON *item;
    uint64_t i = 0;

    bm_path_push_name(&p->path, key);
    if (!as_array(p, array)) {
        return FALSE;
    }
    cJSON_ArrayForEach(item, array)
    {
        bm_path_push_index(&p->path, i++);
        if (!each(p, item, data)) {
            return FALSE;
        }
        bm_path_pop(&p->path);
    }
    bm_path_pop(&p->path);
    return TRUE;
}

/* ---- fields ---- */

static const BmSchema *parse_struct(Parser *p, const cJSON *name);

typedef struct Entry {
    BmField field;
    uint64_t size;
    const cJSON *array_len, *index;
    GPtrArray *elements; /* BmSchema */
} Entry;

static gboolean is_named(const cJSON *item, const char *key)
{
    return item->string && !strcmp(item->string, key);
}

/* A list has vmsd_name, version and fields once per element, one after the
 * other; tmp and vstruct have them once. */
static gboolean parse_inline(Parser *p, const cJSON *object, GPtrArray *elements)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, object)
    {
        const BmSchema *element;

        if (!is_named(item, "vmsd_name")) {
            continue;
        }
        bm_path_push_index(&p->path, elements->len);
        if (!(element = parse_struct(p, item))) {
            return FALSE;
        }
        bm_path_pop(&p->path);
        g_ptr_array_add(elements, (gpointer)element);
    }
    return TRUE;
}

static gboolean parse_elements(Parser *p, const cJSON *object, Entry *e)
{
    const cJSON *wrapped = member(object, "struct");

    if (!wrapped) {
        return parse_inline(p, object, e->elements);
    }
    bm_path_push_name(&p->path, "struct");
    if (!cJSON_IsObject(wrapped)) {
        return bad(p, "object missing");
    }
    if (!parse_inline(p, wrapped, e->elements)) {
        return FALSE;
    }
    bm_path_pop(&p->path);
    return TRUE;
}

/* Up to 9.2 a NULL element is described as a struct `{}` of one octet, and where
 * elements are NULL and not, the text counts all of them like the first.  What
 * does not add up is carried as octets. */
static gboolean adds_up(const Entry *e)
{
    uint64_t size;

    return (e->field.kind == BM_KIND_LIST || e->elements->len == 1) &&
           bm_field_element_size(&e->field, &size) && size == e->size;
}

static void settle_elements(Entry *e, const char *type)
{
    e->field.elements = (const BmSchema *const *)e->elements->pdata;
    e->field.n_elements = e->elements->len;
    if (!adds_up(e)) {
        bm_vmdesc_opaque(&e->field, type, (uint32_t)e->size);
        e->field.elements = NULL;
        e->field.n_elements = 0;
    }
}

/* Lists carry their own end, so an array of lists would need one number per
 * list: QEMU has none. */
static gboolean parse_shape(Parser *p, Entry *e)
{
    uint64_t n;

    if (e->array_len) {
        if (!as_number(p, e->array_len, BM_LIMIT_COUNT, &n)) {
            return FALSE;
        }
        if (n == 0 || (n > 1 && e->field.kind == BM_KIND_LIST)) {
            return bad(p, "array of no elements, or of lists");
        }
        e->field.count = (uint32_t)n;
    } else if (e->index) {
        if (!as_number(p, e->index, BM_LIMIT_COUNT, &n)) {
            return FALSE;
        }
        e->field.form = BM_FORM_INDEXED;
        e->field.first = (uint32_t)n;
    }
    return TRUE;
}

static gboolean parse_entry(Parser *p, const cJSON *object, Entry *e)
{
    const char *type;

    if (!get_string(p, object, "name", &e->field.name) || !get_string(p, object, "type", &type) ||
        !get_number(p, object, "size", UINT32_MAX, &e->size)) {
        return FALSE;
    }
    e->array_len = member(object, "array_len");
    e->index = member(object, "index");
    bm_vmdesc_type(&e->field, type, (uint32_t)e->size, e->array_len || e->index);
    if (e->field.kind == BM_KIND_STRUCT || e->field.kind == BM_KIND_LIST) {
        if (!parse_elements(p, object, e)) {
            return FALSE;
        }
        settle_elements(e, type);
    }
    return parse_shape(p, e);
}

/* ---- arrays ---- */

static gboolean same_element(const BmField *a, const BmField *b)
{
    return !strcmp(a->name, b->name) && a->kind == b->kind && a->width == b->width &&
           !g_strcmp0(a->type, b->type) && a->kind != BM_KIND_LIST &&
           a->n_elements == b->n_elements && (!a->n_elements || a->elements[0] == b->elements[0]);
}

/*
 * Takes an entry as the next element of the array that `last` began.  An array
 * that QEMU cannot compress has an entry per element: up to 9.2 each has its
 * index, 10.0 to 10.2 leave it out in the last one, 11.1 in all.
 */
static gboolean extend(BmField *last, const BmField *next)
{
    if (!last || !same_element(last, next) || last->count >= BM_LIMIT_COUNT) {
        return FALSE;
    }
    if (next->form == BM_FORM_INDEXED) {
        if (last->form != BM_FORM_INDEXED || last->first + last->count != next->first) {
            return FALSE;
        }
    } else if (next->form != BM_FORM_ARRAY || next->count != 1) {
        return FALSE;
    } else if (last->form == BM_FORM_INDEXED) {
        last->form = BM_FORM_INDEXED_BUT_LAST;
    } else if (last->form == BM_FORM_ARRAY && last->count == 1) {
        last->form = BM_FORM_REPEATED;
    } else if (last->form != BM_FORM_REPEATED) {
        return FALSE;
    }
    last->count++;
    return TRUE;
}

static gboolean parse_field(Parser *p, const cJSON *object, void *data)
{
    BmSchemaBuilder *builder = data;
    Entry e = {.elements = g_ptr_array_new()};
    gboolean ok = parse_entry(p, object, &e);

    if (ok && !extend(bm_schema_builder_last(builder), &e.field)) {
        bm_schema_builder_field(builder, &e.field);
    }
    g_ptr_array_free(e.elements, TRUE);
    return ok;
}

/* ---- structs ---- */

/* The member `key` of the struct that begins with member `name`, that is before
 * the next vmsd_name. */
static const cJSON *struct_member(const cJSON *name, const char *key)
{
    for (const cJSON *item = name->next; item && !is_named(item, "vmsd_name"); item = item->next) {
        if (is_named(item, key)) {
            return item;
        }
    }
    return NULL;
}

static gboolean parse_subsection(Parser *p, const cJSON *object, void *data)
{
    const cJSON *name = member(object, "vmsd_name");
    const BmSchema *schema = name ? parse_struct(p, name) : NULL;

    if (!schema) {
        return name ? FALSE : bad(p, "vmsd_name missing");
    }
    bm_schema_builder_subsection(data, schema);
    return TRUE;
}

static gboolean parse_members(Parser *p, const cJSON *name, BmSchemaBuilder *builder)
{
    const cJSON *subsections = struct_member(name, "subsections");

    return for_each(p, "fields", struct_member(name, "fields"), parse_field, builder) &&
           (!subsections || for_each(p, "subsections", subsections, parse_subsection, builder));
}

static gboolean parse_version(Parser *p, const cJSON *name, uint64_t *version)
{
    bm_path_push_name(&p->path, "version");
    if (!as_number(p, struct_member(name, "version"), UINT32_MAX, version)) {
        return FALSE;
    }
    bm_path_pop(&p->path);
    return TRUE;
}

static const BmSchema *intern(Parser *p, BmSchemaBuilder *builder)
{
    const BmSchema *schema = bm_schema_set_intern(p->set, builder, p->error);

    if (!schema && p->error) {
        bm_error_add_path(*p->error, bm_path_text(&p->path));
    }
    return schema;
}

/* The struct whose first member is `name`; its other ones follow it. */
static const BmSchema *parse_struct(Parser *p, const cJSON *name)
{
    const BmSchema *schema = NULL;
    BmSchemaBuilder *builder;
    const char *text;
    uint64_t version;

    if (!as_string(p, name, &text) || !parse_version(p, name, &version)) {
        return NULL;
    }
    if (p->depth >= BM_LIMIT_DEPTH) {
        limit(p, "structs in structs", BM_LIMIT_DEPTH);
        return NULL;
    }
    p->depth++;
    builder = bm_schema_builder_new(text, (uint32_t)version);
    if (parse_members(p, name, builder)) {
        schema = intern(p, builder);
    } else {
        bm_schema_builder_free(builder);
    }
    p->depth--;
    return schema;
}

/* ---- devices ---- */

static gboolean parse_device(Parser *p, const cJSON *object, void *data)
{
    const cJSON *vmsd_name = member(object, "vmsd_name");
    const BmSchema *schema = NULL;
    uint64_t instance, size = 0;
    const char *name;

    if (!get_string(p, object, "name", &name) ||
        !get_number(p, object, "instance_id", UINT32_MAX, &instance)) {
        return FALSE;
    }
    /* A device without a vmstate has its size, and one field "data". */
    if (vmsd_name ? !(schema = parse_struct(p, vmsd_name))
                  : !get_number(p, object, "size", NUMBER_MAX, &size)) {
        return FALSE;
    }
    bm_vmdesc_add(data, name, (uint32_t)instance, schema, size);
    return TRUE;
}

static gboolean parse_configuration(Parser *p, const cJSON *root, BmVmdesc *d)
{
    const cJSON *object = member(root, "configuration");
    const cJSON *name = object ? member(object, "vmsd_name") : NULL;

    if (!object) {
        return TRUE;
    }
    bm_path_push_name(&p->path, "configuration");
    if (!name) {
        return bad(p, "vmsd_name missing");
    }
    d->configuration = parse_struct(p, name);
    bm_path_pop(&p->path);
    return d->configuration != NULL;
}

static gboolean parse_root(Parser *p, const cJSON *root, BmVmdesc *d)
{
    return parse_configuration(p, root, d) &&
           get_number(p, root, "page_size", NUMBER_MAX, &d->page_size) &&
           for_each(p, "devices", member(root, "devices"), parse_device, d);
}

static gboolean parse_all(Parser *p, const char *text, size_t len, BmVmdesc *d)
{
    cJSON *root;
    gboolean ok;

    if (len > BM_LIMIT_DESCRIPTION) {
        return limit(p, "octets", BM_LIMIT_DESCRIPTION);
    }
    d->style = len > 1 && text[1] == ' ' ? BM_STYLE_SPACED : BM_STYLE_COMPACT;
    if (!(root = parse_text(p, text, len, d->style))) {
        return FALSE;
    }
    ok = cJSON_IsObject(root) ? parse_root(p, root, d) : bad(p, "text that is not a JSON object");
    cJSON_Delete(root);
    return ok;
}

gboolean bm_vmdesc_parse_device(BmVmdesc *d, BmOctets text, BmSchemaSet *set)
{
    Parser p = {.set = set};
    cJSON *root;
    gboolean ok;

    bm_path_init(&p.path, "description");
    root = parse_text(&p, (const char *)text.data, text.len, d->style);
    ok = root && parse_device(&p, root, d);
    cJSON_Delete(root);
    bm_path_clear(&p.path);
    return ok;
}

BmVmdesc *bm_vmdesc_parse(const char *text, size_t len, BmSchemaSet *set, GError **error)
{
    BmVmdesc *d = bm_vmdesc_new();
    Parser p = {.set = set, .error = error};

    bm_path_init(&p.path, "description");
    if (!parse_all(&p, text, len, d)) {
        bm_vmdesc_free(d);
        d = NULL;
    }
    bm_path_clear(&p.path);
    return d;
}
