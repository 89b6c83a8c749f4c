/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of streams that keep them likely enough to get deep into a reader.
 * A seed gives the same change on each run.
 */
#ifndef BM_MUTATE_H
#define BM_MUTATE_H

#include <glib.h>

#include "codec.h"

/* A BER stream changed in structure: values, tags, order and nesting of what
 * it holds, with lengths, checksums and trailer made right again.  `in` need
 * not be a stream; then it comes back as it is.  g_byte_array_unref() it. */
GByteArray *mutate_ber(BmOctets in, guint32 seed);

/* Makes the checksums and the trailer of a BER stream right, as far as records
 * can be seen.  In place. */
void repair_ber(GByteArray *stream);

/* Octets changed, repeated, taken out, numbers replaced by unlikely ones; in
 * the JSON description, if there is one, its tokens.  The length of the
 * description is made right again most of the time. */
GByteArray *mutate_legacy(BmOctets in, guint32 seed);

#endif
