/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device of device.c without a table of its own: bermig-idl makes that of
 * annotated.h.
 *
 * Build it with `pkg-config --cflags --libs libbermig` and the generated
 * annotated-table.c.
 */
#include <stdio.h>

#include "annotated-table.h"
#include "stream.h"

/* ---- saving: what it has, then its values ---- */

static gboolean save(Lamp *lamp, BmOutput *output, GError **error)
{
    BmStreamVisitor *out = bm_ber_stream_out(output, 0, NULL);
    BmSchemaSet *set = bm_schema_set_new();
    BmDevice device = {
        .section = {.name = "lamp", .version = lamp_table.version},
        .schemas = set,
        .schema = lamp_describe(lamp, set, error),
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
    return lamp_load(((Loader *)s)->lamp, device->schema, device->values, NULL, error);
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
    Lamp here = {TRUE, 300, 3, {1, 2, 3}, 5000000000, NULL}, there = {0};
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
