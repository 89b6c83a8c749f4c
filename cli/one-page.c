/* SPDX-License-Identifier: BSD-2-Clause */
#include "one-page.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "index.h"
#include "output.h"

/* The name of a block may have colons: the number is behind the last one. */
static gboolean parse_page(const BmIndex *index, const char *what, uint32_t *block, uint64_t *page,
                           GError **error)
{
    const char *colon = strrchr(what, ':');
    g_autofree char *name = g_strndup(what, colon != NULL ? (gsize)(colon - what) : 0);
    guint64 number = 0;

    if (colon == NULL ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 0, G_MAXUINT64, &number, NULL)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL,
                            "--page=%s: expected BLOCK:NUMBER", what);
    }
    if (!bm_index_find_block(index, name, block)) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                            "--page=%s: the stream has no block '%s'", what, name);
    }
    *page = number;
    return TRUE;
}

static BmExit write_page(const uint8_t *data, size_t len)
{
    BmOutput *out = bm_output_fd(STDOUT_FILENO);
    gboolean ok = out != NULL && bm_output_write(out, data, len) && bm_output_flush(out);
    BmExit status = BM_EXIT_DONE;

    if (!ok) {
        bm_report("<stdout>", "%s", g_strerror(out != NULL ? bm_output_errno(out) : ENOMEM));
        status = BM_EXIT_RUN;
    }
    bm_output_free(out);
    return status;
}

static BmExit copy_page(BmIndex *index, const char *path, const char *what)
{
    g_autofree uint8_t *data = g_malloc(bm_index_page_size(index));
    g_autoptr(GError) error = NULL;
    uint32_t block = 0;
    uint64_t page = 0;

    if (!parse_page(index, what, &block, &page, &error) ||
        !bm_index_read(index, block, page, 1, data, &error)) {
        return bm_report_error(path, error);
    }
    return write_page(data, bm_index_page_size(index));
}

BmExit bm_one_page(const char *path, const char *what)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_autoptr(GError) error = NULL;
    BmIndex *index;
    BmExit status;

    if (fd < 0) {
        bm_report(path, "%s", g_strerror(errno));
        return BM_EXIT_RUN;
    }
    index = bm_index_open(fd, &error);
    status = index != NULL ? copy_page(index, path, what) : bm_report_error(path, error);
    bm_index_free(index);
    close(fd);
    return status;
}
