/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report.h"
#include "status.h"

/* Goes to the beginning of a terminal's line and empties it. */
#define ERASE_LINE "\r\033[K"

/* A line in place stands on the terminal. */
static atomic_bool in_place;

/* Names in a message may come from a hostile stream: no control characters,
 * which a terminal could obey, and no invalid UTF-8. */
static void append_printable(GString *line, const char *text)
{
    while (*text != '\0') {
        gunichar c = g_utf8_get_char_validated(text, -1);

        if (c == (gunichar)-1 || c == (gunichar)-2 || g_unichar_iscntrl(c)) {
            g_string_append_printf(line, "\\x%02x", (unsigned char)*text++);
        } else {
            g_string_append_unichar(line, c);
            text = g_utf8_next_char(text);
        }
    }
}

char *bm_printable(const char *text)
{
    GString *line = g_string_new(NULL);

    append_printable(line, text);
    return g_string_free(line, FALSE);
}

static void write_stderr(const GString *line)
{
    /* There is nowhere to complain if this fails. */
    ssize_t written = write(STDERR_FILENO, line->str, line->len);
    (void)written;
}

/* Its line feed is not here yet. */
static void print_message(GString *line)
{
    bm_status_tell_text("message", "text", line->str);
    if (bm_status_has_stderr()) {
        return;
    }
    if (atomic_exchange(&in_place, FALSE)) {
        g_string_prepend(line, ERASE_LINE);
    }
    g_string_append_c(line, '\n');
    write_stderr(line);
}

static void print_line(const char *where, uint64_t offset, const char *path, const char *text)
{
    GString *line = g_string_new(NULL);

    append_printable(line, where);
    if (offset != BM_NO_OFFSET) {
        g_string_append_printf(line, ":%" G_GUINT64_FORMAT, offset);
    }
    if (path[0] != '\0') {
        g_string_append(line, ": ");
        append_printable(line, path);
    }
    g_string_append(line, ": ");
    append_printable(line, text);
    print_message(line);
    g_string_free(line, TRUE);
}

void bm_report(const char *where, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    print_line(where, BM_NO_OFFSET, "", text);
}

BmExit bm_report_error(const char *where, const GError *error)
{
    if (error->domain != BM_ERROR) {
        print_line(where, BM_NO_OFFSET, "", error->message);
        return BM_EXIT_RUN;
    }
    print_line(where, bm_error_offset(error), bm_error_path(error), error->message);
    return error->code == BM_IO || error->code == BM_NO_MEMORY ? BM_EXIT_RUN : BM_EXIT_INPUT;
}

/* Octets of the text that fit on one line of the terminal; it is ASCII. */
static int columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
}

void bm_report_in_place(const char *text)
{
    GString *line = g_string_new(ERASE_LINE);

    g_string_append_len(line, text, MIN((gssize)strlen(text), columns()));
    write_stderr(line);
    in_place = TRUE;
    g_string_free(line, TRUE);
}

void bm_report_leave_place(void)
{
    if (atomic_exchange(&in_place, FALSE)) {
        GString *line = g_string_new(ERASE_LINE);

        write_stderr(line);
        g_string_free(line, TRUE);
    }
}
