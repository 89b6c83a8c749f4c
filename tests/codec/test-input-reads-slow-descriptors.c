/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sample-stream.h"

typedef struct Feed {
    pthread_t thread;
    int fd; /* to write to; closed at the end */
    const uint8_t *data;
    size_t len;
    size_t piece;
    useconds_t pause;
} Feed;

static void *feed_run(void *data)
{
    Feed *feed = data;

    for (size_t at = 0; at < feed->len;) {
        size_t left = feed->len - at;
        ssize_t n = write(feed->fd, feed->data + at, left < feed->piece ? left : feed->piece);

        if (n < 0) {
            break;
        }
        at += (size_t)n;
        if (feed->pause > 0) {
            usleep(feed->pause);
        }
    }
    close(feed->fd);
    return NULL;
}

/* Writes to a new pipe from another thread; returns the end to read from. */
static int feed_start(Feed *feed, const void *data, size_t len, size_t piece, useconds_t pause)
{
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    *feed = (Feed){.fd = fds[1], .data = data, .len = len, .piece = piece, .pause = pause};
    cr_assert_eq(pthread_create(&feed->thread, NULL, feed_run, feed), 0);
    return fds[0];
}

static void feed_end(Feed *feed, int fd)
{
    close(fd);
    pthread_join(feed->thread, NULL);
}

static void fill_random(uint8_t *data, size_t len, unsigned seed)
{
    uint64_t x = 0x9e3779b97f4a7c15ull * (seed + 1);

    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        data[i] = (uint8_t)(x >> 32);
    }
}

Test(input, takes_a_stream_one_octet_at_a_time)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    Feed feed;
    int fd = feed_start(&feed, stream.data, stream.len, 1, 100);
    BmInput *in = bm_input_fd(fd);
    Reading r;

    cr_assert(read_stream(in, &r), "%s", bm_code_name(r.fault.code));
    cr_assert_eq(r.records, SAMPLE_RECORDS);
    bm_input_free(in);
    feed_end(&feed, fd);
    bm_output_free(out);
}

Test(input, does_not_ask_for_more_than_the_frame_needs)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    BmFault fault = {0};
    BmRecord record;
    int fds[2];
    bool end;

    /* The pipe stays open: a read too many would never return. */
    cr_assert_eq(pipe(fds), 0);
    BmInput *in = bm_input_fd(fds[0]);
    cr_assert_eq(write(fds[1], stream.data, 24 + 25), 24 + 25);
    cr_assert(bm_frame_read_head(in, &record, &fault));
    cr_assert_eq(write(fds[1], stream.data + 49, 2), 2);
    cr_assert(bm_frame_read_open(in, &fault));
    cr_assert_eq(write(fds[1], stream.data + 51, 16), 16);
    cr_assert(bm_frame_read_record(in, &record, &end, &fault));
    cr_assert_eq(record.body.len, 8);
    bm_input_free(in);
    close(fds[0]);
    close(fds[1]);
    bm_output_free(out);
}

/* Walks through `len` octets with changing wants and compares all of them. */
static void walk(BmInput *in, const uint8_t *expected, size_t len)
{
    size_t at = 0;

    srandom(3);
    while (at < len) {
        size_t want = (size_t)random() % ((size_t)1 << random() % 23) + 1;
        size_t got = bm_input_fill(in, want);
        const uint8_t *data = bm_input_data(in);

        cr_assert_eq(bm_input_offset(in), at);
        cr_assert_eq(got, bm_input_available(in));
        cr_assert(got >= want || at + got == len);
        size_t skip = want < got ? want : got;
        bm_input_skip(in, skip);
        /* still there: the next fill has not come */
        cr_assert_eq(memcmp(data, expected + at, skip), 0);
        at += skip;
    }
    cr_assert_eq(bm_input_fill(in, 1), 0);
    cr_assert_eq(bm_input_errno(in), 0);
}

Test(input, gives_all_octets_in_order)
{
    size_t len = 40u << 20;
    uint8_t *data = malloc(len);
    Feed feed;

    fill_random(data, len, 1);
    for (size_t piece = 777; piece < 5u << 20; piece *= 40) {
        int fd = feed_start(&feed, data, len, piece, 0);
        BmInput *in = bm_input_fd(fd);

        walk(in, data, len);
        bm_input_free(in);
        feed_end(&feed, fd);
    }
    BmInput *in = bm_input_memory(data, len);
    walk(in, data, len);
    bm_input_free(in);
    free(data);
}

Test(input, digest_octets_do_not_depend_on_steps)
{
    static uint8_t data[10000];
    BmInput *one = bm_input_memory(data, sizeof(data));
    BmInput *many = bm_input_memory(data, sizeof(data));

    fill_random(data, sizeof(data), 2);
    bm_input_skip(one, 10);
    bm_input_skip(many, 10);
    bm_input_digest_start(one);
    bm_input_digest_start(many);
    cr_assert_eq(bm_input_digest_octets(one), 0);
    bm_input_skip(one, 9000);
    for (size_t i = 0; i < 9000; i += 9) {
        bm_input_skip(many, 9);
    }
    cr_assert_eq(bm_input_digest_octets(one), 9000);
    cr_assert_eq(bm_input_digest_octets(many), 9000);
    bm_input_free(one);
    bm_input_free(many);
}

static size_t memory_in_use(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

Test(input, takes_no_memory_for_octets_that_did_not_come)
{
    Feed feed;
    int fd = feed_start(&feed, "0123456789", 10, 10, 0);
    BmInput *in = bm_input_fd(fd);
    size_t before = memory_in_use();

    cr_assert_eq(bm_input_fill(in, 1u << 30), 10);
    cr_assert_leq(memory_in_use(), before + (1u << 16));
    bm_input_free(in);
    feed_end(&feed, fd);
}

Test(input, takes_at_most_twice_the_memory_of_what_came)
{
    size_t len = 5u << 20;
    uint8_t *data = calloc(1, len);
    size_t before = memory_in_use();
    Feed feed;
    int fd = feed_start(&feed, data, len, len, 0);
    BmInput *in = bm_input_fd(fd);

    cr_assert_eq(bm_input_fill(in, 1u << 30), len);
    cr_assert_leq(memory_in_use(), before + 2 * len);
    bm_input_free(in);
    feed_end(&feed, fd);
    free(data);
}

Test(input, keeps_its_memory_while_wants_are_small)
{
    size_t len = 40u << 20;
    uint8_t *data = calloc(1, len);
    Feed feed;
    int fd = feed_start(&feed, data, len, 1u << 20, 0);
    BmInput *in = bm_input_fd(fd);
    size_t before = memory_in_use();

    /* The second of two does not fit behind the first. */
    for (size_t want = 450000; bm_input_fill(in, want) >= want; want = 1250000 - want) {
        bm_input_skip(in, want);
        cr_assert_leq(memory_in_use(), before + (1u << 16));
    }
    cr_assert_eq(bm_input_offset(in) + bm_input_available(in), len);
    bm_input_free(in);
    feed_end(&feed, fd);
    free(data);
}

/* ---- waiting ---- */

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

Test(input, gives_up_when_nothing_comes)
{
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    cr_assert_eq(write(fds[1], "abc", 3), 3);
    BmInput *in = bm_input_fd(fds[0]);
    int64_t start = now_ms();
    cr_assert_eq(bm_input_fill_within(in, 4, 60), 3);
    cr_assert_geq(now_ms() - start, 55);
    cr_assert_eq(bm_input_errno(in), 0);
    /* and goes on when something does */
    cr_assert_eq(write(fds[1], "d", 1), 1);
    cr_assert_eq(bm_input_fill_within(in, 4, 0), 4);
    cr_assert_eq(memcmp(bm_input_data(in), "abcd", 4), 0);
    bm_input_free(in);
    close(fds[0]);
    close(fds[1]);
}

Test(input, counts_its_patience_from_the_last_octet)
{
    Feed feed;
    int fd = feed_start(&feed, "0123456789ab", 12, 1, 200000);
    BmInput *in = bm_input_fd(fd);

    /* 2400 ms in all, about 200 at once: time enough for a machine that is busy elsewhere */
    cr_assert_eq(bm_input_fill_within(in, 12, 2000), 12);
    bm_input_free(in);
    feed_end(&feed, fd);
}

Test(input, waits_on_a_descriptor_that_does_not_block)
{
    BmOutput *out = sample_stream();
    BmOctets stream = bm_output_memory_data(out);
    Feed feed;
    int fd = feed_start(&feed, stream.data, stream.len, 10, 2000);
    Reading r;

    cr_assert_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    BmInput *in = bm_input_fd(fd);
    cr_assert(read_stream(in, &r));
    bm_input_free(in);
    feed_end(&feed, fd);
    bm_output_free(out);
}

static void on_signal(int number)
{
    (void)number;
}

Test(input, goes_on_after_signals)
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART */
    Feed feed;
    int fd = feed_start(&feed, "0123456789", 10, 1, 20000);
    BmInput *in = bm_input_fd(fd);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec each = {{0, 3000000}, {0, 3000000}};

    cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
    cr_assert_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    cr_assert_eq(timer_settime(timer, 0, &each, NULL), 0);
    cr_assert_eq(bm_input_fill(in, 5), 5);
    cr_assert_eq(bm_input_fill_within(in, 10, 2000), 10);
    timer_delete(timer);
    bm_input_free(in);
    feed_end(&feed, fd);
}

/* ---- idle ---- */

typedef struct Idle {
    unsigned calls;
    int fd;
} Idle;

/* What is held back is what the other side waits for. */
static void answer(void *data)
{
    Idle *idle = data;

    idle->calls++;
    cr_assert_eq(write(idle->fd, "x", 1), 1);
}

Test(input, calls_idle_before_it_would_block_and_only_then)
{
    Idle idle = {0};
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    idle.fd = fds[1];
    BmInput *in = bm_input_fd(fds[0]);
    bm_input_set_idle(in, answer, &idle);
    cr_assert_eq(write(fds[1], "ab", 2), 2);
    cr_assert_eq(bm_input_fill(in, 2), 2);
    cr_assert_eq(idle.calls, 0);
    cr_assert_eq(bm_input_fill(in, 4), 4);
    cr_assert_eq(idle.calls, 2);
    cr_assert_eq(bm_input_fill_within(in, 5, 1000), 5);
    cr_assert_eq(idle.calls, 3);
    bm_input_free(in);
    close(fds[0]);
    close(fds[1]);
}

/* ---- octets that stay ---- */

#define LONG_INPUT (5u << 20)
#define KEPT_MAX 256u

/* What was handed out since octets moved last. */
typedef struct Kept {
    const uint8_t *whole; /* the input */
    struct {
        const uint8_t *data;
        size_t offset, len;
    } pieces[KEPT_MAX];
    unsigned n, moves;
} Kept;

static void keep(Kept *kept, const uint8_t *data, size_t offset, size_t len)
{
    cr_assert_lt(kept->n, KEPT_MAX);
    kept->pieces[kept->n].data = data;
    kept->pieces[kept->n].offset = offset;
    kept->pieces[kept->n].len = len;
    kept->n++;
}

static void let_go(void *data)
{
    Kept *kept = data;

    for (unsigned i = 0; i < kept->n; i++) {
        cr_assert_eq(
            memcmp(kept->pieces[i].data, kept->whole + kept->pieces[i].offset, kept->pieces[i].len),
            0);
    }
    kept->n = 0;
    kept->moves++;
}

/* Pieces of `step` octets, and at last one that is longer than the buffer. */
static void read_and_keep(BmInput *in, Kept *kept, size_t step)
{
    size_t at = 0, last = 3u << 20;

    for (size_t len = step; at < LONG_INPUT; at += len) {
        len = LONG_INPUT - at <= last ? LONG_INPUT - at : step;
        cr_assert_geq(bm_input_fill(in, len), len);
        keep(kept, bm_input_data(in), at, len);
        bm_input_skip(in, len);
    }
}

Test(input, octets_stay_until_they_are_said_to_move)
{
    uint8_t *whole = malloc(LONG_INPUT);
    static const size_t steps[] = {5000, 65536, 300000};

    cr_assert_not_null(whole);
    for (size_t i = 0; i < LONG_INPUT; i++) {
        whole[i] = (uint8_t)((i * 2654435761u) >> 13);
    }
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        Kept kept = {.whole = whole};
        Feed feed;
        int fd = feed_start(&feed, whole, LONG_INPUT, 70000, 0);
        BmInput *in = bm_input_fd(fd);

        bm_input_set_moving(in, let_go, &kept);
        read_and_keep(in, &kept, steps[i]);
        cr_expect_gt(kept.n, 0u);
        let_go(&kept);
        cr_expect(kept.moves >= 3 && kept.moves < 20, "%u moves", kept.moves);
        bm_input_free(in);
        feed_end(&feed, fd);
    }
    free(whole);
}

Test(input, keeps_its_error)
{
    BmInput *in = bm_input_fd(-1);

    cr_assert_eq(bm_input_fill(in, 1), 0);
    cr_assert_eq(bm_input_errno(in), EBADF);
    cr_assert_eq(bm_input_fill_within(in, 1, 10), 0);
    bm_input_free(in);
    bm_input_free(NULL);
    in = bm_input_memory(NULL, 0);
    cr_assert_eq(bm_input_fill(in, 1), 0);
    cr_assert_eq(bm_input_errno(in), 0);
    bm_input_free(in);
}
