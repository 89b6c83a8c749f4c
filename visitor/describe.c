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

static void put_schema(BmJson *j, const char *key, const BmSchema *schema);

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
    put_number(j, "version_id", field->since);
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
        put_schema(j, "Description", field->elements[0]);
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
        put_schema(j, NULL, schema->subsections[i]);
    }
    bm_json_close(j);
}

static void put_schema(BmJson *j, const char *key, const BmSchema *schema)
{
    bm_json_open(j, '{', key, 0);
    bm_json_text(j, "name", schema->name);
    put_number(j, "version_id", schema->version);
    put_number(j, "minimum_version_id", schema->minimum);
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

gboolean bm_schema_to_json(const BmSchema *schema, BmOutput *out, GError **error)
{
    BmJson *j = bm_json_new(out);

    put_schema(j, NULL, schema);
    bm_json_drain(j);
    bm_json_free(j);
    return written(out, error);
}

/* ---- streams, as JSON ---- */

typedef struct Describe {
    BmStreamVisitor base;
    BmOutput *out;
    BmJson *json;
    uint64_t entries; /* so far: octets of a stream can describe far more than they are */
} Describe;

/* A schema without a version of its own says nothing of the section's. */
static uint32_t oldest(const BmAnnounce *a)
{
    return a->schema && a->schema->minimum < a->schema->version ? a->schema->minimum : a->version;
}

static BmAnnounce announce_of(const BmDevice *dev)
{
    return (BmAnnounce){dev->section.name, dev->section.instance, dev->section.version, dev->schema,
                        dev->schemas};
}

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

static gboolean add_section(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    Describe *d = (Describe *)s;

    d->entries += 1 + (a->schema ? bm_schema_count_entries(a->schema) : 0);
    if (d->entries > BM_LIMIT_ANNOUNCED) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, a->name,
                            "a description of more than %u fields", BM_LIMIT_ANNOUNCED);
    }
    bm_json_open(d->json, '{', a->name, 0);
    bm_json_text(d->json, "Name", a->name);
    put_number(d->json, "version_id", a->version);
    put_number(d->json, "minimum_version_id", MIN(oldest(a), a->version));
    if (a->schema) {
        put_schema(d->json, "Description", a->schema);
    }
    bm_json_close(d->json);
    return written(d->out, error);
}

static gboolean device(BmStreamVisitor *s, const BmDevice *dev, GError **error)
{
    BmAnnounce a = announce_of(dev);

    return add_section(s, &a, error);
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
        .announce = add_section,
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

/* ---- streams, as BER ---- */

typedef struct Announcer {
    BmStreamVisitor base;
    BmStreamVisitor *inner;
} Announcer;

static BmStreamVisitor *inner(BmStreamVisitor *s)
{
    return ((Announcer *)s)->inner;
}

/* It has no origin: nothing can be made of it that a QEMU would load. */
static gboolean ber_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    BmPreamble own = {.major = BM_VERSION_MAJOR,
                      .minor = BM_VERSION_MINOR,
                      .direction = BM_FORWARD,
                      .generator = preamble->generator};

    return bm_stream_begin(inner(s), &own, error);
}

static gboolean ber_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    return bm_stream_configuration(inner(s), c, error);
}

static gboolean ber_announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    return bm_stream_announce(inner(s), a, error);
}

static gboolean ber_device(BmStreamVisitor *s, const BmDevice *dev, GError **error)
{
    BmAnnounce a = announce_of(dev);

    return bm_stream_announce(inner(s), &a, error);
}

static gboolean end_of_description(BmStreamVisitor *s, GError **error)
{
    const BmDescription none = {0};

    return bm_stream_finish(s, &none, error) && bm_stream_end(s, error);
}

static gboolean ber_end(BmStreamVisitor *s, GError **error)
{
    return end_of_description(inner(s), error);
}

static void ber_free(BmStreamVisitor *s)
{
    bm_stream_free(inner(s));
    g_free(s);
}

BmStreamVisitor *bm_describe_ber_stream(BmOutput *out)
{
    static const BmStreamOps ops = {
        .begin = ber_begin,
        .configuration = ber_configuration,
        .announce = ber_announce,
        .device = ber_device,
        .end = ber_end,
        .free = ber_free,
    };
    Announcer *a = g_new0(Announcer, 1);

    a->base.ops = &ops;
    a->inner = bm_ber_stream_out(out, 0, NULL);
    return &a->base;
}

/* ---- without a stream ---- */

gboolean bm_describe_sections(const char *generator, const BmConfiguration *machine,
                              const BmAnnounce *sections, size_t n, BmStreamVisitor *s,
                              GError **error)
{
    const BmPreamble preamble = {.major = BM_VERSION_MAJOR,
                                 .minor = BM_VERSION_MINOR,
                                 .direction = BM_FORWARD,
                                 .generator = generator};

    if (!bm_stream_begin(s, &preamble, error) ||
        (machine && !bm_stream_configuration(s, machine, error))) {
        return FALSE;
    }
    for (size_t i = 0; i < n; i++) {
        if (!bm_stream_announce(s, &sections[i], error)) {
            return FALSE;
        }
    }
    return end_of_description(s, error);
}
