/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BM_TEST_COMPARE_H
#define BM_TEST_COMPARE_H

#include "oracle.h"

/* Reads a BER stream with our reader and with a foreign decoder: both must make
 * the same calls with the same values.  What the foreign decoder made of it,
 * written again by our writer at zstd level `level`, must be the same octets. */
gboolean compare_readings(const Oracle *oracle, BmOctets stream, int level, GError **error);

/* Each record, decoded and encoded again by the foreign coder, must be the same
 * octets: our definite forms are DER. */
gboolean compare_encodings(const Oracle *oracle, BmOctets stream, GError **error);

#endif
