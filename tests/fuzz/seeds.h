/* SPDX-License-Identifier: BSD-2-Clause */
/* The small streams of tests/hostile, in all variants. */
#ifndef BM_FUZZ_SEEDS_H
#define BM_FUZZ_SEEDS_H

#include <glib.h>

GPtrArray *legacy_seeds(void); /* GByteArray */
GPtrArray *ber_seeds(void);
GPtrArray *index_seeds(void); /* the same as files with an index */

#endif
