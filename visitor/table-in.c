/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Input visitor over an object: what a walk saves from.  The schema is that of
 * bm_table_describe(); an object that has changed since is refused.
 */
#include "table-plan.h"
#include "visitor-impl.h"

/* Subsections and structs. */
#define FRAMES (BM_LIMIT_DEPTH + 1)
/* Most devices need no more, and small blocks are what malloc() is quickest with. */
#define FIRST_FRAMES 3

/* One struct. */
typedef struct Frame {
    const BmTable *table;
    const void *object;
    const BmTableField *row; /* matched last; its first one, if none was yet */
    gboolean matched;
    BmExtent extent; /* of it */
    uint32_t at;     /* elements of it that were given */
    /* of all fields, as this schema has them; and where the span began */
    const BmSchema *schema;
    const BmPlan *plan;
    uint32_t first;
    /* a group that is open */
    gboolean group;
    BmListed listed;
    void *listed_next;
    /* the struct itself is an element of a tree, or a temporary */
    gboolean keyed;
    uint64_t key;
    BmTreeNode node; /* the object, where it is one of a tree */
    void *temp;
    uint32_t entered;
} Frame;

typedef struct TableIn {
    BmVisitor base;
    const BmTable *table;
    const void *object;
    GByteArray *room; /* of octets that memory has in another form; NULL until there are any */
    unsigned top;     /* frames */
    Frame first[FIRST_FRAMES];
    Frame *more; /* all others; NULL until there are any */
} TableIn;

static TableIn *table_in(BmVisitor *v)
{
    return (TableIn *)v;
}

static Frame *frame(TableIn *in, unsigned i)
{
    return i < FIRST_FRAMES ? &in->first[i] : &in->more[i - FIRST_FRAMES];
}

static Frame *here(BmVisitor *v)
{
    return frame(table_in(v), table_in(v)->top - 1);
}

/* Depth is checked by visitor.c: one level at least per frame. */
static Frame *push(BmVisitor *v, const BmTable *table, const void *object)
{
    TableIn *in = table_in(v);
    Frame *f;

    if (in->top == FIRST_FRAMES && !in->more) {
        in->more = g_new(Frame, FRAMES - FIRST_FRAMES);
    }
    f = frame(in, in->top++);
    /* The rest is set with what it is of: a list, a key, a temporary. */
    f->table = table;
    f->object = object;
    f->row = table->fields;
    f->matched = FALSE;
    f->extent = (BmExtent){0};
    f->at = 0;
    f->schema = NULL;
    f->plan = NULL;
    f->group = FALSE;
    f->keyed = FALSE;
    f->temp = NULL;
    return f;
}

static gboolean pop(BmVisitor *v, GError **error)
{
    const Frame *f = here(v);

    table_in(v)->top--;
    return !f->temp || bm_temp_free_saved(f->table, f->temp, f->entered, error);
}

/* ---- which elements a field is of ---- */

static gboolean changed(GError **error)
{
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "the object is not as its description says");
}

static gboolean match(Frame *f, const BmField *field, GError **error)
{
    const BmTableField *from = f->row;
    gboolean goes_on = f->matched && f->at < f->extent.count;
    const BmTableField *row;

    if (f->matched && !goes_on && from->name) {
        from++;
    }
    row = bm_table_find(f->table, from, field->name);
    if (!row) {
        return changed(error);
    }
    if (!goes_on || row != f->row) {
        f->row = row;
        f->matched = TRUE;
        f->at = 0;
        return bm_row_extent(row, f->object, &f->extent, error);
    }
    return TRUE;
}

/* The schema may be anyone's: it must ask for what is there. */
static gboolean same_shape(const Frame *f, const BmField *field)
{
    uint32_t count = f->extent.count;
    gboolean null = FALSE;
    BmField is;
    uint32_t n;

    if (bm_row_is_field(f->row, field)) {
        return f->at == 0;
    }
    bm_row_field(f->row, &f->extent, &is);
    if (is.count == 0 || f->at >= count) {
        return FALSE;
    }
    n = bm_row_run(f->row, f->object, f->at, count, &null);
    if (null) {
        bm_row_null_field(f->row, n, &is);
    }
    if (is.kind == BM_KIND_STRUCT) {
        /* Runs are of elements described alike, shorter than those of pointers. */
        return field->kind == is.kind && field->count <= n && field->first == f->at;
    }
    if (n < count && !null) {
        is.count = n;
    }
    return field->kind == is.kind && field->width == is.width && field->count == is.count &&
           field->first == f->at && bm_field_is_packed(field) == bm_field_is_packed(&is);
}

static gboolean select_field(Frame *f, const BmField *field, GError **error)
{
    if (!match(f, field, error)) {
        return FALSE;
    }
    return same_shape(f, field) || changed(error);
}

/* Those of a bitmap are words, but it is one element. */
static void advance(Frame *f, const BmField *field)
{
    f->at += f->row->type == BM_TYPE_BITMAP ? 1 : field->count;
}

/* ---- structs ---- */

static gboolean enter_temp(BmVisitor *v, const BmTableField *row, const void *parent,
                           GError **error)
{
    uint32_t entered;
    void *temp = bm_temp_new_saved(row, parent, &entered, error);
    Frame *f;

    if (!temp) {
        return FALSE;
    }
    f = push(v, row->table, temp);
    f->temp = temp;
    f->entered = entered;
    return TRUE;
}

static gboolean enter_listed(BmVisitor *v, Frame *f, GError **error)
{
    Frame *element;

    if (!f->listed_next) {
        return changed(error);
    }
    element = push(v, f->row->table, f->listed_next);
    element->keyed = f->row->type == BM_TYPE_TREE;
    element->key = f->listed.key;
    if (f->row->type == BM_TYPE_TREE_OF_NODES) {
        element->node = f->listed.both;
        element->object = &element->node;
    }
    f->listed_next = bm_listed_next(&f->listed);
    return TRUE;
}

static gboolean enter_element(BmVisitor *v, Frame *f, GError **error)
{
    const void *element;

    if (f->row->type == BM_TYPE_TEMP) {
        f->at++;
        return enter_temp(v, f->row, f->object, error);
    }
    element = bm_row_element(f->row, f->object, f->at++);
    if (!element) {
        return changed(error);
    }
    push(v, f->row->table, element);
    return TRUE;
}

static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    Frame *f;

    (void)schema;
    if (!field) {
        push(v, table_in(v)->table, table_in(v)->object);
        return TRUE;
    }
    f = here(v);
    if (field->kind == BM_KIND_LIST) {
        return enter_listed(v, f, error);
    }
    return (f->group || select_field(f, field, error)) && enter_element(v, f, error);
}

static gboolean end_struct(BmVisitor *v, GError **error)
{
    return pop(v, error);
}

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    Frame *f = here(v);

    if (!select_field(f, field, error)) {
        return FALSE;
    }
    f->group = TRUE;
    f->listed_next = NULL;
    if (field->kind == BM_KIND_LIST) {
        bm_listed_first(&f->listed, f->row, f->object);
        f->listed_next = bm_listed_next(&f->listed);
        f->at++;
    }
    return TRUE;
}

static gboolean end_group(BmVisitor *v, GError **error)
{
    Frame *f = here(v);

    f->group = FALSE;
    return !f->listed_next || changed(error);
}

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    const Frame *f = here(v);

    for (const BmTable *const *sub = f->table->subsections; sub && *sub; sub++) {
        if (!g_strcmp0((*sub)->name, schema->name)) {
            push(v, *sub, f->object);
            return TRUE;
        }
    }
    return changed(error);
}

/* ---- values ---- */

static gboolean scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    Frame *f = here(v);

    if (f->keyed) {
        *value = (BmScalar){BM_SCALAR_UNSIGNED, .u = f->key};
        f->keyed = FALSE;
        return TRUE;
    }
    if (!f->group && !select_field(f, field, error)) {
        return FALSE;
    }
    if (field->kind == BM_KIND_POINTER) {
        *value = (BmScalar){BM_SCALAR_NULL};
    } else if (!bm_fetch_scalar(f->row, bm_row_element(f->row, f->object, f->at), value, error)) {
        return FALSE;
    }
    f->at++;
    return TRUE;
}

static gboolean octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    TableIn *in = table_in(v);
    Frame *f = here(v);

    in->room = in->room ? in->room : g_byte_array_new();
    if (!select_field(f, field, error) ||
        !bm_fetch_octets(f->row, f->object, &f->extent, field, in->room, value, error)) {
        return FALSE;
    }
    advance(f, field);
    return TRUE;
}

/* ---- many values ---- */

static gboolean next_span(BmVisitor *v, const BmSchema *schema, uint32_t first, BmSpan *span)
{
    Frame *f = here(v);

    if (f->keyed || f->group) {
        return FALSE;
    }
    if (f->schema != schema) {
        f->schema = schema;
        f->plan = bm_table_plan(f->table, schema);
    }
    if (!f->plan || f->plan->fields[first].save_end <= first) {
        return FALSE;
    }
    f->first = first;
    bm_plan_span(f->plan, first, f->plan->fields[first].save_end, f->object, span);
    return TRUE;
}

/* As if each had been given: the last one is the row that was matched last. */
static void span_done(BmVisitor *v, uint32_t n)
{
    Frame *f = here(v);

    if (n > 0) {
        f->row = &f->table->fields[f->plan->fields[f->first + n - 1].row];
        f->matched = TRUE;
        f->extent = (BmExtent){0};
        f->at = 0;
    }
}

static gboolean whole(BmVisitor *v, const BmSchema *schema, BmSpan *span)
{
    const BmPlan *plan = bm_table_plan(table_in(v)->table, schema);

    if (!plan || !plan->saves_whole) {
        return FALSE;
    }
    bm_plan_span(plan, 0, schema->n_fields, table_in(v)->object, span);
    return TRUE;
}

static uint64_t offset(const BmVisitor *v)
{
    (void)v;
    return BM_NO_OFFSET;
}

/* A walk that failed has left some open. */
static void clear(BmVisitor *v)
{
    while (table_in(v)->top > 0) {
        pop(v, NULL);
    }
    g_clear_pointer(&table_in(v)->room, g_byte_array_unref);
    g_free(table_in(v)->more);
}

static void free_table_in(BmVisitor *v)
{
    clear(v);
    g_free(v);
}

static const BmVisitorOps table_in_ops = {
    .begin_struct = begin_struct,
    .end_struct = end_struct,
    .begin_group = begin_group,
    .end_group = end_group,
    .begin_subsection = begin_subsection,
    .end_subsection = end_struct,
    .scalar = scalar,
    .octets = octets,
    .next_span = next_span,
    .span_done = span_done,
    .whole = whole,
    .offset = offset,
    .free = free_table_in,
};

/* The frames are set as they are pushed. */
static void init(TableIn *in, const BmTable *table, const void *object)
{
    bm_visitor_init(&in->base, &table_in_ops);
    in->table = table;
    in->object = object;
    in->room = NULL;
    in->more = NULL;
    in->top = 0;
}

BmVisitor *bm_visitor_table_in(const BmTable *table, const void *object)
{
    TableIn *in = g_malloc(sizeof(*in));

    init(in, table, object);
    return &in->base;
}

gboolean bm_table_walk_from(const BmTable *table, const void *object, const BmSchema *schema,
                            BmVisitor *out, GError **error)
{
    TableIn in;
    gboolean ok;

    init(&in, table, object);
    ok = bm_walk(schema, &in.base, out, table->name, error);
    clear(&in.base);
    return ok;
}
