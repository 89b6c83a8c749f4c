/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "dump-sample.h"

static const BmField field = {.name = "x", .kind = BM_KIND_UNSIGNED, .width = 1, .count = 1};
static const Value one[] = {V_UNSIGNED(1)};

static void print_named(Printed *p, BmSchemaSet *set, uint32_t id, const char *name,
                        uint32_t instance, const char *kind)
{
    BmSection section = {id, name, instance, 1};

    print_device(p, &section, kind ? struct_of(set, kind, &field, 1, NULL) : NULL, one, 1);
}

Test(dump_names, roots_differ)
{
    BmSchemaSet *set = bm_schema_set_new();
    Printed p = print_begin(bm_text_stream_out, "*", FALSE);
    g_autofree char *text = NULL;

    print_named(&p, set, 1, "cpu_common", 0, "cpu_common");
    print_named(&p, set, 2, "cpu_common", 1, "cpu_common");
    print_named(&p, set, 3, "0000:00:03.0/e1000", 0, "e1000");
    print_named(&p, set, 4, "0000:00:04.0/e1000", 0, "e1000");
    print_named(&p, set, 5, "slirp", 0, NULL);
    print_named(&p, set, 6, "slirp", 0, NULL);
    print_named(&p, set, 6, "slirp", 0, NULL);
    text = print_end(&p);
    cr_assert_str_eq(text, "cpu_common.x = (uint8) 0x1\n"
                           "cpu_common#1.x = (uint8) 0x1\n"
                           "e1000.x = (uint8) 0x1\n"
                           "0000:00:04.0/e1000.x = (uint8) 0x1\n"
                           "slirp(2)(1) = (octets) 6162\n"
                           "slirp@6(2)(1) = (octets) 6162\n"
                           "slirp@6#2(2)(1) = (octets) 6162\n");
    bm_schema_set_free(set);
}

/* A name can neither end a line nor speak to a terminal. */
Test(dump_names, control_characters_are_escaped)
{
    Printed p = print_begin(bm_text_stream_out, NULL, FALSE);
    BmSection section = {1, "a\n# end\x1b[2J\\\xc2\x9b\xc3\xa9", 0, 1};
    g_autofree char *text = NULL;

    print_device(&p, &section, NULL, NULL, 0);
    text = print_end(&p);
    cr_assert(strstr(text, "\na\\u000a# end\\u001b[2J\\\\\\u009b\xc3\xa9(2)(1) = (octets) 6162\n"));
    cr_assert(strstr(text, "# device a\\u000a# end\\u001b[2J\\\\\\u009b\xc3\xa9 instance 0"));
}

Test(dump_names, no_path_looks_like_a_comment)
{
    Printed p = print_begin(bm_text_stream_out, "*", FALSE);
    BmSection section = {1, "# end", 0, 1};
    g_autofree char *text = NULL;

    print_device(&p, &section, NULL, NULL, 0);
    text = print_end(&p);
    cr_assert_str_eq(text, "\\u0023 end(2)(1) = (octets) 6162\n");
}
