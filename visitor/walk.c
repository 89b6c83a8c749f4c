/* SPDX-License-Identifier: BSD-2-Clause */
#include "walk.h"

#include "path.h"

/* Where a walk is inside one struct.  A path is made of it only for an error. */
typedef struct Frame {
    const BmSchema *schema;     /* NULL: `out` says what comes next */
    const BmField *field;       /* at work, or NULL */
    const BmSchema *subsection; /* at work, or NULL */
    /* without a schema */
    BmSchema own, found; /* name of this struct; name and version of that subsection */
    BmField said;        /* the field at work, if the input has said how wide it is */
    gboolean element;
    uint32_t index; /* of the element */
} Frame;

typedef struct Walk {
    BmVisitor *in, *out;
    /* those two, if one has spans of many values and the other takes them */
    BmVisitor *memory, *octets;
    GError **error;
    uint64_t offset; /* of what is at work in the input */
    unsigned depth;
    Frame frames[BM_LIMIT_DEPTH]; /* those of a failed walk stay */
} Walk;

static gboolean walk_members(Walk *w, const BmSchema *schema);

/* Before each step, since a visitor that fails may have moved. */
static void note_offset(Walk *w)
{
    w->offset = bm_visitor_offset(w->in);
}

/* ---- leaves ---- */

static gboolean walk_scalar(Walk *w, const BmField *field)
{
    BmScalar value = {BM_SCALAR_RAW};

    note_offset(w);
    return bm_visit_scalar(w->in, field, &value, w->error) &&
           bm_visit_scalar(w->out, field, &value, w->error);
}

static gboolean walk_octets(Walk *w, const BmField *field)
{
    BmOctets value = {NULL, 0};

    note_offset(w);
    return bm_visit_octets(w->in, field, &value, w->error) &&
           bm_visit_octets(w->out, field, &value, w->error);
}

/* ---- containers ---- */

static gboolean end_struct(Walk *w)
{
    note_offset(w);
    return bm_visit_end_struct(w->in, w->error) && bm_visit_end_struct(w->out, w->error);
}

static gboolean walk_struct(Walk *w, const BmField *field, const BmSchema *schema)
{
    note_offset(w);
    return bm_visit_begin_struct(w->in, field, schema, w->error) &&
           bm_visit_begin_struct(w->out, field, schema, w->error) && walk_members(w, schema) &&
           end_struct(w);
}

/* NULL in a walk without a schema. */
static const BmSchema *element_schema(const BmField *field, uint32_t i)
{
    return field->n_elements == 0 ? NULL : field->elements[field->kind == BM_KIND_LIST ? i : 0];
}

static gboolean walk_element(Walk *w, const BmField *field, uint32_t i)
{
    if (field->kind == BM_KIND_POINTER) {
        return walk_scalar(w, field);
    }
    return walk_struct(w, field, element_schema(field, i));
}

static gboolean has_element(Walk *w, const BmField *field, const Frame *frame, uint32_t i,
                            gboolean *more)
{
    if (field->kind != BM_KIND_LIST) {
        *more = i < field->count;
    } else if (frame->schema) {
        *more = i < field->n_elements;
    } else {
        note_offset(w);
        return bm_visit_more(w->in, field, more, w->error);
    }
    return TRUE;
}

static gboolean walk_elements(Walk *w, const BmField *field, Frame *frame)
{
    gboolean more;

    frame->element = TRUE;
    for (uint32_t i = 0; has_element(w, field, frame, i, &more); i++) {
        if (!more) {
            frame->element = FALSE;
            return TRUE;
        }
        frame->index = field->first + i;
        if (!walk_element(w, field, i)) {
            return FALSE;
        }
    }
    return FALSE;
}

static gboolean end_group(Walk *w)
{
    note_offset(w);
    return bm_visit_end_group(w->in, w->error) && bm_visit_end_group(w->out, w->error);
}

static gboolean walk_group(Walk *w, const BmField *field, Frame *frame)
{
    note_offset(w);
    return bm_visit_begin_group(w->in, field, w->error) &&
           bm_visit_begin_group(w->out, field, w->error) && walk_elements(w, field, frame) &&
           end_group(w);
}

static gboolean walk_field(Walk *w, const BmField *field, Frame *frame)
{
    if (bm_field_is_group(field)) {
        return walk_group(w, field, frame);
    }
    switch (field->kind) {
    case BM_KIND_STRUCT:
        return walk_struct(w, field, element_schema(field, 0));
    case BM_KIND_BOOLEAN:
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
        return bm_field_is_packed(field) ? walk_octets(w, field) : walk_scalar(w, field);
    case BM_KIND_POINTER:
        return walk_scalar(w, field);
    default:
        return walk_octets(w, field);
    }
}

static gboolean end_subsection(Walk *w)
{
    note_offset(w);
    return bm_visit_end_subsection(w->in, w->error) && bm_visit_end_subsection(w->out, w->error);
}

static gboolean begin_subsection(Walk *w, const BmSchema *schema)
{
    note_offset(w);
    return bm_visit_begin_subsection(w->in, schema, w->error) &&
           bm_visit_begin_subsection(w->out, schema, w->error);
}

/* As many fields as can be visited at once, from field `first` on. */
static uint32_t walk_span(Walk *w, const BmSchema *schema, uint32_t first)
{
    BmSpan span;
    uint32_t n;

    if (!w->memory || !bm_visit_next_span(w->memory, schema, first, &span)) {
        return 0;
    }
    n = bm_visit_span(w->octets, &span);
    bm_visit_span_done(w->memory, n);
    return n;
}

/* What the output wants next.  It may leave the width to the input. */
static gboolean ask_for_field(Walk *w, Frame *frame)
{
    if (!bm_visit_next_field(w->out, &frame->field, w->error)) {
        return FALSE;
    }
    if (!frame->field || frame->field->width != BM_WIDTH_IS_SAID) {
        return TRUE;
    }
    frame->said = *frame->field;
    frame->field = &frame->said;
    note_offset(w);
    return bm_visit_said_width(w->in, &frame->said.width, w->error);
}

static gboolean next_field(Walk *w, Frame *frame, uint32_t *i)
{
    const BmSchema *schema = frame->schema;

    frame->field = NULL;
    if (!schema) {
        return ask_for_field(w, frame);
    }
    *i += walk_span(w, schema, *i);
    frame->field = *i < schema->n_fields ? &schema->fields[*i] : NULL;
    return TRUE;
}

static gboolean walk_fields(Walk *w, Frame *frame)
{
    for (uint32_t i = 0; next_field(w, frame, &i); i++) {
        if (!frame->field) {
            note_offset(w);
            return bm_visit_end_fields(w->in, w->error) && bm_visit_end_fields(w->out, w->error);
        }
        if (!walk_field(w, frame->field, frame)) {
            return FALSE;
        }
    }
    return FALSE;
}

static gboolean walk_subsections(Walk *w, Frame *frame)
{
    for (uint32_t i = 0; i < frame->schema->n_subsections; i++) {
        frame->subsection = frame->schema->subsections[i];
        if (!begin_subsection(w, frame->subsection) || !walk_members(w, frame->subsection) ||
            !end_subsection(w)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean walk_found(Walk *w, Frame *frame)
{
    frame->subsection = &frame->found;
    if (!begin_subsection(w, &frame->found)) {
        return FALSE;
    }
    /* The input's name goes with the next call. */
    frame->found.name = bm_visit_name(w->out);
    return walk_members(w, NULL) && end_subsection(w);
}

/* Those that are there. */
static gboolean find_subsections(Walk *w, Frame *frame)
{
    frame->own = (BmSchema){.name = bm_visit_name(w->out)};
    for (;;) {
        frame->subsection = NULL;
        note_offset(w);
        if (!bm_visit_next_subsection(w->in, frame->own.name, &frame->found, w->error)) {
            return FALSE;
        }
        if (!frame->found.name) {
            return TRUE;
        }
        if (!walk_found(w, frame)) {
            return FALSE;
        }
    }
}

/* No deeper than the visitors let it go, which both have been asked before. */
static gboolean walk_members(Walk *w, const BmSchema *schema)
{
    Frame *frame = &w->frames[w->depth];

    /* The names of its own are for a walk without a schema. */
    frame->schema = schema;
    frame->field = NULL;
    frame->subsection = NULL;
    frame->element = FALSE;
    w->depth++;
    if (!walk_fields(w, frame) ||
        !(schema ? walk_subsections(w, frame) : find_subsections(w, frame))) {
        return FALSE;
    }
    w->depth--;
    return TRUE;
}

/* ---- errors ---- */

static void push_frame(BmPath *path, const Frame *frame)
{
    if (frame->field) {
        bm_path_push_field(path, frame->schema, frame->field);
    }
    if (frame->element) {
        bm_path_push_index(path, frame->index);
    }
    if (frame->subsection) {
        bm_path_push_subsection(path, frame->schema ? frame->schema : &frame->own,
                                frame->subsection);
    }
}

static void say_where(const Walk *w, const char *root)
{
    BmPath path;

    if (!w->error) {
        return;
    }
    bm_path_init(&path, root);
    for (unsigned i = 0; i < w->depth; i++) {
        push_frame(&path, &w->frames[i]);
    }
    bm_error_add_path(*w->error, bm_path_text(&path));
    bm_error_add_offset(*w->error, w->offset);
    bm_path_clear(&path);
}

static void pair_for_spans(Walk *w)
{
    gboolean saving = bm_visitor_has_spans(w->in) && bm_visitor_takes_spans(w->out);
    gboolean loading = bm_visitor_has_spans(w->out) && bm_visitor_takes_spans(w->in);

    w->memory = saving ? w->in : loading ? w->out : NULL;
    w->octets = saving ? w->out : w->in;
}

gboolean bm_walk(const BmSchema *schema, BmVisitor *in, BmVisitor *out, const char *root,
                 GError **error)
{
    Walk w; /* the frames are set as they are needed */
    gboolean ok;

    if (!schema && !(bm_visitor_asks(out) && bm_visitor_answers(in))) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, root,
                            "nothing says which values are to be read");
    }
    w.in = in;
    w.out = out;
    w.error = error;
    w.offset = BM_NO_OFFSET;
    w.depth = 0;
    pair_for_spans(&w);
    if (schema && w.memory && bm_visit_whole(w.memory, w.octets, schema)) {
        return TRUE;
    }
    ok = walk_struct(&w, NULL, schema);
    if (!ok) {
        say_where(&w, root);
    }
    return ok;
}
