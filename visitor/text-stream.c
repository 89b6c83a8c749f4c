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

static void put_run(GString *line, const BmRun *run)
{
    g_string_append_c(line, '[');
    bm_emit_number(line, run->first);
    g_string_append(line, ", ");
    bm_emit_number(line, run->last);
    g_string_append(line, "] ");
    g_string_append(line, run->content);
    if (!strcmp(run->content, "fill")) {
        g_string_append_c(line, ' ');
        bm_emit_number(line, run->fill);
    }
}

static void put_type(GString *line, const char *type)
{
    g_string_append_c(line, '(');
    bm_emit_name(line, type, strlen(type));
    g_string_append_c(line, ')');
}

static void put_value(TextPrinter *t, const BmLeaf *leaf)
{
    switch (leaf->form) {
    case BM_LEAF_OCTETS:
        put_octets(t, leaf);
        break;
    case BM_LEAF_FLOAT:
        g_string_append_c(t->line, ' ');
        bm_emit_wide_number(t->line, leaf->octets);
        break;
    case BM_LEAF_STRING:
        g_string_append_c(t->line, ' ');
        bm_emit_string(t->line, (const char *)leaf->octets.data, leaf->octets.len);
        break;
    default:
        g_string_append_c(t->line, ' ');
        bm_emit_number(t->line, leaf->bits);
    }
}

/* No path looks like a comment. */
static void put_path(GString *line, const char *path)
{
    if (*path == '#') {
        g_string_append(line, "\\u0023");
        path++;
    }
    bm_emit_name(line, path, strlen(path));
}

static void leaf(BmPrinter *p, const char *path, const char *key, const BmLeaf *l)
{
    TextPrinter *t = text(p);

    (void)key;
    put_path(t->line, path);
    g_string_append(t->line, " = ");
    switch (l->form) {
    case BM_LEAF_NULL:
        g_string_append(t->line, "(null)");
        break;
    case BM_LEAF_PRESENT:
        g_string_append(t->line, "(present)");
        break;
    case BM_LEAF_RUN:
        put_run(t->line, &l->run);
        break;
    default:
        put_type(t->line, l->type);
        put_value(t, l);
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

BmStreamVisitor *bm_text_stream_out(BmOutput *out, const char *glob, gboolean pages)
{
    TextPrinter *t = g_new0(TextPrinter, 1);

    t->base.ops = &text_ops;
    t->out = out;
    t->line = g_string_new(NULL);
    t->comments = !glob;
    return bm_dump_stream(&t->base, out, glob, pages);
}
