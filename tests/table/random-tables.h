/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of random rows of the box, in random structs and subsections. */
#ifndef BM_TESTS_RANDOM_TABLES_H
#define BM_TESTS_RANDOM_TABLES_H

#include "box.h"

typedef struct RandomTable RandomTable;

RandomTable *random_table_new(GRand *random);
void random_table_free(RandomTable *table);
/* Of a Box; each row of the box's own table is in it once at most. */
const BmTable *random_table(const RandomTable *table);

#endif
