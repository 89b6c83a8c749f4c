/* SPDX-License-Identifier: BSD-2-Clause */
#include "file-map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Octets that are mapped at a time: they count as memory of the process. */
#define WINDOW ((uint64_t)4 << 20)

struct BmFileMap {
    int fd;
    uint64_t at, size;  /* of the file, as it was when the last window was opened */
    uint64_t from, len; /* what is mapped; `len` 0: nothing */
    const uint8_t *window;
};

static bool find_size(BmFileMap *m)
{
    struct stat st;

    if (fstat(m->fd, &st) < 0) {
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        errno = ENODEV;
        return false;
    }
    m->size = (uint64_t)st.st_size;
    return true;
}

BmFileMap *bm_file_map_new(int fd, uint64_t at)
{
    BmFileMap *m = calloc(1, sizeof(*m));

    if (m != NULL) {
        m->fd = fd;
        m->at = at;
    }
    if (m != NULL && !find_size(m)) {
        free(m);
        return NULL;
    }
    return m;
}

static void close_window(BmFileMap *m)
{
    if (m->len > 0) {
        munmap((void *)(uintptr_t)m->window, (size_t)m->len);
        m->len = 0;
    }
}

void bm_file_map_free(BmFileMap *m)
{
    if (m != NULL) {
        close_window(m);
        free(m);
    }
}

/* The one that holds the next octet, which there is. */
static bool open_window(BmFileMap *m)
{
    uint64_t from = m->at / WINDOW * WINDOW;
    uint64_t len = m->size - from < WINDOW ? m->size - from : WINDOW;
    void *window = mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED, m->fd, (off_t)from);

    if (window == MAP_FAILED) {
        return false;
    }
    m->window = window;
    m->from = from;
    m->len = len;
    return true;
}

ssize_t bm_file_map_read(BmFileMap *m, void *to, size_t len)
{
    if (m->at < m->from || m->at - m->from >= m->len) {
        close_window(m);
        if (!find_size(m)) {
            return -1;
        }
        if (m->at >= m->size) {
            return 0;
        }
        if (!open_window(m)) {
            return -1;
        }
    }
    uint64_t left = m->len - (m->at - m->from);
    size_t n = len < left ? len : (size_t)left;

    memcpy(to, m->window + (m->at - m->from), n);
    m->at += n;
    return (ssize_t)n;
}

uint64_t bm_file_map_at(const BmFileMap *m)
{
    return m->at;
}

uint64_t bm_file_map_left(const BmFileMap *m)
{
    return m->at < m->size ? m->size - m->at : 0;
}

void bm_file_map_go(BmFileMap *m, uint64_t at)
{
    m->at = at;
}
