/* SPDX-License-Identifier: BSD-2-Clause */
#include "json-writer.h"

#include <string.h>

#include "names.h"

#define DRAIN_AT 16384

typedef struct Frame {
    char bracket;
    unsigned flags;
    gboolean kept;   /* its bracket was written */
    gboolean filled; /* it has a member */
    uint64_t skipped;
    GString *head; /* key, bracket and members, while it is held */
    BmNames *used; /* keys; kept for the next container of this depth */
} Frame;

struct BmJson {
    BmOutput *out;
    GString *buffer;
    GPtrArray *frames; /* all that were ever needed */
    guint depth;       /* of them are open */
};

static Frame *frame_new(void)
{
    Frame *frame = g_new0(Frame, 1);

    frame->head = g_string_new(NULL);
    return frame;
}

static void frame_free(gpointer data)
{
    Frame *frame = data;

    g_string_free(frame->head, TRUE);
    bm_names_free(frame->used);
    g_free(frame);
}

BmJson *bm_json_new(BmOutput *out)
{
    BmJson *j = g_new0(BmJson, 1);

    j->out = out;
    j->buffer = g_string_sized_new(2 * DRAIN_AT);
    j->frames = g_ptr_array_new_with_free_func(frame_free);
    return j;
}

void bm_json_free(BmJson *j)
{
    if (j) {
        g_string_free(j->buffer, TRUE);
        g_ptr_array_unref(j->frames);
        g_free(j);
    }
}

static Frame *top(const BmJson *j)
{
    return j->depth ? j->frames->pdata[j->depth - 1] : NULL;
}

static void drain(BmJson *j, gsize at)
{
    if (j->buffer->len >= at) {
        bm_output_write(j->out, j->buffer->str, j->buffer->len);
        g_string_truncate(j->buffer, 0);
    }
}

/* ---- keys ---- */

static const char *own_key(Frame *frame, const char *key)
{
    if (!key || !(frame->flags & BM_JSON_UNIQUE)) {
        return key;
    }
    if (!frame->used) {
        frame->used = bm_names_new();
    }
    return bm_names_add(frame->used, key);
}

static void emit_key(GString *to, const char *key)
{
    if (key) {
        bm_emit_string(to, key, strlen(key));
        g_string_append(to, ": ");
    }
}

/* ---- what stands between values ---- */

static void emit_break(GString *to, const Frame *frame, guint depth)
{
    if (frame->flags & BM_JSON_INLINE) {
        return;
    }
    g_string_append_c(to, '\n');
    for (guint i = 0; i < depth; i++) {
        g_string_append(to, "  ");
    }
}

static void emit_separator(GString *to, Frame *frame, guint depth)
{
    if (frame->filled) {
        g_string_append(to, frame->flags & BM_JSON_INLINE ? ", " : ",");
    }
    emit_break(to, frame, depth);
    frame->filled = TRUE;
}

static void emit_skipped(BmJson *j, Frame *frame, guint depth)
{
    for (; frame->skipped; frame->skipped--) {
        emit_separator(j->buffer, frame, depth);
        g_string_append(j->buffer, "null");
        drain(j, DRAIN_AT);
    }
}

/* ---- containers ---- */

static Frame *push(BmJson *j)
{
    if (j->depth == j->frames->len) {
        g_ptr_array_add(j->frames, frame_new());
    }
    return j->frames->pdata[j->depth++];
}

void bm_json_open(BmJson *j, char bracket, const char *key, unsigned flags)
{
    Frame *parent = top(j), *frame;

    if (parent) {
        key = own_key(parent, key);
        flags |= parent->flags & BM_JSON_INLINE;
    }
    frame = push(j);
    frame->bracket = bracket;
    frame->flags = flags;
    frame->kept = frame->filled = FALSE;
    frame->skipped = 0;
    if (frame->used) {
        bm_names_clear(frame->used);
    }
    g_string_truncate(frame->head, 0);
    emit_key(frame->head, key);
    g_string_append_c(frame->head, bracket);
    if (!(flags & BM_JSON_HELD)) {
        bm_json_keep(j);
    }
}

static void keep_frame(BmJson *j, guint index)
{
    Frame *frame = j->frames->pdata[index];

    if (index) {
        Frame *parent = j->frames->pdata[index - 1];

        emit_skipped(j, parent, index);
        emit_separator(j->buffer, parent, index);
    }
    g_string_append_len(j->buffer, frame->head->str, (gssize)frame->head->len);
    frame->kept = TRUE;
}

void bm_json_keep(BmJson *j)
{
    guint first = j->depth;

    while (first && !((Frame *)j->frames->pdata[first - 1])->kept) {
        first--;
    }
    for (guint i = first; i < j->depth; i++) {
        keep_frame(j, i);
    }
}

gboolean bm_json_is_held(const BmJson *j)
{
    return j->depth && !top(j)->kept;
}

static void skip_place(Frame *frame)
{
    if (frame && frame->flags & BM_JSON_PLACES) {
        frame->skipped++;
    }
}

void bm_json_skip(BmJson *j, const char *key)
{
    own_key(top(j), key);
    skip_place(top(j));
}

void bm_json_close(BmJson *j)
{
    Frame *frame = top(j);

    j->depth--;
    if (!frame->kept) {
        skip_place(top(j));
        return;
    }
    if (frame->filled) {
        emit_break(j->buffer, frame, j->depth);
    }
    g_string_append_c(j->buffer, frame->bracket == '{' ? '}' : ']');
    if (!j->depth) {
        g_string_append_c(j->buffer, '\n');
    }
    drain(j, DRAIN_AT);
}

/* ---- values ---- */

GString *bm_json_value(BmJson *j, const char *key)
{
    Frame *frame = top(j);
    GString *to = frame->kept ? j->buffer : frame->head;

    if (frame->kept) {
        emit_skipped(j, frame, j->depth);
        drain(j, DRAIN_AT);
    }
    emit_separator(to, frame, j->depth);
    emit_key(to, own_key(frame, key));
    return to;
}

void bm_json_text(BmJson *j, const char *key, const char *text)
{
    bm_emit_string(bm_json_value(j, key), text, strlen(text));
}

void bm_json_hex(BmJson *j, const char *key, BmOctets octets)
{
    GString *to = bm_json_value(j, key);

    g_string_append_c(to, '"');
    for (size_t at = 0; at < octets.len; at += BM_EMIT_CHUNK) {
        bm_emit_hex(to, octets.data + at, MIN(octets.len - at, BM_EMIT_CHUNK));
        if (to == j->buffer) {
            drain(j, DRAIN_AT);
        }
    }
    g_string_append_c(to, '"');
}

void bm_json_drain(BmJson *j)
{
    drain(j, 1);
}
