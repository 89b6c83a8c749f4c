/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A slot is for what does not depend on the object: one row of a name, and one field, of
 * the same kind and size, inline, of a fixed number.  Whatever else a row can be has no
 * slot, and is saved and loaded by itself.
 */
#include "table-plan.h"

#include <string.h>

/* One that is being made. */
typedef struct Maker {
    const BmTable *table;
    const BmSchema *schema;
    BmPlan *plan;
    BmSlot *slots;
    BmNames rows; /* their names */
} Maker;

/* ---- the row of a field ---- */

static gboolean is_only_row(const Maker *m, const BmTableField *row)
{
    gboolean several = FALSE;

    if (!bm_names_is_alone(&m->rows, row->name)) {
        bm_row_ordinal(m->table, row, &several);
    }
    return !several;
}

/* name[0] can be two rows: one that is called so, and the first of those called name. */
static gboolean may_be_ordinal(const Maker *m, const char *name)
{
    const char *bracket = strrchr(name, '[');
    size_t len = bracket ? (size_t)(bracket - name) : 0;

    if (!bracket || !g_str_has_suffix(name, "]") || !bm_names_may_have(&m->rows, name, len)) {
        return FALSE;
    }
    for (const BmTableField *row = m->table->fields; row->name; row++) {
        if (!strncmp(row->name, name, len) && row->name[len] == '\0') {
            return TRUE;
        }
    }
    return FALSE;
}

/* From this row on; NULL if it cannot be said without looking at what else there is.  So
 * no row is found twice, and a field whose row was before its turn is visited by itself. */
static const BmTableField *find_row(const Maker *m, const BmTableField *from, const BmField *field)
{
    const BmTableField *row = bm_table_find(m->table, from, field->name);

    return row && row >= from && is_only_row(m, row) && !may_be_ordinal(m, field->name) ? row
                                                                                        : NULL;
}

/* ---- the slot of a row ---- */

static gboolean same_shape(const BmTableField *row, const BmField *field)
{
    const BmExtent extent = bm_row_most(row);
    BmField is;

    if (bm_row_is_field(row, field)) {
        return TRUE;
    }
    bm_row_field(row, &extent, &is);
    return field->kind == is.kind && field->width == is.width && field->count == is.count &&
           field->first == 0 && bm_field_is_packed(field) == bm_field_is_packed(&is) &&
           bm_field_is_group(field) == bm_field_is_group(&is);
}

static BmSlotKind number_kind(BmType type)
{
    static const BmSlotKind kinds[] = {
        [BM_TYPE_BOOL] = BM_SLOT_BOOLEAN, [BM_TYPE_U8] = BM_SLOT_U8,   [BM_TYPE_U16] = BM_SLOT_U16,
        [BM_TYPE_U32] = BM_SLOT_U32,      [BM_TYPE_U64] = BM_SLOT_U64, [BM_TYPE_I8] = BM_SLOT_I8,
        [BM_TYPE_I16] = BM_SLOT_I16,      [BM_TYPE_I32] = BM_SLOT_I32, [BM_TYPE_I64] = BM_SLOT_I64,
    };

    return type == BM_TYPE_TIMER        ? BM_SLOT_I64
           : type < G_N_ELEMENTS(kinds) ? kinds[type]
                                        : BM_SLOT_NONE;
}

/* Of several, or of octets: in a stream one OCTET STRING. */
static BmSlotKind octets_kind(const BmTableField *row)
{
    switch (row->type) {
    case BM_TYPE_BOOL:
        return BM_SLOT_BOOLEANS;
    case BM_TYPE_U8:
    case BM_TYPE_I8:
    case BM_TYPE_BUFFER:
        return BM_SLOT_OCTETS;
    case BM_TYPE_UNUSED:
        return BM_SLOT_ZEROS;
    case BM_TYPE_U16:
    case BM_TYPE_I16:
        return BM_SLOT_WORDS16;
    case BM_TYPE_U32:
    case BM_TYPE_I32:
        return BM_SLOT_WORDS32;
    case BM_TYPE_U64:
    case BM_TYPE_I64:
    case BM_TYPE_TIMER:
    case BM_TYPE_F64:
        return BM_SLOT_WORDS64;
    default:
        return BM_SLOT_NONE;
    }
}

static gboolean octets_slot(const BmTableField *row, const BmField *field, BmSlot *slot)
{
    uint64_t count = field->count;

    slot->kind = octets_kind(row);
    if (slot->kind == BM_SLOT_OCTETS || slot->kind == BM_SLOT_ZEROS) {
        count *= field->width;
    }
    slot->count = (uint32_t)count;
    return slot->kind != BM_SLOT_NONE && count <= BM_LIMIT_RECORD &&
           (field->count == 1 || row->type == BM_TYPE_UNUSED || bm_row_stride(row) == field->width);
}

static gboolean struct_slot(const BmTableField *row, const BmField *field, BmSlot *slot)
{
    const BmPlan *inside = bm_table_plan(row->table, field->elements[0]);

    if (!inside || !inside->saves_whole || row->type != BM_TYPE_STRUCT) {
        return FALSE;
    }
    slot->kind = bm_field_is_group(field) ? BM_SLOT_GROUP : BM_SLOT_STRUCT;
    slot->count = field->count;
    slot->slots = inside->slots;
    slot->n_slots = field->elements[0]->n_fields;
    slot->size = bm_row_stride(row);
    return TRUE;
}

static gboolean make_slot(const BmTableField *row, const BmField *field, BmSlot *slot)
{
    *slot = (BmSlot){.kind = BM_SLOT_NONE, .offset = row->offset};
    if (row->shape != BM_SHAPE_INLINE || bm_row_is_counted(row) || bm_row_is_silent(row) ||
        !same_shape(row, field)) {
        return FALSE;
    }
    if (field->kind == BM_KIND_STRUCT) {
        return struct_slot(row, field, slot);
    }
    if (bm_field_is_packed(field) || number_kind(row->type) == BM_SLOT_NONE) {
        return octets_slot(row, field, slot);
    }
    slot->kind = number_kind(row->type);
    return TRUE;
}

/* ---- what loading has to do besides ---- */

static gboolean has_hooks(const BmTable *table)
{
    return table->pre_load || table->post_load || table->foreign.pre_load ||
           table->foreign.pre_load_errp || table->foreign.post_load ||
           table->foreign.post_load_errp;
}

static gboolean loads_plainly(const BmTableField *row, const BmField *field)
{
    return !(row->flags & (BM_EQUAL | BM_AT_MOST)) &&
           (field->kind != BM_KIND_STRUCT ||
            bm_table_plan(row->table, field->elements[0])->loads_whole);
}

/* ---- all fields ---- */

static void measure(Maker *m, uint32_t i)
{
    BmPlanned *f = &m->plan->fields[i];
    BmSpan span = {.most = 0};

    if (m->slots[i].kind != BM_SLOT_NONE) {
        bm_span_init(&span, &m->slots[i], 1, NULL);
        m->slots[i].most = (uint32_t)MIN(span.most, UINT32_MAX);
    }
    m->plan->depth = MAX(m->plan->depth, span.depth);
    f[1].most_before = f->most_before + span.most;
    f[1].size_before = f->size_before + span.size;
}

static void make_slots(Maker *m)
{
    const BmTableField *row = m->table->fields;

    for (uint32_t i = 0; i < m->schema->n_fields; i++) {
        const BmField *field = &m->schema->fields[i];
        const BmTableField *found = find_row(m, row, field);
        BmPlanned *f = &m->plan->fields[i];

        if (found && make_slot(found, field, &m->slots[i])) {
            f->row = (uint32_t)(found - m->table->fields);
            f->save_end = i + 1;
            f->load_end = loads_plainly(found, field) ? i + 1 : 0;
        } else {
            m->slots[i].kind = BM_SLOT_NONE;
        }
        row = found ? found + 1 : row;
        measure(m, i);
    }
}

/* Rows that no field goes to stand between two spans: loading looks at them. */
static void join(Maker *m)
{
    BmPlanned *f = m->plan->fields;

    for (uint32_t i = m->schema->n_fields; i-- > 1;) {
        if (f[i - 1].save_end && f[i].save_end) {
            f[i - 1].save_end = f[i].save_end;
        }
        if (f[i - 1].load_end && f[i].load_end && f[i].row == f[i - 1].row + 1) {
            f[i - 1].load_end = f[i].load_end;
        }
    }
}

static void judge(Maker *m)
{
    const BmPlanned *first = m->plan->fields;
    uint32_t n = m->schema->n_fields;
    gboolean plain = m->schema->n_subsections == 0;

    m->plan->saves_whole = plain && (n == 0 || first->save_end == n);
    m->plan->loads_whole =
        plain && n == m->plan->n_rows && (n == 0 || (first->load_end == n && first->row == 0)) &&
        !has_hooks(m->table) && bm_table_check_version(m->table, m->schema->version, NULL);
}

static BmPlan *make(const BmTable *table, const BmSchema *schema)
{
    size_t fields = sizeof(BmPlan) + (schema->n_fields + 1) * sizeof(BmPlanned);
    Maker m = {.table = table, .schema = schema};

    m.plan = g_malloc0(fields + schema->n_fields * sizeof(BmSlot));
    m.slots = (BmSlot *)(gpointer)((char *)m.plan + fields);
    m.plan->kept.key = table;
    m.plan->name = table->name;
    m.plan->rows = table->fields;
    m.plan->slots = m.slots;
    m.plan->n_rows = bm_table_n_fields(table);
    m.plan->allocates = bm_table_allocates(table);
    m.plan->has_hooks = bm_hooks_has_any(table);
    bm_names_count(&m.rows, table);
    make_slots(&m);
    join(&m);
    judge(&m);
    return m.plan;
}

const BmPlan *bm_table_plan(const BmTable *table, const BmSchema *schema)
{
    const BmPlan *plan = (const BmPlan *)bm_kept_find(schema, table);

    if (!plan && schema->kept) {
        plan = (const BmPlan *)bm_kept_add(schema, &make(table, schema)->kept);
    }
    return plan && plan->name == table->name && plan->rows == table->fields ? plan : NULL;
}

void bm_plan_span(const BmPlan *plan, uint32_t first, uint32_t end, const void *object,
                  BmSpan *span)
{
    const BmPlanned *f = plan->fields;

    *span = (BmSpan){.slots = plan->slots + first,
                     .n_slots = end - first,
                     .base = (void *)object,
                     .most = f[end].most_before - f[first].most_before,
                     .size = f[end].size_before - f[first].size_before,
                     .depth = plan->depth};
}
