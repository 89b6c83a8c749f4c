/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this format can say and QEMU's cannot: the writer refuses it, instead of
 * writing what QEMU would take for something else.
 */
#include <criterion/criterion.h>

#include "compat.h"
#include "legacy.h"

static BmOutput *out;
static BmStreamVisitor *s;

static void setup(void)
{
    const BmPreamble preamble = {.major = 1, .generator = "test"};

    out = bm_output_memory();
    s = bm_legacy_stream_out(out);
    cr_assert(bm_stream_begin(s, &preamble, NULL));
}

static void teardown(void)
{
    bm_stream_free(s);
    bm_output_free(out);
}

TestSuite(writer, .init = setup, .fini = teardown);

static BmCode take_code(GError *error)
{
    BmCode code = error ? (BmCode)error->code : BM_OK;

    g_clear_error(&error);
    return code;
}

static BmCode configure(uint32_t page_bits)
{
    const BmConfiguration c = {.machine = "pc", .has_page_bits = TRUE, .page_bits = page_bits};
    GError *error = NULL;

    bm_stream_configuration(s, &c, &error);
    return take_code(error);
}

static void live(const char *name, uint32_t version)
{
    const BmSection section = {2, name, 0, version};

    cr_assert(bm_stream_live_begin(s, BM_PHASE_START, &section, NULL));
}

static BmCode item(BmItem i)
{
    GError *error = NULL;

    bm_stream_live_item(s, &i, &error);
    return take_code(error);
}

static BmCode command(uint32_t code, const char *octets, size_t len)
{
    GError *error = NULL;

    bm_stream_command(s, code, (BmOctets){(const uint8_t *)octets, len}, &error);
    return take_code(error);
}

static BmCode package_end(void)
{
    GError *error = NULL;

    bm_stream_package_end(s, &error);
    return take_code(error);
}

Test(writer, takes_pages_of_2_to_10_up_to_16)
{
    cr_expect_eq(configure(9), BM_LIMIT);
    cr_expect_eq(configure(17), BM_LIMIT);
    cr_expect_eq(configure(UINT32_MAX), BM_LIMIT);
    cr_expect_eq(configure(10), BM_OK);
}

Test(writer, takes_one_page_size)
{
    cr_expect_eq(configure(12), BM_OK);
    live("ram", 4);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_PAGE_SIZE, .value = 4096}), BM_OK);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_PAGE_SIZE, .value = 8192}), BM_MISMATCH);
}

Test(writer, takes_words_without_payload_for_marks_only)
{
    live("ram", 4);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_MARK, .value = BM_RAM_MULTIFD_FLUSH}), BM_OK);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_MARK, .value = 0x1000 | BM_RAM_HOOK}), BM_OK);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_MARK, .value = BM_RAM_PAGE}), BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_MARK, .value = BM_RAM_EOS}), BM_MISMATCH);
}

Test(writer, takes_no_stream_that_lacks_pages)
{
    live("ram", 4);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_MEET, .value = 1}), BM_REFUSED);
}

Test(writer, takes_no_progress_that_a_word_cannot_hold)
{
    live("block", 1);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_PROGRESS, .value = UINT64_MAX >> 9}), BM_OK);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_PROGRESS, .value = (UINT64_MAX >> 9) + 1}),
                 BM_LIMIT);
}

Test(writer, takes_no_chunk_of_another_size)
{
    live("block", 1);
    cr_expect_eq(
        item((BmItem){.type = BM_ITEM_CHUNK, .device = "d", .data = {(const uint8_t *)"short", 5}}),
        BM_MISMATCH);
}

Test(writer, takes_the_size_of_a_hash_table_alone)
{
    live("spapr/htab", 1);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_HASH_SIZE, .value = 17}), BM_LIMIT);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_HASH_SIZE, .value = 24}), BM_OK);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_SLOTS, .count = 1}), BM_BAD_ORDER);
    live("spapr/htab", 1);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_SLOTS, .count = 1}), BM_OK);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_HASH_SIZE, .value = 24}), BM_BAD_ORDER);
}

Test(writer, takes_no_dirty_bitmap_that_a_chunk_cannot_hold)
{
    live("dirty-bitmap", 1);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_BITMAP_START, .value = UINT64_C(1) << 32}),
                 BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_BITMAP_START, .count = 8}), BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_BITMAP_BITS, .count = UINT64_C(1) << 32}),
                 BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_BITMAP_END, .name = ""}), BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_PROGRESS}), BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_BITMAP_END}), BM_OK);
}

/* No slots at slot 0 are the end mark. */
Test(writer, takes_no_slots_that_are_none_or_too_many)
{
    live("spapr/htab", 1);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_SLOTS}), BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_SLOTS, .count = 65536}), BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_SLOTS, .data = {(const uint8_t *)"no sixteen", 10}}),
                 BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_SLOTS, .page = UINT64_C(1) << 32, .count = 1}),
                 BM_MISMATCH);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_SLOTS, .count = 65535}), BM_OK);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_PROGRESS, .value = 1}), BM_MISMATCH);
}

Test(writer, takes_no_package_of_another_length)
{
    cr_expect_eq(command(BM_LEGACY_CMD_PACKAGED, "\0\0\0\1x", 5), BM_OK);
    cr_expect_eq(command(BM_LEGACY_CMD_PACKAGED, "\0\0\0", 3), BM_OK);
    cr_expect_eq(command(BM_LEGACY_CMD_PACKAGED, "\0\0\0\2x", 5), BM_MISMATCH);
    cr_assert(bm_stream_package_begin(s, 5, NULL));
    cr_assert_eq(command(1, "", 0), BM_OK);
    cr_expect_eq(package_end(), BM_OK);
    cr_assert(bm_stream_package_begin(s, 6, NULL));
    cr_assert_eq(command(1, "", 0), BM_OK);
    cr_expect_eq(package_end(), BM_MISMATCH);
}

Test(writer, takes_no_names_of_more_than_255_octets)
{
    g_autofree char *name = g_strnfill(256, 'n');
    const BmSection section = {2, name, 0, 1};

    cr_expect_not(bm_stream_live_begin(s, BM_PHASE_START, &section, NULL));
    name[255] = '\0';
    cr_expect(bm_stream_live_begin(s, BM_PHASE_START, &section, NULL));
}

/* Where nobody reads any more, nothing is made for him. */
Test(writer, gives_up_on_endless_zeros_when_writing_fails, .timeout = 600)
{
    const BmRamBlock block = {.name = "b", .length = UINT64_MAX - 4095};
    BmOutput *nowhere = bm_output_fd(-1);
    BmStreamVisitor *own = s;

    s = bm_legacy_stream_out(nowhere);
    live("ram", 4);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_PAGE_SIZE, .value = 4096}), BM_OK);
    cr_expect_eq(
        item((BmItem){
            .type = BM_ITEM_BLOCKS, .value = block.length, .blocks = &block, .n_blocks = 1}),
        BM_OK);
    cr_expect_eq(item((BmItem){.type = BM_ITEM_ZEROS, .count = block.length / 4096}), BM_IO);
    bm_stream_free(s);
    bm_output_free(nowhere);
    s = own;
}
