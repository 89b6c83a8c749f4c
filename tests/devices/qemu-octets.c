/* SPDX-License-Identifier: BSD-2-Clause */
#define BM_WANT_QEMU_NAMES
#include "qemu-octets.h"

#include <criterion/criterion.h>

#include "legacy-values.h"
#include "visitors.h"

const VMStateDescription vmstate_pair = {
    .name = "pair",
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(x, Pair),
            VMSTATE_UINT8(y, Pair),
            VMSTATE_END_OF_LIST(),
        },
};

char *qemu_octets_save(const VMStateDescription *vmsd, void *object, GError **error)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmOutput *output = bm_output_memory();
    BmVisitor *out = bm_visitor_legacy_out(output);
    GString *hex = g_string_new(NULL);

    if (bm_table_save(bm_qemu_table(vmsd), object, set, out, error)) {
        BmOctets octets = bm_output_memory_data(output);

        for (size_t i = 0; i < octets.len; i++) {
            g_string_append_printf(hex, "%02x", octets.data[i]);
        }
    }
    bm_visitor_free(out);
    bm_output_free(output);
    bm_schema_set_free(set);
    return g_string_free(hex, FALSE);
}

gboolean qemu_octets_load(const VMStateDescription *vmsd, void *object, int version,
                          const char *hex, GError **error)
{
    GByteArray *octets = g_byte_array_new();
    BmFault fault = {BM_OK};
    BmVisitor *in;
    gboolean ok;

    for (; *hex; hex += 2) {
        uint8_t octet = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));

        g_byte_array_append(octets, &octet, 1);
    }
    in = bm_visitor_legacy_in(bm_view(octets->data, octets->len, 0, &fault));
    ok = bm_table_load_plain(bm_qemu_table(vmsd), object, (uint32_t)version, in, error);
    cr_assert(!ok || bm_visitor_legacy_left(in) == 0);
    bm_visitor_free(in);
    g_byte_array_unref(octets);
    return ok;
}

void qemu_octets_pass(const VMStateDescription *vmsd, void *object, void *fresh,
                      const char *expected)
{
    GError *error = NULL;
    char *hex = qemu_octets_save(vmsd, object, &error), *again;

    cr_assert(!error, "%s: %s", bm_error_path(error), error->message);
    cr_assert_str_eq(hex, expected);
    cr_assert(qemu_octets_load(vmsd, fresh, vmsd->version_id, hex, &error), "%s: %s",
              bm_error_path(error), error->message);
    again = qemu_octets_save(vmsd, fresh, &error);
    cr_assert_str_eq(again, expected);
    g_free(hex);
    g_free(again);
}

void qemu_octets_refused(GError *error, const char *part)
{
    cr_assert(error);
    cr_assert_eq(error->domain, BM_ERROR);
    cr_assert(strstr(error->message, part), "%s", error->message);
    g_error_free(error);
}
