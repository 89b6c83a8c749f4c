/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams that hold every record and every kind of value of the module, made
 * by driving our writer call by call.
 */
#ifndef BM_TEST_ORACLE_SAMPLES_H
#define BM_TEST_ORACLE_SAMPLES_H

#include "stream.h"

typedef struct Sample {
    const char *name;
    void (*drive)(BmStreamVisitor *s); /* asserts that each call succeeds */
} Sample;

extern const Sample samples[];
extern const size_t n_samples;

/* What the calls of a sample make at a zstd level.  The caller frees it. */
BmOutput *sample_written(const Sample *sample, int level);

/* Values that the samples use, for tests that look at single records. */
extern const BmPreamble sample_preamble;
extern const BmConfiguration sample_configuration;
extern const BmHello sample_hello;
extern const BmOutcome sample_outcome; /* of sample_preamble */
#define SAMPLE_FINDINGS 3
extern const BmFinding sample_findings[SAMPLE_FINDINGS];
#define SAMPLE_ENDS 2
extern const BmChannelEnd sample_ends[SAMPLE_ENDS];
extern const BmAnnounce sample_announce; /* without a schema */
#define SAMPLE_GENERATOR "bermig tests \xc3\xa4\xe2\x82\xac"
/* The number of the schema that the derived finish of the first sample names. */
#define SAMPLE_CONFIGURATION_SCHEMA 9
#define SAMPLE_ACK_OCTETS 0x8000000000000001u
#define SAMPLE_ACK_DIGEST 0x00ff112233445566u

#endif
