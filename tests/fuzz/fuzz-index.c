/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a file with an index: pages are read in any order, or there is an error
 * with words.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "entry.h"
#include "index.h"
#include "seeds.h"

/* Pages that are tried at both ends of each of the first blocks. */
#define TRIES 6
#define BLOCKS 8

static void must(gboolean holds)
{
    if (!holds) {
        abort();
    }
}

static void check_error(gboolean ok, GError *error)
{
    must(ok == (error == NULL));
    must(ok || (error->domain == BM_ERROR && error->message[0] != '\0'));
    g_clear_error(&error);
}

static void read_block(BmIndex *index, uint32_t block, uint64_t pages)
{
    g_autofree uint8_t *data = g_malloc(2 * bm_index_page_size(index));

    for (uint64_t i = 0; i < TRIES; i++) {
        GError *error = NULL;
        BmIndexRange range;
        uint64_t page = i < TRIES / 2 ? i : pages - 1 - i;

        gboolean ok = bm_index_find(index, block, page, &range, &error);

        check_error(ok, error);
        error = NULL;
        ok = bm_index_read(index, block, page, 1 + i % 2, data, &error);
        check_error(ok, error);
    }
}

static void read_all(BmIndex *index)
{
    uint32_t n;
    const BmRamBlock *blocks = bm_index_blocks(index, &n);

    for (uint32_t i = 0; bm_index_page_size(index) > 0 && i < MIN(n, BLOCKS); i++) {
        read_block(index, i, blocks[i].length / bm_index_page_size(index));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("fuzz-index", MFD_CLOEXEC);
    GError *error = NULL;
    BmIndex *index;

    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    index = bm_index_open(fd, &error);
    if (index) {
        read_all(index);
    }
    check_error(index != NULL, error);
    bm_index_free(index);
    close(fd);
    return 0;
}

GPtrArray *fuzz_seeds(void)
{
    return index_seeds();
}
