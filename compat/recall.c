/* SPDX-License-Identifier: BSD-2-Clause */
#include "recall-impl.h"

#include <string.h>

/* Texts that a new one is taken for a change of: it takes a tenth of a millisecond to see that it
 * is none. */
#define TRIES 4u

typedef struct Recalled {
    BmOctets text;
    GArray *places; /* BmVmdescPlace, of its devices */
    BmSchemaSet *set;
    BmVmdesc *vmdesc;  /* of this set; the text follows from it */
    BmVmdesc *changed; /* of a text much like this one; NULL: there was none */
    gboolean taken;
} Recalled;

struct BmRecall {
    GPtrArray *entries; /* Recalled; the thread's until it is joined */
    GBytes *last;
    GThread *filling; /* NULL: nobody adds */
    void (*fill)(BmRecall *recall, void *data);
    void *data;
};

static Recalled *entry(const BmRecall *recall, guint i)
{
    return recall->entries->pdata[i];
}

static void free_recalled(gpointer data)
{
    Recalled *r = data;

    bm_vmdesc_free(r->changed);
    bm_vmdesc_free(r->vmdesc);
    g_array_unref(r->places);
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

static void await_filled(BmRecall *recall)
{
    if (recall->filling) {
        g_thread_join(g_steal_pointer(&recall->filling));
    }
}

void bm_recall_free(BmRecall *recall)
{
    if (recall) {
        await_filled(recall);
        g_ptr_array_unref(recall->entries);
        g_clear_pointer(&recall->last, g_bytes_unref);
        g_free(recall);
    }
}

gboolean bm_recall_add(BmRecall *recall, BmOctets text)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(BmVmdescPlace));
    BmSchemaSet *set = bm_schema_set_new();
    BmVmdesc *vmdesc = bm_vmdesc_parse((const char *)text.data, text.len, set, NULL);
    Recalled *r;

    if (!vmdesc || !bm_vmdesc_is(vmdesc, text, places)) {
        bm_vmdesc_free(vmdesc);
        bm_schema_set_free(set);
        return FALSE;
    }
    vmdesc->exact = TRUE;
    bm_schema_set_digest(set); /* now, and not when the guest stands still */
    r = g_new0(Recalled, 1);
    r->text = (BmOctets){g_memdup2(text.data, text.len), text.len};
    r->places = g_steal_pointer(&places);
    r->set = set;
    r->vmdesc = vmdesc;
    g_ptr_array_add(recall->entries, r);
    return TRUE;
}

static gpointer thread_main(gpointer data)
{
    BmRecall *recall = data;

    recall->fill(recall, recall->data);
    return NULL;
}

void bm_recall_fill(BmRecall *recall, void (*fill)(BmRecall *recall, void *data), void *data)
{
    recall->fill = fill;
    recall->data = data;
    recall->filling = g_thread_try_new("recall", thread_main, recall, NULL);
    if (!recall->filling) {
        fill(recall, data);
    }
}

void bm_recall_tell(BmRecall *recall, BmKnown *known)
{
    await_filled(recall);
    for (guint i = 0; i < recall->entries->len; i++) {
        bm_known_add(known, entry(recall, i)->set);
    }
}

static Recalled *find_text(const BmRecall *recall, BmOctets text)
{
    for (guint i = 0; i < recall->entries->len; i++) {
        Recalled *r = entry(recall, i);

        if (!r->taken && r->text.len == text.len &&
            memcmp(r->text.data, text.data, text.len) == 0) {
            return r;
        }
    }
    return NULL;
}

/* The first one of which it is a change. */
static Recalled *find_alike(const BmRecall *recall, BmOctets text)
{
    for (guint i = 0; i < MIN(recall->entries->len, TRIES); i++) {
        Recalled *r = entry(recall, i);

        if (r->taken) {
            continue;
        }
        r->changed = bm_vmdesc_change(r->vmdesc, r->text, r->places, text, r->set);
        if (r->changed) {
            return r;
        }
    }
    return NULL;
}

const BmVmdesc *bm_recall_take(BmRecall *recall, BmOctets text, BmSchemaSet **set)
{
    await_filled(recall);
    Recalled *r = find_text(recall, text);
    const BmVmdesc *says = r ? r->vmdesc : NULL;

    if (!r && (r = find_alike(recall, text))) {
        says = r->changed;
    }
    if (r) {
        r->taken = TRUE;
        *set = r->set;
    }
    return says;
}

BmOctets bm_recall_text(BmRecall *recall, const BmVmdesc *vmdesc)
{
    await_filled(recall);
    for (guint i = 0; i < recall->entries->len; i++) {
        const Recalled *r = entry(recall, i);

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
