/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptions without values, as JSON with the keys of QEMU's -dump-vmstate:
 *
 *   "piix3": {
 *     "Name": "0000:00:01.0/PIIX3",
 *     "version_id": 3,
 *     "minimum_version_id": 3,
 *     "Description": {
 *       "name": "PIIX3", "version_id": 3, "minimum_version_id": 3,
 *       "Fields": [
 *         {"field": "dev", "version_id": 0, "field_exists": false, "size": 256,
 *          "type": "struct", "Description": {...}},
 *         {"field": "irq_state", "version_id": 0, "field_exists": false, "num": 4,
 *          "size": 4, "type": "int32", "signed": true}
 *       ],
 *       "Subsections": [{"name": "PIIX3/rcr", ...}]
 *     }
 *   }
 *
 * "type" and "signed" (of integers) are ours, as are "condition", what a field or
 * subsection depends on, and "droppable".  "field_exists" is true if there is a
 * condition.  A "size" is one of octets in the stream, not of the member in
 * memory.  The first version that has a field is not part of a schema, so its
 * "version_id" is 0.  The elements of a list may differ; the first is shown.
 */
#ifndef BM_DESCRIBE_H
#define BM_DESCRIBE_H

#include "stream.h"

/* One "Description".  `minimum`: the oldest version that can be read, of the
 * outermost one; those inside have their own version there, which is what a
 * schema says of itself: it fits what this version sends. */
gboolean bm_schema_to_json(const BmSchema *schema, uint32_t minimum, BmOutput *out, GError **error);

/* An operation: one object with a member per device of the stream, by the name of
 * its section. */
BmStreamVisitor *bm_describe_stream(BmOutput *out);

#endif
