/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BM_TEST_ORACLE_VALUES_H
#define BM_TEST_ORACLE_VALUES_H

#include "oracle.h"
#include "visitor.h"

/* An input visitor over a device's values.  They are nested by ANY, so that one
 * level at a time is decoded, as Value.  `path` names the SEQUENCE OF ANY in
 * `node`, which must outlive the visitor. */
BmVisitor *oracle_values(const Oracle *oracle, void *node, const char *path);

#endif
