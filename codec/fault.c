/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "fault.h"

bool bm_fault_set(BmFault *fault, BmCode code, uint64_t offset, const char *what, uint64_t expected,
                  uint64_t got)
{
    if (fault->code == BM_OK) {
        *fault = (BmFault){code, offset, what, expected, got};
    }
    return false;
}

const char *bm_code_name(BmCode code)
{
    /* No default: the compiler names a code that is missing here. */
    switch (code) {
    case BM_OK:
        return "no fault";
    case BM_TRUNCATED:
        return "truncated";
    case BM_IO:
        return "input/output error";
    case BM_BAD_TAG:
        return "unexpected tag";
    case BM_BAD_LENGTH:
        return "bad length";
    case BM_BAD_VALUE:
        return "bad value";
    case BM_TRAILING:
        return "trailing octets";
    case BM_LIMIT:
        return "limit exceeded";
    case BM_BAD_DIGEST:
        return "checksum mismatch";
    case BM_NO_MEMORY:
        return "out of memory";
    case BM_NOT_RECOGNISED:
        return "format not recognised";
    case BM_BAD_VERSION:
        return "unknown version";
    case BM_BAD_ORDER:
        return "record out of order";
    case BM_UNKNOWN:
        return "unknown element";
    case BM_MISMATCH:
        return "mismatch";
    case BM_DUPLICATE:
        return "duplicate";
    case BM_REFUSED:
        return "not supported";
    case BM_PEER:
        return "peer failed";
    }
    return "unknown fault";
}
