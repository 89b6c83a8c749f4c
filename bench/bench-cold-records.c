/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-cold-records [--check] FILE: what the cold records of a BER stream (preamble,
 * configuration, schemas, finish, trailer) cost in our codec, in the asn1c
 * runtime and in libtasn1.  Prints a Markdown table.
 *
 * All decode and encode the same octets.  Our reader does more with them: it
 * checks checksums, names and limits, and interns the schemas; the others go
 * from octets to their own trees.  So there is also a row for our codec alone,
 * which reads each member, checked, and keeps none.  Each encoder must come to the
 * octets that were decoded; with --check that is all that is done.
 */
#include <bermig-asn1c.h>
#include <libtasn1.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "frame.h"
#include "oracle.h"
#include "stream.h"

#define ROUNDS 11
#define REPEATS 40 /* of all records, in one round */
#define CONTENDERS 4

extern const asn1_static_node bermig_tasn1[];

typedef struct Bench {
    BmPreamble preamble;
    BmConfiguration configuration;
    BmDescription description; /* names the last schema, so that all are written */
    BmOutput *out;             /* owns the octets of the records */
    GArray *records;           /* FrameRecord */
    asn_TYPE_descriptor_t *asn1c_types[BM_RECORD_TYPES];
    void **asn1c_values; /* decoded, one per record */
    asn1_node tasn1_definitions;
    asn1_node *tasn1_values;
    uint8_t *room; /* for any one record */
    size_t room_len;
} Bench;

static void must(gboolean ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench-cold-records: %s failed\n", what);
        exit(1);
    }
}

static BmOctets stream(const Bench *b)
{
    return bm_output_memory_data(b->out);
}

static const FrameRecord *record(const Bench *b, guint i)
{
    return &g_array_index(b->records, FrameRecord, i);
}

/* ---- ours ---- */

static BmOutput *encode_stream(const Bench *b)
{
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_stream_out(out, 0, NULL);

    must(bm_stream_begin(s, &b->preamble, NULL) &&
             bm_stream_configuration(s, &b->configuration, NULL) &&
             bm_stream_finish(s, &b->description, NULL) && bm_stream_end(s, NULL),
         "our encoder");
    bm_stream_free(s);
    return out;
}

static void own_encode(Bench *b)
{
    BmOutput *out = encode_stream(b);
    BmOctets octets = bm_output_memory_data(out);

    must(octets.len == stream(b).len && !memcmp(octets.data, stream(b).data, octets.len),
         "our encoder a second time");
    bm_output_free(out);
}

static void own_decode(Bench *b)
{
    BmInput *in = bm_input_memory(stream(b).data, stream(b).len);
    BmStreamVisitor *s = bm_null_stream();

    must(bm_ber_stream_read(in, s, FALSE, NULL, NULL), "our decoder");
    bm_stream_free(s);
    bm_input_free(in);
}

static uint64_t sink; /* so that reading is not optimized away */

/* All members of all tags that the cold records have. */
static gboolean read_members(BmView *view)
{
    BmOctets octets = {NULL, 0};
    uint64_t number = 0;
    gboolean ok = TRUE;
    BmView content;
    BmTag tag;

    while (ok && view->len > 0) {
        if (!bm_view_peek(view, &tag)) {
            return FALSE;
        }
        if (tag & BM_CONSTRUCTED) {
            ok = bm_view_get(view, tag, "members", &content) && read_members(&content);
        } else if (tag == BM_TAG_UTF8) {
            ok = bm_view_name(view, tag, "a name", &octets);
        } else if (tag == BM_TAG_OCTETS) {
            ok = bm_view_octets(view, tag, "octets", BM_LIMIT_RECORD, &octets);
        } else {
            ok = bm_view_unsigned(view, tag, "a number", UINT64_MAX, &number);
        }
        sink += number + octets.len;
    }
    return ok;
}

static void members_decode(Bench *b)
{
    for (guint i = 0; i < b->records->len; i++) {
        BmFault fault = {0};
        BmOctets octets = record(b, i)->octets;
        BmView view = bm_view(octets.data, octets.len, 0, &fault);

        must(read_members(&view), "our codec");
    }
}

/* ---- asn1c ---- */

static void *asn1c_decode_one(const Bench *b, guint i)
{
    const FrameRecord *r = record(b, i);
    void *value = NULL;

    must(ber_decode(NULL, b->asn1c_types[r->type], &value, r->octets.data, r->octets.len).code ==
             RC_OK,
         "asn1c's decoder");
    return value;
}

static void asn1c_decode(Bench *b)
{
    for (guint i = 0; i < b->records->len; i++) {
        void *value = asn1c_decode_one(b, i);

        ASN_STRUCT_FREE(*b->asn1c_types[record(b, i)->type], value);
    }
}

static void asn1c_encode(Bench *b)
{
    for (guint i = 0; i < b->records->len; i++) {
        asn_TYPE_descriptor_t *type = b->asn1c_types[record(b, i)->type];
        asn_enc_rval_t result =
            der_encode_to_buffer(type, b->asn1c_values[i], b->room, b->room_len);

        must(result.encoded == (ssize_t)record(b, i)->octets.len &&
                 !memcmp(b->room, record(b, i)->octets.data, record(b, i)->octets.len),
             "asn1c's encoder");
    }
}

static void asn1c_prepare(Bench *b)
{
    b->asn1c_types[BM_RECORD_PREAMBLE] = &asn_DEF_Preamble;
    b->asn1c_types[BM_RECORD_CONFIGURATION] = &asn_DEF_Configuration;
    b->asn1c_types[BM_RECORD_SCHEMA] = &asn_DEF_Schema;
    b->asn1c_types[BM_RECORD_FINISH] = &asn_DEF_Finish;
    b->asn1c_types[BM_RECORD_TRAILER] = &asn_DEF_Trailer;
    b->asn1c_values = g_new0(void *, b->records->len);
    for (guint i = 0; i < b->records->len; i++) {
        b->asn1c_values[i] = asn1c_decode_one(b, i);
    }
}

/* ---- libtasn1 ---- */

static asn1_node tasn1_decode_one(const Bench *b, guint i)
{
    const FrameRecord *r = record(b, i);
    char name[ASN1_MAX_NAME_SIZE];
    asn1_node value = NULL;

    snprintf(name, sizeof(name), "BERMIG.%s", oracle_record_type(r->type));
    must(asn1_create_element(b->tasn1_definitions, name, &value) == ASN1_SUCCESS &&
             asn1_der_decoding(&value, r->octets.data, (int)r->octets.len, NULL) == ASN1_SUCCESS,
         "libtasn1's decoder");
    return value;
}

static void tasn1_decode(Bench *b)
{
    for (guint i = 0; i < b->records->len; i++) {
        asn1_node value = tasn1_decode_one(b, i);

        asn1_delete_structure(&value);
    }
}

static void tasn1_encode(Bench *b)
{
    for (guint i = 0; i < b->records->len; i++) {
        int len = (int)b->room_len;

        must(asn1_der_coding(b->tasn1_values[i], "", b->room, &len, NULL) == ASN1_SUCCESS &&
                 (size_t)len == record(b, i)->octets.len &&
                 !memcmp(b->room, record(b, i)->octets.data, record(b, i)->octets.len),
             "libtasn1's encoder");
    }
}

static void tasn1_prepare(Bench *b)
{
    must(asn1_array2tree(bermig_tasn1, &b->tasn1_definitions, NULL) == ASN1_SUCCESS,
         "libtasn1's table");
    b->tasn1_values = g_new0(asn1_node, b->records->len);
    for (guint i = 0; i < b->records->len; i++) {
        b->tasn1_values[i] = tasn1_decode_one(b, i);
    }
}

/* ---- measuring ---- */

typedef struct Contender {
    const char *name;
    void (*decode)(Bench *);
    void (*encode)(Bench *);
} Contender;

static const Contender contenders[CONTENDERS] = {
    {"our reader and writer", own_decode, own_encode},
    {"our codec alone", members_decode, NULL},
    {"asn1c 0.9.28", asn1c_decode, asn1c_encode},
    {"libtasn1 " ASN1_VERSION, tasn1_decode, tasn1_encode},
};

static void check(Bench *b)
{
    for (int c = 0; c < CONTENDERS; c++) {
        contenders[c].decode(b);
        if (contenders[c].encode) {
            contenders[c].encode(b);
        }
    }
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Nanoseconds per record. */
static double measure(Bench *b, void (*work)(Bench *))
{
    double start = seconds();

    for (int i = 0; i < REPEATS; i++) {
        work(b);
    }
    return (seconds() - start) * 1e9 / REPEATS / b->records->len;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double times[ROUNDS])
{
    qsort(times, ROUNDS, sizeof(*times), compare);
    return times[ROUNDS / 2];
}

/* One column: nanoseconds and how often those of our reader or writer. */
static void print_times(double times[ROUNDS], double ours)
{
    printf(" %.0f | %.2f |", median(times), median(times) / ours);
}

static void print(const Bench *b, double decode[][ROUNDS], double encode[][ROUNDS])
{
    printf("%u records, %zu octets, medians of %d rounds\n\n", b->records->len, stream(b).len,
           ROUNDS);
    printf("| | decode, ns per record | ratio | encode, ns per record | ratio |\n"
           "|---|---:|---:|---:|---:|\n");
    for (int c = 0; c < CONTENDERS; c++) {
        printf("| %s |", contenders[c].name);
        print_times(decode[c], median(decode[0]));
        if (contenders[c].encode) {
            print_times(encode[c], median(encode[0]));
        } else {
            printf(" | |");
        }
        printf("\n");
    }
}

/* Taken in turn, so that whatever else the machine does hits all alike. */
static void run(Bench *b)
{
    static double decode[CONTENDERS][ROUNDS], encode[CONTENDERS][ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        for (int c = 0; c < CONTENDERS; c++) {
            decode[c][round] = measure(b, contenders[c].decode);
            if (contenders[c].encode) {
                encode[c][round] = measure(b, contenders[c].encode);
            }
        }
    }
    print(b, decode, encode);
}

static void prepare(Bench *b)
{
    b->out = encode_stream(b);
    b->records = frame_split(stream(b));
    must(b->records != NULL, "splitting the stream");
    b->room_len = stream(b).len;
    b->room = g_malloc(b->room_len);
    asn1c_prepare(b);
    tasn1_prepare(b);
}

static void clear(Bench *b)
{
    for (guint i = 0; i < b->records->len; i++) {
        ASN_STRUCT_FREE(*b->asn1c_types[record(b, i)->type], b->asn1c_values[i]);
        asn1_delete_structure(&b->tasn1_values[i]);
    }
    asn1_delete_structure(&b->tasn1_definitions);
    g_free(b->asn1c_values);
    g_free(b->tasn1_values);
    g_free(b->room);
    g_array_unref(b->records);
    bm_output_free(b->out);
}

/* ---- the file ---- */

typedef struct AtFinish {
    BmStreamVisitor base;
    void (*work)(Bench *b);
    const BmSchemaSet *schemas; /* of the devices */
} AtFinish;

static gboolean device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    (void)error;
    if (device->schemas) {
        ((AtFinish *)s)->schemas = device->schemas;
    }
    return TRUE;
}

/* The set of schemas lives as long as the stream is read, so the measurement is
 * made from inside, at its finish. */
static gboolean finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    Bench b = {.preamble = {.major = BM_VERSION_MAJOR,
                            .generator = "bermig " BM_PACKAGE_VERSION,
                            .has_header = TRUE,
                            .header_version = 3},
               .configuration = {.machine = "pc"},
               .description = *d};
    const AtFinish *at = (AtFinish *)s;
    uint32_t n = d->derived && at->schemas ? bm_schema_set_size(at->schemas) : 0;

    (void)error;
    must(n > 0, "finding a description in the stream");
    b.description.schemas = at->schemas;
    b.description.configuration = bm_schema_set_get(at->schemas, n - 1);
    prepare(&b);
    at->work(&b);
    clear(&b);
    return TRUE;
}

int main(int argc, char **argv)
{
    static const BmStreamOps ops = {.device = device, .finish = finish};
    gboolean only_check = argc == 3 && !strcmp(argv[1], "--check");
    AtFinish s = {{&ops}, only_check ? check : run, NULL};
    GError *error = NULL;
    char *octets;
    gsize len;

    must((argc == 2 || only_check) && g_file_get_contents(argv[argc - 1], &octets, &len, NULL),
         "reading FILE");
    BmInput *in = bm_input_memory(octets, len);
    must(bm_ber_stream_read(in, &s.base, FALSE, NULL, &error),
         error ? error->message : "the stream");
    bm_input_free(in);
    g_free(octets);
    return 0;
}
