/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "digest.h"
#include "input.h"

/* A usual record of page data (1 MiB) and its frame fit without growing. */
#define FIRST_CAPACITY ((1u << 20) + (64u << 10))
/* Less room than this is not worth a read(2) if moving the rest down is cheap. */
#define ROOM_MIN (64u << 10)

struct BmInput {
    int fd; /* -1: `data` is the whole input */
    const uint8_t *data;
    size_t pos, end; /* octets at hand: data[pos] up to data[end] */
    uint64_t offset; /* of data[pos] in the input */

    uint8_t *buffer; /* what `data` points to, if there is an fd */
    size_t capacity;
    bool at_end;
    int error;
    BmIdle idle;
    void *idle_data;

    uint64_t digest;
    uint64_t digest_from; /* offset */
};

static BmInput *input_new(int fd)
{
    BmInput *in = calloc(1, sizeof(*in));

    if (in != NULL) {
        in->fd = fd;
    }
    return in;
}

BmInput *bm_input_fd(int fd)
{
    BmInput *in = input_new(fd);

    if (in == NULL) {
        return NULL;
    }
    in->buffer = malloc(FIRST_CAPACITY);
    if (in->buffer == NULL) {
        bm_input_free(in);
        return NULL;
    }
    in->data = in->buffer;
    in->capacity = FIRST_CAPACITY;
    return in;
}

BmInput *bm_input_memory(const void *data, size_t len)
{
    BmInput *in = input_new(-1);

    if (in == NULL) {
        return NULL;
    }
    in->data = data != NULL ? data : (const void *)"";
    in->end = len;
    in->at_end = true;
    return in;
}

void bm_input_free(BmInput *in)
{
    if (in == NULL) {
        return;
    }
    free(in->buffer);
    free(in);
}

void bm_input_set_idle(BmInput *in, BmIdle idle, void *data)
{
    in->idle = idle;
    in->idle_data = data;
}

/* ---- room ---- */

static void compact(BmInput *in)
{
    size_t held = in->end - in->pos;

    memmove(in->buffer, in->buffer + in->pos, held);
    in->pos = 0;
    in->end = held;
}

static bool grow(BmInput *in)
{
    size_t capacity = 2 * in->capacity;
    uint8_t *buffer = realloc(in->buffer, capacity);

    if (buffer == NULL) {
        in->error = ENOMEM;
        return false;
    }
    in->buffer = buffer;
    in->data = buffer;
    in->capacity = capacity;
    return true;
}

/* Makes room for at least one octet.  Memory only doubles when all of it holds
 * octets that did arrive, whatever `want` says. */
static bool make_room(BmInput *in, size_t want)
{
    size_t held = in->end - in->pos;
    bool crowded = in->capacity - in->end < ROOM_MIN && held <= in->pos;

    if (in->pos > 0 && (crowded || want > in->capacity - in->pos)) {
        compact(in);
    }
    return in->end < in->capacity || grow(in);
}

/* ---- waiting and reading ---- */

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* poll(2) until there is something to read.  A deadline below 0 is none. */
static bool wait_readable(BmInput *in, int64_t deadline)
{
    struct pollfd p = {.fd = in->fd, .events = POLLIN};

    for (;;) {
        int timeout = -1;

        if (deadline >= 0) {
            int64_t rest = deadline - now_ms();
            timeout = rest > 0 ? (int)rest : 0;
        }
        int n = poll(&p, 1, timeout);
        if (n >= 0) {
            return n > 0;
        }
        if (errno != EINTR) {
            in->error = errno;
            return false;
        }
    }
}

static void call_idle(BmInput *in)
{
    struct pollfd p = {.fd = in->fd, .events = POLLIN};

    if (in->idle != NULL && poll(&p, 1, 0) == 0) {
        in->idle(in->idle_data);
    }
}

/* One read(2).  Returns true if octets came; nothing is not yet an error. */
static bool read_once(BmInput *in)
{
    ssize_t n = read(in->fd, in->buffer + in->end, in->capacity - in->end);

    if (n > 0) {
        in->end += (size_t)n;
        return true;
    }
    if (n == 0) {
        in->at_end = true;
    } else if (errno != EINTR && errno != EAGAIN) {
        in->error = errno;
    }
    return false;
}

static size_t fill(BmInput *in, size_t want, int timeout_ms)
{
    int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
    bool wait = timeout_ms >= 0;

    while (bm_input_available(in) < want && !in->at_end && in->error == 0) {
        if (!make_room(in, want)) {
            break;
        }
        call_idle(in);
        if (wait && !wait_readable(in, deadline)) {
            break;
        }
        if (!read_once(in)) {
            /* A descriptor that does not block said so: wait from now on. */
            wait = true;
        } else if (timeout_ms >= 0) {
            deadline = now_ms() + timeout_ms;
        }
    }
    return bm_input_available(in);
}

size_t bm_input_fill(BmInput *in, size_t want)
{
    return fill(in, want, -1);
}

size_t bm_input_fill_within(BmInput *in, size_t want, int timeout_ms)
{
    return fill(in, want, timeout_ms > 0 ? timeout_ms : 0);
}

/* ---- what is at hand ---- */

const uint8_t *bm_input_data(const BmInput *in)
{
    return in->data + in->pos;
}

size_t bm_input_available(const BmInput *in)
{
    return in->end - in->pos;
}

void bm_input_skip(BmInput *in, size_t len)
{
    assert(len <= bm_input_available(in));
    in->pos += len;
    in->offset += len;
}

uint64_t bm_input_offset(const BmInput *in)
{
    return in->offset;
}

int bm_input_errno(const BmInput *in)
{
    return in->error;
}

/* ---- digest ---- */

void bm_input_digest_start(BmInput *in)
{
    in->digest = 0;
    in->digest_from = in->offset;
}

void bm_input_digest_add(BmInput *in, uint64_t hash)
{
    in->digest = bm_digest_add(in->digest, hash);
}

uint64_t bm_input_digest(const BmInput *in)
{
    return in->digest;
}

uint64_t bm_input_digest_octets(const BmInput *in)
{
    return in->offset - in->digest_from;
}
