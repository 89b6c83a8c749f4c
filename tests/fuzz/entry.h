/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entry points of a fuzz engine, and the seeds of its corpus.
 */
#ifndef BM_FUZZ_ENTRY_H
#define BM_FUZZ_ENTRY_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
/* The engine's own. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Inputs to begin with: GByteArray. */
GPtrArray *fuzz_seeds(void);

#endif
