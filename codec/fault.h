/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults: what was wrong, where, what was expected.
 *
 * The codec allocates no text: it fills a BmFault.  The first fault wins; all
 * that is called afterwards on the same view or writer fails at once, so a
 * chain of calls needs one check at its end.
 */
#ifndef BM_FAULT_H
#define BM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* Stable numbers: never reused, never renumbered. */
typedef enum BmCode {
    BM_OK = 0,
    /* the octets */
    BM_TRUNCATED = 100,  /* the input ends inside something */
    BM_IO = 101,         /* read or write failed; `got` is errno */
    BM_BAD_TAG = 102,    /* another tag than the one expected */
    BM_BAD_LENGTH = 103, /* not a minimal definite length, or longer than its parent */
    BM_BAD_VALUE = 104,  /* content octets that its type does not allow */
    BM_TRAILING = 105,   /* octets after the end of something */
    BM_LIMIT = 106,      /* beyond a number of limits.h */
    BM_BAD_DIGEST = 107, /* a checksum does not match */
    BM_NO_MEMORY = 108,
    /* the stream */
    BM_NOT_RECOGNISED = 200, /* neither BER of this format nor a QEMU stream */
    BM_BAD_VERSION = 201,    /* a version this reader does not know */
    BM_BAD_ORDER = 202,      /* a record where it must not be */
    BM_UNKNOWN = 203,        /* a critical extension, an unknown record, schema, section */
    BM_MISMATCH = 204,       /* values that do not fit their description */
    BM_DUPLICATE = 205,
    BM_REFUSED = 206, /* understood, and not supported: the text says what */
    BM_PEER = 207     /* the other end gave up, or did not confirm */
} BmCode;

typedef struct BmFault {
    BmCode code;       /* BM_OK: no fault */
    uint64_t offset;   /* from the start of the input */
    const char *what;  /* static text: what was read or written */
    uint64_t expected; /* tag, length, limit or checksum; meaning by code */
    uint64_t got;
} BmFault;

/* Keeps the first fault.  Always returns false, so callers can return it. */
bool bm_fault_set(BmFault *fault, BmCode code, uint64_t offset, const char *what, uint64_t expected,
                  uint64_t got);

/* A short fixed text for a code, "truncated" for BM_TRUNCATED; never NULL. */
const char *bm_code_name(BmCode code);

#endif
