/* SPDX-License-Identifier: BSD-2-Clause */
#include "leaf.h"

#include <string.h>

#include "emit.h"

/* ---- from fields ---- */

static uint64_t masked(uint64_t bits, uint32_t width)
{
    return width && width < 8 ? bits & ((UINT64_C(1) << (8 * width)) - 1) : bits;
}

static BmLeaf number_leaf(const BmField *field, uint64_t bits)
{
    BmLeaf leaf = {BM_LEAF_UNSIGNED, .bits = masked(bits, field->width)};
    unsigned unused = field->width && field->width < 8 ? 64 - 8 * field->width : 0;

    if (field->kind == BM_KIND_BOOLEAN) {
        leaf.form = BM_LEAF_BOOLEAN;
    } else if (field->kind == BM_KIND_SIGNED) {
        leaf.form = BM_LEAF_SIGNED;
        leaf.number = (int64_t)(bits << unused) >> unused;
    }
    return leaf;
}

BmLeaf bm_leaf_scalar(const BmField *field, const BmScalar *value)
{
    switch (value->type) {
    case BM_SCALAR_BOOLEAN:
        return number_leaf(field, value->boolean ? 1 : 0);
    case BM_SCALAR_SIGNED:
        return number_leaf(field, (uint64_t)value->i);
    case BM_SCALAR_NULL:
        return (BmLeaf){BM_LEAF_NULL, "pointer"};
    case BM_SCALAR_PRESENT:
        return (BmLeaf){BM_LEAF_PRESENT, "pointer"};
    case BM_SCALAR_RAW:
        return (BmLeaf){BM_LEAF_OCTETS, "raw", .octets = value->raw};
    default:
        return number_leaf(field, value->u);
    }
}

static uint64_t big_endian(BmOctets octets)
{
    uint64_t n = 0;

    for (size_t i = 0; i < octets.len; i++) {
        n = n << 8 | octets.data[i];
    }
    return n;
}

BmLeaf bm_leaf_octets(const BmField *field, BmOctets octets)
{
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
        if (octets.len <= 8) {
            return number_leaf(field, big_endian(octets));
        }
        return (BmLeaf){BM_LEAF_FLOAT, .octets = octets};
    case BM_KIND_FLOAT:
        return (BmLeaf){BM_LEAF_FLOAT, .octets = octets};
    case BM_KIND_STRING:
        if (bm_utf8_valid(octets.data, octets.len)) {
            return (BmLeaf){BM_LEAF_STRING, .octets = octets};
        }
        return (BmLeaf){BM_LEAF_OCTETS, "raw", .octets = octets};
    default:
        return (BmLeaf){BM_LEAF_OCTETS, .octets = octets};
    }
}

gboolean bm_leaf_is_array(const BmField *field)
{
    return bm_field_is_packed(field) && field->kind != BM_KIND_STRING && field->width;
}

const char *bm_leaf_field_type(const BmField *field, GString *scratch)
{
    if (field->kind != BM_KIND_OPAQUE || !field->type) {
        return bm_field_default_type(field);
    }
    g_string_assign(scratch, "opaque:");
    g_string_append(scratch, field->type);
    return scratch->str;
}

/* ---- to text ---- */

static void emit_run(GString *to, const BmRun *run)
{
    g_string_append_c(to, '[');
    bm_emit_number(to, run->first);
    g_string_append(to, ", ");
    bm_emit_number(to, run->last);
    g_string_append(to, "] ");
    g_string_append(to, run->content);
    if (!strcmp(run->content, "fill")) {
        g_string_append_c(to, ' ');
        bm_emit_number(to, run->fill);
    }
}

static void emit_octets(GString *to, BmOctets octets)
{
    if (octets.len) {
        g_string_append_c(to, ' ');
        bm_emit_hex(to, octets.data, octets.len);
    }
}

void bm_leaf_emit_value(GString *to, const BmLeaf *leaf)
{
    switch (leaf->form) {
    case BM_LEAF_NULL:
        g_string_append(to, "(null)");
        break;
    case BM_LEAF_PRESENT:
        g_string_append(to, "(present)");
        break;
    case BM_LEAF_RUN:
        emit_run(to, &leaf->run);
        break;
    case BM_LEAF_OCTETS:
        emit_octets(to, leaf->octets);
        break;
    case BM_LEAF_FLOAT:
        g_string_append_c(to, ' ');
        bm_emit_wide_number(to, leaf->octets);
        break;
    case BM_LEAF_STRING:
        g_string_append_c(to, ' ');
        bm_emit_string(to, (const char *)leaf->octets.data, leaf->octets.len);
        break;
    default:
        g_string_append_c(to, ' ');
        bm_emit_number(to, leaf->bits);
    }
}

void bm_leaf_emit_type(GString *to, const char *type)
{
    g_string_append_c(to, '(');
    bm_emit_name(to, type, strlen(type));
    g_string_append_c(to, ')');
}

void bm_leaf_emit(GString *to, const BmLeaf *leaf, const char *type)
{
    if (leaf->form != BM_LEAF_NULL && leaf->form != BM_LEAF_PRESENT && leaf->form != BM_LEAF_RUN) {
        bm_leaf_emit_type(to, leaf->type ? leaf->type : type);
    }
    bm_leaf_emit_value(to, leaf);
}

void bm_leaf_emit_path(GString *to, const char *path)
{
    if (*path == '#') {
        g_string_append(to, "\\u0023");
        path++;
    }
    bm_emit_name(to, path, strlen(path));
}
