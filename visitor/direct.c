/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices without a table.  Each call is a table of one row, walked at once: into
 * the tree that is saved, or from the field of that name in the tree that was
 * loaded, or from where QEMU's octets stand.
 */
#include "direct.h"

#include <string.h>

#include "table-impl.h"
#include "visitor-impl.h"
#include "walk.h"

typedef enum Mode { SAVING, LOADING, LOADING_PLAIN } Mode;

struct BmDirect {
    const BmDirectDevice *device;
    Mode mode;
    uint32_t version;
    BmState *state; /* saving: so far; loading: what no call was for yet */
    BmSchemaSet *set;
    BmVisitor *in; /* plain loading: one_row_in() of the caller's */
    BmLoadReport *report;
    GError *error; /* the first failure */
};

/* ---- one row of QEMU's octets ---- */

/* The device itself begins and ends outside, around all rows; subsections are not
 * looked for behind each. */
typedef struct OneRowIn {
    BmVisitor base;
    BmVisitor *in;
} OneRowIn;

static BmVisitor *inner(const BmVisitor *v)
{
    return ((const OneRowIn *)v)->in;
}

static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    return !field || bm_visit_begin_struct(inner(v), field, schema, error);
}

/* What is open now is still the one that ends. */
static gboolean end_struct(BmVisitor *v, GError **error)
{
    return v->depth == 1 || bm_visit_end_struct(inner(v), error);
}

static gboolean end_fields(BmVisitor *v, GError **error)
{
    return v->depth == 1 || bm_visit_end_fields(inner(v), error);
}

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    return bm_visit_begin_group(inner(v), field, error);
}

static gboolean end_group(BmVisitor *v, GError **error)
{
    return bm_visit_end_group(inner(v), error);
}

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    return bm_visit_begin_subsection(inner(v), schema, error);
}

static gboolean end_subsection(BmVisitor *v, GError **error)
{
    return bm_visit_end_subsection(inner(v), error);
}

static gboolean scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    return bm_visit_scalar(inner(v), field, value, error);
}

static gboolean octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    return bm_visit_octets(inner(v), field, value, error);
}

static gboolean said_width(BmVisitor *v, uint32_t *width, GError **error)
{
    return bm_visit_said_width(inner(v), width, error);
}

static gboolean more(BmVisitor *v, const BmField *field, gboolean *more, GError **error)
{
    return bm_visit_more(inner(v), field, more, error);
}

static gboolean next_subsection(BmVisitor *v, const char *name, BmSchema *subsection,
                                GError **error)
{
    return v->depth == 1 || bm_visit_next_subsection(inner(v), name, subsection, error);
}

static uint64_t offset(const BmVisitor *v)
{
    return bm_visitor_offset(inner(v));
}

static const BmVisitorOps one_row_ops = {
    .begin_struct = begin_struct,
    .end_struct = end_struct,
    .end_fields = end_fields,
    .begin_group = begin_group,
    .end_group = end_group,
    .begin_subsection = begin_subsection,
    .end_subsection = end_subsection,
    .scalar = scalar,
    .octets = octets,
    .said_width = said_width,
    .more = more,
    .next_subsection = next_subsection,
    .offset = offset,
};

/* ---- a row ---- */

static gboolean save_row(BmDirect *d, const BmTable *table, void *object)
{
    BmState *one = NULL;
    BmVisitor *out = bm_visitor_state_out(&one);
    gboolean ok = bm_table_save(table, object, d->set, out, &d->error);

    if (ok && one->fields->len > 0 && bm_state_index(d->state, table->fields->name) >= 0) {
        ok = bm_error_set(&d->error, BM_DUPLICATE, BM_NO_OFFSET, table->name,
                          "two fields have the name \"%s\"", table->fields->name);
    }
    while (ok && one->fields->len > 0) {
        bm_state_insert(d->state, -1, bm_state_steal(one, 0));
    }
    bm_state_free(one);
    bm_visitor_free(out);
    return ok;
}

/* The fields of this name: an array may have been listed in several. */
static BmState *take_fields(BmDirect *d, const char *name)
{
    BmState *one = bm_state_new(d->device->name, d->version);
    int at;

    while ((at = bm_state_index(d->state, name)) >= 0) {
        bm_state_insert(one, -1, bm_state_steal(d->state, at));
    }
    return one;
}

static gboolean load_row(BmDirect *d, const BmTable *table, void *object)
{
    BmState *one = take_fields(d, table->fields->name);
    const BmSchema *schema = bm_state_schema(one, d->set, &d->error);
    BmVisitor *in = bm_visitor_state_in(one);
    BmVisitor *out = bm_visitor_table_out(table, object, d->version, d->report);
    gboolean ok = schema && bm_walk(schema, in, out, table->name, &d->error);

    bm_visitor_free(out);
    bm_visitor_free(in);
    bm_state_free(one);
    return ok;
}

static gboolean load_plain_row(BmDirect *d, const BmTable *table, void *object)
{
    OneRowIn in = {.base = {.ops = &one_row_ops}, .in = d->in};

    return bm_table_load_plain(table, object, d->version, &in.base, &d->error);
}

gboolean bm_direct_row(BmDirect *d, const BmTableField *row, void *object)
{
    BmTableField fields[2] = {*row, BM_FIELD_END};
    BmTable table = {.name = d->device->name, .version = d->version, .fields = fields};

    if (d->error) {
        return FALSE;
    }
    switch (d->mode) {
    case SAVING:
        return save_row(d, &table, object);
    case LOADING:
        return load_row(d, &table, object);
    case LOADING_PLAIN:
        break;
    }
    return load_plain_row(d, &table, object);
}

/* ---- kinds of rows ---- */

#define SCALAR(suffix, t, ctype)                                                                   \
    gboolean bm_direct_##suffix(BmDirect *d, const char *name, ctype *member)                      \
    {                                                                                              \
        return bm_direct_row(d, &(BmTableField){.name = name, .type = t}, member);                 \
    }

SCALAR(bool, BM_TYPE_BOOL, bool)
SCALAR(u8, BM_TYPE_U8, uint8_t)
SCALAR(u16, BM_TYPE_U16, uint16_t)
SCALAR(u32, BM_TYPE_U32, uint32_t)
SCALAR(u64, BM_TYPE_U64, uint64_t)
SCALAR(i8, BM_TYPE_I8, int8_t)
SCALAR(i16, BM_TYPE_I16, int16_t)
SCALAR(i32, BM_TYPE_I32, int32_t)
SCALAR(i64, BM_TYPE_I64, int64_t)
SCALAR(f64, BM_TYPE_F64, double)
SCALAR(f80, BM_TYPE_F80, BmFloat80)
SCALAR(timer, BM_TYPE_TIMER, int64_t)

gboolean bm_direct_buffer(BmDirect *d, const char *name, void *octets, size_t size)
{
    return bm_direct_row(d, &(BmTableField){.name = name, .type = BM_TYPE_BUFFER, .size = size},
                         octets);
}

gboolean bm_direct_string(BmDirect *d, const char *name, char *text, size_t size)
{
    return bm_direct_row(d, &(BmTableField){.name = name, .type = BM_TYPE_STRING, .size = size},
                         text);
}

gboolean bm_direct_unused(BmDirect *d, const char *name, size_t size)
{
    return bm_direct_row(d, &(BmTableField){.name = name, .type = BM_TYPE_UNUSED, .size = size},
                         NULL);
}

static gboolean fail_at(BmDirect *d, BmCode code, const char *name, const char *text)
{
    g_autofree char *path = g_strdup_printf("%s.%s", d->device->name, name);

    return bm_error_set(&d->error, code, BM_NO_OFFSET, path, "%s", text);
}

/* A row of none has no field. */
static gboolean check_none(BmDirect *d, const char *name)
{
    return d->mode != LOADING || bm_state_index(d->state, name) < 0 ||
           fail_at(d, BM_MISMATCH, name, "elements in the stream, none on this side");
}

static gboolean several(BmDirect *d, BmTableField *row, void *first, uint32_t count, uint32_t most)
{
    if (d->error) {
        return FALSE;
    }
    if (count > most) {
        g_autofree char *text =
            g_strdup_printf("%u elements, more than the maximum of %u", count, most);

        return fail_at(d, BM_LIMIT, row->name, text);
    }
    row->count = count;
    return count == 0 ? check_none(d, row->name) : bm_direct_row(d, row, first);
}

gboolean bm_direct_array(BmDirect *d, const char *name, BmType type, void *first, uint32_t count,
                         uint32_t most)
{
    return several(d, &(BmTableField){.name = name, .type = type}, first, count, most);
}

gboolean bm_direct_structs(BmDirect *d, const char *name, const BmTable *table, void *first,
                           uint32_t count, uint32_t most)
{
    return several(d, &(BmTableField){.name = name, .type = BM_TYPE_STRUCT, .table = table}, first,
                   count, most);
}

/* ---- other calls ---- */

gboolean bm_direct_is_loading(const BmDirect *d)
{
    return d->mode != SAVING;
}

uint32_t bm_direct_version(const BmDirect *d)
{
    return d->version;
}

gboolean bm_direct_refuse(BmDirect *d, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    bm_error_set(d->error ? NULL : &d->error, BM_MISMATCH, BM_NO_OFFSET, d->device->name, "%s",
                 text);
    g_free(text);
    return FALSE;
}

/* ---- the whole device ---- */

static void direct_init(BmDirect *d, const BmDirectDevice *device, Mode mode, uint32_t version)
{
    *d = (BmDirect){.device = device, .mode = mode, .version = version};
    d->set = bm_schema_set_new();
}

static gboolean check_version(BmDirect *d)
{
    const BmTable table = {.name = d->device->name,
                           .version = d->device->version,
                           .minimum_version = d->device->minimum_version};

    if (bm_table_check_version(&table, d->version, &d->error)) {
        return TRUE;
    }
    bm_error_add_path(d->error, d->device->name);
    return FALSE;
}

static gboolean visit(BmDirect *d, void *object)
{
    if (!d->device->visit(d, object) && !d->error) {
        bm_direct_refuse(d, "%s failed", d->device->name);
    }
    return d->error == NULL;
}

/* Frees all but the state. */
static gboolean direct_end(BmDirect *d, gboolean ok, GError **error)
{
    bm_schema_set_free(d->set);
    if (!ok) {
        g_propagate_error(error, d->error);
    }
    return ok;
}

BmState *bm_direct_save(const BmDirectDevice *device, void *object, GError **error)
{
    BmDirect d;

    direct_init(&d, device, SAVING, device->version);
    d.state = bm_state_new(device->name, device->version);
    if (!direct_end(&d, visit(&d, object), error)) {
        bm_state_free(d.state);
        return NULL;
    }
    return d.state;
}

/* ---- what was not called for ---- */

static void report_skipped(BmDirect *d, const char *name)
{
    if (d->report) {
        g_ptr_array_add(d->report->skipped, g_strdup_printf("%s.%s", d->device->name, name));
    }
}

static gboolean skip_subsection(BmDirect *d, const BmState *subsection)
{
    const BmSchema *schema;

    if (subsection->droppable) {
        report_skipped(d, subsection->name);
        return TRUE;
    }
    schema = bm_state_schema(subsection, d->set, &d->error);
    if (schema) {
        bm_table_unknown_subsection(schema, TRUE, &d->error);
    }
    bm_error_add_path(d->error, d->device->name);
    return FALSE;
}

static gboolean skip_rest(BmDirect *d)
{
    for (guint i = 0; i < d->state->fields->len; i++) {
        report_skipped(d, ((BmStateField *)d->state->fields->pdata[i])->is.name);
    }
    for (guint i = 0; i < d->state->subsections->len; i++) {
        if (!skip_subsection(d, d->state->subsections->pdata[i])) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- loading ---- */

static gboolean read_tree(BmDirect *d, const BmSchema *schema, BmVisitor *in)
{
    BmVisitor *out = bm_visitor_state_out(&d->state);
    gboolean ok = bm_walk(schema, in, out, d->device->name, &d->error);

    bm_visitor_free(out);
    return ok;
}

gboolean bm_direct_load(const BmDirectDevice *device, void *object, const BmSchema *schema,
                        BmVisitor *in, BmLoadReport *report, GError **error)
{
    BmDirect d;
    gboolean ok;

    if (!schema) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, device->name,
                            "values without a description");
    }
    direct_init(&d, device, LOADING, schema->version);
    d.report = report;
    ok = check_version(&d) && read_tree(&d, schema, in) && visit(&d, object) && skip_rest(&d);
    bm_state_free(d.state);
    return direct_end(&d, ok, error);
}

gboolean bm_direct_load_plain(const BmDirectDevice *device, void *object, uint32_t version,
                              BmVisitor *in, GError **error)
{
    BmDirect d;
    gboolean ok;

    if (!bm_visitor_answers(in)) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, device->name,
                            "nothing says which values are to be read");
    }
    direct_init(&d, device, LOADING_PLAIN, version);
    d.in = in;
    ok = check_version(&d) && bm_visit_begin_struct(in, NULL, NULL, &d.error) &&
         visit(&d, object) && bm_visit_end_fields(in, &d.error) &&
         bm_visit_end_struct(in, &d.error);
    return direct_end(&d, ok, error);
}
