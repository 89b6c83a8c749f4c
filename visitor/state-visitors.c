/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device into a tree and out of it.
 *
 * Both keep a stack of the structs that are open, and in each of them the field
 * whose elements are being visited.
 */
#include <string.h>

#include "state.h"
#include "visitor-impl.h"

/* ---- output ---- */

typedef struct OutFrame {
    BmState *state;
    BmStateField *group; /* open, or NULL */
} OutFrame;

typedef struct StateOut {
    BmVisitor base;
    BmState **result;
    BmState *root;
    unsigned depth;
    OutFrame frames[BM_LIMIT_DEPTH + 1];
} StateOut;

static StateOut *out_of(BmVisitor *v)
{
    return (StateOut *)v;
}

static OutFrame *out_top(StateOut *o)
{
    return &o->frames[o->depth - 1];
}

static void out_push(StateOut *o, BmState *state)
{
    o->frames[o->depth++] = (OutFrame){.state = state};
}

/* The field that gets the next value: the group that is open, or a new one. */
static BmStateField *out_field(StateOut *o, const BmField *is)
{
    OutFrame *top = out_top(o);
    BmStateField *field = top->group;

    if (!field) {
        field = bm_state_field_new(is);
        g_ptr_array_add(top->state->fields, field);
    }
    return field;
}

static gboolean out_begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                                 GError **error)
{
    StateOut *o = out_of(v);
    BmState *state;

    if (!schema) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "a tree cannot be made without a description");
    }
    state = bm_state_new_of(schema);
    if (!field) {
        bm_state_free(o->root); /* of a walk that was begun twice */
        o->root = state;
    } else {
        g_ptr_array_add(out_field(o, field)->structs, state);
    }
    out_push(o, state);
    return TRUE;
}

static gboolean out_end_struct(BmVisitor *v, GError **error)
{
    StateOut *o = out_of(v);

    (void)error;
    o->depth--;
    if (o->depth == 0) {
        *o->result = g_steal_pointer(&o->root);
    }
    return TRUE;
}

static gboolean out_begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    StateOut *o = out_of(v);

    (void)error;
    out_top(o)->group = out_field(o, field);
    return TRUE;
}

static gboolean out_end_group(BmVisitor *v, GError **error)
{
    (void)error;
    out_top(out_of(v))->group = NULL;
    return TRUE;
}

static gboolean out_begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    StateOut *o = out_of(v);
    BmState *state = bm_state_new_of(schema);

    (void)error;
    g_ptr_array_add(out_top(o)->state->subsections, state);
    out_push(o, state);
    return TRUE;
}

static gboolean out_end_subsection(BmVisitor *v, GError **error)
{
    (void)error;
    out_of(v)->depth--;
    return TRUE;
}

static gboolean out_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    BmStateScalar s = {.type = value->type};

    (void)error;
    switch (value->type) {
    case BM_SCALAR_RAW:
        memcpy(s.raw, value->raw.data, MIN(value->raw.len, sizeof(s.raw)));
        break;
    case BM_SCALAR_BOOLEAN:
        s.boolean = value->boolean;
        break;
    case BM_SCALAR_UNSIGNED:
    case BM_SCALAR_SIGNED:
        s.u = value->u;
        break;
    case BM_SCALAR_NULL:
    case BM_SCALAR_PRESENT:
        break;
    }
    g_array_append_val(out_field(out_of(v), field)->scalars, s);
    return TRUE;
}

static gboolean out_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    (void)error;
    g_byte_array_append(out_field(out_of(v), field)->octets, value->data, (guint)value->len);
    return TRUE;
}

static void out_free(BmVisitor *v)
{
    bm_state_free(out_of(v)->root);
    g_free(v);
}

static const BmVisitorOps state_out_ops = {
    .begin_struct = out_begin_struct,
    .end_struct = out_end_struct,
    .begin_group = out_begin_group,
    .end_group = out_end_group,
    .begin_subsection = out_begin_subsection,
    .end_subsection = out_end_subsection,
    .scalar = out_scalar,
    .octets = out_octets,
    .free = out_free,
};

BmVisitor *bm_visitor_state_out(BmState **state)
{
    StateOut *o = g_new0(StateOut, 1);

    o->base.ops = &state_out_ops;
    o->result = state;
    *state = NULL;
    return &o->base;
}

/* ---- input ---- */

typedef struct InFrame {
    const BmState *state;
    guint field, subsection; /* next ones */
    const BmStateField *group;
    guint element; /* next one of the group */
} InFrame;

typedef struct StateIn {
    BmVisitor base;
    const BmState *root;
    unsigned depth;
    InFrame frames[BM_LIMIT_DEPTH + 1];
} StateIn;

static StateIn *in_of(BmVisitor *v)
{
    return (StateIn *)v;
}

static InFrame *in_top(StateIn *in)
{
    return &in->frames[in->depth - 1];
}

static gboolean in_wrong(GError **error, const char *what, const char *name)
{
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "the tree and its description differ: %s %s", what, name);
}

static gboolean in_push(StateIn *in, const BmState *state)
{
    in->frames[in->depth++] = (InFrame){.state = state};
    return TRUE;
}

/* The next field, or the group that is open, with the element that is due. */
static const BmStateField *in_field(StateIn *in, const BmField *is, guint *element, GError **error)
{
    InFrame *top = in_top(in);
    const BmStateField *f = top->group;

    *element = 0;
    if (f) {
        *element = top->element++;
        return f;
    }
    if (top->field >= top->state->fields->len) {
        in_wrong(error, "there is no", is->name);
        return NULL;
    }
    f = top->state->fields->pdata[top->field++];
    if (strcmp(f->is.name, is->name) || f->is.kind != is->kind || f->is.width != is->width ||
        f->is.count != is->count) {
        in_wrong(error, "another field than", is->name);
        return NULL;
    }
    return f;
}

static gboolean in_begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                                GError **error)
{
    StateIn *in = in_of(v);
    const BmStateField *f;
    guint element;

    (void)schema;
    if (!field) {
        return in_push(in, in->root);
    }
    f = in_field(in, field, &element, error);
    if (!f) {
        return FALSE;
    }
    if (element >= f->structs->len) {
        return in_wrong(error, "too few elements in", field->name);
    }
    return in_push(in, f->structs->pdata[element]);
}

static gboolean in_end(BmVisitor *v, GError **error)
{
    InFrame *top = in_top(in_of(v));

    if (top->field < top->state->fields->len || top->subsection < top->state->subsections->len) {
        return in_wrong(error, "something is left in", top->state->name);
    }
    in_of(v)->depth--;
    return TRUE;
}

static gboolean in_begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    StateIn *in = in_of(v);
    InFrame *top = in_top(in);
    guint element;

    top->group = in_field(in, field, &element, error);
    top->element = 0;
    return top->group != NULL;
}

static gboolean in_end_group(BmVisitor *v, GError **error)
{
    InFrame *top = in_top(in_of(v));

    if (top->element != MAX(top->group->structs->len, top->group->scalars->len)) {
        return in_wrong(error, "too many elements in", top->group->is.name);
    }
    top->group = NULL;
    return TRUE;
}

static gboolean in_begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    InFrame *top = in_top(in_of(v));
    const BmState *state;

    if (top->subsection >= top->state->subsections->len) {
        return in_wrong(error, "there is no", schema->name);
    }
    state = top->state->subsections->pdata[top->subsection++];
    if (strcmp(state->name, schema->name)) {
        return in_wrong(error, "another subsection than", schema->name);
    }
    return in_push(in_of(v), state);
}

static gboolean in_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    guint element;
    const BmStateField *f = in_field(in_of(v), field, &element, error);
    const BmStateScalar *s;

    if (!f) {
        return FALSE;
    }
    if (element >= f->scalars->len) {
        return in_wrong(error, "too few values in", field->name);
    }
    s = &g_array_index(f->scalars, BmStateScalar, element);
    value->type = s->type;
    if (s->type == BM_SCALAR_RAW) {
        value->raw = (BmOctets){s->raw, MIN(f->is.width, sizeof(s->raw))};
    } else if (s->type == BM_SCALAR_BOOLEAN) {
        value->boolean = s->boolean;
    } else if (s->type == BM_SCALAR_UNSIGNED || s->type == BM_SCALAR_SIGNED) {
        value->u = s->u;
    }
    return TRUE;
}

static gboolean in_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    guint element;
    const BmStateField *f = in_field(in_of(v), field, &element, error);

    if (!f) {
        return FALSE;
    }
    *value = (BmOctets){f->octets->data, f->octets->len};
    return TRUE;
}

static uint64_t in_offset(const BmVisitor *v)
{
    (void)v;
    return BM_NO_OFFSET;
}

static const BmVisitorOps state_in_ops = {
    .begin_struct = in_begin_struct,
    .end_struct = in_end,
    .begin_group = in_begin_group,
    .end_group = in_end_group,
    .begin_subsection = in_begin_subsection,
    .end_subsection = in_end,
    .scalar = in_scalar,
    .octets = in_octets,
    .offset = in_offset,
};

BmVisitor *bm_visitor_state_in(const BmState *state)
{
    StateIn *in = g_new0(StateIn, 1);

    in->base.ops = &state_in_ops;
    in->root = state;
    return &in->base;
}
