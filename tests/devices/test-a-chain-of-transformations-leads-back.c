/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real device, in the form of an older machine and back, three steps each way: the
 * table, what is sent and what another release would send are separate things.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "devices.h"
#include "legacy-values.h"
#include "transform.h"
#include "walk.h"

/* The first interrupt controller of a guest, as QEMU 7.2 has sent it. */
static const uint8_t octets[16] = {0x01, 0x10, 0xb8, 0, 0, 0x08, 0, 0, 0, 0, 0, 0, 0, 0x01, 0, 0};

/* What the releases in this test would have changed. */
static const BmTransform to_9_2[] = {
    {&bm_op_rename, .device = "i8259", .name = "imr", .to = "mask"},
    {NULL},
};
static const BmTransform to_8_0[] = {
    {&bm_op_resize, .device = "i8259", .name = "irq_base", .width = 4, .back_width = 1},
    {NULL},
};
static const BmTransform to_7_2[] = {
    {&bm_op_split_bits, .device = "i8259", .name = "mask", .parts = "low:4 high:4", .width = 1},
    {&bm_op_drop_if, .device = "i8259", .fields = "elcr:uint8=0"},
    {NULL},
};
static const BmStep steps[] = {
    {"10.0", "9.2", to_9_2}, {"9.2", "8.0", to_8_0}, {"8.0", "7.2", to_7_2}};

static GError *error;

/* ---- forms ---- */

static void *loaded(void)
{
    void *pic = g_malloc0(device_i8259.size);
    BmFault fault = {BM_OK};
    BmVisitor *in = bm_visitor_legacy_in(bm_view(octets, sizeof(octets), 0, &fault));

    cr_assert(bm_table_load_plain(device_i8259.table, pic, 1, in, &error));
    cr_assert_eq(bm_visitor_legacy_left(in), 0);
    bm_visitor_free(in);
    return pic;
}

static BmState *tree_of(void *pic, BmSchemaSet *set)
{
    BmState *state = NULL;
    BmVisitor *out = bm_visitor_state_out(&state);

    cr_assert(bm_table_save(device_i8259.table, pic, set, out, &error));
    bm_visitor_free(out);
    return state;
}

/* Into another object, and from that the octets. */
static void check_octets(const BmState *state, BmSchemaSet *set)
{
    void *pic = g_malloc0(device_i8259.size);
    BmVisitor *in = bm_visitor_state_in(state);
    BmOutput *output = bm_output_memory();
    BmVisitor *out = bm_visitor_legacy_out(output);
    BmLoadReport report;
    BmOctets is;

    bm_load_report_init(&report);
    cr_assert(bm_table_load(device_i8259.table, pic, bm_state_schema(state, set, NULL), in, &report,
                            &error),
              "%s: %s", bm_error_path(error), error ? error->message : "");
    cr_expect_eq(report.skipped->len + report.defaulted->len, 0);
    cr_assert(bm_table_save(device_i8259.table, pic, set, out, &error));
    is = bm_output_memory_data(output);
    cr_assert_eq(is.len, sizeof(octets));
    cr_expect_arr_eq(is.data, octets, sizeof(octets));
    bm_load_report_clear(&report);
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_output_free(output);
    g_free(pic);
}

/* ---- there and back ---- */

static void go(BmDeviceState *device, const char *from, const char *to)
{
    BmChain *chain = bm_chain_new(steps, G_N_ELEMENTS(steps), from, to, &error);
    BmTransformer by = {0};

    cr_assert(chain && bm_chain_apply(chain, device, &by, &error), "%s",
              error ? error->message : "");
    cr_expect_eq(bm_chain_length(chain), 4);
    cr_expect_eq(by.refused, 0);
    bm_chain_free(chain);
}

static void expect(const BmDeviceState *device, const char *name, uint32_t width, const char *value)
{
    BmStateField *field = bm_state_get(device->state, name);
    g_autofree char *text = NULL;

    cr_assert(field, "no %s", name);
    text = bm_state_value_text(field, -1);
    cr_expect_str_eq(text, value, "%s is %s", name, text);
    cr_expect_eq(field->is.width, width);
}

Test(chain, of_three_steps_leads_back)
{
    BmSchemaSet *set = bm_schema_set_new();
    void *pic = loaded();
    BmDeviceState device = {.name = g_strdup("i8259"), .version = 1, .state = tree_of(pic, set)};
    const BmSchema *schema = bm_state_schema(device.state, set, NULL);

    go(&device, "10.0", "7.2");
    expect(&device, "low", 1, "8");
    expect(&device, "high", 1, "11");
    expect(&device, "irq_base", 4, "8");
    cr_expect_null(bm_state_get(device.state, "elcr"));
    cr_expect_null(bm_state_get(device.state, "imr"));
    cr_expect_neq(bm_state_schema(device.state, set, NULL), schema);
    go(&device, "7.2", "10.0");
    cr_expect_eq(bm_state_schema(device.state, set, NULL), schema);
    check_octets(device.state, set);
    bm_device_state_clear(&device);
    bm_schema_set_free(set);
    g_free(pic);
}

/* The table takes no tree of another level for its own. */
Test(chain, a_tree_of_another_level_does_not_load)
{
    BmSchemaSet *set = bm_schema_set_new();
    void *pic = loaded();
    BmDeviceState device = {.name = g_strdup("i8259"), .version = 1, .state = tree_of(pic, set)};
    BmVisitor *in;

    go(&device, "10.0", "7.2");
    in = bm_visitor_state_in(device.state);
    cr_assert_not(bm_table_load(device_i8259.table, pic, bm_state_schema(device.state, set, NULL),
                                in, NULL, &error));
    cr_expect_str_eq(error->message, "field \"imr\" is missing in the stream");
    g_clear_error(&error);
    bm_visitor_free(in);
    bm_device_state_clear(&device);
    bm_schema_set_free(set);
    g_free(pic);
}
