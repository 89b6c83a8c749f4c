/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all printed forms of a stream have in common: which leaves there are,
 * what they are called, which of them match the glob.  A BmPrinter says what
 * they look like.
 */
#ifndef BM_DUMP_H
#define BM_DUMP_H

#include "leaf.h"
#include "stream.h"

/* Bulk octets: how many are shown of more than how many. */
#define BM_DUMP_BULK 4096
#define BM_DUMP_SHOWN 64
BmOctets bm_leaf_shown(const BmLeaf *leaf);

typedef enum BmDumpShape {
    BM_SHAPE_OBJECT, /* members with keys */
    BM_SHAPE_ARRAY,  /* elements, each at its place */
    BM_SHAPE_ITEMS   /* things that happened one after the other */
} BmDumpShape;

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
    void (*open)(BmPrinter *, const char *key, BmDumpShape shape);
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

/* The same for the values of one device, as a visitor; owns `printer`. */
BmVisitor *bm_dump_visitor(BmPrinter *printer, BmOutput *out, const char *root);

#endif
