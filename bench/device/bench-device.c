/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-device [--check | ROUNDS]: real devices, saved and loaded by us and by others
 * (peer.h).  Prints a line for each measurement, all separated by tabs:
 *
 *     DEVICE FIELDS save|load CONTENDER OCTETS NANOSECONDS
 *
 * where the last is processor time for all of the device.  Contenders take turns, so
 * that whatever else the machine does hits all alike.  Before anything is measured
 * each one has to load what it saved, and all values are compared; --check does only
 * that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "peer.h"

#define DEFAULT_ROUNDS 11
/* Processor time that one measurement takes at least. */
#define MEASURE_NS 2e6

static const Peer *const peers[] = {
    &peer_bermig, &peer_qemufile, &peer_raw,      &peer_asn1c,   &peer_tasn1, &peer_openssl,
    &peer_lber,   &peer_protobuf, &peer_gvariant, &peer_msgpack, &peer_cbor,  &peer_json,
};
#define PEERS G_N_ELEMENTS(peers)

typedef struct Contender {
    const Peer *peer;
    void *state;
    BmOctets octets;       /* saved by it */
    unsigned saves, loads; /* in one measurement */
} Contender;

static void fail(const Content *c, const Peer *peer, const char *what)
{
    fprintf(stderr, "bench-device: %s: %s: %s\n", peer->name, c->name, what);
    exit(1);
}

/* ---- what is measured ---- */

static void save(const Content *c, Contender *contender)
{
    if (!contender->peer->save(contender->state, &contender->octets)) {
        fail(c, contender->peer, "could not save");
    }
}

static void load(const Content *c, Contender *contender)
{
    if (!contender->peer->load(contender->state, contender->octets)) {
        fail(c, contender->peer, "could not load");
    }
}

static void verify(Content *c, Contender *contender)
{
    save(c, contender);
    content_forget(c);
    load(c, contender);
    if (!(contender->peer->own_object ? content_is_loaded_object(c, NULL) : content_is_loaded(c))) {
        fail(c, contender->peer, "loaded something else than was saved");
    }
}

/* ---- time ---- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

typedef void Work(const Content *c, Contender *contender);

static double measure(const Content *c, Contender *contender, Work *work, unsigned times)
{
    double begin = now();

    for (unsigned i = 0; i < times; i++) {
        work(c, contender);
    }
    return now() - begin;
}

/* How often for MEASURE_NS. */
static unsigned calibrate(const Content *c, Contender *contender, Work *work)
{
    unsigned times = 1;

    while (measure(c, contender, work, times) < MEASURE_NS / 2) {
        times *= 2;
    }
    return 2 * times;
}

static void print(const Content *c, const Contender *contender, const char *what, double ns)
{
    printf("%s\t%u\t%s\t%s\t%zu\t%.1f\n", c->name, c->n_values, what, contender->peer->name,
           contender->octets.len, ns);
}

static void run(Content *c, Contender *contenders, unsigned rounds)
{
    for (size_t i = 0; i < PEERS; i++) {
        contenders[i].saves = calibrate(c, &contenders[i], save);
        contenders[i].loads = calibrate(c, &contenders[i], load);
    }
    for (unsigned round = 0; round < rounds; round++) {
        for (size_t i = 0; i < PEERS; i++) {
            Contender *one = &contenders[i];

            print(c, one, "save", measure(c, one, save, one->saves) / one->saves);
            print(c, one, "load", measure(c, one, load, one->loads) / one->loads);
        }
    }
}

/* ---- all contenders, all devices ---- */

static void bench(const Device *device, unsigned rounds)
{
    g_autoptr(GError) error = NULL;
    Content *c = content_new(device, &error);
    Contender contenders[PEERS];

    if (!c) {
        fprintf(stderr, "bench-device: %s\n", error->message);
        exit(1);
    }
    for (size_t i = 0; i < PEERS; i++) {
        contenders[i] = (Contender){.peer = peers[i], .state = peers[i]->open(c)};
        if (!contenders[i].state) {
            fail(c, peers[i], "has no schema");
        }
        verify(c, &contenders[i]);
    }
    if (rounds > 0) {
        run(c, contenders, rounds);
    }
    for (size_t i = 0; i < PEERS; i++) {
        peers[i]->close(contenders[i].state);
    }
    content_free(c);
}

int main(int argc, char **argv)
{
    gboolean check = argc == 2 && !strcmp(argv[1], "--check");
    unsigned rounds = check ? 0 : argc == 2 ? (unsigned)atoi(argv[1]) : DEFAULT_ROUNDS;

    bench(&device_i8254, rounds);
    bench(&device_mc146818rtc, rounds);
    bench(&device_e1000, rounds);
    return 0;
}
