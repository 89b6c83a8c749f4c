/* SPDX-License-Identifier: BSD-2-Clause */
#include "where.h"

typedef struct Level {
    const BmSchema *schema; /* NULL: the elements of a group */
    uint64_t index;         /* of the next element */
} Level;

void bm_where_init(BmWhere *w, BmPath *path)
{
    w->path = path;
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

static void push_level(BmWhere *w, const BmSchema *schema, uint64_t index)
{
    Level level = {schema, index};

    g_array_append_val(w->levels, level);
}

void bm_where_enter(BmWhere *w, const BmField *field)
{
    Level *level = top(w);

    if (level && !level->schema) {
        bm_path_push_index(w->path, level->index++);
    } else {
        bm_path_push_field(w->path, level ? level->schema : NULL, field);
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
    push_level(w, schema, 0);
}

void bm_where_begin_group(BmWhere *w, const BmField *field)
{
    bm_where_enter(w, field);
    push_level(w, NULL, field->first);
}

void bm_where_begin_subsection(BmWhere *w, const BmSchema *schema)
{
    Level *level = top(w);

    bm_path_push_subsection(w->path, level ? level->schema : NULL, schema);
    push_level(w, schema, 0);
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
