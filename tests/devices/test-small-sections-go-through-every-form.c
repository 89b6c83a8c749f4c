/* SPDX-License-Identifier: BSD-2-Clause */
/* The passage of device-passage.h for sections that stand in small-sections.h. */
#include <criterion/criterion.h>

#include "device-passage.h"
#include "small-sections.h"

static unsigned pass_all(const SmallSection *small, const BmVmdescDevice *described)
{
    BmSection section = {.name = described->name, .version = described->schema->version};
    GByteArray *octets = small_section_octets(small);
    unsigned n = 0;

    for (unsigned i = 0; devices[i]; i++) {
        uint64_t values = 0;
        GError *error = NULL;

        if (device_applies(devices[i], &section, described->schema)) {
            cr_assert(device_passage(devices[i], &section, described->schema,
                                     (BmOctets){octets->data, octets->len}, &values, &error),
                      "%s of %s, table %u: %s: %s", section.name, small->from, i,
                      bm_error_path(error), error->message);
            cr_assert(values > 0);
            n++;
        }
    }
    g_byte_array_unref(octets);
    return n;
}

static unsigned pass_small(const SmallSection *small)
{
    BmSchemaSet *set = bm_schema_set_new();
    GError *error = NULL;
    BmVmdesc *description = small_section_description(small, set, &error);
    unsigned n;

    cr_assert(description, "%s", error ? error->message : "");
    n = pass_all(small, &g_array_index(description->devices, BmVmdescDevice, 0));
    bm_vmdesc_free(description);
    bm_schema_set_free(set);
    return n;
}

Test(small_sections, go_through_every_form)
{
    unsigned n = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(small_sections); i++) {
        cr_assert(pass_small(&small_sections[i]) > 0);
        n += pass_small(&small_sections[i]) > 1;
    }
    cr_assert(n >= 4, "in both spellings, got %u", n);
}
