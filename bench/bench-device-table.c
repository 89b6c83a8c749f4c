/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saving and loading real device tables as BER, beside the same through the
 * QEMUFile visitors: time per device, and calls of the allocator.
 *
 * Everything is measured in turn in one run, so that the ratios hold when the
 * machine's speed drifts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "compat.h"
#include "devices.h"
#include "legacy-values.h"
#include "table.h"

#define ROUNDS 11
#define REPEAT 2000

/* ---- counting what the allocator is asked for ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static unsigned long allocations;

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}

/* ---- the four things to do ---- */

typedef struct Bench {
    const BmTable *table;
    void *object;
    BmSchemaSet *set;
    const BmSchema *schema;
    BmWriter w;
    BmOctets ber;    /* the device's values, a copy */
    BmOctets legacy; /* its body in QEMU's stream, a copy */
} Bench;

static void must(gboolean ok, const GError *error)
{
    if (!ok) {
        fprintf(stderr, "%s\n", error ? error->message : "failed");
        exit(1);
    }
}

static void save_ber(Bench *b)
{
    GError *error = NULL;
    BmVisitor *in = bm_visitor_table_in(b->table, b->object), *out;

    bm_writer_reset(&b->w);
    out = bm_visitor_ber_out(&b->w);
    must(bm_walk(b->schema, in, out, NULL, &error), error);
    bm_visitor_free(out);
    bm_visitor_free(in);
}

static void save_legacy(Bench *b)
{
    GError *error = NULL;
    BmOutput *output = bm_output_memory();
    BmVisitor *in = bm_visitor_table_in(b->table, b->object);
    BmVisitor *out = bm_visitor_legacy_out(output);

    must(bm_walk(b->schema, in, out, NULL, &error), error);
    if (!b->legacy.data) {
        BmOctets data = bm_output_memory_data(output);

        b->legacy = (BmOctets){g_memdup2(data.data, data.len), data.len};
    }
    bm_visitor_free(out);
    bm_visitor_free(in);
    bm_output_free(output);
}

static void load_ber(Bench *b)
{
    GError *error = NULL;
    BmFault fault = {0};
    BmVisitor *in = bm_visitor_ber_in(bm_view(b->ber.data, b->ber.len, 0, &fault));

    must(bm_table_load(b->table, b->object, b->schema, in, NULL, &error), error);
    bm_visitor_free(in);
}

static void load_legacy(Bench *b)
{
    GError *error = NULL;
    BmFault fault = {0};
    BmVisitor *in = bm_visitor_legacy_in(bm_view(b->legacy.data, b->legacy.len, 0, &fault));

    must(bm_table_load_plain(b->table, b->object, b->table->version, in, &error), error);
    bm_visitor_free(in);
}

/* ---- measuring ---- */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double once(Bench *b, void (*run)(Bench *))
{
    double begin = now();

    for (int i = 0; i < REPEAT; i++) {
        run(b);
    }
    return (now() - begin) / REPEAT;
}

static unsigned long allocations_of(Bench *b, void (*run)(Bench *))
{
    unsigned long before = allocations;

    run(b);
    return allocations - before;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void compare(Bench *b, const char *name, const char *what, void (*ber)(Bench *),
                    void (*legacy)(Bench *))
{
    double a[ROUNDS], z[ROUNDS], ratio[ROUNDS];
    uint64_t leaves, opaque;

    for (int i = 0; i < ROUNDS; i++) {
        a[i] = once(b, ber);
        z[i] = once(b, legacy);
        ratio[i] = a[i] / z[i];
    }
    qsort(a, ROUNDS, sizeof a[0], by_value);
    qsort(z, ROUNDS, sizeof z[0], by_value);
    qsort(ratio, ROUNDS, sizeof ratio[0], by_value);
    bm_schema_count_leaves(b->schema, &leaves, &opaque);
    printf("| %s | %s | %" G_GUINT64_FORMAT " | %.0f | %.0f | %.2f (%.2f-%.2f) | %lu | %lu |\n",
           name, what, leaves, a[ROUNDS / 2], z[ROUNDS / 2], ratio[ROUNDS / 2], ratio[0],
           ratio[ROUNDS - 1], allocations_of(b, ber), allocations_of(b, legacy));
}

static void measure(const Device *device)
{
    GError *error = NULL;
    Bench b = {.table = device->table, .object = g_malloc0(device->size)};

    b.set = bm_schema_set_new();
    b.schema = bm_table_describe(b.table, b.object, b.set, &error);
    must(b.schema != NULL, error);
    bm_writer_init(&b.w);
    save_ber(&b);
    b.ber = (BmOctets){g_memdup2(b.w.data, b.w.len), b.w.len};
    save_legacy(&b);
    compare(&b, b.table->name, "save", save_ber, save_legacy);
    compare(&b, b.table->name, "load", load_ber, load_legacy);
    bm_table_clear(b.table, b.object);
    bm_writer_clear(&b.w);
    bm_schema_set_free(b.set);
    g_free((void *)b.ber.data);
    g_free((void *)b.legacy.data);
    g_free(b.object);
}

int main(void)
{
    printf("| device | | fields | BER, ns | QEMUFile, ns | ratio (min-max) | allocations | "
           "QEMUFile's |\n|---|---|---:|---:|---:|---:|---:|---:|\n");
    measure(&device_i8254);
    measure(&device_mc146818rtc);
    measure(&device_e1000);
    return 0;
}
