/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory between two pages that nobody may touch: what is sent when, and
 * that nothing outside of a block is read or written, whatever comes.
 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "ram.h"

#define PAGE 4096u
#define PAGES 130u /* more than two words of bits */

static BmRam *ram;
static BmRamArea *area;
static uint8_t *mapped, *memory;

static void setup(void)
{
    GError *error = NULL;

    mapped = mmap(NULL, (PAGES + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(mapped, MAP_FAILED);
    memory = mapped + PAGE;
    cr_assert_eq(mprotect(memory, PAGES * PAGE, PROT_READ | PROT_WRITE), 0);
    ram = bm_ram_new(PAGE);
    area = bm_ram_add(ram, "pc.ram", memory, PAGES * PAGE, &error);
    cr_assert_not_null(area);
}

static void teardown(void)
{
    bm_ram_handlers.cleanup(ram);
    bm_ram_free(ram);
    munmap(mapped, (PAGES + 2) * PAGE);
}

TestSuite(memory, .init = setup, .fini = teardown);

/* ---- saving ---- */

/* Writes down the items: "z0+128 p5+2". */
typedef struct Log {
    BmStreamVisitor base;
    GString *text;
} Log;

static gboolean log_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    GString *text = ((Log *)s)->text;
    uint64_t offset = item->page * PAGE;

    (void)error;
    if (item->type == BM_ITEM_PAGES) {
        cr_expect_eq(item->data.data, memory + offset, "guest memory itself");
        cr_expect_eq(item->data.len, item->count * PAGE);
    }
    if (item->type == BM_ITEM_PAGES || item->type == BM_ITEM_ZEROS) {
        g_string_append_printf(text, "%s%c%" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT,
                               text->len > 0 ? " " : "", item->type == BM_ITEM_PAGES ? 'p' : 'z',
                               item->page, item->count);
    }
    return TRUE;
}

static const BmStreamOps log_ops = {.live_item = log_item};

static Log new_log(void)
{
    return (Log){{&log_ops}, g_string_new(NULL)};
}

static void check_log(Log *log, const char *expected)
{
    cr_expect_str_eq(log->text->str, expected);
    g_string_set_size(log->text, 0);
}

static void iterate(Log *log, uint64_t budget)
{
    cr_assert(bm_ram_handlers.iterate(ram, &log->base, budget, NULL));
}

static uint64_t remaining_pages(void)
{
    uint64_t octets = bm_ram_handlers.remaining(ram);

    cr_assert_eq(octets % PAGE, 0);
    return octets / PAGE;
}

Test(memory, is_sent_once_and_then_what_is_dirty)
{
    Log log = new_log();

    memory[5 * PAGE] = 1;
    memory[7 * PAGE - 1] = 1;
    cr_assert(bm_ram_handlers.setup(ram, &log.base, NULL));
    cr_expect_eq(remaining_pages(), PAGES);
    iterate(&log, 1 << 30);
    check_log(&log, "z0+5 p5+2 z7+123");
    cr_expect_eq(remaining_pages(), 0);
    bm_ram_mark_dirty(area, 63 * PAGE + 1, PAGE); /* two pages, in two words of bits */
    bm_ram_mark_dirty(area, 5 * PAGE, 1);
    bm_ram_mark_dirty(area, 5 * PAGE, 1);
    cr_expect_eq(remaining_pages(), 3);
    iterate(&log, 1 << 30);
    check_log(&log, "p5+1 z63+2");
    bm_ram_mark_dirty(area, (PAGES - 1) * PAGE, 1);
    cr_assert(bm_ram_handlers.complete(ram, &log.base, NULL));
    check_log(&log, "z129+1");
    g_string_free(log.text, TRUE);
}

Test(memory, goes_in_pieces_of_the_budget)
{
    Log log = new_log();

    memset(memory, 1, PAGES * PAGE);
    cr_assert(bm_ram_handlers.setup(ram, &log.base, NULL));
    iterate(&log, 0);
    check_log(&log, "p0+1");
    iterate(&log, 3 * PAGE - 1);
    check_log(&log, "p1+2");
    memset(memory + 3 * PAGE, 0, PAGE);
    iterate(&log, 3 * PAGE);
    check_log(&log, "z3+1 p4+2");
    cr_expect_eq(remaining_pages(), PAGES - 6);
    g_string_free(log.text, TRUE);
}

/* What comes behind the place of a pass is in this pass, what is before it in the
 * next. */
Test(memory, changes_are_sent_wherever_a_pass_stands)
{
    Log log = new_log();

    memset(memory, 1, PAGES * PAGE);
    cr_assert(bm_ram_handlers.setup(ram, &log.base, NULL));
    iterate(&log, 10 * PAGE);
    bm_ram_mark_dirty(area, 2 * PAGE, 1);
    bm_ram_mark_dirty(area, 20 * PAGE, 1);
    iterate(&log, 1 << 30);
    check_log(&log, "p0+10 p10+120");
    cr_expect_eq(remaining_pages(), 1);
    iterate(&log, 1 << 30);
    check_log(&log, "p2+1");
    g_string_free(log.text, TRUE);
}

Test(memory, dirty_octets_outside_do_not_count)
{
    Log log = new_log();

    bm_ram_mark_dirty(area, 0, 1); /* before anybody saves */
    cr_assert(bm_ram_handlers.setup(ram, &log.base, NULL));
    iterate(&log, 1 << 30);
    bm_ram_mark_dirty(area, PAGES * PAGE, 1);
    bm_ram_mark_dirty(area, UINT64_MAX, UINT64_MAX);
    bm_ram_mark_dirty(area, 0, 0);
    cr_expect_eq(remaining_pages(), 0);
    bm_ram_mark_dirty(area, PAGES * PAGE - 1, UINT64_MAX);
    cr_expect_eq(remaining_pages(), 1);
    bm_ram_mark_dirty(area, 0, UINT64_MAX);
    cr_expect_eq(remaining_pages(), PAGES);
    g_string_free(log.text, TRUE);
}

static void mark_some(void *data)
{
    (void)data;
    bm_ram_mark_dirty(area, 9 * PAGE, 1);
}

Test(memory, what_a_log_has_is_asked_for)
{
    Log log = new_log();

    bm_ram_set_sync(ram, mark_some, NULL);
    cr_assert(bm_ram_handlers.setup(ram, &log.base, NULL));
    iterate(&log, 1 << 30);
    cr_expect_eq(remaining_pages(), 1);
    check_log(&log, "z0+130");
    cr_assert(bm_ram_handlers.complete(ram, &log.base, NULL));
    check_log(&log, "z9+1");
    g_string_free(log.text, TRUE);
}

/* ---- while another thread writes ---- */

static unsigned stop;

static void *write_memory(void *data)
{
    unsigned n = 1;

    (void)data;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        uint64_t page = n * 2654435761u % PAGES;

        __atomic_store_n(&memory[page * PAGE + n % PAGE], (uint8_t)n, __ATOMIC_RELAXED);
        bm_ram_mark_dirty(area, page * PAGE + n % PAGE, 1);
        n++;
    }
    return NULL;
}

/* Copies what comes, as a receiver has it. */
typedef struct Copy {
    BmStreamVisitor base;
    uint8_t *pages;
} Copy;

static gboolean copy_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    uint8_t *to = ((Copy *)s)->pages + item->page * PAGE;

    (void)error;
    if (item->type == BM_ITEM_PAGES) {
        for (size_t i = 0; i < item->data.len; i++) {
            to[i] = __atomic_load_n(&item->data.data[i], __ATOMIC_RELAXED);
        }
    } else if (item->type == BM_ITEM_ZEROS) {
        memset(to, 0, item->count * PAGE);
    }
    return TRUE;
}

static const BmStreamOps copy_ops = {.live_item = copy_item};

Test(memory, comes_over_while_a_thread_writes)
{
    Copy copy = {{&copy_ops}, g_malloc0(PAGES * PAGE)};
    pthread_t writer;

    cr_assert(bm_ram_handlers.setup(ram, &copy.base, NULL));
    cr_assert_eq(pthread_create(&writer, NULL, write_memory, NULL), 0);
    for (unsigned i = 0; i < 300; i++) {
        cr_assert(bm_ram_handlers.iterate(ram, &copy.base, 40 * PAGE, NULL));
        cr_assert_leq(remaining_pages(), PAGES);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    pthread_join(writer, NULL);
    cr_assert(bm_ram_handlers.complete(ram, &copy.base, NULL));
    cr_expect_eq(memcmp(copy.pages, memory, PAGES * PAGE), 0);
    cr_expect_eq(remaining_pages(), 0);
    g_free(copy.pages);
}

/* ---- loading ---- */

static BmCode load(BmItem item)
{
    GError *error = NULL;
    BmCode code = BM_OK;

    if (!bm_ram_handlers.load_item(ram, &item, &error)) {
        cr_assert_eq(error->domain, BM_ERROR);
        code = (BmCode)error->code;
    }
    g_clear_error(&error);
    return code;
}

static BmCode load_blocks(const char *name, uint64_t length, uint32_t n)
{
    const BmRamBlock block = {.name = name, .length = length};
    const BmRamBlock blocks[] = {block, block};

    return load((BmItem){.type = BM_ITEM_BLOCKS, .blocks = blocks, .n_blocks = n});
}

static void begin_loading(void)
{
    cr_assert_eq(load((BmItem){.type = BM_ITEM_PAGE_SIZE, .value = PAGE}), BM_OK);
    cr_assert_eq(load_blocks("pc.ram", PAGES * PAGE, 1), BM_OK);
}

Test(memory, blocks_are_those_of_the_stream)
{
    cr_expect_eq(load((BmItem){.type = BM_ITEM_PAGE_SIZE, .value = 2 * PAGE}), BM_MISMATCH);
    cr_expect_eq(load_blocks("pc.rom", PAGES * PAGE, 1), BM_UNKNOWN);
    cr_expect_eq(load_blocks("pc.ram", PAGES * PAGE + PAGE, 1), BM_MISMATCH);
    cr_expect_eq(load_blocks("pc.ram", PAGES * PAGE - PAGE, 1), BM_MISMATCH);
    cr_expect_eq(load_blocks("pc.ram", PAGES * PAGE, 2), BM_DUPLICATE);
    cr_expect_eq(load_blocks("pc.ram", PAGES * PAGE, 0), BM_MISMATCH);
    cr_expect_eq(load_blocks("pc.ram", PAGES * PAGE, 1), BM_OK);
}

Test(memory, pages_need_a_size_and_a_block)
{
    const BmItem zero = {.type = BM_ITEM_ZEROS, .count = 1};

    cr_expect_eq(load(zero), BM_BAD_ORDER);
    cr_assert_eq(load((BmItem){.type = BM_ITEM_PAGE_SIZE, .value = PAGE}), BM_OK);
    cr_expect_eq(load(zero), BM_UNKNOWN);
    cr_assert_eq(load_blocks("pc.ram", PAGES * PAGE, 1), BM_OK);
    cr_expect_eq(load(zero), BM_OK);
    cr_expect_eq(load((BmItem){.type = BM_ITEM_ZEROS, .count = 1, .block = 1}), BM_UNKNOWN);
}

/* The neighbours cannot be touched: that would end the test. */
Test(memory, pages_outside_are_refused)
{
    static const BmItemType types[] = {BM_ITEM_PAGES, BM_ITEM_ZEROS, BM_ITEM_FILL};
    static const struct {
        uint64_t page, count;
        BmCode code;
    } rows[] = {
        {0, PAGES, BM_OK},         {PAGES - 1, 1, BM_OK},     {PAGES - 1, 2, BM_LIMIT},
        {PAGES, 1, BM_LIMIT},      {PAGES, 0, BM_LIMIT},      {0, PAGES + 1, BM_LIMIT},
        {UINT64_MAX, 1, BM_LIMIT}, {1, UINT64_MAX, BM_LIMIT}, {UINT64_MAX / PAGE + 1, 1, BM_LIMIT},
    };
    g_autofree uint8_t *data = g_malloc0(PAGES * PAGE);

    begin_loading();
    memset(data, 0x77, PAGES * PAGE);
    for (size_t i = 0; i < G_N_ELEMENTS(rows) * G_N_ELEMENTS(types); i++) {
        uint64_t count = rows[i / G_N_ELEMENTS(types)].count;
        BmItem item = {.type = types[i % G_N_ELEMENTS(types)],
                       .page = rows[i / G_N_ELEMENTS(types)].page,
                       .count = count,
                       .value = 0x55,
                       .data = {data, MIN(count, PAGES) * PAGE}};

        cr_expect_eq(load(item), rows[i / G_N_ELEMENTS(types)].code, "row %zu", i);
    }
}

Test(memory, pages_need_all_of_their_octets)
{
    uint8_t data[2 * PAGE] = {1};
    BmItem item = {.type = BM_ITEM_PAGES, .count = 2, .data = {data, sizeof data - 1}};

    begin_loading();
    cr_expect_eq(load(item), BM_BAD_LENGTH);
    cr_expect_eq(memory[0], 0);
    item.data.len++;
    cr_expect_eq(load(item), BM_OK);
    cr_expect_eq(memory[0], 1);
    item.count = 1;
    cr_expect_eq(load(item), BM_BAD_LENGTH);
}

Test(memory, is_as_it_was_sent)
{
    uint8_t data[PAGE];

    begin_loading();
    memset(memory, 0xee, PAGES * PAGE);
    memset(data, 0x11, sizeof data);
    cr_expect_eq(load((BmItem){.type = BM_ITEM_ZEROS, .page = 1, .count = PAGES - 1}), BM_OK);
    cr_expect_eq(load((BmItem){.type = BM_ITEM_PAGES, .page = 3, .count = 1, .data = {data, PAGE}}),
                 BM_OK);
    cr_expect_eq(load((BmItem){.type = BM_ITEM_FILL, .page = 4, .count = 1, .value = 0x22}), BM_OK);
    for (size_t i = 0; i < PAGES * PAGE; i++) {
        uint8_t expected = i / PAGE == 0 ? 0xee : i / PAGE == 3 ? 0x11 : i / PAGE == 4 ? 0x22 : 0;

        cr_assert_eq(memory[i], expected, "octet %zu", i);
    }
}

/* Memory that can only be read can be told that it is zero. */
Test(memory, that_is_zero_is_not_written)
{
    begin_loading();
    cr_assert_eq(mprotect(memory, PAGES * PAGE, PROT_READ), 0);
    cr_expect_eq(load((BmItem){.type = BM_ITEM_ZEROS, .count = PAGES}), BM_OK);
}

Test(memory, is_not_guessed_from_what_is_no_page)
{
    static const BmItemType types[] = {BM_ITEM_XBZRLE, BM_ITEM_ZLIB,  BM_ITEM_MARK,
                                       BM_ITEM_OCTETS, BM_ITEM_CHUNK, BM_ITEM_SLOTS};

    begin_loading();
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        cr_expect_eq(load((BmItem){.type = types[i], .count = 1}), BM_REFUSED);
    }
    cr_expect_eq(load((BmItem){.type = BM_ITEM_NAMED}), BM_OK);
}

/* ---- registering ---- */

Test(memory, has_whole_blocks_of_different_names)
{
    GError *error = NULL;

    cr_expect_null(bm_ram_add(ram, "pc.ram", memory, PAGE, &error));
    cr_expect(g_error_matches(error, BM_ERROR, BM_DUPLICATE));
    g_clear_error(&error);
    cr_expect_null(bm_ram_add(ram, "x", memory, PAGE + 1, &error));
    cr_expect(g_error_matches(error, BM_ERROR, BM_BAD_VALUE));
    g_clear_error(&error);
    cr_expect_null(bm_ram_add(ram, "x", memory, 0, NULL));
    cr_expect_null(bm_ram_add(ram, "", memory, PAGE, NULL));
    cr_expect_null(bm_ram_new(PAGE - 1));
    cr_expect_null(bm_ram_new(1 << 20));
}
