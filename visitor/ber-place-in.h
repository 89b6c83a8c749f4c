/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The items of a record whose pages go straight to where they belong.
 *
 * Runs and batches of plain pages are read there; all other items, those that are
 * wrong among them, and pages for which the stream visitor has no place are read whole
 * and go the usual way.  What nobody looks at (bm_stream_nowhere) is jumped over,
 * compressed or not.
 */
#ifndef BM_BER_PLACE_IN_H
#define BM_BER_PLACE_IN_H

#include "ber-items-in.h"

typedef struct BmPlaceIn BmPlaceIn;

/* NULL if the visitor takes no places.  All stay the caller's. */
BmPlaceIn *bm_place_in_new(BmItemsIn *items, BmInput *input, BmFault *fault);
/* NULL is fine. */
void bm_place_in_free(BmPlaceIn *place);

/* What records are read with; owned by *place. */
BmPieces *bm_place_in_pieces(BmPlaceIn *place);

/* Reads the items that are the next `len` octets of the record that was begun. */
gboolean bm_place_in_read(BmPlaceIn *place, uint64_t len, GError **error);

#endif
