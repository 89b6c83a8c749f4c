/* SPDX-License-Identifier: BSD-2-Clause */
#include "difference.h"

#include <string.h>

#include "emit.h"

void bm_differences_init(BmDifferences *d, BmDifferenceFunc report, void *data, uint64_t limit,
                         const char *glob)
{
    *d = (BmDifferences){.report = report, .data = data, .limit = limit};
    d->glob = glob ? g_pattern_spec_new(glob) : NULL;
    d->path = g_string_new(NULL);
    for (unsigned i = 0; i < 2; i++) {
        d->texts[i] = g_string_new(NULL);
        d->types[i] = g_string_new(NULL);
    }
}

void bm_differences_clear(BmDifferences *d)
{
    g_clear_pointer(&d->glob, g_pattern_spec_free);
    g_string_free(d->path, TRUE);
    for (unsigned i = 0; i < 2; i++) {
        g_string_free(d->texts[i], TRUE);
        g_string_free(d->types[i], TRUE);
    }
}

gboolean bm_differences_match(const BmDifferences *d, const char *path)
{
    return !d->glob || g_pattern_spec_match_string(d->glob, path);
}

void bm_differences_add(BmDifferences *d, const BmDifference *difference)
{
    if (!bm_differences_match(d, difference->path)) {
        return;
    }
    if (d->count++ < d->limit && d->report) {
        d->report(difference, d->data);
    }
}

/* ---- values ---- */

static const char *show_value(GString *to, const BmLeaf *leaf)
{
    g_string_truncate(to, 0);
    bm_leaf_emit_value(to, leaf);
    return *to->str == ' ' ? to->str + 1 : to->str;
}

static const char *show_type(GString *to, const BmField *field, const BmLeaf *leaf)
{
    return leaf->type ? leaf->type : bm_leaf_field_type(field, to);
}

static BmDifferenceKind kind_of(const BmLeaf *a, const BmLeaf *b)
{
    if (!a) {
        return BM_DIFFERENCE_ONLY_B;
    }
    return b ? BM_DIFFERENCE_VALUE : BM_DIFFERENCE_ONLY_A;
}

static gboolean same_text(const char *a, const char *b)
{
    return g_strcmp0(a, b) == 0;
}

/* As they are shown they are compared: what nobody can see is no difference. */
static void check_leaf(BmDifferences *d, const BmVisited *va, const BmLeaf *a, const BmVisited *vb,
                       const BmLeaf *b)
{
    BmDifference found = {kind_of(a, b), .path = d->path->str};

    if (a) {
        found.a = show_value(d->texts[0], a);
        found.type_a = show_type(d->types[0], va->field, a);
    }
    if (b) {
        found.b = show_value(d->texts[1], b);
        found.type_b = show_type(d->types[1], vb->field, b);
    }
    if (!same_text(found.a, found.b) || !same_text(found.type_a, found.type_b)) {
        bm_differences_add(d, &found);
    }
}

static BmLeaf whole_leaf(const BmVisited *v)
{
    return v->by_octets ? bm_leaf_octets(v->field, v->octets)
                        : bm_leaf_scalar(v->field, &v->scalar);
}

static void check_whole(BmDifferences *d, const BmVisited *a, const BmVisited *b)
{
    BmLeaf leaf_a = {0}, leaf_b = {0};

    if (a) {
        leaf_a = whole_leaf(a);
    }
    if (b) {
        leaf_b = whole_leaf(b);
    }
    check_leaf(d, a, a ? &leaf_a : NULL, b, b ? &leaf_b : NULL);
}

/* ---- arrays ---- */

static gboolean is_array(const BmVisited *v)
{
    return v && v->by_octets && bm_leaf_is_array(v->field);
}

static uint64_t elements_end(const BmVisited *v)
{
    return v->field->first + v->octets.len / v->field->width;
}

static gboolean element(const BmVisited *v, uint64_t index, BmLeaf *leaf)
{
    size_t width;

    if (!v || index < v->field->first || index >= elements_end(v)) {
        return FALSE;
    }
    width = v->field->width;
    *leaf = bm_leaf_octets(
        v->field, (BmOctets){v->octets.data + (size_t)(index - v->field->first) * width, width});
    return TRUE;
}

static void check_elements(BmDifferences *d, const BmVisited *a, const BmVisited *b)
{
    uint64_t index = MIN(a ? a->field->first : UINT32_MAX, b ? b->field->first : UINT32_MAX);
    uint64_t end = MAX(a ? elements_end(a) : 0, b ? elements_end(b) : 0);
    gsize before = d->path->len;

    for (; index < end; index++) {
        BmLeaf leaf_a, leaf_b;
        gboolean in_a = element(a, index, &leaf_a), in_b = element(b, index, &leaf_b);

        g_string_append(d->path, ".[");
        bm_emit_decimal(d->path, index);
        g_string_append_c(d->path, ']');
        check_leaf(d, a, in_a ? &leaf_a : NULL, b, in_b ? &leaf_b : NULL);
        g_string_truncate(d->path, before);
    }
}

static gboolean same_octets(BmOctets a, BmOctets b)
{
    return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

/* Most values are the same and should cost little. */
static gboolean is_same(const BmVisited *a, const BmVisited *b)
{
    const BmField *f = a->field, *g = b->field;

    if (f->kind != g->kind || f->width != g->width || f->first != g->first ||
        f->kind == BM_KIND_OPAQUE || a->by_octets != b->by_octets) {
        return FALSE;
    }
    if (a->by_octets) {
        return same_octets(a->octets, b->octets);
    }
    return a->scalar.type == b->scalar.type &&
           (a->scalar.type == BM_SCALAR_UNSIGNED || a->scalar.type == BM_SCALAR_SIGNED) &&
           a->scalar.u == b->scalar.u;
}

void bm_differences_check(BmDifferences *d, const char *path, const BmVisited *a,
                          const BmVisited *b)
{
    if (a && b && is_same(a, b)) {
        return;
    }
    if (a && b && is_array(a) != is_array(b)) {
        bm_differences_check(d, path, a, NULL);
        bm_differences_check(d, path, NULL, b);
        return;
    }
    g_string_assign(d->path, path);
    if (is_array(a ? a : b)) {
        check_elements(d, a, b);
    } else {
        check_whole(d, a, b);
    }
}
