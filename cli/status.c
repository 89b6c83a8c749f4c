/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report.h"
#include "status.h"
#include "transport.h"

/* One of each per process, as with standard error. */
static struct {
    const char *command;
    BmAddress *address; /* NULL: no socket wanted */
    int socket;
    gboolean on_stderr;
    GMutex lock;
} status = {.command = "bermig", .socket = -1};

gboolean bm_status_option(const char *name, const char *value, gpointer data, GError **error)
{
    (void)name;
    (void)data;
    g_clear_pointer(&status.address, bm_address_free);
    status.address = bm_address_parse(value, error);
    return status.address != NULL;
}

void bm_status_take_stderr(void)
{
    status.on_stderr = TRUE;
}

gboolean bm_status_has_stderr(void)
{
    return status.on_stderr;
}

gboolean bm_status_wanted(void)
{
    return status.on_stderr || status.socket >= 0;
}

json_object *bm_status_event(const char *event)
{
    json_object *object = json_object_new_object();
    double now = (double)g_get_real_time() / G_USEC_PER_SEC;

    bm_json_add_text(object, "from", status.command);
    bm_json_add_text(object, "event", event);
    json_object_object_add(object, "time", json_object_new_double(now));
    return object;
}

/* Half a line would spoil the next one: then there is no next one. */
static void write_to_socket(const char *line, size_t len)
{
    if (status.socket >= 0 &&
        send(status.socket, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len) {
        close(status.socket);
        status.socket = -1;
    }
}

void bm_status_tell(json_object *event)
{
    g_autofree char *line = bm_json_line(event);
    size_t len = strlen(line);

    g_mutex_lock(&status.lock);
    write_to_socket(line, len);
    if (status.on_stderr) {
        /* There is nowhere to complain if this fails. */
        ssize_t written = write(STDERR_FILENO, line, len);
        (void)written;
    }
    g_mutex_unlock(&status.lock);
    json_object_put(event);
}

void bm_status_tell_text(const char *event, const char *member, const char *text)
{
    if (bm_status_wanted()) {
        json_object *object = bm_status_event(event);

        bm_json_add_text(object, member, text);
        bm_status_tell(object);
    }
}

void bm_status_begin(const char *command)
{
    g_autoptr(GError) error = NULL;

    status.command = command;
    if (status.address != NULL) {
        status.socket = bm_connect(status.address, 0, &error);
        if (status.socket < 0) {
            /* No reason to leave a guest where it is. */
            bm_report_error(status.address->text, error);
        }
    }
    if (bm_status_wanted()) {
        json_object *event = bm_status_event("start");

        json_object_object_add(event, "pid", json_object_new_int(getpid()));
        bm_json_add_text(event, "version", BERMIG_VERSION);
        bm_status_tell(event);
    }
}

int bm_status_end(int exit_status)
{
    if (bm_status_wanted()) {
        json_object *event = bm_status_event("end");

        json_object_object_add(event, "exit", json_object_new_int(exit_status));
        bm_status_tell(event);
    }
    if (status.socket >= 0) {
        close(status.socket);
        status.socket = -1;
    }
    g_clear_pointer(&status.address, bm_address_free);
    return exit_status;
}
