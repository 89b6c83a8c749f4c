/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams of another machine, functions that fail, calls out of order: an error
 * that says what, and nothing loaded that must not be.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tiny.h"

/* What is registered, but for one section that is registered otherwise. */
typedef struct Other {
    const char *type;
    uint64_t page_size;
    uint64_t ram_pages;
    const char *block;
    const char *timer;
    uint32_t instance;
    const BmTable *table;
    gboolean lamp_is_live, no_box;
} Other;

static const Other same = {.type = "tiny",
                           .page_size = TINY_PAGE,
                           .ram_pages = TINY_PAGES,
                           .block = "pc.ram",
                           .timer = "board/timer",
                           .instance = 1,
                           .table = &tiny_timer_table};

static Tiny *make(const Other *o)
{
    Tiny *t = tiny_bare(o->type, o->page_size);
    BmMachine *m = t->machine;

    t->ram = bm_ram_new(o->page_size);
    t->area = bm_ram_add(t->ram, o->block, t->memory, o->ram_pages * TINY_PAGE, NULL);
    cr_assert_not_null(t->area);
    cr_assert(bm_ram_add(t->ram, "rom", t->rom, TINY_ROM_PAGES * TINY_PAGE, NULL));
    cr_assert(bm_machine_add_live(m, "ram", 0, &bm_ram_handlers, t->ram, NULL));
    cr_assert(bm_machine_add_live(m, "spapr/htab", 0, &tiny_hash_handlers, t, NULL));
    cr_assert(bm_machine_add_table(m, o->timer, o->instance, o->table, &t->timer, NULL));
    if (o->lamp_is_live) {
        cr_assert(bm_machine_add_live(m, "board/lamp", 0, &tiny_hash_handlers, t, NULL));
    } else {
        cr_assert(bm_machine_add_direct(m, "board/lamp", 0, &tiny_lamp_device, t, 0, NULL));
    }
    cr_assert(o->no_box || bm_machine_add_octets(m, "box", 0, &tiny_box_device, t, 0, NULL));
    return t;
}

/* ---- what differs ---- */

static void check_error(GError *error, BmCode code, const char *path, const char *message)
{
    cr_assert_not_null(error);
    cr_expect(g_error_matches(error, BM_ERROR, (int)code), "%d: %s", error->code, error->message);
    cr_expect_str_eq(bm_error_path(error), path);
    cr_expect_str_eq(error->message, message);
    g_error_free(error);
}

/* A stream of the ordinary machine, into another. */
static void check_refused(const Other *other, BmCode code, const char *path, const char *message)
{
    for (TinyForm form = 0; form < TINY_FORMS; form++) {
        Tiny *from = tiny_new(), *to = make(other);
        BmOutput *out = tiny_save(from, form);
        GError *error = NULL;

        cr_expect_not(tiny_load(to, form, bm_output_memory_data(out), NULL, &error));
        check_error(error, code, path, message);
        cr_expect_null(strstr(to->log.calls->str, "lamp.load"));
        cr_expect_null(strstr(to->log.calls->str, "box.load"));
        bm_output_free(out);
        tiny_free(to);
        tiny_free(from);
    }
}

Test(other, machine_of_the_same_kind_is_taken)
{
    Tiny *from = tiny_new(), *to = make(&same);
    BmOutput *out = tiny_save(from, TINY_BER);

    cr_expect(tiny_load(to, TINY_BER, bm_output_memory_data(out), NULL, NULL));
    bm_output_free(out);
    tiny_free(to);
    tiny_free(from);
}

Test(other, type_is_refused)
{
    Other o = same;

    o.type = "large";
    check_refused(&o, BM_MISMATCH, "configuration",
                  "it was saved by the machine type \"tiny\", this is \"large\"");
}

Test(other, page_size_is_refused)
{
    Other o = same;

    o.page_size = 1024;
    check_refused(&o, BM_MISMATCH, "configuration", "pages of 2^12 octets, here they have 1024");
}

Test(other, length_of_a_block_is_refused)
{
    Other o = same;

    o.ram_pages--;
    check_refused(&o, BM_MISMATCH, "pc.ram", "a RAM block of 262144 octets, here it has 258048");
}

Test(other, block_is_refused)
{
    Other o = same;

    o.block = "mach.ram";
    check_refused(&o, BM_UNKNOWN, "pc.ram", "this machine has no RAM block \"pc.ram\"");
}

Test(other, section_is_refused)
{
    Other o = same;

    o.no_box = TRUE;
    check_refused(&o, BM_UNKNOWN, "box", "this machine has no section \"box\" of instance 0");
}

Test(other, instance_is_refused)
{
    Other o = same;

    o.instance = 2;
    check_refused(&o, BM_UNKNOWN, "board/timer",
                  "this machine has no section \"board/timer\" of instance 1");
}

Test(other, sort_of_section_is_refused)
{
    Other o = same;

    o.lamp_is_live = TRUE;
    check_refused(&o, BM_MISMATCH, "board/lamp", "a device, here it is a live section");
}

Test(other, version_is_refused)
{
    BmTable old = tiny_timer_table, new = tiny_timer_table;
    Other o = same;

    old.version = 1;
    o.table = &old;
    check_refused(&o, BM_BAD_VERSION, "board/timer", "version 2 of this section, known are 1 to 1");
    new.version = 9;
    new.minimum_version = 8;
    o.table = &new;
    check_refused(&o, BM_BAD_VERSION, "board/timer", "version 2 of this section, known are 8 to 9");
}

/* ---- what is missing ---- */

static BmOutput *save_without_box_and_timer(TinyForm form)
{
    Tiny *t = tiny_bare("tiny", TINY_PAGE);
    BmOutput *out;

    cr_assert(bm_machine_add_direct(t->machine, "board/lamp", 0, &tiny_lamp_device, t, 0, NULL));
    tiny_fill(t, 3);
    out = tiny_save(t, form);
    tiny_free(t);
    return out;
}

Test(missing, sections_are_all_named)
{
    for (TinyForm form = 0; form < TINY_FORMS; form++) {
        BmOutput *out = save_without_box_and_timer(form);
        Tiny *t = tiny_new();
        GError *error = NULL;

        cr_expect_not(tiny_load(t, form, bm_output_memory_data(out), NULL, &error));
        check_error(error, BM_MISMATCH, "",
                    "the stream has no state of board/timer#1, box, ram, spapr/htab");
        cr_expect_str_eq(t->log.calls->str, "");
        tiny_free(t);
        bm_output_free(out);
    }
}

Test(missing, sections_are_reported_to_who_asks)
{
    BmOutput *out = save_without_box_and_timer(TINY_BER);
    Tiny *t = tiny_new();
    BmMachineReport report;

    bm_machine_report_init(&report);
    cr_expect(tiny_load(t, TINY_BER, bm_output_memory_data(out), &report, NULL));
    cr_expect_eq(report.missing->len, 4);
    cr_expect_str_eq(report.missing->pdata[0], "board/timer#1");
    cr_expect_eq(t->lamp.colours[2], 3);
    bm_machine_report_clear(&report);
    tiny_free(t);
    bm_output_free(out);
}

/* ---- devices wait for the end ---- */

/* Whatever octet is changed, no device sees any of it. */
Test(damaged, streams_load_no_device)
{
    Tiny *from = tiny_new(), *to = tiny_new();
    BmOutput *out;
    BmOctets octets;
    g_autofree uint8_t *copy = NULL;

    tiny_fill(from, 8);
    out = tiny_save(from, TINY_BER);
    octets = bm_output_memory_data(out);
    copy = g_memdup2(octets.data, octets.len);
    for (size_t i = 0; i < octets.len; i += 1 + octets.len / 200) {
        GError *error = NULL;

        copy[i] ^= 0x10;
        cr_expect_not(tiny_load(to, TINY_BER, (BmOctets){copy, octets.len}, NULL, &error));
        cr_expect_eq(error->domain, BM_ERROR);
        g_error_free(error);
        cr_expect_not(tiny_load(to, TINY_BER, (BmOctets){octets.data, i}, NULL, NULL));
        copy[i] ^= 0x10;
    }
    cr_expect_eq(to->timer.reload, 0);
    cr_expect_str_eq(to->box, "");
    cr_expect_null(strstr(to->log.calls->str, ".load "));
    bm_output_free(out);
    tiny_free(to);
    tiny_free(from);
}

/* ---- functions that fail ---- */

static guint count(const char *in, const char *what)
{
    guint n = 0;

    for (; (in = strstr(in, what)) != NULL; in++) {
        n++;
    }
    return n;
}

static void save_failing(Tiny *t, const char *call, BmCode code, const char *path,
                         const char *message)
{
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = tiny_writer(TINY_BER, out);
    BmMachineSave *save = bm_machine_save_new(t->machine, s);
    GError *error = NULL;

    t->log.fail = call;
    cr_expect_not(bm_machine_save_setup(save, &error) &&
                  bm_machine_save_iterate(save, 1 << 20, &error) &&
                  bm_machine_save_complete(save, &error));
    check_error(error, code, path, message);
    cr_expect_not(bm_machine_save_complete(save, NULL));
    cr_expect_eq(bm_machine_save_remaining(save), 0);
    bm_machine_save_free(save);
    cr_expect_eq(count(t->log.calls->str, "hash.cleanup"), 1);
    bm_stream_free(s);
    bm_output_free(out);
}

Test(failing, functions_stop_a_saving)
{
    static const struct {
        const char *call;
        BmCode code;
        const char *path, *message;
    } rows[] = {
        {"hash.setup", BM_REFUSED, "spapr/htab", "the test wants it"},
        {"hash.iterate", BM_REFUSED, "spapr/htab", "the test wants it"},
        {"hash.complete", BM_REFUSED, "spapr/htab", "the test wants it"},
        {"lamp.save", BM_MISMATCH, "lamp", "the test wants it"},
        {"box.save", BM_REFUSED, "box", "the test wants it"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Tiny *t = tiny_new();

        save_failing(t, rows[i].call, rows[i].code, rows[i].path, rows[i].message);
        tiny_free(t);
    }
}

Test(failing, functions_need_not_say_why)
{
    Tiny *t = tiny_new();

    t->log.silent = TRUE;
    save_failing(t, "hash.iterate", BM_MISMATCH, "spapr/htab",
                 "iterate failed and does not say why");
    tiny_free(t);
}

Test(failing, functions_stop_a_loading)
{
    static const char *const calls[] = {"hash.load_start", "hash.load_item", "hash.load_end",
                                        "hash.load_last",  "lamp.load",      "box.load"};

    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
        for (TinyForm form = 0; form < TINY_FORMS; form++) {
            Tiny *from = tiny_new(), *to = tiny_new();
            BmOutput *out = tiny_save(from, form);
            GError *error = NULL;

            to->log.fail = calls[i];
            cr_expect_not(tiny_load(to, form, bm_output_memory_data(out), NULL, &error));
            cr_expect_str_eq(error->message, "the test wants it");
            g_error_free(error);
            cr_expect(g_str_has_suffix(to->log.calls->str, "hash.cleanup"));
            cr_expect_eq(count(to->log.calls->str, calls[i]), 1);
            bm_output_free(out);
            tiny_free(to);
            tiny_free(from);
        }
    }
}

/* ---- calls out of order ---- */

Test(calls, out_of_order_are_refused)
{
    Tiny *t = tiny_new();
    BmStreamVisitor *s = bm_null_stream();
    BmMachineSave *save = bm_machine_save_new(t->machine, s);
    GError *error = NULL;

    cr_expect_not(bm_machine_save_iterate(save, 1, &error));
    check_error(error, BM_BAD_ORDER, "", "a part of a saving that has not been set up");
    bm_machine_save_free(save);
    cr_expect_str_eq(t->log.calls->str, "");

    error = NULL;
    save = bm_machine_save_new(t->machine, s);
    cr_assert(bm_machine_save_setup(save, NULL));
    cr_assert(bm_machine_save_complete(save, NULL));
    cr_expect_not(bm_machine_save_complete(save, &error));
    check_error(error, BM_BAD_ORDER, "", "completion of a saving that is complete");
    bm_machine_save_free(save);
    bm_stream_free(s);
    tiny_free(t);
}

Test(calls, that_register_twice_are_refused)
{
    Tiny *t = tiny_new();
    GError *error = NULL;
    char name[BM_LIMIT_NAME + 2];

    cr_expect_not(bm_machine_add_octets(t->machine, "ram", 0, &tiny_box_device, t, 0, &error));
    check_error(error, BM_DUPLICATE, "ram", "instance 0 is registered already");
    cr_expect(bm_machine_add_octets(t->machine, "ram", 1, &tiny_box_device, t, 0, NULL));

    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cr_expect_not(bm_machine_add_octets(t->machine, "", 0, &tiny_box_device, t, 0, NULL));
    cr_expect_not(bm_machine_add_octets(t->machine, name, 0, &tiny_box_device, t, 0, NULL));
    cr_expect_not(bm_machine_add_octets(t->machine, "\xff", 0, &tiny_box_device, t, 0, NULL));
    cr_expect_null(bm_machine_new("x", 512));
    cr_expect_null(bm_machine_new("x", 4097));
    tiny_free(t);
}

/* ---- pieces that QEMU sends and a machine cannot take ---- */

static BmCode drive_command(uint32_t code)
{
    Tiny *t = tiny_new();
    BmStreamVisitor *s = bm_machine_load_new(t->machine, NULL);
    GError *error = NULL;
    BmCode result = BM_OK;

    if (!bm_stream_command(s, code, (BmOctets){NULL, 0}, &error)) {
        result = (BmCode)error->code;
    }
    g_clear_error(&error);
    bm_stream_free(s);
    tiny_free(t);
    return result;
}

Test(commands, that_ask_for_nothing_are_passed_over)
{
    cr_expect_eq(drive_command(1), BM_OK);
    cr_expect_eq(drive_command(2), BM_OK);
    cr_expect_eq(drive_command(11), BM_OK);
    cr_expect_eq(drive_command(3), BM_REFUSED);
    cr_expect_eq(drive_command(7), BM_REFUSED);
    cr_expect_eq(drive_command(99), BM_REFUSED);
}

Test(pieces, come_in_order)
{
    Tiny *t = tiny_new();
    BmStreamVisitor *s = bm_machine_load_new(t->machine, NULL);
    const BmSection hash = {5, "spapr/htab", 0, 1}, none = {6, "ram", 0, 4};
    GError *error = NULL;

    cr_assert(bm_stream_live_begin(s, BM_PHASE_START, &hash, NULL));
    cr_assert(bm_stream_live_end(s, FALSE, NULL));
    cr_assert(bm_stream_live_begin(s, BM_PHASE_END, &hash, NULL));
    cr_assert(bm_stream_live_end(s, FALSE, NULL));
    cr_expect_not(bm_stream_live_begin(s, BM_PHASE_PART, &hash, &error));
    check_error(error, BM_BAD_ORDER, "spapr/htab", "a piece of this section behind its last one");
    error = NULL;
    cr_expect_not(bm_stream_live_begin(s, BM_PHASE_START, &hash, &error));
    check_error(error, BM_DUPLICATE, "spapr/htab", "instance 0 comes twice");
    error = NULL;
    cr_expect_not(bm_stream_live_begin(s, BM_PHASE_PART, &none, &error));
    check_error(error, BM_UNKNOWN, "ram", "section 6 has had no start");
    bm_stream_free(s);
    tiny_free(t);
}
