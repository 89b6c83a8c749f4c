/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of operations share. */
#ifndef BM_TRANSFORM_IMPL_H
#define BM_TRANSFORM_IMPL_H

#include "transform.h"

/* One application of a transformation: its arguments, to be passed on at once. */
struct BmWork {
    const BmTransform *t;
    BmDeviceState *device;
    BmTransformer *by;
    GError **error;
};

/* The path of `name` in the struct that is at work, for messages.  g_free(). */
char *bm_work_path(const BmWork *w, const char *name);
/* Sets the error, with the path of `name`; FALSE. */
gboolean bm_work_fail(const BmWork *w, BmCode code, const char *name, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
void bm_work_changed(const BmWork *w, const char *name, const char *what);
void bm_work_lost(const BmWork *w, const char *name, const char *what, const char *value);
/* The same for each leaf of a field, or of a struct. */
void bm_work_lost_field(const BmWork *w, const char *path, const BmStateField *f, const char *what);
void bm_work_lost_struct(const BmWork *w, const char *path, const BmState *s, const char *what);

/* Calls `func` for each struct that `t->in` leads to. */
gboolean bm_work_structs(const BmWork *w, BmWorkFunc *func);

/* The position of field `name` in `s`; -1 and an error (not if optional) if there
 * is none. */
int bm_work_find(const BmWork *w, const BmState *s, const char *name);
/* Where a field that goes before `before` (NULL: the end) has to stand; FALSE and
 * an error if there is no such field. */
gboolean bm_work_place(const BmWork *w, const BmState *s, const char *before, int *at);
/* There must be no field `name` in `s` yet. */
gboolean bm_work_free_name(const BmWork *w, const BmState *s, const char *name);

/* "low:4 high:28": names and numbers. */
typedef struct BmPart {
    char *name;
    uint32_t size;
} BmPart;
/* BmPart; NULL and an error if the text is not that. */
GArray *bm_parts_parse(const char *text, GError **error);

/* The fields of `text` with their values, BmStateField.  NULL and an error if it
 * is not in the form that transform.h shows. */
GPtrArray *bm_fields_parse(const char *text, GError **error);

#endif
