/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "samples.h"
#include "stream.h"

static BmSchemaSet *set;
static BmSummary summary;
static BmStreamVisitor *s;
static GError *error;

static void setup(void)
{
    set = bm_schema_set_new();
    s = bm_summary_stream(&summary);
}

static void teardown(void)
{
    g_clear_error(&error);
    bm_stream_free(s);
    bm_summary_clear(&summary);
    bm_schema_set_free(set);
}

TestSuite(summaries, .init = setup, .fini = teardown);

static gboolean device(BmStreamVisitor *to, const BmSchema *schema, gboolean structured,
                       uint64_t fail_at)
{
    BmVisitor *values = structured ? counting_in(fail_at) : NULL;
    BmDevice d = {.section = {1, "dev", 0, 1}, .schema = schema, .schemas = set, .values = values};
    gboolean ok = bm_stream_device(to, &d, &error);

    bm_visitor_free(values);
    return ok;
}

static void item(BmItem i)
{
    cr_assert(bm_stream_live_item(s, &i, NULL));
}

Test(summaries, leaves_of_devices_are_counted)
{
    const BmSchema *inner = SCHEMA(set, "inner", UNSIGNED("a", 4), OPAQUE("b", 4));
    const BmSchema *sub = SCHEMA(set, "dev/sub", BOOLEAN("c"));
    const BmSchema *dev = SCHEMA_WITH(set, "dev", sub, STRUCTS("x", 3, inner));

    cr_assert(device(s, dev, TRUE, 0));
    cr_expect_eq(summary.leaves, 7);
    cr_expect_eq(summary.opaque, 3);
    cr_assert(device(s, dev, FALSE, 0));
    cr_expect_eq(summary.leaves, 14);
    cr_expect_eq(summary.opaque, 10);
    cr_assert(device(s, NULL, FALSE, 0));
    cr_expect_eq(summary.leaves, 14);
    cr_expect_eq(summary.devices, 3);
    cr_expect_eq(summary.devices_octets, 2);
    cr_expect_eq(summary.schemas, 3);
}

Test(summaries, values_are_checked)
{
    const BmSchema *dev = SCHEMA(set, "dev", UNSIGNED("a", 4), UNSIGNED("b", 4));

    cr_expect_not(device(s, dev, TRUE, 2));
    cr_expect_str_eq(bm_error_path(error), "dev.b");
    cr_expect_eq(bm_error_offset(error), 10);
    cr_expect_eq(summary.devices, 0);
}

Test(summaries, null_stream_checks_values_too)
{
    const BmSchema *dev = SCHEMA(set, "dev", UNSIGNED("a", 4));
    BmStreamVisitor *null = bm_null_stream();

    cr_expect(device(null, dev, TRUE, 0));
    cr_expect(device(null, dev, FALSE, 0));
    cr_expect_not(device(null, dev, TRUE, 1));
    cr_expect_str_eq(bm_error_path(error), "dev.a");
    g_clear_error(&error);
    cr_expect_not(device(null, NULL, TRUE, 0));
    cr_expect_eq(error->code, BM_MISMATCH);
    cr_expect(bm_stream_begin(null, &(BmPreamble){0}, NULL));
    cr_expect(bm_stream_end(null, NULL));
    cr_expect(bm_stream_flush(null, NULL));
    bm_stream_free(null);
    bm_stream_free(NULL);
}

Test(summaries, machine_and_capabilities_are_kept)
{
    char machine[] = "pc", capability[] = "xbzrle";
    char *capabilities[] = {capability, NULL};
    BmConfiguration c = {.machine = machine,
                         .has_page_bits = TRUE,
                         .page_bits = 12,
                         .has_capabilities = TRUE,
                         .capabilities = capabilities};

    cr_assert(bm_stream_begin(s, &(BmPreamble){.major = 1, .generator = "x"}, NULL));
    cr_assert(bm_stream_configuration(s, &c, NULL));
    machine[0] = capability[0] = '?';
    cr_expect_eq(summary.preamble.major, 1);
    cr_expect_null(summary.preamble.generator);
    cr_expect_str_eq(summary.machine, "pc");
    cr_expect_eq(summary.capabilities->len, 1);
    cr_expect_str_eq(g_ptr_array_index(summary.capabilities, 0), "xbzrle");
    cr_expect_eq(summary.page_size, 4096);
}

Test(summaries, live_items_are_counted)
{
    BmRamBlock blocks[] = {{.name = "pc.ram", .length = 1 << 20}, {.name = "rom", .length = 1}};

    for (int phase = BM_PHASE_START; phase <= BM_PHASE_END; phase++) {
        cr_assert(bm_stream_live_begin(s, (BmPhase)phase, &(BmSection){.name = "ram"}, NULL));
        item((BmItem){BM_ITEM_BLOCKS, .blocks = blocks, .n_blocks = 2});
        cr_assert(bm_stream_live_end(s, FALSE, NULL));
    }
    item((BmItem){BM_ITEM_PAGE_SIZE, .value = 8192});
    item((BmItem){BM_ITEM_PAGES, .count = 10});
    item((BmItem){BM_ITEM_ZEROS, .count = 20});
    item((BmItem){BM_ITEM_FILL, .count = 1});
    item((BmItem){BM_ITEM_XBZRLE, .count = 1});
    item((BmItem){BM_ITEM_ZLIB, .count = 1});
    item((BmItem){BM_ITEM_CHUNK});
    item((BmItem){BM_ITEM_MARK});
    cr_expect_eq(summary.parts, 1);
    cr_expect_eq(summary.blocks->len, 2);
    cr_expect_str_eq(g_array_index(summary.blocks, BmRamBlock, 0).name, "pc.ram");
    cr_expect_eq(summary.page_size, 8192);
    cr_expect_eq(summary.pages, 10);
    cr_expect_eq(summary.zero_pages, 20);
    cr_expect_eq(summary.encoded_pages, 3);
    cr_expect_eq(summary.chunks, 1);
}

Test(summaries, rest_of_the_stream_is_counted)
{
    BmOctets data = {(const uint8_t *)"abc", 3};

    cr_assert(bm_stream_command(s, 1, data, NULL));
    cr_assert(bm_stream_package_begin(s, 9, NULL));
    cr_assert(bm_stream_package_end(s, NULL));
    cr_assert(bm_stream_remainder(s, BM_REASON_TRAILING, data, NULL));
    cr_assert(bm_stream_remainder(s, BM_REASON_TRAILING, data, NULL));
    cr_expect_not(summary.finished);
    cr_assert(bm_stream_finish(s, &(BmDescription){.present = TRUE, .derived = TRUE}, NULL));
    cr_assert(bm_stream_end(s, NULL));
    cr_expect_eq(summary.commands, 1);
    cr_expect_eq(summary.packages, 1);
    cr_expect_eq(summary.remainder, 6);
    cr_expect(summary.finished && summary.described && summary.derived);
}

Test(summaries, clearing_twice_is_fine)
{
    bm_summary_clear(&summary);
    bm_summary_clear(&summary);
}
