/* SPDX-License-Identifier: BSD-2-Clause */
/* Which fields of a stream a row makes, and where its elements lie in memory. */
#include "table-impl.h"

#include <stdbool.h>
#include <string.h>

/* What a type is in a stream, and in memory if the row does not say. */
typedef struct TypeInfo {
    BmKind kind;
    uint32_t width;
    size_t size;
    const char *type, *equal; /* QEMU's name, if not by default; with BM_EQUAL */
} TypeInfo;

static const TypeInfo infos[] = {
    [BM_TYPE_BOOL] = {BM_KIND_BOOLEAN, 1, sizeof(bool)},
    [BM_TYPE_U8] = {BM_KIND_UNSIGNED, 1, 1, NULL, "uint8 equal"},
    [BM_TYPE_U16] = {BM_KIND_UNSIGNED, 2, 2, NULL, "uint16 equal"},
    [BM_TYPE_U32] = {BM_KIND_UNSIGNED, 4, 4, NULL, "uint32 equal"},
    [BM_TYPE_U64] = {BM_KIND_UNSIGNED, 8, 8, NULL, "int64 equal"}, /* so QEMU calls it */
    [BM_TYPE_I8] = {BM_KIND_SIGNED, 1, 1},
    [BM_TYPE_I16] = {BM_KIND_SIGNED, 2, 2},
    [BM_TYPE_I32] = {BM_KIND_SIGNED, 4, 4, NULL, "int32 equal"},
    [BM_TYPE_I64] = {BM_KIND_SIGNED, 8, 8},
    [BM_TYPE_F64] = {BM_KIND_FLOAT, 8, sizeof(double)},
    [BM_TYPE_F80] = {BM_KIND_FLOAT, 10, sizeof(BmFloat80)},
    [BM_TYPE_TIMER] = {BM_KIND_SIGNED, 8, 8, "timer"},
    [BM_TYPE_BUFFER] = {BM_KIND_BUFFER, 0, 1},
    [BM_TYPE_STRING] = {BM_KIND_STRING, 0, 1},
    [BM_TYPE_BITMAP] = {BM_KIND_UNSIGNED, 8, sizeof(unsigned long), "bitmap"},
    [BM_TYPE_STRUCT] = {BM_KIND_STRUCT, 0, 0},
    [BM_TYPE_TEMP] = {BM_KIND_STRUCT, 0, 0, "tmp"},
    [BM_TYPE_QUEUE] = {BM_KIND_LIST, 0, 0},
    [BM_TYPE_TREE] = {BM_KIND_LIST, 0, 0, "gtree"},
    [BM_TYPE_UNUSED] = {BM_KIND_BUFFER, 0, 1, "unused_buffer"},
    [BM_TYPE_CUSTOM] = {BM_KIND_OPAQUE, 0, 1},
    [BM_TYPE_TAILQ] = {BM_KIND_LIST, 0, 0},
    [BM_TYPE_LIST] = {BM_KIND_LIST, 0, 0, "qlist"},
    [BM_TYPE_CHECK] = {BM_KIND_OPAQUE, 0, 0},
    [BM_TYPE_TREE_OF_NODES] = {BM_KIND_LIST, 0, 0, "gtree"},
};

const BmField bm_tree_key_field = {.name = "key", .kind = BM_KIND_UNSIGNED, .width = 8, .count = 1};

/* ---- how many ---- */

gboolean bm_row_is_silent(const BmTableField *row)
{
    return row->type == BM_TYPE_CHECK || (row->table && row->table->why_not);
}

gboolean bm_row_is_counted(const BmTableField *row)
{
    return row->counter.type != BM_TYPE_NONE || row->counter.number || row->measure;
}

gboolean bm_row_is_number(const BmTableField *row)
{
    return row->type >= BM_TYPE_BOOL && row->type <= BM_TYPE_I64 && row->shape == BM_SHAPE_INLINE &&
           row->count <= 1 && !bm_row_is_counted(row);
}

static gboolean test(const BmTableField *row, const void *object, uint32_t version)
{
    return (!row->when || row->when(object, version)) &&
           (!row->exists || row->exists((void *)object, (int)version));
}

gboolean bm_row_present(const BmTableField *row, const void *object, uint32_t version)
{
    return row->since <= version && !bm_row_is_silent(row) && test(row, object, version);
}

gboolean bm_row_check(const BmTableField *row, const void *object, uint32_t version, GError **error)
{
    return row->type != BM_TYPE_CHECK || row->since > version || test(row, object, version) ||
           bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "the check \"%s\" says no",
                        row->name);
}

/* The counter is of the size of the one element, not of their number. */
static gboolean counts_octets(const BmTableField *row)
{
    return row->type == BM_TYPE_BUFFER || row->type == BM_TYPE_BITMAP ||
           row->type == BM_TYPE_CUSTOM || row->type == BM_TYPE_UNUSED;
}

BmExtent bm_row_most(const BmTableField *row)
{
    uint32_t count = MAX(row->count, 1);
    uint64_t size = row->octets ? row->octets : row->size;

    if (size == 0) {
        size = infos[row->type].size;
    }
    if (bm_row_is_listed(row)) {
        count = 1; /* the list; `count` is of what is in it */
    } else if (bm_row_is_counted(row) && counts_octets(row)) {
        size *= count;
        count = 1;
    }
    return (BmExtent){count, (uint32_t)MIN(size, UINT32_MAX)};
}

static gboolean too_many(uint64_t n, uint64_t most, GError **error)
{
    return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                        "its counter is %" G_GUINT64_FORMAT
                        ", more than the maximum of %" G_GUINT64_FORMAT,
                        (guint64)n, (guint64)most);
}

static gboolean read_counter(const BmTableField *row, const void *object, uint32_t most,
                             uint32_t *n, GError **error)
{
    const BmCounter *counter = &row->counter;
    const uint64_t times = counter->times > 0 ? (uint64_t)counter->times : 1;
    BmNumber number;

    if (row->measure) {
        number = (BmNumber){row->measure(bm_row_element(row, object, 0)), FALSE};
    } else if (counter->number) {
        number = (BmNumber){counter->number(object), FALSE};
    } else {
        number = bm_number_get(counter->type, (const char *)object + counter->offset);
    }
    if (number.negative) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "its counter is %" G_GINT64_FORMAT ", less than 0",
                            (gint64)number.bits);
    }
    if (number.bits > most / times) {
        return too_many(number.bits, most / times, error);
    }
    *n = (uint32_t)(number.bits * times);
    return TRUE;
}

gboolean bm_row_extent(const BmTableField *row, const void *object, BmExtent *extent,
                       GError **error)
{
    if (bm_row_is_number(row)) {
        *extent = (BmExtent){1, infos[row->type].width};
        return TRUE;
    }
    *extent = bm_row_most(row);
    if (!bm_row_is_counted(row)) {
        return TRUE;
    }
    if (counts_octets(row)) {
        return read_counter(row, object, extent->size, &extent->size, error);
    }
    return read_counter(row, object, extent->count, &extent->count, error);
}

/* ---- what it is in a stream ---- */

static const char *type_name(const BmTableField *row)
{
    if (row->type_name) {
        return row->type_name;
    }
    if (row->flags & BM_EQUAL && infos[row->type].equal) {
        return infos[row->type].equal;
    }
    if (row->flags & BM_AT_MOST && row->type == BM_TYPE_I32) {
        return "int32 le";
    }
    return infos[row->type].type;
}

/* As a schema has it: none if it is the default one. */
static void set_type(BmField *field, const char *name)
{
    field->type = name && strcmp(name, bm_field_default_type(field)) != 0 ? name : NULL;
}

void bm_row_field(const BmTableField *row, const BmExtent *extent, BmField *field)
{
    const TypeInfo *info = &infos[row->type];

    *field = (BmField){.name = row->name,
                       .kind = info->kind,
                       .width = info->width,
                       .count = extent->count,
                       .condition = NULL};
    if (row->type == BM_TYPE_BITMAP) {
        field->count = (extent->size + 63) / 64;
        field->form = BM_FORM_WHOLE;
    } else if (info->kind == BM_KIND_LIST || info->kind == BM_KIND_STRING) {
        field->count = 1;
    }
    if (counts_octets(row) && row->type != BM_TYPE_BITMAP) {
        field->width = extent->size;
    } else if (row->type == BM_TYPE_STRING) {
        field->width = extent->size;
    }
    set_type(field, type_name(row));
}

gboolean bm_row_is_field(const BmTableField *row, const BmField *field)
{
    const TypeInfo *info = &infos[row->type];

    return bm_row_is_number(row) && field->kind == info->kind && field->width == info->width &&
           field->count == 1 && field->form == BM_FORM_ARRAY && field->first == 0;
}

/* ---- where ---- */

/* Octets of memory that a bitmap takes. */
static size_t bitmap_size(size_t bits)
{
    const size_t word = 8 * sizeof(unsigned long);

    return (bits + word - 1) / word * sizeof(unsigned long);
}

size_t bm_row_stride(const BmTableField *row)
{
    size_t size = row->size ? row->size : infos[row->type].size;

    if (row->type == BM_TYPE_BITMAP) {
        return bitmap_size(bm_row_most(row).size);
    }
    return size == 0 && row->table ? row->table->size : size;
}

size_t bm_row_element_size(const BmTableField *row, const BmExtent *extent)
{
    switch (row->type) {
    case BM_TYPE_BUFFER:
        return extent->size;
    case BM_TYPE_BITMAP:
        return bitmap_size(extent->size);
    default:
        return bm_row_stride(row);
    }
}

void *bm_row_member(const BmTableField *row, const void *object)
{
    return (char *)object + row->offset;
}

void *bm_row_element(const BmTableField *row, const void *object, uint32_t i)
{
    char *member = bm_row_member(row, object);

    switch (row->shape) {
    case BM_SHAPE_POINTER:
    case BM_SHAPE_ALLOCATED:
        member = *(char **)(gpointer)member;
        return member ? member + i * bm_row_stride(row) : NULL;
    case BM_SHAPE_POINTERS_ELSEWHERE:
        member = *(char **)(gpointer)member;
        return member ? ((void **)(gpointer)member)[i] : NULL;
    case BM_SHAPE_POINTERS:
        return ((void **)(gpointer)member)[i];
    case BM_SHAPE_INLINE:
        break;
    }
    return member + i * bm_row_stride(row);
}

gboolean bm_row_has_pointers(const BmTableField *row)
{
    return row->shape == BM_SHAPE_POINTERS || row->shape == BM_SHAPE_POINTERS_ELSEWHERE;
}

uint32_t bm_row_version(const BmTableField *row)
{
    return row->version ? row->version : row->table->version;
}

gboolean bm_row_may_be_null(const BmTableField *row)
{
    return bm_row_has_pointers(row) ||
           (row->shape == BM_SHAPE_POINTER && !bm_row_is_counted(row) && row->count <= 1);
}

/* Tables may refer to themselves, through pointers and lists. */
gboolean bm_table_is_fixed(const BmTable *table, unsigned depth)
{
    if ((table->subsections && table->subsections[0]) || depth > BM_LIMIT_DEPTH) {
        return FALSE;
    }
    for (const BmTableField *row = table->fields; row->name; row++) {
        if (row->when || row->exists || bm_row_is_counted(row) || row->shape != BM_SHAPE_INLINE ||
            row->type == BM_TYPE_TEMP || bm_row_is_listed(row) ||
            (row->table && !bm_table_is_fixed(row->table, depth + 1))) {
            return FALSE;
        }
    }
    return TRUE;
}
