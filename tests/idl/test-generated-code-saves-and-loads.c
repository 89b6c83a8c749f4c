/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table that bermig-idl makes of uart.h: an object goes through BER and
 * through QEMU's octets and is the same; what was left out comes back.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "compat.h"
#include "legacy-values.h"
#include "uart-table.h"

gboolean uart_post_load(void *object, uint32_t version, GError **error)
{
    Uart *uart = object;

    (void)version;
    (void)error;
    uart->irq = uart->status != 0 && uart->fifo_len > 0;
    return TRUE;
}

gboolean uart_has_modem(const void *object)
{
    return ((const Uart *)object)->modem_status != 0;
}

gboolean uart_has_parity(const void *object)
{
    return ((const Uart *)object)->parity;
}

gboolean uart_split(void *object, GError **error)
{
    UartHalves *halves = object;

    (void)error;
    halves->high = (uint16_t)(halves->uart->joined >> 16);
    halves->low = (uint16_t)halves->uart->joined;
    return TRUE;
}

gboolean uart_join(void *object, uint32_t version, GError **error)
{
    UartHalves *halves = object;

    (void)version;
    (void)error;
    halves->uart->joined = (uint32_t)halves->high << 16 | halves->low;
    return TRUE;
}

/* ---- objects ---- */

static UartLine spare = {TRUE, 70};
static uint32_t words[] = {1, 2, 0xffffffff};

/* All conditional fields have their default. */
static Uart plain(void)
{
    Uart uart = {
        .divider = 12,
        .status = 0x8001,
        .when = -5,
        .rate = 115200.5,
        .mode = UART_LOOPBACK,
        .matrix = {{1, -2, 3}, {-4, 5, -6}},
        .has_label = TRUE,
        .label = "console",
        .deadline = 77,
        .seen = {0x8000000000000001, 0x5},
        .fifo_len = 4,
        .fifo = {9, 8, 7, 6},
        .n_words = 3,
        .words = words,
        .pairs = {300, 400},
        .line = {TRUE, 7},
        .lines = {{FALSE, 8}, {TRUE, 7}},
        .spare = {NULL, &spare, NULL},
        .window = {1, 2},
        .scratch = UART_SCRATCH_DEFAULT,
        .levels = {1, 1, 1, 1},
        .peer = "none",
        .on = true,
        .scale = 1.5,
        .extra = 9,
        .credits = 1000,
        .joined = 0x12345678,
        .model = 16550,
        .depth = 16,
        .clock = 48000000,
        .holding = 3,
        .irq = TRUE,
        .baudbase = 9600,
    };

    return uart;
}

/* None has it. */
static Uart full(void)
{
    Uart uart = plain();

    uart.has_break = TRUE;
    uart.break_length = 20;
    uart.scratch = 1;
    uart.levels[3] = 2;
    strcpy(uart.peer, "modem");
    uart.on = false;
    uart.scale = -0.0;
    uart.extra = 10;
    uart.modem_status = 0xb0;
    uart.modem_timer = 300;
    uart.parity = true;
    return uart;
}

static UartLine target_spare;

/* Nothing in it is what was sent. */
static Uart target(void)
{
    Uart uart;

    memset(&uart, 0x55, sizeof(uart));
    uart.has_break = uart.has_label = FALSE;
    uart.on = FALSE;
    uart.irq = FALSE;
    uart.parity = FALSE;
    uart.jobs = NULL;
    uart.lanes = NULL;
    memset(&uart.waiting, 0, sizeof(uart.waiting));
    memset(&uart.done, 0, sizeof(uart.done));
    uart.model = 16550;
    uart.depth = 64;
    uart.n_words = 0;
    uart.words = NULL;
    uart.fifo_len = 0;
    uart.spare[0] = uart.spare[2] = NULL;
    uart.spare[1] = &target_spare;
    uart.line.level = uart.lines[0].level = uart.lines[1].level = FALSE;
    return uart;
}

static void expect_same(const Uart *a, const Uart *b)
{
    cr_expect(a->divider == b->divider && a->status == b->status && a->when == b->when);
    cr_expect(a->rate == b->rate && a->mode == b->mode && a->deadline == b->deadline);
    cr_expect_arr_eq(a->matrix, b->matrix, sizeof(a->matrix));
    cr_assert_eq(a->has_label, b->has_label);
    cr_expect(!a->has_label || !strcmp(a->label, b->label));
    cr_expect_arr_eq(a->seen, b->seen, sizeof(a->seen));
    cr_expect_eq(a->fifo_len, b->fifo_len);
    cr_expect_arr_eq(a->fifo, b->fifo, a->fifo_len);
    cr_expect_arr_eq(a->pairs, b->pairs, a->fifo_len / 2u * sizeof(a->pairs[0]));
    cr_assert_eq(a->n_words, b->n_words);
    cr_expect_arr_eq(a->words, b->words, a->n_words * sizeof(*a->words));
    cr_expect(a->line.level == b->line.level && a->line.count == b->line.count);
    cr_expect(a->lines[0].count == b->lines[0].count && a->lines[1].count == b->lines[1].count);
    cr_expect(a->spare[1]->level == b->spare[1]->level && a->spare[1]->count == b->spare[1]->count);
    cr_expect(!b->spare[0] && !b->spare[2]);
    cr_expect(a->window.low == b->window.low && a->window.high == b->window.high);
    cr_expect(a->has_break == b->has_break);
    cr_expect(!a->has_break || a->break_length == b->break_length);
    cr_expect(!a->has_break || a->extra == b->extra);
    cr_expect(a->scratch == b->scratch && a->on == b->on && a->credits == b->credits);
    cr_expect(a->joined == b->joined && a->depth == b->depth);
    cr_expect(a->modem_status == 0 ||
              (a->modem_status == b->modem_status && a->modem_timer == b->modem_timer));
    cr_expect(a->parity == b->parity);
    cr_expect_arr_eq(a->levels, b->levels, sizeof(a->levels));
    cr_expect_str_eq(a->peer, b->peer);
    cr_expect_arr_eq(&a->scale, &b->scale, sizeof(a->scale));
}

static void expect_rest_untouched(const Uart *uart, const Uart *before)
{
    cr_expect_eq(uart->clock, before->clock);
    cr_expect_eq(uart->holding, before->holding);
    cr_expect_eq(uart->baudbase, before->baudbase);
    cr_expect_eq(uart->next, before->next);
}

/* ---- both forms ---- */

typedef struct Stream {
    BmSchemaSet *set;
    const BmSchema *schema;
    BmWriter writer;  /* BER */
    BmOutput *output; /* QEMU's */
} Stream;

static Stream save(Uart *uart, gboolean ber)
{
    Stream stream = {.set = bm_schema_set_new(), .output = bm_output_memory()};
    GError *error = NULL;
    BmVisitor *out;

    bm_writer_init(&stream.writer);
    stream.schema = uart_describe(uart, stream.set, &error);
    cr_assert(stream.schema, "%s", error ? error->message : "");
    out = ber ? bm_visitor_ber_out(&stream.writer) : bm_visitor_legacy_out(stream.output);
    cr_assert(uart_save(uart, stream.set, out, &error), "%s", error ? error->message : "");
    bm_visitor_free(out);
    return stream;
}

static gboolean load(const Stream *stream, Uart *uart, gboolean ber, BmLoadReport *report,
                     GError **error)
{
    BmFault fault = {BM_OK};
    BmOctets octets = ber ? (BmOctets){stream->writer.data, stream->writer.len}
                          : bm_output_memory_data(stream->output);
    BmView view = bm_view(octets.data, octets.len, 0, &fault);
    BmVisitor *in = ber ? bm_visitor_ber_in(view) : bm_visitor_legacy_in(view);
    gboolean ok = uart_load(uart, stream->schema, in, report, error);

    bm_visitor_free(in);
    return ok;
}

static void clear(Stream *stream)
{
    bm_writer_clear(&stream->writer);
    bm_output_free(stream->output);
    bm_schema_set_free(stream->set);
}

static void go_both_ways(Uart sent, gboolean ber)
{
    Uart loaded = target(), before = loaded;
    Stream stream = save(&sent, ber);
    BmLoadReport report;
    GError *error = NULL;

    bm_load_report_init(&report);
    cr_assert(load(&stream, &loaded, ber, &report, &error), "%s: %s",
              error ? bm_error_path(error) : "", error ? error->message : "");
    expect_same(&sent, &loaded);
    expect_rest_untouched(&loaded, &before);
    cr_expect(loaded.irq, "post_load computes it");
    cr_expect_eq(report.skipped->len, 0);
    bm_load_report_clear(&report);
    bm_table_clear(&uart_table, &loaded);
    clear(&stream);
}

Test(idl_generated, ber_with_defaults)
{
    go_both_ways(plain(), TRUE);
}

Test(idl_generated, ber_without_defaults)
{
    go_both_ways(full(), TRUE);
}

/* QEMU's octets have no length, so that only strings of one length can go there. */
static Uart without_strings(Uart uart)
{
    uart.has_label = FALSE;
    strcpy(uart.peer, "none");
    return uart;
}

Test(idl_generated, qemu_with_defaults)
{
    go_both_ways(without_strings(plain()), FALSE);
}

Test(idl_generated, qemu_without_defaults)
{
    go_both_ways(without_strings(full()), FALSE);
}

/* ---- lists ---- */

static int compare_keys(gconstpointer a, gconstpointer b)
{
    return (a > b) - (a < b);
}

static void expect_lists(const Uart *uart)
{
    const UartJob *job = TAILQ_FIRST(&uart->waiting);
    const UartLine *lane = uart->lanes ? g_tree_lookup(uart->lanes, GUINT_TO_POINTER(5)) : NULL;

    cr_assert(uart->jobs && uart->jobs->length == 2 && job && lane);
    cr_expect_eq(((const UartJob *)uart->jobs->head->data)->number, 1);
    cr_expect_eq(((const UartJob *)uart->jobs->tail->data)->number, 2);
    cr_expect(lane->level && lane->count == 9);
    cr_expect_eq(job->number, 3);
    cr_expect_eq(TAILQ_NEXT(job, next)->number, 4);
    cr_expect_null(TAILQ_NEXT(TAILQ_NEXT(job, next), next));
    cr_assert(LIST_FIRST(&uart->done));
    cr_expect_eq(LIST_FIRST(&uart->done)->number, 5);
}

static void lists_go_both_ways(gboolean ber)
{
    UartJob jobs[] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}, {.number = 5}};
    UartLine lane = {TRUE, 9};
    Uart uart = plain(), loaded = target();
    GError *error = NULL;
    Stream stream;

    uart.has_label = FALSE;
    uart.jobs = g_queue_new();
    g_queue_push_tail(uart.jobs, &jobs[0]);
    g_queue_push_tail(uart.jobs, &jobs[1]);
    uart.lanes = g_tree_new(compare_keys);
    g_tree_insert(uart.lanes, GUINT_TO_POINTER(5), &lane);
    TAILQ_INIT(&uart.waiting);
    TAILQ_INSERT_TAIL(&uart.waiting, &jobs[2], next);
    TAILQ_INSERT_TAIL(&uart.waiting, &jobs[3], next);
    LIST_INIT(&uart.done);
    LIST_INSERT_HEAD(&uart.done, &jobs[4], also);
    stream = save(&uart, ber);
    cr_assert(load(&stream, &loaded, ber, NULL, &error), "%s: %s",
              error ? bm_error_path(error) : "", error ? error->message : "");
    expect_lists(&loaded);
    bm_table_clear(&uart_table, &loaded);
    clear(&stream);
    g_queue_free(uart.jobs);
    g_tree_unref(uart.lanes);
}

Test(idl_generated, lists_in_ber)
{
    lists_go_both_ways(TRUE);
}

Test(idl_generated, lists_in_qemus_octets)
{
    lists_go_both_ways(FALSE);
}

static BmCode load_into(uint16_t model, int32_t depth)
{
    Uart uart = plain(), other = target();
    Stream stream = save(&uart, TRUE);
    GError *error = NULL;
    BmCode code = BM_OK;

    other.model = model;
    other.depth = depth;
    if (!load(&stream, &other, TRUE, NULL, &error)) {
        code = (BmCode)error->code;
    }
    g_clear_error(&error);
    bm_table_clear(&uart_table, &other);
    clear(&stream);
    return code;
}

Test(idl_generated, comparisons)
{
    cr_expect_eq(load_into(16550, 16), BM_OK);
    cr_expect_eq(load_into(16450, 16), BM_MISMATCH);
    cr_expect_neq(load_into(16550, 15), BM_OK);
}

Test(idl_generated, subsections_are_sent_when_needed)
{
    Uart with = full(), without = plain();
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *both = uart_describe(&with, set, NULL), *all;

    cr_assert_eq(both->n_subsections, 2);
    cr_expect_str_eq(both->subsections[0]->name, "uart/modem");
    cr_expect_eq(both->subsections[0]->version, 3);
    cr_expect_eq(both->subsections[0]->n_fields, 2);
    cr_expect_eq(uart_describe(&without, set, NULL)->n_subsections, 0);
    all = bm_table_schema(&uart_table, set, NULL);
    cr_assert_eq(all->n_subsections, 2);
    cr_expect_str_eq(all->subsections[1]->condition, "uart_has_parity");
    bm_schema_set_free(set);
}

/* ---- what is in the stream ---- */

static const BmField *find_field(const BmSchema *schema, const char *name)
{
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (!strcmp(schema->fields[i].name, name)) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

static gboolean has_field(const BmSchema *schema, const char *name)
{
    return find_field(schema, name) != NULL;
}

Test(idl_generated, defaults_are_not_sent)
{
    static const char *const conditional[] = {"break_length", "scratch", "levels", "peer",
                                              "on",           "scale",   "extra"};
    Uart with = plain(), without = full();
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *little = uart_describe(&with, set, NULL);
    const BmSchema *much = uart_describe(&without, set, NULL);

    cr_assert(little && much);
    for (size_t i = 0; i < G_N_ELEMENTS(conditional); i++) {
        cr_expect(!has_field(little, conditional[i]), "%s", conditional[i]);
        cr_expect(has_field(much, conditional[i]), "%s", conditional[i]);
    }
    cr_expect(has_field(little, "has_break"));
    bm_schema_set_free(set);
}

Test(idl_generated, what_is_not_sent_is_listed_with_its_reason)
{
    static const BmNotSent expected[] = {
        {"clock", "immutable", "const"},
        {"notify", "immutable", "a pointer to a function"},
        {"backend", "immutable", "the host's end of the line"},
        {"irq", "derived", "from status and fifo_len"},
        {"holding", "broken", "old versions did not send it either"},
        {"next", "elsewhere", "the bus has the list"},
        {"baudbase", "property", "baudbase"},
    };
    const BmNotSent *listed = uart_table.not_sent;
    Uart uart = full();
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = uart_describe(&uart, set, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        cr_assert(listed[i].name);
        cr_expect_str_eq(listed[i].name, expected[i].name);
        cr_expect_str_eq(listed[i].marker, expected[i].marker);
        cr_expect_str_eq(listed[i].reason, expected[i].reason);
        cr_expect(!has_field(schema, expected[i].name));
    }
    cr_expect_null(listed[G_N_ELEMENTS(expected)].name);
    bm_schema_set_free(set);
}

Test(idl_generated, counters_have_a_maximum)
{
    Uart uart = plain();
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;

    uart.fifo_len = UART_FIFO + 1;
    cr_expect(!uart_describe(&uart, set, &error));
    cr_assert(error);
    cr_expect_eq(error->code, BM_LIMIT);
    cr_expect_str_eq(bm_error_path(error), "uart.fifo");
    g_error_free(error);
    bm_schema_set_free(set);
}

/* Only a description tells what was left out because of its value. */
Test(idl_generated, plain_octets_are_refused)
{
    static const uint8_t octets[] = {1, 0, 0, 0, 9};
    UartLine line = {FALSE, 0};
    BmFault fault = {BM_OK};
    BmVisitor *in = bm_visitor_legacy_in(bm_view(octets, sizeof(octets), 0, &fault));
    GError *error = NULL;

    cr_expect(!bm_table_load_plain(&uart_line_table, &line, 1, in, &error));
    cr_assert(error);
    cr_expect_eq(error->code, BM_REFUSED);
    cr_expect_eq(line.count, 0);
    g_error_free(error);
    bm_visitor_free(in);
}

/* Without an object all is in it, and on what it depends. */
Test(idl_generated, the_description_of_any_object_has_conditions_and_reasons)
{
    static const char *const conditions[][2] = {
        {"break_length", "has_break"},
        {"scratch", "scratch != UART_SCRATCH_DEFAULT"},
        {"extra", "has_break && extra != 9"},
        {"irq", "not sent, derived: from status and fifo_len"},
        {"clock", "not sent, immutable: const"},
    };
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;
    const BmSchema *schema = bm_table_schema(&uart_table, set, &error);

    cr_assert(schema, "%s", error ? error->message : "");
    for (size_t i = 0; i < G_N_ELEMENTS(conditions); i++) {
        const BmField *field = find_field(schema, conditions[i][0]);

        cr_assert(field, "%s", conditions[i][0]);
        cr_expect_str_eq(field->condition, conditions[i][1]);
    }
    bm_schema_set_free(set);
}
