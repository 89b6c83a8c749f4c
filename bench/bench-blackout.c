/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-blackout [--check] FILE: what a stream costs while its guest stands still.
 *
 * FILE is a QEMU stream.  It goes through what `send` does and then through what `recv`
 * does, memory to memory.  Measured is the processor time from the end of the last live
 * section, which is when nothing but devices and their description is left, up to the
 * end of the stream.  Prints a Markdown table.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "compat.h"
#include "stream-pass.h"

#define ROUNDS 41

static void must(gboolean ok, const char *what, const GError *error)
{
    if (!ok) {
        fprintf(stderr, "bench-blackout: %s failed: %s\n", what, error ? error->message : "?");
        exit(1);
    }
}

static double microseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- when the last live section ends ---- */

typedef struct Clock {
    BmStreamPass pass;
    double start;
} Clock;

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    gboolean ok = bm_stream_live_end(((Clock *)s)->pass.inner, bare, error);

    ((Clock *)s)->start = microseconds();
    return ok;
}

static const BmStreamOps clock_ops = {
    .otherwise = &bm_stream_pass_ops,
    .live_end = live_end,
};

/* ---- the two ends ---- */

/* What an end has seen of the guest's description before; all NULL: nothing. */
typedef struct Before {
    BmRecall *recall;
    BmKnown *known;
} Before;

static Before seen_before(BmOctets text)
{
    Before b = {bm_recall_new(), bm_known_new()};

    must(bm_recall_add(b.recall, text), "reading the description in advance", NULL);
    bm_recall_tell(b.recall, b.known);
    return b;
}

static void forget(Before *b)
{
    bm_known_free(b->known);
    bm_recall_free(b->recall);
}

typedef double (*Work)(BmOctets from, const Before *before, BmOutput *to, BmBerStats *stats);

static double send_guest(BmOctets from, const Before *before, BmOutput *to, BmBerStats *stats)
{
    BmStreamVisitor *out = bm_ber_stream_out(to, 0, stats);
    Clock clock = {{{&clock_ops}, out}, 0};
    BmLegacyOptions options = {.live = TRUE, .recall = before->recall};
    BmInput *in = bm_input_memory(from.data, from.len);
    GError *error = NULL;

    bm_ber_stream_out_known(out, before->known ? bm_known_digests(before->known) : NULL);
    must(bm_legacy_read(in, &clock.pass.base, &options, &error), "sending", error);
    double took = microseconds() - clock.start;

    bm_stream_free(out);
    bm_input_free(in);
    return took;
}

static double receive_guest(BmOctets from, const Before *before, BmOutput *to, BmBerStats *stats)
{
    BmStreamVisitor *out = bm_legacy_stream_out(to);
    Clock clock = {{{&clock_ops}, out}, 0};
    BmInput *in = bm_input_memory(from.data, from.len);
    GError *error = NULL;

    bm_legacy_stream_out_recall(out, before->recall);
    must(bm_ber_stream_read_known(in, &clock.pass.base, before->known, stats, &error), "receiving",
         error);
    double took = microseconds() - clock.start;

    bm_stream_free(out);
    bm_input_free(in);
    return took;
}

/* ---- measuring ---- */

typedef struct Contender {
    const char *name;
    Work work;
    BmOctets from, text; /* text: of the description that was seen before; NULL data: none was */
    double took[ROUNDS];
    uint64_t description; /* octets of it on the wire */
} Contender;

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void measure(Contender *c, int round)
{
    Before before = c->text.data ? seen_before(c->text) : (Before){NULL, NULL};
    BmOutput *to = bm_output_memory();
    BmBerStats stats = {0};

    c->took[round] = c->work(c->from, &before, to, &stats) / 1e3;
    c->description = bm_ber_stats_description(&stats);
    bm_output_free(to);
    forget(&before);
}

static void print(Contender *c)
{
    double bits = 8.0 * (double)c->description;

    qsort(c->took, ROUNDS, sizeof(*c->took), compare);
    printf("| %s | %.2f | %.2f | %.2f | %" G_GUINT64_FORMAT " | %.2f | %.2f |\n", c->name,
           c->took[ROUNDS / 2], c->took[0], c->took[ROUNDS - 1], c->description, bits / 1e6,
           bits / 1e5);
}

/* In turn, so that whatever else the machine does hits all alike. */
static void measure_all(Contender *list, size_t n)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < n; i++) {
            measure(&list[i], round);
        }
    }
    printf("| | ms of one processor | least | most | description, octets | ms at 1 Gbit/s | ms at "
           "100 Mbit/s |\n|---|---:|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < n; i++) {
        print(&list[i]);
    }
}

/* Both ways, compared; what lay between is `between`. */
static void go_both_ways(BmOctets origin, const Before *sender, const Before *receiver,
                         BmOutput *between)
{
    BmOutput *again = bm_output_memory();
    BmBerStats stats;
    BmOctets back;

    send_guest(origin, sender, between, &stats);
    receive_guest(bm_output_memory_data(between), receiver, again, &stats);
    back = bm_output_memory_data(again);
    must(back.len == origin.len && !memcmp(back.data, origin.data, origin.len),
         "getting the octets back", NULL);
    bm_output_free(again);
}

/* What a guest of the same kind may have left: one name in the middle is another. */
static BmOctets other_text(BmOctets text)
{
    static const char name[] = "\"name\"";
    uint8_t *copy = g_memdup2(text.data, text.len);
    uint8_t *at = memmem(copy + text.len / 2, text.len / 2, name, strlen(name));

    must(at != NULL, "finding a name in the description", NULL);
    at += strlen(name);
    at += strcspn((char *)at, "\"") + 1;
    *at = *at == 'x' ? 'y' : 'x';
    return (BmOctets){copy, text.len};
}

/* Adds both ends of a move, of which they have seen this text before; NULL data: none. */
static void add_move(GArray *contenders, const char *const names[2], BmOctets origin, BmOctets text,
                     BmOutput *between)
{
    Before sender = text.data ? seen_before(text) : (Before){NULL, NULL};
    Before receiver = text.data ? seen_before(text) : (Before){NULL, NULL};

    go_both_ways(origin, &sender, &receiver, between);
    forget(&sender);
    forget(&receiver);
    Contender c[2] = {{names[0], send_guest, origin, text},
                      {names[1], receive_guest, bm_output_memory_data(between), text}};

    g_array_append_vals(contenders, c, G_N_ELEMENTS(c));
}

static void run(BmOctets origin, gboolean only_check)
{
    g_autoptr(GArray) contenders = g_array_new(FALSE, TRUE, sizeof(Contender));
    BmOutput *between[] = {bm_output_memory(), bm_output_memory(), bm_output_memory(),
                           bm_output_memory()};
    Before fresh = {bm_recall_new(), NULL};
    BmOctets text, other;

    go_both_ways(origin, &fresh, &(Before){NULL, NULL}, between[0]);
    text = bm_recall_last(fresh.recall);
    must(text.data != NULL, "finding a description", NULL);
    other = other_text(text);
    add_move(contenders, (const char *const[]){"send", "recv"}, origin, (BmOctets){NULL, 0},
             between[1]);
    add_move(contenders, (const char *const[]){"send, seen before", "recv, seen before"}, origin,
             text, between[2]);
    add_move(contenders, (const char *const[]){"send, seen but for a name", "recv, the same"},
             origin, other, between[3]);
    if (!only_check) {
        measure_all((Contender *)(void *)contenders->data, contenders->len);
    }
    g_free((uint8_t *)other.data);
    forget(&fresh);
    for (size_t i = 0; i < G_N_ELEMENTS(between); i++) {
        bm_output_free(between[i]);
    }
}

int main(int argc, char **argv)
{
    gboolean only_check = argc == 3 && !strcmp(argv[1], "--check");
    char *octets;
    gsize len;

    must((argc == 2 || only_check) && g_file_get_contents(argv[argc - 1], &octets, &len, NULL),
         "reading FILE", NULL);
    run((BmOctets){(uint8_t *)octets, len}, only_check);
    g_free(octets);
    return 0;
}
