/* SPDX-License-Identifier: BSD-2-Clause */
/* Each operation on a small device, and back; what is lost; chains; rules. */
#include <criterion/criterion.h>
#include <string.h>

#include "rules.h"

static void add(BmState *s, const char *name, BmKind kind, uint32_t width, uint32_t count,
                const char *value)
{
    BmStateField *f =
        bm_state_field_new(&(BmField){.name = name, .kind = kind, .width = width, .count = count});

    bm_state_field_clear(f);
    cr_assert(bm_state_value_set(f, -1, value, NULL), "%s", name);
    bm_state_insert(s, -1, f);
}

static BmDeviceState sample(void)
{
    BmState *root = bm_state_new("nic", 3), *pci = bm_state_new("PCIDevice", 2);
    BmState *sub = bm_state_new("nic/rsc", 1);
    BmStateField *f =
        bm_state_field_new(&(BmField){.name = "parent_obj", .kind = BM_KIND_STRUCT, .count = 1});

    add(pci, "config", BM_KIND_BUFFER, 4, 1, "hex:00010203");
    add(pci, "irq", BM_KIND_SIGNED, 4, 1, "-3");
    g_ptr_array_add(f->structs, pci);
    bm_state_insert(root, -1, f);
    add(root, "mac", BM_KIND_UNSIGNED, 4, 5, "0 1 2 3 4");
    add(root, "flags", BM_KIND_UNSIGNED, 2, 1, "0x1235");
    add(root, "on", BM_KIND_BOOLEAN, 1, 1, "true");
    add(sub, "n", BM_KIND_UNSIGNED, 4, 1, "7");
    g_ptr_array_add(root->subsections, sub);
    return (BmDeviceState){g_strdup("0000:00:03.0/nic"), 0, 3, root};
}

/* All that a device is, as one text. */
static void print_state(GString *to, const BmState *s)
{
    g_string_append_printf(to, "%s@%u{", s->name, s->version);
    for (guint i = 0; i < s->fields->len; i++) {
        const BmStateField *f = s->fields->pdata[i];
        char *text = bm_state_value_text(f, -1);

        g_string_append_printf(to, "%s:%s=%s,", f->is.name, bm_field_type(&f->is), text);
        g_free(text);
        for (guint k = 0; k < f->structs->len; k++) {
            print_state(to, f->structs->pdata[k]);
        }
    }
    for (guint i = 0; i < s->subsections->len; i++) {
        print_state(to, s->subsections->pdata[i]);
    }
    g_string_append(to, "}");
}

static char *print(const BmDeviceState *d)
{
    GString *to = g_string_new(NULL);

    g_string_append_printf(to, "%s %u %u ", d->name, d->instance, d->version);
    print_state(to, d->state);
    return g_string_free(to, FALSE);
}

static void must_apply(const BmTransform *t, BmDeviceState *d, BmTransformer *by)
{
    GError *error = NULL;

    cr_assert(bm_transform_apply(t, d, by, &error), "%s: %s: %s", t->operation->name,
              error ? bm_error_path(error) : "", error ? error->message : "");
}

static const char three[] = "nic";

static const BmTransform invertible[] = {
    {&bm_op_rename, .name = "on", .to = "enabled"},
    {&bm_op_rename, .in = "PCIDevice", .name = "irq", .to = "line"},
    {&bm_op_move, .in = "PCIDevice", .name = "irq", .to = "pci_irq", .before = "mac"},
    {&bm_op_move, .name = "flags", .to_in = "PCIDevice", .before = "irq", .back_before = "on"},
    {&bm_op_move, .name = "flags", .to_in = "nic/rsc", .back_before = "on"},
    {&bm_op_split_bits, .name = "flags", .parts = "low:4 mid:6 high:6", .width = 2},
    {&bm_op_split_array, .name = "mac", .parts = "first:1 rest:4"},
    {&bm_op_resize, .name = "flags", .width = 8, .back_width = 2},
    {&bm_op_resize, .name = "mac", .width = 1, .back_width = 4},
    {&bm_op_resize, .in = "PCIDevice", .name = "irq", .width = 1, .back_width = 4},
    {&bm_op_set, .name = "flags", .value = "9", .back_value = "0x1235"},
    {&bm_op_set, .name = "mac[3]", .value = "9", .back_value = "3"},
    {&bm_op_add, .fields = "x:uint32=1; y:buffer[3]=0; z:int16[2]/timers=-1", .before = "on"},
    {&bm_op_drop_if, .fields = "on:bool=true"},
    {&bm_op_add_subsection, .name = "nic/x", .version = 1, .fields = "a:uint8=1",
     .before = "nic/rsc"},
    {&bm_op_drop_subsection, .name = "nic/rsc", .version = 1, .fields = "n:uint32=7"},
    {&bm_op_version, .version = 2, .back_version = 3},
    {&bm_op_version, .in = "nic/rsc", .version = 2, .back_version = 1},
    {&bm_op_rename_device, .device = "0000:00:03.0/nic", .to = three},
};

Test(transformations, go_forth_and_back)
{
    for (guint i = 0; i < G_N_ELEMENTS(invertible); i++) {
        BmDeviceState d = sample();
        BmTransformer by = {0};
        BmSchemaSet *set = bm_schema_set_new();
        const BmSchema *schema = bm_state_schema(d.state, set, NULL);
        char *before = print(&d), *between, *after;
        BmTransform back;

        must_apply(&invertible[i], &d, &by);
        between = print(&d);
        cr_expect_str_neq(before, between, "%u", i);
        cr_assert(bm_transform_invert(&invertible[i], &back, NULL), "%u", i);
        must_apply(&back, &d, &by);
        after = print(&d);
        cr_expect_str_eq(before, after, "%u", i);
        cr_expect_eq(bm_state_schema(d.state, set, NULL), schema, "%u", i);
        cr_expect_eq(by.refused, 0, "%u", i);
        g_free(before);
        g_free(between);
        g_free(after);
        bm_schema_set_free(set);
        bm_device_state_clear(&d);
    }
}

/* ---- losses ---- */

static void note_change(void *user, const BmChange *change)
{
    g_string_append_printf(user, "%s %s %s %d;", change->path, change->what,
                           change->lost ? change->lost : "-", change->refused);
}

static void expect_loss(const BmTransform *t, gboolean consent, guint refused, const char *report)
{
    BmDeviceState d = sample();
    GString *text = g_string_new(NULL);
    BmTransformer by = {consent, note_change, text};

    must_apply(t, &d, &by);
    cr_expect_eq(by.refused, refused, "%s: %u", report, by.refused);
    cr_expect_str_eq(text->str, report);
    g_string_free(text, TRUE);
    bm_device_state_clear(&d);
}

Test(transformations, report_what_is_lost)
{
    BmTransform drop = {&bm_op_drop, .name = "on"};
    BmTransform all = {&bm_op_drop, .name = "parent_obj"};
    BmTransform set = {&bm_op_set, .name = "flags", .value = "1"};
    BmTransform same = {&bm_op_set, .name = "flags", .value = "0x1235"};
    BmTransform bits = {&bm_op_split_bits, .name = "flags", .parts = "low:12", .width = 2};
    BmTransform sub = {&bm_op_drop_subsection, .name = "nic/rsc", .fields = "n:uint32=0"};
    BmTransform none = {&bm_op_drop_subsection, .name = "nic/other"};

    expect_loss(&drop, FALSE, 1, "on dropped true 1;");
    expect_loss(&drop, TRUE, 0, "on dropped true 0;");
    drop.consent = TRUE;
    expect_loss(&drop, FALSE, 0, "on dropped true 0;");
    expect_loss(&all, FALSE, 2,
                "parent_obj.config dropped hex:00010203 1;parent_obj.irq dropped -3 1;");
    expect_loss(&set, FALSE, 1, "flags set to 1 4661 1;");
    expect_loss(&same, FALSE, 0, "");
    expect_loss(&bits, FALSE, 1,
                "flags bits that are in no part 0x1000 1;flags split into bit fields - 0;");
    expect_loss(&sub, FALSE, 1, "nic/rsc.n dropped 7 1;");
    expect_loss(&none, FALSE, 0, "");
}

static void expect_failure(const BmTransform *t, BmCode code, const char *path)
{
    BmDeviceState d = sample();
    BmTransformer by = {TRUE};
    GError *error = NULL;

    cr_assert_not(bm_transform_apply(t, &d, &by, &error), "%s %s", t->operation->name, path);
    cr_expect_eq(error->code, code, "%s: %d %s", path, error->code, error->message);
    cr_expect_str_eq(bm_error_path(error), path);
    g_error_free(error);
    bm_device_state_clear(&d);
}

Test(transformations, fail_with_a_path)
{
    static const struct {
        BmTransform t;
        BmCode code;
        const char *path;
    } cases[] = {
        {{&bm_op_rename, .name = "off", .to = "x"}, BM_UNKNOWN, "0000:00:03.0/nic.off"},
        {{&bm_op_rename, .name = "on", .to = "mac"}, BM_DUPLICATE, "0000:00:03.0/nic.mac"},
        {{&bm_op_rename, .in = "no", .name = "a", .to = "b"}, BM_UNKNOWN, "0000:00:03.0/nic.no"},
        {{&bm_op_resize, .name = "flags", .width = 1, .back_width = 2},
         BM_REFUSED,
         "0000:00:03.0/nic.flags"},
        {{&bm_op_resize, .name = "flags", .width = 1, .back_width = 4},
         BM_MISMATCH,
         "0000:00:03.0/nic.flags"},
        {{&bm_op_drop_if, .fields = "on:bool=false"}, BM_REFUSED, "0000:00:03.0/nic.on"},
        {{&bm_op_set, .name = "flags", .value = "65536"}, BM_BAD_VALUE, "0000:00:03.0/nic.flags"},
        {{&bm_op_set, .name = "flags", .value = "1", .back_value = "2"},
         BM_REFUSED,
         "0000:00:03.0/nic.flags"},
        {{&bm_op_join_bits, .name = "x", .parts = "flags:4", .width = 1},
         BM_REFUSED,
         "0000:00:03.0/nic.flags"},
        {{&bm_op_split_array, .name = "mac", .parts = "a:1 b:1"},
         BM_MISMATCH,
         "0000:00:03.0/nic.mac"},
        {{&bm_op_version, .version = 2, .back_version = 1}, BM_BAD_VERSION, "0000:00:03.0/nic"},
        {{&bm_op_move, .name = "parent_obj", .to_in = "PCIDevice"},
         BM_BAD_VALUE,
         "0000:00:03.0/nic.parent_obj"},
        {{&bm_op_move, .name = "on", .before = "off"}, BM_UNKNOWN, "0000:00:03.0/nic.off"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        expect_failure(&cases[i].t, cases[i].code, cases[i].path);
    }
}

/* ---- chains ---- */

static gboolean double_flags(const BmTransform *t, BmDeviceState *d, BmTransformer *by,
                             GError **error)
{
    BmStateField *f = bm_state_get(d->state, "flags");
    uint64_t bits;

    (void)by;
    (void)error;
    return bm_state_value_bits(f, 0, &bits) &&
           bm_state_value_set_bits(f, 0, t->data ? bits * 2 : bits / 2);
}

static gboolean halve_flags(const BmTransform *t, BmDeviceState *d, BmTransformer *by,
                            GError **error)
{
    BmTransform half = *t;

    half.data = NULL;
    return double_flags(&half, d, by, error);
}

static const BmTransform to_9_2[] = {
    {&bm_op_rename, .device = "*/nic", .name = "on", .to = "enabled"},
    {&bm_op_move, .device = "*/nic", .name = "enabled", .before = "mac"},
    {NULL},
};
static const BmTransform to_7_2[] = {
    {&bm_op_call, .device = "*/nic", .call = double_flags, .back_call = halve_flags, .data = three},
    {&bm_op_drop_subsection, .device = "*/nic", .name = "nic/rsc", .consent = TRUE,
     .one_way = TRUE},
    {NULL},
};
static const BmTransform up_8_0[] = {
    {&bm_op_resize, .device = "*/nic", .name = "flags", .width = 8, .back_width = 2}, {NULL}};
static const BmStep steps[] = {
    {"10.0", "9.2", to_9_2}, {"8.0", "7.2", to_7_2}, {"8.0", "9.2", up_8_0}};

static void run_chain(const char *from, const char *to, BmDeviceState *d, guint length)
{
    BmTransformer by = {0};
    BmChain *chain = bm_chain_new(steps, G_N_ELEMENTS(steps), from, to, NULL);
    GError *error = NULL;

    cr_assert_not_null(chain);
    cr_expect_eq(bm_chain_length(chain), length);
    cr_assert(bm_chain_apply(chain, d, &by, &error), "%s", error ? error->message : "");
    bm_chain_free(chain);
}

Test(transformations, chains_lead_from_level_to_level)
{
    BmDeviceState d = sample();
    char *text;

    /* back over a step that was written for the other direction */
    add(d.state, "wide", BM_KIND_UNSIGNED, 8, 1, "0");
    must_apply(&up_8_0[0], &d, &(BmTransformer){0});
    run_chain("10.0", "7.2", &d, 5);
    text = print(&d);
    cr_expect(strstr(text, "enabled:bool=true,mac:"), "%s", text);
    cr_expect(strstr(text, "flags:uint16=9322,"), "%s", text);
    cr_expect_null(strstr(text, "rsc"), "%s", text);
    g_free(text);
    run_chain("7.2", "8.0", &d, 1);
    run_chain("8.0", "9.2", &d, 1);
    text = print(&d);
    cr_expect(strstr(text, "flags:uint64=4661,"), "%s", text);
    g_free(text);
    bm_device_state_clear(&d);
    cr_expect_null(bm_chain_new(steps, G_N_ELEMENTS(steps), "10.0", "5.2", NULL));
}

/* ---- rules ---- */

static void expect_bad_rules(const char *text, const char *path)
{
    GError *error = NULL;

    cr_assert_null(bm_rules_parse(text, strlen(text), &error), "%s", text);
    cr_expect_str_eq(bm_error_path(error), path, "%s: %s", bm_error_path(error), error->message);
    g_error_free(error);
}

Test(transformations, rules_say_where_they_are_wrong)
{
#define RULE "[rule 1]\ndevice=*\n"
    expect_bad_rules("", "");
    expect_bad_rules("x", "");
    expect_bad_rules("[rule 1]\ndevice=*\n", "[rule 1] operation");
    expect_bad_rules(RULE "operation=melt\n", "[rule 1] operation");
    expect_bad_rules(RULE "operation=call\n", "[rule 1] operation");
    expect_bad_rules(RULE "operation=rename\nname=a\n", "[rule 1] to");
    expect_bad_rules(RULE "operation=drop\nname=a\nwidth=4\n", "[rule 1] width");
    expect_bad_rules(RULE "operation=drop\nname=a\ncolour=red\n", "[rule 1] colour");
    expect_bad_rules(RULE "operation=drop\nname=a\nconsent=maybe\n", "[rule 1] consent");
    expect_bad_rules(RULE "operation=drop\nname=a\nlevel=10.0\n", "[rule 1] level");
    expect_bad_rules(RULE "operation=drop\nname=a\ninstance=x\n", "[rule 1] instance");
    expect_bad_rules(RULE "operation=resize\nname=a\nwidth=9\nback-width=1\n", "[rule 1] width");
    expect_bad_rules(RULE "operation=add\nfields=a:uint31=0\n", "[rule 1] fields");
    expect_bad_rules(RULE "operation=split-bits\nname=a\nwidth=1\nparts=x\n", "[rule 1] parts");
    expect_bad_rules("[rule 1]\noperation=drop\nname=a\n", "[rule 1] device");
    expect_bad_rules("[a]\noperation=drop-command\ncode=1\n[a]\noperation=drop-command\ncode=2\n",
                     "[a]");
}

Test(transformations, rules_are_transformations)
{
    static const char text[] = "[first]\nlevel=10.0:9.2\ndevice=*/nic\ninstance=0\n"
                               "operation=rename\nname=on\nto=enabled\n"
                               "[second]\ndevice=*/nic\noperation=drop\nname=mac\nconsent=yes\n";
    BmRules *rules = bm_rules_parse(text, strlen(text), NULL);
    BmDeviceState d = sample();
    BmTransformer by = {0};
    BmChain *chain;
    guint n;

    cr_assert_not_null(rules);
    cr_expect(bm_rules_have_levels(rules));
    const BmStep *rule = bm_rules_steps(rules, &n);
    cr_expect_eq(n, 2);
    chain = bm_chain_new(rule, n, "10.0", "9.2", NULL);
    cr_assert(bm_chain_apply(chain, &d, &by, NULL));
    cr_expect_not_null(bm_state_get(d.state, "enabled"));
    cr_expect_null(bm_state_get(d.state, "mac"));
    bm_chain_free(chain);
    bm_rules_free(rules);
    bm_device_state_clear(&d);
}
