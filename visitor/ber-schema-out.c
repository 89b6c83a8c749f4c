/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "ber-schema-out.h"

static void write_elements(BmWriter *w, const BmField *f)
{
    if (f->n_elements == 0) {
        return;
    }
    bm_writer_open(w, BM_TAG_CONTEXT(5) | BM_CONSTRUCTED);
    for (uint32_t i = 0; i < f->n_elements; i++) {
        bm_writer_unsigned(w, BM_TAG_INTEGER, f->elements[i]->number);
    }
    bm_writer_close(w);
}

static void write_field(BmWriter *w, const BmField *f)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    bm_writer_text(w, BM_TAG_UTF8, f->name);
    bm_writer_unsigned(w, BM_TAG_ENUMERATED, f->kind);
    if (f->width != 0) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), f->width);
    }
    if (f->count != 1) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(1), f->count);
    }
    if (f->form != BM_FORM_ARRAY) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(2), f->form);
    }
    if (f->first != 0) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(3), f->first);
    }
    if (f->type) {
        bm_writer_explicit(w, BM_TAG_CONTEXT(4) | BM_CONSTRUCTED, BM_TAG_UTF8, f->type,
                           strlen(f->type));
    }
    write_elements(w, f);
    if (f->condition) {
        bm_writer_explicit(w, BM_TAG_CONTEXT(6) | BM_CONSTRUCTED, BM_TAG_UTF8, f->condition,
                           strlen(f->condition));
    }
    if (f->since != 0) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(7), f->since);
    }
    bm_writer_close(w);
}

void bm_ber_schema_write(BmWriter *w, const BmSchema *schema)
{
    bm_writer_unsigned(w, BM_TAG_INTEGER, schema->number);
    bm_writer_text(w, BM_TAG_UTF8, schema->name);
    bm_writer_unsigned(w, BM_TAG_INTEGER, schema->version);
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        write_field(w, &schema->fields[i]);
    }
    bm_writer_close(w);
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (uint32_t i = 0; i < schema->n_subsections; i++) {
        bm_writer_unsigned(w, BM_TAG_INTEGER, schema->subsections[i]->number);
    }
    bm_writer_close(w);
    if (schema->condition) {
        bm_writer_explicit(w, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED, BM_TAG_UTF8, schema->condition,
                           strlen(schema->condition));
    }
    if (schema->droppable) {
        bm_writer_null(w, BM_TAG_CONTEXT(1));
    }
    if (schema->minimum != schema->version) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(2), schema->minimum);
    }
}
