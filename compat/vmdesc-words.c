/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmdesc-words.h"

#define WORD(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define KEYS(colon)                                                                                \
    {                                                                                              \
        [BM_KEY_ARRAY_LEN] = WORD("\"array_len\"" colon),                                          \
        [BM_KEY_CONFIGURATION] = WORD("\"configuration\"" colon),                                  \
        [BM_KEY_DEVICES] = WORD("\"devices\"" colon), [BM_KEY_FIELDS] = WORD("\"fields\"" colon),  \
        [BM_KEY_INDEX] = WORD("\"index\"" colon),                                                  \
        [BM_KEY_INSTANCE_ID] = WORD("\"instance_id\"" colon),                                      \
        [BM_KEY_NAME] = WORD("\"name\"" colon), [BM_KEY_PAGE_SIZE] = WORD("\"page_size\"" colon),  \
        [BM_KEY_SIZE] = WORD("\"size\"" colon), [BM_KEY_STRUCT] = WORD("\"struct\"" colon),        \
        [BM_KEY_SUBSECTIONS] = WORD("\"subsections\"" colon),                                      \
        [BM_KEY_TYPE] = WORD("\"type\"" colon), [BM_KEY_VERSION] = WORD("\"version\"" colon),      \
        [BM_KEY_VMSD_NAME] = WORD("\"vmsd_name\"" colon),                                          \
    }

/* QEMU <= 5.2 puts blanks around everything, also inside what is empty ("[  ]"); later ones do
 * not. */
static const BmVmdescWords words[] = {
    [BM_STYLE_SPACED] = {WORD("{ "), WORD(" }"), WORD("[ "), WORD(" ]"), WORD(", "), KEYS(" : ")},
    [BM_STYLE_COMPACT] = {WORD("{"), WORD("}"), WORD("["), WORD("]"), WORD(", "), KEYS(": ")},
};

const BmVmdescWords *bm_vmdesc_words(BmStyle style)
{
    return &words[style];
}

/* Blank to tilde, without the quote and the backslash. */
static const gboolean plain[256] = {
    [0x20 ... 0x21] = TRUE,
    [0x23 ... 0x5b] = TRUE,
    [0x5d ... 0x7e] = TRUE,
};

size_t bm_vmdesc_plain(const char *text, size_t most)
{
    size_t n = 0;

    while (n < most && plain[(uint8_t)text[n]]) {
        n++;
    }
    return n;
}
