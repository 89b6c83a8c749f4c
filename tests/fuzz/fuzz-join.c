/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any octets as a main stream and its channels, one behind the other.  No page gets through
 * that lies not in the blocks of the main stream (apart.h), what is taken is one stream of
 * which all holds that holds of others, and the same streams become the same one again.
 */
#include <string.h>

#include "apart.h"
#include "entry.h"
#include "mutate.h"
#include "passage.h"
#include "small-stream.h"

static BmOutput *join(const Apart *apart, gboolean *ok)
{
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_stream_out(out, 0, NULL);
    g_autoptr(GError) error = NULL;

    *ok = apart_join(apart, TRUE, s, &error);
    g_assert(*ok == (error == NULL));
    bm_stream_free(s);
    return out;
}

static void check_order_does_not_matter(const Apart *apart)
{
    BmStreamVisitor *s = bm_null_stream();
    g_autoptr(GError) error = NULL;
    gboolean ok = apart_join(apart, FALSE, s, &error);

    g_assert(ok == (error == NULL));
    bm_stream_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Apart apart = apart_split((BmOctets){data, size});
    gboolean ok, again;
    BmOutput *one = join(&apart, &ok), *two = join(&apart, &again);

    g_assert(ok == again);
    if (ok) {
        g_assert(same_octets(bm_output_memory_data(one), bm_output_memory_data(two)));
        g_assert(check_ber_octets(bm_output_memory_data(one)));
    }
    check_order_does_not_matter(&apart);
    bm_output_free(one);
    bm_output_free(two);
    apart_clear(&apart);
    return 0;
}

/* ---- changes ---- */

static GByteArray *mutate_octets(const GByteArray *stream)
{
    size_t room = stream->len + 256;
    uint8_t *data = g_malloc(room);
    size_t size;

    memcpy(data, stream->data, stream->len);
    size = LLVMFuzzerMutate(data, stream->len, room);
    GByteArray *changed = g_byte_array_new_take(data, size);
    repair_ber(changed);
    return changed;
}

/* One of the streams is changed, or comes where another one was. */
static void change(Apart *apart, unsigned seed)
{
    GByteArray **at = &apart->streams[seed / 8 % apart->n];
    const GByteArray *from = seed % 8 == 0 ? apart->streams[seed / 64 % apart->n] : *at;
    GByteArray *changed = seed % 8 == 0
                              ? g_byte_array_append(g_byte_array_new(), from->data, from->len)
                          : seed % 2 == 0 ? mutate_ber((BmOctets){from->data, from->len}, seed)
                                          : mutate_octets(from);

    g_byte_array_unref(*at);
    *at = changed;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    Apart apart = apart_split((BmOctets){data, size});
    GByteArray *all;

    if (apart.n == 0) {
        return LLVMFuzzerMutate(data, size, max_size);
    }
    change(&apart, seed);
    all = apart_laid_together(&apart);
    size = MIN(all->len, max_size);
    memcpy(data, all->data, size);
    g_byte_array_unref(all);
    apart_clear(&apart);
    return size;
}

/* ---- seeds ---- */

static GByteArray *make_seed(unsigned parts, unsigned channels)
{
    SmallStream s = small_stream(parts);
    Apart apart = apart_legacy(small_stream_octets(&s), channels);
    GByteArray *all = apart_laid_together(&apart);

    apart_clear(&apart);
    small_stream_clear(&s);
    return all;
}

GPtrArray *fuzz_seeds(void)
{
    GPtrArray *seeds = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);

    g_ptr_array_add(seeds, make_seed(SMALL_ALL & ~SMALL_PACKAGE, 1));
    g_ptr_array_add(seeds, make_seed(SMALL_FOOTERS, 2));
    g_ptr_array_add(seeds, make_seed(SMALL_CONFIGURATION | SMALL_DESCRIPTION, APART_CHANNELS));
    return seeds;
}
