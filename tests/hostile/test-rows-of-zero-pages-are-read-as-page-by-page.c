/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Zero pages of a QEMU stream are taken many at once as far as their heads are at hand.
 * Read so that nothing ever is, the same octets have the same pages, the same BER and the
 * same error.  Writing has the same two ways.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compat.h"
#include "legacy-zeros.h"
#include "passage.h"
#include "small-stream.h"
#include "stream-pass.h"

#define ID 2
/* Nothing but what is wanted is read. */
#define NOT_AHEAD 0u
/* All is in memory. */
#define ALL_AT_ONCE SIZE_MAX
/* Above all that one read has, and below the pages of the largest test. */
#define MANY 100000u

/* ---- streams ---- */

static GByteArray *stream;
static unsigned page_bits;

/* A block "a" of as many pages, and "b" of three. */
static void begin_with(unsigned bits, uint64_t pages)
{
    stream = g_byte_array_new();
    page_bits = bits;
    put_header(stream);
    put8(stream, BM_LEGACY_CONFIGURATION);
    put32(stream, 4);
    put_text(stream, "none");
    put8(stream, 0x05);
    put_name(stream, BM_LEGACY_PAGE_BITS);
    put32(stream, 1);
    put32(stream, bits);
    put_section(stream, BM_LEGACY_START, ID, "ram", 0, 4);
    put64(stream, (pages + 3) << bits | BM_RAM_MEM_SIZE);
    put_name(stream, "a");
    put64(stream, pages << bits);
    put_name(stream, "b");
    put64(stream, UINT64_C(3) << bits);
    put64(stream, BM_RAM_EOS);
    put_footer(stream, ID);
    put8(stream, BM_LEGACY_PART);
    put32(stream, ID);
}

static void begin(uint64_t pages)
{
    begin_with(12, pages);
}

static void end(void)
{
    put64(stream, BM_RAM_EOS);
    put_footer(stream, ID);
    put8(stream, BM_LEGACY_EOF);
}

static void clear(void)
{
    g_byte_array_unref(stream);
}

static void put_page(const char *block, uint64_t page, unsigned fill)
{
    put64(stream, page << page_bits | BM_RAM_ZERO | (block ? 0 : BM_RAM_CONTINUE));
    if (block) {
        put_name(stream, block);
    }
    put8(stream, fill);
}

static void put_row(uint64_t page, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        put_page(NULL, page + i, 0);
    }
}

static BmOctets octets(void)
{
    return (BmOctets){stream->data, stream->len};
}

/* ---- what a visitor sees ---- */

typedef struct Log {
    BmStreamPass pass;
    GString *text;        /* each item, and neighbouring zero pages as one */
    BmItem last;          /* of these; count 0: it was something else */
    uint64_t zeros, most; /* items of zero pages, and the pages of the largest one */
    uint64_t pages;
    gboolean unknown; /* octets that are not understood came: in pieces, as they were at hand */
    void (*flushed)(struct Log *);
} Log;

static void end_row(Log *log)
{
    if (log->last.count > 0) {
        g_string_append_printf(log->text, "%u:%d+%d ", log->last.block, (int)log->last.page,
                               (int)log->last.count);
    }
    log->last.count = 0;
}

static void log_zeros(Log *log, const BmItem *item)
{
    log->zeros++;
    log->most = MAX(log->most, item->count);
    log->pages += item->count;
    if (log->last.count > 0 && log->last.block == item->block &&
        log->last.page + log->last.count == item->page) {
        log->last.count += item->count;
        return;
    }
    end_row(log);
    log->last = *item;
}

static gboolean log_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Log *log = (Log *)s;

    if (item->type == BM_ITEM_ZEROS) {
        log_zeros(log, item);
    } else {
        end_row(log);
    }
    if (item->type == BM_ITEM_FILL) {
        g_string_append_printf(log->text, "%u:%d=%d ", item->block, (int)item->page,
                               (int)item->value);
    } else if (item->type == BM_ITEM_NAMED) {
        g_string_append(log->text, "named ");
    }
    log->unknown |= item->type == BM_ITEM_OCTETS;
    return bm_stream_live_item(log->pass.inner, item, error);
}

static gboolean log_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    Log *log = (Log *)s;

    log->unknown = TRUE;
    return bm_stream_remainder(log->pass.inner, reason, data, error);
}

static gboolean log_flush(BmStreamVisitor *s, GError **error)
{
    Log *log = (Log *)s;

    if (log->flushed) {
        log->flushed(log);
    }
    return bm_stream_flush(log->pass.inner, error);
}

static const BmStreamOps log_ops = {
    .otherwise = &bm_stream_pass_ops,
    .live_item = log_item,
    .remainder = log_remainder,
    .flush = log_flush,
};

static void log_clear(Log *log)
{
    bm_stream_free(log->pass.inner);
    g_string_free(log->text, TRUE);
}

/* ---- reading ---- */

typedef struct Reading {
    Log log;
    GError *error; /* NULL: all was read */
    BmOutput *out;
} Reading;

static void reading_clear(Reading *r)
{
    log_clear(&r->log);
    g_clear_error(&r->error);
    bm_output_free(r->out);
}

static Reading read_input(BmInput *in, void (*flushed)(Log *))
{
    Reading r = {.out = bm_output_memory()};

    r.log.pass.base.ops = &log_ops;
    r.log.pass.inner = bm_ber_stream_out(r.out, 0, NULL);
    r.log.text = g_string_new(NULL);
    r.log.flushed = flushed;
    bm_legacy_read(in, &r.log.pass.base, NULL, &r.error);
    end_row(&r.log);
    bm_input_free(in);
    return r;
}

static int file_of(BmOctets data)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, data.data, data.len), (ssize_t)data.len);
    cr_assert_eq(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* With so many octets more at hand than are wanted each time. */
static Reading read_ahead(BmOctets data, size_t ahead)
{
    if (ahead == ALL_AT_ONCE) {
        return read_input(bm_input_memory(data.data, data.len), NULL);
    }
    int fd = file_of(data);
    BmInput *in = bm_input_fd(fd);

    bm_input_set_ahead(in, ahead);
    Reading r = read_input(in, NULL);

    close(fd);
    return r;
}

static const char *words_of(const Reading *r)
{
    return r->error ? r->error->message : "no error";
}

static void expect_same(const Reading *a, const Reading *b)
{
    cr_expect_str_eq(a->log.text->str, b->log.text->str);
    cr_expect_str_eq(words_of(a), words_of(b));
    cr_expect_eq(a->log.unknown, b->log.unknown);
    cr_expect(a->log.unknown ||
              same_octets(bm_output_memory_data(a->out), bm_output_memory_data(b->out)));
}

/* Page by page, many at once, and all that lies between. */
static void expect_same_ways(BmOctets data, size_t most_ahead)
{
    Reading slow = read_ahead(data, NOT_AHEAD), fast = read_ahead(data, ALL_AT_ONCE);

    cr_expect_leq(slow.log.most, 1);
    expect_same(&fast, &slow);
    reading_clear(&fast);
    for (size_t ahead = 1; ahead <= most_ahead; ahead++) {
        Reading some = read_ahead(data, ahead);

        expect_same(&some, &slow);
        reading_clear(&some);
    }
    reading_clear(&slow);
}

/* What the stream's pages are, and that they are the same in all ways. */
static void expect_pages(const char *text)
{
    Reading r = read_ahead(octets(), ALL_AT_ONCE);

    cr_expect_null(r.error, "%s", words_of(&r));
    cr_expect_str_eq(r.log.text->str, text);
    reading_clear(&r);
    expect_same_ways(octets(), 40);
}

/* ---- rows, and their ends ---- */

Test(rows, are_one_item_when_they_are_at_hand)
{
    begin(1000);
    put_page("a", 0, 0);
    put_row(1, 999);
    end();
    Reading fast = read_ahead(octets(), ALL_AT_ONCE), slow = read_ahead(octets(), NOT_AHEAD);

    cr_expect_null(fast.error);
    cr_expect_eq(fast.log.zeros, 1);
    cr_expect_eq(slow.log.zeros, 1000);
    expect_same(&fast, &slow);
    reading_clear(&fast);
    reading_clear(&slow);
    cr_expect(comes_back(octets()));
    clear();
}

Test(rows, end_where_the_next_head_is_of_something_else)
{
    begin(40);
    put_page("a", 0, 0);
    put_row(1, 5);
    put_page(NULL, 6, 0xff); /* another octet */
    put_row(7, 4);
    put_row(12, 3); /* a page left out */
    put_row(14, 2); /* one again */
    put_row(2, 2);  /* back */
    put_page("a", 4, 0);
    put_row(5, 2);
    put_page("b", 0, 0); /* where no page of "a" is left, too */
    put_row(1, 2);
    put_page("a", 39, 0);
    put_page("b", 1, 0);
    put_page(NULL, 2, 1);
    end();
    expect_pages("0:0+6 0:6=255 0:7+4 0:12+3 0:14+2 0:2+2 named 0:4+3 1:0+3 0:39+1 1:1+1 1:2=1 ");
    cr_expect(comes_back(octets()));
    clear();
}

/* The last word of a part, or the first of the next one, is no head of the row. */
Test(rows, go_on_in_the_next_part)
{
    begin(40);
    put_page("a", 0, 0);
    put_row(1, 5);
    put64(stream, BM_RAM_EOS);
    put_footer(stream, ID);
    put8(stream, BM_LEGACY_PART);
    put32(stream, ID);
    put_row(6, 5);
    end();
    expect_pages("0:0+11 ");
    cr_expect(comes_back(octets()));
    clear();
}

Test(rows, have_the_pages_of_every_size)
{
    for (unsigned bits = 10; bits <= 16; bits++) {
        begin_with(bits, 30);
        put_page("a", 0, 0);
        put_row(1, 29);
        put_page("b", 0, 0);
        put_row(1, 2);
        end();
        expect_pages("0:0+30 1:0+3 ");
        cr_expect(comes_back(octets()));
        clear();
    }
}

/* ---- what is wrong inside a row ---- */

/* In all ways, and where it is. */
static void expect_error_at(size_t at, const char *words)
{
    Reading r = read_ahead(octets(), ALL_AT_ONCE);

    cr_assert_not_null(r.error);
    cr_expect(strstr(r.error->message, words), "%s", r.error->message);
    cr_expect_eq(bm_error_offset(r.error), at, "%s", r.error->message);
    reading_clear(&r);
    expect_same_ways(octets(), 40);
}

Test(rows, do_not_leave_their_block)
{
    static const uint64_t lengths[] = {1, 2, 3, 30};

    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        begin(lengths[i]);
        put_page("a", 0, 0);
        put_row(1, lengths[i] - 1);
        size_t at = stream->len;

        put_row(lengths[i], 20);
        end();
        expect_error_at(at, "the block has");
        clear();
    }
}

Test(rows, are_cut_at_any_octet)
{
    begin(20);
    put_page("a", 0, 0);
    put_row(1, 6);
    put_page("b", 1, 0);
    put_row(2, 1);
    end();
    for (size_t len = 0; len < stream->len; len++) {
        BmOctets cut = {stream->data, len};

        expect_same_ways(cut, 2);
    }
    expect_same_ways(octets(), 2);
    clear();
}

/* ---- rows larger than what is read at once ---- */

/* Names of nine lengths: so the border of each read falls on each octet of a head. */
Test(rows, go_on_over_the_border_of_a_buffer)
{
    for (unsigned leading = 0; leading < BM_ZERO_HEAD; leading++) {
        begin(MANY + leading);
        for (unsigned i = 0; i < leading; i++) {
            put_page("b", 0, 0);
        }
        put_page("a", 0, 0);
        put_row(1, MANY - 1);
        end();
        Reading file = read_ahead(octets(), SIZE_MAX - 1);
        Reading memory = read_ahead(octets(), ALL_AT_ONCE);

        cr_expect_null(file.error);
        cr_expect_gt(file.log.zeros, memory.log.zeros);
        cr_expect_lt(file.log.zeros, 100);
        expect_same(&file, &memory);
        reading_clear(&file);
        reading_clear(&memory);
        clear();
    }
}

/* ---- a QEMU that pauses ---- */

static int feed;
static size_t fed;
static size_t head_at; /* of the first page */

/* Whatever has come is handed on before anything is waited for, and then a few octets more
 * come: of all lengths, so that a pause falls into each octet of a head. */
static void feed_more(Log *log)
{
    static size_t turn;
    size_t len = MIN(1 + turn++ % 23, stream->len - fed);

    if (fed >= head_at && fed < stream->len - 14) {
        cr_expect_eq(log->pages, (fed - head_at) / BM_ZERO_HEAD);
    }
    if (len == 0) {
        close(feed);
        feed = -1;
        return;
    }
    cr_assert_eq(write(feed, stream->data + fed, len), (ssize_t)len);
    fed += len;
}

Test(rows, are_handed_on_before_the_next_read_waits)
{
    int ends[2];

    begin(200);
    put_page("a", 0, 0);
    head_at = stream->len - BM_ZERO_HEAD;
    put_row(1, 199);
    end();
    cr_assert_eq(pipe(ends), 0);
    feed = ends[1];
    feed_more(NULL);
    Reading r = read_input(bm_input_fd(ends[0]), feed_more);

    cr_expect_null(r.error, "%s", words_of(&r));
    cr_expect_str_eq(r.log.text->str, "0:0+200 ");
    cr_expect_eq(feed, -1);
    reading_clear(&r);
    close(ends[0]);
    clear();
}

/* ---- rows of any kind ---- */

static void put_any(GRand *rand, uint64_t *page)
{
    switch (g_rand_int_range(rand, 0, 12)) {
    case 0:
        put_page("a", *page, 0);
        break;
    case 1:
        put_page(NULL, *page, (unsigned)g_rand_int_range(rand, 0, 256));
        break;
    case 2:
        put_page("b", *page % 3, 0);
        put_page("a", *page, 0);
        break;
    case 3:
        *page += (uint64_t)g_rand_int_range(rand, 0, 5);
        break;
    case 4:
        *page = (uint64_t)g_rand_int_range(rand, 0, 64);
        break;
    default:
        put_row(*page, (uint64_t)g_rand_int_range(rand, 1, 20));
        *page += 20;
        break;
    }
}

/* Some leave their block, and some have a bit flipped. */
Test(rows, of_any_kind_are_read_the_same)
{
    GRand *rand = g_rand_new_with_seed(4711);

    for (int i = 0; i < 400; i++) {
        uint64_t page = 0;

        begin_with((unsigned)g_rand_int_range(rand, 10, 17), 256);
        put_page("a", 0, 0);
        size_t from = stream->len;

        for (int n = g_rand_int_range(rand, 1, 20); n > 0; n--) {
            put_any(rand, &page);
        }
        end();
        if (i % 3 == 0 && stream->len > from) {
            stream->data[g_rand_int_range(rand, (gint32)from, (gint32)stream->len)] ^=
                (guint8)(1 << g_rand_int_range(rand, 0, 8));
        }
        expect_same_ways(octets(), 3);
        clear();
    }
    g_rand_free(rand);
}

/* ---- writing ---- */

static void put_item(BmStreamVisitor *s, BmItemType type, uint64_t value)
{
    const BmItem item = {.type = type, .value = value};

    cr_assert(bm_stream_live_item(s, &item, NULL));
}

/* A writer inside a part of RAM, of blocks that have no end. */
static BmStreamVisitor *writer_of(BmOutput *out, unsigned bits)
{
    const BmRamBlock block = {.name = "a", .length = UINT64_C(1) << 62};
    const BmItem blocks = {
        .type = BM_ITEM_BLOCKS, .value = block.length, .blocks = &block, .n_blocks = 1};
    const BmPreamble preamble = {
        .major = BM_VERSION_MAJOR, .has_header = TRUE, .header_version = BM_LEGACY_VERSION};
    const BmSection section = {ID, "ram", 0, 4};
    BmStreamVisitor *s = bm_legacy_stream_out(out);

    cr_assert(bm_stream_begin(s, &preamble, NULL));
    cr_assert(bm_stream_live_begin(s, BM_PHASE_START, &section, NULL));
    cr_assert(bm_stream_live_item(s, &blocks, NULL));
    put_item(s, BM_ITEM_PAGE_SIZE, UINT64_C(1) << bits);
    cr_assert(bm_stream_flush(s, NULL));
    return s;
}

static gboolean write_zeros(BmStreamVisitor *s, uint64_t page, uint64_t n, GError **error)
{
    const BmItem item = {.type = BM_ITEM_ZEROS, .page = page, .count = n};

    return bm_stream_live_item(s, &item, error) && bm_stream_flush(s, error);
}

/* As many, and from the item they were told in, page by page. */
static void expect_heads(uint64_t n, unsigned bits)
{
    const uint64_t first = 77;
    BmOutput *one = bm_output_memory(), *many = bm_output_memory();
    BmStreamVisitor *by_page = writer_of(one, bits), *by_range = writer_of(many, bits);

    for (uint64_t i = 0; i < n; i++) {
        cr_assert(write_zeros(by_page, first + i, 1, NULL));
    }
    cr_assert(write_zeros(by_range, first, n, NULL));
    cr_expect(same_octets(bm_output_memory_data(one), bm_output_memory_data(many)));
    bm_stream_free(by_page);
    bm_stream_free(by_range);
    bm_output_free(one);
    bm_output_free(many);
}

Test(rows, are_written_as_page_by_page)
{
    static const uint64_t counts[] = {1, 2, 3, 255, 256, 257, 258, 512, 513, 514, 30000};

    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        expect_heads(counts[i], 10);
        expect_heads(counts[i], 16);
    }
}

/* Through a buffer, which is written when it is full. */
Test(rows, go_to_a_descriptor_whole)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    BmOutput *file = bm_output_fd(fd), *memory = bm_output_memory();
    BmStreamVisitor *to_file = writer_of(file, 12), *to_memory = writer_of(memory, 12);

    cr_assert(write_zeros(to_file, 0, MANY, NULL));
    cr_assert(write_zeros(to_memory, 0, MANY, NULL));
    BmOctets expected = bm_output_memory_data(memory);
    g_autofree uint8_t *got = g_malloc(expected.len + 1);

    cr_assert_eq(pread(fd, got, expected.len + 1, 0), (ssize_t)expected.len);
    cr_expect_eq(memcmp(got, expected.data, expected.len), 0);
    bm_stream_free(to_file);
    bm_stream_free(to_memory);
    bm_output_free(file);
    bm_output_free(memory);
    close(fd);
}

/* Of a row that nobody could wait for. */
Test(rows, end_when_a_write_fails)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC), full = open("/dev/full", O_WRONLY);
    BmOutput *out = bm_output_fd(fd);
    BmStreamVisitor *s = writer_of(out, 12);
    GError *error = NULL;

    cr_assert_eq(dup2(full, fd), fd);
    cr_expect_not(write_zeros(s, 0, UINT64_C(1) << 48, &error));
    cr_expect_eq(bm_output_errno(out), ENOSPC);
    g_clear_error(&error);
    bm_stream_free(s);
    bm_output_free(out);
    close(fd);
    close(full);
}
