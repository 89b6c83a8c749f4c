/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records of live sections: which section, its items, its end.
 *
 * A large record whose pages have a place (bm_stream_place()) is read piece by piece, its
 * pages to where they belong; any other one is read whole before.
 */
#ifndef BM_BER_LIVE_IN_H
#define BM_BER_LIVE_IN_H

#include "ber-place-in.h"

typedef struct BmLiveIn {
    BmInput *in;
    BmFault *fault;
    BmItemsIn items;
    BmPlaceIn *place; /* NULL: the visitor has no places for pages */
    GTree *sections;  /* by id; no hash, since ids are a stranger's */
    gboolean open;    /* a section goes on in the next record */
    uint32_t open_id;
} BmLiveIn;

/* `in`, `s` and *fault stay the caller's. */
void bm_live_in_init(BmLiveIn *l, BmInput *in, BmStreamVisitor *s, BmFault *fault);
void bm_live_in_clear(BmLiveIn *l);

/* A Start, Part, End or More that was read whole. */
gboolean bm_live_in_read(BmLiveIn *l, const BmRecord *r, GError **error);

/* TRUE: the next record is one to be read piece by piece.  Looks ahead, moves nothing. */
gboolean bm_live_in_is_next_placed(const BmLiveIn *l);
/* Such a record; *r is what bm_pieces_begin() said of it. */
gboolean bm_live_in_read_placed(BmLiveIn *l, const BmRecord *r, GError **error);

#endif
