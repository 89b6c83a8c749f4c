/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "json-lines.h"
#include "report.h"

/* QMP nests some ten levels. */
#define MAX_DEPTH 32
#define READ_SIZE 16384

struct BmJsonReader {
    int fd;
    size_t max_line;
    GByteArray *buffer;
    size_t begin;   /* of the line that is next */
    size_t scanned; /* no line feed before */
};

/* ---- members ---- */

json_object *bm_json_member(json_object *object, const char *name)
{
    json_object *member = NULL;

    json_object_object_get_ex(object, name, &member);
    return member;
}

static json_object *member_of_type(json_object *object, const char *name, json_type type)
{
    json_object *member = bm_json_member(object, name);

    return json_object_is_type(member, type) ? member : NULL;
}

const char *bm_json_string(json_object *object, const char *name)
{
    json_object *member = member_of_type(object, name, json_type_string);

    return member != NULL ? json_object_get_string(member) : NULL;
}

guint64 bm_json_count(json_object *object, const char *name)
{
    json_object *member = member_of_type(object, name, json_type_int);

    return member != NULL ? json_object_get_uint64(member) : 0;
}

gboolean bm_json_true(json_object *object, const char *name)
{
    return json_object_get_boolean(member_of_type(object, name, json_type_boolean));
}

/* ---- making ---- */

void bm_json_add_text(json_object *object, const char *name, const char *text)
{
    if (text != NULL) {
        g_autofree char *printable = bm_printable(text);

        json_object_object_add(object, name, json_object_new_string(printable));
    }
}

void bm_json_add_count(json_object *object, const char *name, guint64 value)
{
    json_object_object_add(object, name, json_object_new_uint64(value));
}

char *bm_json_line(json_object *object)
{
    const int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;

    return g_strconcat(json_object_to_json_string_ext(object, flags), "\n", NULL);
}

/* ---- reading ---- */

BmJsonReader *bm_json_reader_new(int fd, size_t max_line)
{
    BmJsonReader *reader = g_new0(BmJsonReader, 1);

    reader->fd = fd;
    reader->max_line = max_line;
    reader->buffer = g_byte_array_new();
    return reader;
}

void bm_json_reader_free(BmJsonReader *reader)
{
    if (reader != NULL) {
        g_byte_array_unref(reader->buffer);
        g_free(reader);
    }
}

static BmJsonRead bad(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static BmJsonRead bad(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (error != NULL) {
        *error = g_error_new_valist(G_IO_ERROR, G_IO_ERROR_INVALID_DATA, format, arguments);
    }
    va_end(arguments);
    return BM_JSON_BAD;
}

/* What has been read goes once all of it has been, so that nothing is moved twice. */
static void drop_read_lines(BmJsonReader *reader)
{
    if (reader->begin > 0) {
        g_byte_array_remove_range(reader->buffer, 0, (guint)reader->begin);
        reader->scanned -= reader->begin;
        reader->begin = 0;
    }
}

static BmJsonRead fill(BmJsonReader *reader, GError **error)
{
    guint8 piece[READ_SIZE];
    ssize_t n;

    drop_read_lines(reader);
    do {
        n = read(reader->fd, piece, sizeof(piece));
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN) {
        return BM_JSON_LATER;
    }
    if (n < 0) {
        g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
        return BM_JSON_BAD;
    }
    if (n == 0) {
        return BM_JSON_END;
    }
    g_byte_array_append(reader->buffer, piece, (guint)n);
    return BM_JSON_GOT;
}

/* NULL if there is none yet. */
static const char *find_line(BmJsonReader *reader, size_t *len)
{
    const guint8 *data = reader->buffer->data;
    const guint8 *feed =
        data == NULL ? NULL
                     : memchr(data + reader->scanned, '\n', reader->buffer->len - reader->scanned);

    if (feed == NULL) {
        reader->scanned = reader->buffer->len;
        return NULL;
    }
    const char *line = (const char *)data + reader->begin;

    *len = (size_t)((const char *)feed - line);
    reader->begin += *len + 1;
    reader->scanned = reader->begin;
    if (*len > 0 && line[*len - 1] == '\r') {
        (*len)--;
    }
    return line;
}

static BmJsonRead parse(const char *line, size_t len, json_object **object, GError **error)
{
    struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
    json_object *json;
    enum json_tokener_error fault;

    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    json = json_tokener_parse_ex(tokener, line, (int)len);
    fault = json_tokener_get_error(tokener);
    json_tokener_free(tokener);
    if (fault == json_tokener_success && json_object_is_type(json, json_type_object)) {
        *object = json;
        return BM_JSON_GOT;
    }
    json_object_put(json);
    return bad(error, "a line that is no JSON object: %s",
               fault != json_tokener_success ? json_tokener_error_desc(fault) : "another value");
}

/* A line that has no end yet. */
static gboolean is_too_long(const BmJsonReader *reader)
{
    return reader->buffer->len - reader->begin > reader->max_line;
}

BmJsonRead bm_json_reader_next(BmJsonReader *reader, json_object **object, GError **error)
{
    for (;;) {
        size_t len;
        const char *line = find_line(reader, &len);

        if (line != NULL && len > 0 && len <= reader->max_line) {
            return parse(line, len, object, error);
        }
        if (line != NULL ? len > reader->max_line : is_too_long(reader)) {
            return bad(error, "a line of more than %zu octets", reader->max_line);
        }
        if (line == NULL) {
            BmJsonRead done = fill(reader, error);

            if (done != BM_JSON_GOT) {
                return done;
            }
        }
    }
}
