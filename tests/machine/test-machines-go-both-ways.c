/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One registration, BER and QEMU's own format, saved and loaded; what happens in
 * which order.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tiny.h"

static BmOctets octets_of(BmOutput *out)
{
    return bm_output_memory_data(out);
}

static void check_loads(const Tiny *expected, TinyForm form, BmOctets octets)
{
    Tiny *t = tiny_new();
    GError *error = NULL;

    tiny_fill(t, 77); /* what was there must go */
    cr_assert(tiny_load(t, form, octets, NULL, &error), "%s: %s", bm_error_path(error),
              error ? error->message : "");
    cr_expect(tiny_equal(t, expected));
    tiny_free(t);
}

Test(machine, goes_both_ways_in_both_forms)
{
    for (TinyForm form = 0; form < TINY_FORMS; form++) {
        for (unsigned seed = 0; seed < 5; seed++) {
            Tiny *t = tiny_new();
            BmOutput *out;

            tiny_fill(t, seed);
            out = tiny_save(t, form);
            check_loads(t, form, octets_of(out));
            bm_output_free(out);
            tiny_free(t);
        }
    }
}

/* What QEMU's format has of it is what BER's reader makes of BER. */
Test(machine, is_the_same_in_qemus_format_and_converted_to_it)
{
    Tiny *t = tiny_new();
    BmOutput *ber, *qemu, *converted = bm_output_memory();
    BmStreamVisitor *s = bm_legacy_stream_out(converted);

    tiny_fill(t, 5);
    ber = tiny_save(t, TINY_BER);
    qemu = tiny_save(t, TINY_QEMU);
    cr_assert(tiny_read(TINY_BER, octets_of(ber), s, NULL));
    cr_assert_eq(octets_of(converted).len, octets_of(qemu).len);
    cr_expect_eq(memcmp(octets_of(converted).data, octets_of(qemu).data, octets_of(qemu).len), 0);
    bm_stream_free(s);
    bm_output_free(converted);
    bm_output_free(qemu);
    bm_output_free(ber);
    tiny_free(t);
}

/* The description behind QEMU's format is understood, and all sections by it. */
Test(machine, describes_itself_in_qemus_format)
{
    Tiny *t = tiny_new();
    BmSummary summary;
    BmStreamVisitor *s = bm_summary_stream(&summary);
    BmOutput *out = tiny_save(t, TINY_QEMU);

    cr_assert(tiny_read(TINY_QEMU, octets_of(out), s, NULL));
    cr_expect_str_eq(summary.machine, "tiny");
    cr_expect_eq(summary.page_size, TINY_PAGE);
    cr_expect_eq(summary.blocks->len, 2);
    cr_expect_eq(summary.zero_pages, TINY_PAGES + TINY_ROM_PAGES);
    cr_expect_eq(summary.slots, TINY_SLOTS);
    cr_expect_eq(summary.devices, 3);
    cr_expect_eq(summary.devices_octets, 1); /* the box */
    cr_expect_eq(summary.leaves, 5);
    cr_expect(summary.finished && summary.described && summary.derived);
    bm_stream_free(s);
    bm_summary_clear(&summary);
    bm_output_free(out);
    tiny_free(t);
}

/* ---- while the guest runs ---- */

/* Each part is followed by changes, to what was sent and to what was not. */
static void change(Tiny *t, unsigned round)
{
    uint64_t page = round * 7 % TINY_PAGES;

    t->memory[page * TINY_PAGE + round % TINY_PAGE] ^= 0x55;
    bm_ram_mark_dirty(t->area, page * TINY_PAGE + round % TINY_PAGE, 1);
}

static void save_while_changing(Tiny *t, BmStreamVisitor *s, unsigned rounds)
{
    BmMachineSave *save = bm_machine_save_new(t->machine, s);
    uint64_t before;

    cr_assert(bm_machine_save_setup(save, NULL));
    before = bm_machine_save_remaining(save);
    cr_expect_eq(before, (TINY_PAGES + TINY_ROM_PAGES) * TINY_PAGE + (TINY_SLOTS * BM_SLOT_SIZE));
    for (unsigned i = 0; i < rounds; i++) {
        cr_assert(bm_machine_save_iterate(save, 3 * TINY_PAGE, NULL));
        change(t, i);
    }
    cr_expect_lt(bm_machine_save_remaining(save), before);
    t->timer.reload++;
    cr_assert(bm_machine_save_complete(save, NULL));
    bm_machine_save_free(save);
}

Test(machine, goes_on_while_the_guest_runs)
{
    for (TinyForm form = 0; form < TINY_FORMS; form++) {
        for (unsigned rounds = 1; rounds < 200; rounds = rounds * 2 + 1) {
            BmOutput *out = bm_output_memory();
            BmStreamVisitor *s = tiny_writer(form, out);
            Tiny *t = tiny_new();

            tiny_fill(t, rounds);
            save_while_changing(t, s, rounds);
            check_loads(t, form, octets_of(out));
            tiny_free(t);
            bm_stream_free(s);
            bm_output_free(out);
        }
    }
}

/* ---- order ---- */

static void note_device(const char *path, GString *order)
{
    g_string_append_printf(order, "%s ", path);
}

typedef struct Order {
    BmStreamVisitor base;
    GString *text;
} Order;

static gboolean order_device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    (void)error;
    note_device(d->section.name, ((Order *)s)->text);
    return TRUE;
}

static gboolean order_live(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    (void)error;
    g_string_append_c(((Order *)s)->text, "+.-"[phase]);
    note_device(section->name, ((Order *)s)->text);
    return TRUE;
}

static gboolean order_finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    (void)error;
    note_device(d->derived ? "finish" : "?", ((Order *)s)->text);
    return TRUE;
}

static const BmStreamOps order_ops = {
    .device = order_device, .live_begin = order_live, .finish = order_finish};

Test(machine, saves_live_sections_first_and_by_priority)
{
    Tiny *t = tiny_new();
    Order order = {{&order_ops}, g_string_new(NULL)};
    BmMachineSave *save = bm_machine_save_new(t->machine, &order.base);

    cr_assert(bm_machine_save_setup(save, NULL));
    cr_assert(bm_machine_save_iterate(save, 1 << 20, NULL));
    cr_expect_eq(bm_machine_save_remaining(save), 0);
    cr_assert(bm_machine_save_iterate(save, 1 << 20, NULL)); /* no empty pieces */
    bm_ram_mark_dirty(t->area, 0, 1);
    cr_assert(bm_machine_save_iterate(save, 1 << 20, NULL));
    cr_assert(bm_machine_save_complete(save, NULL));
    bm_machine_save_free(save);
    cr_expect_str_eq(order.text->str, "+ram +spapr/htab .ram .spapr/htab .ram -ram -spapr/htab "
                                      "board/lamp board/timer box finish ");
    cr_expect_str_eq(t->log.calls->str, "hash.setup hash.iterate hash.complete "
                                        "lamp.save box.save hash.cleanup");
    g_string_free(order.text, TRUE);
    tiny_free(t);
}

/* A source that has the devices in another order, the box before the lamp. */
static void give_octets_device(BmStreamVisitor *s, const char *name, uint32_t instance,
                               uint32_t version, const char *octets, size_t len)
{
    const BmDevice d = {.section = {9, name, instance, version},
                        .octets = {(const uint8_t *)octets, len}};
    GError *error = NULL;

    cr_assert(bm_stream_device(s, &d, &error), "%s", error ? error->message : "");
}

Test(machine, loads_by_priority_and_only_at_the_end)
{
    Tiny *t = tiny_new();
    BmMachineReport report;
    BmStreamVisitor *s;

    bm_machine_report_init(&report);
    s = bm_machine_load_new(t->machine, &report);
    cr_assert(bm_stream_begin(s, &(BmPreamble){.major = 1, .generator = ""}, NULL));
    give_octets_device(s, "box", 0, 3, "abc", 3);
    give_octets_device(s, "board/timer", 1, 2, "\0\0\0\x05\x01\0\0\0\0\0\0\0\x09", 13);
    give_octets_device(s, "board/lamp", 0, 1, "\x01\x02xyz", 5);
    cr_assert(bm_stream_finish(s, &(BmDescription){.present = FALSE}, NULL));
    cr_expect_str_eq(t->log.calls->str, "");
    cr_expect_eq(t->timer.reload, 0);
    cr_assert(bm_stream_end(s, NULL));
    bm_stream_free(s);
    cr_expect_str_eq(t->log.calls->str, "lamp.load box.load");
    cr_expect_eq(t->timer.reload, 5);
    cr_expect_eq(t->timer.deadline, 9);
    cr_expect_eq(t->lamp.level, 0x102);
    cr_expect_str_eq(t->box, "abc");
    cr_expect_eq(report.missing->len, 2);
    cr_expect_str_eq(report.missing->pdata[0], "ram");
    cr_expect_str_eq(report.missing->pdata[1], "spapr/htab");
    bm_machine_report_clear(&report);
    tiny_free(t);
}

Test(machine, hands_a_live_sections_pieces_on)
{
    Tiny *a = tiny_new(), *b = tiny_new();
    BmOutput *out = tiny_save(a, TINY_BER);

    cr_assert(tiny_load(b, TINY_BER, octets_of(out), NULL, NULL));
    cr_expect_str_eq(b->log.calls->str,
                     "hash.load_start hash.load_item hash.load_end hash.load_last hash.load_item "
                     "hash.load_end lamp.load box.load hash.cleanup");
    bm_output_free(out);
    tiny_free(b);
    tiny_free(a);
}
