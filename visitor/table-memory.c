/* SPDX-License-Identifier: BSD-2-Clause */
/* What loading allocates: arrays, the objects of queues and trees, temporaries. */
#include "table-impl.h"

/* ---- arrays ---- */

gboolean bm_row_allocate(const BmTableField *row, void *object, const BmExtent *extent,
                         GError **error)
{
    void **member = bm_row_member(row, object);
    size_t size = bm_row_element_size(row, extent), len;

    bm_row_clear(row, object);
    if (!g_size_checked_mul(&len, size, extent->count) ||
        (len > 0 && !(*member = g_try_malloc0(len)))) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL,
                            "no memory for %u elements of %zu octets", extent->count, size);
    }
    return TRUE;
}

/* ---- clearing ---- */

/* Levels below which something is taken to be allocated: tables may refer to
 * themselves. */
#define LEVELS 8

static gboolean allocates(const BmTable *table, unsigned depth)
{
    for (const BmTableField *row = table->fields; row->name; row++) {
        if (bm_row_is_listed(row) || row->shape == BM_SHAPE_ALLOCATED || depth > LEVELS ||
            (row->type == BM_TYPE_STRUCT && allocates(row->table, depth + 1))) {
            return TRUE;
        }
    }
    for (const BmTable *const *sub = table->subsections; sub && *sub; sub++) {
        if (allocates(*sub, depth + 1)) {
            return TRUE;
        }
    }
    return FALSE;
}

gboolean bm_table_allocates(const BmTable *table)
{
    return allocates(table, 0);
}

static void clear_elements(const BmTableField *row, void *object)
{
    BmExtent extent;

    if (!allocates(row->table, 0) || !bm_row_extent(row, object, &extent, NULL)) {
        return; /* or not one that loading has allocated anything for */
    }
    for (uint32_t i = 0; i < extent.count; i++) {
        void *element = bm_row_element(row, object, i);

        if (element) {
            bm_table_clear(row->table, element);
        }
    }
}

void bm_row_clear(const BmTableField *row, void *object)
{
    if (bm_row_is_listed(row)) {
        bm_listed_clear(row, object);
        return;
    }
    if (row->type == BM_TYPE_STRUCT) {
        clear_elements(row, object);
    }
    if (row->shape == BM_SHAPE_ALLOCATED) {
        g_clear_pointer((void **)bm_row_member(row, object), g_free);
    }
}

void bm_table_clear(const BmTable *table, void *object)
{
    for (const BmTableField *row = table->fields; row->name; row++) {
        if (row->type == BM_TYPE_STRUCT || bm_row_is_listed(row) ||
            row->shape == BM_SHAPE_ALLOCATED) {
            bm_row_clear(row, object);
        }
    }
    for (const BmTable *const *sub = table->subsections; sub && *sub; sub++) {
        bm_table_clear(*sub, object);
    }
}

/* ---- temporaries ---- */

void *bm_temp_new(const BmTableField *row, const void *parent)
{
    const void **temp = g_malloc0(bm_row_object_size(row));

    *temp = parent;
    return temp;
}

void *bm_temp_new_saved(const BmTableField *row, const void *parent, uint32_t *entered,
                        GError **error)
{
    void *temp = bm_temp_new(row, parent);

    if (!bm_hooks_pre_save(row->table, temp, entered, error)) {
        bm_temp_free_saved(row->table, temp, *entered, NULL);
        return NULL;
    }
    return temp;
}

gboolean bm_temp_free_saved(const BmTable *table, void *temp, uint32_t entered, GError **error)
{
    gboolean ok = bm_hooks_post_save(table, temp, entered, error);

    g_free(temp);
    return ok;
}
