/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a fuzz target without an engine:
 *
 *   fuzz-x                 over the seeds, their beginnings, and some changes
 *   fuzz-x FILE...         over these files, to see a finding again
 *   fuzz-x --write FOLDER  writes the seeds there, for an engine to begin with
 *
 * It ends by abort(), or a sanitizer's report, where something is wrong.
 */
#include <stdio.h>
#include <string.h>

#include "entry.h"

#define CHANGES 300

/* Stands for the engine's own. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size)
{
    static GRand *rand;

    (void)max_size;
    if (!rand) {
        rand = g_rand_new_with_seed(1);
    }
    if (size > 0) {
        data[g_rand_int(rand) % size] = (uint8_t)g_rand_int(rand);
    }
    return size;
}

static void run_beginnings(const GByteArray *seed)
{
    for (size_t len = 0; len < seed->len; len += 13) {
        LLVMFuzzerTestOneInput(seed->data, len);
    }
}

static void run_changes(const GByteArray *seed)
{
    size_t room = seed->len + 4096;
    uint8_t *data = g_malloc(room);

    for (unsigned i = 0; i < CHANGES; i++) {
        size_t size;

        memcpy(data, seed->data, seed->len);
        size = LLVMFuzzerCustomMutator(data, seed->len, room, i);
        LLVMFuzzerTestOneInput(data, size);
    }
    g_free(data);
}

static void run_seeds(void)
{
    GPtrArray *seeds = fuzz_seeds();

    for (guint i = 0; i < seeds->len; i++) {
        const GByteArray *seed = seeds->pdata[i];

        LLVMFuzzerTestOneInput(seed->data, seed->len);
        run_beginnings(seed);
        run_changes(seed);
    }
    g_ptr_array_unref(seeds);
}

static int write_seeds(const char *folder)
{
    GPtrArray *seeds = fuzz_seeds();
    int status = 0;

    for (guint i = 0; i < seeds->len; i++) {
        const GByteArray *seed = seeds->pdata[i];
        g_autofree char *path = g_strdup_printf("%s/seed-%u", folder, i);

        if (!g_file_set_contents(path, (const char *)seed->data, seed->len, NULL)) {
            fprintf(stderr, "%s could not be written\n", path);
            status = 1;
        }
    }
    g_ptr_array_unref(seeds);
    return status;
}

static int run_file(const char *path)
{
    g_autofree char *data = NULL;
    gsize size;

    if (!g_file_get_contents(path, &data, &size, NULL)) {
        fprintf(stderr, "%s could not be read\n", path);
        return 1;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)data, size);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc < 2) {
        run_seeds();
    } else if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        return write_seeds(argv[2]);
    }
    for (int i = 1; i < argc; i++) {
        status |= run_file(argv[i]);
    }
    return status;
}
