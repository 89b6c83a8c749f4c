/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on whole fields: rename, move, add, drop, drop-if. */
#include <string.h>

#include "transform-impl.h"

/* ---- rename ---- */

/* All fields of the name: the origin may have listed an array in pieces. */
static gboolean rename_fields(const BmWork *w, BmState *s)
{
    g_autofree char *what = g_strdup_printf("renamed to %s", w->t->to);
    int at = bm_work_find(w, s, w->t->name);

    if (at < 0) {
        return w->t->optional;
    }
    if (!bm_work_free_name(w, s, w->t->to)) {
        return FALSE;
    }
    for (; at >= 0; at = bm_state_index(s, w->t->name)) {
        bm_state_field_rename(s->fields->pdata[at], w->t->to);
    }
    bm_work_changed(w, w->t->name, what);
    return TRUE;
}

static gboolean invert_rename(const BmTransform *t, BmTransform *back)
{
    back->name = t->to;
    back->to = t->name;
    return TRUE;
}

const BmOperation bm_op_rename = {
    .name = "rename",
    .needs = BM_KEY_NAME | BM_KEY_TO,
    .takes = BM_KEY_IN,
    .each = rename_fields,
    .invert = invert_rename,
};

/* ---- move ---- */

static BmState *one_struct(const BmWork *w, const char *path)
{
    g_autoptr(GArray) found = bm_state_find(w->device->state, path ? path : "");
    BmState *target = found->len == 1 ? g_array_index(found, BmStateRef, 0).target : NULL;

    if (!target) {
        bm_work_fail(w, BM_UNKNOWN, "", "'%s' leads to %u structs, expected 1", path ? path : "",
                     found->len);
    }
    return target;
}

static gboolean is_below(const BmState *s, const BmStateField *f)
{
    for (guint i = 0; i < f->structs->len; i++) {
        const BmState *inner = f->structs->pdata[i];

        if (inner == s) {
            return TRUE;
        }
        for (guint k = 0; k < inner->fields->len; k++) {
            if (is_below(s, inner->fields->pdata[k])) {
                return TRUE;
            }
        }
    }
    return FALSE;
}

static gboolean move_fields(const BmWork *w, BmState *from, BmState *to, int at)
{
    const char *name = w->t->to ? w->t->to : w->t->name;
    g_autoptr(GPtrArray) moved = g_ptr_array_new();

    for (; at >= 0; at = bm_state_index(from, w->t->name)) {
        g_ptr_array_add(moved, bm_state_steal(from, at));
    }
    if (!bm_work_place(w, to, w->t->before, &at)) {
        for (guint i = 0; i < moved->len; i++) {
            bm_state_insert(from, -1, moved->pdata[i]); /* so that it has an owner */
        }
        return FALSE;
    }
    for (guint i = 0; i < moved->len; i++) {
        bm_state_field_rename(moved->pdata[i], name);
        bm_state_insert(to, at + (int)i, moved->pdata[i]);
    }
    return TRUE;
}

static gboolean apply_move(const BmTransform *t, BmDeviceState *device, BmTransformer *by,
                           GError **error)
{
    BmWork w = {t, device, by, error};
    g_autofree char *what = g_strdup_printf("moved to %s%s%s", t->to_in ? t->to_in : "",
                                            t->to_in ? "." : "", t->to ? t->to : t->name);
    BmState *from = one_struct(&w, t->in), *to = from ? one_struct(&w, t->to_in) : NULL;
    int at;

    if (!to) {
        return FALSE;
    }
    at = bm_work_find(&w, from, t->name);
    if (at < 0) {
        return t->optional;
    }
    if ((from != to || t->to) && !bm_work_free_name(&w, to, t->to ? t->to : t->name)) {
        return FALSE;
    }
    if (is_below(to, from->fields->pdata[at])) {
        return bm_work_fail(&w, BM_BAD_VALUE, t->name, "a struct cannot go into itself");
    }
    if (!move_fields(&w, from, to, at)) {
        return FALSE;
    }
    bm_work_changed(&w, t->name, what);
    return TRUE;
}

static gboolean invert_move(const BmTransform *t, BmTransform *back)
{
    back->in = t->to_in;
    back->to_in = t->in;
    back->name = t->to ? t->to : t->name;
    back->to = t->to ? t->name : NULL;
    back->before = t->back_before;
    back->back_before = t->before;
    return TRUE;
}

const BmOperation bm_op_move = {
    .name = "move",
    .needs = BM_KEY_NAME,
    .takes = BM_KEY_IN | BM_KEY_TO | BM_KEY_TO_IN | BM_KEY_BEFORE | BM_KEY_BACK_BEFORE,
    .apply = apply_move,
    .invert = invert_move,
};

/* ---- add, drop-if ---- */

typedef gboolean FieldFunc(const BmWork *w, BmState *s, const BmStateField *definition);

static gboolean each_definition(const BmWork *w, BmState *s, FieldFunc *func)
{
    g_autoptr(GPtrArray) fields = bm_fields_parse(w->t->fields, w->error);

    if (!fields) {
        return FALSE;
    }
    for (guint i = 0; i < fields->len; i++) {
        if (!func(w, s, fields->pdata[i])) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean add_one(const BmWork *w, BmState *s, const BmStateField *definition)
{
    int at;

    if (!bm_work_free_name(w, s, definition->is.name) || !bm_work_place(w, s, w->t->before, &at)) {
        return FALSE;
    }
    bm_state_insert(s, at, bm_state_field_copy(definition));
    bm_work_changed(w, definition->is.name, "added");
    return TRUE;
}

static gboolean add_fields(const BmWork *w, BmState *s)
{
    return each_definition(w, s, add_one);
}

static gboolean drop_if_one(const BmWork *w, BmState *s, const BmStateField *definition)
{
    int at = bm_work_find(w, s, definition->is.name);
    g_autofree char *text = NULL, *expected = NULL;

    if (at < 0) {
        return w->t->optional;
    }
    if (!bm_state_value_equal(s->fields->pdata[at], definition)) {
        text = bm_state_value_text(s->fields->pdata[at], -1);
        expected = bm_state_value_text(definition, -1);
        return bm_work_fail(w, BM_REFUSED, definition->is.name,
                            "the value is %s (%s), it can only be dropped as %s (%s)", text,
                            bm_field_type(&((BmStateField *)s->fields->pdata[at])->is), expected,
                            bm_field_type(&definition->is));
    }
    bm_state_field_free(bm_state_steal(s, at));
    bm_work_changed(w, definition->is.name, "dropped, it had its default");
    return TRUE;
}

static gboolean drop_if_fields(const BmWork *w, BmState *s)
{
    return each_definition(w, s, drop_if_one);
}

static gboolean invert_add(const BmTransform *t, BmTransform *back)
{
    (void)t;
    back->operation = &bm_op_drop_if;
    return TRUE;
}

/* Where the fields stood is what `before` says. */
static gboolean invert_drop_if(const BmTransform *t, BmTransform *back)
{
    (void)t;
    back->operation = &bm_op_add;
    return TRUE;
}

const BmOperation bm_op_add = {
    .name = "add",
    .needs = BM_KEY_FIELDS,
    .takes = BM_KEY_IN | BM_KEY_BEFORE,
    .each = add_fields,
    .invert = invert_add,
};

const BmOperation bm_op_drop_if = {
    .name = "drop-if",
    .needs = BM_KEY_FIELDS,
    .takes = BM_KEY_IN | BM_KEY_BEFORE,
    .each = drop_if_fields,
    .invert = invert_drop_if,
};

/* ---- drop ---- */

static gboolean drop_fields(const BmWork *w, BmState *s)
{
    int at = bm_work_find(w, s, w->t->name);

    if (at < 0) {
        return w->t->optional;
    }
    for (; at >= 0; at = bm_state_index(s, w->t->name)) {
        BmStateField *f = bm_state_steal(s, at);

        bm_work_lost_field(w, w->t->name, f, "dropped");
        bm_state_field_free(f);
    }
    return TRUE;
}

const BmOperation bm_op_drop = {
    .name = "drop",
    .needs = BM_KEY_NAME,
    .takes = BM_KEY_IN,
    .each = drop_fields,
};
