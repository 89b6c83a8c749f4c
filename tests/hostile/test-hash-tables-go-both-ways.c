/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `spapr/htab`: typed where it is one, octets where it is not, and in both cases
 * the same octets again.
 */
#include <criterion/criterion.h>

#include "passage.h"
#include "small-stream.h"

#define ID 7

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

TestSuite(hash, .init = setup, .fini = teardown);

static void start(uint32_t word)
{
    put_section(stream, BM_LEGACY_START, ID, "spapr/htab", 0, 1);
    put32(stream, word);
    put_footer(stream, ID);
}

static void part(unsigned type)
{
    put8(stream, type);
    put32(stream, ID);
}

static void slots(uint32_t first, unsigned used, unsigned unused)
{
    put32(stream, first);
    put16(stream, used);
    put16(stream, unused);
    for (unsigned i = 0; i < used; i++) {
        put64(stream, UINT64_C(0x8000000000000001) + i);
        put64(stream, first + i);
    }
}

static void end_part(void)
{
    put64(stream, 0);
    put_footer(stream, ID);
}

/* A part with one item. */
static void part_of(uint32_t first, unsigned used, unsigned unused)
{
    part(BM_LEGACY_PART);
    put32(stream, 0);
    slots(first, used, unused);
    end_part();
}

/* What the stream's dump has of the table; it must come back as it was. */
static void check(const char *expected)
{
    g_autofree char *got = NULL;
    g_autoptr(GError) error = NULL;

    put8(stream, BM_LEGACY_EOF);
    cr_expect(check_legacy_octets((BmOctets){stream->data, stream->len}));
    got = dump_of((BmOctets){stream->data, stream->len}, "spapr*", &error);
    cr_assert(got, "%s", error ? error->message : "");
    cr_expect_str_eq(got, expected);
}

Test(hash, has_a_size_and_slots)
{
    start(21);
    part(BM_LEGACY_PART);
    put32(stream, 0);
    slots(0, 2, 0);
    slots(64, 0, 5);
    slots(0x1fff0, 1, 15); /* up to the last one */
    end_part();
    part(BM_LEGACY_END);
    put32(stream, 0);
    end_part();
    check("spapr/htab.hash_size = (uint32) 0x15\n"
          "spapr/htab.hash.slots = [0x0, 0x1] used\n"
          "spapr/htab.hash.slots = [0x40, 0x44] unused\n"
          "spapr/htab.hash.slots = [0x1fff0, 0x1fff0] used\n"
          "spapr/htab.hash.slots = [0x1fff1, 0x1ffff] unused\n");
}

/* A radix guest; its parts say so as well. */
Test(hash, may_be_none)
{
    start(BM_HASH_NONE);
    part(BM_LEGACY_END);
    put32(stream, BM_HASH_NONE);
    put_footer(stream, ID);
    check("spapr/htab.hash_size = (uint32) 0x0\n"
          "spapr/htab.hash_size = (uint32) 0x0\n");
}

Test(hash, of_a_strange_size_goes_on_as_octets)
{
    start(17);
    check("spapr/htab(0)(1) = (octets)\n"
          "spapr/htab(4)(1) = (octets) 00000011\n");
}

Test(hash, slots_outside_go_on_as_octets)
{
    start(18); /* 16384 slots */
    part_of(16383, 0, 2);
    check("spapr/htab.hash_size = (uint32) 0x12\n"
          "spapr/htab(0)(1) = (octets)\n"
          "spapr/htab(20)(1) = (octets) 0000000000003fff000000020000000000000000\n");
}

/* What was understood stays typed. */
Test(hash, slots_outside_behind_others_go_on_as_octets)
{
    start(18);
    part(BM_LEGACY_PART);
    put32(stream, 0);
    slots(1, 0, 1);
    slots(0xffffffff, 0, 1);
    end_part();
    check("spapr/htab.hash_size = (uint32) 0x12\n"
          "spapr/htab.hash.slots = [0x1, 0x1] unused\n"
          "spapr/htab(0)(1) = (octets)\n"
          "spapr/htab(16)(1) = (octets) ffffffff000000010000000000000000\n");
}

Test(hash, slots_without_a_size_go_on_as_octets)
{
    start(BM_HASH_NONE);
    part_of(0, 0, 1);
    check("spapr/htab.hash_size = (uint32) 0x0\n"
          "spapr/htab(0)(1) = (octets)\n"
          "spapr/htab(20)(1) = (octets) 0000000000000000000000010000000000000000\n");
}

/* QEMU takes it for nothing, and it must not become an end mark. */
Test(hash, no_slots_at_a_place_go_on_as_octets)
{
    start(18);
    part_of(5, 0, 0);
    check("spapr/htab.hash_size = (uint32) 0x12\n"
          "spapr/htab(0)(1) = (octets)\n"
          "spapr/htab(20)(1) = (octets) 0000000000000005000000000000000000000000\n");
}
