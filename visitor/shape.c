/* SPDX-License-Identifier: BSD-2-Clause */
#include "shape.h"

typedef struct Shape {
    BmShape base;
    gatomicrefcount count;
    GStringChunk *texts;
    GArray *fields;         /* BmShapeField */
    GPtrArray *subsections; /* BmShape */
} Shape;

struct BmShapeBuilder {
    Shape *shape;
};

const BmShape *bm_shape_ref(const BmShape *shape)
{
    if (shape) {
        g_atomic_ref_count_inc(&((Shape *)shape)->count);
    }
    return shape;
}

void bm_shape_unref(const BmShape *shape)
{
    Shape *s = (Shape *)shape;

    if (!s || !g_atomic_ref_count_dec(&s->count)) {
        return;
    }
    for (guint i = 0; i < s->fields->len; i++) {
        bm_shape_unref(g_array_index(s->fields, BmShapeField, i).element);
    }
    for (guint i = 0; i < s->subsections->len; i++) {
        bm_shape_unref(s->subsections->pdata[i]);
    }
    g_array_unref(s->fields);
    g_ptr_array_unref(s->subsections);
    g_string_chunk_free(s->texts);
    g_free(s);
}

/* ---- building ---- */

static const char *keep(Shape *s, const char *text)
{
    return text ? g_string_chunk_insert_const(s->texts, text) : NULL;
}

BmShapeBuilder *bm_shape_builder_new(const BmShape *head)
{
    BmShapeBuilder *b = g_new0(BmShapeBuilder, 1);
    Shape *s = g_new0(Shape, 1);

    g_atomic_ref_count_init(&s->count);
    s->texts = g_string_chunk_new(128);
    s->fields = g_array_new(FALSE, FALSE, sizeof(BmShapeField));
    s->subsections = g_ptr_array_new();
    s->base = (BmShape){
        .name = keep(s, head->name),
        .version = head->version,
        .minimum = head->minimum,
        .sampled = head->sampled,
        .conditional = head->conditional,
        .droppable = head->droppable,
    };
    b->shape = s;
    return b;
}

void bm_shape_builder_field(BmShapeBuilder *b, const BmShapeField *field)
{
    BmShapeField copy = *field;

    copy.name = keep(b->shape, field->name);
    copy.type = keep(b->shape, field->type);
    bm_shape_ref(copy.element);
    g_array_append_val(b->shape->fields, copy);
}

void bm_shape_builder_subsection(BmShapeBuilder *b, const BmShape *subsection)
{
    g_ptr_array_add(b->shape->subsections, (gpointer)bm_shape_ref(subsection));
}

const BmShape *bm_shape_builder_end(BmShapeBuilder *b)
{
    Shape *s = b->shape;

    s->base.fields = (const BmShapeField *)(const void *)s->fields->data;
    s->base.n_fields = s->fields->len;
    s->base.subsections = (const BmShape *const *)s->subsections->pdata;
    s->base.n_subsections = s->subsections->len;
    g_free(b);
    return &s->base;
}

/* ---- from schemas ---- */

struct BmShapeMaker {
    gboolean sampled;
    GHashTable *made; /* BmSchema to BmShape */
};

static void unref_shape(gpointer shape)
{
    bm_shape_unref(shape);
}

BmShapeMaker *bm_shape_maker_new(gboolean sampled)
{
    BmShapeMaker *m = g_new0(BmShapeMaker, 1);

    m->sampled = sampled;
    m->made = g_hash_table_new_full(NULL, NULL, NULL, unref_shape);
    return m;
}

void bm_shape_maker_free(BmShapeMaker *m)
{
    if (m) {
        g_hash_table_unref(m->made);
        g_free(m);
    }
}

/* The description of a stream says what was there, and has neither. */
static gboolean is_outline(const BmSchema *schema)
{
    gboolean outline = schema->minimum != schema->version;

    for (uint32_t i = 0; i < schema->n_fields; i++) {
        outline |= schema->fields[i].condition || schema->fields[i].since;
    }
    for (uint32_t i = 0; i < schema->n_subsections; i++) {
        outline |= schema->subsections[i]->condition != NULL;
    }
    return outline;
}

static void add_field(BmShapeMaker *m, BmShapeBuilder *b, const BmField *f)
{
    bm_shape_builder_field(b,
                           &(BmShapeField){
                               .name = f->name,
                               .conditional = f->condition != NULL,
                               .typed = TRUE,
                               .kind = f->kind,
                               .width = f->width,
                               .count = f->count,
                               .type = f->type,
                               .element = f->n_elements ? bm_shape_make(m, f->elements[0]) : NULL,
                           });
}

const BmShape *bm_shape_make(BmShapeMaker *m, const BmSchema *schema)
{
    const BmShape *made = g_hash_table_lookup(m->made, schema);
    BmShapeBuilder *b;

    if (made) {
        return made;
    }
    b = bm_shape_builder_new(&(BmShape){
        .name = schema->name,
        .version = schema->version,
        .minimum = schema->minimum != schema->version ? schema->minimum : 0,
        .sampled = m->sampled || !is_outline(schema),
        .conditional = schema->condition != NULL,
        .droppable = schema->droppable,
    });
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        add_field(m, b, &schema->fields[i]);
    }
    for (uint32_t i = 0; i < schema->n_subsections; i++) {
        bm_shape_builder_subsection(b, bm_shape_make(m, schema->subsections[i]));
    }
    made = bm_shape_builder_end(b);
    g_hash_table_insert(m->made, (gpointer)schema, (gpointer)made);
    return made;
}
