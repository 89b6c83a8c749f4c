/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on values: set, resize, split and join. */
#include <string.h>

#include "transform-impl.h"

/* ---- set ---- */

static gboolean check_old_value(const BmWork *w, const BmStateRef *ref, const char *old)
{
    g_autoptr(GError) wrong = NULL;
    BmStateField *expected = bm_state_field_copy(ref->field);
    gboolean set = bm_state_value_set(expected, ref->element, w->t->back_value, &wrong);
    gboolean same = set && bm_state_value_equal(expected, ref->field);

    bm_state_field_free(expected);
    if (!set) {
        return bm_work_fail(w, BM_BAD_VALUE, w->t->name, "%s", wrong->message);
    }
    return same || bm_work_fail(w, BM_REFUSED, w->t->name, "the value is %s, expected %s", old,
                                w->t->back_value);
}

static gboolean set_one(const BmWork *w, const BmStateRef *ref)
{
    g_autofree char *old = NULL, *what = g_strdup_printf("set to %s", w->t->value);
    g_autoptr(GError) wrong = NULL;
    BmStateField *before;

    if (!ref->field) {
        return bm_work_fail(w, BM_BAD_VALUE, w->t->name, "a subsection has no value");
    }
    old = bm_state_value_text(ref->field, ref->element);
    if (w->t->back_value && !check_old_value(w, ref, old)) {
        return FALSE;
    }
    before = bm_state_field_copy(ref->field);
    if (!bm_state_value_set(ref->field, ref->element, w->t->value, &wrong)) {
        bm_state_field_free(before);
        return bm_work_fail(w, BM_BAD_VALUE, w->t->name, "%s", wrong->message);
    }
    if (!bm_state_value_equal(before, ref->field)) {
        bm_work_lost(w, w->t->name, what, w->t->back_value ? NULL : old);
    }
    bm_state_field_free(before);
    return TRUE;
}

static gboolean set_values(const BmWork *w, BmState *s)
{
    g_autoptr(GArray) found = bm_state_find(s, w->t->name);

    if (found->len == 0) {
        return w->t->optional || bm_work_fail(w, BM_UNKNOWN, w->t->name, "there is no such field");
    }
    for (guint i = 0; i < found->len; i++) {
        if (!set_one(w, &g_array_index(found, BmStateRef, i))) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean invert_set(const BmTransform *t, BmTransform *back)
{
    back->value = t->back_value;
    back->back_value = t->value;
    return t->back_value != NULL;
}

const BmOperation bm_op_set = {
    .name = "set",
    .needs = BM_KEY_NAME | BM_KEY_VALUE,
    .takes = BM_KEY_IN | BM_KEY_BACK_VALUE,
    .each = set_values,
    .invert = invert_set,
};

/* ---- resize ---- */

static gboolean is_integer(const BmStateField *f)
{
    return f->is.kind == BM_KIND_UNSIGNED || f->is.kind == BM_KIND_SIGNED;
}

static uint64_t sign_extended(const BmStateField *f, uint64_t bits)
{
    unsigned unused = 64 - 8 * CLAMP(f->is.width, 1, 8);

    return f->is.kind == BM_KIND_SIGNED ? (uint64_t)((int64_t)(bits << unused) >> unused) : bits;
}

/* One value goes from one width to the other and has to be the same there. */
static gboolean resize_value(const BmWork *w, const BmStateField *from, BmStateField *to,
                             int64_t element)
{
    g_autofree char *text = NULL;
    uint64_t bits = 0, again = 0;

    if (!bm_state_value_bits(from, element, &bits)) {
        return bm_work_fail(w, BM_MISMATCH, from->is.name, "the value is no integer");
    }
    bits = sign_extended(from, bits);
    bm_state_value_set_bits(to, element, bits);
    bm_state_value_bits(to, element, &again);
    if (sign_extended(to, again) == bits) {
        return TRUE;
    }
    text = bm_state_value_text(from, element);
    return bm_work_fail(w, BM_REFUSED, from->is.name, "%s does not fit %u octets", text,
                        to->is.width);
}

static BmStateField *resized(const BmWork *w, const BmStateField *f)
{
    BmField is = f->is;
    BmStateField *to;

    is.width = w->t->width;
    is.type = w->t->type;
    to = bm_state_field_new(&is);
    bm_state_field_clear(to);
    for (int64_t i = 0; i < bm_state_value_count(f); i++) {
        if (!resize_value(w, f, to, i)) {
            bm_state_field_free(to);
            return NULL;
        }
    }
    return to;
}

static gboolean resize_field(const BmWork *w, BmState *s, int at)
{
    BmStateField *f = s->fields->pdata[at], *to;

    if (!is_integer(f) || f->is.width != w->t->back_width) {
        return bm_work_fail(w, BM_MISMATCH, w->t->name, "%s of %u octets, expected %u",
                            bm_field_type(&f->is), f->is.width, w->t->back_width);
    }
    to = resized(w, f);
    if (!to) {
        return FALSE;
    }
    bm_state_field_free(f);
    s->fields->pdata[at] = to;
    return TRUE;
}

static gboolean resize_fields(const BmWork *w, BmState *s)
{
    g_autofree char *what = g_strdup_printf("of %u octets now", w->t->width);
    int at = bm_work_find(w, s, w->t->name);

    if (at < 0) {
        return w->t->optional;
    }
    for (; at < (int)s->fields->len; at++) {
        const BmStateField *f = s->fields->pdata[at];

        if (!strcmp(f->is.name, w->t->name) && !resize_field(w, s, at)) {
            return FALSE;
        }
    }
    bm_work_changed(w, w->t->name, what);
    return TRUE;
}

static gboolean invert_resize(const BmTransform *t, BmTransform *back)
{
    back->width = t->back_width;
    back->back_width = t->width;
    back->type = t->back_type;
    back->back_type = t->type;
    return TRUE;
}

const BmOperation bm_op_resize = {
    .name = "resize",
    .needs = BM_KEY_NAME | BM_KEY_WIDTH | BM_KEY_BACK_WIDTH,
    .takes = BM_KEY_IN | BM_KEY_TYPE | BM_KEY_BACK_TYPE,
    .each = resize_fields,
    .invert = invert_resize,
};
