/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tens of thousands of streams, changed so that they get far, and what must
 * hold for each of them (passage.h).  BERMIG_HOSTILE_ROUNDS in the environment
 * makes it more.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "mutate.h"
#include "passage.h"
#include "small-stream.h"

#define ROUNDS 1500
/* Where a sanitizer is at work all takes ten times as long, and the memory says
 * nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_MAX_KIB G_MAXLONG
#define SECONDS_MAX 10
#else
#define MEMORY_MAX_KIB (256l << 10)
#define SECONDS_MAX 1
#endif

static const unsigned variants[] = {
    SMALL_ALL,
    SMALL_ALL & ~SMALL_PACKAGE,
    (SMALL_ALL | SMALL_SPACED) & ~(SMALL_PACKAGE | SMALL_CONFIGURATION),
    SMALL_ALL & ~(SMALL_FOOTERS | SMALL_UNKNOWN | SMALL_MISFIT | SMALL_PACKAGE),
    SMALL_ALL & ~SMALL_DESCRIPTION,
};

static guint32 rounds(void)
{
    const char *text = getenv("BERMIG_HOSTILE_ROUNDS");

    return text ? (guint32)strtoul(text, NULL, 10) : ROUNDS;
}

/* Of this process: others may keep the machine busy. */
static double seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

typedef GByteArray *(*Mutate)(BmOctets, guint32);
typedef gboolean (*Check)(BmOctets);

static guint32 check_changes(BmOctets octets, Mutate mutate, Check check, guint32 first)
{
    guint32 accepted = 0;

    for (guint32 i = 0; i < rounds(); i++) {
        GByteArray *changed = mutate(octets, first + i);
        double before = seconds(), took;

        cr_assert_leq(changed->len, 1u << 20);
        accepted += (guint32)check((BmOctets){changed->data, changed->len});
        took = seconds() - before;
        cr_assert_leq(took, SECONDS_MAX, "seed %u took %.1f s", first + i, took);
        g_byte_array_unref(changed);
    }
    return accepted;
}

static void check_memory(void)
{
    struct rusage usage;

    cr_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
    cr_expect_leq(usage.ru_maxrss, MEMORY_MAX_KIB, "%ld KiB", usage.ru_maxrss);
}

/* With nothing accepted, or all, the changes would not be worth much. */
static void check_share(guint32 accepted, guint32 all)
{
    cr_expect_gt(accepted, all / 100, "%u of %u were accepted", accepted, all);
    cr_expect_lt(accepted, all - all / 10, "%u of %u were accepted", accepted, all);
}

Test(changed, ber_streams_do_no_harm, .timeout = 600)
{
    guint32 accepted = 0;

    for (guint32 i = 0; i < G_N_ELEMENTS(variants); i++) {
        SmallStream s = small_stream(variants[i]);
        Passage ber = legacy_to_ber(small_stream_octets(&s));

        cr_assert(ber.ok);
        accepted += check_changes(ber.octets, mutate_ber, check_ber_octets, i * 1000003);
        passage_clear(&ber);
        small_stream_clear(&s);
    }
    check_share(accepted, rounds() * (guint32)G_N_ELEMENTS(variants));
    check_memory();
}

Test(changed, legacy_streams_do_no_harm, .timeout = 600)
{
    guint32 accepted = 0;

    for (guint32 i = 0; i < G_N_ELEMENTS(variants); i++) {
        SmallStream s = small_stream(variants[i]);

        accepted +=
            check_changes(small_stream_octets(&s), mutate_legacy, check_legacy_octets, i * 1000003);
        small_stream_clear(&s);
    }
    check_share(accepted, rounds() * (guint32)G_N_ELEMENTS(variants));
    check_memory();
}

/* A stream that nobody has changed is repaired into itself. */
Test(changed, nothing_is_repaired_in_a_good_stream)
{
    SmallStream s = small_stream(SMALL_ALL);
    Passage ber = legacy_to_ber(small_stream_octets(&s));
    GByteArray *copy = g_byte_array_new();

    g_byte_array_append(copy, ber.octets.data, (guint)ber.octets.len);
    repair_ber(copy);
    cr_expect(same_octets(ber.octets, (BmOctets){copy->data, copy->len}));
    g_byte_array_unref(copy);
    passage_clear(&ber);
    small_stream_clear(&s);
}
