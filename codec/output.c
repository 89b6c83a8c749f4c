/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "digest.h"
#include "output.h"

#define BUFFER_LEN (64u << 10)
/* From here on writev(2) is cheaper than a copy. */
#define LARGE (16u << 10)

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

/* Drops the first `n` octets of two pieces. */
static void advance(struct iovec iov[2], size_t n)
{
    for (int i = 0; i < 2; i++) {
        size_t here = n < iov[i].iov_len ? n : iov[i].iov_len;

        iov[i].iov_base = (uint8_t *)iov[i].iov_base + here;
        iov[i].iov_len -= here;
        n -= here;
    }
}

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

/* The buffer, and `len` octets behind it. */
static bool write_all(BmOutput *out, const void *data, size_t len)
{
    struct iovec iov[2] = {{out->buffer, out->len}, {(void *)(uintptr_t)data, len}};

    while (iov[0].iov_len + iov[1].iov_len > 0) {
        ssize_t n = writev(out->fd, iov, 2);

        if (n >= 0) {
            advance(iov, (size_t)n);
        } else if (!recover(out)) {
            return false;
        }
    }
    out->len = 0;
    return true;
}

static bool append_fd(BmOutput *out, const void *data, size_t len)
{
    if (len >= LARGE) {
        return write_all(out, data, len);
    }
    if (len > out->capacity - out->len && !write_all(out, "", 0)) {
        return false;
    }
    memcpy(out->buffer + out->len, data, len);
    out->len += len;
    return true;
}

/* ---- to memory ---- */

static bool append_memory(BmOutput *out, const void *data, size_t len)
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
    memcpy(out->buffer + out->len, data, len);
    out->len += len;
    return true;
}

/* ---- both ---- */

bool bm_output_write(BmOutput *out, const void *data, size_t len)
{
    if (out->error != 0) {
        return false;
    }
    if (len == 0) {
        return true;
    }
    out->offset += len;
    return out->memory ? append_memory(out, data, len) : append_fd(out, data, len);
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
    out->digest = bm_digest_add(out->digest, w->hash);
    return out->error == 0;
}

bool bm_output_flush(BmOutput *out)
{
    if (out->error != 0) {
        return false;
    }
    return out->memory || write_all(out, "", 0);
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
