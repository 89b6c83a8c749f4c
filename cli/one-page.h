/* SPDX-License-Identifier: BSD-2-Clause */
/* One page of a file with an index, on standard output. */
#ifndef BM_ONE_PAGE_H
#define BM_ONE_PAGE_H

#include "report.h"

/* `what`: BLOCK:NUMBER.  What is wrong has been reported unless the result is
 * BM_EXIT_DONE. */
BmExit bm_one_page(const char *path, const char *what);

#endif
