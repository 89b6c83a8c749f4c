/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of QEMU's JSON description, for who writes it and who reads it as it was written.
 */
#ifndef BM_VMDESC_WORDS_H
#define BM_VMDESC_WORDS_H

#include "stream.h"

typedef enum BmVmdescKey {
    BM_KEY_ARRAY_LEN,
    BM_KEY_CONFIGURATION,
    BM_KEY_DEVICES,
    BM_KEY_FIELDS,
    BM_KEY_INDEX,
    BM_KEY_INSTANCE_ID,
    BM_KEY_NAME,
    BM_KEY_PAGE_SIZE,
    BM_KEY_SIZE,
    BM_KEY_STRUCT,
    BM_KEY_SUBSECTIONS,
    BM_KEY_TYPE,
    BM_KEY_VERSION,
    BM_KEY_VMSD_NAME,
    BM_KEYS
} BmVmdescKey;

typedef struct BmVmdescWord {
    const char *text;
    size_t len;
} BmVmdescWord;

typedef struct BmVmdescWords {
    BmVmdescWord open_object, close_object, open_array, close_array, comma;
    BmVmdescWord keys[BM_KEYS]; /* with quotes and the colon behind them */
} BmVmdescWords;

const BmVmdescWords *bm_vmdesc_words(BmStyle style);

/* How many octets at the beginning of `text` are plain ASCII, which nobody escapes; `most`: octets
 * to look at. */
size_t bm_vmdesc_plain(const char *text, size_t most);

#endif
