/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream visitor that passes everything on to another one and notes what a
 * command wants to know: how far the stream is, and a few facts about it.
 *
 * The numbers may be read by another thread while the stream goes through.
 */
#ifndef BM_WATCH_H
#define BM_WATCH_H

#include <stdatomic.h>

#include "stream.h"

typedef struct BmWatch {
    BmStreamVisitor base;
    BmStreamVisitor *inner;
    const BmHello *hello; /* said behind the preamble; NULL: nothing is said */
    const BmInput *in;    /* either may be NULL */
    const BmOutput *out;

    _Atomic uint64_t pages;     /* full, zero and encoded ones */
    _Atomic uint64_t read;      /* octets taken from `in` */
    _Atomic uint64_t written;   /* octets given to `out` */
    atomic_bool return_path;    /* QEMU's source opened its return path */
    atomic_bool ending;         /* whole, and about to be ended */
    _Atomic uint64_t remainder; /* octets that were not understood */
} BmWatch;

/* Takes over `inner`. */
BmWatch *bm_watch_new(BmStreamVisitor *inner, const BmInput *in, const BmOutput *out);
/* The visitor to drive.  bm_watch_free() frees both. */
BmStreamVisitor *bm_watch_stream(BmWatch *watch);
/* For octets that go past the visitor: notes how far both ends are. */
void bm_watch_note(BmWatch *watch);
void bm_watch_free(BmWatch *watch);

#endif
