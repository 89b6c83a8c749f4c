/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of spans (span.h) in QEMU's own octets. */
#ifndef BM_LEGACY_SPAN_H
#define BM_LEGACY_SPAN_H

#include "span.h"

/* Writes span->size octets. */
void bm_legacy_put_span(uint8_t *p, const BmSpan *span);

/* Reads values from `p` on into the span, until one is not in the form that nearly all
 * are in; none if there are not octets for all before `end`.  Returns how many slots were
 * read; *p is behind the last of them. */
uint32_t bm_legacy_get_span(const uint8_t **p, const uint8_t *end, const BmSpan *span);

#endif
