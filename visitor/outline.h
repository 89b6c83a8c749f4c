/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a schema describes, without values: each field by the path that its value
 * has, with a line of text.
 *
 *     irq_state(4)(4)       "int32, 4 of 4 octets, since 3"
 *     rcr                   "subsection PIIX3/rcr, version 1, if rcr is set"
 */
#ifndef BM_OUTLINE_H
#define BM_OUTLINE_H

#include "schema.h"

/* FALSE, with *error set, ends it. */
typedef gboolean (*BmOutlineFunc)(const char *path, const char *text, void *data, GError **error);

/* Parents before what is in them, structs of an array once, as those of its first
 * element: bm_schema_count_entries() calls. */
gboolean bm_outline(const BmSchema *schema, BmOutlineFunc each, void *data, GError **error);

#endif
