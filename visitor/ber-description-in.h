/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stream says of its devices: schemas before their use, or a digest that stands for
 * those that are known; and at the end the description that QEMU wrote.
 */
#ifndef BM_BER_DESCRIPTION_IN_H
#define BM_BER_DESCRIPTION_IN_H

#include "known.h"
#include "stream.h"

typedef struct BmDescriptionIn {
    BmSchemaSet *set, *own; /* the own one, unless a known one is lent */
    BmKnown *known;         /* NULL: none is */
    BmZstd *zstd;           /* made when it is needed */
} BmDescriptionIn;

/* `known` stays the caller's; NULL is fine. */
void bm_description_in_init(BmDescriptionIn *d, BmKnown *known);
void bm_description_in_clear(BmDescriptionIn *d);

/* A Schema record. */
gboolean bm_description_in_schema(BmDescriptionIn *d, const BmRecord *r, GError **error);
/* A Known record, which stands for all schemas of a description that the reader has told
 * the writer of. */
gboolean bm_description_in_known(BmDescriptionIn *d, const BmRecord *r, GError **error);
/* An optional member [0], the number of a schema; NULL in *schema and *set without it.
 * `path`: of an error. */
gboolean bm_description_in_refer(const BmDescriptionIn *d, BmView *body, const char *path,
                                 const BmSchema **schema, const BmSchemaSet **set, GError **error);

/* The members of a Finish record; its text is good until the next call. */
gboolean bm_description_in_finish(BmDescriptionIn *in, BmView body, BmDescription *d,
                                  GError **error);

#endif
