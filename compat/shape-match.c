/* SPDX-License-Identifier: BSD-2-Clause */
#include "shape-match.h"

#include <string.h>

/* Positions of fields, sorted by name, then by position. */
typedef struct Index {
    const BmShape *shape;
    uint32_t *at;
} Index;

struct BmShapeMatch {
    Index d, s;
};

static int compare_positions(gconstpointer a, gconstpointer b, gpointer data)
{
    const BmShapeField *fields = data;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    int names = strcmp(fields[x].name, fields[y].name);

    if (names) {
        return names;
    }
    return x < y ? -1 : x > y;
}

static void index_init(Index *index, const BmShape *shape)
{
    index->shape = shape;
    index->at = g_new(uint32_t, shape->n_fields);
    for (uint32_t i = 0; i < shape->n_fields; i++) {
        index->at[i] = i;
    }
    g_qsort_with_data(index->at, (gint)shape->n_fields, sizeof(*index->at), compare_positions,
                      (gpointer)shape->fields);
}

/* The place in at[] of the first field of that name at or behind `from`; n_fields
 * if there is none. */
static uint32_t index_find(const Index *index, const char *name, uint32_t from)
{
    const BmShapeField *fields = index->shape->fields;
    uint32_t low = 0, high = index->shape->n_fields;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2, at = index->at[middle];
        int order = strcmp(fields[at].name, name);

        if (order < 0 || (order == 0 && at < from)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < index->shape->n_fields && !strcmp(fields[index->at[low]].name, name)
               ? low
               : index->shape->n_fields;
}

BmShapeMatch *bm_shape_match_new(const BmShape *d, const BmShape *s)
{
    BmShapeMatch *m = g_new0(BmShapeMatch, 1);

    index_init(&m->d, d);
    index_init(&m->s, s);
    return m;
}

void bm_shape_match_free(BmShapeMatch *m)
{
    if (m) {
        g_free(m->d.at);
        g_free(m->s.at);
        g_free(m);
    }
}

gboolean bm_shape_match_in_d(const BmShapeMatch *m, const char *name)
{
    return index_find(&m->d, name, 0) < m->d.shape->n_fields;
}

gboolean bm_shape_match_in_s(const BmShapeMatch *m, const char *name)
{
    return index_find(&m->s, name, 0) < m->s.shape->n_fields;
}

uint64_t bm_shape_field_octets(const BmShapeField *f)
{
    if (f->element) {
        return 0;
    }
    if (!f->typed) {
        return f->size;
    }
    switch (f->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
    case BM_KIND_BUFFER:
    case BM_KIND_OPAQUE:
        return (uint64_t)f->width * f->count;
    default:
        return 0;
    }
}

/* Two entries of one name under conditions ("config" of 256 octets, or of 4096)
 * are told apart by their size. */
static gboolean is_same_size(const BmShapeField *d, const BmShapeField *s)
{
    uint64_t octets = bm_shape_field_octets(s), size = bm_shape_field_octets(d);

    return !size || !octets || size == octets || size == s->width;
}

gboolean bm_shape_field_is_filler(const BmShapeField *f)
{
    return g_str_has_prefix(f->name, "unused") || g_strcmp0(f->type, "unused_buffer") == 0;
}

/* The partner of a field, or n_fields. */
static uint32_t find_partner(const BmShapeMatch *m, const BmShapeField *s, uint32_t from)
{
    const BmShape *d = m->d.shape;
    uint32_t first = bm_shape_field_is_filler(s) ? d->n_fields : index_find(&m->d, s->name, from);

    for (uint32_t i = first; i < d->n_fields; i++) {
        const BmShapeField *f = &d->fields[m->d.at[i]];

        if (strcmp(f->name, s->name)) {
            break;
        }
        if (is_same_size(f, s)) {
            return m->d.at[i];
        }
        if (!f->conditional) {
            break;
        }
    }
    return first < d->n_fields ? m->d.at[first] : d->n_fields;
}

static gboolean is_next_element(const BmShape *s, uint32_t i, uint32_t gap)
{
    return i > 0 && gap == i && !strcmp(s->fields[i].name, s->fields[i - 1].name);
}

void bm_shape_match_run(const BmShapeMatch *m, const BmShapeMatchOps *ops, void *data)
{
    const BmShape *d = m->d.shape, *s = m->s.shape;
    uint32_t next = 0, gap = 0; /* the first fields that are not dealt with yet */

    for (uint32_t i = 0; i < s->n_fields; i++) {
        uint32_t partner = find_partner(m, &s->fields[i], next);

        if (partner == d->n_fields) {
            gap += is_next_element(s, i, gap);
            continue;
        }
        ops->gap(data, &(BmGap){next, partner, gap, i});
        ops->pair(data, &d->fields[partner], &s->fields[i]);
        next = partner + 1;
        gap = i + 1;
    }
    ops->gap(data, &(BmGap){next, d->n_fields, gap, s->n_fields});
}
