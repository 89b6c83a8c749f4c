/* SPDX-License-Identifier: BSD-2-Clause */
/* Which row a field of the stream goes to, and whether it can. */
#include <string.h>

#include "table-load.h"

static uint8_t *seen(const BmLoadFrame *f, const BmTableField *row)
{
    return &f->seen[row - f->table->fields];
}

static gboolean mismatch(GError **error, const char *format, uint32_t a, uint32_t b)
{
    g_autofree char *text = g_strdup_printf(format, a, b);

    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s", text);
}

/* ---- the row ---- */

/* A row of this name that no field went to yet; in most streams the next one. */
static const BmTableField *find_free(const BmLoadFrame *f, const char *name, gboolean *taken)
{
    const BmTableField *from = f->matched && f->row->name ? f->row + 1 : f->row;
    const BmTableField *row = bm_table_find(f->table, from, name);

    *taken = row && *seen(f, row) == BM_ROW_LOADED;
    if (!*taken) {
        return row;
    }
    for (row = f->table->fields; row->name; row++) {
        if (*seen(f, row) != BM_ROW_LOADED && !strcmp(row->name, name)) {
            *taken = FALSE;
            return row;
        }
    }
    return NULL;
}

/* Another run of the array at work. */
static gboolean goes_on(const BmLoadFrame *f, const char *name)
{
    return f->matched && f->at < f->extent.count && bm_table_find(f->table, f->row, name) == f->row;
}

/* What stands between two fields of the stream: checks look at what was loaded
 * before them, for the good of what comes after; and a counter that is not there
 * has its default before it is needed. */
static gboolean pass_over(const BmLoadFrame *f, const BmTableField *end, GError **error)
{
    for (const BmTableField *row = f->row; row < end; row++) {
        uint8_t *state = seen(f, row);

        if (!bm_row_check(row, f->object, f->version, error)) {
            return FALSE;
        }
        if (*state == BM_ROW_OPEN && row->otherwise && bm_type_is_integer(row->type) &&
            row->shape == BM_SHAPE_INLINE && bm_row_present(row, f->object, f->version)) {
            *state = BM_ROW_MADE_UP;
            if (!bm_store_otherwise(row, f->object, error)) {
                return FALSE;
            }
        }
    }
    return TRUE;
}

static gboolean covers(const BmTableField *row, size_t offset)
{
    return row->shape == BM_SHAPE_INLINE && offset >= row->offset &&
           offset - row->offset < bm_row_stride(row) * bm_row_most(row).count;
}

/* Elements that came before their counter were as many as it said then: it must
 * not say anything else now. */
gboolean bm_loader_may_count(BmLoader *l, const BmTableField *row)
{
    const BmLoadFrame *f = bm_loader_here(l);

    for (const BmTableField *other = row + 1; other <= f->last && other->name; other++) {
        if (*seen(f, other) == BM_ROW_LOADED && bm_row_is_counted(other) && !other->measure &&
            (other->counter.number || row->type == BM_TYPE_TEMP ||
             covers(row, other->counter.offset))) {
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean take_row(BmLoader *l, BmLoadFrame *f, const BmTableField *row, GError **error)
{
    if (row < f->last && bm_loader_may_count(l, row)) {
        return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL,
                            "it counts elements that came before it");
    }
    if (!pass_over(f, row, error)) {
        return FALSE;
    }
    *seen(f, row) = BM_ROW_LOADED;
    f->n_loaded++;
    f->row = row;
    f->last = MAX(f->last, row);
    f->matched = TRUE;
    f->at = 0;
    return bm_row_extent(row, f->object, &f->extent, error);
}

static BmSelected match(BmLoader *l, BmLoadFrame *f, const BmField *field, GError **error)
{
    const BmTableField *row;
    gboolean taken;

    if (goes_on(f, field->name)) {
        return BM_SELECT_FOUND;
    }
    row = find_free(f, field->name, &taken);
    if (taken) {
        bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, NULL, "the field is there twice");
        return BM_SELECT_FAILED;
    }
    if (!row || bm_row_is_silent(row)) {
        return BM_SELECT_SKIP;
    }
    return take_row(l, f, row, error) ? BM_SELECT_FOUND : BM_SELECT_FAILED;
}

/* ---- numbers of elements ---- */

/* The stream lists an array in several fields, one after the other. */
static gboolean is_last_run(const BmLoadFrame *f, const BmField *field)
{
    const BmField *end = f->schema->fields + f->schema->n_fields;

    return field < f->schema->fields || field + 1 >= end || strcmp(field[1].name, field->name) != 0;
}

static gboolean check_total(const BmLoadFrame *f, const BmField *field, GError **error)
{
    gboolean counted = bm_row_is_counted(f->row);
    uint32_t total = f->at + field->count, most = bm_row_most(f->row).count;

    if (counted && total > most) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "%u elements, more than the maximum of %u", total, most);
    }
    if (total > f->extent.count || (total < f->extent.count && is_last_run(f, field))) {
        return mismatch(error,
                        counted ? "%u elements, and its counter says %u"
                                : "the stream has %u elements, this side %u",
                        total, f->extent.count);
    }
    return TRUE;
}

static gboolean check_size(const BmLoadFrame *f, uint64_t size, const char *unit, GError **error)
{
    uint32_t most = bm_row_most(f->row).size;

    if (bm_row_is_counted(f->row) && size > most) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "%" G_GUINT64_FORMAT " %s, more than the maximum of %u", (guint64)size,
                            unit, most);
    }
    return TRUE;
}

static gboolean check_bitmap(const BmLoadFrame *f, const BmField *field, GError **error)
{
    uint32_t words = (f->extent.size + 63) / 64;

    return check_size(f, 64 * ((uint64_t)field->count - 1), "bits", error) &&
           (field->count == words ||
            mismatch(error, "the stream has %u words of bits, this side %u", field->count, words));
}

static gboolean check_list(const BmLoadFrame *f, const BmField *field, GError **error)
{
    uint32_t most = f->row->count;

    return most == 0 || field->n_elements <= most ||
           bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                        "%u elements, more than the maximum of %u", field->n_elements, most);
}

static gboolean check_first(const BmLoadFrame *f, const BmField *field, GError **error)
{
    /* Some senders do not count on from one run to the next. */
    return field->first == 0 || field->first == f->at ||
           mismatch(error, "elements from %u on, expected from %u on", field->first, f->at);
}

static gboolean check_count(const BmLoadFrame *f, const BmField *field, GError **error)
{
    switch (f->row->type) {
    case BM_TYPE_BITMAP:
        return check_bitmap(f, field, error);
    case BM_TYPE_QUEUE:
    case BM_TYPE_TREE:
    case BM_TYPE_TREE_OF_NODES:
    case BM_TYPE_TAILQ:
    case BM_TYPE_LIST:
        return check_list(f, field, error);
    case BM_TYPE_UNUSED:
        return TRUE;
    case BM_TYPE_CUSTOM:
        if (f->extent.count == 1) { /* its octets may be of any form */
            return check_size(f, (uint64_t)field->width * field->count, "octets", error);
        }
        break;
    case BM_TYPE_BUFFER:
        if (!check_size(f, field->width, "octets", error)) {
            return FALSE;
        }
        break;
    default:
        break;
    }
    return check_first(f, field, error) && check_total(f, field, error);
}

/* ---- null pointers ---- */

static gboolean check_nulls(const BmLoadFrame *f, const BmField *field, GError **error)
{
    return bm_row_may_be_null(f->row) ? check_first(f, field, error) && check_total(f, field, error)
                                      : bm_store_accepts(f->row, field, error);
}

/* There must be something to load into. */
static gboolean check_objects(const BmLoadFrame *f, const BmField *field, GError **error)
{
    uint32_t n = bm_row_has_pointers(f->row) ? field->count : 1;

    if (f->row->shape == BM_SHAPE_INLINE || bm_row_element_size(f->row, &f->extent) == 0 ||
        (field->kind == BM_KIND_POINTER && bm_row_may_be_null(f->row))) {
        return TRUE;
    }
    for (uint32_t i = f->at; i < f->extent.count && i < f->at + n; i++) {
        if (!bm_row_element(f->row, f->object, i)) {
            return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                                "an object in the stream, a null pointer on this side");
        }
    }
    return TRUE;
}

/* ---- all of it ---- */

static gboolean check(BmLoadFrame *f, const BmField *field, GError **error)
{
    if (field->kind == BM_KIND_POINTER && f->row->type != BM_TYPE_CUSTOM) {
        return check_nulls(f, field, error);
    }
    return bm_store_accepts(f->row, field, error) && check_count(f, field, error);
}

/* The loader itself said what comes. */
static gboolean select_own(BmLoadFrame *f)
{
    f->row = f->rows.row;
    f->extent = f->rows.extent;
    f->at = f->next.first;
    f->matched = TRUE;
    return TRUE;
}

BmSelected bm_loader_select(BmLoader *l, const BmField *field, GError **error)
{
    BmLoadFrame *f = bm_loader_here(l);
    BmSelected found = BM_SELECT_FOUND;

    f->field = field;
    if (!f->schema) {
        select_own(f);
    } else {
        found = match(l, f, field, error);
        if (found == BM_SELECT_SKIP) {
            bm_loader_report_skipped(l);
        }
        if (found != BM_SELECT_FOUND) {
            return found;
        }
        if (f->at == 0 && bm_row_is_field(f->row, field)) {
            return BM_SELECT_FOUND;
        }
        if (!check(f, field, error)) {
            return BM_SELECT_FAILED;
        }
    }
    if (f->row->shape == BM_SHAPE_ALLOCATED && f->at == 0 &&
        !bm_row_allocate(f->row, f->object, &f->extent, error)) {
        return BM_SELECT_FAILED;
    }
    return check_objects(f, field, error) ? BM_SELECT_FOUND : BM_SELECT_FAILED;
}

/* ---- many fields ---- */

/* Only where nothing stands between the row at work and these: neither one that is passed
 * over nor one that was there before its turn. */
static gboolean is_next(const BmLoadFrame *f, const BmTableField *row)
{
    return row == (f->matched ? f->row + 1 : f->row) && row >= f->last;
}

gboolean bm_loader_next_span(BmLoader *l, const BmSchema *schema, uint32_t first, BmSpan *span)
{
    BmLoadFrame *f = l->skip > 0 ? NULL : bm_loader_here(l);
    const BmPlanned *planned;

    if (!f || !f->plan || f->schema != schema || f->keyless || f->group) {
        return FALSE;
    }
    planned = &f->plan->fields[first];
    if (planned->load_end <= first || !is_next(f, f->table->fields + planned->row)) {
        return FALSE;
    }
    f->first = first;
    bm_plan_span(f->plan, first, planned->load_end, f->object, span);
    return TRUE;
}

void bm_loader_span_done(BmLoader *l, uint32_t n)
{
    BmLoadFrame *f = bm_loader_here(l);
    const BmTableField *row = &f->table->fields[f->plan->fields[f->first].row];

    if (n > 0) {
        memset(seen(f, row), BM_ROW_LOADED, n);
        f->field = &f->schema->fields[f->first + n - 1];
        f->row = f->last = row + n - 1;
        f->matched = TRUE;
        f->n_loaded += n;
        f->extent = (BmExtent){0};
        f->at = 0;
    }
}

/* ---- subsections ---- */

/* More do not help to find out what it is. */
#define NAMES_MOST 8

static void append_names(GString *text, const BmSchema *schema)
{
    uint32_t n = MIN(schema->n_fields, NAMES_MOST);

    for (uint32_t i = 0; i < n; i++) {
        g_string_append_printf(text, i == 0 ? ", fields %s" : ", %s", schema->fields[i].name);
    }
    if (schema->n_fields > n) {
        g_string_append_printf(text, " and %u more", schema->n_fields - n);
    }
}

gboolean bm_table_unknown_subsection(const BmSchema *schema, gboolean described, GError **error)
{
    GString *text = g_string_new(NULL);
    uint64_t size;

    if (described && bm_schema_size(schema, &size)) {
        g_string_append_printf(text, ", %" G_GUINT64_FORMAT " octets", (guint64)size);
    }
    append_names(text, schema);
    bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL, "subsection %s%s; droppable: no",
                 schema->name, text->str);
    g_string_free(text, TRUE);
    return FALSE;
}

const BmTable *bm_loader_subsection(BmLoader *l, const BmSchema *schema, gboolean *skip,
                                    GError **error)
{
    BmLoadFrame *f = bm_loader_here(l);
    const BmTable *const *sub = f->table->subsections;
    uint8_t *marks = &f->seen[f->n_rows];

    *skip = FALSE;
    f->field = NULL;
    f->subsection = schema;
    for (; sub && *sub; sub++, marks++) {
        if (strcmp((*sub)->name, schema->name) != 0 || (*sub)->why_not) {
            continue;
        }
        if (*marks) {
            bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, NULL, "the subsection is there twice");
            return NULL;
        }
        *marks = TRUE;
        return *sub;
    }
    *skip = schema->droppable || bm_table_unknown_subsection(schema, f->schema != NULL, error);
    if (*skip) {
        bm_loader_report_skipped(l);
    }
    return NULL;
}
