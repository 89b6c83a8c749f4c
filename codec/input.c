/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "digest.h"
#include "file-map.h"
#include "input.h"
#include "iov.h"

/* A usual record of page data (1 MiB) and its frame fit without growing. */
#define FIRST_CAPACITY ((1u << 20) + (64u << 10))
/* Less room than this is not worth a read(2) if moving the rest down is cheap. */
#define ROOM_MIN (64u << 10)
/* So few octets are moved down before each read: what comes then lies where the last
 * octets were, which the cache still has. */
#define FEW (8u << 10)
/* Read ahead at most: with more, octets leave the cache before anybody has seen them. */
#define AHEAD (256u << 10)
/* The same where reading is only a copy from a mapping. */
#define MAP_AHEAD 64u
/* Where octets must not move, the buffer is used up to here before they do: what is wanted
 * next begins a new round then, and no page data of more than 1 MiB waits for it. */
#define ROUND (1u << 20)
/* Pieces of one readv(2), the buffer among them. */
#define IOV_COUNT 64u

struct BmInput {
    int fd; /* -1: `data` is the whole input */
    const uint8_t *data;
    size_t pos, end; /* octets at hand: data[pos] up to data[end] */
    uint64_t offset; /* of data[pos] in the input */

    uint8_t *buffer; /* what `data` points to, if there is an fd */
    size_t capacity;
    size_t ahead; /* octets to read beyond those wanted */
    bool at_end;
    int error;
    BmFileMap *map; /* NULL: read(2) */
    BmIdle idle;
    void *idle_data;
    BmIdle moving; /* NULL: nobody minds */
    void *moving_data;

    uint64_t digest;
    uint64_t digest_from; /* offset */
    bool no_digest;
};

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static BmInput *input_new(int fd)
{
    BmInput *in = calloc(1, sizeof(*in));

    if (in != NULL) {
        in->fd = fd;
        in->ahead = AHEAD;
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
    bm_file_map_free(in->map);
    free(in->buffer);
    free(in);
}

void bm_input_set_idle(BmInput *in, BmIdle idle, void *data)
{
    in->idle = idle;
    in->idle_data = data;
}

void bm_input_set_moving(BmInput *in, BmIdle moving, void *data)
{
    in->moving = moving;
    in->moving_data = data;
}

void bm_input_set_ahead(BmInput *in, size_t ahead)
{
    in->ahead = min_size(ahead, in->map != NULL ? MAP_AHEAD : AHEAD);
}

/* ---- room ---- */

static void call_moving(BmInput *in)
{
    if (in->moving != NULL) {
        in->moving(in->moving_data);
    }
}

static void compact(BmInput *in)
{
    size_t held = in->end - in->pos;

    call_moving(in);
    memmove(in->buffer, in->buffer + in->pos, held);
    in->pos = 0;
    in->end = held;
}

static bool grow(BmInput *in)
{
    size_t capacity = 2 * in->capacity;

    call_moving(in);
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

/* Is it time to move what is held down to the start? */
static bool is_time_to_compact(const BmInput *in, size_t want)
{
    size_t held = in->end - in->pos;
    bool crowded = in->capacity - in->end < ROOM_MIN && held <= in->pos;

    if (in->pos == 0) {
        return false;
    }
    if (in->moving != NULL) {
        return in->pos >= ROUND || want > ROUND - in->pos;
    }
    return crowded || held <= FEW || want > in->capacity - in->pos;
}

/* Makes room for at least one octet.  Memory only doubles when all of it holds
 * octets that did arrive, whatever `want` says. */
static bool make_room(BmInput *in, size_t want)
{
    if (is_time_to_compact(in, want)) {
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

    /* A mapping never blocks. */
    if (in->idle != NULL && in->map == NULL && poll(&p, 1, 0) == 0) {
        in->idle(in->idle_data);
    }
}

/* What a read has returned.  True if octets came; none is not yet an error. */
static bool came(BmInput *in, ssize_t n)
{
    if (n == 0) {
        in->at_end = true;
    } else if (n < 0 && errno != EINTR && errno != EAGAIN) {
        in->error = errno;
    }
    return n > 0;
}

/* One read(2), for `lack` octets and some. */
static bool read_once(BmInput *in, size_t lack)
{
    size_t limit = in->moving != NULL && in->end < ROUND ? ROUND : in->capacity;
    size_t room = limit - in->end;
    size_t most = lack < room ? lack + min_size(in->ahead, room - lack) : room;
    uint8_t *to = in->buffer + in->end;
    ssize_t n = in->map != NULL ? bm_file_map_read(in->map, to, most) : read(in->fd, to, most);

    in->end += n > 0 ? (size_t)n : 0;
    return came(in, n);
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
        if (!read_once(in, want - bm_input_available(in))) {
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

/* ---- to where it belongs ---- */

/* Octets at hand into the first pieces. */
static size_t move_buffered(BmInput *in, struct iovec **pieces, size_t *n)
{
    size_t moved = 0;

    while (*n > 0 && bm_input_available(in) > 0) {
        size_t len = min_size(bm_input_available(in), (*pieces)->iov_len);

        memcpy((*pieces)->iov_base, bm_input_data(in), len);
        bm_input_skip(in, len);
        bm_iov_advance(pieces, n, len);
        moved += len;
    }
    return moved;
}

/* One readv(2) to the pieces and, behind all of them, the buffer, which is empty.
 * Returns the octets that came to the pieces, and moves over them. */
static size_t read_pieces(BmInput *in, const struct iovec *pieces, size_t n, bool *any)
{
    size_t used = min_size(n, IOV_COUNT - 1), len = 0;
    struct iovec iov[IOV_COUNT];

    for (size_t i = 0; i < used; i++) {
        iov[i] = pieces[i];
        len += pieces[i].iov_len;
    }
    call_moving(in);
    in->pos = 0;
    in->end = 0;
    iov[used] = (struct iovec){in->buffer, used == n ? min_size(in->ahead, in->capacity) : 0};
    ssize_t got = in->map != NULL ? bm_file_map_read(in->map, iov[0].iov_base, iov[0].iov_len)
                                  : readv(in->fd, iov, (int)used + 1);

    *any = came(in, got);
    if (!*any) {
        return 0;
    }
    size_t placed = min_size((size_t)got, len);
    in->end = (size_t)got - placed;
    in->offset += placed;
    return placed;
}

/* With nothing in the buffer. */
static size_t read_all_pieces(BmInput *in, struct iovec *pieces, size_t n)
{
    size_t moved = 0;
    bool any = true;

    bm_iov_advance(&pieces, &n, 0);
    while (n > 0 && !in->at_end && in->error == 0) {
        call_idle(in);
        /* A descriptor that does not block said so. */
        if (!any && !wait_readable(in, -1)) {
            break;
        }
        size_t placed = read_pieces(in, pieces, n, &any);

        bm_iov_advance(&pieces, &n, placed);
        moved += placed;
    }
    return moved;
}

size_t bm_input_move(BmInput *in, const struct iovec *to, size_t n)
{
    struct iovec copy[IOV_COUNT];
    size_t moved = 0;

    for (size_t i = 0; i < n; i += IOV_COUNT) {
        struct iovec *pieces = copy;
        size_t used = min_size(n - i, IOV_COUNT);

        memcpy(copy, to + i, used * sizeof(*to));
        moved += move_buffered(in, &pieces, &used);
        moved += read_all_pieces(in, pieces, used);
    }
    return moved;
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

/* ---- files have places ---- */

/* Where offset 0 of the input is in the file. */
static bool find_origin(const BmInput *in, uint64_t *origin)
{
    off_t next = in->map != NULL ? (off_t)bm_file_map_at(in->map) : lseek(in->fd, 0, SEEK_CUR);

    if (next < 0) {
        return false;
    }
    *origin = (uint64_t)next - (in->offset + (in->end - in->pos));
    return true;
}

bool bm_input_jump(BmInput *in, uint64_t offset)
{
    uint64_t left = offset - in->offset, origin;

    if (left <= bm_input_available(in)) {
        bm_input_skip(in, (size_t)left);
        return true;
    }
    if (in->fd < 0) {
        bm_input_skip(in, bm_input_available(in));
        return true;
    }
    if (!find_origin(in, &origin)) {
        return false;
    }
    if (in->map != NULL) {
        bm_file_map_go(in->map, origin + offset);
    } else if (lseek(in->fd, (off_t)(origin + offset), SEEK_SET) < 0) {
        return false;
    }
    call_moving(in);
    in->pos = in->end = 0;
    in->offset = offset;
    in->at_end = false;
    return true;
}

bool bm_input_map(BmInput *in)
{
    off_t next = lseek(in->fd, 0, SEEK_CUR);

    if (in->map == NULL && next >= 0) {
        in->map = bm_file_map_new(in->fd, (uint64_t)next);
        in->ahead = in->map != NULL ? MAP_AHEAD : in->ahead;
    }
    return in->map != NULL;
}

bool bm_input_pass(BmInput *in, size_t len)
{
    size_t here = bm_input_available(in);

    if (len <= here) {
        bm_input_skip(in, len);
        return true;
    }
    return in->map != NULL && bm_file_map_left(in->map) >= len - here &&
           bm_input_jump(in, in->offset + len);
}

/* All of it: bm_input_memory() has no descriptor to read from. */
static bool copy_at(const BmInput *in, uint64_t offset, void *data, size_t len)
{
    uint64_t size = in->offset + (in->end - in->pos);

    errno = 0;
    if (offset > size || len > size - offset) {
        return false;
    }
    memcpy(data, in->data + offset, len);
    return true;
}

bool bm_input_at(BmInput *in, uint64_t offset, void *data, size_t len)
{
    uint64_t origin;
    size_t done = 0;

    if (in->fd < 0) {
        return copy_at(in, offset, data, len);
    }
    if (!find_origin(in, &origin)) {
        return false;
    }
    while (done < len) {
        ssize_t n =
            pread(in->fd, (uint8_t *)data + done, len - done, (off_t)(origin + offset + done));

        if (n == 0) {
            errno = 0;
        }
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* ---- digest ---- */

void bm_input_digest_start(BmInput *in)
{
    in->digest = 0;
    in->digest_from = in->offset;
    in->no_digest = false;
}

void bm_input_digest_add(BmInput *in, uint64_t hash)
{
    in->digest = bm_digest_add(in->digest, hash);
}

uint64_t bm_input_digest(const BmInput *in)
{
    return in->digest;
}

void bm_input_digest_drop(BmInput *in)
{
    in->no_digest = true;
}

bool bm_input_has_digest(const BmInput *in)
{
    return !in->no_digest;
}

uint64_t bm_input_digest_octets(const BmInput *in)
{
    return in->offset - in->digest_from;
}
