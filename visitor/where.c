/* SPDX-License-Identifier: BSD-2-Clause */
#include "where.h"

typedef struct Level {
    const BmSchema *schema; /* NULL: there is none */
    gboolean group;
    uint64_t index; /* of the next element of a group */
} Level;

void bm_where_init(BmWhere *w, BmPath *path)
{
    w->path = path;
    w->bare = FALSE;
    w->levels = g_array_new(FALSE, FALSE, sizeof(Level));
}

void bm_where_clear(BmWhere *w)
{
    g_array_unref(w->levels);
}

static Level *top(const BmWhere *w)
{
    return w->levels->len ? &g_array_index(w->levels, Level, w->levels->len - 1) : NULL;
}

static void push_level(BmWhere *w, Level level)
{
    g_array_append_val(w->levels, level);
}

static void push_field(BmWhere *w, const BmField *field)
{
    if (w->bare) {
        bm_path_push_bare(w->path, field);
    } else {
        bm_path_push_field(w->path, bm_where_schema(w), field);
    }
}

void bm_where_enter(BmWhere *w, const BmField *field)
{
    Level *level = top(w);

    if (level && level->group) {
        bm_path_push_index(w->path, level->index++);
    } else {
        push_field(w, field);
    }
}

void bm_where_leave(BmWhere *w)
{
    bm_path_pop(w->path);
}

void bm_where_begin_struct(BmWhere *w, const BmField *field, const BmSchema *schema)
{
    if (field) {
        bm_where_enter(w, field);
    }
    push_level(w, (Level){.schema = schema});
}

void bm_where_begin_group(BmWhere *w, const BmField *field)
{
    if (w->bare) {
        bm_path_push_name(w->path, field->name);
    } else {
        bm_where_enter(w, field);
    }
    push_level(w, (Level){.group = TRUE, .index = field->first});
}

void bm_where_begin_subsection(BmWhere *w, const BmSchema *schema)
{
    bm_path_push_subsection(w->path, w->bare ? NULL : bm_where_schema(w), schema);
    push_level(w, (Level){.schema = schema});
}

void bm_where_end(BmWhere *w)
{
    g_array_set_size(w->levels, w->levels->len - 1);
    /* The device itself has no component. */
    if (w->levels->len) {
        bm_path_pop(w->path);
    }
}

const BmSchema *bm_where_schema(const BmWhere *w)
{
    Level *level = top(w);

    return level ? level->schema : NULL;
}
