/* SPDX-License-Identifier: BSD-2-Clause */
#include "samples.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include "visitor-impl.h"

const BmSchema *sample_schema(BmSchemaSet *set, const char *name, const BmField *fields, size_t n,
                              const BmSchema *subsection)
{
    BmSchemaBuilder *b = bm_schema_builder_new(name, 1);
    const BmSchema *schema;
    GError *error = NULL;

    for (size_t i = 0; i < n; i++) {
        bm_schema_builder_field(b, &fields[i]);
    }
    if (subsection) {
        bm_schema_builder_subsection(b, subsection);
    }
    schema = bm_schema_set_intern(set, b, &error);
    cr_assert_not_null(schema, "%s: %s", name, error ? error->message : "");
    return schema;
}

const BmSchema *try_schema(BmSchemaSet *set, const char *name, BmField field, GError **error)
{
    BmSchemaBuilder *b = bm_schema_builder_new(name, 1);

    bm_schema_builder_field(b, &field);
    return bm_schema_set_intern(set, b, error);
}

/* ---- in ---- */

typedef struct CountingIn {
    BmVisitor base;
    uint64_t values, fail_at;
    GByteArray *octets;
} CountingIn;

static gboolean count_value(CountingIn *in, GError **error)
{
    if (in->values + 1 == in->fail_at) {
        return bm_error_set(error, BM_TRUNCATED, BM_NO_OFFSET, NULL, "no more");
    }
    in->values++;
    return TRUE;
}

static gboolean in_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    CountingIn *in = (CountingIn *)v;

    if (!count_value(in, error)) {
        return FALSE;
    }
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
        *value = (BmScalar){BM_SCALAR_BOOLEAN, .boolean = TRUE};
        break;
    case BM_KIND_SIGNED:
        *value = (BmScalar){BM_SCALAR_SIGNED, .i = -(int64_t)in->values};
        break;
    case BM_KIND_POINTER:
        *value = (BmScalar){BM_SCALAR_PRESENT};
        break;
    default:
        *value = (BmScalar){BM_SCALAR_UNSIGNED, .u = in->values};
    }
    return TRUE;
}

static gboolean in_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    CountingIn *in = (CountingIn *)v;

    if (!count_value(in, error)) {
        return FALSE;
    }
    g_byte_array_set_size(in->octets, field->width * field->count + 1);
    memset(in->octets->data, 'x', in->octets->len);
    *value = (BmOctets){in->octets->data, in->octets->len - 1};
    return TRUE;
}

static uint64_t in_offset(const BmVisitor *v)
{
    return ((const CountingIn *)v)->values * 10;
}

static void in_free(BmVisitor *v)
{
    g_byte_array_free(((CountingIn *)v)->octets, TRUE);
    g_free(v);
}

BmVisitor *counting_in(uint64_t fail_at)
{
    static const BmVisitorOps ops = {
        .scalar = in_scalar, .octets = in_octets, .offset = in_offset, .free = in_free};
    CountingIn *in = g_new0(CountingIn, 1);

    in->base.ops = &ops;
    in->fail_at = fail_at;
    in->octets = g_byte_array_new();
    return &in->base;
}

/* ---- out ---- */

typedef struct LoggingOut {
    BmVisitor base;
    GString *log;
    uint64_t values, fail_at;
} LoggingOut;

static GString *log_of(BmVisitor *v)
{
    return ((LoggingOut *)v)->log;
}

static gboolean out_begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                                 GError **error)
{
    (void)error;
    g_string_append_printf(log_of(v), "{%s:%s ", field ? field->name : "", schema->name);
    return TRUE;
}

static gboolean out_end_struct(BmVisitor *v, GError **error)
{
    (void)error;
    g_string_append(log_of(v), "} ");
    return TRUE;
}

static gboolean out_begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    (void)error;
    g_string_append_printf(log_of(v), "[%s ", field->name);
    return TRUE;
}

static gboolean out_end_group(BmVisitor *v, GError **error)
{
    (void)error;
    g_string_append(log_of(v), "] ");
    return TRUE;
}

static gboolean out_begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    (void)error;
    g_string_append_printf(log_of(v), "<%s ", schema->name);
    return TRUE;
}

static gboolean out_end_subsection(BmVisitor *v, GError **error)
{
    (void)error;
    g_string_append(log_of(v), "> ");
    return TRUE;
}

static gboolean log_value(BmVisitor *v, const BmField *field, const char *text, GError **error)
{
    LoggingOut *out = (LoggingOut *)v;

    if (++out->values == out->fail_at) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "disk full");
    }
    g_string_append_printf(out->log, "%s=%s ", field->name, text);
    return TRUE;
}

static gboolean out_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    g_autofree char *number = NULL;

    switch (value->type) {
    case BM_SCALAR_BOOLEAN:
        return log_value(v, field, value->boolean ? "true" : "false", error);
    case BM_SCALAR_UNSIGNED:
        number = g_strdup_printf("%" PRIu64, value->u);
        return log_value(v, field, number, error);
    case BM_SCALAR_SIGNED:
        number = g_strdup_printf("%" PRId64, value->i);
        return log_value(v, field, number, error);
    case BM_SCALAR_NULL:
        return log_value(v, field, "null", error);
    case BM_SCALAR_PRESENT:
        return log_value(v, field, "present", error);
    case BM_SCALAR_RAW:
        break;
    }
    return log_value(v, field, "raw", error);
}

static gboolean out_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    g_autofree char *text = g_strndup((const char *)value->data, value->len);

    return log_value(v, field, text, error);
}

BmVisitor *logging_out(GString *log, uint64_t fail_at)
{
    static const BmVisitorOps ops = {.begin_struct = out_begin_struct,
                                     .end_struct = out_end_struct,
                                     .begin_group = out_begin_group,
                                     .end_group = out_end_group,
                                     .begin_subsection = out_begin_subsection,
                                     .end_subsection = out_end_subsection,
                                     .scalar = out_scalar,
                                     .octets = out_octets};
    LoggingOut *out = g_new0(LoggingOut, 1);

    out->base.ops = &ops;
    out->log = log;
    out->fail_at = fail_at;
    return &out->base;
}
