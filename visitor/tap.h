/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A visitor that names each value it is called with.
 */
#ifndef BM_TAP_H
#define BM_TAP_H

#include "difference.h"

typedef gboolean (*BmVisitedFunc)(const char *path, const BmVisited *value, void *data,
                                  GError **error);

/* Output: calls `each` for every value. */
BmVisitor *bm_visitor_each(const char *root, BmVisitedFunc each, void *data);

#endif
