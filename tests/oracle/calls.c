/* SPDX-License-Identifier: BSD-2-Clause */
#include "calls.h"

#include <inttypes.h>
#include <string.h>

#include "visitor-impl.h"
#include "walk.h"

/* Longer octets go by their length and digest, or a stream with pages would
 * make twice its size of text. */
#define SHOWN_OCTETS 64

static void put_octets(GString *log, BmOctets o)
{
    if (!o.data) {
        g_string_append(log, " none");
    } else if (o.len > SHOWN_OCTETS) {
        g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_MD5, o.data, o.len);

        g_string_append_printf(log, " %zu:%s", o.len, sum);
    } else {
        g_string_append(log, " x");
        for (size_t i = 0; i < o.len; i++) {
            g_string_append_printf(log, "%02x", o.data[i]);
        }
    }
}

static void put_text(GString *log, const char *text)
{
    g_autofree char *escaped = text ? g_strescape(text, NULL) : NULL;

    g_string_append_printf(log, escaped ? " \"%s\"" : " -", escaped);
}

static void put_number(GString *log, uint64_t number)
{
    g_string_append_printf(log, " %" PRIu64, number);
}

/* ---- values ---- */

typedef struct ValueCalls {
    BmVisitor base;
    GString *log;
} ValueCalls;

static GString *value_log(BmVisitor *v)
{
    return ((ValueCalls *)v)->log;
}

static gboolean begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    (void)error;
    g_string_append_printf(value_log(v), " %s{%u", field ? field->name : "", schema->number);
    return TRUE;
}

static gboolean begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    (void)error;
    g_string_append_printf(value_log(v), " %s{", field->name);
    return TRUE;
}

static gboolean begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    (void)error;
    g_string_append_printf(value_log(v), " +%s{%u", schema->name, schema->number);
    return TRUE;
}

static gboolean end_any(BmVisitor *v, GError **error)
{
    (void)error;
    g_string_append(value_log(v), " }");
    return TRUE;
}

static gboolean scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    GString *log = value_log(v);

    (void)error;
    g_string_append_printf(log, " %s=", field->name);
    switch (value->type) {
    case BM_SCALAR_BOOLEAN:
        g_string_append(log, value->boolean ? "true" : "false");
        break;
    case BM_SCALAR_UNSIGNED:
        g_string_append_printf(log, "%" PRIu64 "u", value->u);
        break;
    case BM_SCALAR_SIGNED:
        g_string_append_printf(log, "%" PRId64, value->i);
        break;
    case BM_SCALAR_NULL:
        g_string_append(log, "null");
        break;
    case BM_SCALAR_PRESENT:
        g_string_append(log, "present");
        break;
    case BM_SCALAR_RAW:
        g_string_append(log, "raw");
        put_octets(log, value->raw);
        break;
    }
    return TRUE;
}

static gboolean octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    (void)error;
    g_string_append_printf(value_log(v), " %s=", field->name);
    put_octets(value_log(v), *value);
    return TRUE;
}

static gboolean put_values(GString *log, const BmDevice *d, GError **error)
{
    static const BmVisitorOps ops = {.begin_struct = begin_struct,
                                     .end_struct = end_any,
                                     .begin_group = begin_group,
                                     .end_group = end_any,
                                     .begin_subsection = begin_subsection,
                                     .end_subsection = end_any,
                                     .scalar = scalar,
                                     .octets = octets};
    ValueCalls *v = g_new0(ValueCalls, 1);
    gboolean ok;

    v->base.ops = &ops;
    v->log = log;
    ok = bm_walk(d->schema, d->values, &v->base, d->section.name, error);
    bm_visitor_free(&v->base);
    return ok;
}

/* ---- schemas ---- */

static void put_field(GString *log, const BmField *f)
{
    g_string_append(log, "\n  field");
    put_text(log, f->name);
    g_string_append_printf(log, " %d %u %u %d %u", f->kind, f->width, f->count, f->form, f->first);
    put_text(log, f->type);
    put_text(log, f->condition);
    put_number(log, f->since);
    for (uint32_t i = 0; i < f->n_elements; i++) {
        put_number(log, f->elements[i]->number);
    }
}

static void put_schema(GString *log, const BmSchema *s)
{
    g_string_append_printf(log, "schema %u %u %u %d", s->number, s->version, s->minimum,
                           s->droppable);
    put_text(log, s->name);
    put_text(log, s->condition);
    for (uint32_t i = 0; i < s->n_fields; i++) {
        put_field(log, &s->fields[i]);
    }
    for (uint32_t i = 0; i < s->n_subsections; i++) {
        g_string_append_printf(log, "\n  subsection %u", s->subsections[i]->number);
    }
    g_string_append_c(log, '\n');
}

/* ---- the stream ---- */

typedef struct Calls {
    BmStreamVisitor base;
    GString *log;
    uint32_t schemas; /* written down so far */
} Calls;

static GString *stream_log(BmStreamVisitor *s)
{
    return ((Calls *)s)->log;
}

static gboolean end_line(GString *log)
{
    g_string_append_c(log, '\n');
    return TRUE;
}

/* The schemas that came since the last look. */
static void put_schemas(Calls *c, const BmSchemaSet *set)
{
    while (set && c->schemas < bm_schema_set_size(set)) {
        put_schema(c->log, bm_schema_set_get(set, c->schemas++));
    }
}

static void put_capabilities(GString *log, const BmCapability *capabilities, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const BmCapability *c = &capabilities[i];
        char *parameters = g_strjoinv(",", (char **)c->parameters);

        g_string_append_printf(log, " %s(%s)", c->name, parameters);
        g_free(parameters);
    }
}

static gboolean begin(BmStreamVisitor *s, const BmPreamble *p, GError **error)
{
    GString *log = stream_log(s);

    (void)error;
    g_string_append_printf(log, "begin %u %u %d %d %u", p->major, p->minor, p->direction,
                           p->has_header, p->header_version);
    put_text(log, p->generator);
    put_octets(log, p->leading);
    if (p->outcome) {
        put_text(log, p->outcome->peer);
        put_text(log, p->outcome->reason);
        put_capabilities(log, p->outcome->capabilities, p->outcome->n_capabilities);
    }
    return end_line(log);
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    GString *log = stream_log(s);

    (void)error;
    g_string_append_printf(log, "configuration %d %u %d", c->has_page_bits, c->page_bits,
                           c->has_capabilities);
    put_text(log, c->machine);
    for (char *const *name = c->has_capabilities ? c->capabilities : NULL; name && *name; name++) {
        put_text(log, *name);
    }
    put_octets(log, (BmOctets){c->uuid, c->uuid ? 16 : 0});
    return end_line(log);
}

static void put_section(GString *log, const BmSection *section)
{
    put_number(log, section->id);
    put_text(log, section->name);
    put_number(log, section->instance);
    put_number(log, section->version);
}

static gboolean device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    GString *log = stream_log(s);

    put_schemas((Calls *)s, d->schemas);
    g_string_append_printf(log, "device %d %d", d->bare, d->schema ? (int)d->schema->number : -1);
    put_section(log, &d->section);
    if (!d->values) {
        put_octets(log, d->octets);
    } else if (!put_values(log, d, error)) {
        return FALSE;
    }
    return end_line(log);
}

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    (void)error;
    g_string_append_printf(stream_log(s), "live %d", phase);
    put_section(stream_log(s), section);
    return end_line(stream_log(s));
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    GString *log = stream_log(s);

    (void)error;
    g_string_append_printf(log, "  item %d %u %" PRIu64 " %" PRIu64 " %" PRIu64, item->type,
                           item->block, item->page, item->count, item->value);
    put_octets(log, item->type == BM_ITEM_ZEROS ? (BmOctets){NULL, 0} : item->data);
    put_text(log, item->device);
    put_text(log, item->name);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        const BmRamBlock *block = &item->blocks[i];

        put_text(log, block->name);
        put_number(log, block->length);
        put_number(log, block->page_size);
        put_number(log, block->has_address ? block->address : 0);
        g_string_append(log, block->has_address ? " at" : "");
    }
    return end_line(log);
}

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    (void)error;
    g_string_append_printf(stream_log(s), "end of live %d", bare);
    return end_line(stream_log(s));
}

static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    (void)error;
    g_string_append_printf(stream_log(s), "command %u", code);
    put_octets(stream_log(s), data);
    return end_line(stream_log(s));
}

static gboolean package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    (void)error;
    g_string_append_printf(stream_log(s), "package %u\n", length);
    return TRUE;
}

static gboolean package_end(BmStreamVisitor *s, GError **error)
{
    (void)error;
    g_string_append(stream_log(s), "end of package\n");
    return TRUE;
}

static gboolean finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    GString *log = stream_log(s);

    (void)error;
    put_schemas((Calls *)s, d->schemas);
    g_string_append_printf(log, "finish %d %d %d %" PRIu64 " %d", d->present, d->derived, d->style,
                           d->page_size, d->configuration ? (int)d->configuration->number : -1);
    put_octets(log, d->text);
    return end_line(log);
}

static gboolean remainder_octets(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    (void)error;
    g_string_append_printf(stream_log(s), "remainder %d", reason);
    put_octets(stream_log(s), data);
    return end_line(stream_log(s));
}

static gboolean message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    (void)error;
    g_string_append(stream_log(s), "message");
    put_octets(stream_log(s), data);
    return end_line(stream_log(s));
}

static gboolean hello(BmStreamVisitor *s, const BmHello *h, GError **error)
{
    (void)error;
    g_string_append(stream_log(s), "hello");
    for (uint32_t i = 0; i < h->n_versions; i++) {
        g_string_append_printf(stream_log(s), " %u", h->versions[i]);
    }
    put_capabilities(stream_log(s), h->capabilities, h->n_capabilities);
    return end_line(stream_log(s));
}

static gboolean check(BmStreamVisitor *s, GError **error)
{
    (void)error;
    g_string_append(stream_log(s), "check\n");
    return TRUE;
}

static gboolean findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n, GError **error)
{
    GString *log = stream_log(s);

    (void)error;
    g_string_append_printf(log, "findings %u", n);
    for (uint32_t i = 0; i < n; i++) {
        g_string_append_printf(log, " %u %d [%s] [%s] [%s] [%s]", list[i].code, list[i].severity,
                               list[i].path, list[i].message,
                               list[i].expected ? list[i].expected : "-",
                               list[i].got ? list[i].got : "-");
    }
    return end_line(log);
}

static gboolean channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                             GError **error)
{
    GString *log = stream_log(s);

    (void)error;
    g_string_append_printf(log, "channel_ends %u", n);
    for (uint32_t i = 0; i < n; i++) {
        g_string_append_printf(log, " %" PRIu64 " %" PRIx64, list[i].octets, list[i].digest);
    }
    return end_line(log);
}

static gboolean announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    GString *log = stream_log(s);

    (void)error;
    put_schemas((Calls *)s, a->schemas);
    g_string_append_printf(log, "announce %s %u %u %d", a->name, a->instance, a->version,
                           a->schema ? (int)a->schema->number : -1);
    return end_line(log);
}

static gboolean ack(BmStreamVisitor *s, uint64_t of, uint64_t digest, GError **error)
{
    (void)error;
    g_string_append_printf(stream_log(s), "ack %" PRIu64 " %" PRIx64 "\n", of, digest);
    return TRUE;
}

static gboolean extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                          GError **error)
{
    (void)error;
    g_string_append_printf(stream_log(s), "extension %" PRIu64 " %d", kind, critical);
    put_octets(stream_log(s), data);
    return end_line(stream_log(s));
}

static gboolean end(BmStreamVisitor *s, GError **error)
{
    (void)error;
    g_string_append(stream_log(s), "end\n");
    return TRUE;
}

BmStreamVisitor *calls_stream(GString *log)
{
    static const BmStreamOps ops = {.begin = begin,
                                    .configuration = configuration,
                                    .device = device,
                                    .live_begin = live_begin,
                                    .live_item = live_item,
                                    .live_end = live_end,
                                    .command = command,
                                    .package_begin = package_begin,
                                    .package_end = package_end,
                                    .finish = finish,
                                    .remainder = remainder_octets,
                                    .message = message,
                                    .ack = ack,
                                    .hello = hello,
                                    .announce = announce,
                                    .check = check,
                                    .findings = findings,
                                    .channel_ends = channel_ends,
                                    .extension = extension,
                                    .end = end};
    Calls *c = g_new0(Calls, 1);

    c->base.ops = &ops;
    c->log = log;
    return &c->base;
}

gboolean calls_compare(const GString *ours, const GString *theirs, GError **error)
{
    g_auto(GStrv) a = NULL;
    g_auto(GStrv) b = NULL;

    if (g_string_equal(ours, theirs)) {
        return TRUE;
    }
    a = g_strsplit(ours->str, "\n", -1);
    b = g_strsplit(theirs->str, "\n", -1);
    for (unsigned i = 0; a[i] && b[i]; i++) {
        if (strcmp(a[i], b[i]) != 0) {
            return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                                "call %u differs:\nours:   %s\ntheirs: %s", i + 1, a[i], b[i]);
        }
    }
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "one reader made more calls");
}
