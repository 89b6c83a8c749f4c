/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a Hello record, and the outcome of a negotiation, written and read. */
#ifndef BM_BER_HELLO_H
#define BM_BER_HELLO_H

#include "stream.h"

void bm_ber_hello_write(BmWriter *w, const BmHello *hello);
/* Reads them and hands them to the visitor. */
gboolean bm_ber_hello_read(BmView body, BmStreamVisitor *s, GError **error);

void bm_ber_outcome_write(BmWriter *w, BmTag tag, const BmOutcome *outcome);

/* An outcome that was read, and all that it points to. */
typedef struct BmBerOutcome BmBerOutcome;

/* An optional member; *outcome stays NULL without it. */
gboolean bm_ber_outcome_read(BmView *body, BmTag tag, BmBerOutcome **outcome, GError **error);
const BmOutcome *bm_ber_outcome_get(const BmBerOutcome *outcome); /* NULL for NULL */
void bm_ber_outcome_free(BmBerOutcome *outcome);                  /* NULL is fine */

#endif
