/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `dirty-bitmap`: typed where it is one, octets where it is not, and in both cases
 * the same octets again.
 */
#include <criterion/criterion.h>

#include "passage.h"
#include "small-stream.h"

#define ID 9

static GByteArray *stream;

static void setup(void)
{
    stream = g_byte_array_new();
    put_header(stream);
    put_section(stream, BM_LEGACY_START, ID, "dirty-bitmap", 0, 1);
}

static void teardown(void)
{
    g_byte_array_unref(stream);
}

TestSuite(bitmap, .init = setup, .fini = teardown);

static void chunk(unsigned flags, const char *node, const char *name)
{
    put8(stream, flags | (node ? BM_DIRTY_NODE : 0) | (name ? BM_DIRTY_NAME : 0));
    if (node) {
        put_name(stream, node);
    }
    if (name) {
        put_name(stream, name);
    }
}

static void begin(const char *node, const char *name, uint32_t granularity, unsigned flags)
{
    chunk(BM_DIRTY_START, node, name);
    put32(stream, granularity);
    put8(stream, flags);
}

static void bits(const char *name, uint64_t sector, uint32_t count, uint64_t len)
{
    chunk(BM_DIRTY_BITS, NULL, name);
    put64(stream, sector);
    put32(stream, count);
    put64(stream, len);
    for (uint64_t i = 0; i < len; i++) {
        put8(stream, (unsigned)i);
    }
}

static void end_piece(void)
{
    put8(stream, BM_DIRTY_EOS);
    put_footer(stream, ID);
}

static void next_piece(unsigned type)
{
    end_piece();
    put8(stream, type);
    put32(stream, ID);
}

/* What the stream's dump has of the section; it must come back as it was. */
static void check(const char *expected)
{
    g_autofree char *got = NULL;
    g_autoptr(GError) error = NULL;

    put8(stream, BM_LEGACY_EOF);
    cr_expect(check_legacy_octets((BmOctets){stream->data, stream->len}));
    got = dump_of((BmOctets){stream->data, stream->len}, "dirty*", &error);
    cr_assert(got, "%s", error ? error->message : "");
    cr_expect_str_eq(got, expected);
}

Test(bitmap, has_a_start_bits_and_an_end)
{
    begin("drive0", "backup", 65536, BM_BITMAP_ENABLED);
    begin(NULL, "other", UINT32_MAX, BM_BITMAP_FLAGS);
    next_piece(BM_LEGACY_PART);
    bits("backup", 0, 128, 32);
    chunk(BM_DIRTY_BITS | BM_DIRTY_ZEROES, NULL, NULL);
    put64(stream, 128);
    put32(stream, 8);
    chunk(BM_DIRTY_COMPLETE, NULL, NULL);
    next_piece(BM_LEGACY_END);
    bits(NULL, UINT64_C(1) << 40, 1, 0);
    chunk(BM_DIRTY_COMPLETE, "drive1", NULL);
    end_piece();
    check("dirty-bitmap.drive0/backup.granularity = (uint32) 0x10000\n"
          "dirty-bitmap.drive0/backup.flags = (uint8) 0x1\n"
          "dirty-bitmap.drive0/other.granularity = (uint32) 0xffffffff\n"
          "dirty-bitmap.drive0/other.flags = (uint8) 0x7\n"
          "dirty-bitmap.drive0/backup.sectors = [0x0, 0x7f] bits\n"
          "dirty-bitmap.drive0/backup.sectors = [0x80, 0x87] zero\n"
          "dirty-bitmap.drive0/backup.complete = (bool) 0x1\n"
          "dirty-bitmap.drive0/backup.sectors = [0x10000000000, 0x10000000000] bits\n"
          "dirty-bitmap.drive1/backup.complete = (bool) 0x1\n");
}

/* The first chunk is understood, what follows it is not; no octets at all say that
 * the writer is to add no end mark. */
static void check_octets_behind_a_start(const char *octets)
{
    g_autofree char *expected = g_strdup_printf("dirty-bitmap.d/b.granularity = (uint32) 0x200\n"
                                                "dirty-bitmap.d/b.flags = (uint8) 0x0\n"
                                                "dirty-bitmap(0)(1) = (octets)\n"
                                                "dirty-bitmap(%zu)(1) = (octets) %s\n",
                                                strlen(octets) / 2, octets);

    put_footer(stream, ID);
    check(expected);
}

Test(bitmap, of_unknown_flags_goes_on_as_octets)
{
    begin("d", "b", 512, 0);
    put8(stream, 0x80);
    put8(stream, BM_DIRTY_EOS);
    check_octets_behind_a_start("8001");
}

Test(bitmap, of_two_kinds_at_once_goes_on_as_octets)
{
    begin("d", "b", 512, 0);
    put8(stream, BM_DIRTY_START | BM_DIRTY_COMPLETE);
    put8(stream, BM_DIRTY_EOS);
    check_octets_behind_a_start("3001");
}

Test(bitmap, of_reserved_flags_goes_on_as_octets)
{
    begin("d", "b", 512, 0);
    begin(NULL, NULL, 1, 8);
    put8(stream, BM_DIRTY_EOS);
    check_octets_behind_a_start("10000000010801");
}

Test(bitmap, with_a_name_that_is_none_goes_on_as_octets)
{
    begin("d", "b", 512, 0);
    chunk(BM_DIRTY_COMPLETE, NULL, "\xff");
    put8(stream, BM_DIRTY_EOS);
    check_octets_behind_a_start("2401ff01");
}

/* More than QEMU takes, or than memory is taken for. */
Test(bitmap, of_too_many_bits_goes_on_as_octets)
{
    begin("d", "b", 512, 0);
    chunk(BM_DIRTY_BITS, NULL, NULL);
    put64(stream, 0);
    put32(stream, 1);
    put64(stream, BM_LIMIT_BITMAP + 1);
    put8(stream, BM_DIRTY_EOS);
    check_octets_behind_a_start("40000000000000000000000001000000000001000101");
}
