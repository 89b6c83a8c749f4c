/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of rows that the stream does not have. */
#include "table-load.h"

/* An array of none is in no stream. */
static gboolean is_empty(const BmTableField *row, const BmExtent *extent)
{
    BmField field;

    bm_row_field(row, extent, &field);
    return field.count == 0 || (bm_row_is_counted(row) && extent->size == 0) ||
           row->type == BM_TYPE_UNUSED;
}

static gboolean make_up(BmLoader *l, const BmTableField *row, void *object, const BmExtent *extent,
                        GError **error)
{
    /* Lists are empty, and a temporary has nothing to say. */
    if (!bm_row_is_listed(row) && row->type != BM_TYPE_TEMP) {
        if (row->shape == BM_SHAPE_ALLOCATED && !bm_row_allocate(row, object, extent, error)) {
            return FALSE;
        }
        if (!bm_store_otherwise(row, object, error)) {
            return FALSE;
        }
    }
    bm_loader_report_defaulted(l, row->name);
    return TRUE;
}

/* The value that the one who was to send it had is not there to be looked at. */
static gboolean is_expected(const BmTableField *row, const void *object, uint32_t version)
{
    if (row->flags & BM_WHEN_OWN_VALUE) {
        return row->since <= version && !bm_row_is_silent(row);
    }
    return bm_row_present(row, object, version);
}

static gboolean settle(BmLoader *l, const BmLoadFrame *f, const BmTableField *row, GError **error)
{
    BmExtent extent;

    if (!bm_row_check(row, f->object, f->version, error)) {
        return FALSE;
    }
    if (!is_expected(row, f->object, f->version)) {
        return TRUE;
    }
    if (!bm_row_extent(row, f->object, &extent, error)) {
        return FALSE;
    }
    if (is_empty(row, &extent)) {
        return TRUE;
    }
    if (row->otherwise && bm_loader_may_count(l, row)) {
        return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL,
                            "field \"%s\" is missing, and elements that it counts are there",
                            row->name);
    }
    if (row->otherwise) {
        return make_up(l, row, f->object, &extent, error);
    }
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "field \"%s\" is missing in the stream", row->name);
}

gboolean bm_loader_settle(BmLoader *l, GError **error)
{
    const BmLoadFrame *f = bm_loader_here(l);
    const uint8_t *seen = f->seen;

    if (f->n_loaded == f->n_rows) {
        return TRUE;
    }
    for (const BmTableField *row = f->table->fields; row->name; row++, seen++) {
        if (*seen == BM_ROW_MADE_UP) {
            bm_loader_report_defaulted(l, row->name);
        } else if (*seen == BM_ROW_OPEN && !settle(l, f, row, error)) {
            return FALSE;
        }
    }
    return TRUE;
}
