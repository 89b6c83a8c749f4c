/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a Hello record, written and read. */
#ifndef BM_BER_HELLO_H
#define BM_BER_HELLO_H

#include "stream.h"

void bm_ber_hello_write(BmWriter *w, const BmHello *hello);
/* Reads them and hands them to the visitor. */
gboolean bm_ber_hello_read(BmView body, BmStreamVisitor *s, GError **error);

#endif
