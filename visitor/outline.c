/* SPDX-License-Identifier: BSD-2-Clause */
#include "outline.h"

#include "leaf.h"
#include "path.h"

typedef struct Outline {
    BmPath path;
    GString *text, *scratch;
    BmOutlineFunc each;
    void *data;
    GError **error;
} Outline;

static gboolean outline_members(Outline *o, const BmSchema *schema);

/* ---- lines ---- */

static gboolean tell(Outline *o, const char *condition)
{
    if (condition) {
        g_string_append_printf(o->text, ", if %s", condition);
    }
    return o->each(bm_path_text(&o->path), o->text->str, o->data, o->error);
}

static void put_versions(GString *text, const BmSchema *schema)
{
    g_string_append_printf(text, " %s, version %u", schema->name, schema->version);
    if (schema->minimum != schema->version) {
        g_string_append_printf(text, " down to %u", schema->minimum);
    }
}

static gboolean tell_field(Outline *o, const BmField *f)
{
    g_string_assign(o->text, bm_leaf_field_type(f, o->scratch));
    if (f->n_elements > 0) {
        put_versions(o->text, f->elements[0]);
    }
    if (f->count != 1) {
        g_string_append_printf(o->text, ", %u", f->count);
        g_string_append(o->text, f->width != 0 ? " of" : " of them");
    } else if (f->width != 0) {
        g_string_append_c(o->text, ',');
    }
    if (f->width != 0) {
        g_string_append_printf(o->text, " %u octets", f->width);
    }
    if (f->since != 0) {
        g_string_append_printf(o->text, ", since %u", f->since);
    }
    return tell(o, f->condition);
}

static gboolean tell_subsection(Outline *o, const BmSchema *schema)
{
    g_string_assign(o->text, schema->droppable ? "droppable subsection" : "subsection");
    put_versions(o->text, schema);
    return tell(o, schema->condition);
}

/* ---- the walk; its depth is that of the schema, which is limited ---- */

static gboolean outline_elements(Outline *o, const BmField *f)
{
    gboolean single = f->kind == BM_KIND_STRUCT && !bm_field_is_group(f);

    for (uint32_t i = 0; i < f->n_elements; i++) {
        gboolean ok;

        if (!single) {
            bm_path_push_index(&o->path, (uint64_t)f->first + i);
        }
        ok = outline_members(o, f->elements[i]);
        if (!single) {
            bm_path_pop(&o->path);
        }
        if (!ok) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean outline_members(Outline *o, const BmSchema *schema)
{
    gboolean ok = TRUE;

    for (uint32_t i = 0; ok && i < schema->n_fields; i++) {
        const BmField *f = &schema->fields[i];

        bm_path_push_field(&o->path, schema, f);
        ok = tell_field(o, f) && outline_elements(o, f);
        bm_path_pop(&o->path);
    }
    for (uint32_t i = 0; ok && i < schema->n_subsections; i++) {
        const BmSchema *subsection = schema->subsections[i];

        bm_path_push_subsection(&o->path, schema, subsection);
        ok = tell_subsection(o, subsection) && outline_members(o, subsection);
        bm_path_pop(&o->path);
    }
    return ok;
}

gboolean bm_outline(const BmSchema *schema, BmOutlineFunc each, void *data, GError **error)
{
    Outline o = {.text = g_string_new(NULL),
                 .scratch = g_string_new(NULL),
                 .each = each,
                 .data = data,
                 .error = error};
    gboolean ok;

    bm_path_init(&o.path, "");
    ok = outline_members(&o, schema);
    bm_path_clear(&o.path);
    g_string_free(o.text, TRUE);
    g_string_free(o.scratch, TRUE);
    return ok;
}
