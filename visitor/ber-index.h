/* SPDX-License-Identifier: BSD-2-Clause */
/* The Index record of asn1/bermig.asn1, as a writer and both kinds of reader have it. */
#ifndef BM_BER_INDEX_H
#define BM_BER_INDEX_H

#include "index.h"

/* Another Index record, of the level below. */
typedef struct BmIndexChild {
    uint32_t block; /* of its first range */
    uint64_t page;
    uint64_t position; /* offset of the record */
} BmIndexChild;

typedef struct BmIndexNode {
    uint64_t level;     /* 0: it has ranges, else children of the level below */
    uint64_t page_size; /* 0: absent */
    gboolean root;
    BmView blocks;    /* root: the members of RamBlocks; valid as long as the record */
    GArray *ranges;   /* BmIndexRange, in order */
    GArray *children; /* BmIndexChild, in order */
} BmIndexNode;

void bm_index_node_init(BmIndexNode *node);
void bm_index_node_clear(BmIndexNode *node);
/* Reads a record that stands at `position`; the node has been initialised. */
gboolean bm_index_node_read(BmIndexNode *node, BmView body, uint64_t position, GError **error);

/* The record: head, entries, tail. */
void bm_index_write_head(BmWriter *w, uint64_t level, uint64_t page_size, const BmItem *blocks);
void bm_index_write_range(BmWriter *w, const BmIndexRange *range);
void bm_index_write_child(BmWriter *w, const BmIndexChild *child);
void bm_index_write_tail(BmWriter *w, uint64_t position);

#endif
