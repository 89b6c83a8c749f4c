/* SPDX-License-Identifier: BSD-2-Clause */
#include "dirty.h"

#define WORD_BITS 64u

void bm_dirty_init(BmDirty *d, uint64_t length, uint64_t unit, uint64_t *count)
{
    *d = (BmDirty){.length = length, .unit = unit, .count = count};
    d->units = length / unit + (length % unit != 0);
}

void bm_dirty_clear(BmDirty *d)
{
    g_clear_pointer(&d->bits, g_free);
}

/* The bits stay for as long as what they are of: a thread that marks need not know
 * whether anybody saves. */
gboolean bm_dirty_track(BmDirty *d)
{
    if (!d->bits) {
        uint64_t *bits = g_try_new0(uint64_t, d->units / WORD_BITS + 1);

        if (!bits) {
            return FALSE;
        }
        __atomic_store_n(&d->bits, bits, __ATOMIC_RELEASE);
    }
    bm_dirty_mark(d, 0, d->length);
    return TRUE;
}

/* Bits [first, last] of one word. */
static uint64_t word_mask(uint64_t first, uint64_t last)
{
    return (UINT64_MAX << first) & (UINT64_MAX >> (WORD_BITS - 1 - last));
}

void bm_dirty_mark(BmDirty *d, uint64_t offset, uint64_t length)
{
    uint64_t *bits = __atomic_load_n(&d->bits, __ATOMIC_ACQUIRE);
    uint64_t unit, last, added = 0;

    if (!bits || length == 0 || offset >= d->length) {
        return;
    }
    unit = offset / d->unit;
    last = (offset + (MIN(length, d->length - offset) - 1)) / d->unit;
    while (unit <= last) {
        uint64_t word = unit / WORD_BITS, end = MIN(last, word * WORD_BITS + WORD_BITS - 1);
        uint64_t mask = word_mask(unit % WORD_BITS, end % WORD_BITS);
        uint64_t before = __atomic_fetch_or(&bits[word], mask, __ATOMIC_RELEASE);

        added += (uint64_t)__builtin_popcountll(mask & ~before);
        unit = end + 1;
    }
    __atomic_add_fetch(d->count, added, __ATOMIC_RELAXED);
}

/* Those of a word that are dirty from bit `first` on without a gap, at most `most`. */
static uint64_t dirty_in_word(uint64_t word, uint64_t first, uint64_t most)
{
    uint64_t clean = ~(word >> first);
    uint64_t n = clean == 0 ? WORD_BITS : (uint64_t)__builtin_ctzll(clean);

    return MIN(MIN(n, WORD_BITS - first), most);
}

uint64_t bm_dirty_clean(BmDirty *d, uint64_t first, uint64_t most)
{
    uint64_t n = 0, bit, here;

    most = MIN(most, d->units - first);
    do {
        uint64_t *word = &d->bits[(first + n) / WORD_BITS];

        bit = (first + n) % WORD_BITS;
        here = dirty_in_word(__atomic_load_n(word, __ATOMIC_RELAXED), bit, most - n);
        if (here > 0) {
            /* Nobody else cleans, so these are still set. */
            __atomic_fetch_and(word, ~word_mask(bit, bit + here - 1), __ATOMIC_ACQ_REL);
        }
        n += here;
    } while (n < most && bit + here == WORD_BITS);
    __atomic_sub_fetch(d->count, n, __ATOMIC_RELAXED);
    return n;
}

uint64_t bm_dirty_next(const BmDirty *d, uint64_t unit)
{
    while (unit < d->units) {
        uint64_t word =
            __atomic_load_n(&d->bits[unit / WORD_BITS], __ATOMIC_RELAXED) >> unit % WORD_BITS;

        if (word != 0) {
            return unit + (uint64_t)__builtin_ctzll(word);
        }
        unit += WORD_BITS - unit % WORD_BITS;
    }
    return d->units;
}

/* A unit may be cleaned before its marking was counted: then it is as if there
 * were less than none. */
uint64_t bm_dirty_count(const uint64_t *count)
{
    uint64_t n = __atomic_load_n(count, __ATOMIC_RELAXED);

    return n > INT64_MAX ? 0 : n;
}
