/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>

#include "path.h"
#include "samples.h"

static BmSchemaSet *set;
static BmPath path;

static void setup(void)
{
    set = bm_schema_set_new();
    bm_path_init(&path, NULL);
}

static void teardown(void)
{
    bm_path_clear(&path);
    bm_schema_set_free(set);
}

TestSuite(paths, .init = setup, .fini = teardown);

/* Pushes field `i` of `schema`. */
static void push(const BmSchema *schema, uint32_t i)
{
    bm_path_push_field(&path, schema, &schema->fields[i]);
}

static void reads(const char *text)
{
    cr_expect_str_eq(bm_path_text(&path), text);
}

Test(paths, single_struct_goes_by_the_name_of_its_type)
{
    BmField irq = ARRAY("irq_state", BM_KIND_UNSIGNED, 4, 4);
    const BmSchema *pci, *piix;

    irq.form = BM_FORM_WHOLE;
    pci = SCHEMA(set, "PCIDevice", irq);
    piix = SCHEMA(set, "PIIX3", STRUCT("dev", pci));
    bm_path_push_name(&path, "PIIX3");
    push(piix, 0);
    push(pci, 0);
    bm_path_push_index(&path, 0);
    reads("PIIX3.PCIDevice.irq_state(4)(4).[0]");
}

Test(paths, arrays_show_their_count_and_the_size_of_an_element)
{
    const BmSchema *client = SCHEMA(set, "client", UNSIGNED("allocated", 2), BUFFER("macaddr", 6));
    const BmSchema *bootp = SCHEMA(set, "slirp.bootp", STRUCTS("bootp_clients", 16, client));

    bm_path_push_name(&path, "slirp.bootp");
    push(bootp, 0);
    bm_path_push_index(&path, 1);
    push(client, 1);
    bm_path_push_index(&path, 3);
    reads("slirp.bootp.bootp_clients(16)(8).[1].macaddr(6)(1).[3]");
}

Test(paths, plain_fields_are_names)
{
    const BmSchema *timer = SCHEMA(set, "timer", SIGNED("cpu_ticks_offset", 8), OPAQUE("o", 5));

    bm_path_push_name(&path, "timer");
    push(timer, 0);
    reads("timer.cpu_ticks_offset");
    bm_path_pop(&path);
    push(timer, 1);
    reads("timer.o");
}

Test(paths, buffers_are_arrays_of_octets)
{
    const BmSchema *s =
        SCHEMA(set, "s", BUFFER("config", 256), ARRAY("macs", BM_KIND_BUFFER, 6, 2));

    push(s, 0);
    reads("config(256)(1)");
    bm_path_pop(&path);
    push(s, 1);
    reads("macs(2)(6)");
}

Test(paths, lists_show_their_count_only)
{
    const BmSchema *one = SCHEMA(set, "one", UNSIGNED("a", 1));
    const BmSchema *s = SCHEMA(set, "s", LIST("queue", one, one, one));

    push(s, 0);
    bm_path_push_index(&path, 2);
    push(one, 0);
    reads("queue(3).[2].a");
}

Test(paths, structs_alike_go_by_the_name_of_the_field)
{
    const BmSchema *timer = SCHEMA(set, "timer", UNSIGNED("a", 1));
    const BmSchema *clock = SCHEMA(set, "clock", UNSIGNED("b", 1));
    const BmSchema *s = SCHEMA(set, "s", STRUCT("one", timer), STRUCT("two", timer),
                               STRUCT("three", clock), UNSIGNED("x", 1));
    const BmSchema *t = SCHEMA(set, "t", STRUCT("three", clock), UNSIGNED("clock", 1));

    push(s, 0);
    reads("one");
    bm_path_pop(&path);
    push(s, 1);
    reads("two");
    bm_path_pop(&path);
    push(s, 2);
    reads("clock");
    bm_path_pop(&path);
    push(t, 0);
    reads("three");
    bm_path_pop(&path);
    bm_path_push_field(&path, NULL, &s->fields[2]);
    reads("three");
}

Test(paths, pieces_of_an_array_show_where_they_start)
{
    const BmSchema *element = SCHEMA(set, "element", UNSIGNED("a", 1));
    BmField null = ARRAY("p", BM_KIND_POINTER, 1, 1), one = STRUCT("p", element);
    const BmSchema *s;

    null.form = one.form = BM_FORM_INDEXED;
    one.first = 1;
    s = SCHEMA(set, "s", null, one);
    push(s, 0);
    reads("p(1)(1).[0]");
    bm_path_pop(&path);
    push(s, 1);
    push(element, 0);
    reads("p(1)(1).[1].a");
    bm_path_pop(&path);
    bm_path_pop(&path);
    reads("");
}

Test(paths, subsections_drop_the_name_of_their_parent)
{
    const BmSchema *sub = SCHEMA(set, "s/more", UNSIGNED("a", 1));
    const BmSchema *other = SCHEMA(set, "st/else", UNSIGNED("a", 1));
    const BmSchema *s = SCHEMA_WITH(set, "s", sub, UNSIGNED("b", 1));

    bm_path_push_subsection(&path, s, sub);
    push(sub, 0);
    reads("more.a");
    bm_path_pop(&path);
    bm_path_pop(&path);
    bm_path_push_subsection(&path, s, other);
    reads("st/else");
    bm_path_pop(&path);
    bm_path_push_subsection(&path, NULL, sub);
    reads("s/more");
}

Test(paths, each_pop_undoes_a_push)
{
    BmPath rooted;

    bm_path_init(&rooted, "root");
    bm_path_push_name(&rooted, "a");
    bm_path_push_index(&rooted, 12);
    bm_path_pop(&rooted);
    cr_expect_str_eq(bm_path_text(&rooted), "root.a");
    bm_path_pop(&rooted);
    bm_path_pop(&rooted);
    cr_expect_str_eq(bm_path_text(&rooted), "root");
    bm_path_clear(&rooted);
}
