/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of texts as QEMU writes them takes those and no others, and understands by them what
 * the parser of all of JSON understands.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "random-schema.h"
#include "vmdesc.h"

#define HEAD                                                                                       \
    "{\"page_size\": 4096, \"devices\": [{\"name\": \"d\", \"instance_id\": 0, "                   \
    "\"vmsd_name\": \"v\", \"version\": 1, \"fields\": ["
#define TAIL "]}]}"
#define OLD_STYLE                                                                                  \
    "]}, {\"name\": \"o\", \"instance_id\": 1, \"size\": 71, \"fields\": [{\"name\": \"data\", "   \
    "\"size\": 71, \"type\": \"buffer\"}"
#define X "{\"vmsd_name\": \"x\", \"version\": 1, \"fields\": []}"
#define NUMBER "{\"name\": \"n\", \"type\": \"uint8\", \"size\": 1}"
/* Something of everything that has a place of its own in the reader. */
#define ALL                                                                                        \
    NUMBER ", {\"name\": \"a\", \"array_len\": 12, \"type\": \"uint32\", \"size\": 4}, "           \
           "{\"name\": \"i\", \"index\": 0, \"type\": \"struct\", \"struct\": " X ", \"size\": "   \
           "0}, {\"name\": \"i\", \"index\": 1, \"type\": \"struct\", \"struct\": " X              \
           ", \"size\": 0}, {\"name\": \"e\", \"type\": \"struct\", \"struct\": {}, \"size\": 1}," \
           " {\"name\": \"q\", \"type\": \"qtailq\", \"vmsd_name\": \"x\", \"version\": 1, "       \
           "\"fields\": [], \"vmsd_name\": \"y\", \"version\": 1, \"fields\": [" NUMBER            \
           "], \"size\": 4}, {\"name\": \"b\", \"type\": \"bitmap\", \"size\": 16}], "             \
           "\"subsections\": [" X ", {\"vmsd_name\": \"x\", \"version\": 1, \"fields\": [], "      \
           "\"subsections\": [" X "]}"

static BmOctets octets(const char *text, size_t len)
{
    return (BmOctets){(const uint8_t *)text, len};
}

static BmVmdesc *read_text(const char *text, size_t len, BmSchemaSet *set)
{
    return bm_vmdesc_read(octets(text, len), set);
}

/* The same, with a member that QEMU does not write: so the parser has it. */
static BmVmdesc *parse_with_a_member_more(const GString *text, BmStyle style, BmSchemaSet *set)
{
    size_t close = style == BM_STYLE_SPACED ? 2 : 1;
    g_autoptr(GString) more = g_string_new_len(text->str, (gssize)(text->len - close));
    GError *error = NULL;
    BmVmdesc *d;

    g_string_append(more, style == BM_STYLE_SPACED ? ", \"more\" : 0 }" : ", \"more\": 0}");
    cr_assert_null(read_text(more->str, more->len, set));
    d = bm_vmdesc_parse(more->str, more->len, set, &error);
    cr_assert(d, "%s: %s", error ? error->message : "", more->str);
    cr_assert_not(d->exact);
    return d;
}

static void check_random(guint32 seed)
{
    GRand *random = g_rand_new_with_seed(seed);
    BmSchemaSet *set = bm_schema_set_new();
    BmVmdesc *d = bm_vmdesc_new(), *read, *parsed;
    GString *text;

    d->style = seed & 1 ? BM_STYLE_SPACED : BM_STYLE_COMPACT;
    d->page_size = seed;
    d->configuration = seed & 2 ? random_schema(random, set) : NULL;
    for (guint i = 0; i < seed % 4; i++) {
        bm_vmdesc_add(d, "d", i, i == 1 ? NULL : random_schema(random, set), seed);
    }
    text = bm_vmdesc_format(d, NULL);
    read = read_text(text->str, text->len, set);
    cr_assert(read && read->exact, "seed %u: %s", seed, text->str);
    cr_expect(bm_vmdesc_equal(d, read), "seed %u: %s", seed, text->str);
    parsed = parse_with_a_member_more(text, d->style, set);
    cr_expect(bm_vmdesc_equal(read, parsed), "seed %u: %s", seed, text->str);
    g_string_free(text, TRUE);
    bm_vmdesc_free(parsed);
    bm_vmdesc_free(read);
    bm_vmdesc_free(d);
    bm_schema_set_free(set);
    g_rand_free(random);
}

Test(vmdesc_read, is_what_was_written_and_what_the_parser_says)
{
    for (guint32 seed = 0; seed < 300; seed++) {
        check_random(seed);
    }
}

/* Whether it is taken; if so, it must be the writer's. */
static gboolean check_taken(const char *text, size_t len)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmVmdesc *d = read_text(text, len, set);

    if (d) {
        cr_assert(d->exact);
        cr_assert(bm_vmdesc_is(d, octets(text, len), NULL), "%.*s", (int)len, text);
        bm_vmdesc_free(d);
    }
    bm_schema_set_free(set);
    return d != NULL;
}

/* Of one octet each. */
static unsigned check_changes(const char *text, size_t len)
{
    static const char others[] = "\"\\,:{}[] 019ax\x7f\xc3\n";
    g_autofree char *copy = g_malloc(len);
    unsigned taken = 0;

    for (size_t i = 0; i < len; i++) {
        memcpy(copy, text, len);
        for (size_t j = 0; j < sizeof(others); j++) {
            copy[i] = others[j];
            taken += copy[i] != text[i] && check_taken(copy, len);
        }
        memmove(copy + i, text + i + 1, len - i - 1);
        taken += check_taken(copy, len - 1);
    }
    return taken;
}

Test(vmdesc_read, a_changed_octet_is_understood_or_left_to_the_parser)
{
    static const char text[] = HEAD ALL OLD_STYLE TAIL;

    cr_assert(check_taken(text, sizeof(text) - 1));
    /* other names and versions are as good */
    cr_expect_gt(check_changes(text, sizeof(text) - 1), 100);
}

Test(vmdesc_read, what_ends_early_or_late_is_left_to_the_parser)
{
    static const char text[] = HEAD ALL OLD_STYLE TAIL;

    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        cr_expect_not(check_taken(text, len), "%zu octets", len);
    }
    cr_expect_not(check_taken(text, sizeof(text)), "a NUL behind it");
}

/* Good JSON, from which the writer would make another text. */
static void check_left(const char *fields)
{
    g_autofree char *text = g_strconcat(HEAD, fields, TAIL, NULL);
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;
    BmVmdesc *d;

    cr_expect_not(check_taken(text, strlen(text)), "%s", text);
    d = bm_vmdesc_parse(text, strlen(text), set, &error);
    cr_assert(d, "%s: %s", text, error ? error->message : "");
    cr_expect_not(bm_vmdesc_is(d, octets(text, strlen(text)), NULL), "%s", text);
    bm_vmdesc_free(d);
    bm_schema_set_free(set);
}

Test(vmdesc_read, what_would_be_written_otherwise_is_left_to_the_parser)
{
    check_left("{\"name\": \"a\", \"array_len\": 1, \"type\": \"bool\", \"size\": 1}");
    check_left("{\"name\": \"a\", \"type\": \"bool\", \"size\": 1.0}");
    check_left("{\"name\": \"a\", \"type\": \"bool\", \"size\": 1, \"new\": 1}");
    check_left("{\"name\": \"a\", \"type\": \"bool\",\"size\": 1}");
    check_left("{\"type\": \"bool\", \"name\": \"a\", \"size\": 1}");
    check_left("{\"name\": \"\\u0061\", \"type\": \"bool\", \"size\": 1}");
    check_left("{\"name\": \"s\", \"type\": \"struct\", \"struct\": " X ", \"size\": 1}");
    check_left("{\"name\": \"s\", \"type\": \"struct\", \"vmsd_name\": \"x\", \"version\": 1, "
               "\"fields\": [], \"size\": 0}");
    check_left("{\"name\": \"v\", \"type\": \"vstruct\", \"struct\": " X ", \"size\": 0}");
    check_left("{\"name\": \"b\", \"type\": \"bool\", \"struct\": " X ", \"size\": 1}");
    check_left(NUMBER "], \"subsections\": [");
}

/* It is the writer's text, but only the parser knows escapes. */
Test(vmdesc_read, odd_names_are_left_to_the_parser)
{
    static const char text[] = HEAD "{\"name\": \"\\u00E9\", \"type\": \"bool\", \"size\": 1}" TAIL;
    BmSchemaSet *set = bm_schema_set_new();
    BmVmdesc *d;

    cr_expect_not(check_taken(text, sizeof(text) - 1));
    d = bm_vmdesc_parse(text, sizeof(text) - 1, set, NULL);
    cr_assert(d);
    cr_expect(bm_vmdesc_is(d, octets(text, sizeof(text) - 1), NULL));
    bm_vmdesc_free(d);
    bm_schema_set_free(set);
}

/* A struct is known again by its text; one that goes on behind it is another one. */
Test(vmdesc_read, structs_that_begin_alike_are_not_one)
{
    static const char text[] = HEAD NUMBER "], \"subsections\": [" X
                                           ", {\"vmsd_name\": \"x\", \"version\": 1, \"fields\": "
                                           "[], \"subsections\": [" X "]}, " X TAIL;
    BmSchemaSet *set = bm_schema_set_new();
    BmVmdesc *d = read_text(text, sizeof(text) - 1, set);
    const BmSchema *s;

    cr_assert(d);
    s = g_array_index(d->devices, BmVmdescDevice, 0).schema;
    cr_assert_eq(s->n_subsections, 3);
    cr_expect_eq(s->subsections[0], s->subsections[2]);
    cr_assert_neq(s->subsections[0], s->subsections[1]);
    cr_expect_eq(s->subsections[1]->subsections[0], s->subsections[0]);
    bm_vmdesc_free(d);
    bm_schema_set_free(set);
}
