/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device whose old release saves octets by hand and whose new one has a table (or
 * a function that names its members): each loads what the other has sent, through a
 * whole stream.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "device-body.h"
#include "passage-of-tables.h"

typedef struct Clock {
    uint32_t ticks;
    uint16_t offset;
    uint8_t alarm;
} Clock;

/* ---- the old release: octets, and what they mean is known only to these two ---- */

static void old_save(const Clock *c, GByteArray *to)
{
    const uint8_t octets[] = {
        (uint8_t)(c->ticks >> 24),
        (uint8_t)(c->ticks >> 16),
        (uint8_t)(c->ticks >> 8),
        (uint8_t)c->ticks,
        (uint8_t)(c->offset >> 8),
        (uint8_t)c->offset,
        c->alarm,
    };

    g_byte_array_append(to, octets, sizeof(octets));
}

static gboolean old_load(Clock *c, const uint8_t *o, size_t len)
{
    if (len != 7) {
        return FALSE;
    }
    c->ticks = (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
    c->offset = (uint16_t)(o[4] << 8 | o[5]);
    c->alarm = o[6];
    return TRUE;
}

/* ---- the new one, in two ways ---- */

static const BmTableField clock_fields[] = {
    BM_FIELD_U32(Clock, ticks),
    BM_FIELD_U16(Clock, offset),
    BM_FIELD_U8(Clock, alarm),
    BM_FIELD_END,
};
static const BmTable clock_table = {
    .name = "clock", .version = 1, .fields = clock_fields, .size = sizeof(Clock)};

static gboolean clock_state(BmDirect *d, void *object)
{
    Clock *c = object;

    return bm_direct_u32(d, "ticks", &c->ticks) && bm_direct_u16(d, "offset", &c->offset) &&
           bm_direct_u8(d, "alarm", &c->alarm);
}

static const BmDirectDevice clock_direct = {"clock", 1, 1, clock_state};

/* ---- releases ---- */

typedef enum Release { OLD, TABLE, FUNCTION, RELEASES } Release;

static GError *error;

/* One Device record, as this release makes it. */
static void send(Release release, Clock *c, BmStreamVisitor *to)
{
    BmSchemaSet *set = bm_schema_set_new();
    GByteArray *octets = g_byte_array_new();
    BmDevice device = {.section = {.id = 1, .name = "clock", .version = 1}};
    BmState *state = NULL;

    if (release == OLD) {
        old_save(c, octets);
        device.octets = (BmOctets){octets->data, octets->len};
    } else if (release == TABLE) {
        device.schema = bm_table_prepare(&clock_table, c, set, &error);
        device.values = bm_visitor_table_in(&clock_table, c);
    } else {
        state = bm_direct_save(&clock_direct, c, &error);
        device.schema = bm_state_schema(state, set, &error);
        device.values = bm_visitor_state_in(state);
    }
    device.schemas = device.schema ? set : NULL;
    cr_assert(bm_stream_device(to, &device, &error), "%s", SAYS(error));
    bm_visitor_free(device.values);
    bm_state_free(state);
    g_byte_array_unref(octets);
    bm_schema_set_free(set);
}

typedef struct Receiver {
    BmStreamVisitor base;
    Release release;
    Clock clock;
    unsigned devices;
} Receiver;

static gboolean receive_old(Receiver *r, const BmDevice *device, GError **e)
{
    BmOutput *output = bm_output_memory();
    gboolean ok = bm_body_octets(device, output, e);
    BmOctets octets = bm_output_memory_data(output);

    ok = ok && (old_load(&r->clock, octets.data, octets.len) ||
                bm_error_set(e, BM_MISMATCH, BM_NO_OFFSET, "clock", "%zu octets", octets.len));
    bm_output_free(output);
    return ok;
}

static gboolean receive(BmStreamVisitor *s, const BmDevice *device, GError **e)
{
    Receiver *r = (Receiver *)s;

    r->devices++;
    switch (r->release) {
    case OLD:
        return receive_old(r, device, e);
    case TABLE:
        return bm_body_load(device, &clock_table, &r->clock, NULL, e);
    default:
        return bm_body_load_direct(device, &clock_direct, &r->clock, NULL, e);
    }
}

static const BmStreamOps receiver_ops = {.device = receive};

/* ---- from one to the other ---- */

static void write_stream(Release from, Clock *c, BmOutput *output)
{
    BmStreamVisitor *out = bm_ber_stream_out(output, 0, NULL);

    cr_assert(bm_stream_begin(out, &(BmPreamble){.major = 1, .generator = "test"}, &error), "%s",
              SAYS(error));
    send(from, c, out);
    cr_assert(bm_stream_finish(out, &(BmDescription){.present = FALSE}, &error));
    cr_assert(bm_stream_end(out, &error), "%s", SAYS(error));
    bm_stream_free(out);
}

static void pass(Release from, Release to)
{
    Clock sent = {0x12345678, 0xfffe, 3};
    Receiver receiver = {.base = {&receiver_ops}, .release = to};
    BmOutput *output = bm_output_memory();
    BmOctets octets;
    BmInput *in;

    write_stream(from, &sent, output);
    octets = bm_output_memory_data(output);
    in = bm_input_memory(octets.data, octets.len);
    cr_assert(bm_ber_stream_read(in, &receiver.base, FALSE, NULL, &error), "%d to %d: %s: %s", from,
              to, bm_error_path(error), SAYS(error));
    cr_expect_eq(receiver.devices, 1);
    cr_expect(!memcmp(&receiver.clock, &sent, 7), "%d to %d", from, to);
    cr_expect_eq(receiver.clock.alarm, 3);
    bm_input_free(in);
    bm_output_free(output);
}

Test(forms, every_release_loads_what_every_other_sent)
{
    for (Release from = OLD; from < RELEASES; from++) {
        for (Release to = OLD; to < RELEASES; to++) {
            pass(from, to);
        }
    }
}

/* ---- octets that are not the device's ---- */

static void refused(BmOctets octets, BmCode code, const char *path)
{
    BmDevice device = {.section = {.name = "clock", .version = 1}, .octets = octets};
    Clock c = {0};

    cr_assert_not(bm_body_load(&device, &clock_table, &c, NULL, &error));
    cr_expect_eq(error->code, (int)code, "%s", error->message);
    cr_expect_str_eq(bm_error_path(error), path);
    g_clear_error(&error);
    cr_assert_not(bm_body_load_direct(&device, &clock_direct, &c, NULL, &error));
    cr_expect_eq(error->code, (int)code, "%s", error->message);
    cr_expect_str_eq(bm_error_path(error), path);
    g_clear_error(&error);
}

Test(forms, octets_must_be_of_the_right_length)
{
    static const uint8_t octets[8] = {0};

    refused((BmOctets){octets, 8}, BM_TRAILING, "clock");
    refused((BmOctets){octets, 6}, BM_TRUNCATED, "clock.alarm");
    refused((BmOctets){octets, 0}, BM_TRUNCATED, "clock.ticks");
}

/* A description that came with octets did not fit them: they are not read by it. */
Test(forms, a_schema_beside_octets_is_not_used)
{
    static const uint8_t octets[7] = {0, 0, 0, 5, 0, 6, 7};
    BmSchemaSet *set = bm_schema_set_new();
    BmSchemaBuilder *b = bm_schema_builder_new("clock", 1);
    BmField other = {.name = "other", .kind = BM_KIND_UNSIGNED, .width = 8, .count = 1};
    BmDevice device = {.section = {.name = "clock", .version = 1}, .octets = {octets, 7}};
    BmOutput *output = bm_output_memory();
    Clock c = {0};

    bm_schema_builder_field(b, &other);
    device.schema = bm_schema_set_intern(set, b, NULL);
    device.schemas = set;
    cr_assert(bm_body_load(&device, &clock_table, &c, NULL, &error), "%s", SAYS(error));
    cr_expect(c.ticks == 5 && c.offset == 6 && c.alarm == 7);
    cr_assert(bm_body_octets(&device, output, &error));
    cr_expect_eq(bm_output_memory_data(output).len, 7);
    bm_output_free(output);
    bm_schema_set_free(set);
}
