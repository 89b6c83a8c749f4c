/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON objects, one on each line, as QMP and the status of send and recv have
 * them.  json-c knows JSON; here are lines, limits, and members that may be
 * missing or of another kind: what comes is a stranger's.
 */
#ifndef BM_JSON_LINES_H
#define BM_JSON_LINES_H

#include <gio/gio.h>
#include <json-c/json.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_object, json_object_put)

/* ---- members; NULL, 0 or FALSE when there is none of that kind ---- */

json_object *bm_json_member(json_object *object, const char *name); /* lent */
const char *bm_json_string(json_object *object, const char *name);  /* lent */
guint64 bm_json_count(json_object *object, const char *name);
gboolean bm_json_true(json_object *object, const char *name);

/* ---- making ---- */

/* Adds text of any origin: octets that are no UTF-8 and control characters are
 * escaped as in messages.  NULL adds nothing. */
void bm_json_add_text(json_object *object, const char *name, const char *text);
void bm_json_add_count(json_object *object, const char *name, guint64 value);

/* The object on one line, with its line feed.  Free with g_free(). */
char *bm_json_line(json_object *object);

/* ---- reading ---- */

typedef struct BmJsonReader BmJsonReader;

/* Of a descriptor that does not block; it stays the caller's.  A line longer than
 * `max_line` octets is an error. */
BmJsonReader *bm_json_reader_new(int fd, size_t max_line);
void bm_json_reader_free(BmJsonReader *reader); /* NULL is fine */

typedef enum BmJsonRead {
    BM_JSON_GOT,   /* *object is the next one; the caller puts it */
    BM_JSON_LATER, /* no whole line is there yet: poll the descriptor */
    BM_JSON_END,   /* the other side has closed */
    BM_JSON_BAD    /* not to be read any further: *error in the domain G_IO_ERROR */
} BmJsonRead;

/* The next object, if it has come.  An empty line is nothing. */
BmJsonRead bm_json_reader_next(BmJsonReader *reader, json_object **object, GError **error);

#endif
