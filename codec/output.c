/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "digest.h"
#include "iov.h"
#include "output.h"

#define BUFFER_LEN (64u << 10)
/* From here on writev(2) is cheaper than a copy. */
#define LARGE (16u << 10)
/* Pieces of one writev(2), the buffer among them. */
#define IOV_COUNT 64u

struct BmOutput {
    int fd;
    bool memory; /* the buffer grows, and there is no fd */
    uint8_t *buffer;
    size_t len, capacity;
    uint64_t offset;
    int error;
    uint64_t digest;
};

static BmOutput *output_new(int fd, bool memory)
{
    BmOutput *out = calloc(1, sizeof(*out));

    if (out == NULL) {
        return NULL;
    }
    out->fd = fd;
    out->memory = memory;
    out->capacity = BUFFER_LEN;
    out->buffer = malloc(BUFFER_LEN);
    if (out->buffer == NULL) {
        bm_output_free(out);
        return NULL;
    }
    return out;
}

BmOutput *bm_output_fd(int fd)
{
    return output_new(fd, false);
}

BmOutput *bm_output_memory(void)
{
    return output_new(-1, true);
}

void bm_output_free(BmOutput *out)
{
    if (out == NULL) {
        return;
    }
    free(out->buffer);
    free(out);
}

/* Keeps the first errno.  Always returns false. */
static bool fail(BmOutput *out, int error)
{
    if (out->error == 0) {
        out->error = error;
    }
    return false;
}

/* ---- to a descriptor ---- */

/* After a failed write: true if trying again makes sense. */
static bool recover(BmOutput *out)
{
    struct pollfd p = {.fd = out->fd, .events = POLLOUT};

    if (errno == EINTR) {
        return true;
    }
    if (errno == EAGAIN && (poll(&p, 1, -1) >= 0 || errno == EINTR)) {
        return true;
    }
    return fail(out, errno);
}

/* All octets of the pieces, which are changed. */
static bool write_iov(BmOutput *out, struct iovec *iov, size_t count)
{
    bm_iov_advance(&iov, &count, 0);
    while (count > 0) {
        ssize_t n = writev(out->fd, iov, (int)count);

        if (n >= 0) {
            bm_iov_advance(&iov, &count, (size_t)n);
        } else if (!recover(out)) {
            return false;
        }
    }
    return true;
}

/* The buffer, and the pieces behind it. */
static bool write_all(BmOutput *out, const struct iovec *pieces, size_t n)
{
    struct iovec iov[IOV_COUNT] = {{out->buffer, out->len}};
    size_t used = 1;

    for (size_t i = 0; i < n; i++) {
        if (used == IOV_COUNT) {
            if (!write_iov(out, iov, used)) {
                return false;
            }
            used = 0;
        }
        iov[used++] = pieces[i];
    }
    if (!write_iov(out, iov, used)) {
        return false;
    }
    out->len = 0;
    return true;
}

static void append_buffer(BmOutput *out, const struct iovec *iov, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(out->buffer + out->len, iov[i].iov_base, iov[i].iov_len);
        out->len += iov[i].iov_len;
    }
}

/* `len`: of all pieces. */
static bool append_fd(BmOutput *out, const struct iovec *iov, size_t n, size_t len)
{
    if (len >= LARGE) {
        return write_all(out, iov, n);
    }
    if (len > out->capacity - out->len && !write_all(out, NULL, 0)) {
        return false;
    }
    append_buffer(out, iov, n);
    return true;
}

/* ---- to memory ---- */

/* For `len` octets more. */
static bool grow(BmOutput *out, size_t len)
{
    size_t capacity = out->capacity;

    while (capacity - out->len < len) {
        if (capacity > SIZE_MAX / 2) {
            return fail(out, ENOMEM);
        }
        capacity *= 2;
    }
    if (capacity > out->capacity) {
        uint8_t *buffer = realloc(out->buffer, capacity);
        if (buffer == NULL) {
            return fail(out, ENOMEM);
        }
        out->buffer = buffer;
        out->capacity = capacity;
    }
    return true;
}

static bool append_memory(BmOutput *out, const struct iovec *iov, size_t n, size_t len)
{
    if (!grow(out, len)) {
        return false;
    }
    append_buffer(out, iov, n);
    return true;
}

/* ---- both ---- */

bool bm_output_pieces(BmOutput *out, const struct iovec *iov, size_t n)
{
    size_t len = 0;

    if (out->error != 0) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        len += iov[i].iov_len;
    }
    if (len == 0) {
        return true;
    }
    out->offset += len;
    return out->memory ? append_memory(out, iov, n, len) : append_fd(out, iov, n, len);
}

bool bm_output_write(BmOutput *out, const void *data, size_t len)
{
    /* struct iovec serves reading too and has no const. */
    const struct iovec piece = {(void *)(uintptr_t)data, len};

    return bm_output_pieces(out, &piece, 1);
}

uint8_t *bm_output_reserve(BmOutput *out, uint64_t len)
{
    uint8_t *at;

    if (out->error != 0 || len > SIZE_MAX / 2 || (!out->memory && len >= LARGE)) {
        return NULL;
    }
    if (len > out->capacity - out->len &&
        !(out->memory ? grow(out, (size_t)len) : write_all(out, NULL, 0))) {
        return NULL;
    }
    at = out->buffer + out->len;
    out->len += (size_t)len;
    out->offset += len;
    return at;
}

bool bm_output_writer(BmOutput *out, const BmWriter *w)
{
    if (w->fault.code != BM_OK || w->depth > 0) {
        return fail(out, EINVAL);
    }
    for (size_t i = 0; i <= 2 * w->n_borrowed; i++) {
        BmOctets piece = bm_writer_piece(w, i);

        if (!bm_output_write(out, piece.data, piece.len)) {
            return false;
        }
    }
    bm_output_digest_add(out, w->hash);
    return out->error == 0;
}

void bm_output_digest_add(BmOutput *out, uint64_t hash)
{
    out->digest = bm_digest_add(out->digest, hash);
}

bool bm_output_flush(BmOutput *out)
{
    if (out->error != 0) {
        return false;
    }
    return out->memory || write_all(out, NULL, 0);
}

int bm_output_errno(const BmOutput *out)
{
    return out->error;
}

uint64_t bm_output_offset(const BmOutput *out)
{
    return out->offset;
}

uint64_t bm_output_digest(const BmOutput *out)
{
    return out->digest;
}

BmOctets bm_output_memory_data(const BmOutput *out)
{
    return (BmOctets){out->buffer, out->memory ? out->len : 0};
}

/* ---- files have places ---- */

bool bm_output_has_places(BmOutput *out)
{
    struct stat st;

    /* A file that is open for appending has one place only, its end. */
    return !out->memory && bm_output_flush(out) && fstat(out->fd, &st) == 0 &&
           S_ISREG(st.st_mode) && (fcntl(out->fd, F_GETFL) & O_APPEND) == 0 &&
           lseek(out->fd, 0, SEEK_CUR) == (off_t)out->offset;
}

bool bm_output_jump(BmOutput *out, uint64_t offset)
{
    if (!bm_output_flush(out)) {
        return false;
    }
    if (offset > INT64_MAX || lseek(out->fd, (off_t)offset, SEEK_SET) < 0) {
        return fail(out, offset > INT64_MAX ? EFBIG : errno);
    }
    out->offset = offset;
    return true;
}

bool bm_output_write_at(BmOutput *out, uint64_t offset, const void *data, size_t len)
{
    size_t done = 0;

    while (done < len && out->error == 0) {
        ssize_t n =
            pwrite(out->fd, (const uint8_t *)data + done, len - done, (off_t)(offset + done));

        if (n < 0 && errno != EINTR) {
            fail(out, errno);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return out->error == 0;
}

bool bm_output_read_at(BmOutput *out, uint64_t offset, void *data, size_t len)
{
    size_t done = 0;
    ssize_t n = 1;

    while (n != 0 && done < len && out->error == 0) {
        n = pread(out->fd, (uint8_t *)data + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno != EINTR) {
            fail(out, errno);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    memset((uint8_t *)data + done, 0, len - done);
    return out->error == 0;
}
