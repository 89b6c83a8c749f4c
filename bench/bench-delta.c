/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would pages that are sent again be smaller as what changed since they were sent last?
 *
 * Reads streams of QEMU whose guests ran meanwhile, remembers the last version of each
 * page, and compresses those that come again in batches of 1 MiB, as the writer of BER
 * does: as they are, and as the exclusive or with the version before.
 *
 * usage: bench-delta STREAM...
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"

#define BATCH (1u << 20)
#define LEVEL 1

typedef struct Batch {
    BmZstd *zstd;
    uint8_t *data;
    size_t len;
    uint64_t packed; /* octets of all batches */
    double seconds;  /* processor time */
} Batch;

typedef struct Delta {
    BmStreamVisitor base;
    uint64_t page_size;
    GHashTable *last; /* "block:page" -> octets; zero pages are not in it */
    uint64_t pages, again, same, changed;
    Batch whole, difference;
} Delta;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- batches ---- */

static void batch_init(Batch *b)
{
    b->zstd = bm_zstd_new(LEVEL);
    b->data = g_malloc(BATCH);
}

static void batch_clear(Batch *b)
{
    bm_zstd_free(b->zstd);
    g_free(b->data);
}

/* Compressed, or as it is, whatever the writer would take. */
static void batch_flush(Batch *b)
{
    BmOctets packed = {NULL, b->len};

    if (!bm_zstd_compress(b->zstd, (BmOctets){b->data, b->len}, &packed)) {
        packed.len = b->len;
    }
    b->packed += packed.len;
    b->len = 0;
}

/* Room for a page; its octets are the caller's to write. */
static uint8_t *batch_page(Batch *b, size_t len)
{
    uint8_t *page;

    if (b->len + len > BATCH) {
        batch_flush(b);
    }
    page = b->data + b->len;
    b->len += len;
    return page;
}

/* ---- pages ---- */

static uint64_t exclusive_or(uint8_t *to, const uint8_t *a, const uint8_t *b, size_t len)
{
    uint64_t changed = 0;

    for (size_t i = 0; i < len; i++) {
        to[i] = a[i] ^ b[i];
        changed += to[i] != 0;
    }
    return changed;
}

static void add_again(Delta *d, const uint8_t *page, const uint8_t *before)
{
    double begin = now(), middle;

    memcpy(batch_page(&d->whole, d->page_size), page, d->page_size);
    middle = now();
    d->changed +=
        exclusive_or(batch_page(&d->difference, d->page_size), page, before, d->page_size);
    d->whole.seconds += middle - begin;
    d->difference.seconds += now() - middle;
    d->again++;
    d->same += memcmp(page, before, d->page_size) == 0;
}

static void take_page(Delta *d, uint32_t block, uint64_t number, const uint8_t *page)
{
    char *name = g_strdup_printf("%u:%" G_GUINT64_FORMAT, block, number);
    uint8_t *before = g_hash_table_lookup(d->last, name);

    d->pages++;
    if (before) {
        add_again(d, page, before);
        memcpy(before, page, d->page_size);
        g_free(name);
        return;
    }
    g_hash_table_insert(d->last, name, g_memdup2(page, d->page_size));
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Delta *d = (Delta *)s;

    (void)error;
    if (item->type == BM_ITEM_PAGE_SIZE) {
        d->page_size = item->value;
    }
    for (uint64_t i = 0; item->type == BM_ITEM_PAGES && i < item->count; i++) {
        take_page(d, item->block, item->page + i, item->data.data + i * d->page_size);
    }
    return TRUE;
}

static const BmStreamOps delta_ops = {.live_item = live_item,
                                      .free = (void (*)(BmStreamVisitor *))g_free};

/* ---- one stream ---- */

static void print_row(const char *path, const Delta *d)
{
    double octets = (double)(d->again * d->page_size);

    if (d->again == 0) {
        printf("| %s | %" G_GUINT64_FORMAT " | 0 | | | | | |\n", path, d->pages);
        return;
    }
    printf("| %s | %" G_GUINT64_FORMAT " | %" G_GUINT64_FORMAT
           " | %.1f %% | %.1f %% | %.3f | %.3f | %.2f | %.2f |\n",
           path, d->pages, d->again, 100 * (double)d->same / (double)d->again,
           100 * (double)d->changed / octets, (double)d->whole.packed / octets,
           (double)d->difference.packed / octets, octets / d->whole.seconds * 1e-9,
           octets / d->difference.seconds * 1e-9);
}

static gboolean measure(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    Delta *d = g_new0(Delta, 1);
    BmInput *in = bm_input_fd(fd);
    gboolean ok;

    d->base.ops = &delta_ops;
    d->last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    batch_init(&d->whole);
    batch_init(&d->difference);
    ok = bm_legacy_read(in, &d->base, NULL, error);
    if (ok) {
        double begin = now(), middle;

        batch_flush(&d->whole);
        middle = now();
        batch_flush(&d->difference);
        d->whole.seconds += middle - begin;
        d->difference.seconds += now() - middle;
        print_row(path, d);
    }
    batch_clear(&d->whole);
    batch_clear(&d->difference);
    g_hash_table_unref(d->last);
    bm_input_free(in);
    bm_stream_free(&d->base);
    close(fd);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench-delta STREAM...\n");
        return 2;
    }
    printf("| stream | full pages | sent again | of these unchanged | octets changed | zstd -%d | "
           "delta, "
           "then zstd | GB/s | GB/s |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
           LEVEL);
    for (int i = 1; i < argc; i++) {
        g_autoptr(GError) error = NULL;

        if (!measure(argv[i], &error)) {
            fprintf(stderr, "bench-delta: %s: %s\n", argv[i], error->message);
            return 1;
        }
    }
    return 0;
}
