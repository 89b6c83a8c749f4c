/* SPDX-License-Identifier: BSD-2-Clause */
#include "samples.h"

#include <criterion/criterion.h>
#include <string.h>

#include "visitor-impl.h"

#define PAGE 4096
#define OCTETS_OF(text) (const uint8_t *)(text), sizeof(text) - 1
#define OCTETS(text) ((BmOctets){OCTETS_OF(text)})

/* Asserts that a call with &error as its last argument succeeds. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        GError *error = NULL;                                                                      \
        cr_assert((call), "%s: %s", #call, error ? error->message : "");                           \
    } while (0)

/* ---- values in the order in which they are asked for ---- */

typedef struct Given {
    BmScalar scalar;
    BmOctets octets;
} Given;

/* Initializers of a Given. */
/* clang-format off */
#define U(n) {.scalar = {BM_SCALAR_UNSIGNED, .u = (n)}}
#define I(n) {.scalar = {BM_SCALAR_SIGNED, .i = (n)}}
#define B(b) {.scalar = {BM_SCALAR_BOOLEAN, .boolean = (b)}}
#define NULL_POINTER {.scalar = {BM_SCALAR_NULL}}
#define PRESENT {.scalar = {BM_SCALAR_PRESENT}}
#define RAW(text) {.scalar = {BM_SCALAR_RAW, .raw = {OCTETS_OF(text)}}}
#define O(text) {.octets = {OCTETS_OF(text)}}
/* clang-format on */

typedef struct GivenValues {
    BmVisitor base;
    const Given *next, *end;
} GivenValues;

static const Given *take(BmVisitor *v)
{
    GivenValues *given = (GivenValues *)v;

    cr_assert(given->next < given->end, "more values are read than given");
    return given->next++;
}

static gboolean give_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    (void)field, (void)error;
    *value = take(v)->scalar;
    return TRUE;
}

static gboolean give_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    (void)field, (void)error;
    *value = take(v)->octets;
    return TRUE;
}

static uint64_t no_offset(const BmVisitor *v)
{
    (void)v;
    return BM_NO_OFFSET;
}

static void send_device(BmStreamVisitor *s, BmDevice *d, const Given *values, size_t n)
{
    static const BmVisitorOps ops = {
        .scalar = give_scalar, .octets = give_octets, .offset = no_offset};
    GivenValues v = {{.ops = &ops}, values, values + n};

    d->values = &v.base;
    MUST(bm_stream_device(s, d, &error));
    cr_assert_eq(v.next, v.end, "%s: values are left over", d->section.name);
}

/* ---- descriptions ---- */

#define FIELD(n, k, w, c, ...)                                                                     \
    ((BmField){.name = (n), .kind = BM_KIND_##k, .width = (w), .count = (c), __VA_ARGS__})

static const BmSchema *intern(BmSchemaSet *set, const char *name, uint32_t version,
                              const BmField *fields, size_t n, const BmSchema *subsection)
{
    BmSchemaBuilder *b = bm_schema_builder_new(name, version);
    const BmSchema *schema = NULL;

    for (size_t i = 0; i < n; i++) {
        bm_schema_builder_field(b, &fields[i]);
    }
    if (subsection) {
        bm_schema_builder_subsection(b, subsection);
    }
    MUST((schema = bm_schema_set_intern(set, b, &error)) != NULL);
    return schema;
}

/* Numbers at the edges of their widths, where an INTEGER gains an octet. */
static const BmField number_fields[] = {
    FIELD("u0", UNSIGNED, 1, 1),      FIELD("u127", UNSIGNED, 1, 1),
    FIELD("u128", UNSIGNED, 1, 1),    FIELD("u16max", UNSIGNED, 2, 1),
    FIELD("u32high", UNSIGNED, 4, 1), FIELD("u63", UNSIGNED, 8, 1),
    FIELD("u64max", UNSIGNED, 8, 1),  FIELD("i-1", SIGNED, 1, 1),
    FIELD("i-128", SIGNED, 1, 1),     FIELD("i-129", SIGNED, 2, 1),
    FIELD("i128", SIGNED, 2, 1),      FIELD("i32min", SIGNED, 4, 1),
    FIELD("i64min", SIGNED, 8, 1),    FIELD("i64max", SIGNED, 8, 1),
};
static const Given numbers[] = {
    U(0),  U(127),  U(128),  U(0xffff), U(0x80000000), U(UINT64_MAX >> 1), U(UINT64_MAX),
    I(-1), I(-128), I(-129), I(128),    I(INT32_MIN),  I(INT64_MIN),       I(INT64_MAX),
};

static const BmField kind_fields[] = {
    FIELD("true", BOOLEAN, 1, 1),
    FIELD("false", BOOLEAN, 1, 1),
    FIELD("wild", BOOLEAN, 1, 1),
    FIELD("single", FLOAT, 4, 1),
    FIELD("nan", FLOAT, 8, 1, .type = "float64"),
    FIELD("buffer", BUFFER, 5, 1),
    FIELD("text", STRING, 0, 1),
    FIELD("null", POINTER, 1, 1),
    FIELD("there", POINTER, 1, 1),
    FIELD("opaque", OPAQUE, 3, 1, .type = "odd \xc3\xbc type"),
    FIELD("packed", UNSIGNED, 2, 3),
    FIELD("indexed", SIGNED, 4, 2, .form = BM_FORM_INDEXED, .first = 1),
    FIELD("last", UNSIGNED, 1, 2, .form = BM_FORM_INDEXED_BUT_LAST),
    FIELD("again", BOOLEAN, 1, 2, .form = BM_FORM_REPEATED),
    FIELD("whole", BUFFER, 2, 1, .form = BM_FORM_WHOLE),
    FIELD("pointers", POINTER, 1, 3),
};
static const Given kinds[] = {
    B(TRUE),
    B(FALSE),
    RAW("\x02"),
    O("\x7f\xc0\x00\x01"),
    O("\x7f\xf8\x00\x00\xde\xad\xbe\xef"),
    O("\x00\x80\xff\x7f\x01"),
    O("text \xe2\x82\xac"),
    NULL_POINTER,
    PRESENT,
    O("\x30\x80\x00"),
    O("\x00\x01\x00\x02\xff\xff"),
    O("\x80\x00\x00\x00\x7f\xff\xff\xff"),
    O("\x01\x02"),
    O("\x01\x00"),
    O("\x05\x06"),
    NULL_POINTER,
    PRESENT,
    RAW("x"),
};

/* A subsection that depends on something and can be done without. */
static const BmSchema *intern_optional(BmSchemaSet *set, const char *name, const BmField *field)
{
    BmSchemaBuilder *b = bm_schema_builder_new(name, 1);
    const BmSchema *schema = NULL;

    bm_schema_builder_field(b, field);
    bm_schema_builder_option(b, "needed \xe2\x89\xa0 0", TRUE);
    MUST((schema = bm_schema_set_intern(set, b, &error)) != NULL);
    return schema;
}

/* A struct, an array and a list of structs, and subsections on two levels. */
static const BmSchema *nested_schema(BmSchemaSet *set)
{
    const BmField flag = FIELD("flag", BOOLEAN, 1, 1, .condition = "version >= 2");
    const BmField word = FIELD("word", UNSIGNED, 4, 1);
    const BmSchema *deep = intern_optional(set, "nested/part/deep", &flag);
    const BmSchema *part = intern(set, "nested/part", 2, &word, 1, deep);
    const BmSchema *cell = intern(set, "cell", 1, &word, 1, NULL);
    const BmSchema *other = intern(set, "other", 3, &flag, 1, part);
    const BmSchema *empty = intern(set, "empty", 1, NULL, 0, NULL);
    const BmField fields[] = {
        FIELD("one", STRUCT, 0, 1, .elements = &cell, .n_elements = 1),
        FIELD("three", STRUCT, 0, 3, .elements = &cell, .n_elements = 1),
        FIELD("list", LIST, 0, 1, .elements = (const BmSchema *[]){cell, other}, .n_elements = 2),
        FIELD("none", LIST, 0, 1),
        FIELD("empty", STRUCT, 0, 1, .elements = &empty, .n_elements = 1),
    };

    return intern(set, "nested", 7, fields, G_N_ELEMENTS(fields), part);
}
/* one; three; list: cell, other with part with deep; part with deep */
static const Given nested[] = {U(1),    U(2), U(3),     U(4), U(5),
                               B(TRUE), U(6), B(FALSE), U(7), B(TRUE)};

/* ---- pieces of streams ---- */

const BmOutcome sample_outcome = {.peer = "bermig 9.9",
                                  .reason = "answered with its hello",
                                  .capabilities =
                                      (const BmCapability[]){
                                          {"limits", (const char *const[]){"record=1", "", NULL}},
                                          {"zstd", (const char *const[]){NULL}},
                                      },
                                  .n_capabilities = 2};

const BmPreamble sample_preamble = {.major = BM_VERSION_MAJOR,
                                    .minor = BM_VERSION_MINOR,
                                    .direction = BM_FORWARD,
                                    .generator = SAMPLE_GENERATOR,
                                    .has_header = TRUE,
                                    .header_version = 3,
                                    .leading = {(const uint8_t *)"leading\0\xff", 9},
                                    .outcome = &sample_outcome};

const BmConfiguration sample_configuration = {
    .machine = "pc-q35-7.2",
    .has_page_bits = TRUE,
    .page_bits = 12,
    .has_capabilities = TRUE,
    .capabilities = (char *[]){"x-ignore-shared", "", "postcopy-ram", NULL},
    .uuid = (const uint8_t *)"\x80uuid of a guest"};

const BmHello sample_hello = {.versions = (const uint32_t[]){1, 2, UINT32_MAX},
                              .n_versions = 3,
                              .capabilities =
                                  (const BmCapability[]){
                                      {"ack", (const char *const[]){NULL}},
                                      {"compress", (const char *const[]){"zstd", "none", NULL}},
                                  },
                              .n_capabilities = 2};

const BmAnnounce sample_announce = {
    .name = "0000:00:1f.7/old", .instance = 128, .version = UINT32_MAX};

const BmChannelEnd sample_ends[SAMPLE_ENDS] = {
    {0, 0},
    {SAMPLE_ACK_OCTETS, SAMPLE_ACK_DIGEST},
};

const BmFinding sample_findings[SAMPLE_FINDINGS] = {
    {BM_FINDING_RAM_SIZE, BM_SEVERITY_BLOCK, "ram.pc.ram", "another size", "1", "2"},
    {UINT32_MAX, BM_SEVERITY_WARN, "", "", NULL, "\xc3\xa4"},
    {0, BM_SEVERITY_WARN, "a", "b", "", NULL},
};

static void begin(BmStreamVisitor *s, BmDirection direction)
{
    BmPreamble p = {.major = BM_VERSION_MAJOR,
                    .minor = BM_VERSION_MINOR,
                    .direction = direction,
                    .generator = "short"};

    MUST(bm_stream_begin(s, &p, &error));
}

static void send_devices(BmStreamVisitor *s, BmSchemaSet *set)
{
    BmDevice d = {.section = {UINT32_MAX, "0000:00:01.0/numbers", 1, 2}, .schemas = set};

    d.schema = intern(set, "numbers", 2, number_fields, G_N_ELEMENTS(number_fields), NULL);
    send_device(s, &d, numbers, G_N_ELEMENTS(numbers));
    d.section = (BmSection){5, "kinds", 0, 0};
    d.schema = intern(set, "kinds", 0, kind_fields, G_N_ELEMENTS(kind_fields), NULL);
    d.bare = TRUE;
    send_device(s, &d, kinds, G_N_ELEMENTS(kinds));
    d.section = (BmSection){6, "nested", 0x80, UINT32_MAX};
    d.schema = nested_schema(set);
    d.bare = FALSE;
    send_device(s, &d, nested, G_N_ELEMENTS(nested));
}

static void send_octet_devices(BmStreamVisitor *s, BmSchemaSet *set)
{
    BmDevice d = {.section = {7, "as octets", 0, 1}, .octets = OCTETS("\x00\x00\xff")};

    MUST(bm_stream_device(s, &d, &error));
    d = (BmDevice){.section = {8, "described", 0, 1}, .bare = TRUE, .octets = OCTETS("")};
    d.schemas = set;
    d.schema = bm_schema_set_get(set, 0);
    MUST(bm_stream_device(s, &d, &error));
}

static void send_item(BmStreamVisitor *s, BmItem item)
{
    MUST(bm_stream_live_item(s, &item, &error));
}

static void send_start(BmStreamVisitor *s)
{
    static const BmRamBlock blocks[] = {
        {.name = "pc.ram", .length = 64 * PAGE},
        {.name = "0000:00:02.0/vga.vram", .length = 1ull << 33, .page_size = 2 << 20},
        {.name = "shared", .length = PAGE, .has_address = TRUE, .address = UINT64_MAX - PAGE + 1},
    };
    BmSection ram = {2, "ram", 0, 4};

    MUST(bm_stream_live_begin(s, BM_PHASE_START, &ram, &error));
    send_item(s, (BmItem){.type = BM_ITEM_PAGE_SIZE, .value = PAGE});
    send_item(s, (BmItem){.type = BM_ITEM_BLOCKS,
                          .value = (1ull << 33) + 65 * PAGE,
                          .blocks = blocks,
                          .n_blocks = G_N_ELEMENTS(blocks)});
    send_item(s, (BmItem){.type = BM_ITEM_MARK, .value = 1ull << 63});
    MUST(bm_stream_live_end(s, FALSE, &error));
}

/* `n` pages, half of them of random octets that no zstd makes smaller. */
static uint8_t *pages(size_t n)
{
    uint8_t *data = g_malloc(n * PAGE);
    GRand *random = g_rand_new_with_seed(1);

    for (size_t i = 0; i < n * PAGE; i++) {
        data[i] = i / PAGE % 2 ? (uint8_t)g_rand_int(random) : (uint8_t)(i / PAGE);
    }
    g_rand_free(random);
    return data;
}

static void send_pages(BmStreamVisitor *s, uint64_t first, uint64_t count, const uint8_t *data)
{
    send_item(s, (BmItem){.type = data ? BM_ITEM_PAGES : BM_ITEM_ZEROS,
                          .page = first,
                          .count = count,
                          .data = {data, data ? count * PAGE : 0}});
}

/* A run, zeros, and a batch with gaps forwards and backwards. */
static void send_part(BmStreamVisitor *s)
{
    g_autofree uint8_t *data = pages(8);
    BmSection ram = {.id = 2, .name = "ram"};

    MUST(bm_stream_live_begin(s, BM_PHASE_PART, &ram, &error));
    send_pages(s, 0, 8, data);
    send_item(s, (BmItem){.type = BM_ITEM_NAMED});
    send_pages(s, 10, 5, NULL);
    send_item(
        s, (BmItem){.type = BM_ITEM_FILL, .block = 1, .page = 1 << 20, .count = 1, .value = 0xff});
    send_pages(s, 1, 1, data);
    send_pages(s, 2, 2, NULL);
    send_pages(s, 40, 3, data + PAGE);
    send_pages(s, 20, 1, data + 4 * PAGE);
    send_item(
        s,
        (BmItem){.type = BM_ITEM_XBZRLE, .page = 63, .count = 1, .data = OCTETS("\x01\x02\x03")});
    send_item(s, (BmItem){.type = BM_ITEM_ZLIB, .block = 2, .count = 1, .data = OCTETS("x\x9c")});
    MUST(bm_stream_flush(s, &error)); /* goes on in a More record */
    send_pages(s, 5, 1, NULL);
    MUST(bm_stream_live_end(s, TRUE, &error));
}

/* A hash table's size; used slots, unused ones, both. */
static void send_hash(BmStreamVisitor *s)
{
    BmSection hash = {5, "spapr/htab", 0, 1}, later = {.id = 5, .name = "spapr/htab"};
    uint8_t slots[3 * BM_SLOT_SIZE];

    memset(slots, 0xa5, sizeof slots);
    MUST(bm_stream_live_begin(s, BM_PHASE_START, &hash, &error));
    send_item(s, (BmItem){.type = BM_ITEM_HASH_SIZE, .value = BM_HASH_SIZE_MAX});
    MUST(bm_stream_live_end(s, FALSE, &error));
    MUST(bm_stream_live_begin(s, BM_PHASE_END, &later, &error));
    send_item(s, (BmItem){.type = BM_ITEM_SLOTS, .data = {slots, sizeof slots}});
    send_item(s, (BmItem){.type = BM_ITEM_SLOTS,
                          .page = UINT32_MAX,
                          .data = OCTETS(""),
                          .count = BM_SLOTS_MAX});
    send_item(s, (BmItem){.type = BM_ITEM_SLOTS, .page = 128, .data = {slots, 16}, .count = 1});
    MUST(bm_stream_live_end(s, FALSE, &error));
}

/* Names, one of them, none; bits, and none set. */
static void send_bitmaps(BmStreamVisitor *s)
{
    BmSection dirty = {6, "dirty-bitmap", 0, 1}, later = {.id = 6, .name = "dirty-bitmap"};

    MUST(bm_stream_live_begin(s, BM_PHASE_START, &dirty, &error));
    send_item(s, (BmItem){.type = BM_ITEM_BITMAP_START,
                          .device = "drive0",
                          .name = "backup",
                          .value = UINT32_MAX,
                          .count = BM_BITMAP_FLAGS});
    MUST(bm_stream_live_end(s, FALSE, &error));
    MUST(bm_stream_live_begin(s, BM_PHASE_END, &later, &error));
    send_item(s, (BmItem){.type = BM_ITEM_BITMAP_BITS,
                          .page = 1ull << 63,
                          .count = UINT32_MAX,
                          .data = OCTETS("\x80\x01")});
    send_item(s, (BmItem){.type = BM_ITEM_BITMAP_BITS, .name = "other", .count = 8});
    send_item(s, (BmItem){.type = BM_ITEM_BITMAP_END, .device = "drive1"});
    MUST(bm_stream_live_end(s, FALSE, &error));
}

/* Block migration; a section that is not understood; the last phase. */
static void send_blocks(BmStreamVisitor *s)
{
    g_autofree uint8_t *data = pages(256);
    BmSection block = {3, "block", 0, 1}, ram = {.id = 2, .name = "ram"}, odd = {4, "odd", 9, 9};

    MUST(bm_stream_live_begin(s, BM_PHASE_START, &block, &error));
    send_item(s, (BmItem){.type = BM_ITEM_PROGRESS, .value = 100});
    send_item(s, (BmItem){.type = BM_ITEM_CHUNK, .device = "drive0", .page = 1 << 20});
    send_item(s, (BmItem){.type = BM_ITEM_CHUNK, .device = "drive0", .data = {data, 256 * PAGE}});
    MUST(bm_stream_live_end(s, FALSE, &error));
    MUST(bm_stream_live_begin(s, BM_PHASE_START, &odd, &error));
    send_item(s, (BmItem){.type = BM_ITEM_OCTETS, .data = OCTETS("\xde\xad\x00")});
    MUST(bm_stream_live_end(s, FALSE, &error));
    MUST(bm_stream_live_begin(s, BM_PHASE_END, &ram, &error));
    MUST(bm_stream_live_end(s, FALSE, &error));
}

/* One with a schema that a device has too, with one of its own, with none. */
static void send_announces(BmStreamVisitor *s, BmSchemaSet *set)
{
    const BmField field = {.name = "level",
                           .kind = BM_KIND_UNSIGNED,
                           .width = 4,
                           .count = 4,
                           .condition = "version >= 2",
                           .since = 2};
    BmSchemaBuilder *b = bm_schema_builder_new("levels", UINT32_MAX);
    BmAnnounce a = {.name = "0000:00:01.0/numbers", .instance = 1, .version = 2, .schemas = set};

    a.schema = intern(set, "numbers", 2, number_fields, G_N_ELEMENTS(number_fields), NULL);
    MUST(bm_stream_announce(s, &a, &error));
    bm_schema_builder_field(b, &field);
    bm_schema_builder_minimum(b, 0);
    a.schema = bm_schema_set_intern(set, b, NULL);
    cr_assert(a.schema);
    MUST(bm_stream_announce(s, &a, &error));
    MUST(bm_stream_announce(s, &sample_announce, &error));
}

static void finish_derived(BmStreamVisitor *s, BmSchemaSet *set)
{
    const BmField field = FIELD("len", UNSIGNED, 4, 1);
    BmDescription d = {.present = TRUE,
                       .derived = TRUE,
                       .style = BM_STYLE_COMPACT,
                       .page_size = PAGE,
                       .configuration = intern(set, "configuration", 1, &field, 1, NULL),
                       .schemas = set};

    MUST(bm_stream_finish(s, &d, &error));
}

/* ---- the streams ---- */

static void drive_all(BmStreamVisitor *s)
{
    BmSchemaSet *set = bm_schema_set_new();

    MUST(bm_stream_begin(s, &sample_preamble, &error));
    MUST(bm_stream_configuration(s, &sample_configuration, &error));
    MUST(bm_stream_check(s, &error));
    MUST(bm_stream_command(s, 0xffff, OCTETS("\x00\x01"), &error));
    send_start(s);
    send_part(s);
    send_blocks(s);
    send_hash(s);
    send_bitmaps(s);
    MUST(bm_stream_package_begin(s, UINT32_MAX, &error));
    send_devices(s, set);
    MUST(bm_stream_package_end(s, &error));
    send_octet_devices(s, set);
    send_announces(s, set);
    MUST(bm_stream_extension(s, 1ull << 40, FALSE, OCTETS("\x30\x80"), &error));
    finish_derived(s, set);
    MUST(bm_stream_remainder(s, BM_REASON_TRAILING, OCTETS("after it"), &error));
    MUST(bm_stream_end(s, &error));
    bm_schema_set_free(set);
}

/* No optional member is there, and the description as text. */
static void drive_plain(BmStreamVisitor *s)
{
    BmConfiguration c = {.machine = ""};
    BmDescription d = {.present = TRUE, .text = OCTETS("{\"devices\": []}")};

    begin(s, BM_FORWARD);
    MUST(bm_stream_configuration(s, &c, &error));
    MUST(bm_stream_command(s, 0, OCTETS(""), &error));
    MUST(bm_stream_finish(s, &d, &error));
    MUST(bm_stream_end(s, &error));
}

/* It ends where it is no longer understood, before any end marker. */
static void drive_undelimited(BmStreamVisitor *s)
{
    BmConfiguration c = {
        .machine = "none", .has_capabilities = TRUE, .capabilities = (char *[]){NULL}};

    begin(s, BM_FORWARD);
    MUST(bm_stream_configuration(s, &c, &error));
    MUST(bm_stream_remainder(s, BM_REASON_UNDELIMITED, OCTETS("\x7e"), &error));
    MUST(bm_stream_end(s, &error));
}

/* An end marker without any description. */
static void drive_undescribed(BmStreamVisitor *s)
{
    BmDescription d = {0};

    begin(s, BM_FORWARD);
    MUST(bm_stream_finish(s, &d, &error));
    MUST(bm_stream_end(s, &error));
}

/* Which sections there are, and nothing in them. */
static void drive_announced(BmStreamVisitor *s)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmDescription d = {0};

    begin(s, BM_FORWARD);
    MUST(bm_stream_configuration(s, &sample_configuration, &error));
    send_announces(s, set);
    MUST(bm_stream_finish(s, &d, &error));
    MUST(bm_stream_end(s, &error));
    bm_schema_set_free(set);
}

/* One of the streams of a guest whose pages are in several. */
static void drive_channels(BmStreamVisitor *s)
{
    BmSection ram = {.id = 2, .name = "ram"};
    BmDescription d = {0};

    begin(s, BM_FORWARD);
    MUST(bm_stream_hello(s, &sample_hello, &error));
    send_start(s);
    MUST(bm_stream_live_begin(s, BM_PHASE_END, &ram, &error));
    send_item(s, (BmItem){.type = BM_ITEM_MEET, .value = 1});
    send_pages(s, 1, 2, NULL);
    send_item(s, (BmItem){.type = BM_ITEM_MEET, .value = UINT64_MAX});
    MUST(bm_stream_live_end(s, FALSE, &error));
    MUST(bm_stream_finish(s, &d, &error));
    MUST(bm_stream_channel_ends(s, sample_ends, SAMPLE_ENDS, &error));
    MUST(bm_stream_end(s, &error));
}

static void drive_return(BmStreamVisitor *s)
{
    BmSchemaSet *set = bm_schema_set_new();

    begin(s, BM_RETURN);
    MUST(bm_stream_hello(s, &sample_hello, &error));
    send_announces(s, set);
    bm_schema_set_free(set);
    MUST(bm_stream_findings(s, sample_findings, SAMPLE_FINDINGS, &error));
    MUST(bm_stream_findings(s, NULL, 0, &error));
    MUST(bm_stream_message(s, OCTETS("\x00\x01\x00\x04\x00\x00\x00\x00"), &error));
    MUST(bm_stream_message(s, OCTETS(""), &error));
    MUST(bm_stream_ack(s, SAMPLE_ACK_OCTETS, SAMPLE_ACK_DIGEST, &error));
    MUST(bm_stream_end(s, &error));
}

static void drive_nothing(BmStreamVisitor *s)
{
    begin(s, BM_RETURN);
    MUST(bm_stream_end(s, &error));
}

const Sample samples[] = {
    {"all", drive_all},
    {"plain", drive_plain},
    {"undelimited", drive_undelimited},
    {"undescribed", drive_undescribed},
    {"announced", drive_announced},
    {"channels", drive_channels},
    {"return", drive_return},
    {"nothing", drive_nothing},
};
const size_t n_samples = G_N_ELEMENTS(samples);

BmOutput *sample_written(const Sample *sample, int level)
{
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_stream_out(out, level, NULL);

    sample->drive(s);
    bm_stream_free(s);
    return out;
}
