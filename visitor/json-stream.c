/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One JSON document:
 *
 *   {
 *     "format": "bermig-dump",
 *     "version": 1,
 *     "preamble": {"major": 1, "minor": 0, "direction": "forward", "generator": "..."},
 *     "records": [
 *       {
 *         "record": "device",
 *         "root": "PIIX3", "name": "0000:00:01.0/PIIX3", "instance": 0, "version": 3,
 *         "section": 12, "schema": "PIIX3",
 *         "state": {
 *           "PCIDevice": {
 *             "version_id": {"type": "int32", "value": 2},
 *             "irq_state": {"type": "uint32", "count": 4, "value": [0, 0, 0, 0]}
 *           }
 *         }
 *       }
 *     ],
 *     "complete": true
 *   }
 *
 * "records" has all that is in the stream, in its order; "record" says what
 * each is: leading (octets before QEMU's header), configuration, device, section
 * (a live one; those without anything to show are left out), command, package,
 * package_end, finish, remainder, message, ack, extension.  "complete" is there
 * only if the stream was.
 *
 * A leaf is an object with a string "type" and a "value"; nothing else has a
 * "type" that is a string, so
 *
 *   jq '.records[] | select(.root == "PIIX3") | .state.PCIDevice.irq_state.value[0]'
 *   jq '.. | objects | select(.type? == "float64")'
 *
 * do what they look like.  A struct is an object with a member per field, in
 * the order of the stream, a subsection one more member with its full name, an
 * array of structs an array of objects.  A leaf with a "count" is an array of
 * that many scalars.  An array whose first index is 5 has the key "name[5]", a
 * key that repeats has "#2", "#3" ... behind it.
 *
 *   bool          true, false (an octet of an array that is neither: a number)
 *   int*, uint*   a number, exact, also beyond 2^53
 *   float*        "0x3ff0...", bit for bit
 *   string        a string
 *   pointer       null, or true if the object follows
 *   all others    octets as hex digits; "size" tells how many.  "cut": true if
 *                 they are more than is shown, never for those of a device
 *   run           "first" and "last" page (or sector) and their "content"
 *
 * With a glob, only leaves whose path matches are there, and what is around
 * them.  Elements of an array before one that matches are null, so that a
 * position stays what it was; those after the last are left out.
 */
#include "dump.h"
#include "json-writer.h"
#include "visitors.h"

#include <string.h>

typedef struct JsonPrinter {
    BmPrinter base;
    BmJson *json;
    gboolean filtered;
    gboolean in_packed;
} JsonPrinter;

static JsonPrinter *printer(BmPrinter *p)
{
    return (JsonPrinter *)p;
}

static BmJson *json(BmPrinter *p)
{
    return printer(p)->json;
}

static void put_number(BmJson *j, const char *key, uint64_t value)
{
    bm_emit_decimal(bm_json_value(j, key), value);
}

static void put_literal(BmJson *j, const char *key, const char *literal)
{
    g_string_append(bm_json_value(j, key), literal);
}

/* What is below something held is held too, all is if there is a glob. */
static unsigned held(BmPrinter *p)
{
    return printer(p)->filtered || bm_json_is_held(json(p)) ? BM_JSON_HELD : 0;
}

/* ---- records ---- */

static void begin(BmPrinter *p, const BmPreamble *preamble)
{
    BmJson *j = json(p);

    bm_json_open(j, '{', NULL, 0);
    bm_json_text(j, "format", "bermig-dump");
    put_number(j, "version", 1);
    bm_json_open(j, '{', "preamble", BM_JSON_INLINE);
    put_number(j, "major", preamble->major);
    put_number(j, "minor", preamble->minor);
    bm_json_text(j, "direction", preamble->direction == BM_RETURN ? "return" : "forward");
    if (preamble->generator) {
        bm_json_text(j, "generator", preamble->generator);
    }
    if (preamble->has_header) {
        put_number(j, "header_version", preamble->header_version);
    }
    bm_json_close(j);
    bm_json_open(j, '[', "records", 0);
}

static void record(BmPrinter *p, const char *kind, gboolean may_be_empty)
{
    bm_json_open(json(p), '{', NULL, may_be_empty ? BM_JSON_HELD : held(p));
    bm_json_text(json(p), "record", kind);
}

static void record_end(BmPrinter *p)
{
    bm_json_close(json(p));
}

static void put_section(BmJson *j, const BmSection *s)
{
    bm_json_text(j, "name", s->name);
    put_number(j, "instance", s->instance);
    put_number(j, "version", s->version);
    put_number(j, "section", s->id);
}

static void device(BmPrinter *p, const BmDevice *dev, const char *root)
{
    BmJson *j = json(p);

    bm_json_text(j, "root", root);
    put_section(j, &dev->section);
    if (dev->schema) {
        bm_json_text(j, "schema", dev->schema->name);
    }
}

static void section(BmPrinter *p, const BmSection *s, BmPhase phase)
{
    static const char *const phases[] = {"start", "part", "end"};

    bm_json_text(json(p), "phase", phases[phase]);
    put_section(json(p), s);
}

static void end(BmPrinter *p)
{
    bm_json_close(json(p));
    put_literal(json(p), "complete", "true");
    bm_json_close(json(p));
}

/* ---- containers ---- */

static void open_shape(BmPrinter *p, const char *key, BmDumpShape shape)
{
    static const unsigned flags[] = {
        [BM_SHAPE_OBJECT] = BM_JSON_UNIQUE,
        [BM_SHAPE_ARRAY] = BM_JSON_PLACES,
        [BM_SHAPE_ITEMS] = 0,
    };

    bm_json_open(json(p), shape == BM_SHAPE_OBJECT ? '{' : '[', key, flags[shape] | held(p));
}

static void close_shape(BmPrinter *p)
{
    bm_json_close(json(p));
}

static void packed(BmPrinter *p, const char *key, const char *type, uint64_t count)
{
    unsigned hold = held(p);

    bm_json_open(json(p), '{', key, BM_JSON_INLINE | hold);
    bm_json_text(json(p), "type", type);
    put_number(json(p), "count", count);
    bm_json_open(json(p), '[', "value", BM_JSON_PLACES | hold);
    printer(p)->in_packed = TRUE;
}

static void packed_end(BmPrinter *p)
{
    printer(p)->in_packed = FALSE;
    bm_json_close(json(p));
    bm_json_close(json(p));
}

/* ---- leaves ---- */

static void put_boolean(BmJson *j, const char *key, const BmLeaf *l)
{
    if (l->bits > 1) {
        put_number(j, key, l->bits);
    } else {
        put_literal(j, key, l->bits ? "true" : "false");
    }
}

static void put_float(BmJson *j, const char *key, BmOctets octets)
{
    GString *to = bm_json_value(j, key);

    g_string_append_c(to, '"');
    bm_emit_wide_number(to, octets);
    g_string_append_c(to, '"');
}

static void put_value(BmJson *j, const char *key, const BmLeaf *l)
{
    switch (l->form) {
    case BM_LEAF_BOOLEAN:
        put_boolean(j, key, l);
        break;
    case BM_LEAF_SIGNED:
        bm_emit_signed(bm_json_value(j, key), l->number);
        break;
    case BM_LEAF_FLOAT:
        put_float(j, key, l->octets);
        break;
    case BM_LEAF_OCTETS:
        bm_json_hex(j, key, bm_leaf_shown(l));
        break;
    case BM_LEAF_STRING:
        bm_emit_string(bm_json_value(j, key), (const char *)l->octets.data, l->octets.len);
        break;
    case BM_LEAF_NULL:
        put_literal(j, key, "null");
        break;
    case BM_LEAF_PRESENT:
        put_literal(j, key, "true");
        break;
    default:
        put_number(j, key, l->bits);
    }
}

static void put_run(BmJson *j, const BmRun *run)
{
    bm_json_text(j, "type", "run");
    put_number(j, "first", run->first);
    put_number(j, "last", run->last);
    bm_json_text(j, "content", run->content);
    if (!strcmp(run->content, "fill")) {
        put_number(j, "value", run->fill);
    }
}

static void put_typed(BmJson *j, const BmLeaf *l)
{
    bm_json_text(j, "type", l->type);
    if (l->form == BM_LEAF_OCTETS) {
        put_number(j, "size", l->octets.len);
        if (bm_leaf_shown(l).len < l->octets.len) {
            put_literal(j, "cut", "true");
        }
    }
    put_value(j, "value", l);
}

static void leaf(BmPrinter *p, const char *path, const char *key, const BmLeaf *l)
{
    BmJson *j = json(p);

    (void)path;
    if (printer(p)->in_packed) {
        bm_json_keep(j);
        put_value(j, NULL, l);
        return;
    }
    bm_json_open(j, '{', key, BM_JSON_INLINE);
    if (l->form == BM_LEAF_RUN) {
        put_run(j, &l->run);
    } else {
        put_typed(j, l);
    }
    bm_json_close(j);
}

/* An element that is left out keeps its place; a member that is left out keeps
 * its key, so that the keys are the same with and without a glob. */
static void skip(BmPrinter *p, const char *key)
{
    bm_json_skip(json(p), key);
}

static void drain(BmPrinter *p)
{
    bm_json_drain(json(p));
}

static void free_printer(BmPrinter *p)
{
    bm_json_free(json(p));
    g_free(p);
}

static const BmPrinterOps json_ops = {
    .begin = begin,
    .record = record,
    .device = device,
    .section = section,
    .record_end = record_end,
    .open = open_shape,
    .close = close_shape,
    .packed = packed,
    .packed_end = packed_end,
    .leaf = leaf,
    .skip = skip,
    .end = end,
    .drain = drain,
    .free = free_printer,
};

static JsonPrinter *printer_new(BmOutput *out)
{
    JsonPrinter *p = g_new0(JsonPrinter, 1);

    p->base.ops = &json_ops;
    p->json = bm_json_new(out);
    return p;
}

BmStreamVisitor *bm_json_stream_out(BmOutput *out, const char *glob, gboolean pages)
{
    JsonPrinter *p = printer_new(out);

    p->filtered = glob != NULL;
    return bm_dump_stream(&p->base, out, glob, pages);
}

BmVisitor *bm_visitor_json_out(BmOutput *out)
{
    return bm_dump_visitor(&printer_new(out)->base, out, NULL);
}
