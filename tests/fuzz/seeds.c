/* SPDX-License-Identifier: BSD-2-Clause */
#include "seeds.h"

#include "passage.h"
#include "small-stream.h"

static const unsigned variants[] = {
    SMALL_ALL,
    SMALL_ALL & ~SMALL_PACKAGE,
    (SMALL_ALL | SMALL_SPACED) & ~SMALL_PACKAGE,
    SMALL_ALL & ~SMALL_DESCRIPTION,
    SMALL_ALL & ~SMALL_FOOTERS,
    SMALL_DESCRIPTION,
};

static void unref_octets(gpointer octets)
{
    g_byte_array_unref(octets);
}

static void add(GPtrArray *seeds, BmOctets octets)
{
    GByteArray *seed = g_byte_array_new();

    g_byte_array_append(seed, octets.data, (guint)octets.len);
    g_ptr_array_add(seeds, seed);
}

GPtrArray *legacy_seeds(void)
{
    GPtrArray *seeds = g_ptr_array_new_with_free_func(unref_octets);

    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        SmallStream s = small_stream(variants[i]);

        add(seeds, small_stream_octets(&s));
        small_stream_clear(&s);
    }
    g_ptr_array_add(seeds, small_mapped_stream());
    return seeds;
}

GPtrArray *ber_seeds(void)
{
    GPtrArray *seeds = g_ptr_array_new_with_free_func(unref_octets);

    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        SmallStream s = small_stream(variants[i]);
        Passage ber = legacy_to_ber(small_stream_octets(&s));

        add(seeds, ber.octets);
        passage_clear(&ber);
        small_stream_clear(&s);
    }
    return seeds;
}

static void add_file(GPtrArray *seeds, BmOctets legacy)
{
    BmInput *in = bm_input_memory(legacy.data, legacy.len);
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_file_out(out, (int)(seeds->len % 2), NULL);

    g_assert_true(bm_legacy_read(in, s, NULL, NULL));
    add(seeds, bm_output_memory_data(out));
    bm_stream_free(s);
    bm_output_free(out);
    bm_input_free(in);
}

GPtrArray *index_seeds(void)
{
    GPtrArray *seeds = g_ptr_array_new_with_free_func(unref_octets);

    for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
        SmallStream s = small_stream(variants[i]);

        add_file(seeds, small_stream_octets(&s));
        small_stream_clear(&s);
    }
    return seeds;
}
