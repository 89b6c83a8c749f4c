/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One leaf per line:
 *
 *   PIIX3.PCIDevice.irq_state(4)(4).[0] = (uint32) 0x0
 *
 * that is path, "(elements)(octets of one)", index, type and value.  Numbers
 * are hexadecimal and masked to their width, a float is shown bit for bit, a
 * string as in JSON, octets as hex digits.  Lines that start with '#' are for
 * people; there are none with a glob, and "# end" is there only if the stream
 * was complete.
 */
#include "dump.h"
#include "emit.h"
#include "visitors.h"

#include <string.h>

typedef struct TextPrinter {
    BmPrinter base;
    BmOutput *out;
    GString *line;
    gboolean comments;
} TextPrinter;

static TextPrinter *text(BmPrinter *p)
{
    return (TextPrinter *)p;
}

static void put_line(TextPrinter *t)
{
    bm_output_write(t->out, t->line->str, t->line->len);
    g_string_truncate(t->line, 0);
}

/* ---- comments ---- */

static void add_number(GString *line, const char *what, uint64_t value)
{
    g_string_append(line, what);
    bm_emit_decimal(line, value);
}

static void end_comment(TextPrinter *t)
{
    g_string_append_c(t->line, '\n');
    put_line(t);
}

static void begin(BmPrinter *p, const BmPreamble *preamble)
{
    GString *line = text(p)->line;

    if (!text(p)->comments) {
        return;
    }
    add_number(line, "# bermig ", preamble->major);
    add_number(line, ".", preamble->minor);
    g_string_append(line, preamble->direction == BM_RETURN ? " return" : " forward");
    if (preamble->generator) {
        g_string_append(line, " by ");
        bm_emit_string(line, preamble->generator, strlen(preamble->generator));
    }
    if (preamble->has_header) {
        add_number(line, ", QEMUFile version ", preamble->header_version);
    }
    end_comment(text(p));
}

static void section_comment(TextPrinter *t, const char *kind, const BmSection *section)
{
    if (!t->comments) {
        return;
    }
    g_string_append(t->line, kind);
    bm_emit_name(t->line, section->name, strlen(section->name));
    add_number(t->line, " instance ", section->instance);
    add_number(t->line, " version ", section->version);
    add_number(t->line, " section ", section->id);
    end_comment(t);
}

static void device(BmPrinter *p, const BmDevice *dev, const char *root)
{
    (void)root;
    section_comment(text(p), "# device ", &dev->section);
}

static void section(BmPrinter *p, const BmSection *s, BmPhase phase)
{
    if (phase == BM_PHASE_START) {
        section_comment(text(p), "# live ", s);
    }
}

static void end(BmPrinter *p)
{
    if (text(p)->comments) {
        g_string_append(text(p)->line, "# end");
        end_comment(text(p));
    }
}

/* ---- leaves ---- */

static void put_hex(TextPrinter *t, BmOctets octets)
{
    if (octets.len) {
        g_string_append_c(t->line, ' ');
    }
    while (octets.len) {
        size_t part = MIN(octets.len, BM_EMIT_CHUNK);

        bm_emit_hex(t->line, octets.data, part);
        put_line(t);
        octets.data += part;
        octets.len -= part;
    }
}

static void put_octets(TextPrinter *t, const BmLeaf *leaf)
{
    BmOctets shown = bm_leaf_shown(leaf);

    put_hex(t, shown);
    if (shown.len < leaf->octets.len) {
        add_number(t->line, "... ", leaf->octets.len);
        g_string_append(t->line, " octets in all");
    }
}

static void leaf(BmPrinter *p, const char *path, const char *key, const BmLeaf *l)
{
    TextPrinter *t = text(p);

    (void)key;
    bm_leaf_emit_path(t->line, path);
    g_string_append(t->line, " = ");
    if (l->form == BM_LEAF_OCTETS) {
        bm_leaf_emit_type(t->line, l->type);
        put_octets(t, l);
    } else {
        bm_leaf_emit(t->line, l, NULL);
    }
    g_string_append_c(t->line, '\n');
    put_line(t);
}

static void drain(BmPrinter *p)
{
    put_line(text(p));
}

static void free_printer(BmPrinter *p)
{
    g_string_free(text(p)->line, TRUE);
    g_free(p);
}

static const BmPrinterOps text_ops = {
    .begin = begin,
    .device = device,
    .section = section,
    .leaf = leaf,
    .end = end,
    .drain = drain,
    .free = free_printer,
};

static TextPrinter *printer_new(BmOutput *out)
{
    TextPrinter *t = g_new0(TextPrinter, 1);

    t->base.ops = &text_ops;
    t->out = out;
    t->line = g_string_new(NULL);
    return t;
}

BmStreamVisitor *bm_text_stream_out(BmOutput *out, const char *glob, gboolean pages)
{
    TextPrinter *t = printer_new(out);

    t->comments = !glob;
    return bm_dump_stream(&t->base, out, glob, pages);
}

BmVisitor *bm_visitor_text(BmOutput *out, const char *root)
{
    return bm_dump_visitor(&printer_new(out)->base, out, root);
}
