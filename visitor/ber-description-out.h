/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stream says of its devices: schemas before their use, or a digest that stands for
 * those that the reader has; and at the end the description that QEMU wrote.
 */
#ifndef BM_BER_DESCRIPTION_OUT_H
#define BM_BER_DESCRIPTION_OUT_H

#include "ber-record-out.h"

typedef struct BmDescriptionOut {
    BmRecordOut *records;
    uint32_t sent;            /* schemas, from the first one on */
    const char *const *known; /* digests of descriptions that the reader has; NULL: of none */
    BmZstd *zstd;             /* made when it is needed */
} BmDescriptionOut;

/* `records` stays the caller's. */
void bm_description_out_init(BmDescriptionOut *d, BmRecordOut *records);
void bm_description_out_clear(BmDescriptionOut *d);

/* Writes what the reader needs for a schema (NULL: nothing).  Schemas go out in the order
 * of their numbers, children before parents: all up to this one. */
gboolean bm_description_out_describe(BmDescriptionOut *d, const BmSchemaSet *set,
                                     const BmSchema *schema, GError **error);
/* Writes the Finish record. */
gboolean bm_description_out_finish(BmDescriptionOut *out, const BmDescription *d, GError **error);

#endif
