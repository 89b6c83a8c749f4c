/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device of 4 fields and one of 256 ask the allocator about equally often: what saving
 * and loading need is taken once for each, whatever is in the device.
 *
 * A program of its own and not a Criterion test, because it has the allocator's names.
 * AddressSanitizer has them too; then there is nothing to count.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compat.h"
#include "legacy-values.h"
#include "table.h"

#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)

int main(void)
{
    puts("the allocator is not this program's: nothing can be counted");
    return 77;
}

#else

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

typedef struct Part {
    uint16_t a[3];
    int64_t b;
} Part;

typedef struct Few {
    uint32_t number;
    bool flag;
    uint8_t octets[8];
    Part part;
} Few;

#define PARTS 64

/* More of a larger device: memory that depends on its size may be somewhere else. */
#define FEW_MORE 2

typedef struct Many {
    uint32_t numbers[PARTS];
    bool flags[PARTS];
    uint8_t octets[PARTS][8];
    Part parts[PARTS];
} Many;

static const BmTableField part_fields[] = {
    BM_FIELD_U16_ARRAY(Part, a, 3),
    BM_FIELD_I64(Part, b),
    BM_FIELD_END,
};
static const BmTable part_table = {
    .name = "part", .version = 1, .fields = part_fields, .size = sizeof(Part)};

static const BmTableField few_fields[] = {
    BM_FIELD_U32(Few, number),
    BM_FIELD_BOOL(Few, flag),
    BM_FIELD_BUFFER(Few, octets),
    BM_FIELD_STRUCT(Few, part, part_table, Part),
    BM_FIELD_END,
};
static const BmTable few_table = {
    .name = "few", .version = 1, .fields = few_fields, .size = sizeof(Few)};

static char names[4 * PARTS][16];
static BmTableField many_fields[4 * PARTS + 1];
static BmTable many_table = {
    .name = "many", .version = 1, .fields = many_fields, .size = sizeof(Many)};

static void add_row(int n, const BmTableField *like, size_t offset)
{
    many_fields[n] = *like;
    g_snprintf(names[n], sizeof(names[n]), "%s%d", like->name, n / 4);
    many_fields[n].name = names[n];
    many_fields[n].offset = offset;
}

static void make_many(void)
{
    for (int i = 0; i < PARTS; i++) {
        add_row(4 * i, &few_fields[0], offsetof(Many, numbers) + i * sizeof(uint32_t));
        add_row(4 * i + 1, &few_fields[1], offsetof(Many, flags) + i * sizeof(bool));
        add_row(4 * i + 2, &few_fields[2], offsetof(Many, octets) + i * 8);
        add_row(4 * i + 3, &few_fields[3], offsetof(Many, parts) + i * sizeof(Part));
    }
}

static void must(gboolean ok, const char *what)
{
    if (!ok) {
        printf("%s\n", what);
        exit(1);
    }
}

/* What one saving and one loading ask for, when the writer has its memory already. */
static void count(const BmTable *table, const BmSchema *schema, void *object, BmWriter *w,
                  unsigned long *saving, unsigned long *loading)
{
    BmFault fault = {0};
    unsigned long before = allocations;

    bm_writer_reset(w);
    BmVisitor *in = bm_visitor_table_in(table, object), *out = bm_visitor_ber_out(w);
    must(bm_walk(schema, in, out, NULL, NULL), "saving fails");
    bm_visitor_free(in);
    bm_visitor_free(out);
    *saving = allocations - before;

    before = allocations;
    in = bm_visitor_ber_in(bm_view(w->data, w->len, 0, &fault));
    must(bm_table_load(table, object, schema, in, NULL, NULL), "loading fails");
    bm_visitor_free(in);
    *loading = allocations - before;
}

static void count_warm(const BmTable *table, void *object, unsigned long *saving,
                       unsigned long *loading)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = bm_table_describe(table, object, set, NULL);
    BmWriter w;

    must(schema != NULL, "no description");
    bm_writer_init(&w);
    count(table, schema, object, &w, saving, loading);
    count(table, schema, object, &w, saving, loading);
    bm_writer_clear(&w);
    bm_schema_set_free(set);
}

int main(void)
{
    static Few few;
    static Many many;
    unsigned long saving[2], loading[2];

    make_many();
    count_warm(&few_table, &few, &saving[0], &loading[0]);
    count_warm(&many_table, &many, &saving[1], &loading[1]);
    printf("saving: %lu with 4 fields, %lu with 256; loading: %lu, %lu\n", saving[0], saving[1],
           loading[0], loading[1]);
    return saving[0] > 0 && saving[1] <= saving[0] + FEW_MORE && loading[0] > 0 &&
                   loading[1] <= loading[0] + FEW_MORE
               ? 0
               : 1;
}

#endif
