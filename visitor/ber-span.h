/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of spans (span.h) as BER: elements of Values in asn1/bermig.asn1. */
#ifndef BM_BER_SPAN_H
#define BM_BER_SPAN_H

#include "span.h"

/* Writes all values of the span at `p`, where there is room for span->most octets and
 * BM_PUT_SLACK more.  Returns the end of what was written. */
uint8_t *bm_ber_put_span(uint8_t *p, const BmSpan *span);

/* Reads values from `p` on into the span, until one is not in the form that nearly all
 * are in, or `end`.  Returns how many slots were read; *p is behind the last of them. */
uint32_t bm_ber_get_span(const uint8_t **p, const uint8_t *end, const BmSpan *span);

#endif
