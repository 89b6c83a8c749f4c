/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads a stream of asn1/bermig.asn1 and drives a stream visitor.
 *
 * A record is handed on only after its checksum was found right, unless it is a large
 * one of a live section and the visitor says where pages belong: then they are read
 * there before it is known whether they are right.  When the
 * input is cut inside a record, what is there is still walked: into the visitor
 * if it asked for an explanation, else into nothing, for the path of the cut.
 */
#include <string.h>

#include "ber-findings.h"
#include "ber-hello.h"
#include "ber-index.h"
#include "ber-items-in.h"
#include "ber-items.h"
#include "ber-place-in.h"
#include "ber-schema-in.h"

/* How far the order of the records has come. */
typedef enum Stage {
    STAGE_FIRST, /* a configuration may come */
    STAGE_RECORDS,
    STAGE_FINISHED,
    STAGE_TRAILING,    /* remainders behind the end marker */
    STAGE_UNDELIMITED, /* remainders instead of one */
    STAGE_INDEXED      /* only the index goes on */
} Stage;

/* A section that has had its Start. */
typedef struct Live {
    char *name;
    BmItemsSection items;
} Live;

typedef struct BerSource {
    BmInput *in;
    BmStreamVisitor *s;
    BmBerStats *stats;
    BmDirection direction;
    uint64_t begin; /* of the stream in the input */
    BmSchemaSet *set;
    BmItemsIn items;
    BmPlaceIn *place; /* NULL: the visitor has no places for pages */
    Stage stage;
    GTree *live;   /* id -> Live; no hash, since ids are a stranger's */
    gboolean open; /* a section goes on in the next record */
    uint32_t open_id;
    uint64_t announced;     /* fields that announces have described */
    unsigned packages;      /* open ones */
    gboolean package_ended; /* the innermost one has had its end marker */
    BmFault fault;
    GError *idle_error; /* of a flush while waiting */
} BerSource;

static gboolean failed(BerSource *b, GError **error)
{
    return bm_error_from_fault(error, &b->fault, NULL);
}

static void flush_while_waiting(void *data)
{
    BerSource *b = data;

    if (!b->idle_error) {
        bm_stream_flush(b->s, &b->idle_error);
    }
}

static gboolean misplaced(const BmRecord *r, const char *why, GError **error)
{
    return bm_error_set(error, BM_BAD_ORDER, r->offset, NULL, "%s", why);
}

static char *copy(BmOctets text)
{
    return g_strndup((const char *)text.data, text.len);
}

/* ---- preamble ---- */

static gboolean give_preamble(BerSource *b, BmPreamble *p, BmView *body, GError **error)
{
    BmBerOutcome *outcome = NULL;
    gboolean ok = bm_ber_outcome_read(body, BM_TAG_CONTEXT(2) | BM_CONSTRUCTED, &outcome, error);

    if (ok) {
        p->outcome = bm_ber_outcome_get(outcome);
        ok = bm_stream_begin(b->s, p, error);
    }
    bm_ber_outcome_free(outcome);
    return ok;
}

static gboolean read_preamble(BerSource *b, BmRecord *r, GError **error)
{
    BmPreamble p = {0};
    uint64_t major, minor, direction, header = 0;
    g_autofree char *generator = NULL;
    BmView body = r->body;
    BmOctets text;
    BmTag tag;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the major version", UINT32_MAX, &major) ||
        !bm_view_unsigned(&body, BM_TAG_INTEGER, "the minor version", UINT32_MAX, &minor)) {
        return failed(b, error);
    }
    if (major != BM_VERSION_MAJOR) {
        return bm_error_set(error, BM_BAD_VERSION, r->offset, NULL,
                            "version %" G_GUINT64_FORMAT " of the format, this reader knows %d",
                            major, BM_VERSION_MAJOR);
    }
    if (!bm_view_unsigned(&body, BM_TAG_ENUMERATED, "the direction", BM_RETURN, &direction) ||
        !bm_view_name(&body, BM_TAG_UTF8, "the generator", &text)) {
        return failed(b, error);
    }
    p.has_header = bm_view_peek(&body, &tag) && tag == BM_TAG_CONTEXT(0);
    if (p.has_header &&
        !bm_view_unsigned(&body, tag, "the version of the QEMUFile header", UINT32_MAX, &header)) {
        return failed(b, error);
    }
    if (bm_view_peek(&body, &tag) && tag == (BM_TAG_CONTEXT(1) | BM_CONSTRUCTED) &&
        !bm_view_explicit(&body, tag, BM_TAG_OCTETS, "the leading octets", BM_LIMIT_LEADING,
                          &p.leading)) {
        return failed(b, error);
    }
    p.major = (uint32_t)major;
    p.minor = (uint32_t)minor;
    p.direction = b->direction = (BmDirection)direction;
    p.generator = generator = copy(text);
    p.header_version = (uint32_t)header;
    return give_preamble(b, &p, &body, error);
}

/* ---- configuration ---- */

static gboolean read_capabilities(BmView *body, GPtrArray *names, gboolean *present, GError **error)
{
    BmView list;
    bool there;

    if (!bm_view_optional(body, BM_TAG_CONTEXT(1) | BM_CONSTRUCTED, "the capabilities", &there,
                          &list)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    *present = there;
    while (there && list.len > 0) {
        BmOctets name;

        if (!bm_view_name(&list, BM_TAG_UTF8, "a capability", &name)) {
            return bm_error_from_fault(error, body->fault, NULL);
        }
        if (names->len >= BM_LIMIT_CAPABILITIES) {
            return bm_error_set(error, BM_LIMIT, list.offset, NULL, "more than %u capabilities",
                                BM_LIMIT_CAPABILITIES);
        }
        g_ptr_array_add(names, copy(name));
    }
    g_ptr_array_add(names, NULL);
    return TRUE;
}

static gboolean read_uuid(BmView *body, BmConfiguration *c, GError **error)
{
    BmTag tag = BM_TAG_CONTEXT(2) | BM_CONSTRUCTED, next;
    uint64_t offset = body->offset;
    BmOctets uuid;

    if (!bm_view_peek(body, &next) || next != tag) {
        return TRUE;
    }
    if (!bm_view_explicit(body, tag, BM_TAG_OCTETS, "the UUID", 16, &uuid)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    if (uuid.len != 16) {
        return bm_error_set(error, BM_BAD_LENGTH, offset, NULL, "a UUID of %zu octets", uuid.len);
    }
    c->uuid = uuid.data;
    return TRUE;
}

static gboolean read_configuration(BerSource *b, BmRecord *r, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *machine = NULL;
    BmConfiguration c = {0};
    BmView body = r->body;
    uint64_t bits = 0;
    BmOctets text;
    BmTag tag;

    if (!bm_view_name(&body, BM_TAG_UTF8, "the machine's name", &text)) {
        return failed(b, error);
    }
    c.machine = machine = copy(text);
    c.has_page_bits = bm_view_peek(&body, &tag) && tag == BM_TAG_CONTEXT(0);
    if (c.has_page_bits && !bm_view_unsigned(&body, tag, "the page bits", UINT32_MAX, &bits)) {
        return failed(b, error);
    }
    c.page_bits = (uint32_t)bits;
    if (!read_capabilities(&body, names, &c.has_capabilities, error) ||
        !read_uuid(&body, &c, error)) {
        return FALSE;
    }
    c.capabilities = (char *const *)names->pdata;
    return bm_stream_configuration(b->s, &c, error);
}

/* ---- devices ---- */

/* All of a section but its id. */
static gboolean read_identity(BmView *body, BmSection *section, char **name, GError **error)
{
    uint64_t instance, version;
    BmOctets text;

    if (!bm_view_name(body, BM_TAG_UTF8, "the name of a section", &text) ||
        !bm_view_unsigned(body, BM_TAG_INTEGER, "the instance of a section", UINT32_MAX,
                          &instance) ||
        !bm_view_unsigned(body, BM_TAG_INTEGER, "the version of a section", UINT32_MAX, &version)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    *name = copy(text);
    *section = (BmSection){0, *name, (uint32_t)instance, (uint32_t)version};
    return TRUE;
}

static gboolean read_section(BmView *body, BmSection *section, char **name, GError **error)
{
    uint64_t id;

    if (!bm_view_unsigned(body, BM_TAG_INTEGER, "the id of a section", UINT32_MAX, &id)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    if (!read_identity(body, section, name, error)) {
        return FALSE;
    }
    section->id = (uint32_t)id;
    return TRUE;
}

/* An optional member [0]; NULL in *schema and *set without it.  `path`: of an error. */
static gboolean read_schema_number(BerSource *b, BmView *body, const char *path,
                                   const BmSchema **schema, const BmSchemaSet **set, GError **error)
{
    uint64_t offset = body->offset, number;
    BmTag tag;

    *schema = NULL;
    *set = NULL;
    if (!bm_view_peek(body, &tag) || tag != BM_TAG_CONTEXT(0)) {
        return TRUE;
    }
    if (!bm_view_unsigned(body, tag, "the number of a schema", BM_LIMIT_SCHEMAS, &number)) {
        return failed(b, error);
    }
    *set = b->set;
    *schema = bm_schema_set_get(b->set, (uint32_t)number);
    return *schema
               ? TRUE
               : bm_error_set(error, BM_UNKNOWN, offset, path,
                              "schema %" G_GUINT64_FORMAT " was not sent before its use", number);
}

static gboolean read_check(BerSource *b, BmRecord *r, GError **error)
{
    if (b->packages > 0) {
        return misplaced(r, "a check inside a package", error);
    }
    return bm_stream_check(b->s, error);
}

static gboolean read_findings(BerSource *b, BmRecord *r, GError **error)
{
    return bm_ber_findings_read(r->body, b->s, error);
}

static gboolean read_announce(BerSource *b, BmRecord *r, GError **error)
{
    g_autofree char *name = NULL;
    BmView body = r->body;
    BmSection section;
    BmAnnounce a = {0};

    if (b->packages > 0) {
        return misplaced(r, "an announce inside a package", error);
    }
    if (!read_identity(&body, &section, &name, error) ||
        !read_schema_number(b, &body, name, &a.schema, &a.schemas, error)) {
        return FALSE;
    }
    b->announced += a.schema ? bm_schema_count_entries(a.schema) : 0;
    if (b->announced > BM_LIMIT_ANNOUNCED) {
        return bm_error_set(error, BM_LIMIT, r->offset, name,
                            "announces of more than %u fields altogether", BM_LIMIT_ANNOUNCED);
    }
    a.name = name;
    a.instance = section.instance;
    a.version = section.version;
    return bm_stream_announce(b->s, &a, error);
}

static gboolean read_state(BmView *body, uint64_t min, BmSectionState *state)
{
    uint64_t number = BM_STATE_COMPLETE, offset = body->offset;
    BmTag tag;

    if (bm_view_peek(body, &tag) && tag == BM_TAG_CONTEXT(1)) {
        if (!bm_view_unsigned(body, tag, "the state of a section", BM_STATE_BARE, &number)) {
            return FALSE;
        }
        if (number < min) {
            return bm_fault_set(body->fault, BM_BAD_VALUE, offset, "the state of a device", min,
                                number);
        }
    }
    *state = (BmSectionState)number;
    return TRUE;
}

static gboolean give_values(BerSource *b, BmDevice *d, BmView body, GError **error)
{
    gboolean ok;
    BmView values;

    if (!bm_view_get(&body, BM_TAG_CONTEXT(3) | BM_CONSTRUCTED, "the values of a device",
                     &values)) {
        return bm_error_from_fault(error, body.fault, d->section.name);
    }
    if (!d->schema) {
        return bm_error_set(error, BM_BAD_ORDER, values.offset, d->section.name,
                            "values without a schema");
    }
    d->values = bm_visitor_ber_in(values);
    ok = bm_stream_device(b->s, d, error);
    bm_visitor_free(d->values);
    return ok;
}

static gboolean give_octets(BerSource *b, BmDevice *d, BmView body, GError **error)
{
    if (!bm_view_explicit(&body, BM_TAG_CONTEXT(2) | BM_CONSTRUCTED, BM_TAG_OCTETS,
                          "the octets of a device", BM_LIMIT_RECORD, &d->octets)) {
        return bm_error_from_fault(error, body.fault, d->section.name);
    }
    return bm_stream_device(b->s, d, error);
}

static gboolean read_device(BerSource *b, BmRecord *r, GError **error)
{
    g_autofree char *name = NULL;
    BmView body = r->body;
    BmSectionState state;
    BmDevice d = {0};
    BmTag tag;

    if (!read_section(&body, &d.section, &name, error) ||
        !read_schema_number(b, &body, name, &d.schema, &d.schemas, error)) {
        return FALSE;
    }
    if (!read_state(&body, BM_STATE_BARE, &state)) {
        return bm_error_from_fault(error, body.fault, name);
    }
    d.bare = state == BM_STATE_BARE;
    if (bm_view_peek(&body, &tag) && tag == (BM_TAG_CONTEXT(3) | BM_CONSTRUCTED)) {
        return give_values(b, &d, body, error);
    }
    return give_octets(b, &d, body, error);
}

/* ---- live sections ---- */

static const BmPhase record_phase[BM_RECORD_TYPES] = {
    [BM_RECORD_START] = BM_PHASE_START,
    [BM_RECORD_PART] = BM_PHASE_PART,
    [BM_RECORD_END] = BM_PHASE_END,
};

static int compare_ids(gconstpointer a, gconstpointer b, gpointer data)
{
    guint first = GPOINTER_TO_UINT(a), second = GPOINTER_TO_UINT(b);

    (void)data;
    return first < second ? -1 : first > second;
}

static void free_live(gpointer data)
{
    Live *live = data;

    g_free(live->name);
    g_free(live);
}

static gboolean begin_start(BerSource *b, BmView *body, BmSection *section, char **name,
                            GError **error)
{
    Live *live;

    if (!read_section(body, section, name, error)) {
        return FALSE;
    }
    live = g_new0(Live, 1);
    live->name = g_strdup(*name);
    live->items.kind = bm_items_kind(*name, section->version);
    g_tree_insert(b->live, GUINT_TO_POINTER(section->id), live);
    if (g_tree_nnodes(b->live) > (int)BM_LIMIT_SECTIONS) {
        return bm_error_set(error, BM_LIMIT, body->offset, *name, "more than %u live sections",
                            BM_LIMIT_SECTIONS);
    }
    bm_items_in_begin(&b->items, &live->items);
    return bm_stream_live_begin(b->s, BM_PHASE_START, section, error);
}

static gboolean begin_later(BerSource *b, BmRecord *r, BmView *body, BmSection *section,
                            GError **error)
{
    Live *live;
    uint64_t id;

    if (!bm_view_unsigned(body, BM_TAG_INTEGER, "the id of a section", UINT32_MAX, &id)) {
        return failed(b, error);
    }
    live = g_tree_lookup(b->live, GUINT_TO_POINTER((uint32_t)id));
    if (!live) {
        return bm_error_set(error, BM_UNKNOWN, r->offset, NULL,
                            "section %" G_GUINT64_FORMAT " has had no Start", id);
    }
    *section = (BmSection){.id = (uint32_t)id, .name = live->name};
    if (r->type != BM_RECORD_MORE) {
        bm_items_in_begin(&b->items, &live->items);
        return bm_stream_live_begin(b->s, record_phase[r->type], section, error);
    }
    if (!b->open || id != b->open_id) {
        return bm_error_set(error, BM_BAD_ORDER, r->offset, section->name,
                            "a More record of a section that is not open");
    }
    return TRUE;
}

static gboolean end_record(BerSource *b, uint32_t id, BmSectionState state, GError **error)
{
    b->open = state == BM_STATE_OPEN;
    b->open_id = id;
    return b->open || bm_stream_live_end(b->s, state == BM_STATE_BARE, error);
}

static gboolean read_live(BerSource *b, BmRecord *r, GError **error)
{
    g_autofree char *name = NULL;
    BmView body = r->body, items;
    BmSectionState state;
    BmSection section;
    gboolean ok = r->type == BM_RECORD_START ? begin_start(b, &body, &section, &name, error)
                                             : begin_later(b, r, &body, &section, error);

    if (!ok) {
        return FALSE;
    }
    if (!bm_view_get(&body, BM_TAG_SEQUENCE, "the items of a section", &items)) {
        return bm_error_from_fault(error, body.fault, section.name);
    }
    while (items.len > 0) {
        if (!bm_items_in_read(&b->items, &items, error)) {
            bm_error_add_path(error ? *error : NULL, section.name);
            return FALSE;
        }
    }
    if (!read_state(&body, BM_STATE_OPEN, &state)) {
        return bm_error_from_fault(error, body.fault, section.name);
    }
    return end_record(b, section.id, state, error);
}

/* ---- live sections with pages that have a place ---- */

/* From here on it is worth more system calls. */
#define IN_PLACE_MIN (32u << 10)
/* Enough for the members before the items, or for those behind them that are known. */
#define MEMBERS_MAX 32u

static gboolean is_next_in_place(const BerSource *b)
{
    BmRecordType type;
    size_t size;

    return b->place && bm_pieces_peek(b->in, &type, &size) && size >= IN_PLACE_MIN &&
           (type == BM_RECORD_PART || type == BM_RECORD_END || type == BM_RECORD_MORE);
}

/* The items may be longer than what can be seen of them. */
static gboolean open_items(BerSource *b, BmView *view, const char *name, uint64_t *len,
                           GError **error)
{
    uint64_t offset = view->offset;
    BmTag tag;

    if (!bm_view_header(view, "the items of a section", &tag, len)) {
        return bm_error_from_fault(error, view->fault, name);
    }
    if (tag != BM_TAG_SEQUENCE) {
        bm_fault_set(&b->fault, BM_BAD_TAG, offset, "the items of a section", BM_TAG_SEQUENCE, tag);
        return bm_error_from_fault(error, &b->fault, name);
    }
    return TRUE;
}

static gboolean begin_in_place(BerSource *b, BmRecord *r, BmSection *section, uint64_t *len,
                               GError **error)
{
    BmPieces *pieces = bm_place_in_pieces(b->place);
    uint64_t left, start;
    BmView view;

    if (!bm_pieces_need(pieces, MEMBERS_MAX, &view)) {
        return failed(b, error);
    }
    start = view.offset;
    if (!begin_later(b, r, &view, section, error) ||
        !open_items(b, &view, section->name, len, error)) {
        return FALSE;
    }
    bm_pieces_skip(pieces, (size_t)(view.offset - start));
    left = bm_pieces_left(pieces);
    if (*len > left) {
        bm_fault_set(&b->fault, BM_BAD_LENGTH, view.offset, "the items of a section", left, *len);
        return bm_error_from_fault(error, &b->fault, section->name);
    }
    return TRUE;
}

/* Members behind the items, and the checksum. */
static gboolean end_in_place(BerSource *b, const char *name, BmSectionState *state, GError **error)
{
    BmPieces *pieces = bm_place_in_pieces(b->place);
    BmView view;

    if (!bm_pieces_need(pieces, MEMBERS_MAX, &view) || !read_state(&view, BM_STATE_OPEN, state)) {
        return bm_error_from_fault(error, &b->fault, name);
    }
    while (bm_pieces_left(pieces) > 0) {
        if (!bm_pieces_need(pieces, IN_PLACE_MIN, &view)) {
            return bm_error_from_fault(error, &b->fault, name);
        }
        bm_pieces_skip(pieces, view.len);
    }
    return bm_pieces_end(pieces) || bm_error_from_fault(error, &b->fault, name);
}

static gboolean read_live_in_place(BerSource *b, BmRecord *r, GError **error)
{
    BmSectionState state;
    BmSection section;
    uint64_t len;

    if (!begin_in_place(b, r, &section, &len, error)) {
        return FALSE;
    }
    if (!bm_place_in_read(b->place, len, error)) {
        bm_error_add_path(error ? *error : NULL, section.name);
        return FALSE;
    }
    return end_in_place(b, section.name, &state, error) && end_record(b, section.id, state, error);
}

/* ---- the rest ---- */

static gboolean read_command(BerSource *b, BmRecord *r, GError **error)
{
    BmView body = r->body;
    uint64_t code;
    BmOctets data;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the code of a command", UINT16_MAX, &code) ||
        !bm_view_octets(&body, BM_TAG_OCTETS, "the data of a command", BM_LIMIT_RECORD, &data)) {
        return failed(b, error);
    }
    return bm_stream_command(b->s, (uint32_t)code, data, error);
}

static gboolean read_package(BerSource *b, BmRecord *r, GError **error)
{
    BmView body = r->body;
    uint64_t length;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the length of a package", UINT32_MAX, &length)) {
        return failed(b, error);
    }
    if (b->packages >= BM_LIMIT_DEPTH) {
        return bm_error_set(error, BM_LIMIT, r->offset, NULL, "packages nested deeper than %u",
                            BM_LIMIT_DEPTH);
    }
    b->packages++;
    return bm_stream_package_begin(b->s, (uint32_t)length, error);
}

static gboolean read_package_end(BerSource *b, BmRecord *r, GError **error)
{
    if (b->packages == 0) {
        return misplaced(r, "the end of a package that was not begun", error);
    }
    b->packages--;
    b->package_ended = FALSE;
    return bm_stream_package_end(b->s, error);
}

static gboolean read_derived(BerSource *b, BmView body, BmDescription *d, GError **error)
{
    uint64_t style;

    if (!bm_view_unsigned(&body, BM_TAG_ENUMERATED, "the style of a description", BM_STYLE_COMPACT,
                          &style) ||
        !bm_view_unsigned(&body, BM_TAG_INTEGER, "the page size", INT64_MAX, &d->page_size)) {
        return failed(b, error);
    }
    d->derived = TRUE;
    d->style = (BmStyle)style;
    return read_schema_number(b, &body, "configuration", &d->configuration, &d->schemas, error);
}

static gboolean read_text(BerSource *b, BmView body, BmDescription *d, GError **error)
{
    uint64_t offset = body.offset, size;
    BmOctets packed;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the size of a description", BM_LIMIT_DESCRIPTION,
                          &size) ||
        !bm_view_octets(&body, BM_TAG_OCTETS, "a description", BM_LIMIT_DESCRIPTION, &packed)) {
        return failed(b, error);
    }
    if (!b->items.zstd) {
        b->items.zstd = bm_zstd_new(1);
    }
    if (!bm_zstd_decompress(b->items.zstd, packed, (size_t)size, &d->text)) {
        return bm_error_set(
            error, BM_BAD_VALUE, offset, NULL,
            "zstd data that does not give the %" G_GUINT64_FORMAT " octets that it should", size);
    }
    return TRUE;
}

static gboolean read_finish(BerSource *b, BmRecord *r, GError **error)
{
    BmView body = r->body, content;
    BmDescription d = {0};
    BmTag tag;

    if (b->packages == 0) {
        b->stage = STAGE_FINISHED;
    } else {
        b->package_ended = TRUE;
    }
    if (bm_view_peek(&body, &tag) && (tag == (BM_TAG_CONTEXT(0) | BM_CONSTRUCTED) ||
                                      tag == (BM_TAG_CONTEXT(1) | BM_CONSTRUCTED))) {
        d.present = TRUE;
        if (b->packages > 0) {
            return misplaced(r, "a description inside a package", error);
        }
        if (!bm_view_get(&body, tag, "a description", &content)) {
            return failed(b, error);
        }
        if (tag == (BM_TAG_CONTEXT(0) | BM_CONSTRUCTED) ? !read_derived(b, content, &d, error)
                                                        : !read_text(b, content, &d, error)) {
            return FALSE;
        }
    }
    return bm_stream_finish(b->s, &d, error);
}

static gboolean read_remainder(BerSource *b, BmRecord *r, GError **error)
{
    BmView body = r->body;
    uint64_t reason;
    BmOctets data;

    if (!bm_view_unsigned(&body, BM_TAG_ENUMERATED, "the reason of a remainder",
                          BM_REASON_UNDELIMITED, &reason) ||
        !bm_view_octets(&body, BM_TAG_OCTETS, "a remainder", BM_LIMIT_RECORD, &data)) {
        return failed(b, error);
    }
    if (b->stage < STAGE_FINISHED && reason == BM_REASON_UNDELIMITED) {
        b->stage = STAGE_UNDELIMITED;
    } else if (b->stage == STAGE_FINISHED && reason == BM_REASON_TRAILING) {
        b->stage = STAGE_TRAILING;
    }
    if (b->stage != (reason == BM_REASON_TRAILING ? STAGE_TRAILING : STAGE_UNDELIMITED)) {
        return misplaced(r, "a remainder of another reason", error);
    }
    return bm_stream_remainder(b->s, (BmReason)reason, data, error);
}

/* Who reads all needs no index: it must be well-formed, and where it says it is. */
static gboolean read_index(BerSource *b, BmRecord *r, GError **error)
{
    BmIndexNode node;
    gboolean ok;

    if (b->stage < STAGE_FINISHED) {
        return misplaced(r, "an index before the end", error);
    }
    b->stage = STAGE_INDEXED;
    bm_index_node_init(&node);
    ok = bm_index_node_read(&node, r->body, r->offset - b->begin, error);
    bm_index_node_clear(&node);
    return ok;
}

static gboolean read_message(BerSource *b, BmRecord *r, GError **error)
{
    BmView body = r->body;
    BmOctets data;

    if (!bm_view_octets(&body, BM_TAG_OCTETS, "a message", BM_LIMIT_RECORD, &data)) {
        return failed(b, error);
    }
    return bm_stream_message(b->s, data, error);
}

static gboolean read_ack(BerSource *b, BmRecord *r, GError **error)
{
    BmView body = r->body;
    uint64_t octets, digest;
    BmOctets data;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the octets of an ack", UINT64_MAX, &octets) ||
        !bm_view_octets(&body, BM_TAG_OCTETS, "the digest of an ack", BM_DIGEST_LEN, &data)) {
        return failed(b, error);
    }
    if (data.len != BM_DIGEST_LEN) {
        return bm_error_set(error, BM_BAD_LENGTH, r->offset, NULL, "a digest of %zu octets",
                            data.len);
    }
    memcpy(&digest, data.data, sizeof digest);
    b->stage = STAGE_FINISHED;
    return bm_stream_ack(b->s, octets, GUINT64_FROM_BE(digest), error);
}

static gboolean read_extension(BerSource *b, BmRecord *r, GError **error)
{
    BmView body = r->body;
    uint64_t kind;
    BmOctets data;
    bool critical;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the kind of an extension", UINT64_MAX, &kind) ||
        !bm_view_boolean(&body, BM_TAG_BOOLEAN, "whether an extension is critical", &critical) ||
        !bm_view_octets(&body, BM_TAG_OCTETS, "an extension", BM_LIMIT_RECORD, &data)) {
        return failed(b, error);
    }
    if (critical) {
        return bm_error_set(error, BM_UNKNOWN, r->offset, NULL,
                            "a critical extension of kind %" G_GUINT64_FORMAT
                            " that this reader does not know",
                            kind);
    }
    return bm_stream_extension(b->s, kind, critical, data, error);
}

/* ---- order and frame ---- */

static gboolean read_schema(BerSource *b, BmRecord *r, GError **error)
{
    return bm_ber_schema_read(r->body, b->set, error);
}

typedef struct RecordRule {
    gboolean (*read)(BerSource *, BmRecord *, GError **);
    gboolean forward, back; /* the directions it occurs in */
} RecordRule;

/* clang-format off */
#define FORWARD TRUE, FALSE
#define BACK FALSE, TRUE
#define BOTH TRUE, TRUE
/* clang-format on */

static const RecordRule rules[BM_RECORD_TYPES] = {
    [BM_RECORD_ANNOUNCE] = {read_announce, BOTH},
    [BM_RECORD_INDEX] = {read_index, FORWARD},
    [BM_RECORD_CHECK] = {read_check, FORWARD},
    [BM_RECORD_FINDINGS] = {read_findings, BACK},
    [BM_RECORD_CONFIGURATION] = {read_configuration, FORWARD},
    [BM_RECORD_SCHEMA] = {read_schema, BOTH},
    [BM_RECORD_DEVICE] = {read_device, FORWARD},
    [BM_RECORD_START] = {read_live, FORWARD},
    [BM_RECORD_PART] = {read_live, FORWARD},
    [BM_RECORD_END] = {read_live, FORWARD},
    [BM_RECORD_MORE] = {read_live, FORWARD},
    [BM_RECORD_COMMAND] = {read_command, FORWARD},
    [BM_RECORD_PACKAGE] = {read_package, FORWARD},
    [BM_RECORD_PACKAGE_END] = {read_package_end, FORWARD},
    [BM_RECORD_FINISH] = {read_finish, FORWARD},
    [BM_RECORD_REMAINDER] = {read_remainder, FORWARD},
    [BM_RECORD_MESSAGE] = {read_message, BACK},
    [BM_RECORD_ACK] = {read_ack, BACK},
};

/* Either direction may begin with one. */
static gboolean read_hello(BerSource *b, BmRecord *r, GError **error)
{
    if (b->stage != STAGE_FIRST) {
        return misplaced(r, "a hello behind other records", error);
    }
    return bm_ber_hello_read(r->body, b->s, error);
}

/* Why a record of this type must not stand here; NULL if it may. */
static const char *wrong_order(const BerSource *b, BmRecordType type)
{
    gboolean last = type == BM_RECORD_REMAINDER || type == BM_RECORD_INDEX;

    if (!(b->direction == BM_FORWARD ? rules[type].forward : rules[type].back)) {
        return "a record of the other direction";
    }
    if (b->stage >= STAGE_FINISHED && !last) {
        return "a record behind the end";
    }
    if (b->open && type != BM_RECORD_MORE && !last) {
        return "a record inside an open section";
    }
    if (type == BM_RECORD_CONFIGURATION && b->stage != STAGE_FIRST) {
        return "a configuration behind other records";
    }
    if (b->packages > 0 && last) {
        return "a remainder or an index inside a package";
    }
    if (b->package_ended && type != BM_RECORD_PACKAGE_END) {
        return "a record behind the end marker of its package";
    }
    return NULL;
}

static gboolean read_record(BerSource *b, BmRecord *r, GError **error)
{
    const RecordRule *rule = &rules[r->type];
    const char *why;

    if (r->type == BM_RECORD_EXTENSION) {
        if (b->stage == STAGE_INDEXED) {
            return misplaced(r, "an extension behind the index", error);
        }
        return read_extension(b, r, error);
    }
    if (r->type == BM_RECORD_HELLO) {
        return read_hello(b, r, error);
    }
    if (!rule->read) {
        return misplaced(r, "a preamble or trailer among the records", error);
    }
    why = wrong_order(b, r->type);
    if (why) {
        return misplaced(r, why, error);
    }
    if (b->stage == STAGE_FIRST) {
        b->stage = STAGE_RECORDS;
    }
    return rule->read(b, r, error);
}

/* What is there of a record that is cut: gives the error its path. */
static gboolean explain_cut(BerSource *b, BmRecord *r, gboolean explain, GError **error)
{
    g_autoptr(GError) cut = NULL, walked = NULL;
    BmStreamVisitor *nothing = bm_null_stream(), *s = b->s;

    bm_error_from_fault(&cut, &b->fault, NULL);
    b->fault = (BmFault){0};
    if (!explain) {
        b->s = nothing;
        b->items.s = nothing;
    }
    if (r->size > 0 && r->body.len > 0 && !read_record(b, r, &walked)) {
        bm_error_add_path(cut, bm_error_path(walked));
    }
    b->s = s;
    bm_stream_free(nothing);
    g_propagate_error(error, g_steal_pointer(&cut));
    return FALSE;
}

static void count_record(BerSource *b, const BmRecord *r)
{
    b->stats->records++;
    b->stats->octets[r->type] += r->size;
    b->stats->total = bm_input_offset(b->in) - b->begin;
}

static gboolean read_record_in_place(BerSource *b, GError **error)
{
    const char *why;
    BmRecord r;

    if (!bm_pieces_begin(bm_place_in_pieces(b->place), &r)) {
        return failed(b, error);
    }
    why = wrong_order(b, r.type);
    if (why) {
        return misplaced(&r, why, error);
    }
    if (!read_live_in_place(b, &r, error)) {
        return FALSE;
    }
    count_record(b, &r);
    return TRUE;
}

static gboolean read_next_record(BerSource *b, gboolean explain, bool *end, GError **error)
{
    BmRecord r = {0};

    if (!bm_frame_read_record(b->in, &r, end, &b->fault)) {
        return b->fault.code == BM_TRUNCATED ? explain_cut(b, &r, explain, error)
                                             : failed(b, error);
    }
    if (*end) {
        return TRUE;
    }
    count_record(b, &r);
    return read_record(b, &r, error);
}

static gboolean read_records(BerSource *b, gboolean explain, GError **error)
{
    bool end = false;

    while (!end) {
        if (b->idle_error) {
            g_propagate_error(error, g_steal_pointer(&b->idle_error));
            return FALSE;
        }
        if (is_next_in_place(b) ? !read_record_in_place(b, error)
                                : !read_next_record(b, explain, &end, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean read_trailer(BerSource *b, GError **error)
{
    uint64_t before = bm_input_offset(b->in);

    if (b->direction == BM_FORWARD && b->stage < STAGE_FINISHED) {
        return bm_error_set(error, BM_BAD_ORDER, before, NULL, "the records end with no Finish");
    }
    if (b->packages > 0) {
        return bm_error_set(error, BM_BAD_ORDER, before, NULL, "the records end inside a package");
    }
    if (!bm_frame_read_trailer(b->in, b->stats->records, &b->stats->trailer_octets,
                               &b->stats->digest, &b->fault)) {
        return failed(b, error);
    }
    b->stats->total = bm_input_offset(b->in) - b->begin;
    b->stats->octets[BM_RECORD_TRAILER] += b->stats->total - before;
    return bm_stream_end(b->s, error);
}

static gboolean read_stream(BerSource *b, gboolean explain, GError **error)
{
    BmRecord preamble = {0};

    if (!bm_frame_read_head(b->in, &preamble, &b->fault)) {
        return failed(b, error);
    }
    b->stats->octets[BM_RECORD_PREAMBLE] += preamble.size;
    if (!read_preamble(b, &preamble, error)) {
        return FALSE;
    }
    if (!bm_frame_read_open(b->in, &b->fault)) {
        return failed(b, error);
    }
    return read_records(b, explain, error) && read_trailer(b, error);
}

gboolean bm_ber_stream_read(BmInput *in, BmStreamVisitor *s, gboolean explain, BmBerStats *stats,
                            GError **error)
{
    BmBerStats own = {0};
    BerSource b = {.in = in, .s = s, .stats = stats ? stats : &own};
    gboolean ok;

    *b.stats = (BmBerStats){0};
    b.begin = bm_input_offset(in);
    b.set = bm_schema_set_new();
    b.live = g_tree_new_full(compare_ids, NULL, NULL, free_live);
    bm_items_in_init(&b.items, s);
    b.place = bm_place_in_new(&b.items, in, &b.fault);
    bm_input_set_idle(in, flush_while_waiting, &b);
    ok = read_stream(&b, explain, error);
    bm_input_set_idle(in, NULL, NULL);
    g_clear_error(&b.idle_error);
    bm_place_in_free(b.place);
    bm_items_in_clear(&b.items);
    g_tree_unref(b.live);
    bm_schema_set_free(b.set);
    return ok;
}
