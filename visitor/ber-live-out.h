/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of live sections: which section, its items, its end.
 *
 * A section may need several: its first record is written when the arena of page data is
 * full, or when the source is about to wait; the section then goes on in More records.
 */
#ifndef BM_BER_LIVE_OUT_H
#define BM_BER_LIVE_OUT_H

#include "ber-pages-out.h"
#include "ber-record-out.h"
#include "index-out.h"

typedef struct BmLiveOut {
    BmRecordOut *records;
    BmPagesOut pages;
    BmIndexOut *index; /* owned; NULL: the stream gets none */
    /* the section that is open */
    gboolean in_section;
    gboolean continued; /* its next record is a More */
    gboolean in_record; /* the writer holds a record of it, its items are open */
    BmPhase phase;
    BmSection section; /* name is a copy */
} BmLiveOut;

/* `records` stays the caller's.  `level`: of zstd, as bm_ber_stream_out() has it. */
void bm_live_out_init(BmLiveOut *l, BmRecordOut *records, int level);
void bm_live_out_clear(BmLiveOut *l);

/* A section and its items, as stream.h has them. */
void bm_live_out_begin(BmLiveOut *l, BmPhase phase, const BmSection *section);
gboolean bm_live_out_item(BmLiveOut *l, const BmItem *item, GError **error);
gboolean bm_live_out_end(BmLiveOut *l, gboolean bare, GError **error);

/* What the open section has given so far goes out, if there is one, before a record that
 * comes between its items or takes the place of all that is left. */
gboolean bm_live_out_interrupt(BmLiveOut *l, GError **error);
/* The same where nothing comes between: a record that has not been begun is not needed. */
gboolean bm_live_out_flush(BmLiveOut *l, GError **error);

#endif
