/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A description in any JSON.  What QEMU writes today is vmdesc-read.c's, and does not come here:
 * this is for names that are not plain ASCII, for members that a later QEMU may have, and for what
 * is wrong, of which it says what and where.
 *
 * The text is taken by cJSON because that keeps the order of members and
 * members of the same name: QEMU writes one `fields` per element of a list into
 * the same object.  Members that are not known are passed over; that the text
 * follows from what was understood shows when it is written again.
 */
#include "vmdesc.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "path.h"
#include "vmdesc-entry.h"
#include "vmdesc-types.h"

/* Values in a text, so that its tree stays within a few hundred MB.  QEMU's own
 * texts have one per 12 to 30 octets, and 2 MB at most. */
#define VALUES_MAX (2u << 20)

typedef struct Parser {
    BmSchemaSet *set;
    BmPath path;
    unsigned depth; /* of structs in structs */
    GError **error;
} Parser;

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
    if (!(d >= 0) || d > (double)BM_VMDESC_NUMBER_MOST || d != (double)(uint64_t)d) {
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

static gboolean parse_elements(Parser *p, const cJSON *object, GPtrArray *elements)
{
    const cJSON *wrapped = member(object, "struct");

    if (!wrapped) {
        return parse_inline(p, object, elements);
    }
    bm_path_push_name(&p->path, "struct");
    if (!cJSON_IsObject(wrapped)) {
        return bad(p, "object missing");
    }
    if (!parse_inline(p, wrapped, elements)) {
        return FALSE;
    }
    bm_path_pop(&p->path);
    return TRUE;
}

static gboolean parse_number(Parser *p, const cJSON *item, BmVmdescEntry *e)
{
    uint64_t n;

    return !item || (as_number(p, item, BM_LIMIT_COUNT, &n) &&
                     (bm_vmdesc_entry_number(e, n) || bad(p, "array of no elements, or of lists")));
}

static gboolean parse_entry(Parser *p, const cJSON *object, BmVmdescEntry *e)
{
    const cJSON *array_len = member(object, "array_len"), *index = member(object, "index");

    if (!get_string(p, object, "name", &e->name) || !get_string(p, object, "type", &e->type) ||
        !get_number(p, object, "size", UINT32_MAX, &e->size)) {
        return FALSE;
    }
    e->has_array_len = array_len != NULL;
    e->has_index = index != NULL;
    if (bm_vmdesc_type_has_elements(e->type) && !parse_elements(p, object, e->elements)) {
        return FALSE;
    }
    bm_vmdesc_entry_settle(e);
    return parse_number(p, array_len ? array_len : index, e);
}

static gboolean parse_field(Parser *p, const cJSON *object, void *data)
{
    g_autoptr(GPtrArray) elements = g_ptr_array_new();
    BmVmdescEntry e = {.elements = elements};

    if (!parse_entry(p, object, &e)) {
        return FALSE;
    }
    bm_vmdesc_entry_add(&e, data);
    return TRUE;
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
                  : !get_number(p, object, "size", BM_VMDESC_NUMBER_MOST, &size)) {
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
           get_number(p, root, "page_size", BM_VMDESC_NUMBER_MOST, &d->page_size) &&
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

static BmVmdesc *parse_any(const char *text, size_t len, BmSchemaSet *set, GError **error)
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

BmVmdesc *bm_vmdesc_parse(const char *text, size_t len, BmSchemaSet *set, GError **error)
{
    BmVmdesc *d = bm_vmdesc_read((BmOctets){(const uint8_t *)text, len}, set);

    return d ? d : parse_any(text, len, set, error);
}
