/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines that the proposal of visitors for device state of 2011 gave as its
 * example, for a struct as it had: each octet of an address on a line.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "stream.h"
#include "table.h"

#define CLIENTS 16

typedef struct BootpClient {
    uint16_t allocated;
    uint8_t macaddr[6];
} BootpClient;

typedef struct Slirp {
    struct {
        uint16_t ip_id;
    } ip;
    struct {
        BootpClient bootp_clients[CLIENTS];
    } bootp;
} Slirp;

static const BmTableField client_fields[] = {
    BM_FIELD_U16(BootpClient, allocated),
    BM_FIELD_U8_ARRAY(BootpClient, macaddr, 6),
    BM_FIELD_END,
};

static const BmTable client_table = {
    .name = "bootp_client",
    .fields = client_fields,
    .size = sizeof(BootpClient),
};

static const BmTableField slirp_fields[] = {
    BM_FIELD_U16(Slirp, ip.ip_id),
    BM_FIELD_STRUCT_ARRAY(Slirp, bootp.bootp_clients, CLIENTS, client_table, BootpClient),
    BM_FIELD_END,
};

static const BmTable slirp_table = {
    .name = "slirp",
    .version = 4,
    .minimum_version = 4,
    .fields = slirp_fields,
    .size = sizeof(Slirp),
};

static char *print(Slirp *slirp)
{
    BmOutput *output = bm_output_memory();
    BmStreamVisitor *out = bm_text_stream_out(output, NULL, FALSE);
    BmSchemaSet *set = bm_schema_set_new();
    BmDevice device = {
        .section = {.name = "slirp", .version = 4},
        .schemas = set,
        .schema = bm_table_describe(&slirp_table, slirp, set, NULL),
        .values = bm_visitor_table_in(&slirp_table, slirp),
    };
    BmOctets text;
    char *copy;

    cr_assert(device.schema);
    cr_assert(bm_stream_begin(out, &(BmPreamble){.major = 1}, NULL));
    cr_assert(bm_stream_device(out, &device, NULL));
    cr_assert(bm_stream_finish(out, &(BmDescription){.present = FALSE}, NULL));
    cr_assert(bm_stream_end(out, NULL));
    text = bm_output_memory_data(output);
    copy = g_strndup((const char *)text.data, text.len);
    bm_visitor_free(device.values);
    bm_stream_free(out);
    bm_schema_set_free(set);
    bm_output_free(output);
    return copy;
}

Test(text, the_lines_of_the_proposal)
{
    Slirp slirp = {.ip.ip_id = 0x1234};
    char *text;

    slirp.bootp.bootp_clients[1] = (BootpClient){1, {0x52, 0x54, 0, 0, 0x12, 0x34}};
    text = print(&slirp);
    cr_assert(strstr(text, "\nslirp.ip.ip_id = (uint16) 0x1234\n"), "%s", text);
    cr_assert(strstr(text,
                     "\nslirp.bootp.bootp_clients(16)(8).[1].allocated = (uint16) 0x1\n"
                     "slirp.bootp.bootp_clients(16)(8).[1].macaddr(6)(1).[0] = (uint8) 0x52\n"
                     "slirp.bootp.bootp_clients(16)(8).[1].macaddr(6)(1).[1] = (uint8) 0x54\n"
                     "slirp.bootp.bootp_clients(16)(8).[1].macaddr(6)(1).[2] = (uint8) 0x0\n"
                     "slirp.bootp.bootp_clients(16)(8).[1].macaddr(6)(1).[3] = (uint8) 0x0\n"),
              "%s", text);
    g_free(text);
}
