/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "dump-sample.h"

static const BmField all_fields[] = {
    {.name = "flag", .kind = BM_KIND_BOOLEAN, .width = 1, .count = 1},
    {.name = "odd flag", .kind = BM_KIND_BOOLEAN, .width = 1, .count = 1},
    {.name = "small", .kind = BM_KIND_SIGNED, .width = 4, .count = 1},
    {.name = "large", .kind = BM_KIND_UNSIGNED, .width = 8, .count = 1},
    {.name = "row", .kind = BM_KIND_SIGNED, .width = 2, .count = 2},
    {.name = "flags", .kind = BM_KIND_BOOLEAN, .width = 1, .count = 3},
    {.name = "real", .kind = BM_KIND_FLOAT, .width = 8, .count = 1},
    {.name = "bytes", .kind = BM_KIND_BUFFER, .width = 3, .count = 1},
    {.name = "nothing", .kind = BM_KIND_BUFFER, .width = 0, .count = 1},
    {.name = "text", .kind = BM_KIND_STRING, .width = 4, .count = 1},
    {.name = "where", .kind = BM_KIND_POINTER, .width = 1, .count = 1},
    {.name = "links", .kind = BM_KIND_POINTER, .width = 1, .count = 2},
    {.name = "queue", .kind = BM_KIND_OPAQUE, .width = 2, .count = 1, .type = "virtio"},
};

static const Value all_values[] = {
    V_BOOLEAN(TRUE),
    V_RAW("\x02"),
    V_SIGNED(-1),
    V_UNSIGNED(UINT64_MAX),
    V_OCTETS("\x80\x00\x00\x0a"),
    V_OCTETS("\x00\x01\x07"),
    V_OCTETS("\x3f\xf0\x00\x00\x00\x00\x00\x01"),
    V_OCTETS("\x00\xab\xff"),
    V_OCTETS(""),
    V_OCTETS("a\"\n\xc3\xa9"),
    V_NULL,
    V_PRESENT,
    V_NULL,
    V_OCTETS("\x12\x34"),
};

static const BmSection section = {12, "0000:00:01.0/DEV", 0, 3};

static char *print_kinds(Form form)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = struct_of(set, "DEV", all_fields, G_N_ELEMENTS(all_fields), NULL);
    Printed p = print_begin(form, NULL, FALSE);

    print_device(&p, &section, schema, all_values, G_N_ELEMENTS(all_values));
    bm_schema_set_free(set);
    return print_end(&p);
}

Test(text_kinds, each_has_its_line)
{
    g_autofree char *text = print_kinds(bm_text_stream_out);

    cr_assert_str_eq(text, "# bermig 1.0 forward by \"a \\\"test\\\"\", QEMUFile version 3\n"
                           "# device 0000:00:01.0/DEV instance 0 version 3 section 12\n"
                           "DEV.flag = (bool) 0x1\n"
                           "DEV.odd flag = (raw) 02\n"
                           "DEV.small = (int32) 0xffffffff\n"
                           "DEV.large = (uint64) 0xffffffffffffffff\n"
                           "DEV.row(2)(2).[0] = (int16) 0x8000\n"
                           "DEV.row(2)(2).[1] = (int16) 0xa\n"
                           "DEV.flags(3)(1).[0] = (bool) 0x0\n"
                           "DEV.flags(3)(1).[1] = (bool) 0x1\n"
                           "DEV.flags(3)(1).[2] = (bool) 0x7\n"
                           "DEV.real = (float64) 0x3ff0000000000001\n"
                           "DEV.bytes(3)(1) = (buffer) 00abff\n"
                           "DEV.nothing(0)(1) = (buffer)\n"
                           "DEV.text = (string) \"a\\\"\\u000a\xc3\xa9\"\n"
                           "DEV.where = (null)\n"
                           "DEV.links(2)(1).[0] = (present)\n"
                           "DEV.links(2)(1).[1] = (null)\n"
                           "DEV.queue = (opaque:virtio) 1234\n"
                           "# end\n");
}

Test(json_kinds, each_has_its_member)
{
    g_autofree char *text = print_kinds(bm_json_stream_out);

    cr_assert_str_eq(
        text, "{\n"
              "  \"format\": \"bermig-dump\",\n"
              "  \"version\": 1,\n"
              "  \"preamble\": {\"major\": 1, \"minor\": 0, \"direction\": \"forward\", "
              "\"generator\": \"a \\\"test\\\"\", \"header_version\": 3},\n"
              "  \"records\": [\n"
              "    {\n"
              "      \"record\": \"device\",\n"
              "      \"root\": \"DEV\",\n"
              "      \"name\": \"0000:00:01.0/DEV\",\n"
              "      \"instance\": 0,\n"
              "      \"version\": 3,\n"
              "      \"section\": 12,\n"
              "      \"schema\": \"DEV\",\n"
              "      \"state\": {\n"
              "        \"flag\": {\"type\": \"bool\", \"value\": true},\n"
              "        \"odd flag\": {\"type\": \"raw\", \"size\": 1, \"value\": \"02\"},\n"
              "        \"small\": {\"type\": \"int32\", \"value\": -1},\n"
              "        \"large\": {\"type\": \"uint64\", \"value\": 18446744073709551615},\n"
              "        \"row\": {\"type\": \"int16\", \"count\": 2, \"value\": [-32768, 10]},\n"
              "        \"flags\": {\"type\": \"bool\", \"count\": 3, "
              "\"value\": [false, true, 7]},\n"
              "        \"real\": {\"type\": \"float64\", \"value\": \"0x3ff0000000000001\"},\n"
              "        \"bytes\": {\"type\": \"buffer\", \"size\": 3, \"value\": \"00abff\"},\n"
              "        \"nothing\": {\"type\": \"buffer\", \"size\": 0, \"value\": \"\"},\n"
              "        \"text\": {\"type\": \"string\", \"value\": \"a\\\"\\u000a\xc3\xa9\"},\n"
              "        \"where\": {\"type\": \"pointer\", \"value\": null},\n"
              "        \"links\": [\n"
              "          {\"type\": \"pointer\", \"value\": true},\n"
              "          {\"type\": \"pointer\", \"value\": null}\n"
              "        ],\n"
              "        \"queue\": {\"type\": \"opaque:virtio\", \"size\": 2, "
              "\"value\": \"1234\"}\n"
              "      }\n"
              "    }\n"
              "  ],\n"
              "  \"complete\": true\n"
              "}\n");
}
