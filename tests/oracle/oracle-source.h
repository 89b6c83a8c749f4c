/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source of the stream visitor that reads BER by a foreign decoder: what
 * bm_ber_stream_read() does with our codec, once more with asn1c or libtasn1.
 */
#ifndef BM_TEST_ORACLE_SOURCE_H
#define BM_TEST_ORACLE_SOURCE_H

#include "oracle.h"
#include "stream.h"

gboolean oracle_read(const Oracle *oracle, BmOctets stream, BmStreamVisitor *s, GError **error);

#endif
