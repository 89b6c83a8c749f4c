/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "image.h"

void bm_image_init(BmImage *image)
{
    *image = (BmImage){.extents = g_array_new(FALSE, FALSE, sizeof(BmExtent))};
}

void bm_image_clear(BmImage *image)
{
    g_array_unref(image->extents);
}

void bm_image_add(BmImage *image, const BmExtent *extent)
{
    g_array_append_val(image->extents, *extent);
}

static gboolean failed(GError **error)
{
    g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
    return FALSE;
}

/* The part of [offset, offset + len) that extent `i` has; FALSE: none. */
static gboolean clip(const BmImage *image, guint i, uint64_t offset, uint64_t len, BmExtent *part)
{
    const BmExtent *e = &g_array_index(image->extents, BmExtent, i);
    uint64_t from = MAX(offset, e->offset), to = MIN(offset + len, e->offset + e->length);

    *part = (BmExtent){from, to - from, e->fd, e->at + (from - e->offset)};
    return from < to;
}

/* ---- one extent ---- */

static gboolean write_part(const BmExtent *part, const uint8_t *data, GError **error)
{
    uint64_t done = 0;

    while (done < part->length) {
        ssize_t n = pwrite(part->fd, data + done, part->length - done, (off_t)(part->at + done));

        if (n < 0 && errno != EINTR) {
            return failed(error);
        }
        done += n > 0 ? (uint64_t)n : 0;
    }
    return TRUE;
}

static gboolean read_part(const BmExtent *part, uint8_t *data, GError **error)
{
    uint64_t done = 0;

    while (done < part->length) {
        ssize_t n = pread(part->fd, data + done, part->length - done, (off_t)(part->at + done));

        if (n == 0) {
            errno = ENODATA; /* somebody else made the file shorter */
        }
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return failed(error);
        }
        done += n > 0 ? (uint64_t)n : 0;
    }
    return TRUE;
}

static gboolean write_zeros(const BmExtent *part, GError **error)
{
    static const uint8_t zeros[64 << 10];

    for (uint64_t done = 0; done < part->length;) {
        BmExtent piece = {.fd = part->fd, .at = part->at + done};

        piece.length = MIN(part->length - done, sizeof(zeros));
        if (!write_part(&piece, zeros, error)) {
            return FALSE;
        }
        done += piece.length;
    }
    return TRUE;
}

/* Not every file system can make holes. */
static gboolean zero_part(const BmExtent *part, GError **error)
{
    int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

    if (fallocate(part->fd, mode, (off_t)part->at, (off_t)part->length) == 0) {
        return TRUE;
    }
    return errno == EOPNOTSUPP ? write_zeros(part, error) : failed(error);
}

/* ---- all extents ---- */

gboolean bm_image_write(BmImage *image, uint64_t offset, const uint8_t *data, size_t len,
                        GError **error)
{
    BmExtent part;

    for (guint i = 0; i < image->extents->len; i++) {
        if (clip(image, i, offset, len, &part) &&
            !write_part(&part, data + (part.offset - offset), error)) {
            return FALSE;
        }
    }
    image->written = MAX(image->written, offset + len);
    return TRUE;
}

gboolean bm_image_zero(BmImage *image, uint64_t offset, uint64_t len, GError **error)
{
    uint64_t end = MIN(offset + len, image->written);
    BmExtent part;

    for (guint i = 0; offset < end && i < image->extents->len; i++) {
        if (clip(image, i, offset, end - offset, &part) && !zero_part(&part, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean bm_image_read(const BmImage *image, uint64_t offset, uint8_t *data, size_t len,
                       GError **error)
{
    BmExtent part;

    memset(data, 0, len);
    for (guint i = 0; i < image->extents->len; i++) {
        if (clip(image, i, offset, len, &part) &&
            !read_part(&part, data + (part.offset - offset), error)) {
            return FALSE;
        }
    }
    return TRUE;
}
