/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Another reader of JSON finds what was written, whatever the names are.
 */
#include <criterion/criterion.h>

#include <cjson/cJSON.h>

#include "dump-sample.h"

static const char *const odd_names[] = {
    "",
    "\"",
    "\\",
    "\n\t\r\b\f\x01\x1f\x7f",
    "a.b[0](4)(4)",
    "type",
    "value",
    "\xf0\x9f\x98\x80",
    "'",
    "{",
    "]",
    "</script>",
    "\\u0041",
    "a\"b",
    "#",
    "(1)(2",
};

static const BmSchema *odd_schema(BmSchemaSet *set)
{
    BmField fields[G_N_ELEMENTS(odd_names)];

    for (size_t i = 0; i < G_N_ELEMENTS(odd_names); i++) {
        fields[i] =
            (BmField){.name = odd_names[i], .kind = BM_KIND_UNSIGNED, .width = 8, .count = 1};
    }
    return struct_of(set, "a\"device", fields, G_N_ELEMENTS(odd_names), NULL);
}

static cJSON *print_odd(void)
{
    BmSchemaSet *set = bm_schema_set_new();
    Printed p = print_begin(bm_json_stream_out, NULL, FALSE);
    BmSection section = {1, "\\/\"\x02", 0, 1};
    Value values[G_N_ELEMENTS(odd_names)];
    g_autofree char *text = NULL;
    cJSON *root;

    for (size_t i = 0; i < G_N_ELEMENTS(odd_names); i++) {
        values[i] = (Value)V_UNSIGNED(i);
    }
    print_device(&p, &section, odd_schema(set), values, G_N_ELEMENTS(values));
    bm_schema_set_free(set);
    text = print_end(&p);
    root = cJSON_ParseWithOpts(text, NULL, TRUE);
    cr_assert(root, "%s", text);
    return root;
}

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

Test(json_names, all_are_found_again)
{
    cJSON *root = print_odd();
    const cJSON *device = cJSON_GetArrayItem(member(root, "records"), 0);
    const cJSON *leaf = member(device, "state")->child;

    cr_expect_str_eq(member(device, "root")->valuestring, "a\"device");
    cr_expect_str_eq(member(device, "name")->valuestring, "\\/\"\x02");
    for (size_t i = 0; i < G_N_ELEMENTS(odd_names); i++, leaf = leaf->next) {
        cr_expect_eq(member(leaf, "value")->valueint, (int)i);
        if (strcmp(odd_names[i], "a.b[0](4)(4)")) {
            cr_expect_str_eq(leaf->string, odd_names[i]);
        }
    }
    cr_expect_null(leaf);
    cJSON_Delete(root);
}
