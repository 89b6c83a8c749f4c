/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of real devices, saved and loaded with many values at once, and value by
 * value: the same octets, and for octets of which any bit is wrong, or the last ones are
 * missing, the same object, the same report and the same error.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "device-passage.h"
#include "small-sections.h"
#include "value-by-value.h"

/* Large arrays are in the middle: octets at either end of a device are changed. */
#define CHANGED 300

/* One device that is saved and loaded. */
typedef struct Case {
    const Device *device;
    const char *section;
    const BmSchema *described; /* what prepare() looks at */
    const BmSchema *schema;
    Form form;
} Case;

static void *new_object(const Case *c)
{
    void *object = g_malloc0(c->device->size);

    if (c->device->prepare) {
        c->device->prepare(object, c->section, c->described);
    }
    return object;
}

static void free_object(const Case *c, void *object)
{
    bm_table_clear(c->device->table, object);
    g_free(object);
}

/* Where there are pointers they differ, and what they point to does not. */
static void same_objects(const Case *c, const void *slow, const void *fast, const char *what)
{
    g_autofree char *slow_text = NULL, *fast_text = NULL;

    if (memcmp(slow, fast, c->device->size) != 0) {
        slow_text = text_of(c->device->table, slow);
        fast_text = text_of(c->device->table, fast);
        cr_assert_str_eq(fast_text, slow_text, "%s, %s: another object", c->section, what);
    }
}

static void load_both(const Case *c, const uint8_t *octets, size_t len, const char *what)
{
    void *slow = new_object(c), *fast = new_object(c);
    g_autofree char *slow_says =
        load_as(c->device->table, slow, c->schema, c->form, octets, len, FALSE);
    g_autofree char *fast_says =
        load_as(c->device->table, fast, c->schema, c->form, octets, len, TRUE);

    cr_assert_str_eq(fast_says, slow_says, "%s, %s: %s, value by value: %s", c->section, what,
                     fast_says, slow_says);
    same_objects(c, slow, fast, what);
    free_object(c, slow);
    free_object(c, fast);
}

/* All bits of an octet; of large devices one, since they take long. */
static void change_octet(const Case *c, GByteArray *octets, guint i)
{
    gboolean large = octets->len > 2 * CHANGED;

    for (unsigned bit = large ? i % 8 : 0; bit < (large ? i % 8 + 1 : 8); bit++) {
        g_autofree char *what = g_strdup_printf("form %d, octet %u, bit %u", c->form, i, bit);

        octets->data[i] ^= (uint8_t)(1 << bit);
        load_both(c, octets->data, octets->len, what);
        octets->data[i] ^= (uint8_t)(1 << bit);
    }
}

static void change_bits(const Case *c, GByteArray *octets)
{
    for (guint i = 0; i < octets->len; i++) {
        if (i < CHANGED || i + CHANGED >= octets->len) {
            change_octet(c, octets, i);
        }
    }
}

static void cut(const Case *c, const GByteArray *octets)
{
    for (guint len = 0; len < octets->len && len < CHANGED; len++) {
        g_autofree char *what = g_strdup_printf("form %d, cut at %u", c->form, len);

        load_both(c, octets->data, len, what);
    }
}

static void pass(Case *c, const void *object)
{
    const BmTable *table = c->device->table;

    for (c->form = FORM_BER; c->form <= FORM_LEGACY; c->form++) {
        GByteArray *slow = save_as(table, object, c->schema, c->form, FALSE);
        GByteArray *fast = save_as(table, object, c->schema, c->form, TRUE);

        cr_assert_eq(fast->len, slow->len, "%s: %u octets, value by value %u", c->section,
                     fast->len, slow->len);
        cr_assert(!memcmp(fast->data, slow->data, slow->len), "%s: other octets", c->section);
        load_both(c, fast->data, fast->len, "unchanged");
        change_bits(c, fast);
        cut(c, fast);
        g_byte_array_unref(slow);
        g_byte_array_unref(fast);
    }
}

/* ---- devices as they are before anything is loaded ---- */

Test(many_values_of_devices, that_are_zero_are_the_same)
{
    static const BmSchema nothing = {.name = ""};

    for (unsigned i = 0; devices[i]; i++) {
        Case c = {devices[i], devices[i]->section, &nothing, NULL, FORM_BER};
        BmSchemaSet *set = bm_schema_set_new();
        void *object = new_object(&c);
        GError *error = NULL;

        c.schema = bm_table_describe(c.device->table, object, set, &error);
        cr_assert(c.schema, "%s: %s", c.section, SAYS(error));
        pass(&c, object);
        free_object(&c, object);
        bm_schema_set_free(set);
    }
}

/* ---- devices out of real streams ---- */

static gboolean pass_real(const Device *device, const BmVmdescDevice *described,
                          const GByteArray *octets)
{
    BmSection section = {.name = described->name, .version = described->schema->version};
    Case c = {device, described->name, described->schema, described->schema, FORM_LEGACY};
    g_autofree char *says = NULL;
    void *object;

    if (!device_applies(device, &section, described->schema)) {
        return FALSE;
    }
    object = new_object(&c);
    says = load_as(device->table, object, c.schema, c.form, octets->data, octets->len, TRUE);
    cr_assert(g_str_has_prefix(says, "at "), "%s: %s", c.section, says);
    pass(&c, object);
    free_object(&c, object);
    return TRUE;
}

static unsigned pass_small(const SmallSection *small)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmVmdesc *description = small_section_description(small, set, NULL);
    GByteArray *octets = small_section_octets(small);
    unsigned n = 0;

    cr_assert(description);
    for (unsigned i = 0; devices[i]; i++) {
        n += pass_real(devices[i], &g_array_index(description->devices, BmVmdescDevice, 0), octets);
    }
    g_byte_array_unref(octets);
    bm_vmdesc_free(description);
    bm_schema_set_free(set);
    return n;
}

Test(many_values_of_devices, of_real_streams_are_the_same)
{
    for (gsize i = 0; i < G_N_ELEMENTS(small_sections); i++) {
        cr_assert(pass_small(&small_sections[i]) > 0, "no table for section %zu", i);
    }
}
