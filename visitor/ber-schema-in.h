/* SPDX-License-Identifier: BSD-2-Clause */
/* Schema records of asn1/bermig.asn1, read. */
#ifndef BM_BER_SCHEMA_IN_H
#define BM_BER_SCHEMA_IN_H

#include "schema.h"

/* Reads the members of a Schema record into `set`; members that follow the
 * known ones belong to a later minor version and are passed over. */
gboolean bm_ber_schema_read(BmView body, BmSchemaSet *set, GError **error);

#endif
