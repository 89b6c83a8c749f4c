/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory: how fast it is scanned, written and read, against the same system calls
 * for the same octets and nothing else.
 *
 * Each group takes turns, round by round, so that ratios hold when the machine's speed
 * drifts; the first of a group is what the others are compared with.  Beside the time of
 * all there is that of the measured thread alone on its processor, which other programs
 * disturb less.  Everything that was read is compared with what was written.
 *
 * usage: bench-ram [MIB [ROUNDS]]
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "machine.h"
#include "ram.h"
#include "stream-pass.h"
#include "zero.h"

#define PAGE 4096u
#define CHUNK (1u << 20) /* of plain writes and reads: as much as a record has */
#define ROUNDS_MAX 31
#define BUDGET (16u << 20)

static size_t size = (size_t)512 << 20;
static unsigned rounds = 7;

static uint8_t *memory, *copy; /* a guest's, random; another one's */
static GByteArray *stream;     /* of `memory` */
static volatile uint64_t sink;

static void must(gboolean ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench-ram: %s\n", what);
        exit(1);
    }
}

static void must_no_error(gboolean ok, const GError *error)
{
    must(ok, error ? error->message : "failed");
}

/* ---- memory ---- */

static uint8_t *new_memory(void)
{
    uint8_t *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    must(p != MAP_FAILED, "no memory");
    madvise(p, size, MADV_HUGEPAGE);
    memset(p, 1, size); /* no page is the kernel's page of zeros */
    return p;
}

static void fill_random(uint8_t *p)
{
    uint64_t x = 88172645463325252u;

    for (size_t i = 0; i < size; i += sizeof x) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        memcpy(p + i, &x, sizeof x);
    }
}

/* ---- measuring ---- */

typedef struct Contender {
    const char *name;
    void (*run)(int fd);
    gboolean loads; /* `copy` is what `memory` is then */
    double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];
} Contender;

static double clock_of(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* "median (least-most)" of how much faster a contender is than the first one. */
static void print_ratio(const double *peer, const double *times)
{
    double ratio[ROUNDS_MAX];

    for (unsigned i = 0; i < rounds; i++) {
        ratio[i] = peer[i] / times[i];
    }
    qsort(ratio, rounds, sizeof ratio[0], by_value);
    printf(" %.2f (%.2f-%.2f) |", ratio[rounds / 2], ratio[0], ratio[rounds - 1]);
}

static double speed(const double *times)
{
    double sorted[ROUNDS_MAX];

    memcpy(sorted, times, sizeof sorted);
    qsort(sorted, rounds, sizeof sorted[0], by_value);
    return (double)size / sorted[rounds / 2] * 1e-9;
}

static void print_group(const char *title, const Contender *c, unsigned n)
{
    printf("\n## %s\n\n| | GB/s | ratio (min-max) | GB/s of its processor | ratio (min-max) |\n"
           "|---|---:|---:|---:|---:|\n",
           title);
    for (unsigned i = 0; i < n; i++) {
        printf("| %s | %.2f |", c[i].name, speed(c[i].wall));
        print_ratio(c[0].wall, c[i].wall);
        printf(" %.2f |", speed(c[i].cpu));
        print_ratio(c[0].cpu, c[i].cpu);
        printf("\n");
    }
}

/* ---- the other end ---- */

typedef enum Channel { CHANNEL_NONE, CHANNEL_PIPE, CHANNEL_SOCKET, CHANNEL_NULL } Channel;

typedef struct Ends {
    int ours, theirs; /* -1: there is none */
    pthread_t thread;
} Ends;

static void *drain(void *data)
{
    static uint8_t buffer[CHUNK];

    while (read(((Ends *)data)->theirs, buffer, sizeof buffer) > 0) {
    }
    return NULL;
}

static void *feed(void *data)
{
    int fd = ((Ends *)data)->theirs;

    for (size_t at = 0; at < stream->len;) {
        ssize_t n = write(fd, stream->data + at, MIN(CHUNK, stream->len - at));

        must(n > 0, "a write");
        at += (size_t)n;
    }
    return NULL;
}

static void open_channel(Ends *ends, Channel channel, void *(*other)(void *))
{
    int fds[2] = {-1, -1};
    gboolean writes = other == feed;

    if (channel == CHANNEL_PIPE) {
        must(pipe2(fds, O_CLOEXEC) == 0, "a pipe");
        fcntl(fds[1], F_SETPIPE_SZ, CHUNK);
    } else if (channel == CHANNEL_SOCKET) {
        must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "a pair of sockets");
    } else if (channel == CHANNEL_NULL) {
        fds[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    ends->ours = fds[writes ? 0 : 1];
    ends->theirs = fds[writes ? 1 : 0];
    if (ends->theirs >= 0) {
        must(pthread_create(&ends->thread, NULL, other, ends) == 0, "a thread");
    }
}

static void close_channel(Ends *ends)
{
    if (ends->ours >= 0) {
        close(ends->ours);
    }
    if (ends->theirs >= 0) {
        pthread_join(ends->thread, NULL);
        close(ends->theirs);
    }
}

static void measure(Contender *c, unsigned round, Channel channel, void *(*other)(void *))
{
    Ends ends;
    double wall = clock_of(CLOCK_MONOTONIC), cpu = clock_of(CLOCK_THREAD_CPUTIME_ID);

    open_channel(&ends, channel, other);
    c->run(ends.ours);
    close_channel(&ends);
    c->wall[round] = clock_of(CLOCK_MONOTONIC) - wall;
    c->cpu[round] = clock_of(CLOCK_THREAD_CPUTIME_ID) - cpu;
}

static void compare(const char *title, Contender *c, unsigned n, Channel channel,
                    void *(*other)(void *))
{
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < n; i++) {
            measure(&c[i], round, channel, other);
            must(!c[i].loads || memcmp(memory, copy, size) == 0, "other memory was read");
        }
    }
    print_group(title, c, n);
}

/* ---- saving ---- */

static BmMachine *new_machine(BmRam **ram, uint8_t *p)
{
    BmMachine *machine = bm_machine_new("bench", PAGE);
    GError *error = NULL;

    *ram = bm_ram_new(PAGE);
    must_no_error(bm_ram_add(*ram, "ram", p, size, &error) != NULL, error);
    must_no_error(bm_machine_add_live(machine, "ram", 0, &bm_ram_handlers, *ram, &error), error);
    return machine;
}

static void save_to(BmOutput *output, gboolean stable)
{
    BmRam *ram;
    BmMachine *machine = new_machine(&ram, memory);
    BmStreamVisitor *out = bm_ber_stream_out(output, 0, NULL);
    BmMachineSave *save = bm_machine_save_new(machine, out);
    GError *error = NULL;

    bm_ram_set_stable(ram, stable);
    must_no_error(bm_machine_save_setup(save, &error), error);
    while (bm_machine_save_remaining(save) > 0) {
        must_no_error(bm_machine_save_iterate(save, BUDGET, &error), error);
    }
    must_no_error(bm_machine_save_complete(save, &error), error);
    bm_machine_save_free(save);
    bm_stream_free(out);
    bm_machine_free(machine);
    bm_ram_free(ram);
}

static void save_to_fd(int fd, gboolean stable)
{
    BmOutput *output = bm_output_fd(fd);

    save_to(output, stable);
    bm_output_free(output);
}

static void save_stable(int fd)
{
    save_to_fd(fd, TRUE);
}

static void save_running(int fd)
{
    save_to_fd(fd, FALSE);
}

static void plain_write(int fd)
{
    for (size_t at = 0; at < size;) {
        struct iovec iov = {memory + at, MIN(CHUNK, size - at)};
        ssize_t n = writev(fd, &iov, 1);

        must(n > 0, "a write");
        at += (size_t)n;
    }
}

/* The pages go into the pipe themselves: nothing may change until they are read. */
static void plain_vmsplice(int fd)
{
    for (size_t at = 0; at < size;) {
        struct iovec iov = {memory + at, MIN(CHUNK, size - at)};
        ssize_t n = vmsplice(fd, &iov, 1, 0);

        must(n > 0, "vmsplice");
        at += (size_t)n;
    }
}

/* ---- loading ---- */

static void plain_read(int fd)
{
    size_t at = 0, rest = stream->len - size;
    uint8_t small[PAGE];

    while (at < size) {
        struct iovec iov = {copy + at, MIN(CHUNK, size - at)};
        ssize_t n = readv(fd, &iov, 1);

        must(n > 0, "a read");
        at += (size_t)n;
    }
    while (rest > 0) {
        ssize_t n = read(fd, small, MIN(rest, sizeof small));

        must(n > 0, "a read");
        rest -= (size_t)n;
    }
}

static void load(int fd, BmStreamVisitor *in)
{
    BmInput *input = bm_input_fd(fd);
    GError *error = NULL;

    must_no_error(bm_ber_stream_read(input, in, FALSE, NULL, &error), error);
    bm_input_free(input);
}

/* Passes all on but the question for places. */
static const BmStreamOps buffered_ops = {
    .begin = bm_stream_pass_begin,
    .configuration = bm_stream_pass_configuration,
    .live_begin = bm_stream_pass_live_begin,
    .live_item = bm_stream_pass_live_item,
    .live_end = bm_stream_pass_live_end,
    .finish = bm_stream_pass_finish,
    .end = bm_stream_pass_end,
    .free = bm_stream_pass_free,
};

static BmStreamVisitor *without_places(BmStreamVisitor *inner)
{
    BmStreamPass *pass = g_new0(BmStreamPass, 1);

    pass->base.ops = &buffered_ops;
    pass->inner = inner;
    return &pass->base;
}

static void load_machine(int fd, gboolean places)
{
    BmRam *ram;
    BmMachine *machine = new_machine(&ram, copy);
    BmStreamVisitor *in = bm_machine_load_new(machine, NULL);

    in = places ? in : without_places(in);
    load(fd, in);
    bm_stream_free(in);
    bm_machine_free(machine);
    bm_ram_free(ram);
}

static void load_in_place(int fd)
{
    load_machine(fd, TRUE);
}

static void load_buffered(int fd)
{
    load_machine(fd, FALSE);
}

/* ---- scanning ---- */

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#else
#define CLONES
#endif

/* Reads all of it and looks at none: what the memory gives. */
CLONES static uint64_t read_words(const uint64_t *words, size_t n)
{
    uint64_t all = 0;

    for (size_t i = 0; i < n; i++) {
        all |= words[i];
    }
    return all;
}

static void scan_words(int fd)
{
    (void)fd;
    sink = read_words((const uint64_t *)(const void *)copy, size / sizeof(uint64_t));
}

static void scan_pages(bool (*is_zero)(const uint8_t *, size_t))
{
    for (size_t at = 0; at < size; at += PAGE) {
        must(is_zero(copy + at, PAGE), "a page that is zero");
    }
}

static bool chosen(const uint8_t *data, size_t len)
{
    return bm_is_zero(data, len);
}

static void scan_chosen(int fd)
{
    (void)fd;
    scan_pages(chosen);
}

static void scan_portable(int fd)
{
    (void)fd;
    scan_pages(bm_zero_variants[bm_zero_n_variants - 1].is_zero);
}

static void copy_memory(int fd)
{
    (void)fd;
    memcpy(copy, memory, size);
}

/* ---- all groups ---- */

#define COMPARE(title, channel, other, ...)                                                        \
    do {                                                                                           \
        static Contender c[] = {__VA_ARGS__};                                                      \
        compare(title, c, G_N_ELEMENTS(c), channel, other);                                        \
    } while (0)

/* clang-format off */
#define WRITERS \
    {"plain writev", plain_write}, \
    {"bermig, the guest stands still", save_stable}, \
    {"bermig, the guest runs", save_running}
#define READERS \
    {"plain readv", plain_read}, \
    {"bermig, into place", load_in_place, TRUE}, \
    {"bermig, through a buffer", load_buffered, TRUE}
/* clang-format on */

static void compare_all(void)
{
    COMPARE("From memory to a pipe", CHANNEL_PIPE, drain, WRITERS,
            {"plain vmsplice", plain_vmsplice});
    COMPARE("From memory to a socket", CHANNEL_SOCKET, drain, WRITERS);
    COMPARE("From memory to /dev/null", CHANNEL_NULL, NULL, {"memcpy", copy_memory},
            {"bermig, the guest stands still", save_stable},
            {"bermig, the guest runs", save_running});
    COMPARE("From a pipe to memory", CHANNEL_PIPE, feed, READERS);
    COMPARE("From a socket to memory", CHANNEL_SOCKET, feed, READERS);
    memset(copy, 0, size);
    COMPARE("Looking for zeros in zeros", CHANNEL_NONE, NULL,
            {"reading all, looking at nothing", scan_words}, {"bermig", scan_chosen},
            {"bermig, portable", scan_portable});
}

static void make_stream(void)
{
    BmOutput *output = bm_output_memory();
    BmOctets octets;

    save_to(output, TRUE);
    octets = bm_output_memory_data(output);
    stream = g_byte_array_new();
    g_byte_array_append(stream, octets.data, (guint)octets.len);
    bm_output_free(output);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        size = strtoull(argv[1], NULL, 10) << 20;
    }
    if (argc > 2) {
        rounds = (unsigned)strtoul(argv[2], NULL, 10);
    }
    if (size == 0 || size > (size_t)2 << 30 || rounds == 0 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench-ram [MIB (up to 2048) [ROUNDS (up to %d)]]\n", ROUNDS_MAX);
        return 2;
    }
    memory = new_memory();
    copy = new_memory();
    fill_random(memory);
    make_stream();
    printf("%zu MiB of random pages, %u rounds, zeros by %s.\n", size >> 20, rounds,
           bm_zero_chosen());
    compare_all();
    return 0;
}
