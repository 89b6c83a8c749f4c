/* SPDX-License-Identifier: BSD-2-Clause */
#include "zero.h"

#include <string.h>

static bool always(void)
{
    return true;
}

/* Portable, and what the others do with less than one of their blocks. */
static bool is_zero_words(const uint8_t *data, size_t len)
{
    uint64_t word, rest = 0;
    size_t i = 0;

    for (; len - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, data + i, sizeof(word));
        if (word != 0) {
            return false;
        }
    }
    for (; i < len; i++) {
        rest |= data[i];
    }
    return rest == 0;
}

/* Four vectors at once; the last block overlaps the one before it where the length
 * is no multiple, so that nothing is left for a slower loop. */
#define DEFINE_VARIANT(name, target, Vector, load, or, is_none)                                    \
    target static bool name(const uint8_t *data, size_t len)                                       \
    {                                                                                              \
        const size_t block = 4 * sizeof(Vector);                                                   \
                                                                                                   \
        if (len < block) {                                                                         \
            return is_zero_words(data, len);                                                       \
        }                                                                                          \
        for (size_t i = 0;; i += block) {                                                          \
            const uint8_t *p = data + (i < len - block ? i : len - block);                         \
            Vector first = or (load(p), load(p + sizeof(Vector)));                                 \
            Vector second = or (load(p + 2 * sizeof(Vector)), load(p + 3 * sizeof(Vector)));       \
                                                                                                   \
            if (!is_none(or (first, second))) {                                                    \
                return false;                                                                      \
            }                                                                                      \
            if (i >= len - block) {                                                                \
                return true;                                                                       \
            }                                                                                      \
        }                                                                                          \
    }

#if defined(__x86_64__)
#include <immintrin.h>

#define LOAD_512(p) _mm512_loadu_si512(p)
#define NONE_512(v) (_mm512_test_epi64_mask(v, v) == 0)
#define LOAD_256(p) _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define NONE_256(v) (_mm256_testz_si256(v, v) != 0)
#define LOAD_128(p) _mm_loadu_si128((const __m128i *)(const void *)(p))
#define NONE_128(v) (_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128())) == 0xffff)

DEFINE_VARIANT(is_zero_avx512, __attribute__((target("avx512f"))), __m512i, LOAD_512,
               _mm512_or_si512, NONE_512)
DEFINE_VARIANT(is_zero_avx2, __attribute__((target("avx2"))), __m256i, LOAD_256, _mm256_or_si256,
               NONE_256)
DEFINE_VARIANT(is_zero_sse2, , __m128i, LOAD_128, _mm_or_si128, NONE_128)

/* These ask the operating system too whether it keeps the registers. */
static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f");
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}
#elif defined(__aarch64__)
#include <arm_neon.h>

#define NONE_NEON(v) (vmaxvq_u8(v) == 0)

DEFINE_VARIANT(is_zero_neon, , uint8x16_t, vld1q_u8, vorrq_u8, NONE_NEON)
#endif

const BmZeroVariant bm_zero_variants[] = {
#if defined(__x86_64__)
    {"avx512", is_zero_avx512, has_avx512},
    {"avx2", is_zero_avx2, has_avx2},
    {"sse2", is_zero_sse2, always},
#elif defined(__aarch64__)
    {"neon", is_zero_neon, always},
#endif
    {"words", is_zero_words, always},
};
const size_t bm_zero_n_variants = sizeof(bm_zero_variants) / sizeof(bm_zero_variants[0]);

static const BmZeroVariant *widest(void)
{
    const BmZeroVariant *variant = bm_zero_variants;

    while (!variant->usable()) {
        variant++;
    }
    return variant;
}

static const BmZeroVariant *chosen(void)
{
    static const BmZeroVariant *kept;
    /* Two threads that come first both find the same one. */
    const BmZeroVariant *variant = __atomic_load_n(&kept, __ATOMIC_ACQUIRE);

    if (variant == NULL) {
        variant = widest();
        __atomic_store_n(&kept, variant, __ATOMIC_RELEASE);
    }
    return variant;
}

bool bm_is_zero(const void *data, size_t len)
{
    return chosen()->is_zero(data, len);
}

const char *bm_zero_chosen(void)
{
    return chosen()->name;
}
