/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Three visitors that are one: it knows the path of all it is called with, and
 * may pass the call on to another visitor first.
 *
 *   each      no other visitor
 *   compare   the other reads what is expected
 *   trace     the other does the work
 */
#include "tap.h"

#include "emit.h"
#include "visitor-impl.h"
#include "where.h"

typedef struct Tap {
    BmVisitor base;
    BmVisitor *other; /* may be NULL */
    gboolean owner;   /* of it */
    BmPath path;
    BmWhere where;
    BmVisitedFunc each;
    BmTraceFunc trace;
    void *data;
    GPtrArray *containers; /* names of those open, for a trace; NULL: it does not show */
    GString *type, *value; /* scratch */
    BmDifferences differences;
} Tap;

static Tap *tap(BmVisitor *v)
{
    return (Tap *)v;
}

/* ---- traces ---- */

static void trace_container(Tap *t, const char *name, const char *bracket)
{
    if (t->trace) {
        t->trace(bm_path_text(&t->path), name, bracket, t->data);
    }
}

/* `what` NULL: this one does not show. */
static void trace_begin(Tap *t, const char *what, const char *name)
{
    char *text = what ? g_strconcat(what, " ", name, NULL) : NULL;

    if (!t->trace) {
        g_free(text);
        return;
    }
    g_ptr_array_add(t->containers, text);
    if (text) {
        trace_container(t, text, "{");
    }
}

static void trace_end(Tap *t)
{
    const char *text = t->trace ? t->containers->pdata[t->containers->len - 1] : NULL;

    if (text) {
        trace_container(t, text, "}");
    }
    if (t->trace) {
        g_ptr_array_set_size(t->containers, (int)t->containers->len - 1);
    }
}

/* In a walk without a schema only its asker knows, once the struct has begun. */
static const char *struct_name(const Tap *t, const BmSchema *schema)
{
    if (schema) {
        return schema->name;
    }
    return t->other && bm_visitor_asks(t->other) ? bm_visit_name(t->other) : "";
}

/* The octets of an array are shown as such: one visit is one report. */
static void trace_value(Tap *t, const BmField *field, const BmLeaf *leaf)
{
    const char *type = leaf->type ? leaf->type : bm_leaf_field_type(field, t->type);

    g_string_truncate(t->value, 0);
    bm_leaf_emit_value(t->value, leaf);
    t->trace(bm_path_text(&t->path), type, t->value->str + (*t->value->str == ' '), t->data);
}

/* ---- containers ---- */

static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    Tap *t = tap(v);

    if (t->other && !bm_visit_begin_struct(t->other, field, schema, error)) {
        return FALSE;
    }
    bm_where_begin_struct(&t->where, field, schema);
    trace_begin(t, "struct", struct_name(t, schema));
    return TRUE;
}

static gboolean end_struct(BmVisitor *v, GError **error)
{
    Tap *t = tap(v);

    if (t->other && !bm_visit_end_struct(t->other, error)) {
        return FALSE;
    }
    trace_end(t);
    bm_where_end(&t->where);
    return TRUE;
}

/* An object that is loaded takes it as a sign that nothing more comes. */
static gboolean end_fields(BmVisitor *v, GError **error)
{
    Tap *t = tap(v);

    return !t->other || bm_visit_end_fields(t->other, error);
}

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    Tap *t = tap(v);

    if (t->other && !bm_visit_begin_group(t->other, field, error)) {
        return FALSE;
    }
    bm_where_begin_group(&t->where, field);
    /* In how many groups an array comes is its description's, the elements' paths
     * tell them apart; an empty list would not be seen. */
    trace_begin(t, field->kind == BM_KIND_LIST ? "list" : NULL, field->name);
    return TRUE;
}

static gboolean end_group(BmVisitor *v, GError **error)
{
    Tap *t = tap(v);

    if (t->other && !bm_visit_end_group(t->other, error)) {
        return FALSE;
    }
    trace_end(t);
    bm_where_end(&t->where);
    return TRUE;
}

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    Tap *t = tap(v);

    if (t->other && !bm_visit_begin_subsection(t->other, schema, error)) {
        return FALSE;
    }
    bm_where_begin_subsection(&t->where, schema);
    trace_begin(t, "subsection", schema->name);
    return TRUE;
}

static gboolean end_subsection(BmVisitor *v, GError **error)
{
    Tap *t = tap(v);

    if (t->other && !bm_visit_end_subsection(t->other, error)) {
        return FALSE;
    }
    trace_end(t);
    bm_where_end(&t->where);
    return TRUE;
}

/* ---- values ---- */

static gboolean each_value(Tap *t, const BmVisited *value, GError **error)
{
    gboolean ok;

    bm_where_enter(&t->where, value->field);
    ok = t->each(bm_path_text(&t->path), value, t->data, error);
    bm_where_leave(&t->where);
    return ok;
}

static gboolean each_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    return each_value(tap(v), &(BmVisited){field, .scalar = *value}, error);
}

static gboolean each_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    return each_value(tap(v), &(BmVisited){field, TRUE, .octets = *value}, error);
}

static void compare_value(Tap *t, const BmVisited *expected, const BmVisited *got)
{
    bm_where_enter(&t->where, got->field);
    bm_differences_check(&t->differences, bm_path_text(&t->path), expected, got);
    bm_where_leave(&t->where);
}

static gboolean compare_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    BmScalar expected = {BM_SCALAR_NULL};

    if (!bm_visit_scalar(tap(v)->other, field, &expected, error)) {
        return FALSE;
    }
    compare_value(tap(v), &(BmVisited){field, .scalar = expected},
                  &(BmVisited){field, .scalar = *value});
    return TRUE;
}

static gboolean compare_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    BmOctets expected = {NULL, 0};

    if (!bm_visit_octets(tap(v)->other, field, &expected, error)) {
        return FALSE;
    }
    compare_value(tap(v), &(BmVisited){field, TRUE, .octets = expected},
                  &(BmVisited){field, TRUE, .octets = *value});
    return TRUE;
}

static gboolean trace_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    Tap *t = tap(v);
    BmLeaf leaf;

    if (!bm_visit_scalar(t->other, field, value, error)) {
        return FALSE;
    }
    leaf = bm_leaf_scalar(field, value);
    bm_where_enter(&t->where, field);
    trace_value(t, field, &leaf);
    bm_where_leave(&t->where);
    return TRUE;
}

static gboolean trace_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    Tap *t = tap(v);
    BmLeaf leaf;

    if (!bm_visit_octets(t->other, field, value, error)) {
        return FALSE;
    }
    leaf = bm_leaf_is_array(field) ? (BmLeaf){BM_LEAF_OCTETS, .octets = *value}
                                   : bm_leaf_octets(field, *value);
    bm_where_enter(&t->where, field);
    trace_value(t, field, &leaf);
    bm_where_leave(&t->where);
    return TRUE;
}

/* ---- a walk without a schema ---- */

static gboolean next_field_of_other(BmVisitor *v, const BmField **field, GError **error)
{
    return bm_visit_next_field(tap(v)->other, field, error);
}

static const char *name_of_other(const BmVisitor *v)
{
    return bm_visit_name(((const Tap *)v)->other);
}

static gboolean said_width_of_other(BmVisitor *v, uint32_t *width, GError **error)
{
    return bm_visit_said_width(tap(v)->other, width, error);
}

static gboolean more_of_other(BmVisitor *v, const BmField *field, gboolean *more, GError **error)
{
    return bm_visit_more(tap(v)->other, field, more, error);
}

static gboolean next_subsection_of_other(BmVisitor *v, const char *name, BmSchema *subsection,
                                         GError **error)
{
    return bm_visit_next_subsection(tap(v)->other, name, subsection, error);
}

/* ---- the visitors ---- */

static uint64_t offset_of_other(const BmVisitor *v)
{
    return bm_visitor_offset(((const Tap *)v)->other);
}

static void tap_free(BmVisitor *v)
{
    Tap *t = tap(v);

    if (t->owner) {
        bm_visitor_free(t->other);
    }
    bm_where_clear(&t->where);
    bm_path_clear(&t->path);
    g_ptr_array_unref(t->containers);
    g_string_free(t->type, TRUE);
    g_string_free(t->value, TRUE);
    bm_differences_clear(&t->differences);
    g_free(t);
}

#define CONTAINERS                                                                                 \
    .begin_struct = begin_struct, .end_struct = end_struct, .end_fields = end_fields,              \
    .begin_group = begin_group, .end_group = end_group, .begin_subsection = begin_subsection,      \
    .end_subsection = end_subsection, .free = tap_free

static const BmVisitorOps each_ops = {CONTAINERS, .scalar = each_scalar, .octets = each_octets};
static const BmVisitorOps compare_ops = {CONTAINERS, .scalar = compare_scalar,
                                         .octets = compare_octets};

#define TRACE CONTAINERS, .scalar = trace_scalar, .octets = trace_octets
#define TRACE_IN TRACE, .offset = offset_of_other

static const BmVisitorOps trace_out_ops = {TRACE};
static const BmVisitorOps trace_asking_out_ops = {TRACE, .next_field = next_field_of_other,
                                                  .name = name_of_other};
static const BmVisitorOps trace_in_ops = {TRACE_IN};
static const BmVisitorOps trace_answering_in_ops = {TRACE_IN, .more = more_of_other,
                                                    .said_width = said_width_of_other,
                                                    .next_subsection = next_subsection_of_other};

/* It can do what the other can. */
static const BmVisitorOps *trace_ops(const BmVisitor *other)
{
    if (other->ops->offset) {
        return bm_visitor_answers(other) ? &trace_answering_in_ops : &trace_in_ops;
    }
    return bm_visitor_asks(other) ? &trace_asking_out_ops : &trace_out_ops;
}

static Tap *tap_new(const BmVisitorOps *ops, const char *root, BmVisitor *other)
{
    Tap *t = g_new0(Tap, 1);

    t->base.ops = ops;
    t->other = other;
    bm_path_init(&t->path, root);
    bm_where_init(&t->where, &t->path);
    t->containers = g_ptr_array_new_with_free_func(g_free);
    t->type = g_string_new(NULL);
    t->value = g_string_new(NULL);
    return t;
}

BmVisitor *bm_visitor_each(const char *root, BmVisitedFunc each, void *data)
{
    Tap *t = tap_new(&each_ops, root, NULL);

    t->each = each;
    t->data = data;
    bm_differences_init(&t->differences, NULL, NULL, 0, NULL);
    return &t->base;
}

BmVisitor *bm_visitor_compare(BmVisitor *expected, const char *root, BmDifferenceFunc report,
                              void *data, uint64_t limit)
{
    Tap *t = tap_new(&compare_ops, root, expected);

    bm_differences_init(&t->differences, report, data, limit, NULL);
    return &t->base;
}

uint64_t bm_visitor_compare_count(const BmVisitor *v)
{
    return ((const Tap *)v)->differences.count;
}

BmVisitor *bm_visitor_trace(BmVisitor *inner, const char *root, BmTraceFunc trace, void *data)
{
    Tap *t = tap_new(trace_ops(inner), root, inner);

    t->owner = TRUE;
    t->where.bare = TRUE;
    t->trace = trace;
    t->data = data;
    bm_differences_init(&t->differences, NULL, NULL, 0, NULL);
    return &t->base;
}
