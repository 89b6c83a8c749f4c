/* SPDX-License-Identifier: BSD-2-Clause */
/* A device as QEMU has it, its table unchanged, outside of QEMU and of this tree. */
#define BM_WANT_QEMU_NAMES
#include <bermig/legacy-values.h>
#include <bermig/qemu-vmstate.h>
#include <stdio.h>

typedef struct Channel {
    uint32_t regs[16], a, b, c, d, e, f, g, h;
} Channel;

typedef struct Timer {
    uint32_t reload;
    bool running;
    int64_t deadline;
    uint32_t n;
    Channel *channels;
} Timer;

static bool timer_runs(void *opaque, int version_id)
{
    (void)version_id;
    return ((Timer *)opaque)->running;
}

/* clang-format off */
static const VMStateDescription vmstate_channel = {
    .name = "timer/channel",
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(regs, Channel, 16),
        VMSTATE_UINT32(a, Channel),
        VMSTATE_UINT32(b, Channel),
        VMSTATE_UINT32(c, Channel),
        VMSTATE_UINT32(d, Channel),
        VMSTATE_UINT32(e, Channel),
        VMSTATE_UINT32(f, Channel),
        VMSTATE_UINT32(g, Channel),
        VMSTATE_UINT32(h, Channel),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_timer = {
    .name = "timer",
    .version_id = 2,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(reload, Timer),
        VMSTATE_BOOL_V(running, Timer, 2),
        VMSTATE_INT64_TEST(deadline, Timer, timer_runs),
        VMSTATE_UINT32(n, Timer),
        VMSTATE_STRUCT_VARRAY_POINTER_UINT32(channels, Timer, n, vmstate_channel, Channel),
        VMSTATE_END_OF_LIST()
    }
};
/* clang-format on */

static gboolean save(Timer *timer, BmOutput *output, GError **error)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmVisitor *out = bm_visitor_legacy_out(output);
    gboolean ok = bm_table_save(bm_qemu_table(&vmstate_timer), timer, set, out, error);

    bm_visitor_free(out);
    bm_schema_set_free(set);
    return ok;
}

static gboolean load(Timer *timer, BmOctets octets, GError **error)
{
    BmFault fault = {0};
    BmVisitor *in = bm_visitor_legacy_in(bm_view(octets.data, octets.len, 0, &fault));
    gboolean ok = bm_table_load_plain(bm_qemu_table(&vmstate_timer), timer, 2, in, error);

    bm_visitor_free(in);
    return ok;
}

/* Of all timers there can be, however many channels they have. */
static gboolean describe(GError **error)
{
    BmSchemaSet *set = bm_schema_set_new();
    gboolean ok = bm_table_schema(bm_qemu_table(&vmstate_timer), set, error) != NULL;

    bm_schema_set_free(set);
    return ok;
}

int main(void)
{
    Timer timer = {7, true, 9, 0, NULL}, other = {0};
    BmOutput *output = bm_output_memory();
    GError *error = NULL;
    BmOctets octets;
    gboolean ok;

    if (!describe(&error) || !save(&timer, output, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    octets = bm_output_memory_data(output);
    for (size_t i = 0; i < octets.len; i++) {
        printf("%s%02x", i == 4 || i == 5 ? " " : "", octets.data[i]);
    }
    ok = load(&other, octets, &error);
    puts(ok && other.reload == 7 && other.running && other.deadline == 9 ? " loaded" : " wrong");
    g_clear_error(&error);
    bm_output_free(output);
    return 0;
}
