/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams that are small and ask for much.  What took minutes is to take well
 * under the processor time that each test has, with a sanitizer too.
 */
#include <criterion/criterion.h>
#include <sys/resource.h>

#include "passage.h"
#include "small-stream.h"
#include "vmdesc.h"

#define ID 2
#define SECONDS 30
/* On a machine that has much else to do; nothing but what hangs meets it. */
#define MOST_SECONDS 900

static GByteArray *stream;

static void setup(void)
{
    stream = g_byte_array_new();
    put_header(stream);
}

static void teardown(void)
{
    struct rusage used;

    g_byte_array_unref(stream);
    cr_assert_eq(getrusage(RUSAGE_SELF, &used), 0);
    cr_expect_lt(used.ru_utime.tv_sec + used.ru_stime.tv_sec, SECONDS);
}

TestSuite(work, .init = setup, .fini = teardown, .timeout = MOST_SECONDS);

static BmOctets octets(void)
{
    return (BmOctets){stream->data, stream->len};
}

static void check_comes_back(void)
{
    Passage ber = legacy_to_ber(octets()), back;

    cr_assert(ber.ok, "%s", ber.error ? ber.error->message : "");
    back = ber_to_legacy(ber.octets);
    cr_assert(back.ok, "%s", back.error ? back.error->message : "");
    cr_expect(same_octets(back.octets, octets()));
    passage_clear(&ber);
    passage_clear(&back);
}

static void put_block_name(unsigned i)
{
    g_autofree char *name = g_strdup_printf("a-block-with-a-longer-name-%05u", i);

    put_name(stream, name);
}

/* Each page names another block than the one before. */
Test(work, names_of_many_blocks_are_found_at_once)
{
    const unsigned n = BM_LIMIT_BLOCKS;

    put_section(stream, BM_LEGACY_START, ID, "ram", 0, 4);
    put64(stream, n * UINT64_C(0x1000) | BM_RAM_MEM_SIZE);
    for (unsigned i = 0; i < n; i++) {
        put_block_name(i);
        put64(stream, 0x1000);
    }
    for (unsigned i = 0; i < n; i++) {
        put64(stream, BM_RAM_ZERO);
        put_block_name(n - 1 - i);
        put8(stream, 0);
    }
    put64(stream, BM_RAM_EOS);
    put_footer(stream, ID);
    put8(stream, BM_LEGACY_EOF);
    check_comes_back();
}

/* Without footers each of these could be the description. */
Test(work, many_beginnings_of_a_description_are_not_all_tried)
{
    put_section(stream, BM_LEGACY_START, ID, "ram", 0, 4);
    put64(stream, BM_RAM_EOS);
    put_section(stream, BM_LEGACY_FULL, ID + 1, "d", 0, 1);
    for (unsigned i = 0; i < 100000; i++) {
        put8(stream, BM_LEGACY_EOF);
        put8(stream, BM_LEGACY_VMDESC);
        put32(stream, 600000);
        put_text(stream, "{\"a");
    }
    check_comes_back();
}

/* A device of four octets, and the type of a struct of nothing in arrays. */
Test(work, arrays_of_nothing_are_not_walked)
{
    static const char description[] =
        "{\"page_size\": 4096, \"devices\": [{\"name\": \"d\", \"instance_id\": 0, "
        "\"vmsd_name\": \"d\", \"version\": 1, \"fields\": [{\"name\": \"a\", \"array_len\": "
        "4000, \"type\": \"struct\", \"struct\": {\"vmsd_name\": \"s\", \"version\": 1, "
        "\"fields\": [{\"name\": \"b\", \"array_len\": 10000, \"type\": \"struct\", "
        "\"struct\": {\"vmsd_name\": \"t\", \"version\": 1, \"fields\": []}, \"size\": 0}]}, "
        "\"size\": 0}, {\"name\": \"n\", \"type\": \"uint32\", \"size\": 4}]}]}";
    Passage ber;

    put_section(stream, BM_LEGACY_START, ID, "ram", 0, 4);
    put64(stream, BM_RAM_EOS);
    put_footer(stream, ID);
    put_section(stream, BM_LEGACY_FULL, ID + 1, "d", 0, 1);
    put32(stream, 77);
    put_footer(stream, ID + 1);
    put_end(stream, description);
    ber = legacy_to_ber(octets());
    cr_assert(ber.ok, "%s", ber.error ? ber.error->message : "");
    cr_expect_lt(ber.octets.len, 10 * stream->len);
    passage_clear(&ber);
    check_comes_back();
}

static void put_package(GByteArray *to, const GByteArray *inside)
{
    put8(to, BM_LEGACY_COMMAND);
    put16(to, BM_LEGACY_CMD_PACKAGED);
    put16(to, 4);
    put32(to, inside->len);
    g_byte_array_append(to, inside->data, inside->len);
}

/* Each level that is taken for a package is read twice. */
Test(work, nested_packages_are_not_read_ever_again)
{
    GByteArray *inside = g_byte_array_new();

    for (unsigned i = 0; i < 50000; i++) {
        put_section(inside, BM_LEGACY_FULL, i, "device", 0, 1);
        put_footer(inside, i);
    }
    for (unsigned i = 0; i < 12; i++) {
        GByteArray *outside = g_byte_array_new();

        put_package(outside, inside);
        g_byte_array_unref(inside);
        inside = outside;
    }
    g_byte_array_append(stream, inside->data, inside->len);
    g_byte_array_unref(inside);
    put8(stream, BM_LEGACY_EOF);
    check_comes_back();
}

/* A section may go on without end; what is made of it goes out in records. */
Test(work, ranges_of_zeros_make_records_of_a_bounded_size)
{
    const uint64_t length = UINT64_C(1) << 40;
    Passage ber;
    size_t records = 0;
    const uint8_t *p;

    put_section(stream, BM_LEGACY_START, ID, "ram", 0, 4);
    put64(stream, 2 * length | BM_RAM_MEM_SIZE);
    put_name(stream, "a");
    put64(stream, length);
    put_name(stream, "b");
    put64(stream, length);
    for (unsigned i = 0; i < 400000; i++) {
        put64(stream, i * UINT64_C(0x2000) | BM_RAM_ZERO);
        put_name(stream, i % 2 == 0 ? "a" : "b");
        put8(stream, 0);
    }
    put64(stream, BM_RAM_EOS);
    put_footer(stream, ID);
    put8(stream, BM_LEGACY_EOF);
    ber = legacy_to_ber(octets());
    cr_assert(ber.ok, "%s", ber.error ? ber.error->message : "");
    for (p = ber.octets.data; (p = memchr(p, 0x67, ber.octets.len - (size_t)(p - ber.octets.data)));
         p++) {
        records += p[1] == 0x83 && p[2] == 0x10;
    }
    cr_expect_gt(records, 1, "the section is in one record");
    passage_clear(&ber);
    check_comes_back();
}

/* "Az" and "BY" have one hash in GLib, and so have all names made of them. */
static void append_name(GString *text, unsigned number)
{
    for (unsigned bit = 0; bit < 16; bit++) {
        g_string_append(text, number >> bit & 1 ? "Az" : "BY");
    }
}

Test(work, names_of_one_hash_are_as_good_as_others)
{
    g_autoptr(GString) text = g_string_new(NULL);
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;
    BmVmdesc *d;

    g_string_append(text, "{\"page_size\": 4096, \"devices\": [{\"name\": \"d\", "
                          "\"instance_id\": 0, \"vmsd_name\": \"d\", \"version\": 1, "
                          "\"fields\": [");
    for (unsigned i = 0; i < BM_LIMIT_FIELDS; i++) {
        g_string_append(text, i > 0 ? ", {\"name\": \"" : "{\"name\": \"");
        append_name(text, i);
        g_string_append(text, "\", \"type\": \"uint8\", \"size\": 1}");
    }
    g_string_append(text, "]}]}");
    d = bm_vmdesc_parse(text->str, text->len, set, &error);
    cr_assert(d, "%s", error ? error->message : "");
    bm_vmdesc_free(d);
    bm_schema_set_free(set);
}
