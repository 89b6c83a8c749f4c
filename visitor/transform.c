/* SPDX-License-Identifier: BSD-2-Clause */
/* What all operations have in common. */
#include <string.h>

#include "transform-impl.h"

static const BmOperation *const operations[] = {
    &bm_op_rename,          &bm_op_move,         &bm_op_split_bits,
    &bm_op_join_bits,       &bm_op_split_array,  &bm_op_join_arrays,
    &bm_op_resize,          &bm_op_set,          &bm_op_add,
    &bm_op_drop_if,         &bm_op_drop,         &bm_op_add_subsection,
    &bm_op_drop_subsection, &bm_op_version,      &bm_op_rename_device,
    &bm_op_drop_device,     &bm_op_drop_command, &bm_op_call,
};

const BmOperation *bm_operation_find(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(operations); i++) {
        if (!strcmp(operations[i]->name, name)) {
            return operations[i];
        }
    }
    return NULL;
}

void bm_device_state_clear(BmDeviceState *device)
{
    g_clear_pointer(&device->name, g_free);
    g_clear_pointer(&device->state, bm_state_free);
}

/* ---- reports ---- */

static void report(BmTransformer *by, BmChange *change)
{
    if (change->lost && !by->consent && !change->by->consent) {
        change->refused = TRUE;
        by->refused++;
    }
    if (by->changed) {
        by->changed(by->user, change);
    }
}

void bm_transformer_changed(BmTransformer *by, const BmTransform *t, const BmDeviceState *device,
                            const char *path, const char *what)
{
    bm_transformer_lost(by, t, device, path, what, NULL);
}

void bm_transformer_lost(BmTransformer *by, const BmTransform *t, const BmDeviceState *device,
                         const char *path, const char *what, const char *value)
{
    BmChange change = {.by = t, .path = path, .what = what, .lost = value};

    if (device) {
        change.device = device->name;
        change.instance = device->instance;
    }
    report(by, &change);
}

char *bm_work_path(const BmWork *w, const char *name)
{
    const char *in = w->t->in ? w->t->in : "";

    return g_strconcat(in, *in && *name ? "." : "", name, NULL);
}

gboolean bm_work_fail(const BmWork *w, BmCode code, const char *name, const char *format, ...)
{
    g_autofree char *inner = bm_work_path(w, name);
    g_autofree char *path = g_strconcat(w->device->name, *inner ? "." : "", inner, NULL);
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return bm_error_set(w->error, code, BM_NO_OFFSET, path, "%s: %s",
                        w->t->rule ? w->t->rule : w->t->operation->name, text);
}

void bm_work_changed(const BmWork *w, const char *name, const char *what)
{
    g_autofree char *path = bm_work_path(w, name);

    bm_transformer_changed(w->by, w->t, w->device, path, what);
}

void bm_work_lost(const BmWork *w, const char *name, const char *what, const char *value)
{
    g_autofree char *path = bm_work_path(w, name);

    bm_transformer_lost(w->by, w->t, w->device, path, what, value);
}

static void lost_elements(const BmWork *w, const char *path, const BmStateField *f,
                          const char *what)
{
    gboolean single = f->is.kind == BM_KIND_STRUCT && f->structs->len == 1;

    for (guint i = 0; i < f->structs->len; i++) {
        g_autofree char *element =
            single ? g_strdup(path) : g_strdup_printf("%s[%u]", path, f->is.first + i);

        bm_work_lost_struct(w, element, f->structs->pdata[i], what);
    }
}

void bm_work_lost_field(const BmWork *w, const char *path, const BmStateField *f, const char *what)
{
    g_autofree char *text = NULL;

    if (f->is.kind == BM_KIND_STRUCT || f->is.kind == BM_KIND_LIST) {
        lost_elements(w, path, f, what);
        return;
    }
    text = bm_state_value_text(f, -1);
    bm_work_lost(w, path, what, text);
}

void bm_work_lost_struct(const BmWork *w, const char *path, const BmState *s, const char *what)
{
    if (s->fields->len == 0 && s->subsections->len == 0) {
        bm_work_lost(w, path, what, "(no fields)"); /* that it was there is lost */
    }
    for (guint i = 0; i < s->fields->len; i++) {
        const BmStateField *f = s->fields->pdata[i];
        g_autofree char *below = g_strconcat(path, *path ? "." : "", f->is.name, NULL);

        bm_work_lost_field(w, below, f, what);
    }
    for (guint i = 0; i < s->subsections->len; i++) {
        const BmState *sub = s->subsections->pdata[i];
        g_autofree char *below = g_strconcat(path, *path ? "." : "", sub->name, NULL);

        bm_work_lost_struct(w, below, sub, what);
    }
}

/* ---- finding ---- */

gboolean bm_work_structs(const BmWork *w, BmWorkFunc *func)
{
    g_autoptr(GArray) found = bm_state_find(w->device->state, w->t->in ? w->t->in : "");
    guint structs = 0;

    for (guint i = 0; i < found->len; i++) {
        BmState *target = g_array_index(found, BmStateRef, i).target;

        if (target) {
            structs++;
            if (!func(w, target)) {
                return FALSE;
            }
        }
    }
    return structs > 0 || w->t->optional ||
           bm_work_fail(w, BM_UNKNOWN, "", "there is no such struct");
}

int bm_work_find(const BmWork *w, const BmState *s, const char *name)
{
    int at = bm_state_index(s, name);

    if (at < 0 && !w->t->optional) {
        bm_work_fail(w, BM_UNKNOWN, name, "there is no such field");
    }
    return at;
}

gboolean bm_work_place(const BmWork *w, const BmState *s, const char *before, int *at)
{
    *at = before ? bm_state_index(s, before) : (int)s->fields->len;
    return *at >= 0 || bm_work_fail(w, BM_UNKNOWN, before, "there is no field to go before");
}

gboolean bm_work_free_name(const BmWork *w, const BmState *s, const char *name)
{
    return bm_state_index(s, name) < 0 ||
           bm_work_fail(w, BM_DUPLICATE, name, "there is such a field already");
}

/* ---- applying ---- */

gboolean bm_transform_is_for_devices(const BmTransform *t)
{
    return t->operation->apply || t->operation->each;
}

gboolean bm_transform_matches(const BmTransform *t, const char *device, uint32_t instance)
{
    if (t->device && !g_pattern_match_simple(t->device, device)) {
        return FALSE;
    }
    return !t->instance || g_ascii_strtoull(t->instance, NULL, 0) == instance;
}

gboolean bm_transform_apply(const BmTransform *t, BmDeviceState *device, BmTransformer *by,
                            GError **error)
{
    BmWork w = {t, device, by, error};

    if (!bm_transform_is_for_devices(t)) {
        return TRUE;
    }
    if (!device->state && !t->operation->octets) {
        return bm_work_fail(&w, BM_REFUSED, "",
                            "the device came as octets, which cannot be changed");
    }
    return t->operation->each ? bm_work_structs(&w, t->operation->each)
                              : t->operation->apply(t, device, by, error);
}

gboolean bm_transform_invert(const BmTransform *t, BmTransform *back, GError **error)
{
    *back = *t;
    if (t->operation->invert && t->operation->invert(t, back)) {
        return TRUE;
    }
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, t->rule,
                        "%s has no way back; say that it is for one way only", t->operation->name);
}
