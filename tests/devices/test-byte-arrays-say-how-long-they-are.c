/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMSTATE_GBYTEARRAY: QEMU has the length before the octets, so that a table can read it
 * from a stream without a description; BER has all of it as one field.
 */
#define BM_WANT_QEMU_NAMES
#define BM_QEMU_MOST 64
#include "qemu-octets.h"

#include <criterion/criterion.h>

#include "visitors.h"

typedef struct Pipe {
    GByteArray *in, *out;
    uint8_t last;
} Pipe;

static const VMStateDescription vmstate_pipe = {
    .name = "pipe",
    .fields =
        (const VMStateField[]){
            VMSTATE_GBYTEARRAY(in, Pipe, 0),
            VMSTATE_GBYTEARRAY(out, Pipe, 0),
            VMSTATE_UINT8(last, Pipe),
            VMSTATE_END_OF_LIST(),
        },
};

#define HEX                                                                                        \
    "00000003010203"                                                                               \
    "00000000"                                                                                     \
    "ff"

static Pipe pipe_new(guint n)
{
    Pipe pipe = {g_byte_array_new(), NULL, 0xff};

    for (guint i = 1; i <= n; i++) {
        g_byte_array_append(pipe.in, &(guint8){(guint8)i}, 1);
    }
    return pipe;
}

static void pipe_clear(Pipe *pipe)
{
    g_clear_pointer(&pipe->in, g_byte_array_unref);
    g_clear_pointer(&pipe->out, g_byte_array_unref);
}

Test(byte_arrays, go_both_ways_in_the_octets_of_qemu)
{
    Pipe a = pipe_new(3), full = pipe_new(64), none = {NULL};

    qemu_octets_pass(&vmstate_pipe, &a, &none, HEX);
    cr_expect_eq(none.in->len, 3);
    cr_expect_eq(none.out->len, 0, "made where there was none");
    qemu_octets_pass(&vmstate_pipe, &a, &full, HEX);
    cr_expect_eq(full.in->len, 3, "what was there is gone");
    pipe_clear(&a);
    pipe_clear(&full);
    pipe_clear(&none);
}

/* What bm_table_save() writes as BER, read with its schema by a table. */
static gboolean pass_ber(Pipe *from, Pipe *to, GError **error)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmTable *table = bm_qemu_table(&vmstate_pipe);
    const BmSchema *schema;
    BmFault fault = {BM_OK};
    BmVisitor *out, *in;
    BmWriter w;
    gboolean ok;

    bm_writer_init(&w);
    out = bm_visitor_ber_out(&w);
    schema = bm_table_describe(table, from, set, error);
    ok = schema && bm_table_save(table, from, set, out, error);
    bm_visitor_free(out);
    if (ok) {
        cr_expect_eq(schema->fields[0].width, 4 + from->in->len);
        cr_expect_str_eq(schema->fields[0].type, "GByteArray");
        in = bm_visitor_ber_in(bm_view(w.data, w.len, 0, &fault));
        ok = bm_table_load(table, to, schema, in, NULL, error);
        bm_visitor_free(in);
    }
    bm_writer_clear(&w);
    bm_schema_set_free(set);
    return ok;
}

Test(byte_arrays, go_both_ways_in_ber)
{
    Pipe a = pipe_new(64), b = {NULL};
    GError *error = NULL;

    cr_assert(pass_ber(&a, &b, &error), "%s", error->message);
    cr_expect_eq(b.in->len, 64);
    cr_expect_arr_eq(b.in->data, a.in->data, 64);
    cr_expect_eq(b.out->len, 0);
    cr_expect_eq(b.last, 0xff);
    pipe_clear(&a);
    pipe_clear(&b);
}

static void refused(const char *hex, const char *part)
{
    Pipe pipe = pipe_new(2);
    GError *error = NULL;

    cr_expect_not(qemu_octets_load(&vmstate_pipe, &pipe, 0, hex, &error));
    qemu_octets_refused(error, part);
    cr_expect_eq(pipe.in->len, 2, "it is as it was");
    pipe_clear(&pipe);
}

Test(byte_arrays, that_are_longer_than_what_is_there_are_refused)
{
    refused("000000", "number of octets");
    refused("00000004010203", "4 octets are said to follow, 3 are there");
    refused("ffffffff010203", "4294967295 octets are said to follow, 3 are there");
}

Test(byte_arrays, that_are_longer_than_the_row_allows_are_refused)
{
    g_autofree char *octets = g_strnfill(2 * 65, '0');
    g_autofree char *hex = g_strconcat("00000041", octets, NULL);
    Pipe large = pipe_new(65);
    GError *error = NULL;

    refused(hex, "69 octets, more than the maximum of 68");
    g_free(qemu_octets_save(&vmstate_pipe, &large, &error));
    qemu_octets_refused(error, "more than the maximum of 68");
    pipe_clear(&large);
}

/* BER has a length of its own, which must be that of the number. */
Test(byte_arrays, whose_number_is_wrong_are_refused)
{
    static const uint8_t octets[] = {0, 0, 0, 2, 1, 2, 3};
    GByteArray *array = NULL;
    GError *error = NULL;

    cr_expect_not(bm_byte_array_put(&array, octets, sizeof(octets), &error));
    qemu_octets_refused(error, "7 octets, which say that 2 follow the first 4");
    error = NULL;
    cr_expect_not(bm_byte_array_put(&array, octets, 3, &error));
    qemu_octets_refused(error, "3 octets, which say");
    cr_expect_null(array);
}
