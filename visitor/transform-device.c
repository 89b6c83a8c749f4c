/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations on subsections, versions and whole devices; callbacks. */
#include <string.h>

#include "transform-impl.h"

/* ---- subsections ---- */

static int subsection_index(const BmState *s, const char *name)
{
    for (guint i = 0; i < s->subsections->len; i++) {
        if (!strcmp(((const BmState *)s->subsections->pdata[i])->name, name)) {
            return (int)i;
        }
    }
    return -1;
}

static BmState *new_subsection(const BmWork *w)
{
    BmState *sub = bm_state_new(w->t->name, w->t->version);
    GPtrArray *fields = bm_fields_parse(w->t->fields ? w->t->fields : "", w->error);

    if (!fields) {
        bm_state_free(sub);
        return NULL;
    }
    g_ptr_array_extend_and_steal(sub->fields, fields);
    return sub;
}

static gboolean add_subsection(const BmWork *w, BmState *s)
{
    int at = w->t->before ? subsection_index(s, w->t->before) : (int)s->subsections->len;
    BmState *sub;

    if (subsection_index(s, w->t->name) >= 0) {
        return bm_work_fail(w, BM_DUPLICATE, w->t->name, "there is such a subsection already");
    }
    if (at < 0) {
        at = (int)s->subsections->len; /* like any other it need not be there */
    }
    sub = new_subsection(w);
    if (!sub) {
        return FALSE;
    }
    g_ptr_array_insert(s->subsections, at, sub);
    bm_work_changed(w, w->t->name, "added");
    return TRUE;
}

/* TRUE if it holds just what add-subsection would put there. */
static gboolean has_default(const BmWork *w, const BmState *sub)
{
    g_autoptr(GPtrArray) fields = w->t->fields ? bm_fields_parse(w->t->fields, NULL) : NULL;

    if (!fields || sub->subsections->len > 0 || sub->fields->len != fields->len) {
        return FALSE;
    }
    for (guint i = 0; i < fields->len; i++) {
        const BmStateField *f = sub->fields->pdata[i], *expected = fields->pdata[i];

        if (strcmp(f->is.name, expected->is.name) || !bm_state_value_equal(f, expected)) {
            return FALSE;
        }
    }
    return TRUE;
}

static guint drop_here(const BmWork *w, BmState *s, const char *path)
{
    int at = subsection_index(s, w->t->name);
    g_autofree char *below = g_strconcat(path, *path ? "." : "", w->t->name, NULL);

    if (at < 0) {
        return 0;
    }
    if (has_default(w, s->subsections->pdata[at])) {
        bm_work_changed(w, below, "dropped, it had its default");
    } else if (((const BmState *)s->subsections->pdata[at])->droppable) {
        bm_work_changed(w, below, "dropped, its sender said that it can be done without");
    } else {
        bm_work_lost_struct(w, below, s->subsections->pdata[at], "dropped");
    }
    g_ptr_array_remove_index(s->subsections, (guint)at);
    return 1 + drop_here(w, s, path);
}

static guint drop_everywhere(const BmWork *w, BmState *s, const char *path)
{
    guint dropped = drop_here(w, s, path);

    for (guint i = 0; i < s->fields->len; i++) {
        const BmStateField *f = s->fields->pdata[i];

        for (guint k = 0; k < f->structs->len; k++) {
            g_autofree char *below =
                g_strdup_printf(f->structs->len > 1 ? "%s%s%s[%u]" : "%s%s%s", path,
                                *path ? "." : "", f->is.name, f->is.first + k);

            dropped += drop_everywhere(w, f->structs->pdata[k], below);
        }
    }
    for (guint i = 0; i < s->subsections->len; i++) {
        BmState *sub = s->subsections->pdata[i];
        g_autofree char *below = g_strconcat(path, *path ? "." : "", sub->name, NULL);

        dropped += drop_everywhere(w, sub, below);
    }
    return dropped;
}

static gboolean drop_in(const BmWork *w, BmState *s)
{
    drop_here(w, s, "");
    return TRUE;
}

/* That there is none is how subsections are. */
static gboolean apply_drop_subsection(const BmTransform *t, BmDeviceState *device,
                                      BmTransformer *by, GError **error)
{
    BmWork w = {t, device, by, error};

    if (t->fields) {
        g_autoptr(GPtrArray) fields = bm_fields_parse(t->fields, error);

        if (!fields) {
            return FALSE;
        }
    }
    if (t->in) {
        return bm_work_structs(&w, drop_in);
    }
    drop_everywhere(&w, device->state, "");
    return TRUE;
}

static gboolean invert_add_subsection(const BmTransform *t, BmTransform *back)
{
    (void)t;
    back->operation = &bm_op_drop_subsection;
    return TRUE;
}

static gboolean invert_drop_subsection(const BmTransform *t, BmTransform *back)
{
    back->operation = &bm_op_add_subsection;
    return t->fields != NULL;
}

const BmOperation bm_op_add_subsection = {
    .name = "add-subsection",
    .needs = BM_KEY_NAME | BM_KEY_VERSION,
    .takes = BM_KEY_IN | BM_KEY_FIELDS | BM_KEY_BEFORE,
    .each = add_subsection,
    .invert = invert_add_subsection,
};

const BmOperation bm_op_drop_subsection = {
    .name = "drop-subsection",
    .needs = BM_KEY_NAME,
    .takes = BM_KEY_IN | BM_KEY_FIELDS | BM_KEY_VERSION | BM_KEY_BEFORE,
    .apply = apply_drop_subsection,
    .invert = invert_drop_subsection,
};

/* ---- versions ---- */

static gboolean set_version(const BmWork *w, BmState *s)
{
    g_autofree char *what = g_strdup_printf("of version %u now", w->t->version);

    if (s->version != w->t->back_version) {
        return bm_work_fail(w, BM_BAD_VERSION, "", "the version is %u, expected %u", s->version,
                            w->t->back_version);
    }
    s->version = w->t->version;
    bm_work_changed(w, "", what);
    return TRUE;
}

/* Of a device the section states it, and the description again. */
static gboolean apply_version(const BmTransform *t, BmDeviceState *device, BmTransformer *by,
                              GError **error)
{
    BmWork w = {t, device, by, error};

    if (t->in) {
        return bm_work_structs(&w, set_version);
    }
    if (device->version != t->back_version) {
        return bm_work_fail(&w, BM_BAD_VERSION, "", "the version is %u, expected %u",
                            device->version, t->back_version);
    }
    if (device->state->version == device->version) {
        device->state->version = t->version;
    }
    device->version = t->version;
    g_autofree char *what = g_strdup_printf("of version %u now", t->version);
    bm_work_changed(&w, "", what);
    return TRUE;
}

static gboolean invert_version(const BmTransform *t, BmTransform *back)
{
    back->version = t->back_version;
    back->back_version = t->version;
    return TRUE;
}

const BmOperation bm_op_version = {
    .name = "version",
    .needs = BM_KEY_VERSION | BM_KEY_BACK_VERSION,
    .takes = BM_KEY_IN,
    .apply = apply_version,
    .invert = invert_version,
};

/* ---- devices ---- */

/* "NAME" or "NAME#INSTANCE". */
static char *split_instance(const char *text, uint32_t *instance)
{
    const char *hash = strrchr(text, '#');
    guint64 n;

    if (!hash || !g_ascii_string_to_unsigned(hash + 1, 10, 0, G_MAXUINT32, &n, NULL)) {
        return g_strdup(text);
    }
    *instance = (uint32_t)n;
    return g_strndup(text, (gsize)(hash - text));
}

static gboolean apply_rename_device(const BmTransform *t, BmDeviceState *device, BmTransformer *by,
                                    GError **error)
{
    BmWork w = {t, device, by, error};
    g_autofree char *what = g_strdup_printf("renamed to %s", t->to);
    uint32_t instance = device->instance;
    char *name = split_instance(t->to, &instance);

    bm_work_changed(&w, "", what);
    g_free(device->name);
    device->name = name;
    device->instance = instance;
    return TRUE;
}

/* Only for one that is not meant by a pattern; its instance stays as it was. */
static gboolean invert_rename_device(const BmTransform *t, BmTransform *back)
{
    if (!t->device || strpbrk(t->device, "*?") || strchr(t->to, '#')) {
        return FALSE;
    }
    back->device = t->to;
    back->to = t->device;
    return TRUE;
}

const BmOperation bm_op_rename_device = {
    .name = "rename-device",
    .needs = BM_KEY_TO,
    .apply = apply_rename_device,
    .invert = invert_rename_device,
    .octets = TRUE,
};

static gboolean apply_drop_device(const BmTransform *t, BmDeviceState *device, BmTransformer *by,
                                  GError **error)
{
    BmWork w = {t, device, by, error};

    if (device->state) {
        bm_work_lost_struct(&w, "", device->state, "dropped with its device");
    } else {
        bm_work_lost(&w, "", "dropped", "(octets)");
    }
    device->dropped = TRUE;
    return TRUE;
}

const BmOperation bm_op_drop_device = {
    .name = "drop-device",
    .apply = apply_drop_device,
    .octets = TRUE,
};

const BmOperation bm_op_drop_command = {
    .name = "drop-command",
    .needs = BM_KEY_CODE,
};

/* ---- callbacks ---- */

static gboolean apply_call(const BmTransform *t, BmDeviceState *device, BmTransformer *by,
                           GError **error)
{
    return t->call(t, device, by, error);
}

static gboolean invert_call(const BmTransform *t, BmTransform *back)
{
    back->call = t->back_call;
    back->back_call = t->call;
    return t->back_call != NULL;
}

const BmOperation bm_op_call = {
    .name = "call",
    .needs = BM_KEY_CALL,
    .apply = apply_call,
    .invert = invert_call,
};
