/* SPDX-License-Identifier: BSD-2-Clause */
#include "recall-impl.h"

#include <string.h>

struct BmRecall {
    GPtrArray *entries; /* BmRecalled */
    GBytes *last;
};

static void free_recalled(gpointer data)
{
    BmRecalled *r = data;

    bm_vmdesc_free(r->vmdesc);
    bm_schema_set_free(r->set);
    g_free((gpointer)r->text.data);
    g_free(r);
}

BmRecall *bm_recall_new(void)
{
    BmRecall *recall = g_new0(BmRecall, 1);

    recall->entries = g_ptr_array_new_with_free_func(free_recalled);
    return recall;
}

void bm_recall_free(BmRecall *recall)
{
    if (recall) {
        g_ptr_array_unref(recall->entries);
        g_clear_pointer(&recall->last, g_bytes_unref);
        g_free(recall);
    }
}

gboolean bm_recall_add(BmRecall *recall, BmOctets text)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmVmdesc *vmdesc = bm_vmdesc_parse((const char *)text.data, text.len, set, NULL);
    BmRecalled *r;

    if (!vmdesc || !bm_vmdesc_is(vmdesc, text)) {
        bm_vmdesc_free(vmdesc);
        bm_schema_set_free(set);
        return FALSE;
    }
    bm_schema_set_digest(set); /* now, and not when the guest stands still */
    r = g_new(BmRecalled, 1);
    *r = (BmRecalled){{g_memdup2(text.data, text.len), text.len}, set, vmdesc, FALSE};
    g_ptr_array_add(recall->entries, r);
    return TRUE;
}

void bm_recall_tell(const BmRecall *recall, BmKnown *known)
{
    for (guint i = 0; i < recall->entries->len; i++) {
        bm_known_add(known, ((BmRecalled *)recall->entries->pdata[i])->set);
    }
}

static gboolean is_text(const BmRecalled *r, BmOctets text)
{
    return r->text.len == text.len && memcmp(r->text.data, text.data, text.len) == 0;
}

const BmRecalled *bm_recall_take(BmRecall *recall, BmOctets text)
{
    for (guint i = 0; i < recall->entries->len; i++) {
        BmRecalled *r = recall->entries->pdata[i];

        if (!r->taken && is_text(r, text)) {
            r->taken = TRUE;
            return r;
        }
    }
    return NULL;
}

BmOctets bm_recall_text(const BmRecall *recall, const BmVmdesc *vmdesc)
{
    for (guint i = 0; i < recall->entries->len; i++) {
        const BmRecalled *r = recall->entries->pdata[i];

        if (bm_vmdesc_equal(r->vmdesc, vmdesc)) {
            return r->text;
        }
    }
    return (BmOctets){NULL, 0};
}

void bm_recall_note(BmRecall *recall, BmOctets text)
{
    g_clear_pointer(&recall->last, g_bytes_unref);
    recall->last = g_bytes_new(text.data, text.len);
}

BmOctets bm_recall_last(const BmRecall *recall)
{
    gsize len = 0;
    const uint8_t *data = recall->last ? g_bytes_get_data(recall->last, &len) : NULL;

    return (BmOctets){data, len};
}
