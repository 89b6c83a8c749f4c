/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each number of limits.h (SPEC.md, section 9): it is taken, and one more is
 * not.  BM_LIMIT_RECORD is tested with the codec, where a header is enough.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "ber-items.h"
#include "compat.h"
#include "small-stream.h"

#define ID 2

/* ---- streams from records made by hand ---- */

static BmOutput *out;
static BmWriter w;
static uint64_t records;

static void begin_with(size_t leading)
{
    g_autofree uint8_t *octets = g_malloc0(leading + 1);

    out = bm_output_memory();
    records = 0;
    bm_writer_init(&w);
    cr_assert(bm_frame_write_magic(out));
    bm_record_open(&w, BM_RECORD_PREAMBLE);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, BM_VERSION_MAJOR);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, BM_VERSION_MINOR);
    bm_writer_unsigned(&w, BM_TAG_ENUMERATED, 0);
    bm_writer_text(&w, BM_TAG_UTF8, "test");
    if (leading > 0) {
        bm_writer_explicit(&w, BM_TAG_CONTEXT(1), BM_TAG_OCTETS, octets, leading);
    }
    bm_record_close(&w);
    cr_assert(bm_output_writer(out, &w));
    cr_assert(bm_frame_write_open(out));
}

static void begin(void)
{
    begin_with(0);
}

static void record(BmRecordType type)
{
    bm_writer_reset(&w);
    bm_record_open(&w, type);
}

static void record_end(void)
{
    bm_record_close(&w);
    cr_assert_eq(w.fault.code, BM_OK);
    cr_assert(bm_output_writer(out, &w));
    records++;
}

static void finish(void)
{
    record(BM_RECORD_FINISH);
    record_end();
}

static BmCode read_octets(BmOctets octets, gboolean legacy, const BmLegacyOptions *options)
{
    BmInput *in = bm_input_memory(octets.data, octets.len);
    BmStreamVisitor *s = bm_null_stream();
    GError *error = NULL;
    BmCode code = BM_OK;

    if (!(legacy ? bm_legacy_read(in, s, options, &error)
                 : bm_ber_stream_read(in, s, FALSE, NULL, &error))) {
        code = (BmCode)error->code;
    }
    g_clear_error(&error);
    bm_stream_free(s);
    bm_input_free(in);
    return code;
}

static BmCode verdict(void)
{
    uint64_t digest;
    BmCode code;

    cr_assert(bm_frame_write_trailer(out, records, &digest));
    code = read_octets(bm_output_memory_data(out), FALSE, NULL);
    bm_writer_clear(&w);
    bm_output_free(out);
    return code;
}

static void put_octets(BmTag tag, size_t len)
{
    g_autofree char *octets = g_strnfill(len, 'x');

    bm_writer_octets(&w, tag, octets, len);
}

/* ---- names, configuration, preamble ---- */

static BmCode machine_of(size_t len)
{
    begin();
    record(BM_RECORD_CONFIGURATION);
    put_octets(BM_TAG_UTF8, len);
    record_end();
    finish();
    return verdict();
}

Test(limit, of_names_holds)
{
    cr_expect_eq(machine_of(BM_LIMIT_NAME), BM_OK);
    cr_expect_eq(machine_of(BM_LIMIT_NAME + 1), BM_LIMIT);
}

static BmCode capabilities(unsigned n)
{
    begin();
    record(BM_RECORD_CONFIGURATION);
    bm_writer_text(&w, BM_TAG_UTF8, "pc");
    bm_writer_open(&w, BM_TAG_CONTEXT(1));
    for (unsigned i = 0; i < n; i++) {
        bm_writer_text(&w, BM_TAG_UTF8, "c");
    }
    bm_writer_close(&w);
    record_end();
    finish();
    return verdict();
}

static BmCode legacy_configuration(size_t machine, unsigned n)
{
    g_autoptr(GByteArray) s = g_byte_array_new();
    g_autofree char *name = g_strnfill(machine, 'm');

    put_header(s);
    put8(s, BM_LEGACY_CONFIGURATION);
    put32(s, (uint32_t)machine);
    put_text(s, name);
    put8(s, 0x05);
    put_name(s, BM_LEGACY_CAPABILITIES);
    put32(s, 1);
    put32(s, n);
    for (unsigned i = 0; i < n; i++) {
        put_name(s, "c");
    }
    put8(s, BM_LEGACY_EOF);
    return read_octets((BmOctets){s->data, s->len}, TRUE, NULL);
}

Test(limit, of_capabilities_holds)
{
    cr_expect_eq(capabilities(BM_LIMIT_CAPABILITIES), BM_OK);
    cr_expect_eq(capabilities(BM_LIMIT_CAPABILITIES + 1), BM_LIMIT);
    cr_expect_eq(legacy_configuration(BM_LIMIT_NAME, BM_LIMIT_CAPABILITIES), BM_OK);
    cr_expect_eq(legacy_configuration(1, BM_LIMIT_CAPABILITIES + 1), BM_LIMIT);
    cr_expect_eq(legacy_configuration(BM_LIMIT_NAME + 1, 1), BM_LIMIT);
}

static BmCode leading(size_t len)
{
    begin_with(len);
    finish();
    return verdict();
}

Test(limit, of_leading_octets_holds)
{
    cr_expect_eq(leading(BM_LIMIT_LEADING), BM_OK);
    cr_expect_eq(leading(BM_LIMIT_LEADING + 1), BM_LIMIT);
}

/* ---- schemas ---- */

static void schema(unsigned number)
{
    g_autofree char *name = g_strdup_printf("s%u", number);

    record(BM_RECORD_SCHEMA);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, number);
    bm_writer_text(&w, BM_TAG_UTF8, name);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 1);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
}

static void schema_end(unsigned subsections)
{
    bm_writer_close(&w);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    for (unsigned i = 0; i < subsections; i++) {
        bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
    }
    bm_writer_close(&w);
    record_end();
}

/* A field, with the schema 0 as often as said. */
static void field(BmKind kind, uint64_t width, uint64_t count, uint64_t first, unsigned elements)
{
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    bm_writer_text(&w, BM_TAG_UTF8, "f");
    bm_writer_unsigned(&w, BM_TAG_ENUMERATED, kind);
    bm_writer_unsigned(&w, BM_TAG_CONTEXT(0), width);
    bm_writer_unsigned(&w, BM_TAG_CONTEXT(1), count);
    bm_writer_unsigned(&w, BM_TAG_CONTEXT(3), first);
    if (elements > 0) {
        bm_writer_open(&w, BM_TAG_CONTEXT(5));
        for (unsigned i = 0; i < elements; i++) {
            bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
        }
        bm_writer_close(&w);
    }
    bm_writer_close(&w);
}

/* An empty schema, and one with this field so many times. */
static BmCode fields(unsigned n, BmKind kind, uint64_t width, uint64_t count, uint64_t first,
                     unsigned elements)
{
    begin();
    schema(0);
    schema_end(0);
    schema(1);
    for (unsigned i = 0; i < n; i++) {
        field(kind, width, count, first, elements);
    }
    schema_end(0);
    finish();
    return verdict();
}

Test(limit, of_fields_holds)
{
    cr_expect_eq(fields(BM_LIMIT_FIELDS, BM_KIND_BOOLEAN, 1, 1, 0, 0), BM_OK);
    cr_expect_eq(fields(BM_LIMIT_FIELDS + 1, BM_KIND_BOOLEAN, 1, 1, 0, 0), BM_LIMIT);
}

Test(limit, of_elements_of_a_list_holds)
{
    cr_expect_eq(fields(1, BM_KIND_LIST, 0, 1, 0, BM_LIMIT_FIELDS), BM_OK);
    cr_expect_eq(fields(1, BM_KIND_LIST, 0, 1, 0, BM_LIMIT_FIELDS + 1), BM_LIMIT);
}

Test(limit, of_counts_holds)
{
    cr_expect_eq(fields(1, BM_KIND_UNSIGNED, 8, BM_LIMIT_COUNT, BM_LIMIT_COUNT, 0), BM_OK);
    cr_expect_eq(fields(1, BM_KIND_UNSIGNED, 8, BM_LIMIT_COUNT + 1, 0, 0), BM_LIMIT);
    cr_expect_eq(fields(1, BM_KIND_UNSIGNED, 8, 1, BM_LIMIT_COUNT + 1, 0), BM_LIMIT);
    cr_expect_eq(fields(1, BM_KIND_UNSIGNED, 8, UINT64_MAX, 0, 0), BM_LIMIT);
}

Test(limit, of_widths_holds)
{
    cr_expect_eq(fields(1, BM_KIND_BUFFER, BM_LIMIT_RECORD, 1, 0, 0), BM_OK);
    cr_expect_eq(fields(1, BM_KIND_BUFFER, BM_LIMIT_RECORD + 1u, 1, 0, 0), BM_LIMIT);
}

/* 2^27 of them: arrays of 2^24 empty structs. */
Test(limit, of_values_holds)
{
    cr_expect_eq(fields(7, BM_KIND_STRUCT, 0, BM_LIMIT_COUNT, 0, 1), BM_OK);
    cr_expect_eq(fields(8, BM_KIND_STRUCT, 0, BM_LIMIT_COUNT, 0, 1), BM_LIMIT);
}

static BmCode subsections(unsigned n)
{
    begin();
    schema(0);
    schema_end(0);
    schema(1);
    schema_end(n);
    finish();
    return verdict();
}

Test(limit, of_subsections_holds)
{
    cr_expect_eq(subsections(BM_LIMIT_FIELDS), BM_OK);
    cr_expect_eq(subsections(BM_LIMIT_FIELDS + 1), BM_LIMIT);
}

static BmCode schemas(unsigned n)
{
    begin();
    for (unsigned i = 0; i < n; i++) {
        schema(i);
        schema_end(0);
    }
    finish();
    return verdict();
}

Test(limit, of_schemas_holds)
{
    cr_expect_eq(schemas(BM_LIMIT_SCHEMAS), BM_OK);
    cr_expect_eq(schemas(BM_LIMIT_SCHEMAS + 1), BM_LIMIT);
}

/* So many schemas of 65536 fields. */
static BmCode large_schemas(unsigned n)
{
    begin();
    for (unsigned i = 0; i < n; i++) {
        schema(i);
        for (unsigned k = 0; k < BM_LIMIT_FIELDS; k++) {
            bm_writer_open(&w, BM_TAG_SEQUENCE);
            bm_writer_text(&w, BM_TAG_UTF8, "");
            bm_writer_unsigned(&w, BM_TAG_ENUMERATED, BM_KIND_BUFFER);
            bm_writer_close(&w);
        }
        schema_end(0);
    }
    finish();
    return verdict();
}

Test(limit, of_memory_for_schemas_holds)
{
    const unsigned n = BM_LIMIT_SCHEMA_MEMORY / (BM_LIMIT_FIELDS * sizeof(BmField));

    cr_expect_eq(large_schemas(n), BM_OK);
    cr_expect_eq(large_schemas(n + 2), BM_LIMIT);
}

/* Structs in structs, the device itself the first, and a device of that. */
static BmCode nesting(unsigned depth)
{
    begin();
    for (unsigned i = 0; i < depth; i++) {
        schema(i);
        if (i > 0) {
            bm_writer_open(&w, BM_TAG_SEQUENCE);
            bm_writer_text(&w, BM_TAG_UTF8, "f");
            bm_writer_unsigned(&w, BM_TAG_ENUMERATED, BM_KIND_STRUCT);
            bm_writer_open(&w, BM_TAG_CONTEXT(5));
            bm_writer_unsigned(&w, BM_TAG_INTEGER, i - 1);
            bm_writer_close(&w);
            bm_writer_close(&w);
        }
        schema_end(0);
    }
    record(BM_RECORD_DEVICE);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, ID);
    bm_writer_text(&w, BM_TAG_UTF8, "d");
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 1);
    bm_writer_unsigned(&w, BM_TAG_CONTEXT(0), depth - 1);
    bm_writer_open(&w, BM_TAG_CONTEXT(3));
    for (unsigned i = 1; i < depth; i++) {
        bm_writer_open(&w, BM_TAG_SEQUENCE);
    }
    for (unsigned i = 0; i < depth; i++) {
        bm_writer_close(&w);
    }
    record_end();
    finish();
    return verdict();
}

Test(limit, of_nesting_holds)
{
    cr_expect_eq(nesting(BM_LIMIT_DEPTH), BM_OK);
    cr_expect_eq(nesting(BM_LIMIT_DEPTH + 1), BM_LIMIT);
}

static BmCode packages(unsigned n)
{
    begin();
    for (unsigned i = 0; i < n; i++) {
        record(BM_RECORD_PACKAGE);
        bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
        record_end();
    }
    for (unsigned i = 0; i < n; i++) {
        record(BM_RECORD_PACKAGE_END);
        record_end();
    }
    finish();
    return verdict();
}

Test(limit, of_packages_in_packages_holds)
{
    cr_expect_eq(packages(BM_LIMIT_DEPTH), BM_OK);
    cr_expect_eq(packages(BM_LIMIT_DEPTH + 1), BM_LIMIT);
}

/* ---- sections ---- */

static BmCode sections(unsigned n)
{
    begin();
    for (unsigned i = 0; i < n; i++) {
        record(BM_RECORD_START);
        bm_writer_unsigned(&w, BM_TAG_INTEGER, i);
        bm_writer_text(&w, BM_TAG_UTF8, "x");
        bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
        bm_writer_unsigned(&w, BM_TAG_INTEGER, 1);
        bm_writer_open(&w, BM_TAG_SEQUENCE);
        bm_writer_close(&w);
        record_end();
    }
    finish();
    return verdict();
}

static BmCode legacy_sections(unsigned n)
{
    g_autoptr(GByteArray) s = g_byte_array_new();

    put_header(s);
    for (unsigned i = 0; i < n; i++) {
        put_section(s, BM_LEGACY_START, i, "block", 0, 1);
        put64(s, BM_BLOCK_EOS);
        put_footer(s, i);
    }
    put8(s, BM_LEGACY_EOF);
    return read_octets((BmOctets){s->data, s->len}, TRUE, NULL);
}

Test(limit, of_live_sections_holds)
{
    cr_expect_eq(sections(BM_LIMIT_SECTIONS), BM_OK);
    cr_expect_eq(sections(BM_LIMIT_SECTIONS + 1), BM_LIMIT);
    cr_expect_eq(legacy_sections(BM_LIMIT_SECTIONS), BM_OK);
    cr_expect_eq(legacy_sections(BM_LIMIT_SECTIONS + 1), BM_LIMIT);
}

static BmCode derived_from(unsigned n_devices)
{
    const BmPreamble preamble = {.major = 1, .generator = "test"};
    const BmDescription d = {.present = TRUE, .derived = TRUE, .style = BM_STYLE_COMPACT};
    const BmDevice device = {.section = {ID, "d", 0, 1}, .octets = {(const uint8_t *)"", 0}};
    BmOutput *legacy = bm_output_memory();
    BmStreamVisitor *s = bm_legacy_stream_out(legacy);
    GError *error = NULL;
    BmCode code = BM_OK;

    cr_assert(bm_stream_begin(s, &preamble, NULL));
    for (unsigned i = 0; i < n_devices; i++) {
        cr_assert(bm_stream_device(s, &device, NULL));
    }
    if (!bm_stream_finish(s, &d, &error)) {
        code = (BmCode)error->code;
    }
    g_clear_error(&error);
    bm_stream_free(s);
    bm_output_free(legacy);
    return code;
}

Test(limit, of_devices_that_are_described_holds)
{
    cr_expect_eq(derived_from(BM_LIMIT_DEVICES), BM_OK);
    cr_expect_eq(derived_from(BM_LIMIT_DEVICES + 1), BM_LIMIT);
}

/* ---- pages ---- */

static void start_ram(uint64_t page_size, unsigned n_blocks)
{
    begin();
    record(BM_RECORD_START);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, ID);
    bm_writer_text(&w, BM_TAG_UTF8, "ram");
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 4);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    bm_writer_unsigned(&w, BM_TAG_ITEM_PAGE_SIZE, page_size);
    bm_writer_open(&w, BM_TAG_ITEM_BLOCKS);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, (uint64_t)n_blocks << 30);
    bm_writer_open(&w, BM_TAG_SEQUENCE);
    for (unsigned i = 0; i < n_blocks; i++) {
        bm_writer_open(&w, BM_TAG_SEQUENCE);
        bm_writer_text(&w, BM_TAG_UTF8, "b");
        bm_writer_unsigned(&w, BM_TAG_INTEGER, 1u << 30);
        bm_writer_close(&w);
    }
    bm_writer_close(&w);
    bm_writer_close(&w);
}

static BmCode ram_end(void)
{
    bm_writer_close(&w);
    record_end();
    finish();
    return verdict();
}

static BmCode blocks(unsigned n)
{
    start_ram(4096, n);
    return ram_end();
}

static BmCode legacy_blocks(unsigned n)
{
    g_autoptr(GByteArray) s = g_byte_array_new();

    put_header(s);
    put_section(s, BM_LEGACY_START, ID, "ram", 0, 4);
    put64(s, (uint64_t)n << 12 | BM_RAM_MEM_SIZE);
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("%u", i);

        put_name(s, name);
        put64(s, 0x1000);
    }
    put64(s, BM_RAM_EOS);
    put_footer(s, ID);
    put8(s, BM_LEGACY_EOF);
    return read_octets((BmOctets){s->data, s->len}, TRUE, NULL);
}

Test(limit, of_blocks_holds)
{
    cr_expect_eq(blocks(BM_LIMIT_BLOCKS), BM_OK);
    cr_expect_eq(blocks(BM_LIMIT_BLOCKS + 1), BM_LIMIT);
    cr_expect_eq(legacy_blocks(BM_LIMIT_BLOCKS), BM_OK);
    cr_expect_eq(legacy_blocks(BM_LIMIT_BLOCKS + 1), BM_LIMIT);
}

static BmCode page_size(uint64_t n)
{
    start_ram(n, 1);
    return ram_end();
}

Test(limit, of_page_sizes_holds)
{
    cr_expect_eq(page_size(BM_LIMIT_PAGE_MIN), BM_OK);
    cr_expect_eq(page_size(BM_LIMIT_PAGE_MIN / 2), BM_BAD_VALUE);
    cr_expect_eq(page_size(BM_LIMIT_PAGE_MIN + 1), BM_BAD_VALUE);
    cr_expect_eq(page_size(BM_LIMIT_PAGE_MAX), BM_OK);
    cr_expect_eq(page_size(2 * BM_LIMIT_PAGE_MAX), BM_LIMIT);
}

/* Data of an item: plain, or compressed if `size` is not 0. */
static BmCode data_of(BmTag item, size_t len, uint64_t size)
{
    start_ram(BM_LIMIT_PAGE_MIN, 1);
    bm_writer_open(&w, item);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
    if (size > 0) {
        bm_writer_open(&w, BM_TAG_CONTEXT(0));
        bm_writer_unsigned(&w, BM_TAG_INTEGER, size);
    }
    put_octets(BM_TAG_OCTETS, len);
    if (size > 0) {
        bm_writer_close(&w);
    }
    bm_writer_close(&w);
    return ram_end();
}

Test(limit, of_data_holds)
{
    cr_expect_eq(data_of(BM_TAG_ITEM_RUN, BM_LIMIT_DATA, 0), BM_OK);
    cr_expect_eq(data_of(BM_TAG_ITEM_RUN, BM_LIMIT_DATA + BM_LIMIT_PAGE_MIN, 0), BM_LIMIT);
    cr_expect_eq(data_of(BM_TAG_ITEM_XBZRLE, BM_LIMIT_DATA, 0), BM_OK);
    cr_expect_eq(data_of(BM_TAG_ITEM_XBZRLE, BM_LIMIT_DATA + 1, 0), BM_LIMIT);
    /* "xxxx" is no frame, so it cannot be right; the size is looked at first. */
    cr_expect_eq(data_of(BM_TAG_ITEM_RUN, 4, BM_LIMIT_DATA), BM_BAD_VALUE);
    cr_expect_eq(data_of(BM_TAG_ITEM_RUN, 4, BM_LIMIT_DATA + 1), BM_LIMIT);
}

/* ---- descriptions ---- */

static BmCode description(size_t len, uint64_t stated)
{
    g_autofree uint8_t *text = g_malloc0(len);
    BmZstd *z = bm_zstd_new(1);
    BmOctets packed;

    cr_assert(bm_zstd_pack(z, (BmOctets){text, len}, &packed));
    begin();
    record(BM_RECORD_FINISH);
    bm_writer_open(&w, BM_TAG_CONTEXT(1));
    bm_writer_unsigned(&w, BM_TAG_INTEGER, stated);
    bm_writer_octets(&w, BM_TAG_OCTETS, packed.data, packed.len);
    bm_writer_close(&w);
    record_end();
    bm_zstd_free(z);
    return verdict();
}

static BmCode legacy_description(uint32_t len)
{
    g_autoptr(GByteArray) s = g_byte_array_new();

    put_header(s);
    put_section(s, BM_LEGACY_FULL, ID, "d", 0, 1);
    put_footer(s, ID);
    put8(s, BM_LEGACY_EOF);
    put8(s, BM_LEGACY_VMDESC);
    put32(s, len);
    put8(s, '{');
    return read_octets((BmOctets){s->data, s->len}, TRUE, NULL);
}

Test(limit, of_descriptions_holds)
{
    cr_expect_eq(description(BM_LIMIT_DESCRIPTION, BM_LIMIT_DESCRIPTION), BM_OK);
    cr_expect_eq(description(16, BM_LIMIT_DESCRIPTION + 1), BM_LIMIT);
    cr_expect_eq(legacy_description(BM_LIMIT_DESCRIPTION + 1), BM_LIMIT);
}

/* A few schemas describe a text that is longer than any reader takes. */
Test(limit, of_derived_descriptions_holds)
{
    BmOutput *legacy = bm_output_memory();
    BmStreamVisitor *s = bm_legacy_stream_out(legacy);
    GError *error = NULL;
    uint64_t digest;
    BmOctets octets;
    BmInput *in;

    begin();
    for (unsigned i = 0; i < 8; i++) { /* 10^7 values: more would be too many of these */
        schema(i);
        for (unsigned k = 0; i > 0 && k < 10; k++) {
            bm_writer_open(&w, BM_TAG_SEQUENCE);
            bm_writer_text(&w, BM_TAG_UTF8, "f");
            bm_writer_unsigned(&w, BM_TAG_ENUMERATED, BM_KIND_LIST);
            bm_writer_open(&w, BM_TAG_CONTEXT(5));
            bm_writer_unsigned(&w, BM_TAG_INTEGER, i - 1);
            bm_writer_close(&w);
            bm_writer_close(&w);
        }
        schema_end(0);
    }
    record(BM_RECORD_FINISH);
    bm_writer_open(&w, BM_TAG_CONTEXT(0));
    bm_writer_unsigned(&w, BM_TAG_ENUMERATED, BM_STYLE_COMPACT);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 4096);
    bm_writer_unsigned(&w, BM_TAG_CONTEXT(0), 7);
    bm_writer_close(&w);
    record_end();
    cr_assert(bm_frame_write_trailer(out, records, &digest));
    octets = bm_output_memory_data(out);
    in = bm_input_memory(octets.data, octets.len);
    cr_expect_not(bm_ber_stream_read(in, s, FALSE, NULL, &error));
    cr_expect_eq(error->code, BM_LIMIT, "%s", error->message);
    g_clear_error(&error);
    bm_stream_free(s);
    bm_input_free(in);
    bm_output_free(legacy);
    bm_output_free(out);
    bm_writer_clear(&w);
}

/* Device state waits for its description in memory. */
Test(limit, of_device_state_that_is_held_holds)
{
    SmallStream s = small_stream(SMALL_ALL);
    BmOctets octets = small_stream_octets(&s);
    BmLegacyOptions options = {.held_limit = octets.len - s.devices};

    cr_expect_eq(read_octets(octets, TRUE, &options), BM_OK);
    options.held_limit = 100;
    cr_expect_eq(read_octets(octets, TRUE, &options), BM_LIMIT);
    small_stream_clear(&s);
}
