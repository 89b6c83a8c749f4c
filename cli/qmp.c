/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qmp.h"

/* QEMU's events come one by one. */
#define MAX_AT_ONCE 4096

struct BmQmp {
    int fd; /* does not block; -1: lost */
    BmJsonReader *reader;
    char *version;
    guint64 last_id; /* of a command */
    GError *lost;
};

G_DEFINE_QUARK(bm - qmp - error, bm_qmp_error)

/* ---- losing the connection ---- */

static void lose(BmQmp *qmp, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void lose(BmQmp *qmp, const char *format, ...)
{
    va_list arguments;

    if (qmp->lost == NULL) {
        va_start(arguments, format);
        qmp->lost = g_error_new_valist(BM_QMP_ERROR, BM_QMP_LOST, format, arguments);
        va_end(arguments);
        close(qmp->fd);
        qmp->fd = -1;
    }
}

/* NULL, with the reason why there is no connection. */
static void *lost(const BmQmp *qmp, GError **error)
{
    g_propagate_error(error, g_error_copy(qmp->lost));
    return NULL;
}

const GError *bm_qmp_lost(const BmQmp *qmp)
{
    return qmp->lost;
}

/* ---- messages from QEMU ---- */

/* The next message that is no event, if one has come; else NULL.  What never ends
 * must not keep us either. */
static json_object *next_message(BmQmp *qmp)
{
    g_autoptr(GError) error = NULL;
    json_object *object = NULL;

    for (unsigned count = 0; qmp->fd >= 0; count++) {
        if (count == MAX_AT_ONCE) {
            lose(qmp, "more than %d events at once", MAX_AT_ONCE);
            return NULL;
        }
        switch (bm_json_reader_next(qmp->reader, &object, &error)) {
        case BM_JSON_GOT:
            if (bm_json_member(object, "event") == NULL) {
                return object;
            }
            json_object_put(object);
            break;
        case BM_JSON_LATER:
            return NULL;
        case BM_JSON_END:
            lose(qmp, "QEMU closed the connection");
            break;
        case BM_JSON_BAD:
            lose(qmp, "%s%s",
                 error->code == G_IO_ERROR_INVALID_DATA ? "what came is not QMP: " : "",
                 error->message);
            break;
        }
    }
    return NULL;
}

static gboolean wait_for(int fd, short events, gint64 deadline)
{
    struct pollfd p = {.fd = fd, .events = events};
    gint64 left = (deadline - g_get_monotonic_time()) / 1000;

    while (left > 0) {
        int n = poll(&p, 1, (int)left);

        if (n > 0 || (n < 0 && errno != EINTR)) {
            return n > 0;
        }
        left = (deadline - g_get_monotonic_time()) / 1000;
    }
    return FALSE;
}

/* NULL if the connection is lost, or if it has not come in time: `what` was
 * expected then. */
static json_object *await_message(BmQmp *qmp, gint64 deadline, const char *what)
{
    for (;;) {
        json_object *message = next_message(qmp);

        if (message != NULL || qmp->fd < 0) {
            return message;
        }
        if (!wait_for(qmp->fd, POLLIN, deadline)) {
            lose(qmp, "%s", what);
            return NULL;
        }
    }
}

gboolean bm_qmp_pump(BmQmp *qmp)
{
    json_object *message = next_message(qmp);

    if (message != NULL) {
        lose(qmp, "what came is not QMP: an answer to nothing");
        json_object_put(message);
    }
    return qmp->fd >= 0;
}

int bm_qmp_fd(const BmQmp *qmp)
{
    return qmp->fd;
}

/* ---- commands ---- */

static gint64 seconds_from_now(int seconds)
{
    return g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
}

static gboolean send_all(BmQmp *qmp, const char *line, gint64 deadline)
{
    size_t left = strlen(line);

    while (left > 0) {
        ssize_t n = send(qmp->fd, line, left, MSG_NOSIGNAL);
        int number = n < 0 ? errno : 0;

        if (n >= 0) {
            line += n;
            left -= (size_t)n;
        } else if (number == EAGAIN && wait_for(qmp->fd, POLLOUT, deadline)) {
            continue;
        } else if (number != EINTR) {
            /* What it said before it went may be of use. */
            bm_qmp_pump(qmp);
            lose(qmp, "%s", number == EAGAIN ? "QEMU takes no commands" : g_strerror(number));
            return FALSE;
        }
    }
    return TRUE;
}

static char *command_line(const char *command, json_object *arguments, guint64 id)
{
    g_autoptr(json_object) message = json_object_new_object();

    json_object_object_add(message, "execute", json_object_new_string(command));
    if (arguments != NULL) {
        json_object_object_add(message, "arguments", arguments);
    }
    bm_json_add_count(message, "id", id);
    return bm_json_line(message);
}

/* What QEMU says of a line that it could not read has no id. */
static gboolean is_answer(json_object *message, guint64 id)
{
    json_object *member = bm_json_member(message, "id");

    return member == NULL ? bm_json_member(message, "error") != NULL
                          : bm_json_count(message, "id") == id;
}

static json_object *await_answer(BmQmp *qmp, const char *command, gint64 deadline)
{
    g_autofree char *silent =
        g_strdup_printf("no answer to %s within %d s", command, BM_QMP_ANSWER_SECONDS);
    json_object *message = await_message(qmp, deadline, silent);

    if (message != NULL && !is_answer(message, qmp->last_id)) {
        lose(qmp, "what came is not QMP: an answer to another command than %s", command);
        g_clear_pointer(&message, json_object_put);
    }
    return message;
}

/* The value of "return"; else *error. */
static json_object *take_return(BmQmp *qmp, const char *command, json_object *answer,
                                GError **error)
{
    json_object *value = bm_json_member(answer, "return");
    json_object *fault = bm_json_member(answer, "error");
    const char *text = bm_json_string(fault, "desc");

    if (value != NULL) {
        return json_object_get(value);
    }
    if (text != NULL) {
        g_set_error_literal(error, BM_QMP_ERROR, BM_QMP_REFUSED, text);
        return NULL;
    }
    lose(qmp, "what came is not QMP: an answer to %s without return and error", command);
    return lost(qmp, error);
}

json_object *bm_qmp_run(BmQmp *qmp, const char *command, json_object *arguments, GError **error)
{
    gint64 deadline = seconds_from_now(BM_QMP_ANSWER_SECONDS);
    g_autofree char *line = command_line(command, arguments, ++qmp->last_id);

    if (!bm_qmp_pump(qmp) || !send_all(qmp, line, deadline)) {
        return lost(qmp, error);
    }
    g_autoptr(json_object) answer = await_answer(qmp, command, deadline);

    return answer != NULL ? take_return(qmp, command, answer, error) : lost(qmp, error);
}

gboolean bm_qmp_do(BmQmp *qmp, const char *command, json_object *arguments, GError **error)
{
    g_autoptr(json_object) value = bm_qmp_run(qmp, command, arguments, error);

    return value != NULL;
}

/* ---- the beginning ---- */

static gboolean read_greeting(BmQmp *qmp)
{
    static const char silent[] =
        "no greeting; a QMP socket takes one client at a time: is another one connected?";
    gint64 deadline = seconds_from_now(BM_QMP_GREETING_SECONDS);
    g_autoptr(json_object) message = await_message(qmp, deadline, silent);

    if (message == NULL) {
        return FALSE;
    }
    json_object *greeting = bm_json_member(message, "QMP");
    json_object *version = bm_json_member(bm_json_member(greeting, "version"), "qemu");

    if (!json_object_is_type(version, json_type_object)) {
        lose(qmp, "what answers is no QEMU: its greeting has no version");
        return FALSE;
    }
    qmp->version = g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT,
                                   bm_json_count(version, "major"), bm_json_count(version, "minor"),
                                   bm_json_count(version, "micro"));
    return TRUE;
}

BmQmp *bm_qmp_open(const BmAddress *address, GError **error)
{
    g_autoptr(GError) reason = NULL;
    int fd = bm_connect(address, 0, &reason);

    if (fd < 0) {
        g_set_error_literal(error, BM_QMP_ERROR, BM_QMP_LOST, reason->message);
        return NULL;
    }
    g_autoptr(BmQmp) qmp = g_new0(BmQmp, 1);

    qmp->fd = fd;
    qmp->reader = bm_json_reader_new(fd, BM_QMP_MAX_LINE);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (!read_greeting(qmp)) {
        return lost(qmp, error);
    }
    return bm_qmp_do(qmp, "qmp_capabilities", NULL, error) ? g_steal_pointer(&qmp) : NULL;
}

void bm_qmp_close(BmQmp *qmp)
{
    if (qmp == NULL) {
        return;
    }
    if (qmp->fd >= 0) {
        close(qmp->fd);
    }
    bm_json_reader_free(qmp->reader);
    g_clear_error(&qmp->lost);
    g_free(qmp->version);
    g_free(qmp);
}

const char *bm_qmp_version(const BmQmp *qmp)
{
    return qmp->version;
}
