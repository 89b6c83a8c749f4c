/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is in a stream besides devices.
 */
#include <criterion/criterion.h>

#include "dump-sample.h"

static const BmSection ram = {2, "ram", 0, 4};
static const BmRamBlock blocks[] = {
    {.name = "pc.ram", .length = 0x100000},
    {.name = "vga", .length = 0x4000, .page_size = 0x200000, .has_address = TRUE, .address = 0},
};

static void begin_ram(Printed *p, BmPhase phase)
{
    cr_assert(bm_stream_live_begin(p->s, phase, &ram, NULL));
}

static void end_ram(Printed *p)
{
    cr_assert(bm_stream_live_end(p->s, FALSE, NULL));
}

static void print_ram(Printed *p)
{
    begin_ram(p, BM_PHASE_START);
    print_item(p, (BmItem){.type = BM_ITEM_PAGE_SIZE, .value = 4096});
    print_item(
        p, (BmItem){.type = BM_ITEM_BLOCKS, .blocks = blocks, .n_blocks = 2, .value = 0x104000});
    end_ram(p);
    begin_ram(p, BM_PHASE_PART);
    print_item(p, (BmItem){.type = BM_ITEM_PAGES, .page = 0, .count = 2, .data = OCTETS("")});
    print_item(p, (BmItem){.type = BM_ITEM_NAMED});
    print_item(p, (BmItem){.type = BM_ITEM_PAGES, .page = 2, .count = 1, .data = OCTETS("")});
    print_item(p, (BmItem){.type = BM_ITEM_ZEROS, .page = 3, .count = 16});
    print_item(p, (BmItem){.type = BM_ITEM_FILL, .page = 19, .value = 0xff});
    print_item(p, (BmItem){.type = BM_ITEM_FILL, .page = 20, .value = 0xfe});
    print_item(p, (BmItem){.type = BM_ITEM_XBZRLE, .block = 1, .page = 21, .data = OCTETS("x")});
    print_item(p, (BmItem){.type = BM_ITEM_MARK, .value = 0x200});
    end_ram(p);
}

static char *ram_text(gboolean pages)
{
    Printed p = print_begin(bm_text_stream_out, NULL, pages);
    char *text, *from;

    print_ram(&p);
    text = print_end(&p);
    from = g_strdup(strchr(text, '\n') + 1);
    g_free(text);
    return from;
}

#define RAM_START                                                                                  \
    "# live ram instance 0 version 4 section 2\n"                                                  \
    "ram.page_size = (uint32) 0x1000\n"                                                            \
    "ram.total = (uint64) 0x104000\n"                                                              \
    "ram.blocks(2).[0].name = (string) \"pc.ram\"\n"                                               \
    "ram.blocks(2).[0].length = (uint64) 0x100000\n"                                               \
    "ram.blocks(2).[1].name = (string) \"vga\"\n"                                                  \
    "ram.blocks(2).[1].length = (uint64) 0x4000\n"                                                 \
    "ram.blocks(2).[1].page_size = (uint64) 0x200000\n"                                            \
    "ram.blocks(2).[1].address = (uint64) 0x0\n"

Test(dump_records, blocks_without_pages)
{
    g_autofree char *text = ram_text(FALSE);

    cr_assert_str_eq(text, RAM_START "# end\n");
}

/* One run may be several items. */
Test(dump_records, runs_of_pages)
{
    g_autofree char *text = ram_text(TRUE);

    cr_assert_str_eq(text, RAM_START "ram.pc.ram.pages = [0x0, 0x2] full\n"
                                     "ram.pc.ram.pages = [0x3, 0x12] zero\n"
                                     "ram.pc.ram.pages = [0x13, 0x13] fill 0xff\n"
                                     "ram.pc.ram.pages = [0x14, 0x14] fill 0xfe\n"
                                     "ram.vga.pages = [0x15, 0x15] xbzrle\n"
                                     "ram.mark = (uint64) 0x200\n"
                                     "# end\n");
}

/* Sections that have nothing to show leave no trace, with or without a glob. */
Test(dump_records, empty_sections_are_left_out_of_json)
{
    Printed p = print_begin(bm_json_stream_out, NULL, FALSE);
    g_autofree char *text = NULL;

    print_ram(&p);
    text = print_end(&p);
    cr_expect(strstr(text, "\"phase\": \"start\""));
    cr_expect(strstr(text, "\"blocks\": [\n"));
    cr_expect_not(strstr(text, "\"phase\": \"part\""));
}

Test(dump_records, runs_in_json)
{
    Printed p = print_begin(bm_json_stream_out, "*.pages", TRUE);
    g_autofree char *text = NULL;

    print_ram(&p);
    text = print_end(&p);
    cr_expect(strstr(text, "\"phase\": \"part\""));
    cr_expect(strstr(text, "\"pages\": {\"type\": \"run\", \"first\": 3, \"last\": 18, "
                           "\"content\": \"zero\"}"));
    cr_expect(strstr(text, "\"content\": \"fill\", \"value\": 255}"));
    cr_expect_not(strstr(text, "\"phase\": \"start\""));
}

static char *print_long(Form form, size_t size)
{
    Printed p = print_begin(form, "*", TRUE);
    g_autofree uint8_t *data = g_malloc0(size);

    cr_assert(bm_stream_remainder(p.s, BM_REASON_TRAILING, (BmOctets){data, size}, NULL));
    return print_end(&p);
}

Test(dump_records, long_remainders_are_cut)
{
    g_autofree char *whole = print_long(bm_text_stream_out, 4096);
    g_autofree char *cut = print_long(bm_text_stream_out, 4097);
    g_autofree char *json = print_long(bm_json_stream_out, 4097);

    cr_expect(strstr(whole, "remainder.reason = (string) \"trailing\"\n"));
    cr_expect_eq(strlen(strstr(whole, "remainder(4096)(1) = (octets) ")),
                 strlen("remainder(4096)(1) = (octets) \n") + 8192);
    cr_expect(g_str_has_suffix(cut, "0000... 4097 octets in all\n"));
    cr_expect(strstr(json, "\"octets\": {\"type\": \"octets\", \"size\": 4097, \"cut\": true"));
}

Test(dump_records, devices_are_never_cut)
{
    Printed p = print_begin(bm_text_stream_out, "*", FALSE);
    g_autofree uint8_t *data = g_malloc0(5000);
    BmDevice device = {.section = {1, "d", 0, 1}, .octets = {data, 5000}};
    g_autofree char *text = NULL;

    cr_assert(bm_stream_device(p.s, &device, NULL));
    text = print_end(&p);
    cr_expect_eq(strlen(text), strlen("d(5000)(1) = (octets) \n") + 10000);
}

Test(dump_records, configuration)
{
    static const uint8_t uuid[16] = {0xab, [15] = 1};
    char *capabilities[] = {"x-ignore-shared", "mapped-ram", NULL};
    BmConfiguration c = {"pc", TRUE, 12, TRUE, capabilities, uuid};
    Printed p = print_begin(bm_text_stream_out, "*", FALSE);
    g_autofree char *text = NULL;

    cr_assert(bm_stream_configuration(p.s, &c, NULL));
    text = print_end(&p);
    cr_assert_str_eq(text,
                     "configuration.machine = (string) \"pc\"\n"
                     "configuration.page_bits = (uint32) 0xc\n"
                     "configuration.capabilities(2).[0] = (string) \"x-ignore-shared\"\n"
                     "configuration.capabilities(2).[1] = (string) \"mapped-ram\"\n"
                     "configuration.uuid(16)(1) = (buffer) ab000000000000000000000000000001\n");
}

Test(dump_records, commands_and_packages)
{
    Printed p = print_begin(bm_text_stream_out, "*", FALSE);
    g_autofree char *text = NULL;

    cr_assert(bm_stream_command(p.s, 1, (BmOctets){NULL, 0}, NULL));
    cr_assert(bm_stream_command(p.s, 2, (BmOctets)OCTETS("\0\0\0\x01"), NULL));
    cr_assert(bm_stream_command(p.s, 99, (BmOctets)OCTETS("\x05"), NULL));
    cr_assert(bm_stream_package_begin(p.s, 100, NULL));
    cr_assert(bm_stream_package_end(p.s, NULL));
    text = print_end(&p);
    cr_assert_str_eq(text, "command.open_return_path = (octets)\n"
                           "command.ping = (octets) 00000001\n"
                           "command.99 = (octets) 05\n"
                           "package.length = (uint32) 0x64\n");
}

Test(dump_records, block_migration)
{
    Printed p = print_begin(bm_text_stream_out, "*", TRUE);
    BmSection block = {1, "block", 0, 1};
    g_autofree char *text = NULL;

    cr_assert(bm_stream_live_begin(p.s, BM_PHASE_PART, &block, NULL));
    print_item(
        &p, (BmItem){.type = BM_ITEM_CHUNK, .device = "ide0", .page = 2048, .data = OCTETS("x")});
    print_item(&p, (BmItem){.type = BM_ITEM_CHUNK, .device = "ide0", .page = 4096});
    print_item(&p, (BmItem){.type = BM_ITEM_PROGRESS, .value = 100});
    cr_assert(bm_stream_live_end(p.s, FALSE, NULL));
    text = print_end(&p);
    cr_assert_str_eq(text, "block.ide0.sectors = [0x800, 0xfff] full\n"
                           "block.ide0.sectors = [0x1000, 0x17ff] zero\n"
                           "block.progress = (uint32) 0x64\n");
}

Test(dump_records, what_stood_before_the_header)
{
    BmPreamble preamble = {.generator = "", .leading = OCTETS("ab")};
    Printed p = {.out = bm_output_memory()};
    g_autofree char *text = NULL;

    p.s = bm_text_stream_out(p.out, "*", FALSE);
    cr_assert(bm_stream_begin(p.s, &preamble, NULL));
    text = print_end(&p);
    cr_assert_str_eq(text, "leading(2)(1) = (octets) 6162\n");
}
