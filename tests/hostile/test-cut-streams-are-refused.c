/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream cut at each of its octets.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "passage.h"
#include "small-stream.h"

static SmallStream small;
static BmOctets legacy;
static Passage ber;

static void setup(void)
{
    small = small_stream(SMALL_ALL & ~SMALL_PACKAGE);
    legacy = small_stream_octets(&small);
    ber = legacy_to_ber(legacy);
    cr_assert(ber.ok, "%s", ber.error ? ber.error->message : "");
}

static void teardown(void)
{
    passage_clear(&ber);
    small_stream_clear(&small);
}

TestSuite(cut, .init = setup, .fini = teardown);

static BmOctets first(BmOctets octets, size_t len)
{
    return (BmOctets){octets.data, len};
}

/* What came out is true as far as it goes, and ends before the end marker. */
static void check_prefix(const Passage *p, size_t len)
{
    cr_assert_leq(p->octets.len, small.end, "%zu: the end marker came out", len);
    cr_assert(same_octets(p->octets, first(legacy, p->octets.len)), "%zu: other octets", len);
}

static void check_truncated(const Passage *p, size_t len)
{
    cr_assert_not(p->ok, "%zu was accepted", len);
    cr_assert_eq(p->error->code, BM_TRUNCATED, "%zu: %s", len, p->error->message);
    cr_assert_eq(bm_error_offset(p->error), len, "%zu: offset %lu", len,
                 (unsigned long)bm_error_offset(p->error));
}

/*
 * Some cuts of QEMU's own stream leave one that is whole:
 *   - right behind the end marker: one without a description (QEMU writes such
 *     ones, and loads a stream that is cut there);
 *   - in the octets that follow the description, since these are no part of it.
 */
static gboolean is_whole(size_t len)
{
    return len == small.description || len >= small.trailing;
}

Test(cut, legacy_stream_is_refused)
{
    for (size_t len = 0; len < legacy.len; len++) {
        Passage p = legacy_to_legacy(first(legacy, len));

        if (is_whole(len)) {
            cr_assert(p.ok, "%zu: %s", len, p.error ? p.error->message : "");
            cr_assert(same_octets(p.octets, first(legacy, len)), "%zu", len);
        } else if (len < 4) {
            cr_assert_eq(p.error->code, BM_NOT_RECOGNISED);
        } else {
            check_truncated(&p, len);
            check_prefix(&p, len);
        }
        passage_clear(&p);
    }
}

Test(cut, legacy_stream_becomes_no_whole_ber)
{
    for (size_t len = 4; len < small.trailing; len++) {
        Passage p = legacy_to_ber(first(legacy, len));

        if (!is_whole(len)) {
            Passage back = ber_to_legacy(p.octets);

            check_truncated(&p, len);
            cr_assert_not(back.ok, "%zu", len);
            check_prefix(&back, len);
            passage_clear(&back);
        }
        passage_clear(&p);
    }
}

Test(cut, ber_stream_is_refused)
{
    for (size_t len = 0; len < ber.octets.len; len++) {
        Passage p = ber_to_legacy(first(ber.octets, len));

        check_truncated(&p, len);
        check_prefix(&p, len);
        passage_clear(&p);
    }
}

/* ---- where in a device ---- */

/* All leaves of the device, in their order. */
static const char *const rich_paths[] = {
    "odd",
    "even",
    "u8",
    "u16",
    "u32",
    "u64",
    "i8",
    "i64",
    "words(4)(4)",
    "buf(6)(1)",
    "inner.a",
    "inner.b",
    "elems(3)(2).[0].x",
    "elems(3)(2).[1].x",
    "elems(3)(2).[2].x",
    "idx(2)(2)",
    "map(2)(8)",
    "queue(2).[0].e",
    "queue(2).[1].e",
    "ptr",
    "nan",
    "odds",
    "more.m",
    "more.deep.d",
};

/* Which of them the path is: one of the first that it leads to. */
static int position(const char *path)
{
    static const char root[] = "0000:00:02.0/rich";
    size_t len;

    if (strncmp(path, root, sizeof root - 1) != 0) {
        return -1;
    }
    path += sizeof root - 1;
    path += *path == '.';
    len = strlen(path);
    for (size_t i = 0; len > 0 && i < G_N_ELEMENTS(rich_paths); i++) {
        if (strncmp(rich_paths[i], path, len) == 0 && strchr(".", rich_paths[i][len]) != NULL) {
            return (int)i;
        }
    }
    return -1;
}

/* The record of the device, found by its name. */
static size_t find_values(void)
{
    static const char name[] = "\x0c\x11"
                               "0000:00:02.0/rich";
    const uint8_t *p = memmem(ber.octets.data, ber.octets.len, name, sizeof name - 1);

    cr_assert_not_null(p);
    p = memchr(p, 0xa3, ber.octets.len - (size_t)(p - ber.octets.data));
    cr_assert_not_null(p);
    return (size_t)(p - ber.octets.data) + 3;
}

Test(cut, device_has_the_path_of_the_field)
{
    gboolean seen[G_N_ELEMENTS(rich_paths)] = {FALSE};
    size_t start = find_values(), end;
    int last = 0;

    cr_assert_eq(ber.octets.data[start - 2], 0x81);
    end = start + ber.octets.data[start - 1];
    for (size_t len = start; len < end; len++) {
        Passage p = ber_to_legacy(first(ber.octets, len));
        const char *path = bm_error_path(p.error);
        int at = position(path);

        cr_assert_geq(at, last, "%zu: \"%s\" behind %s", len - start, path, rich_paths[last]);
        seen[at] = TRUE;
        last = at;
        passage_clear(&p);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(rich_paths); i++) {
        cr_expect(seen[i], "no cut was in %s", rich_paths[i]);
    }
}
