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
 *         {"field": "irq_state", "version_id": 3, "field_exists": false, "num": 4,
 *          "size": 4, "type": "int32", "signed": true}
 *       ],
 *       "Subsections": [{"name": "PIIX3/rcr", ...}]
 *     }
 *   }
 *
 * "type" and "signed" (of integers) are ours, as are "condition", what a field or
 * subsection depends on, and "droppable".  "field_exists" is true if there is a
 * condition; one that begins "not sent" is of a member that never is.  A "size" is one
 * of octets in the stream, not of the member in memory.  The "version_id" of a field is
 * the first version of its struct that has it; it is 0, and a "minimum_version_id" is
 * the version itself, where the description comes from a stream, which does not tell.
 * The elements of a list may differ; the first is shown.
 *
 * As BER, the same is a stream of Announces (SPEC.md 5.12): all readers and operations
 * take it, and bm_describe_stream() makes the JSON of it that it makes of its origin.
 */
#ifndef BM_DESCRIBE_H
#define BM_DESCRIBE_H

#include "stream.h"

/* One "Description". */
gboolean bm_schema_to_json(const BmSchema *schema, BmOutput *out, GError **error);

/* Operations that describe the devices and announces of a stream.  `out` stays the
 * caller's.  JSON: one object with a member per section, by its name; BM_LIMIT if it
 * had more than BM_LIMIT_ANNOUNCED fields, subsections and sections altogether. */
BmStreamVisitor *bm_describe_stream(BmOutput *out);
/* BER: for those that announce without moving anything. */
BmStreamVisitor *bm_describe_ber_stream(BmOutput *out);

/* A source of a description with no stream at hand: `n` sections of one set of schemas,
 * as from bm_table_schema(), into either of the above or any other operation.
 * `generator` is the program's name, `machine` may be NULL.
 *
 *     BmAnnounce uart = {.name = "uart", .version = uart_table.version, .schemas = set};
 *
 *     uart.schema = bm_table_schema(&uart_table, set, &error);
 *     s = bm_ber_stream_out(out, 0, NULL);
 *     ok = uart.schema && bm_describe_sections("me 1.0", NULL, &uart, 1, s, &error);
 */
gboolean bm_describe_sections(const char *generator, const BmConfiguration *machine,
                              const BmAnnounce *sections, size_t n, BmStreamVisitor *s,
                              GError **error);

#endif
