/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door of compat/: QEMU's own stream ("QEMUFile", magic QEVM), read and
 * written.  Facts are those of QEMU 2.5 to 11.1; where versions differ the
 * comment in the code says which one does what.
 */
#ifndef BM_COMPAT_H
#define BM_COMPAT_H

#include "recall.h"

typedef enum BmFormat { BM_FORMAT_UNKNOWN, BM_FORMAT_BER, BM_FORMAT_LEGACY } BmFormat;

/* Looks at the first octets without moving (BM_MAGIC_LEN are enough).  *name
 * is a word for what it is, also for formats that are neither ("qcow2 image",
 * "libvirt save image", "gzip", "TLS record", "empty file" ...); static text. */
BmFormat bm_detect(BmInput *in, const char **name);

/* Octets of header and configuration with which a QEMU stream begins.  Waits for
 * the first octet behind them, looks ahead only. */
gboolean bm_legacy_head(BmInput *in, size_t *len, GError **error);

/* The two commands of a negotiation (SPEC.md 5.11), and the answer of a QEMU. */
#define BM_LEGACY_PROBE_LEN 14
#define BM_LEGACY_OPEN_LEN 5 /* the first of the two */
#define BM_LEGACY_PONG_LEN 8
extern const uint8_t bm_legacy_probe[BM_LEGACY_PROBE_LEN];
extern const uint8_t bm_legacy_pong[BM_LEGACY_PONG_LEN];
/* SWITCHOVER_ACK: with the capability switchover-ack (8.1) it may come before. */
#define BM_LEGACY_AGREEMENT_LEN 4
extern const uint8_t bm_legacy_agreement[BM_LEGACY_AGREEMENT_LEN];

typedef struct BmLegacyOptions {
    /* The writer is a live QEMU: the stream ends with its description (or, when
     * none comes within `end_timeout_ms`, with its end marker), whatever may
     * follow.  Otherwise it ends with the input, and trailing octets count. */
    gboolean live;
    int end_timeout_ms;
    uint64_t held_limit;  /* octets of device state held until described; 0: 1 GiB */
    BmSchemaSet *schemas; /* to add those of the stream to; NULL: a set of its own */
    BmRecall *recall;     /* descriptions seen before, for one stream; NULL: none.  Schemas of the
                             stream are then its own; it is not used with `schemas`. */
} BmLegacyOptions;

/* Reads a legacy stream and drives `s`.  RAM passes through in bounded memory;
 * device sections are held until their description has come. */
gboolean bm_legacy_read(BmInput *in, BmStreamVisitor *s, const BmLegacyOptions *options,
                        GError **error);

/* Where the pages of a QEMU stream are. */
typedef enum BmLegacyForm {
    BM_LEGACY_PLAIN,    /* in the stream, whatever the origin was */
    BM_LEGACY_PLACES,   /* a mapped-ram file (QEMU 9.0 and later): each at its place */
    BM_LEGACY_AS_IT_WAS /* as the configuration says that the origin was */
} BmLegacyForm;

/* As bm_legacy_stream_out().  A mapped-ram file needs an output that has places
 * (bm_output_has_places()), BM_REFUSED without; so is what such a file cannot hold:
 * packages of postcopy, pages that travel elsewhere. */
BmStreamVisitor *bm_legacy_stream_out_as(BmOutput *out, BmLegacyForm form);

/* Writes a legacy stream, plain; `out` stays the caller's.  The end marker and what
 * follows it are held back until the source says that the stream is whole, so
 * that a loader never runs on half a stream. */
BmStreamVisitor *bm_legacy_stream_out(BmOutput *out);

#endif
