/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptions that a receiver has before a stream begins, each one a set of schemas under
 * its digest (SPEC.md 5.16).  It tells the sender the digests, and one Known record then
 * stands for all Schema records of the set.
 */
#ifndef BM_KNOWN_H
#define BM_KNOWN_H

#include "stream.h"

/* The capability of a receiver that has some; its parameters are the digests. */
#define BM_KNOWN_CAPABILITY "description-cache"

typedef struct BmKnown BmKnown;

BmKnown *bm_known_new(void);
void bm_known_free(BmKnown *known); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmKnown, bm_known_free)

/* The set stays the caller's, and must stay as long as `known` and streams that are read with
 * it.  A set without schemas, and one that is there already, are passed over. */
void bm_known_add(BmKnown *known, BmSchemaSet *set);

/* The digests of all sets that were not lent, in the order in which they came;
 * NULL-terminated.  `known`'s, until it is changed, lends or is freed. */
const char *const *bm_known_digests(BmKnown *known);

/* The set of this digest (BM_SCHEMA_DIGEST_LEN octets) that has `count` schemas; NULL if there
 * is none.  Once: a stream may add schemas of its own to a set, which is another one then. */
BmSchemaSet *bm_known_lend(BmKnown *known, const uint8_t *digest, uint64_t count);

/* As bm_ber_stream_read(), of a sender that may have been told of what is known; NULL: it was
 * told of nothing, and a Known record is BM_UNKNOWN. */
gboolean bm_ber_stream_read_known(BmInput *in, BmStreamVisitor *s, BmKnown *known,
                                  BmBerStats *stats, GError **error);

/* The other side: `s` is a bm_ber_stream_out() whose reader knows these digests (NULL: none),
 * which stay the caller's.  The schemas of a description that is one of them, and before which
 * none were sent, become a Known record.  Not for a file: nobody else can read that. */
void bm_ber_stream_out_known(BmStreamVisitor *s, const char *const *digests);

#endif
