/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For a visitor that names what it visits: the path of each value, kept up to
 * date call by call.
 */
#ifndef BM_WHERE_H
#define BM_WHERE_H

#include "path.h"

typedef struct BmWhere {
    BmPath *path;   /* the caller's; it has the root when the walk begins */
    gboolean bare;  /* paths of bm_path_push_bare(), which no description changes */
    GArray *levels; /* open containers */
} BmWhere;

void bm_where_init(BmWhere *w, BmPath *path);
void bm_where_clear(BmWhere *w); /* not the path */

/* As the operations of a visitor are called; `field` is NULL for the device,
 * `schema` in a walk without one, which only bare paths are for. */
void bm_where_begin_struct(BmWhere *w, const BmField *field, const BmSchema *schema);
void bm_where_begin_group(BmWhere *w, const BmField *field);
void bm_where_begin_subsection(BmWhere *w, const BmSchema *schema);
/* Of any of the three. */
void bm_where_end(BmWhere *w);

/* Around a value. */
void bm_where_enter(BmWhere *w, const BmField *field);
void bm_where_leave(BmWhere *w);

/* What the innermost container describes; NULL inside a group. */
const BmSchema *bm_where_schema(const BmWhere *w);

#endif
