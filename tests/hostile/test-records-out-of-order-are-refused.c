/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPEC.md, 5.1 and 7.1.  The writer writes whatever it is told, so it can say
 * what the reader must not take.
 */
#include <criterion/criterion.h>

#include "passage.h"

static BmOutput *out;
static BmStreamVisitor *s;

static void setup(void)
{
    const BmPreamble preamble = {
        .major = BM_VERSION_MAJOR, .minor = BM_VERSION_MINOR, .generator = "test"};

    out = bm_output_memory();
    s = bm_ber_stream_out(out, 0, NULL);
    cr_assert(bm_stream_begin(s, &preamble, NULL));
}

static void teardown(void)
{
    bm_stream_free(s);
    bm_output_free(out);
}

TestSuite(order, .init = setup, .fini = teardown);

/* ---- records ---- */

static void configuration(void)
{
    const BmConfiguration c = {.machine = "pc"};

    cr_assert(bm_stream_configuration(s, &c, NULL));
}

static void hello(void)
{
    static const uint32_t version = BM_VERSION_MAJOR;
    const BmHello h = {&version, 1, NULL, 0};

    cr_assert(bm_stream_hello(s, &h, NULL));
}

static void command(void)
{
    cr_assert(bm_stream_command(s, 1, (BmOctets){(const uint8_t *)"", 0}, NULL));
}

static void live(const char *name, uint32_t version)
{
    const BmSection section = {2, name, 0, version};

    cr_assert(bm_stream_live_begin(s, BM_PHASE_START, &section, NULL));
}

static void item(BmItem i)
{
    cr_assert(bm_stream_live_item(s, &i, NULL));
}

static void octets(void)
{
    item((BmItem){.type = BM_ITEM_OCTETS, .data = {(const uint8_t *)"ab", 2}});
}

static void blocks(uint64_t total, uint64_t length)
{
    const BmRamBlock list[] = {{.name = "a", .length = length}, {.name = "b", .length = 0x1000}};

    item((BmItem){.type = BM_ITEM_BLOCKS, .value = total, .blocks = list, .n_blocks = 2});
}

static void live_end(void)
{
    cr_assert(bm_stream_live_end(s, FALSE, NULL));
}

static void open_section(void)
{
    live("x", 1);
    octets();
    cr_assert(bm_stream_flush(s, NULL)); /* written as open */
}

static void finish(gboolean described)
{
    const BmDescription d = {.present = described, .text = {(const uint8_t *)"{}", 2}};

    cr_assert(bm_stream_finish(s, &d, NULL));
}

static void remainder_of(BmReason reason)
{
    cr_assert(bm_stream_remainder(s, reason, (BmOctets){(const uint8_t *)"r", 1}, NULL));
}

static void extension(void)
{
    cr_assert(bm_stream_extension(s, 70000, FALSE, (BmOctets){(const uint8_t *)"e", 1}, NULL));
}

/* The writer puts it in its place, so this one is put beside it. */
static void index_record(void)
{
    uint64_t position = GUINT64_TO_BE(bm_output_offset(out));
    BmWriter w;

    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_INDEX);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, 0);
    bm_writer_open(&w, BM_TAG_CONTEXT(2));
    bm_writer_close(&w);
    bm_writer_octets(&w, BM_TAG_OCTETS, &position, sizeof position);
    cr_assert(bm_record_write(out, &w));
    bm_writer_clear(&w);
}

static void announce(void)
{
    const BmAnnounce a = {.name = "a", .version = 1};

    cr_assert(bm_stream_announce(s, &a, NULL));
}

static void check(void)
{
    cr_assert(bm_stream_check(s, NULL));
}

static void channel_ends(uint32_t n)
{
    static const BmChannelEnd ends[BM_LIMIT_CHANNELS + 1];

    cr_assert(bm_stream_channel_ends(s, ends, n, NULL));
}

static void package(void)
{
    cr_assert(bm_stream_package_begin(s, 0, NULL));
}

static void package_end(void)
{
    cr_assert(bm_stream_package_end(s, NULL));
}

/* ---- verdicts ---- */

static BmCode verdict(void)
{
    BmStreamVisitor *nothing = bm_null_stream();
    BmOctets octets;
    BmInput *in;
    GError *error = NULL;
    BmCode code = BM_OK;

    cr_assert(bm_stream_end(s, NULL));
    octets = bm_output_memory_data(out);
    in = bm_input_memory(octets.data, octets.len);
    if (!bm_ber_stream_read(in, nothing, FALSE, NULL, &error)) {
        code = (BmCode)error->code;
    }
    g_clear_error(&error);
    bm_stream_free(nothing);
    bm_input_free(in);
    return code;
}

Test(order, of_all_records_may_be_so)
{
    extension();
    configuration();
    announce();
    check();
    command();
    check();
    package();
    command();
    package();
    finish(FALSE);
    extension();
    package_end();
    finish(FALSE);
    package_end();
    open_section();
    extension();
    octets();
    live_end();
    finish(TRUE);
    remainder_of(BM_REASON_TRAILING);
    extension();
    remainder_of(BM_REASON_TRAILING);
    cr_expect_eq(verdict(), BM_OK);
}

Test(order, may_end_with_remainders_of_no_known_end)
{
    live("x", 1);
    remainder_of(BM_REASON_UNDELIMITED);
    remainder_of(BM_REASON_UNDELIMITED);
    cr_expect_eq(verdict(), BM_OK);
}

Test(order, needs_an_end)
{
    command();
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, needs_more_of_an_open_section)
{
    open_section();
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_nothing_inside_an_open_section)
{
    open_section();
    command();
    octets();
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_one_configuration)
{
    configuration();
    configuration();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_the_configuration_first)
{
    command();
    configuration();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_one_end)
{
    finish(FALSE);
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_records_behind_a_remainder)
{
    remainder_of(BM_REASON_UNDELIMITED);
    command();
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_end_behind_a_remainder)
{
    remainder_of(BM_REASON_UNDELIMITED);
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_nothing_trailing_without_an_end)
{
    remainder_of(BM_REASON_TRAILING);
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_other_remainder_behind_an_end)
{
    finish(FALSE);
    remainder_of(BM_REASON_UNDELIMITED);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_remainder_in_a_package)
{
    package();
    remainder_of(BM_REASON_UNDELIMITED);
    package_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_nothing_behind_the_end_of_a_package)
{
    package();
    finish(FALSE);
    command();
    package_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_description_in_a_package)
{
    package();
    finish(TRUE);
    package_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_announce_in_a_package)
{
    package();
    announce();
    package_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_check_in_a_package)
{
    package();
    check();
    package_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_check_inside_an_open_section)
{
    open_section();
    check();
    octets();
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_findings_in_a_forward_stream)
{
    cr_assert(bm_stream_findings(s, NULL, 0, NULL));
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_announce_inside_an_open_section)
{
    open_section();
    announce();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_index_before_the_end)
{
    index_record();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_nothing_behind_an_index)
{
    finish(FALSE);
    index_record();
    extension();
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_remainder_behind_an_index)
{
    finish(FALSE);
    index_record();
    remainder_of(BM_REASON_TRAILING);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

/* The trailer does not count what was put beside the writer, and nothing else is wrong. */
Test(order, has_an_index_at_the_end)
{
    finish(FALSE);
    index_record();
    cr_expect_eq(verdict(), BM_MISMATCH);
}

Test(order, has_one_hello_at_the_beginning)
{
    hello();
    configuration();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_OK);
}

Test(order, has_no_second_hello)
{
    hello();
    hello();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_hello_behind_others)
{
    configuration();
    hello();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_the_ends_of_channels_at_the_end)
{
    finish(FALSE);
    remainder_of(BM_REASON_TRAILING);
    channel_ends(BM_LIMIT_CHANNELS);
    cr_expect_eq(verdict(), BM_OK);
}

Test(order, has_no_ends_of_channels_before_the_end)
{
    channel_ends(1);
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_the_ends_of_channels_once)
{
    finish(FALSE);
    channel_ends(1);
    channel_ends(1);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_the_ends_of_so_many_channels_only)
{
    finish(FALSE);
    channel_ends(BM_LIMIT_CHANNELS + 1);
    cr_expect_eq(verdict(), BM_LIMIT);
}

Test(order, ends_all_packages)
{
    package();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_no_messages_in_a_forward_stream)
{
    cr_assert(bm_stream_message(s, (BmOctets){(const uint8_t *)"m", 1}, NULL));
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, has_one_ack_in_a_return_stream)
{
    const BmPreamble back = {.major = BM_VERSION_MAJOR,
                             .minor = BM_VERSION_MINOR,
                             .direction = BM_RETURN,
                             .generator = "test"};

    teardown();
    out = bm_output_memory();
    s = bm_ber_stream_out(out, 0, NULL);
    cr_assert(bm_stream_begin(s, &back, NULL));
    cr_assert(bm_stream_ack(s, 1, 2, NULL));
    cr_assert(bm_stream_ack(s, 1, 2, NULL));
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

/* ---- items ---- */

Test(order, of_items_has_octets_last)
{
    live("ram", 4);
    octets();
    item((BmItem){.type = BM_ITEM_MARK, .value = 0x200});
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, of_items_has_pages_in_ram_only)
{
    live("ram", 3);
    item((BmItem){.type = BM_ITEM_PAGE_SIZE, .value = 4096});
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, of_items_has_meets_in_ram_only)
{
    live("block", 1);
    item((BmItem){.type = BM_ITEM_MEET, .value = 1});
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, of_items_has_chunks_in_block_only)
{
    live("ram", 4);
    item((BmItem){.type = BM_ITEM_PROGRESS, .value = 1});
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

static void hash_size(void)
{
    item((BmItem){.type = BM_ITEM_HASH_SIZE, .value = BM_HASH_SIZE_MIN});
}

static void unused_slots(uint64_t first, uint64_t count)
{
    item((BmItem){.type = BM_ITEM_SLOTS, .page = first, .count = count});
}

Test(order, of_items_has_slots_in_hash_tables_only)
{
    live("block", 1);
    hash_size();
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, of_items_has_the_size_of_a_hash_table_alone)
{
    live("spapr/htab", 1);
    hash_size();
    unused_slots(0, 1);
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, of_items_has_octets_of_a_hash_table_not_behind_its_size)
{
    live("spapr/htab", 1);
    hash_size();
    octets();
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

/* The table of one section is not that of the next. */
Test(order, of_items_has_slots_behind_a_size)
{
    live("spapr/htab", 1);
    hash_size();
    live_end();
    live("spapr/htab", 1);
    unused_slots(0, 1);
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_LIMIT);
}

Test(order, of_items_has_dirty_bitmaps_in_their_section_only)
{
    live("block", 1);
    item((BmItem){.type = BM_ITEM_BITMAP_END, .name = "b"});
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

Test(order, of_items_has_no_dirty_bitmap_behind_octets)
{
    live("dirty-bitmap", 1);
    octets();
    item((BmItem){.type = BM_ITEM_BITMAP_END, .name = "b"});
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_BAD_ORDER);
}

static void later(BmPhase phase)
{
    cr_assert(bm_stream_live_begin(s, phase, &(BmSection){.id = 2, .name = "spapr/htab"}, NULL));
}

Test(order, of_slots_ends_with_the_table)
{
    live("spapr/htab", 1);
    hash_size();
    live_end();
    later(BM_PHASE_PART);
    unused_slots(0, 16384);
    live_end();
    later(BM_PHASE_END);
    unused_slots(16383, 2);
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_LIMIT);
}

/* The state of one piece is not that of the next. */
Test(order, of_items_begins_anew_in_each_piece)
{
    live("ram", 4);
    octets();
    live_end();
    live("ram", 4);
    item((BmItem){.type = BM_ITEM_MARK, .value = 0x200});
    blocks(0x3000, 0x2000);
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_OK);
}

Test(order, of_blocks_has_the_total_that_it_says)
{
    live("ram", 4);
    blocks(0x3001, 0x2000);
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_MISMATCH);
}

Test(order, of_blocks_does_not_overflow)
{
    live("ram", 4);
    blocks(0, (uint64_t)-0x1000);
    live_end();
    finish(FALSE);
    cr_expect_eq(verdict(), BM_MISMATCH);
}
