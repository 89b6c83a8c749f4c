/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reverse of decoding: from the same values asn1c's DER encoder must make
 * the octets that our writer made.  Only checksums are copied from ours.
 */
#include <bermig-asn1c.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "known.h"
#include "oracle.h"
#include "samples.h"
#include "walk.h"

/* ---- values in asn1c's form ---- */

static void set_number(INTEGER_t *to, uint64_t value)
{
    cr_assert_eq(asn_ulong2INTEGER(to, value), 0);
}

static INTEGER_t *new_number(uint64_t value)
{
    INTEGER_t *number = calloc(1, sizeof(*number));

    set_number(number, value);
    return number;
}

static void set_octets(OCTET_STRING_t *to, const void *data, size_t len)
{
    cr_assert_eq(OCTET_STRING_fromBuf(to, data, (int)len), 0);
}

static OCTET_STRING_t *new_octets(const void *data, size_t len)
{
    OCTET_STRING_t *octets = calloc(1, sizeof(*octets));

    set_octets(octets, data, len);
    return octets;
}

static OCTET_STRING_t *new_text(const char *text)
{
    return new_octets(text, strlen(text));
}

static void set_digest(OCTET_STRING_t *to, uint64_t digest)
{
    uint64_t be = GUINT64_TO_BE(digest);

    set_octets(to, &be, sizeof(be));
}

/* ---- comparing ---- */

static int collect(const void *octets, size_t len, void *into)
{
    g_byte_array_append(into, octets, (guint)len);
    return 0;
}

/* `value` is complete but for its last member `sum`, which is the last octets of
 * the record.  It is freed. */
static void check_encoding(asn_TYPE_descriptor_t *type, void *value, Sum_t *sum,
                           const FrameRecord *r)
{
    GByteArray *octets = g_byte_array_new();
    asn_enc_rval_t result;

    set_octets(sum, r->octets.data + r->octets.len - BM_SUM_LEN, BM_SUM_LEN);
    result = der_encode(type, value, collect, octets);
    cr_assert_gt(result.encoded, 0, "%s", type->name);
    cr_assert_eq(octets->len, r->octets.len, "%s", type->name);
    cr_assert_arr_eq(octets->data, r->octets.data, octets->len, "%s", type->name);
    g_byte_array_unref(octets);
    ASN_STRUCT_FREE(*type, value);
}

typedef struct Written {
    BmOutput *out;
    GArray *records;
} Written;

static Written written(const char *name)
{
    for (size_t i = 0; i < n_samples; i++) {
        if (strcmp(samples[i].name, name) == 0) {
            BmOutput *out = sample_written(&samples[i], 0);

            return (Written){out, frame_split(bm_output_memory_data(out))};
        }
    }
    cr_assert_fail("no sample %s", name);
    abort();
}

static void clear(Written *w)
{
    g_array_unref(w->records);
    bm_output_free(w->out);
}

/* Record `n` of that type, counted from 0. */
static const FrameRecord *record(const Written *w, BmRecordType type, unsigned n)
{
    for (guint i = 0; i < w->records->len; i++) {
        const FrameRecord *r = &g_array_index(w->records, FrameRecord, i);

        if (r->type == type && n-- == 0) {
            return r;
        }
    }
    cr_assert_fail("too few records of type %d", type);
    abort();
}

/* ---- the records ---- */

static Capability_t *new_capability(const BmCapability *c)
{
    Capability_t *v = calloc(1, sizeof(*v));

    set_octets(&v->name, c->name, strlen(c->name));
    for (const char *const *parameter = c->parameters; *parameter; parameter++) {
        ASN_SEQUENCE_ADD(&v->parameters.list, new_text(*parameter));
    }
    return v;
}

static Outcome_t *new_outcome(const BmOutcome *o)
{
    Outcome_t *v = calloc(1, sizeof(*v));

    set_octets(&v->peer, o->peer, strlen(o->peer));
    set_octets(&v->reason, o->reason, strlen(o->reason));
    for (uint32_t i = 0; i < o->n_capabilities; i++) {
        ASN_SEQUENCE_ADD(&v->capabilities.list, new_capability(&o->capabilities[i]));
    }
    return v;
}

Test(asn1c, preamble)
{
    Written w = written("all");
    const BmPreamble *p = &sample_preamble;
    Preamble_t *v = calloc(1, sizeof(*v));

    set_number(&v->major, p->major);
    set_number(&v->minor, p->minor);
    set_number(&v->direction, p->direction);
    set_octets(&v->generator, p->generator, strlen(p->generator));
    v->headerVersion = new_number(p->header_version);
    v->leading = new_octets(p->leading.data, p->leading.len);
    v->outcome = new_outcome(p->outcome);
    check_encoding(&asn_DEF_Preamble, v, &v->sum, record(&w, BM_RECORD_PREAMBLE, 0));
    clear(&w);
}

Test(asn1c, preamble_without_its_optional_members)
{
    Written w = written("return");
    Preamble_t *v = calloc(1, sizeof(*v));

    set_number(&v->major, BM_VERSION_MAJOR);
    set_number(&v->minor, BM_VERSION_MINOR);
    set_number(&v->direction, BM_RETURN);
    set_octets(&v->generator, "short", 5);
    check_encoding(&asn_DEF_Preamble, v, &v->sum, record(&w, BM_RECORD_PREAMBLE, 0));
    clear(&w);
}

Test(asn1c, configuration)
{
    Written w = written("all");
    const BmConfiguration *c = &sample_configuration;
    Configuration_t *v = calloc(1, sizeof(*v));

    set_octets(&v->machine, c->machine, strlen(c->machine));
    v->pageBits = new_number(c->page_bits);
    v->capabilities = calloc(1, sizeof(*v->capabilities));
    for (char *const *name = c->capabilities; *name; name++) {
        ASN_SEQUENCE_ADD(&v->capabilities->list, new_text(*name));
    }
    v->uuid = new_octets(c->uuid, 16);
    check_encoding(&asn_DEF_Configuration, v, &v->sum, record(&w, BM_RECORD_CONFIGURATION, 0));
    clear(&w);
}

Test(asn1c, configuration_without_its_optional_members)
{
    Written w = written("plain");
    Configuration_t *v = calloc(1, sizeof(*v));

    set_octets(&v->machine, "", 0);
    check_encoding(&asn_DEF_Configuration, v, &v->sum, record(&w, BM_RECORD_CONFIGURATION, 0));
    clear(&w);
}

static Field_t *new_field(const BmField *f)
{
    Field_t *v = calloc(1, sizeof(*v));

    set_octets(&v->name, f->name, strlen(f->name));
    set_number(&v->kind, f->kind);
    v->width = f->width != 0 ? new_number(f->width) : NULL;
    v->count = f->count != 1 ? new_number(f->count) : NULL;
    v->form = f->form != BM_FORM_ARRAY ? new_number(f->form) : NULL;
    v->first = f->first != 0 ? new_number(f->first) : NULL;
    v->type = f->type ? new_text(f->type) : NULL;
    v->condition = f->condition ? new_text(f->condition) : NULL;
    v->since = f->since != 0 ? new_number(f->since) : NULL;
    v->elements = f->n_elements > 0 ? calloc(1, sizeof(*v->elements)) : NULL;
    for (uint32_t i = 0; i < f->n_elements; i++) {
        ASN_SEQUENCE_ADD(&v->elements->list, new_number(f->elements[i]->number));
    }
    return v;
}

static void check_schema(const Written *w, const BmSchema *schema)
{
    Schema_t *v = calloc(1, sizeof(*v));

    set_number(&v->number, schema->number);
    set_octets(&v->name, schema->name, strlen(schema->name));
    set_number(&v->version, schema->version);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        ASN_SEQUENCE_ADD(&v->fields.list, new_field(&schema->fields[i]));
    }
    for (uint32_t i = 0; i < schema->n_subsections; i++) {
        ASN_SEQUENCE_ADD(&v->subsections.list, new_number(schema->subsections[i]->number));
    }
    v->condition = schema->condition ? new_text(schema->condition) : NULL;
    v->droppable = schema->droppable ? calloc(1, sizeof(*v->droppable)) : NULL;
    v->minimum = schema->minimum != schema->version ? new_number(schema->minimum) : NULL;
    check_encoding(&asn_DEF_Schema, v, &v->sum, record(w, BM_RECORD_SCHEMA, schema->number));
}

/* A sample expects that its values are read. */
static gboolean read_values(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    BmVisitor *null = bm_visitor_null();
    gboolean ok = !d->values || bm_walk(d->schema, d->values, null, NULL, error);

    (void)s;
    bm_visitor_free(null);
    return ok;
}

/* All schemas of the sample are in the set that it finishes with. */
static gboolean finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    Written w = written("all");

    (void)s, (void)error;
    cr_assert_gt(bm_schema_set_size(d->schemas), 0);
    for (uint32_t i = 0; i < bm_schema_set_size(d->schemas); i++) {
        check_schema(&w, bm_schema_set_get(d->schemas, i));
    }
    clear(&w);
    return TRUE;
}

Test(asn1c, schemas)
{
    static const BmStreamOps ops = {.device = read_values, .finish = finish};
    BmStreamVisitor s = {&ops};

    samples[0].drive(&s);
}

Test(asn1c, finish_that_is_derived)
{
    Written w = written("all");
    Finish_t *v = calloc(1, sizeof(*v));
    Derived_t *derived;

    v->description = calloc(1, sizeof(*v->description));
    v->description->present = LegacyDescription_PR_derived;
    derived = &v->description->choice.derived;
    set_number(&derived->style, BM_STYLE_COMPACT);
    set_number(&derived->pageSize, 4096);
    derived->configuration = new_number(SAMPLE_CONFIGURATION_SCHEMA);
    check_encoding(&asn_DEF_Finish, v, &v->sum, record(&w, BM_RECORD_FINISH, 0));
    clear(&w);
}

Test(asn1c, finish_without_a_description)
{
    Written w = written("undescribed");
    Finish_t *v = calloc(1, sizeof(*v));

    check_encoding(&asn_DEF_Finish, v, &v->sum, record(&w, BM_RECORD_FINISH, 0));
    clear(&w);
}

Test(asn1c, command_package_and_its_end)
{
    Written w = written("all");
    Command_t *command = calloc(1, sizeof(*command));
    Package_t *package = calloc(1, sizeof(*package));
    PackageEnd_t *end = calloc(1, sizeof(*end));

    set_number(&command->code, 0xffff);
    set_octets(&command->data, "\x00\x01", 2);
    check_encoding(&asn_DEF_Command, command, &command->sum, record(&w, BM_RECORD_COMMAND, 0));
    set_number(&package->length, UINT32_MAX);
    check_encoding(&asn_DEF_Package, package, &package->sum, record(&w, BM_RECORD_PACKAGE, 0));
    check_encoding(&asn_DEF_PackageEnd, end, &end->sum, record(&w, BM_RECORD_PACKAGE_END, 0));
    clear(&w);
}

Test(asn1c, extension)
{
    Written w = written("all");
    Extension_t *v = calloc(1, sizeof(*v));

    set_number(&v->kind, 1ull << 40);
    v->critical = 0;
    set_octets(&v->data, "\x30\x80", 2);
    check_encoding(&asn_DEF_Extension, v, &v->sum, record(&w, BM_RECORD_EXTENSION, 0));
    clear(&w);
}

Test(asn1c, message_and_ack)
{
    Written w = written("return");
    Message_t *message = calloc(1, sizeof(*message));
    Ack_t *ack = calloc(1, sizeof(*ack));

    set_octets(&message->data, "", 0);
    check_encoding(&asn_DEF_Message, message, &message->sum, record(&w, BM_RECORD_MESSAGE, 1));
    set_number(&ack->octets, SAMPLE_ACK_OCTETS);
    set_digest(&ack->digest, SAMPLE_ACK_DIGEST);
    check_encoding(&asn_DEF_Ack, ack, &ack->sum, record(&w, BM_RECORD_ACK, 0));
    clear(&w);
}

Test(asn1c, hello)
{
    Written w = written("return");
    Hello_t *v = calloc(1, sizeof(*v));

    for (uint32_t i = 0; i < sample_hello.n_versions; i++) {
        ASN_SEQUENCE_ADD(&v->versions.list, new_number(sample_hello.versions[i]));
    }
    for (uint32_t i = 0; i < sample_hello.n_capabilities; i++) {
        ASN_SEQUENCE_ADD(&v->capabilities.list, new_capability(&sample_hello.capabilities[i]));
    }
    check_encoding(&asn_DEF_Hello, v, &v->sum, record(&w, BM_RECORD_HELLO, 0));
    clear(&w);
}

Test(asn1c, check)
{
    Written w = written("all");
    Check_t *v = calloc(1, sizeof(*v));

    check_encoding(&asn_DEF_Check, v, &v->sum, record(&w, BM_RECORD_CHECK, 0));
    clear(&w);
}

static Finding_t *new_finding(const BmFinding *f)
{
    Finding_t *v = calloc(1, sizeof(*v));

    set_number(&v->code, f->code);
    set_number(&v->severity, f->severity);
    set_octets(&v->path, f->path, strlen(f->path));
    set_octets(&v->message, f->message, strlen(f->message));
    v->expected = f->expected ? new_text(f->expected) : NULL;
    v->got = f->got ? new_text(f->got) : NULL;
    return v;
}

Test(asn1c, findings)
{
    Written w = written("return");
    Findings_t *v = calloc(1, sizeof(*v));

    for (uint32_t i = 0; i < SAMPLE_FINDINGS; i++) {
        ASN_SEQUENCE_ADD(&v->findings.list, new_finding(&sample_findings[i]));
    }
    check_encoding(&asn_DEF_Findings, v, &v->sum, record(&w, BM_RECORD_FINDINGS, 0));
    clear(&w);
}

static ChannelEnd_t *new_end(const BmChannelEnd *e)
{
    ChannelEnd_t *v = calloc(1, sizeof(*v));

    set_number(&v->octets, e->octets);
    set_digest(&v->digest, e->digest);
    return v;
}

Test(asn1c, channel_ends)
{
    Written w = written("channels");
    ChannelEnds_t *v = calloc(1, sizeof(*v));

    for (uint32_t i = 0; i < SAMPLE_ENDS; i++) {
        ASN_SEQUENCE_ADD(&v->ends.list, new_end(&sample_ends[i]));
    }
    check_encoding(&asn_DEF_ChannelEnds, v, &v->sum, record(&w, BM_RECORD_CHANNEL_ENDS, 0));
    clear(&w);
}

Test(asn1c, announce)
{
    Written w = written("announced");
    Announce_t *v = calloc(1, sizeof(*v));

    set_octets(&v->name, sample_announce.name, strlen(sample_announce.name));
    set_number(&v->instance, sample_announce.instance);
    set_number(&v->version, sample_announce.version);
    check_encoding(&asn_DEF_Announce, v, &v->sum, record(&w, BM_RECORD_ANNOUNCE, 2));
    clear(&w);
}

/* A stream that announces all schemas of a set, for a reader that knows these digests. */
static Written announced(const BmSchemaSet *set, const char *const *known)
{
    const BmAnnounce a = {"a", 0, 1, bm_schema_set_get(set, bm_schema_set_size(set) - 1), set};
    Written w = {.out = bm_output_memory()};
    BmStreamVisitor *s = bm_ber_stream_out(w.out, 0, NULL);

    bm_ber_stream_out_known(s, known);
    cr_assert(bm_stream_begin(s, &sample_preamble, NULL) && bm_stream_announce(s, &a, NULL) &&
              bm_stream_finish(s, &(BmDescription){FALSE}, NULL) && bm_stream_end(s, NULL));
    bm_stream_free(s);
    w.records = frame_split(bm_output_memory_data(w.out));
    return w;
}

/* The digest is that of the records of another stream, in full. */
static void digest_schemas(const Written *w, unsigned n, OCTET_STRING_t *to)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    uint8_t digest[BM_SCHEMA_DIGEST_LEN];
    gsize len = sizeof(digest);

    for (unsigned i = 0; i < n; i++) {
        const FrameRecord *r = record(w, BM_RECORD_SCHEMA, i);

        g_checksum_update(sum, r->octets.data, (gssize)r->octets.len);
    }
    g_checksum_get_digest(sum, digest, &len);
    g_checksum_free(sum);
    set_octets(to, digest, sizeof(digest));
}

/* In no sample: such a stream cannot be read alone. */
Test(asn1c, known)
{
    BmSchemaSet *set = bm_schema_set_new();

    bm_schema_set_intern(set, bm_schema_builder_new("one", 1), NULL);
    bm_schema_set_intern(set, bm_schema_builder_new("two", 300), NULL);
    const char *const digests[] = {bm_schema_set_digest(set), NULL};
    Written full = announced(set, NULL), w = announced(set, digests);
    Known_t *v = calloc(1, sizeof(*v));

    set_number(&v->count, 2);
    digest_schemas(&full, 2, &v->digest);
    check_encoding(&asn_DEF_Known, v, &v->sum, record(&w, BM_RECORD_KNOWN, 0));
    clear(&full);
    clear(&w);
    bm_schema_set_free(set);
}

/* Its numbers are counted in the octets themselves, its digest is ours. */
Test(asn1c, trailer)
{
    Written w = written("all");
    const FrameRecord *r = record(&w, BM_RECORD_TRAILER, 0);
    BmOctets stream = bm_output_memory_data(w.out);
    Trailer_t *v = calloc(1, sizeof(*v));

    set_number(&v->records, w.records->len - 2);
    set_number(&v->octets, (uint64_t)(r->octets.data - stream.data));
    set_octets(&v->digest, r->octets.data + r->octets.len - BM_SUM_LEN - 2 - BM_DIGEST_LEN,
               BM_DIGEST_LEN);
    check_encoding(&asn_DEF_Trailer, v, &v->sum, r);
    clear(&w);
}
