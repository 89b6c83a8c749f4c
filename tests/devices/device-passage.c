/* SPDX-License-Identifier: BSD-2-Clause */
#include "device-passage.h"

#include <string.h>

#include "legacy-values.h"
#include "visitors.h"

static gboolean wrong(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean wrong(GError **error, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s", text);
    g_free(text);
    return FALSE;
}

/* ---- the description ---- */

static gboolean same_schema(const BmSchema *a, const BmSchema *b, GError **error);

/* In which form an array is described differs between releases of QEMU; what it
 * is does not. */
static gboolean same_field(const BmField *a, const BmField *b, GError **error)
{
    if (strcmp(a->name, b->name) || a->kind != b->kind || a->width != b->width ||
        a->count != b->count || strcmp(bm_field_type(a), bm_field_type(b)) ||
        a->n_elements != b->n_elements) {
        return wrong(error,
                     "field %s (%s, %u octets, %u times) in the table, %s (%s, %u, %u) in "
                     "the stream",
                     a->name, bm_field_type(a), a->width, a->count, b->name, bm_field_type(b),
                     b->width, b->count);
    }
    for (uint32_t i = 0; i < a->n_elements; i++) {
        if (!same_schema(a->elements[i], b->elements[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean same_schema(const BmSchema *a, const BmSchema *b, GError **error)
{
    if (strcmp(a->name, b->name) || a->version != b->version) {
        return wrong(error, "struct %s of version %u in the table, %s of %u in the stream", a->name,
                     a->version, b->name, b->version);
    }
    if (a->n_fields != b->n_fields || a->n_subsections != b->n_subsections) {
        return wrong(error,
                     "%s has %u fields and %u subsections in the table, %u and %u in the "
                     "stream",
                     a->name, a->n_fields, a->n_subsections, b->n_fields, b->n_subsections);
    }
    for (uint32_t i = 0; i < a->n_fields; i++) {
        if (!same_field(&a->fields[i], &b->fields[i], error)) {
            return FALSE;
        }
    }
    for (uint32_t i = 0; i < a->n_subsections; i++) {
        if (!same_schema(a->subsections[i], b->subsections[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- the values ---- */

/* Where visits are written down, see visitors.h: what the new table does, and what
 * the old program's octets are. */
typedef enum Side {
    FROM_OLD, /* its octets, as the table loads them */
    TO_BER,   /* the table saved */
    FROM_BER, /* the table loaded */
    TO_OLD,   /* the table saved as octets */
    FROM_NEW, /* those, as the old program's description says */
    SIDES
} Side;

typedef struct Passage {
    const Device *device;
    const BmSection *section;
    const BmSchema *described; /* by the stream */
    BmSchemaSet *set;
    const BmSchema *schema; /* by the table */
    BmTrace *traces[SIDES];
    GError **error;
} Passage;

static void *new_object(const Passage *p)
{
    void *object = g_malloc0(p->device->size);

    if (p->device->prepare) {
        p->device->prepare(object, p->section->name, p->described);
    }
    return object;
}

static void free_object(const Passage *p, void *object)
{
    bm_table_clear(p->device->table, object);
    g_free(object);
}

static BmVisitor *traced(const Passage *p, BmVisitor *v, Side side)
{
    return bm_visitor_trace(v, p->device->table->name, bm_trace_record, p->traces[side]);
}

/* As bm_table_load_plain() does. */
static gboolean load_octets(Passage *p, BmOctets octets, void *object)
{
    const BmTable *table = p->device->table;
    BmFault fault = {BM_OK};
    BmVisitor *in = bm_visitor_legacy_in(bm_view(octets.data, octets.len, 0, &fault));
    BmVisitor *out =
        traced(p, bm_visitor_table_out(table, object, p->section->version, NULL), FROM_OLD);
    gboolean ok =
        bm_walk(NULL, in, out, table->name, p->error) &&
        (bm_visitor_legacy_left(in) == 0 || wrong(p->error, "%zu of %zu octets were not read",
                                                  bm_visitor_legacy_left(in), octets.len));

    bm_visitor_free(out);
    bm_visitor_free(in);
    return ok;
}

static gboolean save_ber(Passage *p, void *object, BmWriter *w)
{
    BmVisitor *out = traced(p, bm_visitor_ber_out(w), TO_BER);
    gboolean ok;

    p->schema = bm_table_prepare(p->device->table, object, p->set, p->error);
    ok = p->schema && bm_table_save_prepared(p->device->table, object, p->schema, out, p->error);
    bm_visitor_free(out);
    return ok && (w->fault.code == BM_OK || bm_error_from_fault(p->error, &w->fault, NULL));
}

static gboolean nothing_odd(Passage *p, const BmLoadReport *report)
{
    if (report->skipped->len) {
        return wrong(p->error, "%s was skipped", (char *)report->skipped->pdata[0]);
    }
    if (report->defaulted->len) {
        return wrong(p->error, "%s was not there", (char *)report->defaulted->pdata[0]);
    }
    return TRUE;
}

static gboolean load_ber(Passage *p, BmOctets octets, void *object)
{
    BmFault fault = {BM_OK};
    BmVisitor *in =
        traced(p, bm_visitor_ber_in(bm_view(octets.data, octets.len, 0, &fault)), FROM_BER);
    BmLoadReport report;
    gboolean ok;

    bm_load_report_init(&report);
    ok = bm_table_load(p->device->table, object, p->schema, in, &report, p->error) &&
         nothing_odd(p, &report);
    bm_load_report_clear(&report);
    bm_visitor_free(in);
    return ok;
}

static gboolean save_octets(Passage *p, void *object, BmOutput *output)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmVisitor *out = traced(p, bm_visitor_legacy_out(output), TO_OLD);
    gboolean ok = bm_table_save(p->device->table, object, set, out, p->error);

    bm_visitor_free(out);
    bm_schema_set_free(set);
    return ok;
}

static gboolean same_octets(Passage *p, BmOctets a, BmOctets b)
{
    size_t len = MIN(a.len, b.len), i = 0;

    while (i < len && a.data[i] == b.data[i]) {
        i++;
    }
    return (i == a.len && i == b.len) ||
           wrong(p->error, "octet %zu of %zu came back as another one (%zu are there)", i, a.len,
                 b.len);
}

static BmOctets written(BmWriter *w, GByteArray *room)
{
    for (size_t i = 0; i <= 2 * w->n_borrowed; i++) {
        BmOctets piece = bm_writer_piece(w, i);

        g_byte_array_append(room, piece.data, (guint)piece.len);
    }
    return (BmOctets){room->data, room->len};
}

/* From the first object by way of BER to the second one and its octets. */
static gboolean pass_on(Passage *p, void *first, void *second, BmOctets octets)
{
    GByteArray *room = g_byte_array_new();
    BmOutput *output = bm_output_memory();
    BmWriter w;
    gboolean ok;

    bm_writer_init(&w);
    ok = save_ber(p, first, &w) && load_ber(p, written(&w, room), second) &&
         save_octets(p, second, output) && same_octets(p, octets, bm_output_memory_data(output));
    bm_writer_clear(&w);
    bm_output_free(output);
    g_byte_array_unref(room);
    return ok;
}

/* ---- every visit ---- */

static gboolean read_as_described(Passage *p, BmOctets octets)
{
    BmFault fault = {BM_OK};
    BmVisitor *in =
        traced(p, bm_visitor_legacy_in(bm_view(octets.data, octets.len, 0, &fault)), FROM_NEW);
    BmVisitor *out = bm_visitor_null();
    gboolean ok = bm_walk(p->described, in, out, NULL, p->error);

    bm_visitor_free(in);
    bm_visitor_free(out);
    return ok;
}

static gboolean same_visits(const Passage *p, Side a, Side b)
{
    return (bm_trace_length(p->traces[a]) > 0 || wrong(p->error, "side %d saw nothing", a)) &&
           bm_trace_compare(p->traces[a], p->traces[b], p->error);
}

/* The three phases: old to new, new to new, new to old. */
static gboolean check_phases(Passage *p, BmOctets octets)
{
    return same_visits(p, FROM_OLD, TO_BER) && same_visits(p, TO_BER, FROM_BER) &&
           same_visits(p, FROM_BER, TO_OLD) &&
           (p->device->opaque || !p->described ||
            (read_as_described(p, octets) && same_visits(p, TO_OLD, FROM_NEW)));
}

gboolean device_passage(const Device *device, const BmSection *section, const BmSchema *schema,
                        BmOctets octets, uint64_t *leaves, GError **error)
{
    Passage p = {.device = device, .section = section, .described = schema, .error = error};
    void *first = new_object(&p), *second = new_object(&p);
    uint64_t n = 0, opaque = 0;
    gboolean ok;

    p.set = bm_schema_set_new();
    for (int i = 0; i < SIDES; i++) {
        p.traces[i] = bm_trace_new();
    }
    ok = load_octets(&p, octets, first) && pass_on(&p, first, second, octets) &&
         (device->opaque || !schema || same_schema(p.schema, schema, error)) &&
         check_phases(&p, octets);
    if (ok) {
        bm_schema_count_leaves(p.schema, &n, &opaque);
        *leaves += n;
    }
    for (int i = 0; i < SIDES; i++) {
        bm_trace_free(p.traces[i]);
    }
    bm_schema_set_free(p.set);
    free_object(&p, first);
    free_object(&p, second);
    return ok;
}

gboolean device_applies(const Device *device, const BmSection *section, const BmSchema *schema)
{
    gboolean named = *device->section == '/' ? g_str_has_suffix(section->name, device->section)
                                             : !strcmp(section->name, device->section);

    return named && (!device->applies || device->applies(section->name, schema));
}
