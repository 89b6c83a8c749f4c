/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Structs, arrays of structs, lists, subsections, and names that repeat.
 */
#include <criterion/criterion.h>

#include "dump-sample.h"

#define NUMBER(n)                                                                                  \
    {                                                                                              \
        .name = (n), .kind = BM_KIND_UNSIGNED, .width = 1, .count = 1                              \
    }
#define STRUCT(n, schema)                                                                          \
    {                                                                                              \
        .name = (n), .kind = BM_KIND_STRUCT, .count = 1, .elements = (schema), .n_elements = 1     \
    }

static const BmSection section = {7, "DEV", 0, 1};
static const Value numbers[] = {V_UNSIGNED(0x10), V_UNSIGNED(0x11), V_UNSIGNED(0x12),
                                V_UNSIGNED(0x13), V_UNSIGNED(0x14), V_UNSIGNED(0x15),
                                V_UNSIGNED(0x16), V_UNSIGNED(0x17)};

/* DEV: parent (PCIDevice), irqs[3..4] (Irq), left and right (Irq), a list of
 * two, a subsection DEV/more. */
static const BmSchema *nested(BmSchemaSet *set)
{
    static const BmField id = NUMBER("id"), level = NUMBER("level"), extra = NUMBER("extra");
    const BmSchema *pci = struct_of(set, "PCIDevice", &id, 1, NULL);
    const BmSchema *irq = struct_of(set, "Irq", &level, 1, NULL);
    const BmSchema *pair[] = {irq, irq};
    const BmField fields[] = {
        STRUCT("parent_obj", &pci),
        {.name = "irqs",
         .kind = BM_KIND_STRUCT,
         .count = 2,
         .first = 3,
         .elements = &irq,
         .n_elements = 1,
         .form = BM_FORM_INDEXED},
        STRUCT("left", &irq),
        STRUCT("right", &irq),
        {.name = "list", .kind = BM_KIND_LIST, .count = 1, .elements = pair, .n_elements = 2},
    };

    return struct_of(set, "DEV", fields, G_N_ELEMENTS(fields),
                     struct_of(set, "DEV/more", &extra, 1, NULL));
}

static char *print(Form form, const char *glob)
{
    BmSchemaSet *set = bm_schema_set_new();
    Printed p = print_begin(form, glob, FALSE);

    print_device(&p, &section, nested(set), numbers, G_N_ELEMENTS(numbers));
    bm_schema_set_free(set);
    return print_end(&p);
}

/* Without the lines around the records. */
static char *records_of(char *json)
{
    char *first = strstr(json, "\"records\": [") + strlen("\"records\": [");
    char *last = strstr(first, "],\n  \"complete\"");
    char *records = g_strndup(first, (gsize)(last - first));

    g_free(json);
    return records;
}

Test(dump_nests, text_shows_the_way)
{
    g_autofree char *text = print(bm_text_stream_out, "*");

    cr_assert_str_eq(text, "DEV.PCIDevice.id = (uint8) 0x10\n"
                           "DEV.irqs(2)(1).[3].level = (uint8) 0x11\n"
                           "DEV.irqs(2)(1).[4].level = (uint8) 0x12\n"
                           "DEV.left.level = (uint8) 0x13\n"
                           "DEV.right.level = (uint8) 0x14\n"
                           "DEV.list(2).[0].level = (uint8) 0x15\n"
                           "DEV.list(2).[1].level = (uint8) 0x16\n"
                           "DEV.more.extra = (uint8) 0x17\n");
}

Test(dump_nests, json_nests)
{
    g_autofree char *text = records_of(print(bm_json_stream_out, NULL));

    cr_assert_str_eq(strstr(text, "\"state\""),
                     "\"state\": {\n"
                     "        \"PCIDevice\": {\n"
                     "          \"id\": {\"type\": \"uint8\", \"value\": 16}\n"
                     "        },\n"
                     "        \"irqs[3]\": [\n"
                     "          {\n"
                     "            \"level\": {\"type\": \"uint8\", \"value\": 17}\n"
                     "          },\n"
                     "          {\n"
                     "            \"level\": {\"type\": \"uint8\", \"value\": 18}\n"
                     "          }\n"
                     "        ],\n"
                     "        \"left\": {\n"
                     "          \"level\": {\"type\": \"uint8\", \"value\": 19}\n"
                     "        },\n"
                     "        \"right\": {\n"
                     "          \"level\": {\"type\": \"uint8\", \"value\": 20}\n"
                     "        },\n"
                     "        \"list\": [\n"
                     "          {\n"
                     "            \"level\": {\"type\": \"uint8\", \"value\": 21}\n"
                     "          },\n"
                     "          {\n"
                     "            \"level\": {\"type\": \"uint8\", \"value\": 22}\n"
                     "          }\n"
                     "        ],\n"
                     "        \"DEV/more\": {\n"
                     "          \"extra\": {\"type\": \"uint8\", \"value\": 23}\n"
                     "        }\n"
                     "      }\n"
                     "    }\n  ");
}

Test(dump_nests, glob_takes_lines)
{
    g_autofree char *text = print(bm_text_stream_out, "*.[4].level");

    cr_assert_str_eq(text, "DEV.irqs(2)(1).[4].level = (uint8) 0x12\n");
}

Test(dump_nests, glob_in_json_keeps_places)
{
    g_autofree char *text = records_of(print(bm_json_stream_out, "*.[4].level"));

    cr_assert_str_eq(strstr(text, "\"state\""),
                     "\"state\": {\n"
                     "        \"irqs[3]\": [\n"
                     "          null,\n"
                     "          {\n"
                     "            \"level\": {\"type\": \"uint8\", \"value\": 18}\n"
                     "          }\n"
                     "        ]\n"
                     "      }\n"
                     "    }\n  ");
}

Test(dump_nests, glob_without_match_leaves_nothing)
{
    g_autofree char *text = records_of(print(bm_json_stream_out, "ISA*"));
    g_autofree char *lines = print(bm_text_stream_out, "ISA*");

    cr_assert_str_eq(text, "");
    cr_assert_str_eq(lines, "");
}

Test(dump_nests, repeated_keys_are_numbered)
{
    static const BmField fields[] = {NUMBER("a"), NUMBER("a#2"), NUMBER("a")};
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *schema = struct_of(set, "DEV", fields, G_N_ELEMENTS(fields), NULL);
    Printed p = print_begin(bm_json_stream_out, NULL, FALSE);
    g_autofree char *text = NULL;

    print_device(&p, &section, schema, numbers, G_N_ELEMENTS(fields));
    text = records_of(print_end(&p));
    cr_expect(strstr(text, "\"a\": {\"type\": \"uint8\", \"value\": 16}"));
    cr_expect(strstr(text, "\"a#2\": {\"type\": \"uint8\", \"value\": 17}"));
    cr_expect(strstr(text, "\"a#3\": {\"type\": \"uint8\", \"value\": 18}"));
    bm_schema_set_free(set);
}
