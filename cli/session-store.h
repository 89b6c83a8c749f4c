/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The octets of one direction of a session that the other end may ask for again:
 * a row of blocks, put in at its end, dropped from its beginning, addressed by
 * their position in the stream.
 *
 * It takes memory for what it holds, and keeps a little of what it held.
 */
#ifndef BM_SESSION_STORE_H
#define BM_SESSION_STORE_H

#include <glib.h>

#include "codec.h"

typedef struct BmStore BmStore;

/* An empty one whose first octet will be that at `position`, and which holds no
 * more than `window` octets. */
BmStore *bm_store_new(uint64_t position, uint64_t window);
void bm_store_free(BmStore *store); /* NULL is fine */

/* Where it begins, and the position behind its last octet. */
uint64_t bm_store_begin(const BmStore *store);
uint64_t bm_store_end(const BmStore *store);

/* Room for the next octets; *len is 0 if the window is full. */
uint8_t *bm_store_room(BmStore *store, size_t *len);
/* So many octets, no more than there was room, were put there. */
void bm_store_add(BmStore *store, size_t len);

/* Octets from `position` on, at most BM_LIMIT_FRAME_DATA and maybe fewer than
 * there are; none at the end.  Valid until they are dropped. */
BmOctets bm_store_at(const BmStore *store, uint64_t position);
/* Those before `position`, which is in the store, are not needed any more. */
void bm_store_drop(BmStore *store, uint64_t position);

#endif
