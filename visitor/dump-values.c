/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values of one device, as leaves.
 */
#include "dump-impl.h"
#include "emit.h"
#include "visitor-impl.h"
#include "where.h"

typedef struct Values {
    BmVisitor base;
    BmDump *dump;
    BmWhere where;
    GString *key;   /* of the field just entered */
    GString *type;  /* the same */
    gboolean owner; /* of the dump */
} Values;

static Values *values(BmVisitor *v)
{
    return (Values *)v;
}

/* ---- paths and keys ---- */

/* The key of a field in what it is about to enter; elements have none. */
static const char *key_of(Values *v, const BmField *field)
{
    const BmSchema *parent = bm_where_schema(&v->where);

    return parent ? bm_path_key(parent, field, v->key) : NULL;
}

/* ---- containers ---- */

static gboolean begin_struct(BmVisitor *visitor, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    Values *v = values(visitor);
    const char *key = field ? key_of(v, field) : v->dump->state_key;

    (void)error;
    bm_where_begin_struct(&v->where, field, schema);
    bm_printer_call(v->dump, open, key, BM_SHAPE_OBJECT);
    return TRUE;
}

static gboolean end(BmVisitor *visitor, GError **error)
{
    Values *v = values(visitor);

    bm_printer_call(v->dump, close);
    bm_where_end(&v->where);
    if (!v->owner || v->where.levels->len) {
        return TRUE;
    }
    bm_printer_call(v->dump, drain);
    return bm_dump_written(v->dump, error);
}

static gboolean begin_group(BmVisitor *visitor, const BmField *field, GError **error)
{
    Values *v = values(visitor);
    const char *key = key_of(v, field);

    (void)error;
    bm_where_begin_group(&v->where, field);
    bm_printer_call(v->dump, open, key, BM_SHAPE_ARRAY);
    return TRUE;
}

static gboolean begin_subsection(BmVisitor *visitor, const BmSchema *schema, GError **error)
{
    Values *v = values(visitor);

    (void)error;
    bm_where_begin_subsection(&v->where, schema);
    bm_printer_call(v->dump, open, schema->name, BM_SHAPE_OBJECT);
    return TRUE;
}

/* ---- leaves ---- */

static void put_leaf(Values *v, const BmField *field, const char *key, BmLeaf leaf)
{
    if (!leaf.type) {
        leaf.type = bm_leaf_field_type(field, v->type);
    }
    bm_dump_leaf(v->dump, key, &leaf);
}

static gboolean scalar(BmVisitor *visitor, const BmField *field, BmScalar *value, GError **error)
{
    Values *v = values(visitor);
    const char *key = key_of(v, field);

    (void)error;
    bm_where_enter(&v->where, field);
    put_leaf(v, field, key, bm_leaf_scalar(field, value));
    bm_where_leave(&v->where);
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
        put_leaf(v, field, NULL, bm_leaf_octets(field, (BmOctets){octets.data + at, field->width}));
        g_string_truncate(path, before);
    }
}

static gboolean octets(BmVisitor *visitor, const BmField *field, BmOctets *value, GError **error)
{
    Values *v = values(visitor);
    const char *key = key_of(v, field);

    (void)error;
    bm_where_enter(&v->where, field);
    if (bm_leaf_is_array(field)) {
        bm_printer_call(v->dump, packed, key, bm_leaf_field_type(field, v->type), field->count);
        put_elements(v, field, *value);
        bm_printer_call(v->dump, packed_end);
    } else {
        put_leaf(v, field, key, bm_leaf_octets(field, *value));
    }
    bm_where_leave(&v->where);
    return TRUE;
}

static void values_free(BmVisitor *visitor)
{
    Values *v = values(visitor);

    bm_where_clear(&v->where);
    g_string_free(v->key, TRUE);
    g_string_free(v->type, TRUE);
    if (v->owner) {
        bm_stream_free(&v->dump->base);
    }
    g_free(v);
}

static const BmVisitorOps values_ops = {
    .begin_struct = begin_struct,
    .end_struct = end,
    .begin_group = begin_group,
    .end_group = end,
    .begin_subsection = begin_subsection,
    .end_subsection = end,
    .scalar = scalar,
    .octets = octets,
    .free = values_free,
};

BmVisitor *bm_dump_values(BmDump *d)
{
    Values *v = g_new0(Values, 1);

    v->base.ops = &values_ops;
    v->dump = d;
    bm_where_init(&v->where, &d->path);
    v->key = g_string_new(NULL);
    v->type = g_string_new(NULL);
    return &v->base;
}

BmVisitor *bm_dump_visitor(BmPrinter *printer, BmOutput *out, const char *root)
{
    BmDump *d = (BmDump *)bm_dump_stream(printer, out, NULL, FALSE);
    Values *v = (Values *)bm_dump_values(d);

    v->owner = TRUE;
    d->state_key = NULL;
    bm_dump_root(d, root ? root : "");
    return &v->base;
}
