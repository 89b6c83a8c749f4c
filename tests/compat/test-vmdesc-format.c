/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each text, parsed and written again, is the same octet for octet.
 */
#include <criterion/criterion.h>

#include "random-schema.h"
#include "vmdesc.h"

static char *again(const char *text)
{
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;
    BmVmdesc *d = bm_vmdesc_parse(text, strlen(text), set, &error);
    GString *out;

    cr_assert(d, "%s", error ? error->message : "");
    out = bm_vmdesc_format(d, &error);
    cr_assert(out, "%s", error ? error->message : "");
    bm_vmdesc_free(d);
    bm_schema_set_free(set);
    return g_string_free(out, FALSE);
}

static void check_same(const char *text)
{
    g_autofree char *out = again(text);

    cr_expect_str_eq(out, text);
}

/* One device whose fields are `fields`. */
static void check_fields(const char *fields)
{
    g_autofree char *text =
        g_strdup_printf("{\"page_size\": 4096, \"devices\": [{\"name\": \"d\", \"instance_id\": 0, "
                        "\"vmsd_name\": \"d\", \"version\": 1, \"fields\": [%s]}]}",
                        fields);

    check_same(text);
}

#define X_STRUCT "{\"vmsd_name\": \"x\", \"version\": 1, \"fields\": [" X_FIELD "]}"
#define X_FIELD "{\"name\": \"n\", \"type\": \"uint8\", \"size\": 1}"
#define X_INLINE "\"vmsd_name\": \"x\", \"version\": 1, \"fields\": [" X_FIELD "]"
#define Y_INLINE "\"vmsd_name\": \"x\", \"version\": 1, \"fields\": []"

/* QEMU 5.2. */
Test(vmdesc_format, spaced)
{
    check_same("{ \"page_size\" : 4096, \"devices\" : [  ] }");
    check_same(
        "{ \"page_size\" : 4096, \"devices\" : [ { \"name\" : \"timer\", \"instance_id\" : 0, "
        "\"vmsd_name\" : \"timer\", \"version\" : 2, \"fields\" : [ { \"name\" : \"offset\", "
        "\"type\" : \"int64\", \"size\" : 8 }, { \"name\" : \"unused\", \"type\" : "
        "\"unused_buffer\", \"size\" : 8 } ], \"subsections\" : [ { \"vmsd_name\" : "
        "\"timer/more\", \"version\" : 1, \"fields\" : [  ] } ] } ] }");
}

/* Up to 9.2 a NULL element is an empty struct. */
Test(vmdesc_format, empty_struct)
{
    check_same(
        "{ \"page_size\" : 4096, \"devices\" : [ { \"name\" : \"css\", \"instance_id\" : 0, "
        "\"vmsd_name\" : \"css\", \"version\" : 1, \"fields\" : [ { \"name\" : \"p\", "
        "\"array_len\" : 256, \"type\" : \"struct\", \"struct\" : {  }, \"size\" : 1 } ] } ] }");
    check_fields("{\"name\": \"p\", \"array_len\": 256, \"type\": \"struct\", \"struct\": {}, "
                 "\"size\": 1}");
}

Test(vmdesc_format, compact)
{
    check_same("{\"page_size\": 4096, \"devices\": []}");
    check_fields("");
    check_fields("{\"name\": \"a\", \"type\": \"struct\", \"struct\": " X_STRUCT ", \"size\": 1}, "
                 "{\"name\": \"b\", \"array_len\": 3, \"type\": \"uint32\", \"size\": 4}");
}

Test(vmdesc_format, whole)
{
    check_fields("{\"name\": \"a\", \"type\": \"bitmap\", \"size\": 24}, "
                 "{\"name\": \"b\", \"type\": \"pci irq state\", \"size\": 16}, "
                 "{\"name\": \"c\", \"array_len\": 4, \"type\": \"slbe\", \"size\": 16}, "
                 "{\"name\": \"d\", \"index\": 0, \"type\": \"bitmap\", \"size\": 8}, "
                 "{\"name\": \"e\", \"type\": \"bitmap\", \"size\": 8}, "
                 "{\"name\": \"e\", \"type\": \"bitmap\", \"size\": 8}, "
                 "{\"name\": \"f\", \"type\": \"bitmap\", \"size\": 0}");
}

#define ELEMENT(index)                                                                             \
    "{\"name\": \"a\", " index "\"type\": \"struct\", \"struct\": " X_STRUCT ", \"size\": 1}"
#define NUMBER(index) "{\"name\": \"b\", " index "\"type\": \"uint16\", \"size\": 2}"

Test(vmdesc_format, indexes_7_2)
{
    check_fields(ELEMENT("\"index\": 0, ") ", " ELEMENT("\"index\": 1, ") ", " //
                 ELEMENT("\"index\": 2, ") ", " NUMBER("\"index\": 0, "));
}

Test(vmdesc_format, index_but_last_10_0)
{
    check_fields(ELEMENT("\"index\": 0, ") ", " ELEMENT("\"index\": 1, ") ", " ELEMENT("") ", " //
                 NUMBER("\"index\": 0, ") ", " NUMBER(""));
}

Test(vmdesc_format, repeated_11_1)
{
    check_fields(ELEMENT("") ", " ELEMENT("") ", " ELEMENT("") ", " NUMBER("") ", " NUMBER(""));
}

/* Entries that do not go on where the last one ended stay as they are. */
Test(vmdesc_format, odd_indexes)
{
    check_fields(NUMBER("\"index\": 0, ") ", " NUMBER("\"index\": 2, ") ", " //
                 NUMBER("\"index\": 2, ") ", " NUMBER("") ", " NUMBER("") ", " NUMBER(""));
    check_fields(NUMBER("") ", " NUMBER("\"index\": 1, "));
    check_fields(NUMBER("\"array_len\": 2, ") ", " NUMBER("") ", " NUMBER("\"array_len\": 2, "));
}

Test(vmdesc_format, lists)
{
    check_fields("{\"name\": \"q\", \"type\": \"qtailq\", \"size\": 1}");
    check_fields("{\"name\": \"q\", \"type\": \"qtailq\", " X_INLINE ", \"size\": 3}");
    check_fields("{\"name\": \"q\", \"type\": \"qlist\", " X_INLINE ", " Y_INLINE ", " X_INLINE
                 ", \"size\": 6}");
    /* subsections of an element, between the elements: 1 + 1 + 9 + 1 + 0 + 1 */
    check_fields(
        "{\"name\": \"q\", \"type\": \"qtailq\", " X_INLINE
        ", \"subsections\": [{\"vmsd_name\": \"x/s\", \"version\": 1, \"fields\": []}], " Y_INLINE
        ", \"size\": 13}");
}

Test(vmdesc_format, inline_structs)
{
    check_fields("{\"name\": \"t\", \"type\": \"tmp\", " X_INLINE ", \"size\": 1}, "
                 "{\"name\": \"v\", \"type\": \"vstruct\", " X_INLINE ", \"size\": 1}");
}

Test(vmdesc_format, pointers)
{
    check_fields("{\"name\": \"p\", \"array_len\": 254, \"type\": \"nullptr\", \"size\": 1}, "
                 "{\"name\": \"p\", \"type\": \"struct\", \"struct\": " X_STRUCT ", \"size\": 1}, "
                 "{\"name\": \"p\", \"type\": \"nullptr\", \"size\": 1}, "
                 "{\"name\": \"m\", \"type\": \"ptr-marker\", \"size\": 1}, "
                 "{\"name\": \"m\", \"type\": \"struct\", \"struct\": " X_STRUCT ", \"size\": 1}, "
                 "{\"name\": \"m\", \"type\": \"ptr-marker\", \"size\": 1}, "
                 "{\"name\": \"m\", \"type\": \"ptr-marker\", \"size\": 1}");
}

Test(vmdesc_format, old_style)
{
    check_same("{\"page_size\": 4096, \"devices\": [{\"name\": \"slirp\", \"instance_id\": 0, "
               "\"size\": 71, \"fields\": [{\"name\": \"data\", \"size\": 71, \"type\": "
               "\"buffer\"}]}, {\"name\": \"slirp\", \"instance_id\": 4294967295, \"size\": 0, "
               "\"fields\": [{\"name\": \"data\", \"size\": 0, \"type\": \"buffer\"}]}]}");
}

Test(vmdesc_format, configuration)
{
    check_same("{\"configuration\": {" X_INLINE ", \"subsections\": [" X_STRUCT
               "]}, \"page_size\": 4096, \"devices\": []}");
}

Test(vmdesc_format, strings)
{
    check_fields("{\"name\": \"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u007F\\u00E9\\uD83D\\uDE00\", "
                 "\"type\": \"odd type\", \"size\": 7}");
}

/* A text that does not add up is parsed for what it says, and differs. */
Test(vmdesc_format, not_derivable)
{
    g_autofree char *out =
        again("{\"page_size\": 4096, \"devices\": [{\"name\": \"d\", \"instance_id\": 0, "
              "\"vmsd_name\": \"d\", \"version\": 1, \"fields\": [{\"name\": \"a\", \"type\": "
              "\"struct\", \"struct\": " X_STRUCT ", \"size\": 2}]}]}");

    cr_expect(strstr(out, "\"type\": \"struct\", \"struct\": {}, \"size\": 2"));
}

/* Shared schemas can describe more text than there is memory. */
Test(vmdesc_format, limit)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmVmdesc *d = bm_vmdesc_new();
    GError *error = NULL;
    const BmSchema *schema = NULL;

    for (int i = 0; i < 24; i++) {
        BmSchemaBuilder *b = bm_schema_builder_new("s", (uint32_t)i);

        for (int j = 0; schema && j < 2; j++) {
            bm_schema_builder_subsection(b, schema);
        }
        schema = bm_schema_set_intern(set, b, NULL);
        cr_assert(schema);
    }
    bm_vmdesc_add(d, "d", 0, schema, 0);
    cr_expect_null(bm_vmdesc_format(d, &error));
    cr_expect_eq(error->code, BM_LIMIT);
    g_error_free(error);
    bm_vmdesc_free(d);
    bm_schema_set_free(set);
}

/* Schema -> text -> the same schema, pointer for pointer. */
Test(vmdesc_format, random)
{
    for (guint32 seed = 0; seed < 400; seed++) {
        GRand *random = g_rand_new_with_seed(seed);
        BmSchemaSet *set = bm_schema_set_new();
        BmVmdesc *d = bm_vmdesc_new(), *parsed;
        GError *error = NULL;
        GString *text;

        d->style = seed & 1 ? BM_STYLE_SPACED : BM_STYLE_COMPACT;
        d->page_size = 4096;
        bm_vmdesc_add(d, "d", seed, random_schema(random, set), 0);
        text = bm_vmdesc_format(d, &error);
        cr_assert(text, "seed %u", seed);
        parsed = bm_vmdesc_parse(text->str, text->len, set, &error);
        cr_assert(parsed, "seed %u: %s", seed, error ? error->message : "");
        cr_assert_eq(g_array_index(parsed->devices, BmVmdescDevice, 0).schema,
                     g_array_index(d->devices, BmVmdescDevice, 0).schema, "seed %u: %s", seed,
                     text->str);
        g_string_free(text, TRUE);
        bm_vmdesc_free(parsed);
        bm_vmdesc_free(d);
        bm_schema_set_free(set);
        g_rand_free(random);
    }
}
