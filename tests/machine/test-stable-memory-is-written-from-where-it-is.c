/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of a guest that stands still are borrowed, all others copied, and it makes no
 * difference to the stream. */
#include <criterion/criterion.h>
#include <string.h>

#include "ber-pages-out.h"
#include "tiny.h"

static uint8_t memory[16 * TINY_PAGE];

static gboolean is_in_memory(BmOctets octets)
{
    return octets.data >= memory && octets.data + octets.len <= memory + sizeof memory;
}

/* Four pages: two neighbours, a gap, and two more. */
static void write_pages(BmPagesOut *pages, BmWriter *w, gboolean stable)
{
    pages->page_size = TINY_PAGE;
    bm_pages_out_add(pages, 0, 0, 2, memory, stable);
    bm_pages_out_add(pages, 0, 4, 1, memory + 4 * TINY_PAGE, stable);
    bm_pages_out_add(pages, 0, 5, 1, memory + 5 * TINY_PAGE, stable);
    bm_pages_out_end_batch(pages);
    cr_assert_eq(w->fault.code, BM_OK);
}

static void check_borrowed(int level, gboolean stable, size_t expected, gboolean in_memory)
{
    BmPagesOut pages;
    BmWriter w;

    bm_writer_init(&w);
    bm_pages_out_init(&pages, &w, level);
    write_pages(&pages, &w, stable);
    cr_assert_eq(w.n_borrowed, expected);
    for (size_t i = 0; i < w.n_borrowed; i++) {
        cr_expect_eq(is_in_memory(w.borrowed[i].octets), in_memory);
    }
    bm_pages_out_clear(&pages);
    bm_writer_clear(&w);
}

static void fill(void)
{
    uint32_t x = 1;

    for (size_t i = 0; i < sizeof memory; i++) {
        x = x * 1664525u + 1013904223u;
        memory[i] = (uint8_t)(x >> 24);
    }
}

Test(stable, pages_are_borrowed_from_where_they_are)
{
    fill();
    check_borrowed(0, TRUE, 2, TRUE);
}

Test(stable, pages_of_a_guest_that_runs_are_copied)
{
    fill();
    check_borrowed(0, FALSE, 1, FALSE);
}

Test(stable, pages_for_a_compressor_are_copied)
{
    fill();
    check_borrowed(1, TRUE, 1, FALSE); /* they are random and so not compressed */
}

/* ---- whole streams ---- */

static GByteArray *save(Tiny *t, gboolean stable)
{
    GByteArray *octets = g_byte_array_new();
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_stream_out(out, 0, NULL);
    BmMachineSave *saving = bm_machine_save_new(t->machine, s);

    bm_ram_set_stable(t->ram, stable);
    cr_assert(bm_machine_save_setup(saving, NULL));
    /* Every third page once more, so that there are batches too. */
    cr_assert(bm_machine_save_iterate(saving, UINT64_MAX, NULL));
    for (unsigned page = 0; page < TINY_PAGES; page += 3) {
        bm_ram_mark_dirty(t->area, page * TINY_PAGE, 1);
    }
    cr_assert(bm_machine_save_iterate(saving, UINT64_MAX, NULL));
    cr_assert(bm_machine_save_complete(saving, NULL));
    g_byte_array_append(octets, bm_output_memory_data(out).data,
                        (guint)bm_output_memory_data(out).len);
    bm_machine_save_free(saving);
    bm_stream_free(s);
    bm_output_free(out);
    return octets;
}

Test(stable, streams_are_the_same_octets)
{
    for (unsigned seed = 1; seed < 20; seed++) {
        Tiny *t = tiny_new();
        GByteArray *running, *stable;

        tiny_fill(t, seed);
        running = save(t, FALSE);
        stable = save(t, TRUE);
        cr_assert_eq(running->len, stable->len);
        cr_expect_eq(memcmp(running->data, stable->data, stable->len), 0, "seed %u", seed);
        g_byte_array_unref(running);
        g_byte_array_unref(stable);
        tiny_free(t);
    }
}
