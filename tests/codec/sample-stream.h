/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small stream with all parts of the frame, and a reader of whole streams.
 */
#ifndef BM_SAMPLE_STREAM_H
#define BM_SAMPLE_STREAM_H

#include "codec.h"

#define SAMPLE_RECORDS 3

/* The caller frees it; its octets are bm_output_memory_data(). */
BmOutput *sample_stream(void);

typedef struct Reading {
    BmFault fault;
    BmRecord last; /* of the record read last, maybe not complete */
    uint64_t records, octets, digest;
} Reading;

/* Reads a stream from its magic to its end; true without a fault. */
bool read_stream(BmInput *in, Reading *r);
bool read_stream_octets(const uint8_t *data, size_t len, Reading *r);

#endif
