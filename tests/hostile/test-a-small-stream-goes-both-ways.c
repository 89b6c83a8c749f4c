/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "passage.h"
#include "small-stream.h"

static const unsigned variants[] = {
    SMALL_ALL,
    SMALL_ALL | SMALL_SPACED,
    SMALL_ALL & ~SMALL_PACKAGE,
    (SMALL_ALL | SMALL_SPACED) & ~SMALL_PACKAGE,
    SMALL_ALL & ~SMALL_TRAILING,
    SMALL_ALL & ~SMALL_CONFIGURATION,
    SMALL_ALL & ~SMALL_DESCRIPTION,
    SMALL_ALL & ~SMALL_FOOTERS,
    SMALL_ALL & ~(SMALL_FOOTERS | SMALL_UNKNOWN),
    SMALL_ALL & ~(SMALL_FOOTERS | SMALL_UNKNOWN | SMALL_MISFIT),
    SMALL_ALL & ~(SMALL_FOOTERS | SMALL_UNKNOWN | SMALL_DESCRIPTION),
    SMALL_FOOTERS | SMALL_DESCRIPTION,
    SMALL_DESCRIPTION,
    0,
};

static void check_variant(unsigned parts)
{
    SmallStream s = small_stream(parts);
    BmOctets octets = small_stream_octets(&s);
    Passage ber = legacy_to_ber(octets), back, again;

    cr_assert(ber.ok, "%#x: %s", parts, ber.error ? ber.error->message : "");
    back = ber_to_legacy(ber.octets);
    cr_assert(back.ok, "%#x: %s", parts, back.error ? back.error->message : "");
    cr_assert(same_octets(back.octets, octets), "%#x: %zu octets of %zu", parts, back.octets.len,
              octets.len);
    again = ber_to_ber(ber.octets);
    cr_assert(again.ok, "%#x: %s", parts, again.error ? again.error->message : "");
    cr_assert(same_octets(again.octets, ber.octets), "%#x: BER changed", parts);
    check_legacy_octets(octets);
    passage_clear(&ber);
    passage_clear(&back);
    passage_clear(&again);
    small_stream_clear(&s);
}

Test(small_stream, goes_both_ways)
{
    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        check_variant(variants[i]);
    }
}

static void summarise(unsigned parts, BmSummary *summary)
{
    SmallStream s = small_stream(parts);
    BmInput *in = bm_input_memory(s.octets->data, s.octets->len);
    BmStreamVisitor *v = bm_summary_stream(summary);
    GError *error = NULL;

    cr_assert(bm_legacy_read(in, v, NULL, &error), "%s", error ? error->message : "");
    bm_stream_free(v);
    bm_input_free(in);
    small_stream_clear(&s);
}

/* It is no use if the reader takes it all for octets. */
Test(small_stream, is_understood)
{
    BmSummary s = {0};

    summarise(SMALL_ALL, &s);
    cr_expect_eq(s.devices, 5, "%lu", s.devices);
    cr_expect_eq(s.devices_octets, 3, "%lu", s.devices_octets);
    cr_expect_eq(s.leaves, 28, "%lu", s.leaves);
    cr_expect_eq(s.pages, 2);
    cr_expect_eq(s.zero_pages, 6, "%lu", s.zero_pages);
    cr_expect_eq(s.encoded_pages, 3, "%lu", s.encoded_pages);
    cr_expect_eq(s.chunks, 2);
    cr_expect_eq(s.slots, 13);
    cr_expect_eq(s.packages, 1);
    cr_expect_eq(s.blocks->len, 3);
    cr_expect(s.finished && s.described && !s.derived);
    bm_summary_clear(&s);

    summarise(SMALL_ALL & ~SMALL_PACKAGE, &s);
    cr_expect_eq(s.devices, 4);
    cr_expect(s.finished && s.described && s.derived);
    bm_summary_clear(&s);

    summarise(SMALL_DESCRIPTION, &s);
    cr_expect_eq(s.page_size, SMALL_PAGE);
    cr_expect_eq(s.devices, 3);
    cr_expect(s.finished && s.described && s.derived);
    bm_summary_clear(&s);
}
