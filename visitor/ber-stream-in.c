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

#include "ber-channels.h"
#include "ber-description-in.h"
#include "ber-findings.h"
#include "ber-head-in.h"
#include "ber-hello.h"
#include "ber-index.h"
#include "ber-live-in.h"
#include "ber-packets.h"
#include "ber-section-in.h"

/* How far the order of the records has come. */
typedef enum Stage {
    STAGE_FIRST, /* a configuration may come */
    STAGE_RECORDS,
    STAGE_FINISHED,
    STAGE_TRAILING,    /* remainders behind the end marker */
    STAGE_UNDELIMITED, /* remainders instead of one */
    STAGE_CHANNELS,    /* how the channels ended */
    STAGE_INDEXED      /* only the index goes on */
} Stage;

typedef struct BerSource {
    BmInput *in;
    BmStreamVisitor *s;
    BmBerStats *stats;
    BmDirection direction;
    uint64_t begin; /* of the stream in the input */
    BmDescriptionIn description;
    BmLiveIn live;
    BmChannelIn channels;
    BmVisitor *values; /* of one device after the other; NULL until there is one */
    Stage stage;
    gboolean greeted;       /* it had a hello */
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

/* ---- devices ---- */

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
    if (!bm_ber_identity_read(&body, &section, &name, error) ||
        !bm_description_in_refer(&b->description, &body, name, &a.schema, &a.schemas, error)) {
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

static gboolean give_values(BerSource *b, BmDevice *d, BmView body, GError **error)
{
    BmView values;

    if (!bm_view_get(&body, BM_TAG_CONTEXT(3) | BM_CONSTRUCTED, "the values of a device",
                     &values)) {
        return bm_error_from_fault(error, body.fault, d->section.name);
    }
    if (!d->schema) {
        return bm_error_set(error, BM_BAD_ORDER, values.offset, d->section.name,
                            "values without a schema");
    }
    if (b->values) {
        bm_visitor_ber_in_again(b->values, values);
    } else {
        b->values = bm_visitor_ber_in(values);
    }
    d->values = b->values;
    return bm_stream_device(b->s, d, error);
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

    if (!bm_ber_section_read(&body, &d.section, &name, error) ||
        !bm_description_in_refer(&b->description, &body, name, &d.schema, &d.schemas, error)) {
        return FALSE;
    }
    if (!bm_ber_state_read(&body, BM_STATE_BARE, &state)) {
        return bm_error_from_fault(error, body.fault, name);
    }
    d.bare = state == BM_STATE_BARE;
    if (bm_view_peek(&body, &tag) && tag == (BM_TAG_CONTEXT(3) | BM_CONSTRUCTED)) {
        return give_values(b, &d, body, error);
    }
    return give_octets(b, &d, body, error);
}

/* ---- the rest ---- */

static gboolean read_configuration(BerSource *b, BmRecord *r, GError **error)
{
    return bm_ber_configuration_read(r->body, b->s, error);
}

static gboolean read_live(BerSource *b, BmRecord *r, GError **error)
{
    return bm_live_in_read(&b->live, r, error);
}

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

static gboolean read_finish(BerSource *b, BmRecord *r, GError **error)
{
    BmDescription d;

    if (b->packages == 0) {
        b->stage = STAGE_FINISHED;
    } else {
        b->package_ended = TRUE;
    }
    if (!bm_description_in_finish(&b->description, r->body, &d, error)) {
        return FALSE;
    }
    if (d.present && b->packages > 0) {
        return misplaced(r, "a description inside a package", error);
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

static gboolean read_channel_ends(BerSource *b, BmRecord *r, GError **error)
{
    if (b->stage < STAGE_FINISHED || b->stage >= STAGE_CHANNELS) {
        return misplaced(r, "the ends of channels, which stand once behind the end", error);
    }
    b->stage = STAGE_CHANNELS;
    return bm_ber_channel_ends_read(r->body, b->s, error);
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

static gboolean read_channel(BerSource *b, BmRecord *r, GError **error)
{
    gboolean ram = !b->live.open || b->live.items.section->kind == BM_ITEMS_RAM;

    if (!ram || b->packages > 0) {
        return misplaced(r, "a channel inside a package, or a section other than ram", error);
    }
    return bm_channel_in_read(&b->channels, r->body, b->s, error);
}

/* ---- order and frame ---- */

static gboolean read_schema(BerSource *b, BmRecord *r, GError **error)
{
    return bm_description_in_schema(&b->description, r, error);
}

static gboolean read_known(BerSource *b, BmRecord *r, GError **error)
{
    return bm_description_in_known(&b->description, r, error);
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
    [BM_RECORD_CHANNEL] = {read_channel, FORWARD},
    [BM_RECORD_CHANNEL_ENDS] = {read_channel_ends, FORWARD},
    [BM_RECORD_CHECK] = {read_check, FORWARD},
    [BM_RECORD_FINDINGS] = {read_findings, BACK},
    [BM_RECORD_CONFIGURATION] = {read_configuration, FORWARD},
    [BM_RECORD_SCHEMA] = {read_schema, BOTH},
    [BM_RECORD_KNOWN] = {read_known, FORWARD},
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
    if (b->stage != STAGE_FIRST || b->greeted) {
        return misplaced(r, "a hello behind other records", error);
    }
    b->greeted = TRUE;
    return bm_ber_hello_read(r->body, b->s, error);
}

/* Why a record of this type must not stand here; NULL if it may. */
static const char *wrong_order(const BerSource *b, BmRecordType type)
{
    gboolean last =
        type == BM_RECORD_REMAINDER || type == BM_RECORD_INDEX || type == BM_RECORD_CHANNEL_ENDS;

    if (!(b->direction == BM_FORWARD ? rules[type].forward : rules[type].back)) {
        return "a record of the other direction";
    }
    if (b->stage >= STAGE_FINISHED && !last) {
        return "a record behind the end";
    }
    if (b->live.open && type != BM_RECORD_MORE && type != BM_RECORD_CHANNEL && !last) {
        return "a record inside an open section";
    }
    if (type == BM_RECORD_CONFIGURATION && b->stage != STAGE_FIRST) {
        return "a configuration behind other records";
    }
    if (b->packages > 0 && last) {
        return "a record of the end inside a package";
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
        b->live.items.s = nothing;
    }
    if (r->size > 0 && r->body.len > 0 && !read_record(b, r, &walked)) {
        bm_error_add_path(cut, bm_error_path(walked));
    }
    b->s = s;
    b->live.items.s = s;
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

    if (!bm_pieces_begin(bm_place_in_pieces(b->live.place), &r)) {
        return failed(b, error);
    }
    why = wrong_order(b, r.type);
    if (why) {
        return misplaced(&r, why, error);
    }
    if (!bm_live_in_read_placed(&b->live, &r, error)) {
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
        if (bm_live_in_is_next_placed(&b->live) ? !read_record_in_place(b, error)
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
    if (!bm_ber_preamble_read(&preamble, b->s, &b->direction, error)) {
        return FALSE;
    }
    if (!bm_frame_read_open(b->in, &b->fault)) {
        return failed(b, error);
    }
    return read_records(b, explain, error) && read_trailer(b, error);
}

static gboolean read_with(BmInput *in, BmStreamVisitor *s, gboolean explain, BmKnown *known,
                          BmBerStats *stats, GError **error)
{
    BmBerStats own = {0};
    BerSource b = {.in = in, .s = s, .stats = stats ? stats : &own};
    gboolean ok;

    *b.stats = (BmBerStats){0};
    b.begin = bm_input_offset(in);
    bm_description_in_init(&b.description, known);
    bm_live_in_init(&b.live, in, s, &b.fault);
    bm_channel_in_init(&b.channels, &b.live.items);
    bm_input_set_idle(in, flush_while_waiting, &b);
    ok = read_stream(&b, explain, error);
    bm_input_set_idle(in, NULL, NULL);
    g_clear_error(&b.idle_error);
    bm_visitor_free(b.values);
    bm_channel_in_clear(&b.channels);
    bm_live_in_clear(&b.live);
    bm_description_in_clear(&b.description);
    return ok;
}

gboolean bm_ber_stream_read(BmInput *in, BmStreamVisitor *s, gboolean explain, BmBerStats *stats,
                            GError **error)
{
    return read_with(in, s, explain, NULL, stats, error);
}

gboolean bm_ber_stream_read_known(BmInput *in, BmStreamVisitor *s, BmKnown *known,
                                  BmBerStats *stats, GError **error)
{
    return read_with(in, s, FALSE, known, stats, error);
}
