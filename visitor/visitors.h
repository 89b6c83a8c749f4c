/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Visitors for looking at the values of one device: each takes them from a walk
 * (walk.h), whatever that walk reads from.
 */
#ifndef BM_VISITORS_H
#define BM_VISITORS_H

#include "visitor.h"

/* Prints one value per line, as `bermig dump` does:
 *
 *   slirp.bootp.bootp_clients(16)(8).[1].macaddr(6)(1).[3] = (uint8) 0x0
 *
 * `root` (may be NULL) is the first component of each path.  `out` stays the
 * caller's; nothing of the device is missing in it when the walk has ended. */
BmVisitor *bm_visitor_text(BmOutput *out, const char *root);

/* Writes the values as one JSON object: what `bermig dump --format=json` shows
 * as the "state" of a device (json-stream.c says how each kind looks). */
BmVisitor *bm_visitor_json_out(BmOutput *out);

/* ---- comparing ---- */

typedef enum BmDifferenceKind {
    BM_DIFFERENCE_VALUE,
    BM_DIFFERENCE_ONLY_A,
    BM_DIFFERENCE_ONLY_B,
    BM_DIFFERENCE_CONTENT,  /* of pages, or of a live section: only that they differ is known */
    BM_DIFFERENCE_UNDECIDED /* it is not known whether they do */
} BmDifferenceKind;

/* A is the first stream, or what is expected; B the other.  All texts are good
 * until the report returns; the path may hold any characters. */
typedef struct BmDifference {
    BmDifferenceKind kind;
    const char *path;
    const char *type_a, *type_b; /* "uint32"; NULL: there is no value */
    const char *a, *b;           /* "0x2", as a dump shows it */
} BmDifference;

typedef void (*BmDifferenceFunc)(const BmDifference *difference, void *data);

/* Output: reads a value from the input visitor `expected`, which stays the
 * caller's, for each one that it is given, and reports each that is another, the
 * elements of an array one by one.  What comes after the first `limit` is counted
 * and not reported.  Differences are no failure; a failure is one of `expected`,
 * which cannot follow the walk. */
BmVisitor *bm_visitor_compare(BmVisitor *expected, const char *root, BmDifferenceFunc report,
                              void *data, uint64_t limit);
/* Differences so far. */
uint64_t bm_visitor_compare_count(const BmVisitor *v);

/* ---- tracing ---- */

/* One visit: a value, the octets of an array as one; or the begin ("{") or end
 * ("}") of "struct NAME", "list NAME" or "subsection NAME".  A path has the names
 * of fields and the indices of elements, and no counts and sizes as in a dump: so
 * a visit has the same in a walk with a schema and in one without. */
typedef void (*BmTraceFunc)(const char *path, const char *type, const char *value, void *data);

/* Reports each visit of `inner` after it has succeeded, for any walk.  Input or
 * output as `inner` is, which it owns.  In a walk without a schema an input visitor
 * does not know the names of structs; let the output visitor be traced. */
BmVisitor *bm_visitor_trace(BmVisitor *inner, const char *root, BmTraceFunc trace, void *data);

/* A trace in memory.  The check of a device that got a table, or another one, has
 * three phases, each with a trace on either side and the two compared:
 *
 *   new to new   the table saved as BER; the table loaded from that
 *   old to new   the table loaded from octets of a program that has the device's
 *                old code; the table saved
 *   new to old   the table saved as such octets; those octets, along the old
 *                program's description of them
 */
typedef struct BmTrace BmTrace;

BmTrace *bm_trace_new(void);
void bm_trace_free(BmTrace *trace); /* NULL is fine */
/* A BmTraceFunc; `trace` is the BmTrace. */
void bm_trace_record(const char *path, const char *type, const char *value, void *trace);
guint bm_trace_length(const BmTrace *trace);
/* Visit `i`; owned by the trace. */
void bm_trace_get(const BmTrace *trace, guint i, const char **path, const char **type,
                  const char **value);
/* BM_MISMATCH at the path of the first visit that differs, or that only one has. */
gboolean bm_trace_compare(const BmTrace *expected, const BmTrace *got, GError **error);

/* ---- counting ---- */

typedef struct BmSizes {
    uint64_t origin; /* octets of the values in the origin's form (QEMU's) */
    uint64_t ber;    /* in BER: content of Values, without the description */
    uint64_t values; /* visits of a value, a packed array counts as one */
} BmSizes;

/* Counts what whole devices take, one or several; *sizes is set to 0 first.
 * Takes memory for one device in BER. */
BmVisitor *bm_visitor_size(BmSizes *sizes);

#endif
