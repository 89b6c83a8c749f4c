/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes QEMU's own stream.
 *
 * The last octets, from the end marker on, are held back until the source has
 * found its stream whole: a QEMU that loads this runs its guest at the marker.
 */
#include <string.h>

#include "compat.h"
#include "legacy-items-out.h"
#include "legacy-put.h"
#include "legacy-tail.h"
#include "legacy-values.h"
#include "legacy.h"
#include "mapped-ram-out.h"
#include "recall-impl.h"
#include "walk.h"

/* An open package: where its octets begin, and how many it says there are. */
typedef struct Package {
    uint64_t start;
    uint32_t length;
} Package;

typedef struct LegacyStream {
    BmStreamVisitor base;
    BmOutput *out;
    BmLegacyForm form;
    BmMappedOut *mapped; /* NULL: pages go into the stream */
    GTree *grammars;     /* id -> BmGrammar of live sections */
    uint32_t id;         /* of the section that is open */
    BmLegacyItems items; /* of its body, and what it needs of those before it */
    GArray *packages;    /* Package */
    gboolean announced, has_state;
    BmVmdesc *described;
    BmRecall *recall; /* NULL: none */
    BmLegacyTail tail;
} LegacyStream;

static LegacyStream *self(BmStreamVisitor *s)
{
    return (LegacyStream *)s;
}

BmGrammar bm_legacy_grammar(const char *name, uint32_t version)
{
    if (strcmp(name, "ram") == 0 && version == 4) {
        return BM_GRAMMAR_RAM;
    }
    if (strcmp(name, "block") == 0 && version == 1) {
        return BM_GRAMMAR_BLOCK;
    }
    if (strcmp(name, "spapr/htab") == 0 && version == 1) {
        return BM_GRAMMAR_HASH;
    }
    if (strcmp(name, "dirty-bitmap") == 0 && version == 1) {
        return BM_GRAMMAR_BITMAP;
    }
    return BM_GRAMMAR_OCTETS;
}

int bm_legacy_compare_ids(gconstpointer a, gconstpointer b, gpointer data)
{
    guint first = GPOINTER_TO_UINT(a), second = GPOINTER_TO_UINT(b);

    (void)data;
    return first < second ? -1 : first > second;
}

static gboolean written(LegacyStream *l, GError **error)
{
    int number = bm_output_errno(l->out);
    BmFault fault = {BM_IO, BM_NO_OFFSET, "the QEMU stream", 0, (uint64_t)number};

    return number == 0 || bm_error_from_fault(error, &fault, NULL);
}

/* ---- header and configuration ---- */

static gboolean begin(BmStreamVisitor *s, const BmPreamble *p, GError **error)
{
    LegacyStream *l = self(s);

    if (p->direction != BM_FORWARD) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a return stream has no form as a QEMU stream file");
    }
    bm_output_write(l->out, p->leading.data, p->leading.len);
    bm_put32(l->out, BM_LEGACY_MAGIC);
    bm_put32(l->out, p->has_header ? p->header_version : BM_LEGACY_VERSION);
    return written(l, error);
}

static void put_subsection(LegacyStream *l, const char *name)
{
    bm_put8(l->out, BM_LEGACY_SUBSECTION);
    bm_put_name(l->out, name);
    bm_put32(l->out, 1);
}

static gboolean put_capabilities(LegacyStream *l, const GPtrArray *names, GError **error)
{
    put_subsection(l, BM_LEGACY_CAPABILITIES);
    bm_put32(l->out, names->len);
    for (guint i = 0; i < names->len; i++) {
        if (!bm_legacy_check_name(names->pdata[i], error)) {
            return FALSE;
        }
        bm_put_name(l->out, names->pdata[i]);
    }
    return TRUE;
}

/* A QEMU takes mapped-ram files with that capability, and only then; in QEMU's order
 * it is the last one.  TRUE if there is a list, which may be empty in the origin. */
static gboolean choose_capabilities(const LegacyStream *l, const BmConfiguration *c,
                                    GPtrArray *names)
{
    gboolean had = FALSE;

    for (char *const *name = c->capabilities; name && *name; name++) {
        if (strcmp(*name, BM_LEGACY_MAPPED) != 0) {
            g_ptr_array_add(names, *name);
        } else {
            had = TRUE;
        }
    }
    if (l->form == BM_LEGACY_PLACES || (l->form == BM_LEGACY_AS_IT_WAS && had)) {
        g_ptr_array_add(names, (char *)BM_LEGACY_MAPPED);
        return TRUE;
    }
    return names->len > 0 || (c->has_capabilities && !had);
}

static gboolean choose_form(LegacyStream *l, const GPtrArray *names, GError **error)
{
    if (names->len == 0 || strcmp(names->pdata[names->len - 1], BM_LEGACY_MAPPED) != 0) {
        return TRUE;
    }
    if (!bm_output_has_places(l->out)) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a mapped-ram file is not written in order, so it goes only to a file "
                            "of its own");
    }
    l->mapped = bm_mapped_out_new(l->out);
    return !l->items.page_size ||
           bm_mapped_out_item(
               l->mapped, &(BmItem){.type = BM_ITEM_PAGE_SIZE, .value = l->items.page_size}, error);
}

static gboolean take_page_bits(LegacyStream *l, uint32_t bits, GError **error)
{
    if (bits < 10 || bits > 16) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, "configuration", "a page of 2^%u octets",
                            bits);
    }
    l->items.page_size = UINT64_C(1) << bits;
    return TRUE;
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    LegacyStream *l = self(s);
    gboolean listed = choose_capabilities(l, c, names);

    if ((c->has_page_bits && !take_page_bits(l, c->page_bits, error)) ||
        !choose_form(l, names, error)) {
        return FALSE;
    }
    bm_put8(l->out, BM_LEGACY_CONFIGURATION);
    bm_put32(l->out, (uint32_t)strlen(c->machine));
    bm_output_write(l->out, c->machine, strlen(c->machine));
    if (c->has_page_bits) {
        put_subsection(l, BM_LEGACY_PAGE_BITS);
        bm_put32(l->out, c->page_bits);
    }
    if (listed && !put_capabilities(l, names, error)) {
        return FALSE;
    }
    if (c->uuid) {
        put_subsection(l, BM_LEGACY_UUID);
        bm_output_write(l->out, c->uuid, 16);
    }
    return written(l, error);
}

/* ---- sections ---- */

/* Nothing in QEMU's stream; see finish(). */
static gboolean announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    (void)a;
    (void)error;
    self(s)->announced = TRUE;
    return TRUE;
}

static gboolean put_section_head(LegacyStream *l, unsigned type, const BmSection *section,
                                 GError **error)
{
    if (!bm_legacy_check_name(section->name, error)) {
        return FALSE;
    }
    l->has_state = TRUE;
    bm_put8(l->out, type);
    bm_put32(l->out, section->id);
    bm_put_name(l->out, section->name);
    bm_put32(l->out, section->instance);
    bm_put32(l->out, section->version);
    return TRUE;
}

static void put_footer(LegacyStream *l, uint32_t id)
{
    bm_put8(l->out, BM_LEGACY_FOOTER);
    bm_put32(l->out, id);
}

static gboolean put_values(LegacyStream *l, const BmDevice *d, GError **error)
{
    BmVisitor *v = bm_visitor_legacy_out(l->out);
    gboolean ok = bm_walk(d->schema, d->values, v, d->section.name, error);

    bm_visitor_free(v);
    return ok;
}

static gboolean device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    LegacyStream *l = self(s);
    uint64_t start;

    if (!put_section_head(l, BM_LEGACY_FULL, &d->section, error)) {
        return FALSE;
    }
    start = bm_output_offset(l->out);
    if (!d->values) {
        bm_output_write(l->out, d->octets.data, d->octets.len);
    } else if (!put_values(l, d, error)) {
        return FALSE;
    }
    /* One too many shows that they are too many. */
    if (l->described->devices->len <= BM_LIMIT_DEVICES) {
        bm_vmdesc_add(l->described, d->section.name, d->section.instance, d->schema,
                      bm_output_offset(l->out) - start);
    }
    if (!d->bare) {
        put_footer(l, d->section.id);
    }
    return written(l, error);
}

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    static const unsigned types[] = {BM_LEGACY_START, BM_LEGACY_PART, BM_LEGACY_END};
    LegacyStream *l = self(s);
    BmGrammar grammar;

    if (l->form == BM_LEGACY_PLACES && !l->mapped) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a mapped-ram file needs a configuration that says so, and this "
                            "stream has none");
    }
    l->id = section->id;
    if (phase == BM_PHASE_START) {
        grammar = bm_legacy_grammar(section->name, section->version);
        g_tree_insert(l->grammars, GUINT_TO_POINTER(section->id), GINT_TO_POINTER(grammar));
        bm_legacy_items_begin(&l->items, grammar);
        return put_section_head(l, BM_LEGACY_START, section, error) && written(l, error);
    }
    grammar = GPOINTER_TO_INT(g_tree_lookup(l->grammars, GUINT_TO_POINTER(section->id)));
    bm_legacy_items_begin(&l->items, grammar);
    bm_put8(l->out, types[phase]);
    bm_put32(l->out, section->id);
    return written(l, error);
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    LegacyStream *l = self(s);
    gboolean ok = l->mapped && l->items.grammar == BM_GRAMMAR_RAM
                      ? bm_mapped_out_item(l->mapped, item, error)
                      : bm_legacy_items_put(&l->items, item, error);

    return ok && written(l, error);
}

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    LegacyStream *l = self(s);

    bm_legacy_items_end(&l->items);
    if (!bare) {
        put_footer(l, l->id);
    }
    return written(l, error);
}

/* ---- commands and packages ---- */

static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    LegacyStream *l = self(s);
    /* A package that could not be read as records: its length, then the octets. */
    size_t len = code == BM_LEGACY_CMD_PACKAGED ? MIN(data.len, 4) : data.len;

    if (code == BM_LEGACY_CMD_PACKAGED && len == 4 && bm_be32(data.data) != data.len - 4) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "a package of %u octets has %zu", bm_be32(data.data), data.len - 4);
    }
    if (len > G_MAXUINT16) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "a command of %zu octets", len);
    }
    bm_put8(l->out, BM_LEGACY_COMMAND);
    bm_put16(l->out, code);
    bm_put16(l->out, (unsigned)len);
    bm_output_write(l->out, data.data, data.len);
    return written(l, error);
}

static gboolean package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    LegacyStream *l = self(s);
    Package package;

    if (l->mapped) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a package of postcopy, which a mapped-ram file cannot hold");
    }
    bm_put8(l->out, BM_LEGACY_COMMAND);
    bm_put16(l->out, BM_LEGACY_CMD_PACKAGED);
    bm_put16(l->out, 4);
    bm_put32(l->out, length);
    package = (Package){bm_output_offset(l->out), length};
    g_array_append_val(l->packages, package);
    return written(l, error);
}

static gboolean package_end(BmStreamVisitor *s, GError **error)
{
    LegacyStream *l = self(s);
    const Package *p = &g_array_index(l->packages, Package, l->packages->len - 1);
    uint64_t octets = bm_output_offset(l->out) - p->start;

    if (octets != p->length) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "a package of %u octets has %" G_GUINT64_FORMAT, p->length, octets);
    }
    g_array_set_size(l->packages, l->packages->len - 1);
    return written(l, error);
}

/* ---- the end ---- */

static gboolean hold(LegacyStream *l, const void *data, size_t len, GError **error)
{
    return bm_legacy_tail_add(&l->tail, data, len, error);
}

static gboolean hold_description(LegacyStream *l, const char *text, size_t len, GError **error)
{
    uint32_t be = GUINT32_TO_BE((uint32_t)len);
    uint8_t type = BM_LEGACY_VMDESC;

    return hold(l, &type, 1, error) && hold(l, &be, sizeof be, error) && hold(l, text, len, error);
}

/* Made from the schemas, unless it was made before. */
static gboolean hold_text(LegacyStream *l, GError **error)
{
    BmOctets seen = l->recall ? bm_recall_text(l->recall, l->described) : (BmOctets){NULL, 0};
    GString *made = seen.data ? NULL : bm_vmdesc_format(l->described, error);
    gboolean ok;

    if (made) {
        seen = (BmOctets){(const uint8_t *)made->str, made->len};
    }
    ok = seen.data && hold_description(l, (const char *)seen.data, seen.len, error);
    if (ok && l->recall) {
        bm_recall_note(l->recall, seen);
    }
    if (made) {
        g_string_free(made, TRUE);
    }
    return ok;
}

static gboolean hold_derived(LegacyStream *l, const BmDescription *d, GError **error)
{
    if (l->described->devices->len > BM_LIMIT_DEVICES) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, "description",
                            "it follows from more than %u devices", BM_LIMIT_DEVICES);
    }
    l->described->style = d->style;
    l->described->page_size = d->page_size;
    l->described->configuration = d->configuration;
    return hold_text(l, error);
}

static gboolean finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    LegacyStream *l = self(s);
    uint8_t marker = BM_LEGACY_EOF;

    /* A QEMU that loads nothing runs a guest without memory. */
    if (l->announced && !l->has_state) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a description, which has no state of a guest, has no form as a QEMU "
                            "stream");
    }

    if (l->packages->len > 0) {
        bm_put8(l->out, marker);
        return written(l, error);
    }
    if (!hold(l, &marker, 1, error)) {
        return FALSE;
    }
    if (!d->present) {
        return TRUE;
    }
    if (d->derived) {
        return hold_derived(l, d, error);
    }
    return hold_description(l, (const char *)d->text.data, d->text.len, error);
}

/* An end marker that nobody has found must be held like any other. */
/* See multifd.h for what writes them, and gather.h for what makes them pages of the stream. */
static gboolean channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    (void)s;
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                        "page channel %u (of multifd) has no place in a single QEMU stream",
                        item->number);
}

static gboolean put_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    LegacyStream *l = self(s);

    if (!hold(l, data.data, data.len, error)) {
        return FALSE;
    }
    if (reason == BM_REASON_UNDELIMITED) {
        bm_legacy_tail_slide(&l->tail, l->out);
    }
    return written(l, error);
}

static gboolean end(BmStreamVisitor *s, GError **error)
{
    LegacyStream *l = self(s);

    if (l->mapped) {
        bm_mapped_out_end(l->mapped);
    }
    if (!bm_legacy_tail_release(&l->tail, l->out, error)) {
        return FALSE;
    }
    bm_output_flush(l->out);
    return written(l, error);
}

static gboolean flush(BmStreamVisitor *s, GError **error)
{
    bm_output_flush(self(s)->out);
    return written(self(s), error);
}

static void free_stream(BmStreamVisitor *s)
{
    LegacyStream *l = self(s);

    g_tree_unref(l->grammars);
    bm_legacy_items_clear(&l->items);
    g_array_unref(l->packages);
    bm_vmdesc_free(l->described);
    bm_legacy_tail_clear(&l->tail);
    bm_mapped_out_free(l->mapped);
    g_free(l);
}

static const BmStreamOps legacy_stream_ops = {
    .begin = begin,
    .configuration = configuration,
    .announce = announce,
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
    .end = end,
    .flush = flush,
    .free = free_stream,
};

BmStreamVisitor *bm_legacy_stream_out(BmOutput *out)
{
    return bm_legacy_stream_out_as(out, BM_LEGACY_PLAIN);
}

BmStreamVisitor *bm_legacy_stream_out_as(BmOutput *out, BmLegacyForm form)
{
    LegacyStream *l = g_new0(LegacyStream, 1);

    l->base.ops = &legacy_stream_ops;
    l->out = out;
    l->form = form;
    l->grammars = g_tree_new_full(bm_legacy_compare_ids, NULL, NULL, NULL);
    bm_legacy_items_init(&l->items, out);
    l->packages = g_array_new(FALSE, FALSE, sizeof(Package));
    l->described = bm_vmdesc_new();
    bm_legacy_tail_init(&l->tail);
    return &l->base;
}

void bm_legacy_stream_out_recall(BmStreamVisitor *s, BmRecall *recall)
{
    self(s)->recall = recall;
}
