/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which devices a guest has, taken from a stream that was saved earlier and kept
 * to be announced in another one.
 */
#ifndef BM_ANNOUNCES_H
#define BM_ANNOUNCES_H

#include "stream.h"

typedef struct BmAnnounces BmAnnounces;

BmAnnounces *bm_announces_new(void);
void bm_announces_free(BmAnnounces *a); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmAnnounces, bm_announces_free)

/* An operation that takes devices and announces, with copies of their schemas.
 * BM_LIMIT for more than BM_LIMIT_DEVICES.  `a` must outlive it. */
BmStreamVisitor *bm_announces_collect(BmAnnounces *a);
uint32_t bm_announces_count(const BmAnnounces *a);

/* Announces all. */
gboolean bm_announces_send(const BmAnnounces *a, BmStreamVisitor *s, GError **error);
/* The set of the schemas: a stream has one, so whoever goes on with it adds his
 * there.  It lives as long as `a`. */
BmSchemaSet *bm_announces_schemas(BmAnnounces *a);

#endif
