/* SPDX-License-Identifier: BSD-2-Clause */
/* A struct with a member of every type and shape that a table knows. */
#ifndef BM_TESTS_BOX_H
#define BM_TESTS_BOX_H

#include <stdbool.h>
#include <sys/queue.h>

#include "table.h"

#define BOX_MOST 5  /* elements of what is counted */
#define BOX_BITS 70 /* of the map in the box; twice as many elsewhere at most */

typedef struct Item {
    int16_t x;
    uint8_t y;
    TAILQ_ENTRY(Item) tail_link;
    LIST_ENTRY(Item) list_link;
} Item;

/* One whose description depends on what is in it. */
typedef struct Part {
    uint8_t n;
    uint16_t values[BOX_MOST];
    uint32_t *more; /* allocated, n */
    bool has_extra;
    uint8_t extra;
} Part;

typedef struct Box {
    bool yes;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    double f64;
    BmFloat80 f80;
    int64_t timer;
    uint8_t octets[4];
    char text[8];
    unsigned long map[BOX_BITS / (8 * sizeof(unsigned long)) + 1];
    /* fixed arrays */
    bool flags[3];
    uint8_t bytes[3];
    uint16_t words[2][2];
    int64_t longs[2];
    double floats[2];
    uint8_t lines[2][3]; /* buffers */
    /* counted ones, in the box */
    uint8_t n8;
    uint16_t n16;
    uint32_t n32;
    int32_t nint;
    uint64_t n64;
    uint32_t counted[BOX_MOST];
    Item items[BOX_MOST];
    uint8_t part_of_buffer[16];
    /* elsewhere */
    uint32_t *pointer;
    uint16_t *pointed;    /* n8 */
    int32_t *allocated;   /* n16 */
    uint8_t *buffer;      /* 2 * n32, allocated */
    unsigned long *map2;  /* nint bits, allocated */
    double *floats2;      /* n64, allocated */
    Item *item;           /* may be NULL */
    Item *items2;         /* nint, allocated */
    Part *parts2;         /* n8, allocated */
    Item *pointers[4];    /* any may be NULL */
    uint16_t *numbers[4]; /* any may be NULL */
    /* structs */
    Item one;
    Item two[2];
    Part parts[3];
    /* lists */
    GQueue *queue; /* of Part */
    GTree *tree;   /* of Item */
    GTree *nodes;  /* of Item to Part */
    TAILQ_HEAD(, Item) tailq;
    LIST_HEAD(, Item) list;
    /* odd ones */
    uint32_t swapped; /* through get/put */
    uint32_t split;   /* through a temporary, in two halves */
    uint8_t equal;
    int32_t at_most;
    bool has_later;
    uint32_t later; /* since 2, when has_later */
    bool has_sub;
    uint32_t sub;
} Box;

/* Order of the keys of `nodes`. */
gint compare_items(gconstpointer a, gconstpointer b);

extern const BmTable item_table, part_table, box_table;

/* With memory for what is pointed to, and the same pointers NULL in all that have
 * the same `nulls` (bits). */
Box *box_new(unsigned nulls);
void box_free(Box *box);
/* Values for all members. */
void box_fill(Box *box, GRand *random);

#endif
