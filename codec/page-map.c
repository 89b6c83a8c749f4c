/* SPDX-License-Identifier: BSD-2-Clause */
#include "pages.h"

static const char what[] = "page map";

/* Base 128 as X.690 8.19.2 has it: most significant group first, bit 8 set in
 * all octets but the last. */
static size_t put_number(uint8_t *p, uint64_t value)
{
    size_t n = 0;

    for (unsigned shift = 63; shift > 0; shift -= 7) {
        if (value >> shift) {
            p[n++] = (uint8_t)(0x80 | (value >> shift));
        }
    }
    p[n++] = value & 0x7f;
    return n;
}

size_t bm_page_map_put(uint8_t *p, uint64_t next, const BmPageRun *run)
{
    bool back = run->page < next;
    uint64_t gap = back ? next - run->page : run->page - next;

    if (run->count == 0 || run->count > UINT64_MAX - run->page || gap > UINT64_MAX >> 3) {
        return 0;
    }
    bool many = run->count > 1;
    size_t n = put_number(p, gap << 3 | (uint64_t)back << 2 | (uint64_t)run->zero << 1 | many);
    if (many) {
        n += put_number(p + n, run->count - 2);
    }
    return n;
}

/* X.690 8.19.2: the first octet is not 80, so each number has one form. */
static bool get_number(BmView *map, uint64_t *out)
{
    uint64_t offset = map->offset;
    uint64_t value = 0;
    const uint8_t *p;

    do {
        if (!bm_view_take(map, 1, what, &p)) {
            return false;
        }
        if ((value == 0 && *p == 0x80) || value > UINT64_MAX >> 7) {
            return bm_fault_set(map->fault, BM_BAD_VALUE, offset, what, 0, *p);
        }
        value = value << 7 | (*p & 0x7f);
    } while (*p & 0x80);
    *out = value;
    return true;
}

bool bm_page_map_get(BmView *map, uint64_t *next, BmPageRun *run)
{
    BmView v = *map;
    uint64_t head;
    uint64_t more = 0;

    if (!get_number(&v, &head) || ((head & 1) && !get_number(&v, &more))) {
        return false;
    }
    uint64_t gap = head >> 3;
    bool back = (head & 4) != 0;
    /* A gap of 0 is written one way only, and page 0 is the first there is. */
    if (back ? gap == 0 || gap > *next : gap > UINT64_MAX - *next) {
        return bm_fault_set(map->fault, BM_BAD_VALUE, map->offset, what, *next, gap);
    }
    uint64_t page = back ? *next - gap : *next + gap;
    uint64_t fixed = head & 1 ? 2 : 1;
    if (fixed > UINT64_MAX - page || more > UINT64_MAX - page - fixed) {
        return bm_fault_set(map->fault, BM_BAD_VALUE, map->offset, what, UINT64_MAX - page, more);
    }
    *run = (BmPageRun){page, more + fixed, (head & 2) != 0};
    *next = run->page + run->count;
    *map = v;
    return true;
}
