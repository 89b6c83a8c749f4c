/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows from the kind of a field. */
#include <string.h>

#include "schema.h"

gboolean bm_field_is_packed(const BmField *field)
{
    if (field->count <= 1 && field->form != BM_FORM_WHOLE) {
        return FALSE;
    }
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
    case BM_KIND_FLOAT:
    case BM_KIND_BUFFER:
    case BM_KIND_OPAQUE:
        return TRUE;
    default:
        return FALSE;
    }
}

gboolean bm_field_is_group(const BmField *field)
{
    return field->kind == BM_KIND_LIST ||
           (field->count > 1 && (field->kind == BM_KIND_STRUCT || field->kind == BM_KIND_POINTER));
}

gboolean bm_field_is_tree(const BmField *field)
{
    return field->kind == BM_KIND_LIST && field->type && !strcmp(field->type, "gtree");
}

static const char *number_type(uint32_t width, const char *const names[5])
{
    switch (width) {
    case 1:
        return names[1];
    case 2:
        return names[2];
    case 4:
        return names[3];
    case 8:
        return names[4];
    default:
        return names[0];
    }
}

static const char *float_type(uint32_t width)
{
    switch (width) {
    case 4:
        return "float32";
    case 8:
        return "float64";
    case 10:
        return "float80";
    default:
        return "float";
    }
}

const char *bm_field_default_type(const BmField *field)
{
    static const char *const unsigned_types[5] = {"uint", "uint8", "uint16", "uint32", "uint64"};
    static const char *const signed_types[5] = {"int", "int8", "int16", "int32", "int64"};

    switch (field->kind) {
    case BM_KIND_BOOLEAN:
        return "bool";
    case BM_KIND_UNSIGNED:
        return number_type(field->width, unsigned_types);
    case BM_KIND_SIGNED:
        return number_type(field->width, signed_types);
    case BM_KIND_FLOAT:
        return float_type(field->width);
    case BM_KIND_BUFFER:
        return "buffer";
    case BM_KIND_STRING:
        return "string";
    case BM_KIND_POINTER:
        return "nullptr";
    case BM_KIND_STRUCT:
        return "struct";
    case BM_KIND_LIST:
        return "qtailq";
    case BM_KIND_OPAQUE:
        break;
    }
    return "opaque";
}

const char *bm_field_type(const BmField *field)
{
    return field->type ? field->type : bm_field_default_type(field);
}
