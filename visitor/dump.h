/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all printed forms of a stream have in common: which leaves there are,
 * what they are called, which of them match the glob.  A BmPrinter says what
 * they look like.
 */
#ifndef BM_DUMP_H
#define BM_DUMP_H

#include "stream.h"

typedef enum BmLeafForm {
    BM_LEAF_BOOLEAN,  /* bits */
    BM_LEAF_UNSIGNED, /* bits */
    BM_LEAF_SIGNED,   /* bits, number */
    BM_LEAF_FLOAT,    /* octets: a number of any size, bit for bit */
    BM_LEAF_OCTETS,   /* octets */
    BM_LEAF_STRING,   /* octets: UTF-8 */
    BM_LEAF_NULL,
    BM_LEAF_PRESENT,
    BM_LEAF_RUN /* run */
} BmLeafForm;

/* Neighbouring pages, or sectors, with the same kind of content. */
typedef struct BmRun {
    const char *content; /* "full", "zero", "fill", "xbzrle", "zlib" */
    uint64_t first, last;
    uint64_t fill;
} BmRun;

typedef struct BmLeaf {
    BmLeafForm form;
    const char *type; /* as shown; NULL for a run */
    uint64_t bits;    /* masked to the width */
    int64_t number;
    BmOctets octets;
    gboolean bulk; /* octets of the stream, not of a device: a long one may be cut */
    BmRun run;
} BmLeaf;

/* Bulk octets: how many are shown of more than how many. */
#define BM_DUMP_BULK 4096
#define BM_DUMP_SHOWN 64
BmOctets bm_leaf_shown(const BmLeaf *leaf);

typedef enum BmShape {
    BM_SHAPE_OBJECT, /* members with keys */
    BM_SHAPE_ARRAY,  /* elements, each at its place */
    BM_SHAPE_ITEMS   /* things that happened one after the other */
} BmShape;

/*
 * All functions are optional.  Leaves come between record() calls, at most one
 * record is open at a time.  `key` is NULL inside arrays and items; keys of a
 * device's state may repeat.
 */
typedef struct BmPrinter BmPrinter;

typedef struct BmPrinterOps {
    void (*begin)(BmPrinter *, const BmPreamble *);
    /* `held`: it counts only if a leaf follows. */
    void (*record)(BmPrinter *, const char *kind, gboolean held);
    void (*device)(BmPrinter *, const BmDevice *, const char *root);
    void (*section)(BmPrinter *, const BmSection *, BmPhase);
    void (*record_end)(BmPrinter *);
    void (*open)(BmPrinter *, const char *key, BmShape shape);
    void (*close)(BmPrinter *);
    /* An array of leaves of one type. */
    void (*packed)(BmPrinter *, const char *key, const char *type, uint64_t count);
    void (*packed_end)(BmPrinter *);
    void (*leaf)(BmPrinter *, const char *path, const char *key, const BmLeaf *);
    void (*skip)(BmPrinter *, const char *key); /* a leaf that does not match */
    void (*end)(BmPrinter *);
    void (*drain)(BmPrinter *); /* hand all that is printed to the output */
    void (*free)(BmPrinter *);
} BmPrinterOps;

struct BmPrinter {
    const BmPrinterOps *ops;
};

/* The operation; owns `printer`, `out` stays the caller's. */
BmStreamVisitor *bm_dump_stream(BmPrinter *printer, BmOutput *out, const char *glob,
                                gboolean pages);

#endif
