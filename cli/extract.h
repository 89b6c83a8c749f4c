/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream visitor that puts the pages of a guest's RAM where its images say, and
 * collects the registers of its processors.
 */
#ifndef BM_EXTRACT_H
#define BM_EXTRACT_H

#include "image.h"
#include "registers.h"
#include "stream.h"

typedef struct BmExtract BmExtract;

struct BmExtract {
    /* The list of blocks has come: gives each image its extents (none: its pages go
     * nowhere). */
    gboolean (*open)(BmExtract *extract, void *data, GError **error);
    void *data;

    /* what is known by then */
    char *machine;   /* "" if the stream does not say */
    GArray *blocks;  /* BmRamBlock, names owned */
    BmImage *images; /* one for each block */

    GArray *registers; /* BmRegisters, in the order of the stream */
    uint64_t page_size;
    uint8_t *page;           /* room for an encoded one */
    uint64_t pages;          /* full and encoded ones */
    gboolean shared_ignored; /* the stream leaves out memory that both sides share */
};

void bm_extract_init(BmExtract *extract);
void bm_extract_clear(BmExtract *extract);

/* The visitor; `extract` must outlive it. */
BmStreamVisitor *bm_extract_stream(BmExtract *extract);

#endif
