/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields that an object sends or expects, one after the other.  The elements of
 * a row are one field, unless some are null pointers: then each run of those, and
 * of the others, is a field of its own.
 */
#include "table-impl.h"

void bm_row_null_field(const BmTableField *row, uint32_t count, BmField *field)
{
    *field = (BmField){.name = row->name, .kind = BM_KIND_POINTER, .width = 1, .count = count};
}

uint32_t bm_row_run(const BmTableField *row, const void *object, uint32_t first, uint32_t count,
                    gboolean *null)
{
    uint32_t n = 1;

    *null = FALSE;
    if (!bm_row_may_be_null(row)) {
        return count - first;
    }
    *null = !bm_row_element(row, object, first);
    while (n < count - first && (bm_row_element(row, object, first + n) == NULL) == *null) {
        n++;
    }
    return n;
}

/* ---- one after the other ---- */

void bm_rows_init(BmRows *rows, const BmTable *table, const void *object, uint32_t version)
{
    *rows = (BmRows){.table = table, .object = object, .version = version, .next = table->fields};
}

/* Those without elements make no field: an array of none has no entry in QEMU's
 * description either. */
static gboolean next_row(BmRows *rows, GError **error)
{
    BmField field;

    rows->at = rows->extent.count = 0;
    for (; rows->next->name; rows->next++) {
        const BmTableField *row = rows->next;

        rows->row = row;
        if (!bm_row_check(row, rows->object, rows->version, error)) {
            return FALSE;
        }
        if (rows->loading && row->flags & BM_WHEN_OWN_VALUE && !bm_row_is_silent(row)) {
            return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                                "only a description says whether \"%s\" was sent", row->name);
        }
        if (!bm_row_present(row, rows->object, rows->version)) {
            continue;
        }
        if (!bm_row_extent(row, rows->object, &rows->extent, error)) {
            return FALSE;
        }
        bm_row_field(row, &rows->extent, &field);
        if (field.count > 0) {
            break;
        }
        rows->extent.count = 0;
    }
    rows->row = rows->next->name ? rows->next++ : NULL;
    return TRUE;
}

gboolean bm_rows_next(BmRows *rows, BmField *field, GError **error)
{
    gboolean null;
    uint32_t n, count;

    if (rows->at == rows->extent.count && !next_row(rows, error)) {
        return FALSE;
    }
    if (!rows->row) {
        field->name = NULL;
        return TRUE;
    }
    count = rows->extent.count;
    n = bm_row_run(rows->row, rows->object, rows->at, count, &null);
    if (null) {
        bm_row_null_field(rows->row, n, field);
    } else {
        bm_row_field(rows->row, &rows->extent, field);
        field->count = n < count ? n : field->count;
    }
    if (n < count) {
        field->first = rows->at;
    }
    rows->at += n;
    return TRUE;
}
