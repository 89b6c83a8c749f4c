/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small device: its state, its table, saved as a stream and loaded again.
 *
 * Build it with `pkg-config --cflags --libs libbermig`.
 */
#include <stdio.h>

#include "stream.h"
#include "table.h"

/* ---- the device ---- */

typedef struct Lamp {
    bool on;
    uint16_t brightness;
    uint32_t n_colours;
    uint8_t colours[8];
    int64_t off_at; /* ns; -1: never */
} Lamp;

static const BmTableField lamp_fields[] = {
    BM_FIELD_BOOL(Lamp, on),
    BM_FIELD_U16(Lamp, brightness),
    BM_FIELD_U32(Lamp, n_colours),
    BM_FIELD_U8_COUNTED(Lamp, colours, n_colours, 8), /* never more than 8, whatever comes */
    BM_FIELD_TIMER(Lamp, off_at),
    BM_FIELD_END,
};

static const BmTable lamp_table = {
    .name = "lamp",
    .version = 1,
    .minimum_version = 1,
    .fields = lamp_fields,
    .size = sizeof(Lamp),
};

/* ---- saving: what it has, then its values ---- */

static gboolean save(Lamp *lamp, BmOutput *output, GError **error)
{
    BmStreamVisitor *out = bm_ber_stream_out(output, 0, NULL);
    BmSchemaSet *set = bm_schema_set_new();
    BmDevice device = {
        .section = {.name = "lamp", .version = lamp_table.version},
        .schemas = set,
        .schema = bm_table_describe(&lamp_table, lamp, set, error),
        .values = bm_visitor_table_in(&lamp_table, lamp),
    };
    gboolean ok = device.schema &&
                  bm_stream_begin(out, &(BmPreamble){.major = 1, .generator = "example"}, error) &&
                  bm_stream_device(out, &device, error) &&
                  bm_stream_finish(out, &(BmDescription){.present = FALSE}, error) &&
                  bm_stream_end(out, error);

    bm_visitor_free(device.values);
    bm_stream_free(out);
    bm_schema_set_free(set);
    return ok;
}

/* ---- loading: the stream says which devices there are ---- */

typedef struct Loader {
    BmStreamVisitor base;
    Lamp *lamp;
} Loader;

static gboolean load_device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    return bm_table_load(&lamp_table, ((Loader *)s)->lamp, device->schema, device->values, NULL,
                         error);
}

static gboolean load(Lamp *lamp, BmOctets octets, GError **error)
{
    static const BmStreamOps ops = {.device = load_device};
    Loader loader = {.base = {&ops}, .lamp = lamp};
    BmInput *in = bm_input_memory(octets.data, octets.len);
    gboolean ok = bm_ber_stream_read(in, &loader.base, FALSE, NULL, error);

    bm_input_free(in);
    return ok;
}

int main(void)
{
    Lamp here = {TRUE, 300, 3, {1, 2, 3}, 5000000000}, there = {0};
    BmOutput *stream = bm_output_memory();
    GError *error = NULL;

    if (!save(&here, stream, &error) || !load(&there, bm_output_memory_data(stream), &error)) {
        fprintf(stderr, "%s: %s\n", bm_error_path(error), error->message);
        return 1;
    }
    printf("on=%d brightness=%u colours=%u off_at=%lld, %llu octets\n", there.on, there.brightness,
           there.n_colours, (long long)there.off_at, (unsigned long long)bm_output_offset(stream));
    bm_output_free(stream);
    return there.on && there.brightness == 300 && there.colours[2] == 3 ? 0 : 1;
}
