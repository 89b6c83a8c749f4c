/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SPEC.md, 5.17.  Each stream is a line of letters:
 *
 *   S P .      a Start, a Part, the end of one
 *   z Z        pages of 1024 or 2048 octets
 *   B b        a block of 16384 or of 4096 octets
 *   0 to 9     the page of this number
 *   m          the next meet
 *   M          one that leaves a number out
 *   k          a mark, which is no page
 *   ~          its sections have another id from here on
 */
#include <criterion/criterion.h>
#include <string.h>

#include "apart.h"
#include "legacy.h"
#include "passage.h"

/* ---- streams ---- */

typedef struct Writer {
    BmStreamVisitor *s;
    uint32_t id;
    size_t page_size;
    uint64_t meets;
} Writer;

static void item(const Writer *w, BmItem i)
{
    cr_assert(bm_stream_live_item(w->s, &i, NULL));
}

static void live(const Writer *w, BmPhase phase)
{
    const BmSection section = {w->id, "ram", 0, 4};

    cr_assert(bm_stream_live_begin(w->s, phase, &section, NULL));
}

static void put_size(Writer *w, size_t page_size)
{
    w->page_size = page_size;
    item(w, (BmItem){.type = BM_ITEM_PAGE_SIZE, .value = page_size});
}

static void put_block(const Writer *w, uint64_t length)
{
    const BmRamBlock block = {.name = "memory", .length = length};

    item(w, (BmItem){.type = BM_ITEM_BLOCKS, .value = length, .blocks = &block, .n_blocks = 1});
}

static void put_page(const Writer *w, unsigned number)
{
    static const uint8_t page[2048] = {1};

    item(w,
         (BmItem){.type = BM_ITEM_PAGES, .page = number, .count = 1, .data = {page, w->page_size}});
}

static void put_meet(Writer *w, unsigned step)
{
    w->meets += step;
    item(w, (BmItem){.type = BM_ITEM_MEET, .value = w->meets});
}

static void put(Writer *w, char letter)
{
    switch (letter) {
    case 'S':
        live(w, BM_PHASE_START);
        break;
    case 'P':
        live(w, BM_PHASE_PART);
        break;
    case '.':
        cr_assert(bm_stream_live_end(w->s, FALSE, NULL));
        break;
    case 'z':
    case 'Z':
        put_size(w, letter == 'z' ? 1024 : 2048);
        break;
    case 'B':
    case 'b':
        put_block(w, letter == 'B' ? 16384 : 4096);
        break;
    case 'm':
    case 'M':
        put_meet(w, letter == 'm' ? 1 : 2);
        break;
    case 'k':
        item(w, (BmItem){.type = BM_ITEM_MARK, .value = BM_RAM_HOOK});
        break;
    case '~':
        w->id++;
        break;
    default:
        put_page(w, (unsigned)(letter - '0'));
        break;
    }
}

/* With a hello if it is the main stream, of which `ends` says how its channels ended (NULL: it
 * does not say). */
static GByteArray *make(const char *letters, gboolean main, const BmChannelEnd *ends, unsigned n,
                        BmBerStats *stats)
{
    const BmPreamble preamble = {.major = BM_VERSION_MAJOR, .generator = "test"};
    const BmDescription none = {0};
    const BmHello hello = {0};
    BmOutput *out = bm_output_memory();
    Writer w = {.s = bm_ber_stream_out(out, 0, stats), .id = 2};
    GByteArray *made = g_byte_array_new();

    cr_assert(bm_stream_begin(w.s, &preamble, NULL));
    cr_assert(!main || bm_stream_hello(w.s, &hello, NULL));
    for (const char *at = letters; *at != '\0'; at++) {
        put(&w, *at);
    }
    cr_assert(bm_stream_finish(w.s, &none, NULL));
    cr_assert(ends == NULL || bm_stream_channel_ends(w.s, ends, n, NULL));
    cr_assert(bm_stream_end(w.s, NULL));
    g_byte_array_append(made, bm_output_memory_data(out).data,
                        (guint)bm_output_memory_data(out).len);
    bm_stream_free(w.s);
    bm_output_free(out);
    return made;
}

/* Of a main stream, and of up to two channels (NULL: no second one). */
static Apart streams(const char *main, const char *one, const char *two)
{
    const char *const lines[] = {one, two};
    BmChannelEnd ends[2];
    Apart apart = {.n = two != NULL ? 3 : 2};

    for (unsigned i = 0; i + 1 < apart.n; i++) {
        BmBerStats stats = {0};

        apart.streams[1 + i] = make(lines[i], FALSE, NULL, 0, &stats);
        ends[i] = (BmChannelEnd){stats.trailer_octets, stats.digest};
    }
    apart.streams[0] = make(main, TRUE, ends, apart.n - 1, NULL);
    return apart;
}

/* ---- what comes out ---- */

typedef struct Pages {
    BmStreamVisitor base;
    GString *numbers;
} Pages;

static gboolean note_page(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    (void)error;
    for (uint64_t i = 0; item->type == BM_ITEM_PAGES && i < item->count; i++) {
        g_string_append_printf(((Pages *)s)->numbers, "%u", (unsigned)(item->page + i));
    }
    return TRUE;
}

/* The pages in their order, or what is wrong; g_free() it.  Clears the streams. */
static char *joined(Apart apart)
{
    static const BmStreamOps ops = {.live_item = note_page};
    Pages pages = {{&ops}, g_string_new(NULL)};
    g_autoptr(GError) error = NULL;

    if (!apart_join(&apart, TRUE, &pages.base, &error)) {
        g_string_assign(pages.numbers, error->message);
    }
    apart_clear(&apart);
    return g_string_free(pages.numbers, FALSE);
}

static void expect(Apart apart, const char *text)
{
    g_autofree char *got = joined(apart);

    cr_expect_str_eq(got, text);
}

Test(channels, come_in_their_order_at_each_meet)
{
    expect(streams("SzB.Pm.", "SzB.P01m.", "SzB.P23m."), "0123");
    expect(streams("SzB.P9m8m.", "SzB.P0m1m.", "SzB.Pm2m."), "90812");
    expect(streams("SzB.Pm.Pm.", "SzB.P0m.P1m.", "SzB.P2mm."), "021");
}

Test(channels, follow_the_lists_of_the_main_stream)
{
    expect(streams("SzB.PmBm.", "SzB.P0m9m.", NULL), "09");
    expect(streams("SzB.Pmbm.", "SzB.P0mb3m.", NULL), "03");
    expect(streams("SzB.Pmbm.", "SzB.P0m9m.", NULL),
           "channel 1: pages by a list of RAM blocks that the main stream has no more");
    expect(streams("SzB.PmZm.", "SzB.P0m9m.", NULL),
           "channel 1: pages by a list of RAM blocks that the main stream has no more");
    expect(streams("SzB.Pm.", "Szb.P0m.", NULL),
           "channel 1: another list of RAM blocks than in the main stream");
    expect(streams("SzB.Pm.", "SZB.P0m.", NULL),
           "channel 1: another size of pages than in the main stream");
    expect(streams("SzB.Pm.", "SzB.Pm.", "~SzB.P0m."),
           "channel 2: another section than that of the main stream's memory");
}

Test(channels, have_pages_alone)
{
    expect(streams("SzB.Pm.", "SzB.Pkm.", NULL), "channel 1: an item that is no page");
}

Test(channels, meet_in_the_order_of_numbers)
{
    expect(streams("SzB.Pm.", "SzB.P0M.", NULL),
           "channel 1: a meet of another number than the next one");
    expect(streams("SzB.PM.", "SzB.P0m.", NULL), "a meet where none can be");
    expect(streams("SmzB.", "SzB.P0m.", NULL), "a meet where none can be");
    expect(streams("SzB.Pmm.", "SzB.P0m.", "SzB.Pmm."), "channel 1: it ended before meet 2");
    expect(streams("SzB.Pm.", "SzB.P0m1m.", NULL), "channel 1: pages behind the last meet");
}

Test(channels, are_those_that_were_sent)
{
    Apart apart = streams("SzB.Pm.", "SzB.P0m.", "SzB.P1m.");
    GByteArray *one = apart.streams[1];

    apart.streams[1] = apart.streams[2];
    apart.streams[2] = one;
    expect(apart, "channel 1: it is not the one that was sent");
    apart = streams("SzB.Pm.", "SzB.P0m.", "SzB.P1m.");
    g_byte_array_unref(apart.streams[--apart.n]);
    expect(apart, "the ends of 2 channels, expected 1");
    apart = streams("SzB.Pm.", "SzB.P0m.", NULL);
    g_byte_array_unref(apart.streams[0]);
    apart.streams[0] = make("SzB.Pm.", TRUE, NULL, 0, NULL);
    expect(apart, "a stream with channels that does not say how they ended");
}

/* Wherever it is cut, and whichever of them. */
Test(channels, are_whole)
{
    Apart apart = streams("SzB.Pm.", "SzB.P0m.", "SzB.P1m.");

    for (unsigned i = 1; i < apart.n; i++) {
        guint whole = apart.streams[i]->len;
        g_autofree char *name = g_strdup_printf("channel %u: ", i);

        for (apart.streams[i]->len = 0; apart.streams[i]->len < whole; apart.streams[i]->len += 7) {
            BmStreamVisitor *s = bm_null_stream();
            g_autoptr(GError) error = NULL;

            cr_assert(!apart_join(&apart, TRUE, s, &error));
            cr_expect(g_error_matches(error, BM_ERROR, BM_TRUNCATED));
            cr_expect(g_str_has_prefix(error->message, name));
            bm_stream_free(s);
        }
        apart.streams[i]->len = whole;
    }
    apart_clear(&apart);
}
