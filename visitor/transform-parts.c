/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations that make several fields of one, and one of several: of an integer
 * its bits, from the lowest on; of an array its elements, in their order.
 */
#include <string.h>

#include "transform-impl.h"

static uint64_t low_bits(uint32_t n)
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static uint32_t width_for(uint32_t bits)
{
    return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : 8;
}

static uint64_t sum_of(const GArray *parts)
{
    uint64_t sum = 0;

    for (guint i = 0; i < parts->len; i++) {
        sum += g_array_index(parts, BmPart, i).size;
    }
    return sum;
}

static gboolean check_names(const BmWork *w, const BmState *s, const GArray *parts)
{
    for (guint i = 0; i < parts->len; i++) {
        if (!bm_work_free_name(w, s, g_array_index(parts, BmPart, i).name)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Replaces the field at `at` by the parts, which it hands over. */
static void replace_one(BmState *s, int at, GPtrArray *fields)
{
    bm_state_field_free(bm_state_steal(s, at));
    for (guint i = 0; i < fields->len; i++) {
        bm_state_insert(s, at + (int)i, fields->pdata[i]);
    }
}

/* Replaces the parts by one field, which stands where the first of them stood. */
static void replace_parts(BmState *s, const GArray *parts, BmStateField *whole)
{
    int at = bm_state_index(s, g_array_index(parts, BmPart, 0).name);

    bm_state_insert(s, at, whole);
    for (guint i = 0; i < parts->len; i++) {
        at = bm_state_index(s, g_array_index(parts, BmPart, i).name);
        bm_state_field_free(bm_state_steal(s, at));
    }
}

/* ---- bits ---- */

static BmStateField *bit_field(const BmPart *part, uint64_t bits)
{
    BmField is = {part->name, BM_KIND_UNSIGNED, width_for(part->size), .count = 1};
    BmStateField *f = bm_state_field_new(&is);

    bm_state_field_clear(f);
    bm_state_value_set_bits(f, 0, bits & low_bits(part->size));
    return f;
}

static gboolean check_whole(const BmWork *w, const BmStateField *f, const GArray *parts,
                            uint64_t *bits)
{
    uint64_t sum = sum_of(parts);

    if (f->scalars->len != 1 || !bm_state_value_bits(f, 0, bits)) {
        return bm_work_fail(w, BM_MISMATCH, w->t->name, "the field is no single integer");
    }
    if (f->is.kind != BM_KIND_UNSIGNED || f->is.width != w->t->width) {
        return bm_work_fail(w, BM_MISMATCH, w->t->name, "the field is %s, expected uint%u",
                            bm_field_type(&f->is), 8 * w->t->width);
    }
    if (sum > 8 * (uint64_t)f->is.width) {
        return bm_work_fail(w, BM_BAD_VALUE, w->t->name, "the parts have more bits than the whole");
    }
    return TRUE;
}

/* What the parts do not cover can only be left out when it is zero. */
static void lose_rest(const BmWork *w, uint64_t bits, uint64_t sum)
{
    g_autofree char *text = NULL;

    if (sum < 64 && bits >> sum) {
        text = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", bits >> sum << sum);
        bm_work_lost(w, w->t->name, "bits that are in no part", text);
    }
}

static gboolean split_bits(const BmWork *w, BmState *s)
{
    g_autoptr(GArray) parts = bm_parts_parse(w->t->parts, w->error);
    g_autoptr(GPtrArray) fields = g_ptr_array_new();
    int at = parts ? bm_work_find(w, s, w->t->name) : -1;
    uint64_t bits = 0;

    if (at < 0) {
        return parts && w->t->optional;
    }
    if (!check_whole(w, s->fields->pdata[at], parts, &bits) || !check_names(w, s, parts)) {
        return FALSE;
    }
    lose_rest(w, bits, sum_of(parts));
    for (guint i = 0; i < parts->len; i++) {
        const BmPart *part = &g_array_index(parts, BmPart, i);

        g_ptr_array_add(fields, bit_field(part, bits));
        bits = part->size >= 64 ? 0 : bits >> part->size;
    }
    replace_one(s, at, fields);
    bm_work_changed(w, w->t->name, "split into bit fields");
    return TRUE;
}

static gboolean join_part(const BmWork *w, const BmState *s, const BmPart *part, uint64_t *bits)
{
    int at = bm_work_find(w, s, part->name);
    const BmStateField *f = at < 0 ? NULL : s->fields->pdata[at];

    if (!f) {
        return FALSE;
    }
    if (f->is.kind != BM_KIND_UNSIGNED || f->scalars->len != 1 ||
        !bm_state_value_bits(f, 0, bits)) {
        return bm_work_fail(w, BM_MISMATCH, part->name, "the field is no unsigned integer");
    }
    return *bits <= low_bits(part->size) ||
           bm_work_fail(w, BM_REFUSED, part->name, "%" G_GUINT64_FORMAT " does not fit %u bits",
                        (guint64)*bits, part->size);
}

static gboolean join_bits(const BmWork *w, BmState *s)
{
    g_autoptr(GArray) parts = bm_parts_parse(w->t->parts, w->error);
    BmField is = {w->t->name, BM_KIND_UNSIGNED, w->t->width, .count = 1, .type = w->t->type};
    uint64_t whole = 0, bits;
    uint32_t shift = 0;
    BmStateField *f;

    if (!parts || !bm_work_free_name(w, s, w->t->name)) {
        return FALSE;
    }
    if (sum_of(parts) > 8 * (uint64_t)MIN(w->t->width, 8)) {
        return bm_work_fail(w, BM_BAD_VALUE, w->t->name, "the parts have more bits than the whole");
    }
    for (guint i = 0; i < parts->len; i++) {
        const BmPart *part = &g_array_index(parts, BmPart, i);

        if (!join_part(w, s, part, &bits)) {
            return w->t->optional && i == 0 && bm_state_index(s, part->name) < 0;
        }
        whole |= bits << shift;
        shift += part->size;
    }
    f = bm_state_field_new(&is);
    bm_state_field_clear(f);
    bm_state_value_set_bits(f, 0, whole);
    replace_parts(s, parts, f);
    bm_work_changed(w, w->t->name, "joined from bit fields");
    return TRUE;
}

/* ---- arrays ---- */

static BmStateField *slice(const BmStateField *whole, const char *name, uint32_t first,
                           uint32_t count)
{
    BmField is = whole->is;
    BmStateField *f;

    is.name = name;
    is.count = count;
    f = bm_state_field_new(&is);
    bm_state_field_clear(f);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t bits = 0;

        bm_state_value_bits(whole, first + i, &bits);
        bm_state_value_set_bits(f, i, bits);
    }
    return f;
}

static gboolean is_number_array(const BmStateField *f)
{
    return f->is.kind == BM_KIND_UNSIGNED || f->is.kind == BM_KIND_SIGNED;
}

static gboolean split_array(const BmWork *w, BmState *s)
{
    g_autoptr(GArray) parts = bm_parts_parse(w->t->parts, w->error);
    g_autoptr(GPtrArray) fields = g_ptr_array_new();
    int at = parts ? bm_work_find(w, s, w->t->name) : -1;
    const BmStateField *whole = at < 0 ? NULL : s->fields->pdata[at];
    uint32_t first = 0;

    if (!whole) {
        return parts && w->t->optional;
    }
    if (!is_number_array(whole) || whole->is.form != BM_FORM_ARRAY ||
        sum_of(parts) != whole->is.count) {
        return bm_work_fail(w, BM_MISMATCH, w->t->name,
                            "the field is no array of %" G_GUINT64_FORMAT " integers in one piece",
                            (guint64)sum_of(parts));
    }
    if (!check_names(w, s, parts)) {
        return FALSE;
    }
    for (guint i = 0; i < parts->len; i++) {
        const BmPart *part = &g_array_index(parts, BmPart, i);

        g_ptr_array_add(fields, slice(whole, part->name, first, part->size));
        first += part->size;
    }
    replace_one(s, at, fields);
    bm_work_changed(w, w->t->name, "split into arrays");
    return TRUE;
}

/* The parts have to be alike in all but their number. */
static gboolean check_slice(const BmWork *w, const BmStateField *f, const BmStateField *like,
                            uint32_t count)
{
    if (!is_number_array(f) || f->is.form != BM_FORM_ARRAY || f->is.count != count ||
        f->is.kind != like->is.kind || f->is.width != like->is.width) {
        return bm_work_fail(w, BM_MISMATCH, f->is.name,
                            "%u elements of type %s, expected %u of %s in one piece", f->is.count,
                            bm_field_type(&f->is), count, bm_field_type(&like->is));
    }
    return TRUE;
}

static gboolean check_slices(const BmWork *w, const BmState *s, const GArray *parts)
{
    const BmStateField *like = NULL;

    for (guint i = 0; i < parts->len; i++) {
        const BmPart *part = &g_array_index(parts, BmPart, i);
        int at = bm_work_find(w, s, part->name);

        if (at < 0) {
            return FALSE;
        }
        like = like ? like : s->fields->pdata[at];
        if (!check_slice(w, s->fields->pdata[at], like, part->size)) {
            return FALSE;
        }
    }
    return TRUE;
}

static void copy_slices(const BmState *s, const GArray *parts, BmStateField *whole)
{
    int64_t next = 0;

    for (guint i = 0; i < parts->len; i++) {
        const BmPart *part = &g_array_index(parts, BmPart, i);
        const BmStateField *f = s->fields->pdata[bm_state_index(s, part->name)];

        for (uint32_t k = 0; k < part->size; k++) {
            uint64_t bits = 0;

            bm_state_value_bits(f, k, &bits);
            bm_state_value_set_bits(whole, next++, bits);
        }
    }
}

static gboolean join_arrays(const BmWork *w, BmState *s)
{
    g_autoptr(GArray) parts = bm_parts_parse(w->t->parts, w->error);
    const char *first = parts ? g_array_index(parts, BmPart, 0).name : NULL;
    BmStateField *whole;
    BmField is;

    if (!parts || !bm_work_free_name(w, s, w->t->name)) {
        return FALSE;
    }
    if (!check_slices(w, s, parts)) {
        return w->t->optional && bm_state_index(s, first) < 0;
    }
    if (sum_of(parts) > BM_LIMIT_COUNT) {
        return bm_work_fail(w, BM_LIMIT, w->t->name, "more than %u elements", BM_LIMIT_COUNT);
    }
    is = ((BmStateField *)s->fields->pdata[bm_state_index(s, first)])->is;
    is.name = w->t->name;
    is.count = (uint32_t)sum_of(parts);
    whole = bm_state_field_new(&is);
    bm_state_field_clear(whole);
    copy_slices(s, parts, whole);
    replace_parts(s, parts, whole);
    bm_work_changed(w, w->t->name, "joined from arrays");
    return TRUE;
}

/* ---- the operations ---- */

static gboolean invert_parts(const BmTransform *t, BmTransform *back)
{
    static const BmOperation *const pairs[][2] = {
        {&bm_op_split_bits, &bm_op_join_bits},
        {&bm_op_split_array, &bm_op_join_arrays},
    };

    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++) {
        if (t->operation == pairs[i][0]) {
            back->operation = pairs[i][1];
        } else if (t->operation == pairs[i][1]) {
            back->operation = pairs[i][0];
        }
    }
    return TRUE;
}

const BmOperation bm_op_split_bits = {
    .name = "split-bits",
    .needs = BM_KEY_NAME | BM_KEY_PARTS | BM_KEY_WIDTH,
    .takes = BM_KEY_IN | BM_KEY_TYPE,
    .each = split_bits,
    .invert = invert_parts,
};

const BmOperation bm_op_join_bits = {
    .name = "join-bits",
    .needs = BM_KEY_NAME | BM_KEY_PARTS | BM_KEY_WIDTH,
    .takes = BM_KEY_IN | BM_KEY_TYPE,
    .each = join_bits,
    .invert = invert_parts,
};

const BmOperation bm_op_split_array = {
    .name = "split-array",
    .needs = BM_KEY_NAME | BM_KEY_PARTS,
    .takes = BM_KEY_IN,
    .each = split_array,
    .invert = invert_parts,
};

const BmOperation bm_op_join_arrays = {
    .name = "join-arrays",
    .needs = BM_KEY_NAME | BM_KEY_PARTS,
    .takes = BM_KEY_IN,
    .each = join_arrays,
    .invert = invert_parts,
};
