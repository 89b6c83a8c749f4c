/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

#define MAP(...) .octets = {__VA_ARGS__}, .len = sizeof((uint8_t[]){__VA_ARGS__})

Test(map, runs_have_listed_octets)
{
    static const struct {
        uint64_t next;
        BmPageRun run;
        uint8_t octets[BM_PAGE_RUN_MAX];
        size_t len;
    } list[] = {
        {0, {0, 1, false}, MAP(0x00)},
        {0, {0, 1, true}, MAP(0x02)},
        {0, {0, 2, false}, MAP(0x01, 0x00)},
        {7, {7, 129, true}, MAP(0x03, 0x7f)},
        {7, {7, 130, true}, MAP(0x03, 0x81, 0x00)},
        {7, {22, 1, false}, MAP(0x78)},
        {7, {23, 1, false}, MAP(0x81, 0x00)},
        {7, {5, 1, false}, MAP(0x14)},
        {7, {0, 2, true}, MAP(0x3f, 0x00)},
        {0, {4096, 1, true}, MAP(0x82, 0x80, 0x02)},
        {0,
         {0, UINT64_MAX, false},
         MAP(0x01, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7d)},
        {0,
         {UINT64_MAX >> 3, 1, true},
         MAP(0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7a)},
        {UINT64_MAX - 1, {UINT64_MAX - 1, 1, false}, MAP(0x00)},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        BmFault fault = {0};
        BmView view = bm_view(list[i].octets, list[i].len, 0, &fault);
        uint64_t next = list[i].next;
        uint8_t p[BM_PAGE_RUN_MAX];
        BmPageRun run;

        cr_assert_eq(bm_page_map_put(p, next, &list[i].run), list[i].len, "case %zu", i);
        cr_assert_arr_eq(p, list[i].octets, list[i].len);
        cr_assert(bm_page_map_get(&view, &next, &run));
        cr_assert_eq(run.page, list[i].run.page);
        cr_assert_eq(run.count, list[i].run.count);
        cr_assert_eq(run.zero, list[i].run.zero);
        cr_assert_eq(next, run.page + run.count);
        cr_assert_eq(view.len, 0);
    }
}

Test(map, runs_that_cannot_be_expressed_are_not_written)
{
    uint8_t p[BM_PAGE_RUN_MAX];

    cr_assert_eq(bm_page_map_put(p, 0, &(BmPageRun){0, 0, false}), 0);
    cr_assert_eq(bm_page_map_put(p, 0, &(BmPageRun){1ull << 61, 1, false}), 0);
    cr_assert_eq(bm_page_map_put(p, 9, &(BmPageRun){9, UINT64_MAX - 8, false}), 0);
}

Test(map, wrong_octets_are_refused)
{
    static const struct {
        uint64_t next;
        uint8_t octets[BM_PAGE_RUN_MAX];
        size_t len;
        BmCode code;
    } list[] = {
        {0, MAP(0x81), BM_TRUNCATED},
        {0, MAP(0x01), BM_TRUNCATED},
        {0, MAP(0x01, 0x80), BM_BAD_VALUE},
        {0, MAP(0x80, 0x00), BM_BAD_VALUE},
        /* 65 bits: by one more group, and by the first group */
        {0, MAP(0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), BM_BAD_VALUE},
        {0, MAP(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), BM_BAD_VALUE},
        /* a gap of 0 backwards; before the first page */
        {9, MAP(0x04), BM_BAD_VALUE},
        {3, MAP(0x24), BM_BAD_VALUE},
        /* past the last page: gap, count, both */
        {UINT64_MAX - 1, MAP(0x08), BM_BAD_VALUE},
        {UINT64_MAX, MAP(0x00), BM_BAD_VALUE},
        {UINT64_MAX - 1, MAP(0x01, 0x00), BM_BAD_VALUE},
        {0, MAP(0x01, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7e), BM_BAD_VALUE},
        {UINT64_MAX - 9, MAP(0x11, 0x06), BM_BAD_VALUE},
    };

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        BmFault fault = {0};
        BmView view = bm_view(list[i].octets, list[i].len, 50, &fault);
        uint64_t next = list[i].next;
        BmPageRun run = {77, 77, true};

        cr_assert_not(bm_page_map_get(&view, &next, &run), "case %zu", i);
        cr_assert_eq(fault.code, list[i].code, "case %zu: %s", i, bm_code_name(fault.code));
        cr_assert(next == list[i].next && run.page == 77 && view.offset == 50);
    }
}

static uint64_t random_number(void)
{
    uint64_t value = (uint64_t)random() << 31 ^ (uint64_t)random();

    return value >> random() % 62;
}

Test(map, random_runs_go_both_ways)
{
    enum { RUNS = 200 };
    BmPageRun runs[RUNS];
    uint8_t map[RUNS * BM_PAGE_RUN_MAX];

    srandom(5);
    for (unsigned round = 0; round < 500; round++) {
        uint64_t first = random_number() >> 4;
        uint64_t next = first;
        BmFault fault = {0};
        size_t len = 0;

        for (unsigned i = 0; i < RUNS; i++) {
            /* At most 2^55 each, so that no sum of them overflows. */
            uint64_t gap = random_number() >> 7;
            uint64_t page = random() % 4 == 0 && gap <= next ? next - gap : next + gap;

            runs[i] = (BmPageRun){page, 1 + (random_number() >> 7), random() % 2 == 0};
            size_t n = bm_page_map_put(map + len, next, &runs[i]);
            cr_assert(n > 0 && n <= BM_PAGE_RUN_MAX);
            next = runs[i].page + runs[i].count;
            len += n;
        }
        BmView view = bm_view(map, len, 0, &fault);
        next = first;
        for (unsigned i = 0; i < RUNS; i++) {
            BmPageRun run;
            cr_assert(bm_page_map_get(&view, &next, &run));
            cr_assert(run.page == runs[i].page && run.count == runs[i].count &&
                      run.zero == runs[i].zero);
        }
        cr_assert(bm_view_end(&view, "map"));
    }
}

/* What a map says has one form: octets that are read are written the same. */
Test(map, random_octets_have_one_form)
{
    unsigned read = 0;

    srandom(6);
    for (unsigned round = 0; round < 100000; round++) {
        uint8_t octets[6], again[BM_PAGE_RUN_MAX];
        BmFault fault = {0};
        uint64_t next = 1000;
        BmPageRun run;

        for (size_t i = 0; i < sizeof(octets); i++) {
            octets[i] = (uint8_t)random();
        }
        BmView view = bm_view(octets, sizeof(octets), 0, &fault);
        if (bm_page_map_get(&view, &next, &run)) {
            size_t n = bm_page_map_put(again, 1000, &run);
            cr_assert_eq(n, sizeof(octets) - view.len);
            cr_assert_arr_eq(again, octets, n);
            read++;
        }
    }
    cr_assert_gt(read, 10000);
}
