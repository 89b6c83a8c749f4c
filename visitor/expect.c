/* SPDX-License-Identifier: BSD-2-Clause */
#include "expect.h"

#include <string.h>

/* Names are a stranger's, who can make any number of them with one hash: trees. */
struct BmExpect {
    GStringChunk *texts;
    const char *machine;
    uint32_t page_bits;
    gboolean has_blocks, has_devices;
    GArray *blocks;      /* BmRamBlock */
    GTree *blocks_by;    /* name to position + 1 */
    GPtrArray *sections; /* BmExpectSection */
    GTree *sections_by;  /* BmExpectSection to itself */
    GTree *types;        /* name to GPtrArray of BmShape */
};

static int compare_names(gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    return strcmp(a, b);
}

static int compare_sections(gconstpointer a, gconstpointer b, gpointer data)
{
    const BmExpectSection *x = a, *y = b;
    int names = strcmp(x->name, y->name);

    (void)data;
    if (names) {
        return names;
    }
    return x->instance < y->instance ? -1 : x->instance > y->instance;
}

static void free_section(gpointer data)
{
    bm_shape_unref(((BmExpectSection *)data)->shape);
    g_free(data);
}

static void free_shape(gpointer data)
{
    bm_shape_unref(data);
}

static void free_types(gpointer data)
{
    g_ptr_array_unref(data);
}

BmExpect *bm_expect_new(void)
{
    BmExpect *e = g_new0(BmExpect, 1);

    e->texts = g_string_chunk_new(1024);
    e->blocks = g_array_new(FALSE, FALSE, sizeof(BmRamBlock));
    e->blocks_by = g_tree_new_full(compare_names, NULL, NULL, NULL);
    e->sections = g_ptr_array_new_with_free_func(free_section);
    e->sections_by = g_tree_new_full(compare_sections, NULL, NULL, NULL);
    e->types = g_tree_new_full(compare_names, NULL, NULL, free_types);
    return e;
}

void bm_expect_free(BmExpect *e)
{
    if (!e) {
        return;
    }
    g_tree_unref(e->blocks_by);
    g_tree_unref(e->sections_by);
    g_tree_unref(e->types);
    g_ptr_array_unref(e->sections);
    g_array_unref(e->blocks);
    g_string_chunk_free(e->texts);
    g_free(e);
}

/* ---- making ---- */

void bm_expect_set_machine(BmExpect *e, const char *machine)
{
    e->machine = g_string_chunk_insert(e->texts, machine);
}

void bm_expect_set_page_bits(BmExpect *e, uint32_t bits)
{
    e->page_bits = bits;
}

void bm_expect_set_blocks(BmExpect *e, const BmRamBlock *blocks, uint32_t n)
{
    g_tree_remove_all(e->blocks_by);
    g_array_set_size(e->blocks, 0);
    e->has_blocks = TRUE;
    for (uint32_t i = 0; i < n; i++) {
        BmRamBlock copy = blocks[i];

        copy.name = g_string_chunk_insert(e->texts, copy.name);
        g_array_append_val(e->blocks, copy);
        g_tree_insert(e->blocks_by, (gpointer)copy.name, GUINT_TO_POINTER(i + 1));
    }
}

void bm_expect_add_section(BmExpect *e, const BmExpectSection *section)
{
    BmExpectSection *known = g_tree_lookup(e->sections_by, section);
    const BmShape *before = known ? known->shape : NULL;

    if (!known) {
        known = g_new0(BmExpectSection, 1);
        known->name = g_string_chunk_insert(e->texts, section->name);
        known->instance = section->instance;
        g_ptr_array_add(e->sections, known);
        g_tree_insert(e->sections_by, known, known);
    }
    e->has_devices |= !section->live;
    known->version = section->version;
    known->live = section->live;
    known->shape = bm_shape_ref(section->shape);
    bm_shape_unref(before);
}

void bm_expect_add_type(BmExpect *e, const BmShape *shape)
{
    GPtrArray *variants = g_tree_lookup(e->types, shape->name);

    if (!variants) {
        variants = g_ptr_array_new_with_free_func(free_shape);
        g_tree_insert(e->types, (gpointer)shape->name, variants);
    }
    g_ptr_array_add(variants, (gpointer)bm_shape_ref(shape));
}

/* ---- asking ---- */

const char *bm_expect_machine(const BmExpect *e)
{
    return e->machine;
}

uint32_t bm_expect_page_bits(const BmExpect *e)
{
    return e->page_bits;
}

gboolean bm_expect_has_blocks(const BmExpect *e)
{
    return e->has_blocks;
}

gboolean bm_expect_has_devices(const BmExpect *e)
{
    return e->has_devices;
}

gboolean bm_expect_has_types(const BmExpect *e)
{
    return g_tree_nnodes(e->types) > 0;
}

gboolean bm_expect_is_empty(const BmExpect *e)
{
    return !e->machine && !e->page_bits && !e->has_blocks && !bm_expect_has_devices(e) &&
           !bm_expect_has_types(e);
}

const BmRamBlock *bm_expect_blocks(const BmExpect *e, uint32_t *n)
{
    *n = e->blocks->len;
    return (const BmRamBlock *)(const void *)e->blocks->data;
}

const BmRamBlock *bm_expect_find_block(const BmExpect *e, const char *name)
{
    guint at = GPOINTER_TO_UINT(g_tree_lookup(e->blocks_by, name));

    return at ? &g_array_index(e->blocks, BmRamBlock, at - 1) : NULL;
}

uint32_t bm_expect_n_sections(const BmExpect *e)
{
    return e->sections->len;
}

const BmExpectSection *bm_expect_section(const BmExpect *e, uint32_t i)
{
    return e->sections->pdata[i];
}

const BmExpectSection *bm_expect_find_section(const BmExpect *e, const char *name,
                                              uint32_t instance)
{
    const BmExpectSection key = {.name = name, .instance = instance};

    return g_tree_lookup(e->sections_by, &key);
}

const GPtrArray *bm_expect_find_types(const BmExpect *e, const char *name)
{
    return g_tree_lookup(e->types, name);
}

/* ---- from a stream ---- */

typedef struct Collect {
    BmStreamVisitor base;
    BmExpect *expect;
    BmShapeMaker *sampled, *announced;
} Collect;

static gboolean collect_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    Collect *k = (Collect *)s;

    (void)error;
    bm_expect_set_machine(k->expect, c->machine);
    if (c->has_page_bits) {
        bm_expect_set_page_bits(k->expect, c->page_bits);
    }
    return TRUE;
}

static gboolean add(Collect *k, const BmExpectSection *section, GError **error)
{
    if (k->expect->sections->len >= BM_LIMIT_DEVICES) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, section->name, "more than %u sections",
                            BM_LIMIT_DEVICES);
    }
    bm_expect_add_section(k->expect, section);
    return TRUE;
}

static const BmShape *shape_of(BmShapeMaker *maker, const BmSchema *schema)
{
    return schema ? bm_shape_make(maker, schema) : NULL;
}

static gboolean collect_announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    Collect *k = (Collect *)s;

    return add(k,
               &(BmExpectSection){a->name, a->instance, a->version, FALSE,
                                  shape_of(k->announced, a->schema)},
               error);
}

/* What was announced says more than what is there of it now. */
static gboolean collect_device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    Collect *k = (Collect *)s;
    const BmSection *of = &d->section;
    const BmExpectSection *known = bm_expect_find_section(k->expect, of->name, of->instance);

    if (known && known->shape && !known->shape->sampled) {
        return TRUE;
    }
    return add(k,
               &(BmExpectSection){of->name, of->instance, of->version, FALSE,
                                  shape_of(k->sampled, d->schema)},
               error);
}

static gboolean collect_live(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                             GError **error)
{
    Collect *k = (Collect *)s;

    return phase != BM_PHASE_START ||
           add(k,
               &(BmExpectSection){section->name, section->instance, section->version, TRUE, NULL},
               error);
}

static gboolean collect_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    (void)error;
    if (item->type == BM_ITEM_BLOCKS) {
        bm_expect_set_blocks(((Collect *)s)->expect, item->blocks, item->n_blocks);
    }
    return TRUE;
}

static void collect_free(BmStreamVisitor *s)
{
    Collect *k = (Collect *)s;

    bm_shape_maker_free(k->sampled);
    bm_shape_maker_free(k->announced);
    g_free(k);
}

BmStreamVisitor *bm_expect_collect(BmExpect *e)
{
    static const BmStreamOps ops = {
        .configuration = collect_configuration,
        .announce = collect_announce,
        .device = collect_device,
        .live_begin = collect_live,
        .live_item = collect_item,
        .free = collect_free,
    };
    Collect *k = g_new0(Collect, 1);

    k->base.ops = &ops;
    k->expect = e;
    k->sampled = bm_shape_maker_new(TRUE);
    k->announced = bm_shape_maker_new(FALSE);
    return &k->base;
}
