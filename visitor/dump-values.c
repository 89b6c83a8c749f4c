/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values of one device, as leaves.
 */
#include "dump-impl.h"
#include "emit.h"
#include "visitor-impl.h"

typedef struct Level {
    const BmSchema *schema; /* NULL: the elements of a group */
    uint64_t index;         /* of the next element */
} Level;

typedef struct Values {
    BmVisitor base;
    BmDump *dump;
    GArray *levels;
    GString *key;  /* of the field just entered */
    GString *type; /* the same */
} Values;

static Values *values(BmVisitor *v)
{
    return (Values *)v;
}

static void push_level(Values *v, const BmSchema *schema, uint64_t index)
{
    Level level = {schema, index};

    g_array_append_val(v->levels, level);
}

static void pop_level(Values *v)
{
    g_array_set_size(v->levels, v->levels->len - 1);
}

static Level *top(Values *v)
{
    return v->levels->len ? &g_array_index(v->levels, Level, v->levels->len - 1) : NULL;
}

/* ---- paths and keys ---- */

/* The name that the path has, without the two numbers of an array, which the
 * value itself says.  The first index is said by nothing else. */
static const char *make_key(Values *v, const BmSchema *parent, const BmField *field)
{
    if (bm_schema_named_by_type(parent, field)) {
        return field->elements[0]->name;
    }
    if (!field->first) {
        return field->name;
    }
    g_string_assign(v->key, field->name);
    g_string_append_c(v->key, '[');
    bm_emit_decimal(v->key, field->first);
    g_string_append_c(v->key, ']');
    return v->key->str;
}

/* Adds the field, or the next element of the group, to the path. */
static const char *enter(Values *v, const BmField *field)
{
    BmPath *path = &v->dump->path;
    Level *level = top(v);

    if (!level->schema) {
        bm_path_push_index(path, level->index++);
        return NULL;
    }
    bm_path_push_field(path, level->schema, field);
    return make_key(v, level->schema, field);
}

static void leave(Values *v)
{
    bm_path_pop(&v->dump->path);
}

static const char *type_of(Values *v, const BmField *field)
{
    if (field->kind != BM_KIND_OPAQUE || !field->type) {
        return bm_field_default_type(field);
    }
    g_string_assign(v->type, "opaque:");
    g_string_append(v->type, field->type);
    return v->type->str;
}

/* ---- containers ---- */

static gboolean begin_struct(BmVisitor *visitor, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    Values *v = values(visitor);
    const char *key = field ? enter(v, field) : "state";

    (void)error;
    push_level(v, schema, 0);
    bm_printer_call(v->dump, open, key, BM_SHAPE_OBJECT);
    return TRUE;
}

static gboolean end_struct(BmVisitor *visitor, GError **error)
{
    Values *v = values(visitor);

    (void)error;
    bm_printer_call(v->dump, close);
    pop_level(v);
    if (top(v)) {
        leave(v);
    }
    return TRUE;
}

static gboolean begin_group(BmVisitor *visitor, const BmField *field, GError **error)
{
    Values *v = values(visitor);
    const char *key = enter(v, field);

    (void)error;
    bm_printer_call(v->dump, open, key, BM_SHAPE_ARRAY);
    push_level(v, NULL, field->first);
    return TRUE;
}

static gboolean end_group(BmVisitor *visitor, GError **error)
{
    return end_struct(visitor, error);
}

static gboolean begin_subsection(BmVisitor *visitor, const BmSchema *schema, GError **error)
{
    Values *v = values(visitor);

    (void)error;
    bm_path_push_subsection(&v->dump->path, top(v)->schema, schema);
    bm_printer_call(v->dump, open, schema->name, BM_SHAPE_OBJECT);
    push_level(v, schema, 0);
    return TRUE;
}

static gboolean end_subsection(BmVisitor *visitor, GError **error)
{
    return end_struct(visitor, error);
}

/* ---- leaves ---- */

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

static BmLeaf scalar_leaf(const BmField *field, const BmScalar *value)
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

static BmLeaf octets_leaf(const BmField *field, BmOctets octets)
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

static void put_leaf(Values *v, const BmField *field, const char *key, BmLeaf leaf)
{
    if (!leaf.type) {
        leaf.type = type_of(v, field);
    }
    bm_dump_leaf(v->dump, key, &leaf);
}

static gboolean scalar(BmVisitor *visitor, const BmField *field, BmScalar *value, GError **error)
{
    Values *v = values(visitor);
    const char *key = enter(v, field);

    (void)error;
    put_leaf(v, field, key, scalar_leaf(field, value));
    leave(v);
    return TRUE;
}

/* Arrays are long, so the index is put behind the path here and not pushed. */
static void put_elements(Values *v, const BmField *field, BmOctets octets)
{
    GString *path = v->dump->path.text;
    gsize before = path->len;
    uint64_t index = field->first;

    for (size_t at = 0; octets.len - at >= field->width; at += field->width, index++) {
        g_string_append(path, ".[");
        bm_emit_decimal(path, index);
        g_string_append_c(path, ']');
        put_leaf(v, field, NULL, octets_leaf(field, (BmOctets){octets.data + at, field->width}));
        g_string_truncate(path, before);
    }
}

/* Elements of no size are one value, however many there are. */
static gboolean has_elements(const BmField *field)
{
    return bm_field_is_packed(field) && field->kind != BM_KIND_STRING && field->width;
}

static gboolean octets(BmVisitor *visitor, const BmField *field, BmOctets *value, GError **error)
{
    Values *v = values(visitor);
    const char *key = enter(v, field);

    (void)error;
    if (has_elements(field)) {
        bm_printer_call(v->dump, packed, key, type_of(v, field), field->count);
        put_elements(v, field, *value);
        bm_printer_call(v->dump, packed_end);
    } else {
        put_leaf(v, field, key, octets_leaf(field, *value));
    }
    leave(v);
    return TRUE;
}

static void values_free(BmVisitor *visitor)
{
    Values *v = values(visitor);

    g_array_unref(v->levels);
    g_string_free(v->key, TRUE);
    g_string_free(v->type, TRUE);
    g_free(v);
}

static const BmVisitorOps values_ops = {
    .begin_struct = begin_struct,
    .end_struct = end_struct,
    .begin_group = begin_group,
    .end_group = end_group,
    .begin_subsection = begin_subsection,
    .end_subsection = end_subsection,
    .scalar = scalar,
    .octets = octets,
    .free = values_free,
};

BmVisitor *bm_dump_values(BmDump *d)
{
    Values *v = g_new0(Values, 1);

    v->base.ops = &values_ops;
    v->dump = d;
    v->levels = g_array_new(FALSE, FALSE, sizeof(Level));
    v->key = g_string_new(NULL);
    v->type = g_string_new(NULL);
    return &v->base;
}
