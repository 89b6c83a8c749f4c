/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmdesc.h"

#include <string.h>

BmVmdesc *bm_vmdesc_new(void)
{
    BmVmdesc *d = g_new0(BmVmdesc, 1);

    d->devices = g_array_new(FALSE, FALSE, sizeof(BmVmdescDevice));
    return d;
}

void bm_vmdesc_free(BmVmdesc *d)
{
    if (!d) {
        return;
    }
    for (guint i = 0; i < d->devices->len; i++) {
        g_free(g_array_index(d->devices, BmVmdescDevice, i).name);
    }
    g_array_free(d->devices, TRUE);
    g_free(d);
}

void bm_vmdesc_add(BmVmdesc *d, const char *name, uint32_t instance, const BmSchema *schema,
                   uint64_t size)
{
    BmVmdescDevice device = {g_strdup(name), instance, schema, size};

    g_array_append_val(d->devices, device);
}

static gboolean equal_devices(const BmVmdescDevice *a, const BmVmdescDevice *b)
{
    return a->schema == b->schema && a->instance == b->instance &&
           (a->schema || a->size == b->size) && strcmp(a->name, b->name) == 0;
}

gboolean bm_vmdesc_equal(const BmVmdesc *a, const BmVmdesc *b)
{
    gboolean equal = a->style == b->style && a->page_size == b->page_size &&
                     a->configuration == b->configuration && a->devices->len == b->devices->len;

    for (guint i = 0; equal && i < a->devices->len; i++) {
        equal = equal_devices(&g_array_index(a->devices, BmVmdescDevice, i),
                              &g_array_index(b->devices, BmVmdescDevice, i));
    }
    return equal;
}
