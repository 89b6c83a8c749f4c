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

/* All pages of a block, zero: longer than the rows of a small stream. */
static GByteArray *row_of_zero_pages(void)
{
    GByteArray *seed = g_byte_array_new();
    const unsigned pages = 64, id = 2;

    put_header(seed);
    put_section(seed, BM_LEGACY_START, id, "ram", 0, 4);
    put64(seed, pages * SMALL_PAGE | BM_RAM_MEM_SIZE);
    put_name(seed, "a");
    put64(seed, pages * SMALL_PAGE);
    for (unsigned i = 0; i < pages; i++) {
        put64(seed, i * SMALL_PAGE | BM_RAM_ZERO | (i > 0 ? BM_RAM_CONTINUE : 0));
        if (i == 0) {
            put_name(seed, "a");
        }
        put8(seed, 0);
    }
    put64(seed, BM_RAM_EOS);
    put_footer(seed, id);
    put8(seed, BM_LEGACY_EOF);
    return seed;
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
    g_ptr_array_add(seeds, row_of_zero_pages());
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
