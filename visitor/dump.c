/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump.h"

#include "dump-impl.h"
#include "walk.h"

static BmDump *dump(BmStreamVisitor *s)
{
    return (BmDump *)s;
}

static gboolean close_record(BmDump *d, GError **error)
{
    bm_printer_call(d, record_end);
    return bm_dump_written(d, error);
}

static BmDump *open_record(BmStreamVisitor *s, const char *kind, const char *root)
{
    BmDump *d = dump(s);

    bm_dump_root(d, root);
    bm_printer_call(d, record, kind, FALSE);
    return d;
}

static void put_peer_capabilities(BmDump *d, const BmCapability *capabilities, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        g_autofree char *parameters = g_strjoinv(" ", (char **)capabilities[i].parameters);

        bm_dump_put_string(d, capabilities[i].name, parameters);
    }
}

static void put_outcome(BmStreamVisitor *s, const BmOutcome *outcome)
{
    BmDump *d = open_record(s, "outcome", "outcome");

    bm_dump_put_string(d, "peer", outcome->peer);
    bm_dump_put_string(d, "reason", outcome->reason);
    put_peer_capabilities(d, outcome->capabilities, outcome->n_capabilities);
    bm_printer_call(d, record_end);
}

static gboolean begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    BmDump *d = dump(s);

    bm_printer_call(d, begin, preamble);
    if (preamble->outcome) {
        put_outcome(s, preamble->outcome);
    }
    if (preamble->leading.data) {
        open_record(s, "leading", "leading");
        bm_dump_root_octets(d, "leading", preamble->leading, TRUE);
        bm_printer_call(d, record_end);
    }
    return bm_dump_written(d, error);
}

/* ---- configuration ---- */

static void put_capabilities(BmDump *d, char *const *names)
{
    guint count = g_strv_length((char **)names);
    char *component = g_strdup_printf("capabilities(%u)", count);

    bm_path_push_name(&d->path, component);
    bm_printer_call(d, packed, "capabilities", "string", count);
    for (guint i = 0; i < count; i++) {
        BmLeaf leaf = bm_leaf_string(names[i]);

        bm_path_push_index(&d->path, i);
        bm_dump_leaf(d, NULL, &leaf);
        bm_path_pop(&d->path);
    }
    bm_printer_call(d, packed_end);
    bm_path_pop(&d->path);
    g_free(component);
}

static void put_uuid(BmDump *d, const uint8_t *uuid)
{
    bm_path_push_name(&d->path, "uuid(16)(1)");
    bm_dump_leaf(d, "uuid", &(BmLeaf){BM_LEAF_OCTETS, "buffer", .octets = {uuid, 16}});
    bm_path_pop(&d->path);
}

static gboolean hello(BmStreamVisitor *s, const BmHello *h, GError **error)
{
    BmDump *d = open_record(s, "hello", "hello");

    for (uint32_t i = 0; i < h->n_versions; i++) {
        bm_dump_put_number(d, "version", "uint32", h->versions[i]);
    }
    put_peer_capabilities(d, h->capabilities, h->n_capabilities);
    return close_record(d, error);
}

/* An empty record shows that it was there. */
static gboolean check(BmStreamVisitor *s, GError **error)
{
    BmDump *d = open_record(s, "check", "check");
    BmLeaf leaf = {.form = BM_LEAF_BOOLEAN, .type = "bool", .bits = 1};

    bm_dump_put(d, "asked", &leaf);
    return close_record(d, error);
}

static gboolean findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n, GError **error)
{
    BmDump *d = open_record(s, "findings", "findings");

    for (uint32_t i = 0; i < n; i++) {
        g_autofree char *line = bm_finding_line(&list[i]);

        bm_dump_put_string(d, "finding", line);
    }
    return close_record(d, error);
}

static gboolean channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                             GError **error)
{
    BmDump *d = open_record(s, "channel_ends", "channel_ends");

    for (uint32_t i = 0; i < n; i++) {
        bm_dump_put_number(d, "octets", "uint64", list[i].octets);
        bm_dump_put_number(d, "digest", "uint64", list[i].digest);
    }
    return close_record(d, error);
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    BmDump *d = open_record(s, "configuration", "configuration");

    bm_dump_put_string(d, "machine", c->machine);
    if (c->has_page_bits) {
        bm_dump_put_number(d, "page_bits", "uint32", c->page_bits);
    }
    if (c->has_capabilities) {
        put_capabilities(d, c->capabilities);
    }
    if (c->uuid) {
        put_uuid(d, c->uuid);
    }
    return close_record(d, error);
}

static gboolean announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    BmDump *d = open_record(s, "announce", "announce");

    bm_dump_put_string(d, "name", a->name);
    bm_dump_put_number(d, "instance", "uint32", a->instance);
    bm_dump_put_number(d, "version", "uint32", a->version);
    if (a->schema) {
        bm_dump_put_number(d, "schema", "uint32", a->schema->number);
    }
    return close_record(d, error);
}

/* ---- devices ---- */

static gboolean walk_values(BmDump *d, const BmDevice *device, const char *root, GError **error)
{
    BmVisitor *out = bm_dump_values(d);
    gboolean ok;

    bm_dump_root(d, root);
    ok = bm_walk(device->schema, device->values, out, root, error);
    bm_visitor_free(out);
    return ok;
}

static gboolean device(BmStreamVisitor *s, const BmDevice *dev, GError **error)
{
    BmDump *d = dump(s);
    const char *root = bm_names_add_device(d->roots, dev);

    bm_printer_call(d, record, "device", FALSE);
    bm_printer_call(d, device, dev, root);
    if (!dev->values) {
        bm_dump_root_octets(d, root, dev->octets, FALSE);
    } else if (!walk_values(d, dev, root, error)) {
        return FALSE;
    }
    return close_record(d, error);
}

/* ---- the rest of a stream ---- */

static const char *const command_names[] = {
    "invalid",      "open_return_path",     "ping",     "postcopy_advise", "postcopy_listen",
    "postcopy_run", "postcopy_ram_discard", "packaged", "enable_colo",     "postcopy_resume",
    "recv_bitmap",  "switchover_start",
};

static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    BmDump *d = open_record(s, "command", "command");
    char number[16];
    const char *name = number;

    if (code < G_N_ELEMENTS(command_names)) {
        name = command_names[code];
    } else {
        g_snprintf(number, sizeof(number), "%u", code);
    }
    bm_dump_put(d, name, &(BmLeaf){BM_LEAF_OCTETS, "octets", .octets = data});
    return close_record(d, error);
}

static gboolean package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    BmDump *d = open_record(s, "package", "package");

    bm_dump_put_number(d, "length", "uint32", length);
    return close_record(d, error);
}

static gboolean package_end(BmStreamVisitor *s, GError **error)
{
    return close_record(open_record(s, "package_end", "package"), error);
}

static gboolean finish(BmStreamVisitor *s, const BmDescription *description, GError **error)
{
    BmDump *d = open_record(s, "finish", "finish");

    if (description->present) {
        bm_dump_put_string(d, "description", description->derived ? "derived" : "text");
    }
    if (description->present && description->derived) {
        bm_dump_put_number(d, "page_size", "uint64", description->page_size);
    }
    return close_record(d, error);
}

static gboolean remainder_octets(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    BmDump *d = open_record(s, "remainder", "remainder");

    bm_dump_put_string(d, "reason", reason == BM_REASON_TRAILING ? "trailing" : "undelimited");
    bm_dump_root_octets(d, "remainder", data, TRUE);
    return close_record(d, error);
}

static gboolean message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    BmDump *d = open_record(s, "message", "message");

    bm_dump_root_octets(d, "message", data, TRUE);
    return close_record(d, error);
}

static gboolean ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    BmDump *d = open_record(s, "ack", "ack");

    bm_dump_put_number(d, "octets", "uint64", octets);
    bm_dump_put_number(d, "digest", "uint64", digest);
    return close_record(d, error);
}

static gboolean extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                          GError **error)
{
    BmDump *d = open_record(s, "extension", "extension");

    bm_dump_put_number(d, "kind", "uint64", kind);
    bm_dump_put(d, "critical", &(BmLeaf){BM_LEAF_BOOLEAN, "bool", .bits = critical ? 1 : 0});
    bm_dump_root_octets(d, "extension", data, TRUE);
    return close_record(d, error);
}

static gboolean end(BmStreamVisitor *s, GError **error)
{
    BmDump *d = dump(s);

    bm_printer_call(d, end);
    bm_printer_call(d, drain);
    return bm_dump_written(d, error);
}

static gboolean flush(BmStreamVisitor *s, GError **error)
{
    BmDump *d = dump(s);

    bm_printer_call(d, drain);
    bm_output_flush(d->out);
    return bm_dump_written(d, error);
}

static void dump_free(BmStreamVisitor *s)
{
    BmDump *d = dump(s);

    /* What was printed before an error is of use, so it is not lost here. */
    bm_printer_call(d, drain);
    bm_printer_call(d, free);
    g_clear_pointer(&d->glob, g_pattern_spec_free);
    bm_path_clear(&d->path);
    bm_names_free(d->roots);
    g_string_free(d->section, TRUE);
    g_string_free(d->node, TRUE);
    g_string_free(d->bitmap, TRUE);
    g_ptr_array_unref(d->blocks);
    g_free(d);
}

static const BmStreamOps dump_ops = {
    .begin = begin,
    .hello = hello,
    .configuration = configuration,
    .announce = announce,
    .check = check,
    .findings = findings,
    .channel_ends = channel_ends,
    .device = device,
    .live_begin = bm_dump_live_begin,
    .live_item = bm_dump_live_item,
    .live_end = bm_dump_live_end,
    .command = command,
    .package_begin = package_begin,
    .package_end = package_end,
    .finish = finish,
    .remainder = remainder_octets,
    .message = message,
    .ack = ack,
    .extension = extension,
    .end = end,
    .flush = flush,
    .free = dump_free,
};

BmStreamVisitor *bm_dump_stream(BmPrinter *printer, BmOutput *out, const char *glob, gboolean pages)
{
    BmDump *d = g_new0(BmDump, 1);

    d->base.ops = &dump_ops;
    d->printer = printer;
    d->out = out;
    d->glob = glob ? g_pattern_spec_new(glob) : NULL;
    d->pages = pages;
    d->state_key = "state";
    bm_path_init(&d->path, "");
    d->roots = bm_names_new();
    d->section = g_string_new(NULL);
    d->node = g_string_new(NULL);
    d->bitmap = g_string_new(NULL);
    d->blocks = g_ptr_array_new_with_free_func(g_free);
    return &d->base;
}
