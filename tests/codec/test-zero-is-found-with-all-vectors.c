/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each way to look for zeros against all alignments, lengths around its blocks and
 * positions of a single octet, between two pages that nobody may touch.
 */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>

#include "zero.h"

#define PAGE 4096u
#define LENGTH_MAX 600u /* two of the largest blocks, and some */
#define ALIGNMENTS 64u

static uint8_t *mapped, *page;

static void setup(void)
{
    mapped = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(mapped, MAP_FAILED);
    page = mapped + PAGE;
    cr_assert_eq(mprotect(page, PAGE, PROT_READ | PROT_WRITE), 0);
}

static void teardown(void)
{
    munmap(mapped, 3 * PAGE);
}

TestSuite(zero, .init = setup, .fini = teardown);

/* Octets around must not count, each octet inside must. */
static void check_positions(const BmZeroVariant *variant, uint8_t *data, size_t len)
{
    memset(page, 0xff, PAGE);
    memset(data, 0, len);
    cr_assert(variant->is_zero(data, len), "%s, %zu octets", variant->name, len);
    for (size_t at = 0; at < len; at++) {
        data[at] = (uint8_t)(1u << at % 8);
        cr_assert_not(variant->is_zero(data, len), "%s, octet %zu of %zu", variant->name, at, len);
        data[at] = 0;
    }
}

static void check_alignments(const BmZeroVariant *variant)
{
    for (size_t len = 0; len <= LENGTH_MAX; len += len < 72 ? 1 : 31) {
        for (size_t align = 0; align < ALIGNMENTS; align++) {
            check_positions(variant, page + align, len);
            check_positions(variant, page + PAGE - align - len, len);
        }
    }
}

static void check_pages(const BmZeroVariant *variant)
{
    check_positions(variant, page, PAGE);
}

static void each_usable(void (*check)(const BmZeroVariant *))
{
    for (size_t i = 0; i < bm_zero_n_variants; i++) {
        if (bm_zero_variants[i].usable()) {
            check(&bm_zero_variants[i]);
        }
    }
}

Test(zero, is_found_at_all_alignments)
{
    each_usable(check_alignments);
}

Test(zero, is_found_in_whole_pages)
{
    each_usable(check_pages);
}

Test(zero, can_be_found_on_any_processor)
{
    cr_assert_geq(bm_zero_n_variants, 1);
    cr_expect(bm_zero_variants[bm_zero_n_variants - 1].usable());
}

static bool ask(const uint8_t *data, size_t len)
{
    return bm_is_zero(data, len);
}

Test(zero, is_what_the_chosen_one_says)
{
    const BmZeroVariant chosen = {.name = "chosen", .is_zero = ask};

    cr_expect(bm_is_zero(NULL, 0));
    check_positions(&chosen, page + 1, LENGTH_MAX);
}
