/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a stream of asn1/bermig.asn1.
 *
 * One record is built at a time, in `w`.  A live section may need several: its
 * first record is written when the arena of page data is full, or when the
 * source is about to wait; the section then goes on in More records.
 */
#include <string.h>

#include "ber-channels.h"
#include "ber-findings.h"
#include "ber-hello.h"
#include "ber-items.h"
#include "ber-packets.h"
#include "ber-pages-out.h"
#include "ber-schema-out.h"
#include "index-out.h"
#include "known.h"
#include "walk.h"

typedef struct BerStream {
    BmStreamVisitor base;
    BmOutput *out;
    BmBerStats own, *stats;
    BmWriter w;
    BmPagesOut pages;
    uint32_t schemas_sent;
    const char *const *known; /* digests of descriptions that the reader has; NULL: of none */
    BmZstd *text_zstd;
    BmIndexOut *index; /* NULL: the stream gets none */
    /* the live section that is open */
    gboolean in_section;
    gboolean continued; /* its next record is a More */
    gboolean in_record; /* `w` holds a record of it, its items are open */
    BmPhase phase;
    BmSection section; /* name is a copy */
} BerStream;

static BerStream *self(BmStreamVisitor *s)
{
    return (BerStream *)s;
}

static gboolean write_failed(BerStream *b, GError **error)
{
    BmFault fault = {BM_IO, bm_output_offset(b->out), "the stream", 0,
                     (uint64_t)bm_output_errno(b->out)};

    return bm_error_from_fault(error, &fault, NULL);
}

static gboolean close_record(BerStream *b, BmRecordType type, GError **error)
{
    if (!bm_record_write(b->out, &b->w)) {
        return b->w.fault.code != BM_OK ? bm_error_from_fault(error, &b->w.fault, NULL)
                                        : write_failed(b, error);
    }
    b->stats->records++;
    b->stats->octets[type] += bm_writer_size(&b->w);
    b->stats->total = bm_output_offset(b->out);
    return TRUE;
}

static BmWriter *open_record(BerStream *b, BmRecordType type)
{
    bm_writer_reset(&b->w);
    bm_record_open(&b->w, type);
    return &b->w;
}

/* The preamble stands before `records` and is not counted among them. */
static gboolean begin(BmStreamVisitor *s, const BmPreamble *p, GError **error)
{
    BerStream *b = self(s);
    BmWriter *w;

    if (!bm_frame_write_magic(b->out)) {
        return write_failed(b, error);
    }
    w = open_record(b, BM_RECORD_PREAMBLE);
    bm_writer_unsigned(w, BM_TAG_INTEGER, BM_VERSION_MAJOR);
    bm_writer_unsigned(w, BM_TAG_INTEGER, BM_VERSION_MINOR);
    bm_writer_unsigned(w, BM_TAG_ENUMERATED, p->direction);
    bm_writer_text(w, BM_TAG_UTF8, p->generator);
    if (p->has_header) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), p->header_version);
    }
    if (p->leading.data) {
        bm_writer_explicit(w, BM_TAG_CONTEXT(1), BM_TAG_OCTETS, p->leading.data, p->leading.len);
    }
    if (p->outcome) {
        bm_ber_outcome_write(w, BM_TAG_CONTEXT(2) | BM_CONSTRUCTED, p->outcome);
    }
    if (!close_record(b, BM_RECORD_PREAMBLE, error)) {
        return FALSE;
    }
    b->stats->records = 0;
    return bm_frame_write_open(b->out) || write_failed(b, error);
}

static gboolean hello(BmStreamVisitor *s, const BmHello *h, GError **error)
{
    bm_ber_hello_write(open_record(self(s), BM_RECORD_HELLO), h);
    return close_record(self(s), BM_RECORD_HELLO, error);
}

static gboolean check(BmStreamVisitor *s, GError **error)
{
    open_record(self(s), BM_RECORD_CHECK);
    return close_record(self(s), BM_RECORD_CHECK, error);
}

static gboolean findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n, GError **error)
{
    bm_ber_findings_write(open_record(self(s), BM_RECORD_FINDINGS), list, n);
    return close_record(self(s), BM_RECORD_FINDINGS, error);
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    BerStream *b = self(s);
    BmWriter *w = open_record(b, BM_RECORD_CONFIGURATION);

    bm_writer_text(w, BM_TAG_UTF8, c->machine);
    if (c->has_page_bits) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), c->page_bits);
    }
    if (c->has_capabilities) {
        bm_writer_open(w, BM_TAG_CONTEXT(1) | BM_CONSTRUCTED);
        for (char *const *name = c->capabilities; *name; name++) {
            bm_writer_text(w, BM_TAG_UTF8, *name);
        }
        bm_writer_close(w);
    }
    if (c->uuid) {
        bm_writer_explicit(w, BM_TAG_CONTEXT(2) | BM_CONSTRUCTED, BM_TAG_OCTETS, c->uuid, 16);
    }
    return close_record(b, BM_RECORD_CONFIGURATION, error);
}

/* ---- descriptions ---- */

static gboolean write_schema(BerStream *b, const BmSchema *schema, GError **error)
{
    bm_ber_schema_write(open_record(b, BM_RECORD_SCHEMA), schema);
    return close_record(b, BM_RECORD_SCHEMA, error);
}

static void put_digest(BmWriter *w, const char *text)
{
    uint8_t digest[BM_SCHEMA_DIGEST_LEN];

    for (size_t i = 0; i < sizeof digest; i++) {
        digest[i] = (uint8_t)(g_ascii_xdigit_value(text[2 * i]) << 4 |
                              g_ascii_xdigit_value(text[2 * i + 1]));
    }
    bm_writer_octets(w, BM_TAG_OCTETS, digest, sizeof digest);
}

/* All of the set at once, or all that it began with, if the reader has it. */
static gboolean refer(BerStream *b, const BmSchemaSet *set, GError **error)
{
    const char *const *known = g_steal_pointer(&b->known);
    const char *digest;
    uint32_t count;
    BmWriter *w;

    if (b->schemas_sent > 0) {
        return TRUE;
    }
    digest = bm_schema_set_base(set, &count);
    if (count == 0 || !g_strv_contains(known, digest)) {
        return TRUE;
    }
    w = open_record(b, BM_RECORD_KNOWN);
    bm_writer_unsigned(w, BM_TAG_INTEGER, count);
    put_digest(w, digest);
    b->schemas_sent = count;
    return close_record(b, BM_RECORD_KNOWN, error);
}

/* Schemas go out in the order of their numbers, children before parents: all
 * up to the one that is needed now. */
static gboolean describe(BerStream *b, const BmSchemaSet *set, const BmSchema *schema,
                         GError **error)
{
    if (schema && b->known && !refer(b, set, error)) {
        return FALSE;
    }
    while (schema && b->schemas_sent <= schema->number) {
        if (!write_schema(b, bm_schema_set_get(set, b->schemas_sent), error)) {
            return FALSE;
        }
        b->schemas_sent++;
    }
    return TRUE;
}

static gboolean announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    BerStream *b = self(s);
    BmWriter *w;

    if (!describe(b, a->schemas, a->schema, error)) {
        return FALSE;
    }
    w = open_record(b, BM_RECORD_ANNOUNCE);
    bm_writer_text(w, BM_TAG_UTF8, a->name);
    bm_writer_unsigned(w, BM_TAG_INTEGER, a->instance);
    bm_writer_unsigned(w, BM_TAG_INTEGER, a->version);
    if (a->schema) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), a->schema->number);
    }
    return close_record(b, BM_RECORD_ANNOUNCE, error);
}

/* ---- devices ---- */

static gboolean write_values(BerStream *b, const BmDevice *d, GError **error)
{
    BmVisitor *v = bm_visitor_ber_out(&b->w);
    gboolean ok;

    bm_writer_open(&b->w, BM_TAG_CONTEXT(3) | BM_CONSTRUCTED);
    ok = bm_walk(d->schema, d->values, v, d->section.name, error);
    bm_writer_close(&b->w);
    bm_visitor_free(v);
    return ok;
}

static gboolean device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    BerStream *b = self(s);
    BmWriter *w;

    if (!describe(b, d->schemas, d->schema, error)) {
        return FALSE;
    }
    w = open_record(b, BM_RECORD_DEVICE);
    bm_writer_unsigned(w, BM_TAG_INTEGER, d->section.id);
    bm_writer_text(w, BM_TAG_UTF8, d->section.name);
    bm_writer_unsigned(w, BM_TAG_INTEGER, d->section.instance);
    bm_writer_unsigned(w, BM_TAG_INTEGER, d->section.version);
    if (d->schema) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), d->schema->number);
    }
    if (d->bare) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(1), BM_STATE_BARE);
    }
    if (!d->values) {
        bm_writer_explicit(w, BM_TAG_CONTEXT(2) | BM_CONSTRUCTED, BM_TAG_OCTETS, d->octets.data,
                           d->octets.len);
    } else if (!write_values(b, d, error)) {
        return FALSE;
    }
    return close_record(b, BM_RECORD_DEVICE, error);
}

/* ---- live sections ---- */

static const BmRecordType phase_record[] = {
    [BM_PHASE_START] = BM_RECORD_START,
    [BM_PHASE_PART] = BM_RECORD_PART,
    [BM_PHASE_END] = BM_RECORD_END,
};

static BmRecordType section_record(const BerStream *b)
{
    return b->continued ? BM_RECORD_MORE : phase_record[b->phase];
}

static void open_section_record(BerStream *b)
{
    BmWriter *w;

    if (b->in_record) {
        return;
    }
    w = open_record(b, section_record(b));
    bm_writer_unsigned(w, BM_TAG_INTEGER, b->section.id);
    if (section_record(b) == BM_RECORD_START) {
        bm_writer_text(w, BM_TAG_UTF8, b->section.name);
        bm_writer_unsigned(w, BM_TAG_INTEGER, b->section.instance);
        bm_writer_unsigned(w, BM_TAG_INTEGER, b->section.version);
    }
    bm_writer_open(w, BM_TAG_SEQUENCE);
    b->in_record = TRUE;
}

/* Where page data is to lie in the file, its item is the last one of a record, and that
 * record is open: so all that comes behind the data is known. */
#define BEHIND_DATA (3 + BM_SUM_MEMBER_LEN)

/* Ends the item with the data, in its place.  Returns the octets of its data. */
static size_t end_aligned_batch(BerStream *b)
{
    size_t at = b->w.len;
    size_t octets = b->pages.used;

    bm_pages_out_end_batch(&b->pages);
    bm_writer_align(&b->w, at, BM_TAG_ITEM_FILLER, bm_output_offset(b->out),
                    bm_index_out_alignment(b->index), BEHIND_DATA);
    return b->w.n_borrowed > 0 ? octets : 0;
}

/* `plain`: octets of aligned data. */
static void index_record(BerStream *b, uint64_t record, size_t plain)
{
    uint64_t data = bm_output_offset(b->out) - BEHIND_DATA - plain;

    if (b->index) {
        bm_index_out_written(b->index, record, plain > 0 ? &data : NULL);
    }
}

static gboolean close_section_record(BerStream *b, BmSectionState state, GError **error);

/* In a file with an index, nothing comes behind data in its record. */
static gboolean end_data(BerStream *b, GError **error)
{
    return !b->index || b->pages.used == 0 || close_section_record(b, BM_STATE_OPEN, error);
}

static gboolean close_section_record(BerStream *b, BmSectionState state, GError **error)
{
    uint64_t record;
    size_t plain = 0;
    BmRecordType type;

    if (state != BM_STATE_OPEN && !end_data(b, error)) {
        return FALSE;
    }
    type = section_record(b);
    record = bm_output_offset(b->out);
    open_section_record(b);
    if (b->index && b->pages.used > 0) {
        plain = end_aligned_batch(b);
    }
    bm_pages_out_end_batch(&b->pages);
    bm_writer_close(&b->w);
    if (state != BM_STATE_COMPLETE) {
        bm_writer_unsigned(&b->w, BM_TAG_CONTEXT(1), state);
    }
    b->in_record = FALSE;
    b->continued = TRUE;
    if (!close_record(b, type, error)) {
        return FALSE;
    }
    index_record(b, record, plain);
    bm_pages_out_recycle(&b->pages);
    return TRUE;
}

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    BerStream *b = self(s);

    (void)error;
    g_free((char *)b->section.name);
    b->section = *section;
    b->section.name = g_strdup(section->name);
    b->phase = phase;
    b->in_section = TRUE;
    b->continued = FALSE;
    return TRUE;
}

static gboolean borrows(const BmStreamVisitor *s)
{
    (void)s;
    return TRUE;
}

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    BerStream *b = self(s);

    b->in_section = FALSE;
    return close_section_record(b, bare ? BM_STATE_BARE : BM_STATE_COMPLETE, error);
}

/* What a section has given so far goes out before a record that comes between
 * its items, or that takes the place of all that is left. */
static gboolean interrupt_section(BerStream *b, GError **error)
{
    gboolean pending = b->in_section && (b->in_record || !b->continued);

    return !pending || close_section_record(b, BM_STATE_OPEN, error);
}

/* Pages of one run, cut where the arena is full. */
static gboolean add_pages(BerStream *b, const BmItem *item, GError **error)
{
    uint64_t page_size = b->pages.page_size, done = 0;

    while (done < item->count) {
        uint64_t room = (BM_ARENA_SIZE - b->pages.used) / page_size;
        uint64_t n = MIN(item->count - done, room);

        if (b->index && !bm_pages_out_continues(&b->pages, item->block) && !end_data(b, error)) {
            return FALSE;
        }
        if (n == 0) {
            if (!close_section_record(b, BM_STATE_OPEN, error)) {
                return FALSE;
            }
            continue;
        }
        open_section_record(b);
        bm_pages_out_add(&b->pages, item->block, item->page + done, n,
                         item->data.data + done * page_size, item->stable);
        if (b->index) {
            bm_index_out_add(b->index, BM_PLACE_PLAIN, item->block, item->page + done, n);
        }
        done += n;
    }
    return TRUE;
}

/* The data is borrowed from the source, so the record ends behind it. */
static gboolean write_chunk(BerStream *b, const BmItem *item, GError **error)
{
    bm_writer_open(&b->w, BM_TAG_ITEM_CHUNK);
    bm_writer_text(&b->w, BM_TAG_UTF8, item->device);
    bm_writer_unsigned(&b->w, BM_TAG_INTEGER, item->page);
    if (item->data.data) {
        bm_writer_open(&b->w, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED);
        bm_pages_out_data(&b->pages, item->data);
        bm_writer_close(&b->w);
    }
    bm_writer_close(&b->w);
    return item->data.data ? close_section_record(b, BM_STATE_OPEN, error) : TRUE;
}

static gboolean write_item(BerStream *b, const BmItem *item, GError **error)
{
    if (item->type == BM_ITEM_CHUNK) {
        return write_chunk(b, item, error);
    }
    if (item->type == BM_ITEM_PAGE_SIZE) {
        b->pages.page_size = item->value;
    }
    bm_ber_item_write(&b->w, item);
    return TRUE;
}

/* What the index wants to know of an item before it is written; full pages are cut first. */
static gboolean index_item(BerStream *b, const BmItem *item, GError **error)
{
    gboolean joins =
        item->type == BM_ITEM_PAGES ||
        (item->type == BM_ITEM_ZEROS && bm_pages_out_continues(&b->pages, item->block));

    if (!joins && !end_data(b, error)) {
        return FALSE;
    }
    switch (item->type) {
    case BM_ITEM_BLOCKS:
    case BM_ITEM_PAGE_SIZE:
        return bm_index_out_frame(b->index, item, error);
    case BM_ITEM_ZEROS:
        bm_index_out_add(b->index, BM_PLACE_ZERO, item->block, item->page, item->count);
        return TRUE;
    case BM_ITEM_FILL:
        bm_index_out_add(b->index, BM_PLACE_RECORD, item->block, item->page, 1);
        return TRUE;
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        bm_index_out_add(b->index, BM_PLACE_ENCODED, item->block, item->page, 1);
        return TRUE;
    case BM_ITEM_MEET:
        return bm_stream_lacks_pages(error);
    default:
        return TRUE;
    }
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    BerStream *b = self(s);

    if (b->index && !index_item(b, item, error)) {
        return FALSE;
    }
    if (item->type == BM_ITEM_PAGES) {
        return add_pages(b, item, error);
    }
    open_section_record(b);
    if (item->type == BM_ITEM_ZEROS) {
        bm_pages_out_add(&b->pages, item->block, item->page, item->count, NULL, FALSE);
    } else {
        bm_pages_out_end_batch(&b->pages);
        if (!write_item(b, item, error)) {
            return FALSE;
        }
    }
    /* Many small items (deltas, ranges of zeros) make a record as well. */
    if (b->in_record && bm_writer_size(&b->w) > BM_ARENA_SIZE) {
        return close_section_record(b, BM_STATE_OPEN, error);
    }
    return TRUE;
}

/* ---- the rest ---- */

static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    BmWriter *w = open_record(self(s), BM_RECORD_COMMAND);

    bm_writer_unsigned(w, BM_TAG_INTEGER, code);
    bm_writer_octets(w, BM_TAG_OCTETS, data.data, data.len);
    return close_record(self(s), BM_RECORD_COMMAND, error);
}

static gboolean package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    BmWriter *w = open_record(self(s), BM_RECORD_PACKAGE);

    bm_writer_unsigned(w, BM_TAG_INTEGER, length);
    return close_record(self(s), BM_RECORD_PACKAGE, error);
}

static gboolean package_end(BmStreamVisitor *s, GError **error)
{
    open_record(self(s), BM_RECORD_PACKAGE_END);
    return close_record(self(s), BM_RECORD_PACKAGE_END, error);
}

/* The text compresses twentyfold, so it is always sent as zstd. */
static gboolean write_text(BerStream *b, BmOctets text, GError **error)
{
    BmOctets packed;

    if (!b->text_zstd) {
        b->text_zstd = bm_zstd_new(3);
    }
    if (!bm_zstd_pack(b->text_zstd, text, &packed)) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL,
                            "the description could not be compressed");
    }
    bm_writer_open(&b->w, BM_TAG_CONTEXT(1) | BM_CONSTRUCTED);
    bm_writer_unsigned(&b->w, BM_TAG_INTEGER, text.len);
    bm_writer_octets(&b->w, BM_TAG_OCTETS, packed.data, packed.len);
    bm_writer_close(&b->w);
    return TRUE;
}

static void write_derived(BmWriter *w, const BmDescription *d)
{
    bm_writer_open(w, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED);
    bm_writer_unsigned(w, BM_TAG_ENUMERATED, d->style);
    bm_writer_unsigned(w, BM_TAG_INTEGER, d->page_size);
    if (d->configuration) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), d->configuration->number);
    }
    bm_writer_close(w);
}

static gboolean finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    BerStream *b = self(s);

    if (d->present && d->derived && !describe(b, d->schemas, d->configuration, error)) {
        return FALSE;
    }
    open_record(b, BM_RECORD_FINISH);
    if (d->present && d->derived) {
        write_derived(&b->w, d);
    } else if (d->present && !write_text(b, d->text, error)) {
        return FALSE;
    }
    return close_record(b, BM_RECORD_FINISH, error);
}

static gboolean write_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    BmWriter *w;

    if (!interrupt_section(self(s), error)) {
        return FALSE;
    }
    w = open_record(self(s), BM_RECORD_REMAINDER);
    bm_writer_unsigned(w, BM_TAG_ENUMERATED, reason);
    bm_writer_borrow(w, BM_TAG_OCTETS, data.data, data.len);
    return close_record(self(s), BM_RECORD_REMAINDER, error);
}

static gboolean message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    BmWriter *w = open_record(self(s), BM_RECORD_MESSAGE);

    bm_writer_octets(w, BM_TAG_OCTETS, data.data, data.len);
    return close_record(self(s), BM_RECORD_MESSAGE, error);
}

static void write_digest(BmWriter *w, uint64_t digest)
{
    uint64_t be = GUINT64_TO_BE(digest);

    bm_writer_octets(w, BM_TAG_OCTETS, &be, sizeof be);
}

static gboolean ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    BmWriter *w = open_record(self(s), BM_RECORD_ACK);

    bm_writer_unsigned(w, BM_TAG_INTEGER, octets);
    write_digest(w, digest);
    return close_record(self(s), BM_RECORD_ACK, error);
}

static gboolean channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    BerStream *b = self(s);

    if (b->index) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a file with an index has no page channels");
    }
    if (!interrupt_section(b, error)) {
        return FALSE;
    }
    open_record(b, BM_RECORD_CHANNEL);
    bm_ber_channel_write(&b->pages, item);
    return close_record(b, BM_RECORD_CHANNEL, error);
}

static gboolean extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                          GError **error)
{
    BmWriter *w;

    if (!interrupt_section(self(s), error)) {
        return FALSE;
    }
    w = open_record(self(s), BM_RECORD_EXTENSION);
    bm_writer_unsigned(w, BM_TAG_INTEGER, kind);
    bm_writer_boolean(w, BM_TAG_BOOLEAN, critical);
    bm_writer_octets(w, BM_TAG_OCTETS, data.data, data.len);
    return close_record(self(s), BM_RECORD_EXTENSION, error);
}

static gboolean channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                             GError **error)
{
    bm_ber_channel_ends_write(open_record(self(s), BM_RECORD_CHANNEL_ENDS), list, n);
    return close_record(self(s), BM_RECORD_CHANNEL_ENDS, error);
}

static gboolean write_index(BerStream *b, GError **error)
{
    while (b->index && bm_index_out_more(b->index)) {
        bm_index_out_next(b->index, open_record(b, BM_RECORD_INDEX), bm_output_offset(b->out));
        if (!close_record(b, BM_RECORD_INDEX, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean end(BmStreamVisitor *s, GError **error)
{
    BerStream *b = self(s);
    uint64_t before;

    if (!write_index(b, error)) {
        return FALSE;
    }
    before = bm_output_offset(b->out);
    b->stats->trailer_octets = before + 2; /* with the end of `records` */
    if (!bm_frame_write_trailer(b->out, b->stats->records, &b->stats->digest)) {
        return write_failed(b, error);
    }
    b->stats->total = bm_output_offset(b->out);
    b->stats->octets[BM_RECORD_TRAILER] += b->stats->total - before;
    return TRUE;
}

/* What a waiting source has given so far goes out, as an open section if need be. */
static gboolean flush(BmStreamVisitor *s, GError **error)
{
    BerStream *b = self(s);

    if (b->in_record && !close_section_record(b, BM_STATE_OPEN, error)) {
        return FALSE;
    }
    return bm_output_flush(b->out) || write_failed(b, error);
}

static void free_stream(BmStreamVisitor *s)
{
    BerStream *b = self(s);

    bm_writer_clear(&b->w);
    bm_pages_out_clear(&b->pages);
    bm_zstd_free(b->text_zstd);
    bm_index_out_free(b->index);
    g_free((char *)b->section.name);
    g_free(b);
}

static const BmStreamOps ber_stream_ops = {
    .begin = begin,
    .hello = hello,
    .configuration = configuration,
    .announce = announce,
    .check = check,
    .findings = findings,
    .device = device,
    .live_begin = live_begin,
    .live_item = live_item,
    .live_end = live_end,
    .channel = channel,
    .borrows = borrows,
    .command = command,
    .package_begin = package_begin,
    .package_end = package_end,
    .finish = finish,
    .remainder = write_remainder,
    .channel_ends = channel_ends,
    .message = message,
    .ack = ack,
    .extension = extension,
    .end = end,
    .flush = flush,
    .free = free_stream,
};

BmStreamVisitor *bm_ber_stream_out(BmOutput *out, int level, BmBerStats *stats)
{
    BerStream *b = g_new0(BerStream, 1);

    b->base.ops = &ber_stream_ops;
    b->out = out;
    b->stats = stats ? stats : &b->own;
    bm_writer_init(&b->w);
    bm_pages_out_init(&b->pages, &b->w, level);
    return &b->base;
}

void bm_ber_stream_out_known(BmStreamVisitor *s, const char *const *digests)
{
    self(s)->known = digests;
}

BmStreamVisitor *bm_ber_file_out(BmOutput *out, int level, BmBerStats *stats)
{
    BmStreamVisitor *s = bm_ber_stream_out(out, level, stats);

    self(s)->index = bm_index_out_new();
    return s;
}

uint64_t bm_ber_stats_description(const BmBerStats *stats)
{
    return stats->octets[BM_RECORD_SCHEMA] + stats->octets[BM_RECORD_KNOWN];
}
