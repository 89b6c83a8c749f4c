/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The records of a stream that is written: one is built at a time, in `w`, and counted when
 * it goes out.
 */
#ifndef BM_BER_RECORD_OUT_H
#define BM_BER_RECORD_OUT_H

#include "stream.h"

typedef struct BmRecordOut {
    BmOutput *out;
    BmBerStats *stats;
    BmWriter w;
} BmRecordOut;

/* `out` and *stats stay the caller's. */
void bm_record_out_init(BmRecordOut *r, BmOutput *out, BmBerStats *stats);
void bm_record_out_clear(BmRecordOut *r);

/* Returns the writer, in which a record of this type is open. */
BmWriter *bm_record_out_open(BmRecordOut *r, BmRecordType type);
/* Writes the record.  FALSE sets *error: the writer's fault, or the output's. */
gboolean bm_record_out_close(BmRecordOut *r, BmRecordType type, GError **error);

/* Sets *error to why the output failed; returns FALSE. */
gboolean bm_record_out_failed(const BmRecordOut *r, GError **error);

#endif
