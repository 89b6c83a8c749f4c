/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams in memory that pass through sources and operations, and what must
 * hold for any octets at all.
 */
#ifndef BM_PASSAGE_H
#define BM_PASSAGE_H

#include "compat.h"

/* The result of one passage; passage_clear() it. */
typedef struct Passage {
    gboolean ok;
    GError *error;
    BmOutput *out;
    BmOctets octets; /* of `out` */
} Passage;

Passage legacy_to_ber(BmOctets in);
Passage legacy_to_legacy(BmOctets in);
Passage ber_to_legacy(BmOctets in);
Passage ber_to_ber(BmOctets in);
void passage_clear(Passage *p);

gboolean same_octets(BmOctets a, BmOctets b);

/* TRUE if a legacy stream is the same after it was BER. */
gboolean comes_back(BmOctets in);
/* What `dump` has of a legacy stream where paths match `glob`.  Free with g_free(); NULL
 * with an error. */
char *dump_of(BmOctets in, const char *glob, GError **error);

/* Pages that a passage may write out of ranges of zeros, chunks included; more
 * is an error of the passage.  A range of zeros is as large as it says, so
 * that octets at random ask for more than any test can wait for. */
#define PASSAGE_PAGES 4096

/* Lets any octets pass through everything there is.  Ends the program by
 * abort(), with a word on stderr, where
 *   - a failure has no error of ours, or a success has one,
 *   - what was written as BER is not read again,
 *   - a legacy stream does not come back as it was, octet for octet,
 *   - BER that is written anew does not stand for the same legacy stream.
 * TRUE if the octets were accepted. */
gboolean check_legacy_octets(BmOctets in);
gboolean check_ber_octets(BmOctets in);

#endif
