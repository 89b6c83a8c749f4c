/* SPDX-License-Identifier: BSD-2-Clause */
/* Schema records of asn1/bermig.asn1, written. */
#ifndef BM_BER_SCHEMA_OUT_H
#define BM_BER_SCHEMA_OUT_H

#include "schema.h"

/* Writes the members of a Schema record; those that it refers to have been written. */
void bm_ber_schema_write(BmWriter *w, const BmSchema *schema);

#endif
