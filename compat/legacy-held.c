/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device sections.  Their bodies have no length; the description that has the
 * sizes comes after all of them.  So they stay in the input's buffer, looked
 * over but not moved, until the end marker and the description are there; then
 * each goes on with its structure.
 *
 * Where there is no description (suppressed, postcopy, devices saved early), a
 * body ends at its footer, and goes on as octets.
 */
#include <string.h>

#include "legacy-reader.h"
#include "legacy-values.h"
#include "walk.h"

#define HELD_LIMIT (1ull << 30)
/* Texts that are tried for the description where no footer leads to it: by
 * chance not even one looks like one. */
#define TRIES 16
/* Values that a description may have: some, and some per octet of the body.  Few
 * arrays of empty structs are more than anyone can walk. */
#define VALUES_FREE 1024
#define VALUES_PER_OCTET 16

/* One device section in the look-ahead. */
typedef struct Held {
    size_t at;   /* of its type octet */
    size_t body; /* of its first body octet */
    size_t end;  /* behind the body */
} Held;

static uint64_t held_limit(const BmLegacyReader *r)
{
    return r->options.held_limit ? r->options.held_limit : HELD_LIMIT;
}

static gboolean look(BmLegacyReader *r, size_t len, GError **error)
{
    if (len > held_limit(r)) {
        return bm_error_set(error, BM_LIMIT, bm_input_offset(r->in), NULL,
                            "more than %" G_GUINT64_FORMAT
                            " octets of device state with no description",
                            held_limit(r));
    }
    return bm_legacy_need(r, len, "the devices", error);
}

static const uint8_t *ahead(BmLegacyReader *r, size_t at)
{
    return bm_input_data(r->in) + at;
}

/* ---- heads ---- */

static gboolean look_head(BmLegacyReader *r, size_t at, size_t *body, GError **error)
{
    size_t len;

    if (!look(r, at + 6, error)) {
        return FALSE;
    }
    len = ahead(r, at)[5];
    *body = at + 6 + len + 8;
    return look(r, *body, error);
}

static gboolean read_head(BmLegacyReader *r, const Held *h, BmSection *section, char **name,
                          GError **error)
{
    const uint8_t *p = ahead(r, h->at);
    size_t len = p[5];

    if (len == 0 || !bm_utf8_valid(p + 6, len)) {
        return bm_error_set(error, BM_BAD_VALUE, bm_input_offset(r->in) + h->at + 5, NULL,
                            "the name of a device section is empty or not UTF-8");
    }
    *name = g_strndup((const char *)p + 6, len);
    *section = (BmSection){bm_be32(p + 1), *name, bm_be32(p + 6 + len), bm_be32(p + 6 + len + 4)};
    return TRUE;
}

/* ---- bodies by footer ---- */

/* The footer and the end marker, whatever comes then.  In a file that need not
 * be anything of QEMU's. */
static gboolean last_footer_at(BmLegacyReader *r, size_t at, uint32_t id)
{
    const uint8_t *p = ahead(r, at);

    return bm_input_available(r->in) > at + 5 && bm_be32(p + 1) == id && p[5] == BM_LEGACY_EOF;
}

/* The end of a body, by its footer, from `from` on.  *last is where the stream
 * may end, 0 if nowhere. */
static gboolean scan_footer(BmLegacyReader *r, size_t from, uint32_t id, size_t *end, size_t *last,
                            GError **error)
{
    size_t at = from;

    for (;;) {
        size_t have = bm_input_available(r->in);
        const uint8_t *p = at < have ? memchr(ahead(r, at), BM_LEGACY_FOOTER, have - at) : NULL;

        if (!p) {
            at = have;
            if (!look(r, have + 1, error)) {
                return FALSE;
            }
            continue;
        }
        at = (size_t)(p - ahead(r, 0));
        if (!look(r, at + 5, error)) {
            return FALSE;
        }
        if (bm_legacy_footer_at(r, at, id)) {
            *end = at;
            return TRUE;
        }
        if (*last == 0 && last_footer_at(r, at, id)) {
            *last = at;
        }
        at++;
    }
}

static gboolean find_footer(BmLegacyReader *r, size_t from, uint32_t id, size_t *end,
                            GError **error)
{
    g_autoptr(GError) none = NULL;
    size_t last = 0;

    if (scan_footer(r, from, id, end, &last, &none)) {
        return TRUE;
    }
    if (last > 0 && bm_input_errno(r->in) == 0) {
        *end = last;
        return TRUE;
    }
    g_propagate_error(error, g_steal_pointer(&none));
    return FALSE;
}

/* ---- handing on ---- */

static gboolean give_octets(BmLegacyReader *r, const Held *h, const BmSchema *schema, gboolean bare,
                            GError **error)
{
    BmDevice d = {.schema = schema, .schemas = schema ? r->set : NULL, .bare = bare};
    g_autofree char *name = NULL;

    if (!read_head(r, h, &d.section, &name, error)) {
        return FALSE;
    }
    d.octets = (BmOctets){ahead(r, h->body), h->end - h->body};
    return bm_stream_device(r->s, &d, error);
}

static BmVisitor *values_of(BmLegacyReader *r, const Held *h, BmFault *fault)
{
    return bm_visitor_legacy_in(
        bm_view(ahead(r, h->body), h->end - h->body, bm_input_offset(r->in) + h->body, fault));
}

/* Does the description lead exactly through the body? */
static gboolean fits(BmLegacyReader *r, const Held *h, const BmSchema *schema)
{
    uint64_t most = VALUES_FREE + VALUES_PER_OCTET * (uint64_t)(h->end - h->body);
    BmFault fault = {0};
    BmVisitor *in, *out;
    gboolean ok;

    if (bm_schema_count_values(schema) > most) {
        return FALSE;
    }
    in = values_of(r, h, &fault);
    out = bm_visitor_null();
    ok = bm_walk(schema, in, out, NULL, NULL) && bm_visitor_legacy_left(in) == 0;
    bm_visitor_free(in);
    bm_visitor_free(out);
    return ok;
}

static gboolean give_values(BmLegacyReader *r, const Held *h, const BmSchema *schema, gboolean bare,
                            GError **error)
{
    g_autofree char *name = NULL;
    BmDevice d = {.schema = schema, .schemas = r->set, .bare = bare};
    BmFault fault = {0};
    gboolean ok;

    if (!read_head(r, h, &d.section, &name, error)) {
        return FALSE;
    }
    d.values = values_of(r, h, &fault);
    ok = bm_stream_device(r->s, &d, error);
    bm_visitor_free(d.values);
    return ok;
}

static gboolean give_device(BmLegacyReader *r, const Held *h, const BmSchema *schema, gboolean bare,
                            GError **error)
{
    if (schema && fits(r, h, schema)) {
        return give_values(r, h, schema, bare, error);
    }
    return give_octets(r, h, schema, bare, error);
}

/* ---- with a description ---- */

/* Is this device section the one that the description means? */
static gboolean is_described(BmLegacyReader *r, const Held *h, const BmVmdescDevice *d)
{
    const uint8_t *p = ahead(r, h->at);
    size_t len = p[5];

    return strlen(d->name) == len && memcmp(p + 6, d->name, len) == 0 &&
           bm_be32(p + 6 + len) == d->instance;
}

static gboolean described_size(const BmVmdescDevice *d, uint64_t *size)
{
    *size = d->size;
    return !d->schema || bm_schema_size(d->schema, size);
}

/* Where the body ends: where the description says, if a footer stands there;
 * its sizes are wrong for some devices (s390 css up to 9.2). */
static gboolean described_end(BmLegacyReader *r, Held *h, const BmVmdescDevice *d, size_t limit,
                              GError **error)
{
    uint32_t id = bm_be32(ahead(r, h->at) + 1);
    uint64_t size;

    if (described_size(d, &size) && size <= limit - h->body) {
        h->end = h->body + (size_t)size;
        if (r->footers == BM_FOOTERS_OFF ||
            (h->end + 5 <= limit && ahead(r, h->end)[0] == BM_LEGACY_FOOTER &&
             bm_be32(ahead(r, h->end) + 1) == id)) {
            return TRUE;
        }
    }
    if (r->footers == BM_FOOTERS_OFF) {
        return bm_error_set(error, BM_MISMATCH, bm_input_offset(r->in) + h->at, d->name,
                            "the description's sizes do not fit, and there are no footers");
    }
    return find_footer(r, h->body, id, &h->end, error) &&
           (h->end + 5 <= limit ||
            bm_error_set(error, BM_MISMATCH, bm_input_offset(r->in) + h->at, d->name,
                         "the section does not end before the end marker"));
}

static size_t footer_size(const BmLegacyReader *r)
{
    return r->footers == BM_FOOTERS_OFF ? 0 : 5;
}

static gboolean delimit_one(BmLegacyReader *r, const BmVmdescDevice *d, size_t limit, Held *h,
                            GError **error)
{
    if (h->at >= limit || ahead(r, h->at)[0] != BM_LEGACY_FULL) {
        return bm_error_set(error, BM_MISMATCH, bm_input_offset(r->in) + h->at, d->name,
                            "the description goes on after the last device");
    }
    if (!look_head(r, h->at, &h->body, error)) {
        return FALSE;
    }
    if (h->body > limit || !is_described(r, h, d)) {
        return bm_error_set(error, BM_MISMATCH, bm_input_offset(r->in) + h->at, d->name,
                            "another device stands where the description has this one");
    }
    return described_end(r, h, d, limit, error);
}

/* Finds all sections up to `limit`, where the end marker is.  Those that were
 * saved early come first in the description, and are gone already. */
static gboolean delimit(BmLegacyReader *r, const BmVmdesc *vmdesc, size_t limit, GArray *sections,
                        GError **error)
{
    size_t at = 0;

    g_array_set_size(sections, 0);
    for (guint i = r->early; i < vmdesc->devices->len; i++) {
        Held h = {.at = at};

        if (!delimit_one(r, &g_array_index(vmdesc->devices, BmVmdescDevice, i), limit, &h, error)) {
            return FALSE;
        }
        g_array_append_val(sections, h);
        at = h.end + footer_size(r);
    }
    return at == limit || bm_error_set(error, BM_MISMATCH, bm_input_offset(r->in) + at, NULL,
                                       "the description ends before the devices do");
}

/* The text can be written again from what goes on if it says nothing that the
 * schemas and the bodies do not.  First what it says of the bodies. */
static gboolean bodies_tell_sizes(const BmLegacyReader *r, const BmVmdesc *vmdesc,
                                  const GArray *sections)
{
    if (r->early > 0 || r->packaged > 0 || vmdesc->devices->len > BM_LIMIT_DEVICES) {
        return FALSE;
    }
    for (guint i = 0; i < sections->len; i++) {
        const BmVmdescDevice *d = &g_array_index(vmdesc->devices, BmVmdescDevice, i);
        const Held *h = &g_array_index(sections, Held, i);

        if (!d->schema && d->size != h->end - h->body) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Then all of it, when the devices have gone on: it takes its time, in which the
 * other end has something to do. */
static gboolean is_derivable(const BmLegacyReader *r, BmOctets text)
{
    return r->sizes_told && (r->vmdesc->exact || bm_vmdesc_is(r->vmdesc, text, NULL));
}

static gboolean give_described(BmLegacyReader *r, const BmVmdesc *vmdesc, GArray *sections,
                               GError **error)
{
    for (guint i = 0; i < sections->len; i++) {
        const BmVmdescDevice *d = &g_array_index(vmdesc->devices, BmVmdescDevice, r->early + i);

        if (!give_device(r, &g_array_index(sections, Held, i), d->schema,
                         r->footers == BM_FOOTERS_OFF, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean give_undescribed(BmLegacyReader *r, GArray *sections, GError **error)
{
    for (guint i = 0; i < sections->len; i++) {
        if (!give_octets(r, &g_array_index(sections, Held, i), NULL, FALSE, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* A text that was seen before needs no reading, if the stream has no schemas yet. */
static const BmVmdesc *recall(BmLegacyReader *r, BmOctets text)
{
    if (!r->options.recall || r->packages > 0 || !r->own_set || bm_schema_set_size(r->set) > 0) {
        return NULL;
    }
    return bm_recall_take(r->options.recall, text, &r->set);
}

/* Reads the description behind the end marker at `limit`, and finds the sections
 * with it.  FALSE: it does not help. */
static gboolean describe(BmLegacyReader *r, size_t limit, size_t len, GArray *sections)
{
    BmOctets text = {ahead(r, limit + 6), len};
    const BmVmdesc *vmdesc = recall(r, text);
    BmVmdesc *own = vmdesc ? NULL : bm_vmdesc_parse((const char *)text.data, len, r->set, NULL);

    vmdesc = vmdesc ? vmdesc : own;
    if (!vmdesc || !delimit(r, vmdesc, limit, sections, NULL)) {
        bm_vmdesc_free(own);
        return FALSE;
    }
    r->sizes_told = bodies_tell_sizes(r, vmdesc, sections);
    r->vmdesc = vmdesc;
    r->own_vmdesc = own;
    return TRUE;
}

/* ---- the look-ahead ---- */

/* Octets of the description behind the end marker at `at`; 0 if there is none. */
static gboolean look_description(BmLegacyReader *r, size_t at, size_t *len, GError **error)
{
    /* Postcopy packs its devices and describes none: it is not waited for. */
    gboolean postcopy = r->options.live && r->packaged > 0;

    *len = 0;
    if (r->packages > 0 || postcopy || !bm_legacy_more(r, at + 2) ||
        ahead(r, at)[1] != BM_LEGACY_VMDESC) {
        return TRUE;
    }
    if (!look(r, at + 6, error)) {
        return FALSE;
    }
    *len = bm_be32(ahead(r, at) + 2);
    if (*len > BM_LIMIT_DESCRIPTION) {
        return bm_error_set(error, BM_LIMIT, bm_input_offset(r->in) + at + 2, NULL,
                            "a description of %zu octets, the limit is %u", *len,
                            BM_LIMIT_DESCRIPTION);
    }
    return bm_legacy_need(r, at + 6 + *len, "the description", error);
}

/* Passes over sections by their footers; *limit is where the first record
 * stands that is no device. */
static gboolean look_over(BmLegacyReader *r, GArray *sections, size_t *limit, GError **error)
{
    Held h = {0};

    for (;;) {
        if (!look(r, h.at + 1, error)) {
            return FALSE;
        }
        if (ahead(r, h.at)[0] != BM_LEGACY_FULL) {
            *limit = h.at;
            return TRUE;
        }
        if (!look_head(r, h.at, &h.body, error) ||
            !find_footer(r, h.body, bm_be32(ahead(r, h.at) + 1), &h.end, error)) {
            return FALSE;
        }
        g_array_append_val(sections, h);
        h.at = h.end + 5;
    }
}

/* Where the description's own beginning is seen; it is the right one if its
 * sizes lead exactly there. */
static gboolean description_starts_at(BmLegacyReader *r, size_t at, size_t *len)
{
    const uint8_t *p = ahead(r, at);

    *len = bm_be32(p + 2);
    return p[0] == BM_LEGACY_EOF && p[1] == BM_LEGACY_VMDESC && p[6] == '{' &&
           (p[7] == '"' || (p[7] == ' ' && p[8] == '"')) && *len <= BM_LIMIT_DESCRIPTION &&
           bm_input_fill(r->in, at + 6 + *len) >= at + 6 + *len;
}

/* Looks for the description where footers did not lead to it. */
static gboolean search_description(BmLegacyReader *r, GArray *sections, size_t *limit,
                                   gboolean *found, GError **error)
{
    unsigned tries = 0;

    *found = FALSE;
    for (size_t at = 1; tries < TRIES && bm_input_fill(r->in, at + 9) >= at + 9; at++) {
        size_t len;

        if (!look(r, at + 9, error)) {
            return FALSE;
        }
        if (!description_starts_at(r, at, &len)) {
            continue;
        }
        tries++;
        if (describe(r, at, len, sections)) {
            *limit = at;
            *found = TRUE;
            return TRUE;
        }
    }
    return TRUE;
}

static gboolean give_all(BmLegacyReader *r, GArray *sections, size_t limit, gboolean described,
                         GError **error)
{
    gboolean ok = described ? give_described(r, r->vmdesc, sections, error)
                            : give_undescribed(r, sections, error);

    if (!described) {
        r->early += sections->len;
    }
    bm_input_skip(r->in, limit);
    return ok;
}

/* Footers are found by their looks, and device state may look like one.  If
 * they lead to an end with something behind it that is no description, the
 * description is looked for instead. */
static gboolean with_footers(BmLegacyReader *r, GArray *sections, GError **error)
{
    g_autoptr(GArray) better = g_array_new(FALSE, FALSE, sizeof(Held));
    gboolean found = FALSE;
    size_t limit, len = 0;

    if (!look_over(r, sections, &limit, error)) {
        return FALSE;
    }
    if (ahead(r, limit)[0] == BM_LEGACY_EOF && r->packages == 0) {
        if (!look_description(r, limit, &len, error)) {
            return FALSE;
        }
        found = len > 0 && describe(r, limit, len, better);
        if (!found && !r->options.live && bm_legacy_more(r, limit + 2) &&
            !search_description(r, better, &limit, &found, error)) {
            return FALSE;
        }
    }
    return give_all(r, found ? better : sections, limit, found, error);
}

static gboolean without_footers(BmLegacyReader *r, GArray *sections, GError **error)
{
    gboolean found;
    size_t limit;

    if (!search_description(r, sections, &limit, &found, error)) {
        return FALSE;
    }
    return found ? give_all(r, sections, limit, TRUE, error) : bm_legacy_up_to_end(r, error);
}

gboolean bm_legacy_devices(BmLegacyReader *r, GError **error)
{
    g_autoptr(GArray) sections = g_array_new(FALSE, FALSE, sizeof(Held));
    g_autoptr(GError) by_footer = NULL;

    if (r->footers == BM_FOOTERS_OFF) {
        return without_footers(r, sections, error);
    }
    if (with_footers(r, sections, &by_footer)) {
        return TRUE;
    }
    /* The stream begins with a device, so no section has shown whether there
     * are footers. */
    if (r->footers == BM_FOOTERS_UNKNOWN && r->packages == 0 &&
        g_error_matches(by_footer, BM_ERROR, BM_TRUNCATED)) {
        r->footers = BM_FOOTERS_OFF;
        return without_footers(r, sections, error);
    }
    g_propagate_error(error, g_steal_pointer(&by_footer));
    return FALSE;
}

/* ---- the end ---- */

static gboolean give_finish(BmLegacyReader *r, gboolean present, BmOctets text, GError **error)
{
    BmDescription d = {.present = present, .text = text};

    if (present && is_derivable(r, text)) {
        if (r->options.recall) {
            bm_recall_note(r->options.recall, text);
        }
        d.derived = TRUE;
        d.style = r->vmdesc->style;
        d.page_size = r->vmdesc->page_size;
        d.configuration = r->vmdesc->configuration;
        d.schemas = r->set;
    }
    return bm_stream_finish(r->s, &d, error);
}

gboolean bm_legacy_finish(BmLegacyReader *r, GError **error)
{
    BmOctets text = {NULL, 0};
    const uint8_t *p;
    size_t len;

    if (!look_description(r, 0, &len, error)) {
        return FALSE;
    }
    if (len == 0 && !(bm_input_available(r->in) >= 6 && ahead(r, 1)[0] == BM_LEGACY_VMDESC &&
                      r->packages == 0)) {
        bm_input_skip(r->in, 1);
        return give_finish(r, FALSE, text, error);
    }
    if (!bm_legacy_take(r, 6 + len, "the description", &p, error)) {
        return FALSE;
    }
    text = (BmOctets){p + 6, len};
    return (!r->options.live || bm_stream_flush(r->s, error)) && give_finish(r, TRUE, text, error);
}
