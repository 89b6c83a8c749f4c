/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What no QEMU writes, and yet must neither be changed nor do any harm.
 */
#include <criterion/criterion.h>

#include "passage.h"
#include "small-stream.h"

#define ID 2
#define MUCH (20u << 20)

static GByteArray *stream;

static void setup(void)
{
    stream = g_byte_array_new();
    put_header(stream);
}

static void teardown(void)
{
    g_byte_array_unref(stream);
}

TestSuite(odd, .init = setup, .fini = teardown);

static BmOctets octets(void)
{
    return (BmOctets){stream->data, stream->len};
}

static void check_comes_back(void)
{
    cr_expect(check_legacy_octets(octets()));
}

static void put_blocks(GByteArray *to, unsigned n)
{
    put64(to, n * 0x1000 | BM_RAM_MEM_SIZE);
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *name = g_strdup_printf("block%u", i);

        put_name(to, name);
        put64(to, 0x1000);
    }
}

static void put_ram(GByteArray *to, unsigned n_blocks)
{
    put_section(to, BM_LEGACY_START, ID, "ram", 0, 4);
    put_blocks(to, n_blocks);
}

static void end_ram(GByteArray *to)
{
    put64(to, BM_RAM_EOS);
    put_footer(to, ID);
}

static void put_zero_page(GByteArray *to, const char *block)
{
    put64(to, BM_RAM_ZERO | (block ? 0 : BM_RAM_CONTINUE));
    if (block) {
        put_name(to, block);
    }
    put8(to, 0);
}

static void put_package(GByteArray *to, const GByteArray *inside)
{
    put8(to, BM_LEGACY_COMMAND);
    put16(to, BM_LEGACY_CMD_PACKAGED);
    put16(to, 4);
    put32(to, inside->len);
    g_byte_array_append(to, inside->data, inside->len);
}

/* The list of blocks that it has must not take the place of the stream's. */
Test(odd, package_with_a_live_section_goes_on_as_octets)
{
    g_autoptr(GByteArray) inside = g_byte_array_new();

    put_ram(stream, 3);
    put_zero_page(stream, "block2");
    end_ram(stream);
    put_ram(inside, 1);
    end_ram(inside);
    put_text(inside, "and nonsense");
    put_package(stream, inside);
    put8(stream, BM_LEGACY_PART);
    put32(stream, ID);
    put_zero_page(stream, NULL);
    end_ram(stream);
    put8(stream, BM_LEGACY_EOF);
    check_comes_back();
}

Test(odd, package_with_a_list_of_blocks_goes_on_as_octets)
{
    g_autoptr(GByteArray) inside = g_byte_array_new();

    put_ram(stream, 3);
    put_zero_page(stream, "block2");
    end_ram(stream);
    put8(inside, BM_LEGACY_PART);
    put32(inside, ID);
    put_blocks(inside, 1);
    end_ram(inside);
    put_package(stream, inside);
    put8(stream, BM_LEGACY_PART);
    put32(stream, ID);
    put_zero_page(stream, NULL);
    end_ram(stream);
    put8(stream, BM_LEGACY_EOF);
    check_comes_back();
}

Test(odd, packages_may_nest)
{
    GByteArray *inside = g_byte_array_new();

    put_section(inside, BM_LEGACY_FULL, ID, "d", 0, 1);
    put_footer(inside, ID);
    for (int i = 0; i < 40; i++) {
        GByteArray *outside = g_byte_array_new();

        put_package(outside, inside);
        g_byte_array_unref(inside);
        inside = outside;
    }
    g_byte_array_append(stream, inside->data, inside->len);
    put8(stream, BM_LEGACY_EOF);
    check_comes_back();
    g_byte_array_unref(inside);
}

Test(odd, package_of_another_length_is_not_taken_for_one)
{
    put8(stream, BM_LEGACY_COMMAND);
    put16(stream, BM_LEGACY_CMD_PACKAGED);
    put16(stream, 10);
    put32(stream, 6);
    put_text(stream, "inside");
    put8(stream, BM_LEGACY_EOF);
    check_comes_back();
}

Test(odd, list_of_blocks_with_a_flag_is_not_taken_for_one)
{
    put_section(stream, BM_LEGACY_START, ID, "ram", 0, 4);
    put64(stream, 0x1000 | BM_RAM_MEM_SIZE | BM_RAM_CONTINUE);
    put_name(stream, "block0");
    put64(stream, 0x1000);
    end_ram(stream);
    put8(stream, BM_LEGACY_EOF);
    check_comes_back();
}

Test(odd, octets_may_follow_a_stream_without_description)
{
    put_ram(stream, 1);
    end_ram(stream);
    put_section(stream, BM_LEGACY_FULL, ID, "device", 0, 1);
    put_text(stream, "body");
    put_footer(stream, ID);
    put8(stream, BM_LEGACY_EOF);
    put_text(stream, "anything");
    check_comes_back();
}

Test(odd, unknown_section_without_footers_may_be_the_last_thing)
{
    put_ram(stream, 1);
    put64(stream, BM_RAM_EOS);
    put_section(stream, BM_LEGACY_START, ID + 1, "unknown", 0, 1);
    check_comes_back();
    put_text(stream, "and its body");
    check_comes_back();
}

Test(odd, unknown_words_end_what_is_understood_of_ram)
{
    put_ram(stream, 1);
    put_zero_page(stream, "block0");
    put64(stream, 0x1234567800000001);
    put_text(stream, "~~");
    put_footer(stream, ID);
    put8(stream, BM_LEGACY_EOF);
    check_comes_back();
}

static void put_much(GByteArray *to)
{
    g_autofree uint8_t *octets = g_malloc(MUCH);

    for (size_t i = 0; i < MUCH; i++) {
        octets[i] = (uint8_t)(i >> 12 ^ i);
    }
    g_byte_array_append(to, octets, MUCH);
}

/* More than is held back in memory. */
Test(odd, much_may_follow_a_stream)
{
    put_ram(stream, 1);
    end_ram(stream);
    put8(stream, BM_LEGACY_EOF);
    put_much(stream);
    cr_assert(comes_back(octets()));
}

Test(odd, much_may_have_no_known_end)
{
    put_ram(stream, 1);
    put64(stream, BM_RAM_EOS);
    put_section(stream, BM_LEGACY_START, ID + 1, "unknown", 0, 1);
    put_much(stream);
    cr_assert(comes_back(octets()));
}
