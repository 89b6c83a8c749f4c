/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON (RFC 8259), written as it comes: memory for what is open, not for what
 * was written.
 *
 * A container can be *held*: nothing of it is written, and when it is closed
 * like that it leaves no trace.  bm_json_keep() writes what is held of all that
 * is open.  So a filter need not know in advance whether anything will match.
 */
#ifndef BM_JSON_WRITER_H
#define BM_JSON_WRITER_H

#include "emit.h"

typedef struct BmJson BmJson;

typedef enum BmJsonFlags {
    BM_JSON_HELD = 1 << 0,
    BM_JSON_INLINE = 1 << 1, /* in one line, with all that is inside */
    BM_JSON_PLACES = 1 << 2, /* array: a member's position counts, so null stands for each
                                member left out before one that is written */
    BM_JSON_UNIQUE = 1 << 3  /* object: keys come from the data; the second "a" becomes "a#2" */
} BmJsonFlags;

/* `out` stays the caller's. */
BmJson *bm_json_new(BmOutput *out);
void bm_json_free(BmJson *j); /* NULL is fine */

/* `bracket`: '{' or '['.  `key`: NULL inside an array and for the outermost. */
void bm_json_open(BmJson *j, char bracket, const char *key, unsigned flags);
void bm_json_close(BmJson *j);
/* True if the innermost container is held and nothing of it was written. */
gboolean bm_json_is_held(const BmJson *j);
void bm_json_keep(BmJson *j);
/* A member is left out: it keeps its place in an array, its key in an object. */
void bm_json_skip(BmJson *j, const char *key);

/* Writes all that stands before a value; the caller appends one to the result
 * and does nothing else with it. */
GString *bm_json_value(BmJson *j, const char *key);
void bm_json_text(BmJson *j, const char *key, const char *text);
/* A string of hex digits, however long. */
void bm_json_hex(BmJson *j, const char *key, BmOctets octets);

/* Hands all that is written to the output, which remembers if that failed. */
void bm_json_drain(BmJson *j);

#endif
