/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmdesc-entry.h"

#include <string.h>

#include "vmdesc-types.h"

/* ---- elements ---- */

/* Up to 9.2 a NULL element is described as a struct `{}` of one octet, and where
 * elements are NULL and not, the text counts all of them like the first.  What
 * does not add up is carried as octets. */
static gboolean adds_up(const BmVmdescEntry *e)
{
    uint64_t size;

    return (e->field.kind == BM_KIND_LIST || e->field.n_elements == 1) &&
           bm_field_element_size(&e->field, &size) && size == e->size;
}

gboolean bm_vmdesc_entry_settle(BmVmdescEntry *e)
{
    guint given = e->elements ? e->elements->len : 0;
    BmField *f = &e->field;

    f->name = e->name;
    bm_vmdesc_type(f, e->type, (uint32_t)e->size, e->has_array_len || e->has_index);
    if (f->kind != BM_KIND_STRUCT && f->kind != BM_KIND_LIST) {
        return given == 0;
    }
    f->elements = given > 0 ? (const BmSchema *const *)e->elements->pdata : NULL;
    f->n_elements = given;
    if (adds_up(e)) {
        return TRUE;
    }
    bm_vmdesc_opaque(f, e->type, (uint32_t)e->size);
    f->elements = NULL;
    f->n_elements = 0;
    return given == 0;
}

/* ---- arrays ---- */

/* Lists carry their own end, so an array of lists would need one number per
 * list: QEMU has none. */
gboolean bm_vmdesc_entry_number(BmVmdescEntry *e, uint64_t n)
{
    if (e->has_array_len) {
        e->field.count = (uint32_t)n;
        return n > 0 && (n == 1 || e->field.kind != BM_KIND_LIST);
    }
    e->field.form = BM_FORM_INDEXED;
    e->field.first = (uint32_t)n;
    return TRUE;
}

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

void bm_vmdesc_entry_add(const BmVmdescEntry *e, BmSchemaBuilder *builder)
{
    if (!extend(bm_schema_builder_last(builder), &e->field)) {
        bm_schema_builder_field(builder, &e->field);
    }
}
