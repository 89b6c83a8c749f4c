/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "schema-impl.h"

/* Values that one schema may describe: none shorter than two octets in BER. */
#define MAX_VALUES (BM_LIMIT_RECORD / 2)

static const BmSchemaMeasures *measures(const BmSchema *schema)
{
    return &((const BmInterned *)schema)->measures;
}

static void measure_element(BmSchemaMeasures *m, const BmSchema *element, uint64_t times,
                            unsigned nesting)
{
    const BmSchemaMeasures *e = measures(element);

    m->depth = MAX(m->depth, 1 + nesting + e->depth);
    m->values += times * e->values;
    m->entries += e->entries;
    m->leaves += times * e->leaves;
    m->opaque += times * e->opaque;
}

static void measure_field(BmSchemaMeasures *m, const BmField *f)
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
static gboolean measure(const BmSchema *s, BmSchemaMeasures *m)
{
    *m = (BmSchemaMeasures){.depth = 1, .values = 1};
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

gboolean bm_schema_measure(const BmSchema *s, BmSchemaMeasures *m, GError **error)
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

/* ---- asking ---- */

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
    const BmSchemaMeasures *m = measures(schema);

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
