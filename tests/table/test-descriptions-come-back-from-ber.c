/* SPDX-License-Identifier: BSD-2-Clause */
/* The schemas of tables, with no object at hand, as JSON and through BER. */
#include <cJSON.h>
#include <criterion/criterion.h>
#include <string.h>

#include "box.h"
#include "describe.h"
#include "passage-of-tables.h"

/* ---- a table with all that a description tells ---- */

static const BmTableField late_fields[] = {BM_FIELD_U8(Item, y), BM_FIELD_END};
static const BmTable late_table = {.name = "dev/late",
                                   .version = 4,
                                   .minimum_version = 3,
                                   .fields = late_fields,
                                   .size = sizeof(Item),
                                   .condition = "late came",
                                   .droppable = TRUE};
static const BmNotSent not_sent[] = {{"cache", "derived", "post_load makes it"}, {NULL}};
static const BmTableField dev_fields[] = {
    BM_FIELD_I16(Item, x),
    BM_FIELD_U8(Item, y, .since = 5),
    BM_FIELD_END,
};
static const BmTable dev_table = {.name = "dev",
                                  .version = 6,
                                  .minimum_version = 2,
                                  .fields = dev_fields,
                                  .subsections = (const BmTable *const[]){&late_table, NULL},
                                  .size = sizeof(Item),
                                  .not_sent = not_sent};

static BmSchemaSet *set;

static void setup(void)
{
    set = bm_schema_set_new();
}

static void teardown(void)
{
    bm_schema_set_free(set);
}

TestSuite(description, .init = setup, .fini = teardown);

static BmAnnounce announce(const char *name, uint32_t instance, const BmTable *table)
{
    GError *error = NULL;
    BmAnnounce a = {.name = name, .instance = instance, .version = 1};

    if (table) {
        a.version = table->version;
        a.schema = bm_table_schema(table, set, &error);
        a.schemas = set;
        cr_assert(a.schema, "%s", SAYS(error));
    }
    return a;
}

/* ---- JSON ---- */

static char *text_of(BmOutput *out)
{
    BmOctets octets = bm_output_memory_data(out);
    char *text = g_strndup((const char *)octets.data, octets.len);

    bm_output_free(out);
    return text;
}

static char *schema_text(const BmTable *table)
{
    BmOutput *out = bm_output_memory();

    cr_assert(bm_schema_to_json(bm_table_schema(table, set, NULL), out, NULL));
    return text_of(out);
}

static cJSON *parsed(char *text)
{
    cJSON *json = cJSON_ParseWithOpts(text, NULL, 1);

    cr_assert(json, "%s", text);
    g_free(text);
    return json;
}

static const cJSON *field(const cJSON *description, const char *name)
{
    const cJSON *each;

    cJSON_ArrayForEach(each, cJSON_GetObjectItemCaseSensitive(description, "Fields"))
    {
        if (!strcmp(cJSON_GetObjectItemCaseSensitive(each, "field")->valuestring, name)) {
            return each;
        }
    }
    cr_assert_fail("no field %s", name);
    return NULL;
}

/* A member as it is written; "" if it is not there. */
static void expect(const cJSON *object, const char *key, const char *written)
{
    char *is = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(object, key));

    cr_expect_str_eq(is ? is : "", written, "%s: %s", key, is);
    cJSON_free(is);
}

Test(description, as_json_has_versions_and_reasons)
{
    cJSON *json = parsed(schema_text(&dev_table));
    const cJSON *late =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "Subsections"), 0);

    expect(json, "version_id", "6");
    expect(json, "minimum_version_id", "2");
    expect(json, "condition", "");
    expect(field(json, "x"), "version_id", "0");
    expect(field(json, "x"), "field_exists", "false");
    expect(field(json, "x"), "signed", "true");
    expect(field(json, "x"), "type", "\"int16\"");
    expect(field(json, "x"), "size", "2");
    expect(field(json, "y"), "version_id", "5");
    expect(field(json, "y"), "signed", "false");
    expect(field(json, "y"), "condition", "\"version >= 5\"");
    expect(field(json, "cache"), "type", "\"opaque:derived\"");
    expect(field(json, "cache"), "size", "0");
    expect(field(json, "cache"), "condition", "\"not sent, derived: post_load makes it\"");
    expect(late, "name", "\"dev/late\"");
    expect(late, "version_id", "4");
    expect(late, "minimum_version_id", "3");
    expect(late, "condition", "\"late came\"");
    expect(late, "droppable", "true");
    cJSON_Delete(json);
}

Test(description, as_json_has_all_types)
{
    cJSON *json = parsed(schema_text(&box_table));

    expect(field(json, "yes"), "type", "\"bool\"");
    expect(field(json, "yes"), "signed", "");
    expect(field(json, "counted"), "num", "5");
    expect(field(json, "counted"), "size", "4");
    expect(field(json, "counted"), "condition", "\"as many as n32\"");
    expect(field(json, "counted"), "field_exists", "true");
    expect(field(json, "pointers"), "condition", "\"where not null\"");
    expect(field(json, "queue"), "type", "\"qtailq\"");
    expect(field(json, "tree"), "num", "1");
    expect(field(json, "later"), "version_id", "2");
    expect(field(json, "later"), "condition", "\"version >= 2 and has_later\"");
    expect(cJSON_GetObjectItemCaseSensitive(field(json, "items"), "Description"), "name",
           "\"item\"");
    cJSON_Delete(json);
}

/* ---- BER ---- */

static char *json_of(BmOctets ber)
{
    BmInput *in = bm_input_memory(ber.data, ber.len);
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_describe_stream(out);
    GError *error = NULL;

    cr_assert(bm_ber_stream_read(in, s, FALSE, NULL, &error), "%s", SAYS(error));
    bm_stream_free(s);
    bm_input_free(in);
    return text_of(out);
}

static void drive(BmStreamVisitor *s)
{
    const BmConfiguration machine = {.machine = "box-1.0"};
    const BmAnnounce sections[] = {
        announce("box", 0, &box_table),
        announce("dev", 0, &dev_table),
        announce("dev", 1, &dev_table),
        announce("old-style", 7, NULL),
    };
    GError *error = NULL;

    cr_assert(bm_describe_sections("tests", &machine, sections, G_N_ELEMENTS(sections), s, &error),
              "%s", SAYS(error));
    bm_stream_free(s);
}

Test(description, is_the_same_through_ber)
{
    BmOutput *ber = bm_output_memory(), *again = bm_output_memory(), *json = bm_output_memory();
    BmOctets octets, copy;
    g_autofree char *straight = NULL, *through = NULL;
    BmStreamVisitor *s;
    BmInput *in;

    drive(bm_describe_stream(json));
    straight = text_of(json);
    drive(bm_ber_stream_out(ber, 0, NULL));
    octets = bm_output_memory_data(ber);
    through = json_of(octets);
    cr_expect_str_eq(through, straight);
    cr_expect(strstr(straight, "\"old-style\""));
    cr_expect(strstr(straight, "\"dev#2\""));

    in = bm_input_memory(octets.data, octets.len);
    s = bm_describe_ber_stream(again);
    cr_assert(bm_ber_stream_read(in, s, FALSE, NULL, NULL));
    copy = bm_output_memory_data(again);
    cr_assert_eq(copy.len, octets.len);
    cr_expect_arr_eq(copy.data, octets.data, copy.len);
    bm_stream_free(s);
    bm_input_free(in);
    bm_output_free(ber);
    bm_output_free(again);
}

/* ---- against amplification ---- */

/* Each schema has two fields of the one before: a few octets per doubling. */
static BmAnnounce doubled(unsigned times)
{
    const BmSchema *schema = NULL;

    for (unsigned i = 0; i <= times; i++) {
        g_autofree char *name = g_strdup_printf("level%u", i);
        BmSchemaBuilder *b = bm_schema_builder_new(name, 1);
        BmField f = {.name = "b", .kind = BM_KIND_BOOLEAN, .width = 1, .count = 1};

        if (schema) {
            f = (BmField){.name = "s",
                          .kind = BM_KIND_STRUCT,
                          .count = 1,
                          .elements = &schema,
                          .n_elements = 1};
        }
        bm_schema_builder_field(b, &f);
        bm_schema_builder_field(b, &f);
        schema = bm_schema_set_intern(set, b, NULL);
        cr_assert(schema);
    }
    return (BmAnnounce){.name = "x", .schema = schema, .schemas = set};
}

static BmCode read_doubled(unsigned times)
{
    BmAnnounce a = doubled(times);
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_stream_out(out, 0, NULL), *nothing = bm_null_stream();
    BmOctets octets;
    BmInput *in;
    GError *error = NULL;
    BmCode code = BM_OK;

    cr_assert(bm_describe_sections("tests", NULL, &a, 1, s, NULL));
    octets = bm_output_memory_data(out);
    in = bm_input_memory(octets.data, octets.len);
    if (!bm_ber_stream_read(in, nothing, FALSE, NULL, &error)) {
        code = (BmCode)error->code;
    }
    g_clear_error(&error);
    bm_stream_free(s);
    bm_stream_free(nothing);
    bm_input_free(in);
    bm_output_free(out);
    return code;
}

Test(description, is_limited)
{
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_describe_stream(out);
    BmAnnounce a = doubled(19);
    GError *error = NULL;

    cr_expect_eq(bm_schema_count_entries(doubled(0).schema), 2);
    cr_expect_eq(bm_schema_count_entries(doubled(2).schema), 14);
    cr_expect_eq(read_doubled(18), BM_OK);
    cr_expect_eq(read_doubled(19), BM_LIMIT);
    cr_expect_not(bm_describe_sections("tests", NULL, &a, 1, s, &error));
    cr_expect_eq(error->code, BM_LIMIT);
    g_clear_error(&error);
    bm_stream_free(s);
    bm_output_free(out);
}
