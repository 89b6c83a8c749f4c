/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON form of a device's values, read back: the other side of
 * bm_visitor_json_out() (visitors.h).
 */
#ifndef BM_JSON_VALUES_H
#define BM_JSON_VALUES_H

#include "visitors.h"

/* Input from one JSON object, which is copied.  The walk says which fields there
 * must be; each is looked for by its key, so that their order does not count.
 * An error if one is missing, of another type or out of range, or if a key is
 * left over.  NULL if the text is no such object. */
BmVisitor *bm_visitor_json_in(const char *text, size_t len, GError **error);

#endif
