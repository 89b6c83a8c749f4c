/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Schemas and values from a seed: the same on each run.
 */
#ifndef BM_RANDOM_SCHEMA_H
#define BM_RANDOM_SCHEMA_H

#include "visitor.h"

/* A schema as a description of QEMU could give it, subsections included. */
const BmSchema *random_schema(GRand *random, BmSchemaSet *set);

/* Input: each value is random, within its kind; now and then a raw one. */
BmVisitor *random_values(GRand *random);

#endif
