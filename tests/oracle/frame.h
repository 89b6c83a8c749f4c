/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The records of a stream, found with libtasn1's functions for tags and
 * lengths: nothing of this reader is shared with codec/record.c.
 */
#ifndef BM_TEST_FRAME_H
#define BM_TEST_FRAME_H

#include <glib.h>

#include "codec.h"

typedef struct FrameRecord {
    BmRecordType type;
    BmOctets octets; /* tag and length included */
} FrameRecord;

/* FrameRecords of a whole stream in order, preamble and trailer included.  NULL
 * unless the stream is one value from its first octet to its last. */
GArray *frame_split(BmOctets stream);

#endif
