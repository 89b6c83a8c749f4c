/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes a stream of asn1/bermig.asn1, record by record. */
#include <string.h>

#include "ber-channels.h"
#include "ber-description-out.h"
#include "ber-findings.h"
#include "ber-hello.h"
#include "ber-items.h"
#include "ber-live-out.h"
#include "ber-packets.h"
#include "known.h"
#include "walk.h"

typedef struct BerStream {
    BmStreamVisitor base;
    BmBerStats own;
    BmRecordOut records;
    BmLiveOut live;
    BmDescriptionOut description;
    BmVisitor *values; /* of one device after the other */
} BerStream;

static BerStream *self(BmStreamVisitor *s)
{
    return (BerStream *)s;
}

/* The preamble stands before `records` and is not counted among them. */
static gboolean begin(BmStreamVisitor *s, const BmPreamble *p, GError **error)
{
    BerStream *b = self(s);
    BmWriter *w;

    if (!bm_frame_write_magic(b->records.out)) {
        return bm_record_out_failed(&b->records, error);
    }
    w = bm_record_out_open(&b->records, BM_RECORD_PREAMBLE);
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
    if (!bm_record_out_close(&b->records, BM_RECORD_PREAMBLE, error)) {
        return FALSE;
    }
    b->records.stats->records = 0;
    return bm_frame_write_open(b->records.out) || bm_record_out_failed(&b->records, error);
}

static gboolean hello(BmStreamVisitor *s, const BmHello *h, GError **error)
{
    bm_ber_hello_write(bm_record_out_open(&self(s)->records, BM_RECORD_HELLO), h);
    return bm_record_out_close(&self(s)->records, BM_RECORD_HELLO, error);
}

static gboolean check(BmStreamVisitor *s, GError **error)
{
    bm_record_out_open(&self(s)->records, BM_RECORD_CHECK);
    return bm_record_out_close(&self(s)->records, BM_RECORD_CHECK, error);
}

static gboolean findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n, GError **error)
{
    bm_ber_findings_write(bm_record_out_open(&self(s)->records, BM_RECORD_FINDINGS), list, n);
    return bm_record_out_close(&self(s)->records, BM_RECORD_FINDINGS, error);
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    BerStream *b = self(s);
    BmWriter *w = bm_record_out_open(&b->records, BM_RECORD_CONFIGURATION);

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
    return bm_record_out_close(&b->records, BM_RECORD_CONFIGURATION, error);
}

/* ---- devices ---- */

static gboolean announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    BerStream *b = self(s);
    BmWriter *w;

    if (!bm_description_out_describe(&b->description, a->schemas, a->schema, error)) {
        return FALSE;
    }
    w = bm_record_out_open(&b->records, BM_RECORD_ANNOUNCE);
    bm_writer_text(w, BM_TAG_UTF8, a->name);
    bm_writer_unsigned(w, BM_TAG_INTEGER, a->instance);
    bm_writer_unsigned(w, BM_TAG_INTEGER, a->version);
    if (a->schema) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), a->schema->number);
    }
    return bm_record_out_close(&b->records, BM_RECORD_ANNOUNCE, error);
}

static gboolean write_values(BerStream *b, const BmDevice *d, GError **error)
{
    gboolean ok;

    bm_writer_open(&b->records.w, BM_TAG_CONTEXT(3) | BM_CONSTRUCTED);
    ok = bm_walk(d->schema, d->values, b->values, d->section.name, error);
    bm_writer_close(&b->records.w);
    return ok;
}

static gboolean device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    BerStream *b = self(s);
    BmWriter *w;

    if (!bm_description_out_describe(&b->description, d->schemas, d->schema, error)) {
        return FALSE;
    }
    w = bm_record_out_open(&b->records, BM_RECORD_DEVICE);
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
    return bm_record_out_close(&b->records, BM_RECORD_DEVICE, error);
}

/* ---- live sections ---- */

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    (void)error;
    bm_live_out_begin(&self(s)->live, phase, section);
    return TRUE;
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    return bm_live_out_item(&self(s)->live, item, error);
}

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    return bm_live_out_end(&self(s)->live, bare, error);
}

static gboolean borrows(const BmStreamVisitor *s)
{
    (void)s;
    return TRUE;
}

/* ---- the rest ---- */

static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    BmWriter *w = bm_record_out_open(&self(s)->records, BM_RECORD_COMMAND);

    bm_writer_unsigned(w, BM_TAG_INTEGER, code);
    bm_writer_octets(w, BM_TAG_OCTETS, data.data, data.len);
    return bm_record_out_close(&self(s)->records, BM_RECORD_COMMAND, error);
}

static gboolean package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    BmWriter *w = bm_record_out_open(&self(s)->records, BM_RECORD_PACKAGE);

    bm_writer_unsigned(w, BM_TAG_INTEGER, length);
    return bm_record_out_close(&self(s)->records, BM_RECORD_PACKAGE, error);
}

static gboolean package_end(BmStreamVisitor *s, GError **error)
{
    bm_record_out_open(&self(s)->records, BM_RECORD_PACKAGE_END);
    return bm_record_out_close(&self(s)->records, BM_RECORD_PACKAGE_END, error);
}

static gboolean finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    return bm_description_out_finish(&self(s)->description, d, error);
}

static gboolean write_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    BmWriter *w;

    if (!bm_live_out_interrupt(&self(s)->live, error)) {
        return FALSE;
    }
    w = bm_record_out_open(&self(s)->records, BM_RECORD_REMAINDER);
    bm_writer_unsigned(w, BM_TAG_ENUMERATED, reason);
    bm_writer_borrow(w, BM_TAG_OCTETS, data.data, data.len);
    return bm_record_out_close(&self(s)->records, BM_RECORD_REMAINDER, error);
}

static gboolean message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    BmWriter *w = bm_record_out_open(&self(s)->records, BM_RECORD_MESSAGE);

    bm_writer_octets(w, BM_TAG_OCTETS, data.data, data.len);
    return bm_record_out_close(&self(s)->records, BM_RECORD_MESSAGE, error);
}

static void write_digest(BmWriter *w, uint64_t digest)
{
    uint64_t be = GUINT64_TO_BE(digest);

    bm_writer_octets(w, BM_TAG_OCTETS, &be, sizeof be);
}

static gboolean ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    BmWriter *w = bm_record_out_open(&self(s)->records, BM_RECORD_ACK);

    bm_writer_unsigned(w, BM_TAG_INTEGER, octets);
    write_digest(w, digest);
    return bm_record_out_close(&self(s)->records, BM_RECORD_ACK, error);
}

static gboolean channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    BerStream *b = self(s);

    if (b->live.index) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a file with an index has no page channels");
    }
    if (!bm_live_out_interrupt(&b->live, error)) {
        return FALSE;
    }
    bm_record_out_open(&b->records, BM_RECORD_CHANNEL);
    bm_ber_channel_write(&b->live.pages, item);
    return bm_record_out_close(&b->records, BM_RECORD_CHANNEL, error);
}

static gboolean extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                          GError **error)
{
    BmWriter *w;

    if (!bm_live_out_interrupt(&self(s)->live, error)) {
        return FALSE;
    }
    w = bm_record_out_open(&self(s)->records, BM_RECORD_EXTENSION);
    bm_writer_unsigned(w, BM_TAG_INTEGER, kind);
    bm_writer_boolean(w, BM_TAG_BOOLEAN, critical);
    bm_writer_octets(w, BM_TAG_OCTETS, data.data, data.len);
    return bm_record_out_close(&self(s)->records, BM_RECORD_EXTENSION, error);
}

static gboolean channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                             GError **error)
{
    bm_ber_channel_ends_write(bm_record_out_open(&self(s)->records, BM_RECORD_CHANNEL_ENDS), list,
                              n);
    return bm_record_out_close(&self(s)->records, BM_RECORD_CHANNEL_ENDS, error);
}

static gboolean write_index(BerStream *b, GError **error)
{
    while (b->live.index && bm_index_out_more(b->live.index)) {
        bm_index_out_next(b->live.index, bm_record_out_open(&b->records, BM_RECORD_INDEX),
                          bm_output_offset(b->records.out));
        if (!bm_record_out_close(&b->records, BM_RECORD_INDEX, error)) {
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
    before = bm_output_offset(b->records.out);
    b->records.stats->trailer_octets = before + 2; /* with the end of `records` */
    if (!bm_frame_write_trailer(b->records.out, b->records.stats->records,
                                &b->records.stats->digest)) {
        return bm_record_out_failed(&b->records, error);
    }
    b->records.stats->total = bm_output_offset(b->records.out);
    b->records.stats->octets[BM_RECORD_TRAILER] += b->records.stats->total - before;
    return TRUE;
}

/* What a waiting source has given so far goes out, as an open section if need be. */
static gboolean flush(BmStreamVisitor *s, GError **error)
{
    BerStream *b = self(s);

    if (!bm_live_out_flush(&b->live, error)) {
        return FALSE;
    }
    return bm_output_flush(b->records.out) || bm_record_out_failed(&b->records, error);
}

static void free_stream(BmStreamVisitor *s)
{
    BerStream *b = self(s);

    bm_visitor_free(b->values);
    bm_live_out_clear(&b->live);
    bm_record_out_clear(&b->records);
    bm_description_out_clear(&b->description);
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
    bm_record_out_init(&b->records, out, stats ? stats : &b->own);
    bm_description_out_init(&b->description, &b->records);
    bm_live_out_init(&b->live, &b->records, level);
    b->values = bm_visitor_ber_out(&b->records.w);
    return &b->base;
}

void bm_ber_stream_out_known(BmStreamVisitor *s, const char *const *digests)
{
    self(s)->description.known = digests;
}

BmStreamVisitor *bm_ber_file_out(BmOutput *out, int level, BmBerStats *stats)
{
    BmStreamVisitor *s = bm_ber_stream_out(out, level, stats);

    self(s)->live.index = bm_index_out_new();
    return s;
}

uint64_t bm_ber_stats_description(const BmBerStats *stats)
{
    return stats->octets[BM_RECORD_SCHEMA] + stats->octets[BM_RECORD_KNOWN];
}
