/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pieces of text, appended to a string: what both printers write most, without
 * printf(3).
 */
#ifndef BM_EMIT_H
#define BM_EMIT_H

#include <glib.h>

#include "codec.h"

void bm_emit_decimal(GString *to, uint64_t value);
void bm_emit_signed(GString *to, int64_t value);
/* "0x" and lower-case digits, no leading zeros. */
void bm_emit_number(GString *to, uint64_t value);
/* The same for a big-endian number of any size. */
void bm_emit_wide_number(GString *to, BmOctets value);
/* Two lower-case digits per octet. */
void bm_emit_hex(GString *to, const uint8_t *data, size_t len);
/* A name in a line of text: control characters and the backslash are escaped
 * as in JSON, so that no name can end the line or drive a terminal. */
void bm_emit_name(GString *to, const char *name, size_t len);
/* A JSON string, quotes included (RFC 8259, 7).  `text` must be UTF-8. */
void bm_emit_string(GString *to, const char *text, size_t len);

/* Octets of a hex value that are turned into text at once. */
#define BM_EMIT_CHUNK 4096

#endif
