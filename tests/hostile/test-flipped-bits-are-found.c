/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each single bit of a BER stream flipped.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "passage.h"
#include "small-stream.h"

static SmallStream small;
static BmOctets legacy;
static Passage ber;
static GArray *records; /* Place */

/* A part of the stream that has a checksum of its own, or fixed octets. */
typedef struct Place {
    size_t start, end;
    size_t content; /* behind tag and length */
} Place;

static void add_place(size_t start, size_t end, size_t content)
{
    Place p = {start, end, content};

    g_array_append_val(records, p);
}

static size_t add_record(size_t at)
{
    BmFault fault = {0};
    BmView view = bm_view(ber.octets.data + at, ber.octets.len - at, at, &fault);
    uint64_t len;
    BmTag tag;

    cr_assert(bm_view_header(&view, "record", &tag, &len));
    add_place(at, (size_t)(view.offset + len), (size_t)view.offset);
    return (size_t)(view.offset + len);
}

static void setup(void)
{
    size_t at = BM_MAGIC_LEN;

    small = small_stream(SMALL_ALL);
    legacy = small_stream_octets(&small);
    ber = legacy_to_ber(legacy);
    cr_assert(ber.ok);
    records = g_array_new(FALSE, FALSE, sizeof(Place));
    add_place(0, at, at);
    while (at < ber.octets.len) {
        if (ber.octets.data[at] == 0x30 || ber.octets.data[at] == 0x00) {
            add_place(at, at + 2, at + 2);
            at += 2;
        } else {
            at = add_record(at);
        }
    }
}

static void teardown(void)
{
    g_array_unref(records);
    passage_clear(&ber);
    small_stream_clear(&small);
}

TestSuite(flip, .init = setup, .fini = teardown);

static const Place *place_of(size_t octet)
{
    for (guint i = 0; i < records->len; i++) {
        const Place *p = &g_array_index(records, Place, i);

        if (octet < p->end) {
            return p;
        }
    }
    return NULL;
}

/* With another length the checksum is looked for at another place. */
static void check_offset(const Passage *p, size_t octet)
{
    const Place *place = place_of(octet);
    uint64_t offset = bm_error_offset(p->error);

    cr_assert_geq(offset, place->start, "octet %zu: %s", octet, p->error->message);
    if (octet == place->start || octet >= place->content) {
        cr_assert_lt(offset, place->end, "octet %zu: %s", octet, p->error->message);
    }
}

static void check_flip(BmOctets octets, size_t octet)
{
    Passage p = ber_to_legacy(octets);

    cr_assert_not(p.ok, "octet %zu", octet);
    cr_assert_leq(p.octets.len, small.end, "octet %zu: the end marker came out", octet);
    cr_assert(same_octets(p.octets, (BmOctets){legacy.data, p.octets.len}), "octet %zu", octet);
    check_offset(&p, octet);
    passage_clear(&p);
}

Test(flip, of_any_bit_is_found)
{
    uint8_t *copy = g_memdup2(ber.octets.data, ber.octets.len);

    for (size_t bit = 0; bit < 8 * ber.octets.len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        check_flip((BmOctets){copy, ber.octets.len}, bit / 8);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    g_free(copy);
}
