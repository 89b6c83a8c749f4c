/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shared by the dump-*.c files.
 */
#ifndef BM_DUMP_IMPL_H
#define BM_DUMP_IMPL_H

#include "dump.h"
#include "names.h"
#include "path.h"

typedef struct BmDump {
    BmStreamVisitor base;
    BmPrinter *printer;
    BmOutput *out;
    GPatternSpec *glob; /* NULL: all */
    gboolean pages;
    BmPath path;           /* of the leaf that comes next */
    const char *state_key; /* of a device's values; NULL: they are all there is */
    BmNames *roots;
    GString *section;       /* name of the live section */
    GPtrArray *blocks;      /* names of RAM blocks */
    GString *node, *bitmap; /* names of a dirty bitmap */
    gboolean running;       /* `run` is not printed yet */
    uint32_t run_block;
    BmRun run;
} BmDump;

/* The arguments are not evaluated if the printer has no such function. */
#define bm_printer_call(dump, op, ...)                                                             \
    do {                                                                                           \
        BmPrinter *printer_ = (dump)->printer;                                                     \
        if (printer_->ops->op) {                                                                   \
            printer_->ops->op(printer_, ##__VA_ARGS__);                                            \
        }                                                                                          \
    } while (0)

/* ---- dump-leaf.c ---- */

/* Starts a path anew. */
void bm_dump_root(BmDump *d, const char *root);
/* One leaf at the present path. */
void bm_dump_leaf(BmDump *d, const char *key, const BmLeaf *leaf);
/* One leaf, `name` below the present path. */
void bm_dump_put(BmDump *d, const char *name, const BmLeaf *leaf);
void bm_dump_put_number(BmDump *d, const char *name, const char *type, uint64_t value);
void bm_dump_put_string(BmDump *d, const char *name, const char *text);
/* The octets of a whole record: its path is "ROOT(octets)(1)". */
void bm_dump_root_octets(BmDump *d, const char *root, BmOctets octets, gboolean bulk);
BmLeaf bm_leaf_string(const char *text);

/* Errors of writing stick, so one look per record is enough. */
gboolean bm_dump_written(BmDump *d, GError **error);

/* ---- dump-live.c ---- */

gboolean bm_dump_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                            GError **error);
gboolean bm_dump_live_item(BmStreamVisitor *s, const BmItem *item, GError **error);
gboolean bm_dump_live_end(BmStreamVisitor *s, gboolean bare, GError **error);

/* ---- dump-values.c ---- */

/* An output visitor for the values of one device, at the present path. */
BmVisitor *bm_dump_values(BmDump *d);

#endif
