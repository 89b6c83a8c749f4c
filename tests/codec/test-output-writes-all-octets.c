/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec.h"

typedef struct Drain {
    pthread_t thread;
    int fd;
    uint8_t *data;
    size_t len, capacity;
    size_t piece;
    useconds_t late; /* before the first read */
} Drain;

static void *drain_run(void *data)
{
    Drain *drain = data;
    ssize_t n;

    usleep(drain->late);
    do {
        size_t room = drain->capacity - drain->len;

        n = read(drain->fd, drain->data + drain->len, room < drain->piece ? room : drain->piece);
        drain->len += n > 0 ? (size_t)n : 0;
    } while (n > 0);
    return NULL;
}

/* Reads a new pipe in another thread; returns the end to write to. */
static int drain_start(Drain *drain, size_t capacity, size_t piece, useconds_t late)
{
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    *drain = (Drain){.fd = fds[0], .data = malloc(capacity), .capacity = capacity};
    drain->piece = piece;
    drain->late = late;
    cr_assert_eq(pthread_create(&drain->thread, NULL, drain_run, drain), 0);
    return fds[1];
}

static void drain_end(Drain *drain, int fd)
{
    close(fd);
    pthread_join(drain->thread, NULL);
    close(drain->fd);
}

/* Random pieces of `data`, small and large ones, until all is written. */
static void write_pieces(BmOutput *out, const uint8_t *data, size_t len)
{
    size_t at = 0;

    srandom(4);
    while (at < len) {
        size_t n = (size_t)random() % ((size_t)1 << random() % 20);

        n = n < len - at ? n : len - at;
        cr_assert(bm_output_write(out, data + at, n));
        at += n;
        cr_assert_eq(bm_output_offset(out), at);
    }
    cr_assert(bm_output_flush(out));
}

static void pieces_arrive(size_t len, size_t piece, int flags)
{
    uint8_t *data = malloc(len);
    BmOutput *memory = bm_output_memory();
    Drain drain;
    int fd = drain_start(&drain, len + 1, piece, 0);

    for (size_t i = 0; i < len; i++) {
        data[i] = (uint8_t)(i * 31 + i / 257);
    }
    cr_assert_eq(fcntl(fd, F_SETFL, flags), 0);
    BmOutput *out = bm_output_fd(fd);
    write_pieces(out, data, len);
    write_pieces(memory, data, len);
    drain_end(&drain, fd);
    cr_assert_eq(drain.len, len);
    cr_assert_eq(memcmp(drain.data, data, len), 0);
    BmOctets collected = bm_output_memory_data(memory);
    cr_assert_eq(collected.len, len);
    cr_assert_eq(memcmp(collected.data, data, len), 0);
    bm_output_free(out);
    bm_output_free(memory);
    free(drain.data);
    free(data);
}

Test(output, arrives_whole_through_a_pipe)
{
    pieces_arrive(20u << 20, 1u << 20, 0);
    pieces_arrive(1u << 20, 100, 0);
}

Test(output, arrives_whole_through_a_pipe_that_does_not_block)
{
    pieces_arrive(20u << 20, 1u << 20, O_NONBLOCK);
    pieces_arrive(1u << 20, 100, O_NONBLOCK);
}

static void on_signal(int number)
{
    (void)number;
}

Test(output, goes_on_after_signals)
{
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART */
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec each = {{0, 1000000}, {0, 1000000}};
    timer_t timer;

    cr_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
    cr_assert_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    cr_assert_eq(timer_settime(timer, 0, &each, NULL), 0);
    /* A full pipe makes a write wait until a signal comes.  The reader must not
     * be interrupted: EINTR would end its loop. */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    uint8_t *data = calloc(1, 4u << 20);
    Drain drain;
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    int fd = drain_start(&drain, (4u << 20) + 1, 5000, 30000);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    BmOutput *out = bm_output_fd(fd);
    write_pieces(out, data, 4u << 20);
    timer_delete(timer);
    drain_end(&drain, fd);
    cr_assert_eq(drain.len, 4u << 20);
    bm_output_free(out);
    free(drain.data);
    free(data);
}

Test(output, holds_small_pieces_back_until_flushed)
{
    uint8_t octets[8];
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    cr_assert_eq(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    BmOutput *out = bm_output_fd(fds[1]);
    cr_assert(bm_output_write(out, "ab", 2));
    cr_assert(bm_output_write(out, "cd", 2));
    cr_assert_eq(read(fds[0], octets, sizeof(octets)), -1);
    cr_assert(bm_output_flush(out));
    cr_assert_eq(read(fds[0], octets, sizeof(octets)), 4);
    cr_assert_eq(memcmp(octets, "abcd", 4), 0);
    bm_output_free(out);
    close(fds[0]);
    close(fds[1]);
}

Test(output, keeps_the_error_of_a_closed_pipe)
{
    static const uint8_t large[100000];
    int fds[2];

    signal(SIGPIPE, SIG_IGN);
    cr_assert_eq(pipe(fds), 0);
    close(fds[0]);
    BmOutput *out = bm_output_fd(fds[1]);
    cr_assert(bm_output_write(out, "a", 1));
    cr_assert_not(bm_output_write(out, large, sizeof(large)));
    cr_assert_eq(bm_output_errno(out), EPIPE);
    cr_assert_not(bm_output_write(out, "a", 1));
    cr_assert_not(bm_output_write(out, "", 0));
    cr_assert_not(bm_output_flush(out));
    uint64_t digest = 77;
    cr_assert_not(bm_frame_write_trailer(out, 0, &digest));
    cr_assert_eq(digest, 77);
    cr_assert_eq(bm_output_errno(out), EPIPE);
    bm_output_free(out);
    close(fds[1]);
    bm_output_free(NULL);
}

Test(output, takes_own_and_borrowed_octets_in_order)
{
    static uint8_t large[50000];
    BmOutput *memory = bm_output_memory();
    Drain drain;
    int fd = drain_start(&drain, 1u << 20, 4096, 0);
    BmOutput *out = bm_output_fd(fd);
    BmWriter w;

    memset(large, 0x77, sizeof(large));
    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_PART);
    for (unsigned i = 0; i < 6; i++) {
        bm_writer_unsigned(&w, BM_TAG_INTEGER, i);
        bm_writer_borrow(&w, BM_TAG_OCTETS, large, i % 2 ? sizeof(large) : 5);
    }
    bm_record_close(&w);
    cr_assert(bm_output_writer(out, &w));
    cr_assert(bm_output_writer(memory, &w));
    cr_assert(bm_output_flush(out));
    drain_end(&drain, fd);
    BmOctets flat = bm_output_memory_data(memory);
    cr_assert_eq(flat.len, bm_writer_size(&w));
    cr_assert_eq(drain.len, flat.len);
    cr_assert_eq(memcmp(drain.data, flat.data, flat.len), 0);
    bm_writer_clear(&w);
    bm_output_free(out);
    bm_output_free(memory);
    free(drain.data);
}
