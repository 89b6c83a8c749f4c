/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is compared is a value at a path in a thing (diff-held.h): side A holds them,
 * side B looks them up.
 */
#include "diff.h"

#include <string.h>

#include "diff-held.h"
#include "diff-pages.h"
#include "diff-sums.h"
#include "names.h"
#include "outline.h"
#include "tap.h"
#include "walk.h"

#define HELD_LIMIT (UINT64_C(1) << 30)
#define PAGES_LIMIT (UINT64_C(4) << 30)

typedef struct Side {
    BmStreamVisitor base;
    BmDiff *diff;
    gboolean is_b;
    BmNames *roots;
    BmNames *keys;    /* of things */
    BmNames *paths;   /* keys of values in the thing at work */
    BmThing *thing;   /* at work; for side B the one of A that it is compared with, or NULL */
    const char *root; /* of the thing at work */
    char *section;    /* live section at work, its root */
    char *live_key;
    GPtrArray *blocks; /* names of RAM blocks */
    BmSums sums;
    BmPageSet *pages;
} Side;

struct BmDiff {
    BmDifferences differences;
    BmThings things; /* of A */
    gboolean no_pages;
    BmPageSet *pages[2];
};

static Side *side(BmStreamVisitor *s)
{
    return (Side *)s;
}

/* ---- keys ---- */

/* "(16)", which says how many and not which. */
static size_t number_size(const char *text)
{
    size_t digits = strspn(text + 1, "0123456789");

    return *text == '(' && digits && text[digits + 1] == ')' ? digits + 2 : 0;
}

static char *make_key(const char *path)
{
    GString *key = g_string_sized_new(strlen(path));

    while (*path) {
        size_t skipped = number_size(path);

        if (skipped) {
            path += skipped;
        } else {
            g_string_append_c(key, *path++);
        }
    }
    return g_string_free(key, FALSE);
}

/* A field may be there twice; then each is compared with the one at its turn. */
static const char *unique_key(Side *s, const char *path)
{
    g_autofree char *key = make_key(path);

    return bm_names_add(s->paths, key);
}

static char *full_path(const char *root, const char *path)
{
    return g_strconcat(root, *path && *path != '(' ? "." : "", path, NULL);
}

/* ---- values ---- */

static void look_up(Side *s, const char *key, const char *path, const BmVisited *value)
{
    BmHeld *h = s->thing ? bm_thing_find(s->thing, key) : NULL;
    g_autofree char *full = full_path(s->root, path);

    if (h) {
        h->met = TRUE;
    }
    bm_differences_check(&s->diff->differences, full, h ? &h->value : NULL, value);
}

static gboolean each_value(const char *path, const BmVisited *value, void *data, GError **error)
{
    Side *s = data;
    const char *key = unique_key(s, path);

    if (!s->is_b) {
        return bm_things_hold(&s->diff->things, s->thing, key, path, value, error);
    }
    look_up(s, key, path, value);
    return TRUE;
}

static gboolean put_octets(Side *s, const char *path, BmKind kind, BmOctets octets, GError **error)
{
    BmField field = {.kind = kind, .count = 1, .width = (uint32_t)octets.len};

    return each_value(path, &(BmVisited){&field, TRUE, .octets = octets}, s, error);
}

static gboolean put_text(Side *s, const char *path, const char *text, GError **error)
{
    return put_octets(s, path, BM_KIND_STRING, (BmOctets){(const uint8_t *)text, strlen(text)},
                      error);
}

static gboolean put_number(Side *s, const char *path, uint32_t width, uint64_t value,
                           GError **error)
{
    BmField field = {.kind = BM_KIND_UNSIGNED, .count = 1, .width = width};
    BmScalar scalar = {BM_SCALAR_UNSIGNED, .u = value};

    return each_value(path, &(BmVisited){&field, .scalar = scalar}, s, error);
}

/* ---- things ---- */

/* From now on values are those of this thing. */
static void begin_thing(Side *s, const char *key, const char *root)
{
    const char *unique = bm_names_add(s->keys, key);

    bm_names_clear(s->paths);
    if (s->is_b) {
        s->thing = bm_things_find(&s->diff->things, unique);
        s->root = s->thing ? s->thing->root : root;
    } else {
        s->thing = bm_things_add(&s->diff->things, unique, root);
        s->root = s->thing->root;
    }
    if (s->is_b && s->thing) {
        s->thing->met = TRUE;
    }
}

static void differ(Side *s, const char *what, const char *a, const char *b)
{
    g_autofree char *path = g_strconcat(s->root, what, NULL);

    bm_differences_add(&s->diff->differences,
                       &(BmDifference){BM_DIFFERENCE_VALUE, path, .a = a, .b = b});
}

/* With a glob it is the values that are looked for. */
static void only(BmDiff *d, BmDifferenceKind kind, const char *root, const char *label)
{
    g_autofree char *path = g_strdup_printf("%s (%s)", root, label);

    if (!d->differences.glob) {
        bm_differences_add(&d->differences, &(BmDifference){kind, path});
    }
}

/* ---- devices ---- */

static gboolean put_values(Side *s, const BmDevice *device, GError **error)
{
    BmVisitor *each;
    gboolean ok;

    if (!device->values) {
        g_autofree char *path = g_strdup_printf("(%zu)(1)", device->octets.len);

        return put_octets(s, path, BM_KIND_BUFFER, device->octets, error);
    }
    each = bm_visitor_each("", each_value, s);
    ok = bm_walk(device->schema, device->values, each, s->root, error);
    bm_visitor_free(each);
    return ok;
}

static void check_version(Side *s, uint32_t version)
{
    g_autofree char *a = g_strdup_printf("0x%x", s->thing->version);
    g_autofree char *b = g_strdup_printf("0x%x", version);

    if (s->thing->version != version) {
        differ(s, "(version)", a, b);
    }
}

/* True if its values are still to be compared. */
static gboolean check_device(Side *s, const BmDevice *device, const char *label)
{
    static const char *const forms[] = {"values", "octets"};
    gboolean octets = device->values == NULL;

    if (!s->thing) {
        only(s->diff, BM_DIFFERENCE_ONLY_B, s->root, label);
        return s->diff->differences.glob != NULL;
    }
    check_version(s, device->section.version);
    if (s->thing->octets == octets) {
        return TRUE;
    }
    differ(s, "(form)", forms[s->thing->octets], forms[octets]);
    for (guint i = 0; i < s->thing->order->len; i++) {
        ((BmHeld *)s->thing->order->pdata[i])->met = TRUE;
    }
    return FALSE;
}

static gboolean side_device(BmStreamVisitor *v, const BmDevice *device, GError **error)
{
    Side *s = side(v);
    const char *root = bm_names_add_device(s->roots, device);
    g_autofree char *label =
        g_strdup_printf("device %s instance %u", device->section.name, device->section.instance);

    begin_thing(s, label, root);
    if (!s->is_b) {
        s->thing->label = g_strdup(label);
        s->thing->version = device->section.version;
        s->thing->octets = device->values == NULL;
    } else if (!check_device(s, device, label)) {
        return TRUE;
    }
    return put_values(s, device, error);
}

/* ---- announces ---- */

/* What a field is stands where a device has its value. */
static gboolean put_described(const char *path, const char *text, void *data, GError **error)
{
    return put_text(data, path, text, error);
}

static gboolean side_announce(BmStreamVisitor *v, const BmAnnounce *a, GError **error)
{
    Side *s = side(v);
    const BmDevice like = {.section.name = a->name, .schema = a->schema};
    const char *root = bm_names_add_device(s->roots, &like);
    g_autofree char *label = g_strdup_printf("announce %s instance %u", a->name, a->instance);

    begin_thing(s, label, root);
    if (!s->is_b) {
        s->thing->label = g_strdup(label);
        s->thing->version = a->version;
    } else if (!s->thing) {
        only(s->diff, BM_DIFFERENCE_ONLY_B, s->root, label);
        return TRUE;
    } else {
        check_version(s, a->version);
    }
    return !a->schema || bm_outline(a->schema, put_described, s, error);
}

/* ---- configuration ---- */

static gboolean put_capabilities(Side *s, char *const *names, GError **error)
{
    for (guint i = 0; names[i]; i++) {
        g_autofree char *path = g_strdup_printf("capabilities.[%u]", i);

        if (!put_text(s, path, names[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean side_configuration(BmStreamVisitor *v, const BmConfiguration *c, GError **error)
{
    Side *s = side(v);

    begin_thing(s, "configuration", "configuration");
    return put_text(s, "machine", c->machine, error) &&
           (!c->has_page_bits || put_number(s, "page_bits", 4, c->page_bits, error)) &&
           (!c->has_capabilities || put_capabilities(s, c->capabilities, error)) &&
           (!c->uuid ||
            put_octets(s, "uuid(16)(1)", BM_KIND_BUFFER, (BmOctets){c->uuid, 16}, error));
}

/* ---- live sections ---- */

static gboolean side_live_begin(BmStreamVisitor *v, BmPhase phase, const BmSection *section,
                                GError **error)
{
    Side *s = side(v);

    (void)phase;
    (void)error;
    g_free(s->section);
    g_free(s->live_key);
    s->section = g_strdup(section->name);
    s->live_key = g_strdup_printf("section %s instance %u", section->name, section->instance);
    return TRUE;
}

static gboolean put_block(Side *s, const BmRamBlock *block, GError **error)
{
    g_autofree char *length = g_strconcat(block->name, ".length", NULL);
    g_autofree char *page_size = g_strconcat(block->name, ".page_size", NULL);
    g_autofree char *address = g_strconcat(block->name, ".address", NULL);

    return put_number(s, length, 8, block->length, error) &&
           (!block->page_size || put_number(s, page_size, 8, block->page_size, error)) &&
           (!block->has_address || put_number(s, address, 8, block->address, error));
}

static gboolean put_blocks(Side *s, const BmItem *item, GError **error)
{
    begin_thing(s, s->live_key, s->section);
    g_ptr_array_set_size(s->blocks, 0);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        g_ptr_array_add(s->blocks, g_strdup(item->blocks[i].name));
        if (!put_block(s, &item->blocks[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean put_pages(Side *s, const BmItem *item, GError **error)
{
    char number[16];
    const char *name = number;

    if (s->diff->no_pages) {
        return TRUE;
    }
    if (item->block < s->blocks->len) {
        name = s->blocks->pdata[item->block];
    } else {
        g_snprintf(number, sizeof(number), "#%u", item->block);
    }
    return bm_page_set_item(s->pages, name, item, error);
}

static gboolean side_live_item(BmStreamVisitor *v, const BmItem *item, GError **error)
{
    Side *s = side(v);

    switch (item->type) {
    case BM_ITEM_BLOCKS:
        return put_blocks(s, item, error);
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        return put_pages(s, item, error);
    case BM_ITEM_OCTETS:
    case BM_ITEM_CHUNK:
    case BM_ITEM_HASH_SIZE:
    case BM_ITEM_SLOTS:
    case BM_ITEM_BITMAP_START:
    case BM_ITEM_BITMAP_BITS:
    case BM_ITEM_BITMAP_END:
        bm_sum_item(bm_sums_get(&s->sums, s->live_key, s->section, "items"), item);
        return TRUE;
    case BM_ITEM_MEET:
        return bm_stream_lacks_pages(error);
    default:
        return TRUE; /* about how the memory travelled */
    }
}

/* ---- the end ---- */

static gboolean side_remainder(BmStreamVisitor *v, BmReason reason, BmOctets data, GError **error)
{
    (void)reason;
    (void)error;
    if (data.len > 0) {
        bm_sum_octets(bm_sums_get(&side(v)->sums, "remainder", "remainder", "octets"), data);
    }
    return TRUE;
}

static gboolean put_sum(Side *s, const BmSum *sum, GError **error)
{
    g_autofree char *key = g_strdup_printf("%s (content)", sum->key);
    uint8_t digest[32];
    gsize len = sizeof(digest);

    g_checksum_get_digest(sum->sha256, digest, &len);
    begin_thing(s, key, sum->root);
    return put_number(s, sum->unit, 8, sum->count, error) &&
           put_octets(s, "sha256(32)(1)", BM_KIND_BUFFER, (BmOctets){digest, len}, error);
}

static gboolean side_end(BmStreamVisitor *v, GError **error)
{
    Side *s = side(v);

    for (guint i = 0; i < s->sums.order->len; i++) {
        if (!put_sum(s, s->sums.order->pdata[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static void side_free(BmStreamVisitor *v)
{
    Side *s = side(v);

    bm_names_free(s->roots);
    bm_names_free(s->keys);
    bm_names_free(s->paths);
    g_free(s->section);
    g_free(s->live_key);
    g_ptr_array_unref(s->blocks);
    bm_sums_clear(&s->sums);
    g_free(s);
}

static const BmStreamOps side_ops = {
    .configuration = side_configuration,
    .announce = side_announce,
    .device = side_device,
    .live_begin = side_live_begin,
    .live_item = side_live_item,
    .remainder = side_remainder,
    .end = side_end,
    .free = side_free,
};

static BmStreamVisitor *side_new(BmDiff *diff, gboolean is_b)
{
    Side *s = g_new0(Side, 1);

    s->base.ops = &side_ops;
    s->diff = diff;
    s->is_b = is_b;
    s->roots = bm_names_new();
    s->keys = bm_names_new();
    s->paths = bm_names_new();
    s->blocks = g_ptr_array_new_with_free_func(g_free);
    bm_sums_init(&s->sums);
    s->pages = diff->pages[is_b];
    return &s->base;
}

BmStreamVisitor *bm_diff_side_a(BmDiff *diff)
{
    return side_new(diff, FALSE);
}

BmStreamVisitor *bm_diff_side_b(BmDiff *diff)
{
    return side_new(diff, TRUE);
}

/* ---- the whole ---- */

BmDiff *bm_diff_new(const BmDiffOptions *o)
{
    BmDiff *d = g_new0(BmDiff, 1);

    bm_differences_init(&d->differences, o->report, o->data, o->limit, o->glob);
    bm_things_init(&d->things, o->held_limit ? o->held_limit : HELD_LIMIT);
    d->no_pages = o->no_pages;
    for (unsigned i = 0; i < 2; i++) {
        d->pages[i] = bm_page_set_new(o->held_limit ? o->held_limit : PAGES_LIMIT);
    }
    return d;
}

static void end_thing(BmDiff *d, const BmThing *t)
{
    if (!t->met && t->label) {
        only(d, BM_DIFFERENCE_ONLY_A, t->root, t->label);
        if (!d->differences.glob) {
            return;
        }
    }
    for (guint i = 0; i < t->order->len; i++) {
        const BmHeld *h = t->order->pdata[i];
        g_autofree char *path = full_path(t->root, h->path);

        if (!h->met) {
            bm_differences_check(&d->differences, path, &h->value, NULL);
        }
    }
}

uint64_t bm_diff_end(BmDiff *diff)
{
    for (guint i = 0; i < diff->things.order->len; i++) {
        end_thing(diff, diff->things.order->pdata[i]);
    }
    bm_page_set_compare(&diff->differences, "ram", diff->pages[0], diff->pages[1]);
    return diff->differences.count;
}

void bm_diff_free(BmDiff *d)
{
    if (!d) {
        return;
    }
    bm_differences_clear(&d->differences);
    bm_things_clear(&d->things);
    for (unsigned i = 0; i < 2; i++) {
        bm_page_set_free(d->pages[i]);
    }
    g_free(d);
}
