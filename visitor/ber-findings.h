/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a Findings record, written and read. */
#ifndef BM_BER_FINDINGS_H
#define BM_BER_FINDINGS_H

#include "stream.h"

void bm_ber_findings_write(BmWriter *w, const BmFinding *list, uint32_t n);
/* Reads them and hands them to the visitor. */
gboolean bm_ber_findings_read(BmView body, BmStreamVisitor *s, GError **error);

#endif
