/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream visitor that writes down each call with all its values, a line per
 * call: what two sources made of the same stream can then be compared as text.
 */
#ifndef BM_TEST_CALLS_H
#define BM_TEST_CALLS_H

#include "stream.h"

BmStreamVisitor *calls_stream(GString *log);

/* Fails with the first line that differs, its number and both forms. */
gboolean calls_compare(const GString *ours, const GString *theirs, GError **error);

#endif
