/* SPDX-License-Identifier: BSD-2-Clause */
#include "describe.h"

#include "json-writer.h"
#include "leaf.h"

static void put_number(BmJson *j, const char *key, uint64_t value)
{
    bm_emit_decimal(bm_json_value(j, key), value);
}

static void put_boolean(BmJson *j, const char *key, gboolean value)
{
    g_string_append(bm_json_value(j, key), value ? "true" : "false");
}

static void put_condition(BmJson *j, const char *condition)
{
    if (condition) {
        bm_json_text(j, "condition", condition);
    }
}

/* ---- fields ---- */

static void put_schema(BmJson *j, const char *key, const BmSchema *schema, uint32_t minimum);

static void put_type(BmJson *j, const BmField *field)
{
    GString *scratch = g_string_new(NULL);

    bm_json_text(j, "type", bm_leaf_field_type(field, scratch));
    if (field->kind == BM_KIND_SIGNED || field->kind == BM_KIND_UNSIGNED) {
        put_boolean(j, "signed", field->kind == BM_KIND_SIGNED);
    }
    g_string_free(scratch, TRUE);
}

static void put_field(BmJson *j, const BmField *field)
{
    gboolean list = field->kind == BM_KIND_LIST;
    uint64_t size = 0;

    bm_json_open(j, '{', NULL, field->n_elements ? 0 : BM_JSON_INLINE);
    bm_json_text(j, "field", field->name);
    put_number(j, "version_id", 0);
    put_boolean(j, "field_exists", field->condition != NULL);
    put_condition(j, field->condition);
    if (list || field->count != 1) {
        put_number(j, "num", list ? field->n_elements : field->count);
    }
    if (!list && bm_field_element_size(field, &size)) {
        put_number(j, "size", size);
    }
    put_type(j, field);
    if (field->n_elements) {
        put_schema(j, "Description", field->elements[0], field->elements[0]->version);
    }
    bm_json_close(j);
}

/* ---- schemas ---- */

static void put_fields(BmJson *j, const BmSchema *schema)
{
    bm_json_open(j, '[', "Fields", 0);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        put_field(j, &schema->fields[i]);
    }
    bm_json_close(j);
}

static void put_subsections(BmJson *j, const BmSchema *schema)
{
    if (!schema->n_subsections) {
        return;
    }
    bm_json_open(j, '[', "Subsections", 0);
    for (uint32_t i = 0; i < schema->n_subsections; i++) {
        put_schema(j, NULL, schema->subsections[i], schema->subsections[i]->version);
    }
    bm_json_close(j);
}

static void put_schema(BmJson *j, const char *key, const BmSchema *schema, uint32_t minimum)
{
    bm_json_open(j, '{', key, 0);
    bm_json_text(j, "name", schema->name);
    put_number(j, "version_id", schema->version);
    put_number(j, "minimum_version_id", minimum);
    put_condition(j, schema->condition);
    if (schema->droppable) {
        put_boolean(j, "droppable", TRUE);
    }
    put_fields(j, schema);
    put_subsections(j, schema);
    bm_json_close(j);
}

static gboolean written(BmOutput *out, GError **error)
{
    int number = bm_output_errno(out);

    return !number ||
           bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "cannot write: %s", g_strerror(number));
}

gboolean bm_schema_to_json(const BmSchema *schema, uint32_t minimum, BmOutput *out, GError **error)
{
    BmJson *j = bm_json_new(out);

    put_schema(j, NULL, schema, minimum);
    bm_json_drain(j);
    bm_json_free(j);
    return written(out, error);
}

/* ---- streams ---- */

typedef struct Describe {
    BmStreamVisitor base;
    BmOutput *out;
    BmJson *json;
} Describe;

static BmJson *json(BmStreamVisitor *s)
{
    return ((Describe *)s)->json;
}

static gboolean begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    (void)preamble;
    (void)error;
    bm_json_open(json(s), '{', NULL, BM_JSON_UNIQUE);
    return TRUE;
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    (void)error;
    bm_json_open(json(s), '{', "vmschkmachine", 0);
    bm_json_text(json(s), "Name", c->machine);
    bm_json_close(json(s));
    return TRUE;
}

static gboolean device(BmStreamVisitor *s, const BmDevice *dev, GError **error)
{
    BmJson *j = json(s);

    bm_json_open(j, '{', dev->section.name, 0);
    bm_json_text(j, "Name", dev->section.name);
    put_number(j, "version_id", dev->section.version);
    put_number(j, "minimum_version_id", dev->section.version);
    if (dev->schema) {
        put_schema(j, "Description", dev->schema, dev->schema->version);
    }
    bm_json_close(j);
    return written(((Describe *)s)->out, error);
}

static gboolean end(BmStreamVisitor *s, GError **error)
{
    bm_json_close(json(s));
    bm_json_drain(json(s));
    return written(((Describe *)s)->out, error);
}

static void describe_free(BmStreamVisitor *s)
{
    bm_json_free(json(s));
    g_free(s);
}

BmStreamVisitor *bm_describe_stream(BmOutput *out)
{
    static const BmStreamOps ops = {
        .begin = begin,
        .configuration = configuration,
        .device = device,
        .end = end,
        .free = describe_free,
    };
    Describe *d = g_new0(Describe, 1);

    d->base.ops = &ops;
    d->out = out;
    d->json = bm_json_new(out);
    return &d->base;
}
