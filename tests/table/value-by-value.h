/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests: an object saved and loaded by a walk that visits many values in one call
 * (`fast`), and by one that visits each of them, so that the two can be compared.
 */
#ifndef BM_VALUE_BY_VALUE_H
#define BM_VALUE_BY_VALUE_H

#include "passage-of-tables.h"

/* Form: BER or LEGACY.  Saving must succeed. */
GByteArray *save_as(const BmTable *table, const void *object, const BmSchema *schema, Form form,
                    gboolean fast);
/* Returns what there is to say about it: the error, or how many octets are left, and what
 * was passed over or made up. */
char *load_as(const BmTable *table, void *object, const BmSchema *schema, Form form,
              const uint8_t *octets, size_t len, gboolean fast);
/* All that the table sends, as text, or why it cannot be had. */
char *text_of(const BmTable *table, const void *object);

#endif
