/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "pages.h"

/* SPEC.md 7.5: ULEB128 of one or two octets. */
static bool take_count(BmView *delta, size_t *count)
{
    const uint8_t *p;

    if (!bm_view_take(delta, 1, "a count of an xbzrle page", &p)) {
        return false;
    }
    *count = p[0] & 0x7f;
    if (p[0] < 0x80) {
        return true;
    }
    if (!bm_view_take(delta, 1, "a count of an xbzrle page", &p)) {
        return false;
    }
    if (p[0] >= 0x80) {
        return bm_fault_set(delta->fault, BM_BAD_VALUE, delta->offset - 1,
                            "the second octet of a count of an xbzrle page", 0x7f, p[0]);
    }
    *count |= (size_t)p[0] << 7;
    return true;
}

/* A count of octets of the page, `left` of which are still to come. */
static bool take_run(BmView *delta, size_t least, size_t left, size_t *count)
{
    uint64_t offset = delta->offset;

    if (!take_count(delta, count)) {
        return false;
    }
    if (*count < least) {
        return bm_fault_set(delta->fault, BM_BAD_VALUE, offset, "a count of an xbzrle page", least,
                            *count);
    }
    if (*count > left) {
        return bm_fault_set(delta->fault, BM_LIMIT, offset, "octets of an xbzrle page", left,
                            *count);
    }
    return true;
}

bool bm_xbzrle_apply(uint8_t *page, size_t size, BmView delta)
{
    size_t at = 0, same, changed;
    const uint8_t *data;

    while (delta.len > 0) {
        if (!take_run(&delta, at == 0 ? 0 : 1, size - at, &same) ||
            !take_run(&delta, 1, size - at - same, &changed) ||
            !bm_view_take(&delta, changed, "the octets of an xbzrle page", &data)) {
            return false;
        }
        memcpy(page + at + same, data, changed);
        at += same + changed;
    }
    return true;
}
