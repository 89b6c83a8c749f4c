/* SPDX-License-Identifier: BSD-2-Clause */
/* Views end at a page that cannot be read, so one octet too far ends the test. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec.h"

static size_t page_len;
static uint8_t *pages; /* two; the second one cannot be read */

static void setup(void)
{
    page_len = (size_t)sysconf(_SC_PAGESIZE);
    pages = mmap(NULL, 2 * page_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(pages, MAP_FAILED);
    cr_assert_eq(mprotect(pages + page_len, page_len, PROT_NONE), 0);
}

static void teardown(void)
{
    munmap(pages, 2 * page_len);
}

/* The octets, right before the end. */
static const uint8_t *at_edge(const void *octets, size_t len)
{
    memcpy(pages + page_len - len, octets, len);
    return pages + page_len - len;
}

/* All typed reads, each on a view of its own. */
static void read_all_ways(const uint8_t *p, size_t len)
{
    static const BmTag tags[] = {BM_TAG_BOOLEAN, BM_TAG_INTEGER, BM_TAG_OCTETS,
                                 BM_TAG_NULL,    BM_TAG_UTF8,    BM_TAG_CONTEXT(0)};

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        for (unsigned way = 0; way < 9; way++) {
            BmFault fault = {0};
            BmView view = bm_view(p, len, 0, &fault);
            BmView content;
            BmOctets octets;
            uint64_t u;
            int64_t s;
            bool b;
            BmTag tag;

            switch (way) {
            case 0:
                bm_view_boolean(&view, tags[i], "", &b);
                break;
            case 1:
                bm_view_unsigned(&view, tags[i], "", UINT64_MAX, &u);
                break;
            case 2:
                bm_view_signed(&view, tags[i], "", &s);
                break;
            case 3:
                bm_view_null(&view, tags[i], "");
                break;
            case 4:
                bm_view_octets(&view, tags[i], "", SIZE_MAX, &octets);
                break;
            case 5:
                bm_view_name(&view, tags[i], "", &octets);
                break;
            case 6:
                bm_view_explicit(&view, tags[i], BM_TAG_UTF8, "", SIZE_MAX, &octets);
                break;
            case 7:
                bm_view_optional(&view, tags[i], "", &b, &content);
                break;
            default:
                bm_view_peek(&view, &tag);
                bm_view_any(&view, "", &tag, &content);
            }
        }
    }
}

Test(edge, is_not_crossed_by_cut_elements, .init = setup, .fini = teardown)
{
    static const char *const elements[] = {
        "\x01\x01\xff",
        "\x02\x04\x7f\xff\xff\xff",
        "\x04\x03\x61\x62\x63",
        "\x05\x00",
        "\x0c\x04\xf0\x90\x80\x80",
        "\xa0\x05\x0c\x03\xe1\x80\x80",
        "\x9f\xff\xff\x7f\x01",
        "\x04\x88\x01\x02\x03\x04\x05\x06\x07\x08",
    };

    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
        for (size_t len = 0; len <= strlen(elements[i]); len++) {
            read_all_ways(at_edge(elements[i], len), len);
        }
    }
}

Test(edge, is_not_crossed_by_random_octets, .init = setup, .fini = teardown)
{
    srandom(1);
    for (unsigned run = 0; run < 20000; run++) {
        uint8_t octets[12];
        size_t len = (size_t)random() % (sizeof(octets) + 1);

        for (size_t i = 0; i < len; i++) {
            octets[i] = (uint8_t)random();
        }
        if (len > 1 && run % 2 == 0) { /* a tag and length that make some sense */
            octets[0] = (uint8_t) "\x01\x02\x04\x05\x0c\x80\xa0\x9f"[random() % 8];
            octets[1] = (uint8_t)(random() % 12);
        }
        read_all_ways(at_edge(octets, len), len);
    }
}

Test(edge, is_not_crossed_by_cut_maps, .init = setup, .fini = teardown)
{
    static const uint8_t map[] = {0x81, 0x81, 0x05, 0xff, 0xff};

    for (size_t len = 0; len <= sizeof(map); len++) {
        BmFault fault = {0};
        BmView view = bm_view(at_edge(map, len), len, 0, &fault);
        uint64_t next = 0;
        BmPageRun run;

        while (bm_page_map_get(&view, &next, &run)) {
        }
        cr_assert_eq(fault.code, BM_TRUNCATED);
    }
}
