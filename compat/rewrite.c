/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each device goes through a tree, also one that no rule is for: schemas have
 * other numbers in the set of this visitor, and numbers stand in the values.
 */
#include "rewrite.h"

#include <string.h>

#include "vmdesc.h"
#include "walk.h"

typedef struct Rewrite {
    BmStreamVisitor base;
    BmStreamVisitor *inner;
    const BmChain *chain;
    BmRewriteOptions options;
    BmTransformer by;
    BmSchemaSet *set; /* of all that is handed on */
    unsigned packages;
    gboolean any; /* something has changed */
} Rewrite;

static Rewrite *self(BmStreamVisitor *s)
{
    return (Rewrite *)s;
}

static void note_change(void *user, const BmChange *change)
{
    Rewrite *r = user;

    r->any = TRUE;
    if (r->options.changed) {
        r->options.changed(r->options.user, change);
    }
}

/* ---- devices ---- */

static gboolean read_state(const BmDevice *d, BmDeviceState *to, GError **error)
{
    BmVisitor *out;
    gboolean ok;

    *to = (BmDeviceState){g_strdup(d->section.name), d->section.instance, d->section.version};
    if (!d->values) {
        return TRUE;
    }
    out = bm_visitor_state_out(&to->state);
    ok = bm_walk(d->schema, d->values, out, d->section.name, error);
    bm_visitor_free(out);
    return ok;
}

/* Octets of a section in QEMU's stream, but for what never changes.  0 if they
 * cannot be told. */
static uint64_t section_size(const char *name, const BmSchema *schema, size_t octets)
{
    uint64_t size = octets;

    if (schema && !bm_schema_size(schema, &size)) {
        return 0;
    }
    return size + strlen(name);
}

static gboolean check_package(const Rewrite *r, const BmDevice *d, const BmDeviceState *to,
                              const BmSchema *schema, GError **error)
{
    uint64_t before = section_size(d->section.name, d->values ? d->schema : NULL, d->octets.len);
    uint64_t after = section_size(to->name, schema, d->octets.len);

    return r->packages == 0 || (!to->dropped && before == after && before > 0) ||
           bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, d->section.name,
                        "a device in a package cannot change its size");
}

static gboolean hand_on(Rewrite *r, const BmDevice *from, const BmDeviceState *state,
                        GError **error)
{
    BmDevice d = *from;
    gboolean ok;

    if (state->state) {
        d.schema = bm_state_schema(state->state, r->set, error);
    } else if (from->schema) {
        d.schema = bm_schema_copy(from->schema, r->set, error);
    }
    if ((state->state || from->schema) && !d.schema) {
        return FALSE;
    }
    if (!check_package(r, from, state, state->state ? d.schema : NULL, error)) {
        return FALSE;
    }
    d.schemas = d.schema ? r->set : NULL;
    d.section.name = state->name;
    d.section.instance = state->instance;
    d.section.version = state->version;
    d.values = state->state ? bm_visitor_state_in(state->state) : NULL;
    ok = bm_stream_device(r->inner, &d, error);
    bm_visitor_free(d.values);
    return ok;
}

/* What is refused is reported, and the rest of the stream still looked at. */
static gboolean apply_chain(Rewrite *r, BmDeviceState *state, GError **error)
{
    g_autoptr(GError) why = NULL;
    guint refused = r->by.refused;

    if (bm_chain_apply(r->chain, state, &r->by, &why)) {
        return TRUE;
    }
    if (g_error_matches(why, BM_ERROR, BM_REFUSED) && r->by.refused > refused) {
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&why));
    return FALSE;
}

static gboolean rewrite_device(Rewrite *r, const BmDevice *d, BmDeviceState *state, GError **error)
{
    if (!apply_chain(r, state, error)) {
        return FALSE;
    }
    if (state->dropped) {
        return check_package(r, d, state, NULL, error);
    }
    return hand_on(r, d, state, error);
}

static gboolean device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    BmDeviceState state;
    gboolean ok;

    ok = read_state(d, &state, error) && rewrite_device(self(s), d, &state, error);
    if (!ok && error && *error) {
        bm_error_add_path(*error, d->section.name);
    }
    bm_device_state_clear(&state);
    return ok;
}

/* ---- commands and packages ---- */

static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    Rewrite *r = self(s);

    if (bm_chain_keeps_command(r->chain, code, data, &r->by)) {
        return bm_stream_command(r->inner, code, data, error);
    }
    return r->packages == 0 || bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                                            "a command in a package cannot be dropped");
}

static gboolean package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    self(s)->packages++;
    return bm_stream_package_begin(self(s)->inner, length, error);
}

static gboolean package_end(BmStreamVisitor *s, GError **error)
{
    self(s)->packages--;
    return bm_stream_package_end(self(s)->inner, error);
}

/* ---- the end ---- */

static void note(const Rewrite *r, BmRewriteNote what)
{
    if (r->options.note) {
        r->options.note(r->options.user, what);
    }
}

/* A text no longer describes what has changed.  What it says of the stream as a
 * whole is kept, the rest follows from the schemas. */
static gboolean derive_anew(Rewrite *r, const BmDescription *from, BmDescription *to)
{
    g_autoptr(GError) wrong = NULL;
    BmVmdesc *text = bm_vmdesc_parse((const char *)from->text.data, from->text.len, r->set, &wrong);

    *to = (BmDescription){.present = FALSE};
    if (!text) {
        note(r, BM_NOTE_DESCRIPTION_DROPPED);
        return TRUE;
    }
    to->present = to->derived = TRUE;
    to->style = text->style;
    to->page_size = text->page_size;
    to->configuration = text->configuration;
    to->schemas = r->set;
    bm_vmdesc_free(text);
    note(r, BM_NOTE_DERIVED_ANEW);
    return TRUE;
}

static gboolean rewrite_description(Rewrite *r, const BmDescription *from, BmDescription *to,
                                    GError **error)
{
    *to = *from;
    if (from->present && !from->derived) {
        return !r->any || derive_anew(r, from, to);
    }
    if (from->configuration) {
        to->configuration = bm_schema_copy(from->configuration, r->set, error);
        to->schemas = r->set;
        return to->configuration != NULL;
    }
    return TRUE;
}

static gboolean finish(BmStreamVisitor *s, const BmDescription *from, GError **error)
{
    BmDescription to;

    return rewrite_description(self(s), from, &to, error) &&
           bm_stream_finish(self(s)->inner, &to, error);
}

static gboolean end(BmStreamVisitor *s, GError **error)
{
    Rewrite *r = self(s);

    if (r->by.refused > 0) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "%u values would be lost without consent", r->by.refused);
    }
    return bm_stream_end(r->inner, error);
}

/* ---- what passes ---- */

static gboolean begin(BmStreamVisitor *s, const BmPreamble *p, GError **error)
{
    return bm_stream_begin(self(s)->inner, p, error);
}

static gboolean hello(BmStreamVisitor *s, const BmHello *h, GError **error)
{
    return bm_stream_hello(self(s)->inner, h, error);
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    return bm_stream_configuration(self(s)->inner, c, error);
}

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    return bm_stream_live_begin(self(s)->inner, phase, section, error);
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    return bm_stream_live_item(self(s)->inner, item, error);
}

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    return bm_stream_live_end(self(s)->inner, bare, error);
}

static gboolean channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    return bm_stream_channel(self(s)->inner, item, error);
}

static gboolean put_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    return bm_stream_remainder(self(s)->inner, reason, data, error);
}

static gboolean message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    return bm_stream_message(self(s)->inner, data, error);
}

static gboolean ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    return bm_stream_ack(self(s)->inner, octets, digest, error);
}

static gboolean extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                          GError **error)
{
    return bm_stream_extension(self(s)->inner, kind, critical, data, error);
}

static gboolean flush(BmStreamVisitor *s, GError **error)
{
    return bm_stream_flush(self(s)->inner, error);
}

static void free_stream(BmStreamVisitor *s)
{
    Rewrite *r = self(s);

    bm_stream_free(r->inner);
    bm_schema_set_free(r->set);
    g_free(r);
}

static const BmStreamOps rewrite_ops = {
    .begin = begin,
    .hello = hello,
    .configuration = configuration,
    .device = device,
    .live_begin = live_begin,
    .live_item = live_item,
    .live_end = live_end,
    .channel = channel,
    .command = command,
    .package_begin = package_begin,
    .package_end = package_end,
    .finish = finish,
    .remainder = put_remainder,
    .message = message,
    .ack = ack,
    .extension = extension,
    .end = end,
    .flush = flush,
    .free = free_stream,
};

BmStreamVisitor *bm_rewrite_stream(BmStreamVisitor *inner, const BmChain *chain,
                                   const BmRewriteOptions *options)
{
    Rewrite *r = g_new0(Rewrite, 1);

    r->base.ops = &rewrite_ops;
    r->inner = inner;
    r->chain = chain;
    r->options = *options;
    r->by = (BmTransformer){.consent = options->consent, .changed = note_change, .user = r};
    r->set = bm_schema_set_new();
    return &r->base;
}
