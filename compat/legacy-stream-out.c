/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes QEMU's own stream.
 *
 * The last octets, from the end marker on, are held back until the source has
 * found its stream whole: a QEMU that loads this runs its guest at the marker.
 */
#include <string.h>

#include "compat.h"
#include "legacy-tail.h"
#include "legacy-values.h"
#include "legacy.h"
#include "mapped-ram-out.h"
#include "vmdesc.h"
#include "walk.h"

#define NO_BLOCK G_MAXUINT32

/* An open package: where its octets begin, and how many it says there are. */
typedef struct Package {
    uint64_t start;
    uint32_t length;
} Package;

typedef struct LegacyStream {
    BmStreamVisitor base;
    BmOutput *out;
    BmLegacyForm form;
    BmMappedOut *mapped;  /* NULL: pages go into the stream */
    GTree *grammars;      /* id -> BmGrammar of live sections */
    uint32_t id;          /* of the section that is open */
    BmGrammar grammar;    /* of its body */
    gboolean octets_last; /* its body ends with octets, end mark included */
    uint64_t items;       /* of its body, so far */
    gboolean hash_sized;  /* its body was the size of a hash table */
    /* RAM: the blocks' names, and which one a page without a name belongs to */
    GPtrArray *blocks;
    uint32_t last_block;
    gboolean named;
    uint64_t page_size; /* 0: not known yet */
    GArray *packages;   /* Package */
    gboolean announced, has_state;
    BmVmdesc *described;
    BmLegacyTail tail;
} LegacyStream;

static LegacyStream *self(BmStreamVisitor *s)
{
    return (LegacyStream *)s;
}

BmGrammar bm_legacy_grammar(const char *name, uint32_t version)
{
    if (strcmp(name, "ram") == 0 && version == 4) {
        return BM_GRAMMAR_RAM;
    }
    if (strcmp(name, "block") == 0 && version == 1) {
        return BM_GRAMMAR_BLOCK;
    }
    if (strcmp(name, "spapr/htab") == 0 && version == 1) {
        return BM_GRAMMAR_HASH;
    }
    if (strcmp(name, "dirty-bitmap") == 0 && version == 1) {
        return BM_GRAMMAR_BITMAP;
    }
    return BM_GRAMMAR_OCTETS;
}

int bm_legacy_compare_ids(gconstpointer a, gconstpointer b, gpointer data)
{
    guint first = GPOINTER_TO_UINT(a), second = GPOINTER_TO_UINT(b);

    (void)data;
    return first < second ? -1 : first > second;
}

/* ---- octets; a failed write sticks and is asked for once per call ---- */

static void put(LegacyStream *l, const void *data, size_t len)
{
    bm_output_write(l->out, data, len);
}

static void put8(LegacyStream *l, unsigned n)
{
    uint8_t octet = (uint8_t)n;

    put(l, &octet, 1);
}

static void put16(LegacyStream *l, unsigned n)
{
    uint16_t be = GUINT16_TO_BE((uint16_t)n);

    put(l, &be, sizeof be);
}

static void put32(LegacyStream *l, uint32_t n)
{
    uint32_t be = GUINT32_TO_BE(n);

    put(l, &be, sizeof be);
}

static void put64(LegacyStream *l, uint64_t n)
{
    uint64_t be = GUINT64_TO_BE(n);

    put(l, &be, sizeof be);
}

static gboolean written(LegacyStream *l, GError **error)
{
    int number = bm_output_errno(l->out);
    BmFault fault = {BM_IO, BM_NO_OFFSET, "the QEMU stream", 0, (uint64_t)number};

    return number == 0 || bm_error_from_fault(error, &fault, NULL);
}

/* Names of QEMU's stream have one octet for their length. */
static gboolean check_name(const char *name, GError **error)
{
    size_t len = strlen(name);

    if (len == 0 || len > 255) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, name,
                            "a name of %zu octets, a QEMU stream takes 1 to 255", len);
    }
    return TRUE;
}

static void put_name(LegacyStream *l, const char *name)
{
    size_t len = strlen(name);

    put8(l, (unsigned)len);
    put(l, name, len);
}

/* ---- header and configuration ---- */

static gboolean begin(BmStreamVisitor *s, const BmPreamble *p, GError **error)
{
    LegacyStream *l = self(s);

    if (p->direction != BM_FORWARD) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a return stream has no form as a QEMU stream file");
    }
    put(l, p->leading.data, p->leading.len);
    put32(l, BM_LEGACY_MAGIC);
    put32(l, p->has_header ? p->header_version : BM_LEGACY_VERSION);
    return written(l, error);
}

static void put_subsection(LegacyStream *l, const char *name)
{
    put8(l, BM_LEGACY_SUBSECTION);
    put_name(l, name);
    put32(l, 1);
}

static gboolean put_capabilities(LegacyStream *l, const GPtrArray *names, GError **error)
{
    put_subsection(l, BM_LEGACY_CAPABILITIES);
    put32(l, names->len);
    for (guint i = 0; i < names->len; i++) {
        if (!check_name(names->pdata[i], error)) {
            return FALSE;
        }
        put_name(l, names->pdata[i]);
    }
    return TRUE;
}

/* A QEMU takes mapped-ram files with that capability, and only then; in QEMU's order
 * it is the last one.  TRUE if there is a list, which may be empty in the origin. */
static gboolean choose_capabilities(const LegacyStream *l, const BmConfiguration *c,
                                    GPtrArray *names)
{
    gboolean had = FALSE;

    for (char *const *name = c->capabilities; name && *name; name++) {
        if (strcmp(*name, BM_LEGACY_MAPPED) != 0) {
            g_ptr_array_add(names, *name);
        } else {
            had = TRUE;
        }
    }
    if (l->form == BM_LEGACY_PLACES || (l->form == BM_LEGACY_AS_IT_WAS && had)) {
        g_ptr_array_add(names, (char *)BM_LEGACY_MAPPED);
        return TRUE;
    }
    return names->len > 0 || (c->has_capabilities && !had);
}

static gboolean choose_form(LegacyStream *l, const GPtrArray *names, GError **error)
{
    if (names->len == 0 || strcmp(names->pdata[names->len - 1], BM_LEGACY_MAPPED) != 0) {
        return TRUE;
    }
    if (!bm_output_has_places(l->out)) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a mapped-ram file is not written in order, so it goes only to a file "
                            "of its own");
    }
    l->mapped = bm_mapped_out_new(l->out);
    return !l->page_size ||
           bm_mapped_out_item(l->mapped,
                              &(BmItem){.type = BM_ITEM_PAGE_SIZE, .value = l->page_size}, error);
}

static gboolean take_page_bits(LegacyStream *l, uint32_t bits, GError **error)
{
    if (bits < 10 || bits > 16) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, "configuration", "a page of 2^%u octets",
                            bits);
    }
    l->page_size = UINT64_C(1) << bits;
    return TRUE;
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    LegacyStream *l = self(s);
    gboolean listed = choose_capabilities(l, c, names);

    if ((c->has_page_bits && !take_page_bits(l, c->page_bits, error)) ||
        !choose_form(l, names, error)) {
        return FALSE;
    }
    put8(l, BM_LEGACY_CONFIGURATION);
    put32(l, (uint32_t)strlen(c->machine));
    put(l, c->machine, strlen(c->machine));
    if (c->has_page_bits) {
        put_subsection(l, BM_LEGACY_PAGE_BITS);
        put32(l, c->page_bits);
    }
    if (listed && !put_capabilities(l, names, error)) {
        return FALSE;
    }
    if (c->uuid) {
        put_subsection(l, BM_LEGACY_UUID);
        put(l, c->uuid, 16);
    }
    return written(l, error);
}

/* ---- sections ---- */

/* Nothing in QEMU's stream; see finish(). */
static gboolean announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    (void)a;
    (void)error;
    self(s)->announced = TRUE;
    return TRUE;
}

static gboolean put_section_head(LegacyStream *l, unsigned type, const BmSection *section,
                                 GError **error)
{
    if (!check_name(section->name, error)) {
        return FALSE;
    }
    l->has_state = TRUE;
    put8(l, type);
    put32(l, section->id);
    put_name(l, section->name);
    put32(l, section->instance);
    put32(l, section->version);
    return TRUE;
}

static void put_footer(LegacyStream *l, uint32_t id)
{
    put8(l, BM_LEGACY_FOOTER);
    put32(l, id);
}

static gboolean put_values(LegacyStream *l, const BmDevice *d, GError **error)
{
    BmVisitor *v = bm_visitor_legacy_out(l->out);
    gboolean ok = bm_walk(d->schema, d->values, v, d->section.name, error);

    bm_visitor_free(v);
    return ok;
}

static gboolean device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    LegacyStream *l = self(s);
    uint64_t start;

    if (!put_section_head(l, BM_LEGACY_FULL, &d->section, error)) {
        return FALSE;
    }
    start = bm_output_offset(l->out);
    if (!d->values) {
        put(l, d->octets.data, d->octets.len);
    } else if (!put_values(l, d, error)) {
        return FALSE;
    }
    /* One too many shows that they are too many. */
    if (l->described->devices->len <= BM_LIMIT_DEVICES) {
        bm_vmdesc_add(l->described, d->section.name, d->section.instance, d->schema,
                      bm_output_offset(l->out) - start);
    }
    if (!d->bare) {
        put_footer(l, d->section.id);
    }
    return written(l, error);
}

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    static const unsigned types[] = {BM_LEGACY_START, BM_LEGACY_PART, BM_LEGACY_END};
    LegacyStream *l = self(s);

    if (l->form == BM_LEGACY_PLACES && !l->mapped) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a mapped-ram file needs a configuration that says so, and this "
                            "stream has none");
    }
    l->id = section->id;
    l->octets_last = FALSE;
    l->items = 0;
    l->hash_sized = FALSE;
    if (phase == BM_PHASE_START) {
        l->grammar = bm_legacy_grammar(section->name, section->version);
        g_tree_insert(l->grammars, GUINT_TO_POINTER(section->id), GINT_TO_POINTER(l->grammar));
        return put_section_head(l, BM_LEGACY_START, section, error) && written(l, error);
    }
    l->grammar = GPOINTER_TO_INT(g_tree_lookup(l->grammars, GUINT_TO_POINTER(section->id)));
    put8(l, types[phase]);
    put32(l, section->id);
    return written(l, error);
}

/* ---- RAM ---- */

/* After a new list, "the same block as before" goes by the block's name. */
static void take_block_names(LegacyStream *l, const BmItem *item)
{
    g_autofree char *last = NULL;

    if (l->last_block != NO_BLOCK) {
        last = g_strdup(l->blocks->pdata[l->last_block]);
    }
    g_ptr_array_set_size(l->blocks, 0);
    l->last_block = NO_BLOCK;
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        if (last && strcmp(last, item->blocks[i].name) == 0) {
            l->last_block = i;
        }
        g_ptr_array_add(l->blocks, g_strdup(item->blocks[i].name));
    }
}

static gboolean put_blocks(LegacyStream *l, const BmItem *item, GError **error)
{
    take_block_names(l, item);
    put64(l, item->value | BM_RAM_MEM_SIZE);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        const BmRamBlock *block = &item->blocks[i];

        if (!check_name(block->name, error)) {
            return FALSE;
        }
        put_name(l, block->name);
        put64(l, block->length);
        if (block->page_size != 0) {
            put64(l, block->page_size);
        }
        if (block->has_address) {
            put64(l, block->address);
        }
    }
    return TRUE;
}

/* The word of a page record, and its block's name where QEMU would write it. */
static void put_page_head(LegacyStream *l, uint32_t block, uint64_t page, unsigned flag)
{
    gboolean same = block == l->last_block && !l->named;

    put64(l, page * l->page_size | flag | (same ? BM_RAM_CONTINUE : 0));
    if (!same) {
        put_name(l, l->blocks->pdata[block]);
    }
    l->last_block = block;
    l->named = FALSE;
}

static void put_pages(LegacyStream *l, const BmItem *item)
{
    const uint8_t *data = item->data.data;

    for (uint64_t i = 0; i < item->count; i++, data += l->page_size) {
        put_page_head(l, item->block, item->page + i, BM_RAM_PAGE);
        put(l, data, (size_t)l->page_size);
    }
}

static void put_zeros(LegacyStream *l, const BmItem *item, unsigned fill)
{
    /* There may be more of them than anyone waits for. */
    for (uint64_t i = 0; i < item->count && bm_output_errno(l->out) == 0; i++) {
        put_page_head(l, item->block, item->page + i, BM_RAM_ZERO);
        put8(l, fill);
    }
}

static gboolean put_xbzrle(LegacyStream *l, const BmItem *item, GError **error)
{
    if (item->data.len > G_MAXUINT16) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "an XBZRLE page of %zu octets",
                            item->data.len);
    }
    put_page_head(l, item->block, item->page, BM_RAM_XBZRLE);
    put8(l, 1);
    put16(l, (unsigned)item->data.len);
    put(l, item->data.data, item->data.len);
    return TRUE;
}

static void put_zlib(LegacyStream *l, const BmItem *item)
{
    put_page_head(l, item->block, item->page, BM_RAM_ZLIB);
    put32(l, (uint32_t)item->data.len);
    put(l, item->data.data, item->data.len);
}

/* A QEMU that loads the stream has one size of a page, and the stream need not
 * say which. */
static gboolean take_page_size(LegacyStream *l, uint64_t page_size, GError **error)
{
    if (l->page_size != 0 && l->page_size != page_size) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "pages of %" G_GUINT64_FORMAT
                            " octets where they had %" G_GUINT64_FORMAT,
                            page_size, l->page_size);
    }
    l->page_size = page_size;
    return TRUE;
}

static gboolean put_mark(LegacyStream *l, uint64_t word, GError **error)
{
    unsigned flags = (unsigned)(word & BM_RAM_FLAGS & ~BM_RAM_CONTINUE);

    if (flags != BM_RAM_HOOK && flags != BM_RAM_MULTIFD_FLUSH) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "0x%" G_GINT64_MODIFIER "x is no word that stands alone", word);
    }
    put64(l, word);
    return TRUE;
}

static gboolean put_ram_item(LegacyStream *l, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        return take_page_size(l, item->value, error);
    case BM_ITEM_BLOCKS:
        return put_blocks(l, item, error);
    case BM_ITEM_PAGES:
        put_pages(l, item);
        return TRUE;
    case BM_ITEM_ZEROS:
        put_zeros(l, item, 0);
        return TRUE;
    case BM_ITEM_FILL:
        put_zeros(l, item, (unsigned)item->value);
        return TRUE;
    case BM_ITEM_XBZRLE:
        return put_xbzrle(l, item, error);
    case BM_ITEM_ZLIB:
        put_zlib(l, item);
        return TRUE;
    case BM_ITEM_NAMED:
        l->named = TRUE;
        return TRUE;
    case BM_ITEM_MARK:
        return put_mark(l, item->value, error);
    default:
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an item of block migration in a RAM section");
    }
}

/* ---- block migration ---- */

static gboolean put_chunk(LegacyStream *l, const BmItem *item, GError **error)
{
    unsigned flags = BM_BLOCK_DEVICE | (item->data.data ? 0 : BM_BLOCK_ZERO);

    if (!check_name(item->device, error)) {
        return FALSE;
    }
    if (item->data.data && item->data.len != BM_BLOCK_CHUNK) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, item->device,
                            "a chunk of %zu octets, expected %u", item->data.len, BM_BLOCK_CHUNK);
    }
    put64(l, item->page << BM_BLOCK_SHIFT | flags);
    put_name(l, item->device);
    put(l, item->data.data, item->data.len);
    return TRUE;
}

static gboolean put_block_item(LegacyStream *l, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_CHUNK:
        return put_chunk(l, item, error);
    case BM_ITEM_PROGRESS:
        if (item->value > UINT64_MAX >> BM_BLOCK_SHIFT) {
            return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                                "a progress of %" G_GUINT64_FORMAT " per cent", item->value);
        }
        put64(l, item->value << BM_BLOCK_SHIFT | BM_BLOCK_PROGRESS);
        return TRUE;
    default:
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an item of RAM in a section of block migration");
    }
}

/* ---- a hash table ---- */

static gboolean put_hash_size(LegacyStream *l, const BmItem *item, GError **error)
{
    uint32_t size = item->value == 0 ? BM_HASH_NONE : (uint32_t)item->value;

    if (l->items > 0) {
        return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL,
                            "the size of a hash table behind other items");
    }
    if (item->value != 0 && (item->value < BM_HASH_SIZE_MIN || item->value > BM_HASH_SIZE_MAX)) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "a hash table of 2^%" G_GUINT64_FORMAT " octets", item->value);
    }
    put32(l, size);
    l->hash_sized = TRUE;
    return TRUE;
}

static gboolean put_slots(LegacyStream *l, const BmItem *item, GError **error)
{
    size_t used = item->data.len / BM_SLOT_SIZE;

    if (l->hash_sized) {
        return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL,
                            "slots behind the size of their hash table");
    }
    if (item->data.len % BM_SLOT_SIZE != 0 || used > BM_SLOTS_MAX || item->count > BM_SLOTS_MAX ||
        used + item->count == 0 || item->page > UINT32_MAX) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "%zu octets of used slots and %" G_GUINT64_FORMAT
                            " unused ones from slot %" G_GUINT64_FORMAT " on",
                            item->data.len, item->count, item->page);
    }
    if (l->items == 0) {
        put32(l, BM_HASH_SLOTS);
    }
    put32(l, (uint32_t)item->page);
    put16(l, (unsigned)used);
    put16(l, (unsigned)item->count);
    put(l, item->data.data, item->data.len);
    return TRUE;
}

static gboolean put_hash_item(LegacyStream *l, const BmItem *item, GError **error)
{
    switch (item->type) {
    case BM_ITEM_HASH_SIZE:
        return put_hash_size(l, item, error);
    case BM_ITEM_SLOTS:
        return put_slots(l, item, error);
    default:
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an item of another kind in a section of a hash table");
    }
}

static void end_hash(LegacyStream *l)
{
    if (l->items == 0) {
        put32(l, BM_HASH_SLOTS);
    }
    if (!l->hash_sized) {
        put64(l, 0);
    }
}

/* ---- dirty bitmaps ---- */

static unsigned dirty_flags(const BmItem *item)
{
    unsigned names = (item->device ? BM_DIRTY_NODE : 0) | (item->name ? BM_DIRTY_NAME : 0);

    switch (item->type) {
    case BM_ITEM_BITMAP_START:
        return names | BM_DIRTY_START;
    case BM_ITEM_BITMAP_BITS:
        return names | BM_DIRTY_BITS | (item->data.data ? 0 : BM_DIRTY_ZEROES);
    default:
        return names | BM_DIRTY_COMPLETE;
    }
}

static gboolean check_bitmap(const BmItem *item, GError **error)
{
    if ((item->device && !check_name(item->device, error)) ||
        (item->name && !check_name(item->name, error))) {
        return FALSE;
    }
    if ((item->type == BM_ITEM_BITMAP_START &&
         (item->value > UINT32_MAX || item->count > BM_BITMAP_FLAGS)) ||
        (item->type == BM_ITEM_BITMAP_BITS && item->count > UINT32_MAX)) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, item->name,
                            "a dirty bitmap with numbers that its chunk cannot hold");
    }
    return TRUE;
}

static gboolean put_bitmap_item(LegacyStream *l, const BmItem *item, GError **error)
{
    if (item->type < BM_ITEM_BITMAP_START || item->type > BM_ITEM_BITMAP_END) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "an item of another kind in a section of dirty bitmaps");
    }
    if (!check_bitmap(item, error)) {
        return FALSE;
    }
    put8(l, dirty_flags(item));
    if (item->device) {
        put_name(l, item->device);
    }
    if (item->name) {
        put_name(l, item->name);
    }
    if (item->type == BM_ITEM_BITMAP_START) {
        put32(l, (uint32_t)item->value);
        put8(l, (unsigned)item->count);
    } else if (item->type == BM_ITEM_BITMAP_BITS) {
        put64(l, item->page);
        put32(l, (uint32_t)item->count);
        if (item->data.data) {
            put64(l, item->data.len);
            put(l, item->data.data, item->data.len);
        }
    }
    return TRUE;
}

/* ---- items of any kind ---- */

static gboolean put_item(LegacyStream *l, const BmItem *item, GError **error)
{
    switch (l->grammar) {
    case BM_GRAMMAR_RAM:
        return l->mapped ? bm_mapped_out_item(l->mapped, item, error)
                         : put_ram_item(l, item, error);
    case BM_GRAMMAR_BLOCK:
        return put_block_item(l, item, error);
    case BM_GRAMMAR_HASH:
        return put_hash_item(l, item, error);
    case BM_GRAMMAR_BITMAP:
        return put_bitmap_item(l, item, error);
    default:
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "a typed item in a section that has none");
    }
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    LegacyStream *l = self(s);

    l->octets_last = item->type == BM_ITEM_OCTETS;
    if (l->octets_last && !(l->mapped && l->grammar == BM_GRAMMAR_RAM)) {
        put(l, item->data.data, item->data.len);
    } else if (!put_item(l, item, error)) {
        return FALSE;
    }
    l->items++;
    return written(l, error);
}

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    LegacyStream *l = self(s);

    if (!l->octets_last && l->grammar == BM_GRAMMAR_RAM) {
        put64(l, BM_RAM_EOS);
    } else if (!l->octets_last && l->grammar == BM_GRAMMAR_BLOCK) {
        put64(l, BM_BLOCK_EOS);
    } else if (!l->octets_last && l->grammar == BM_GRAMMAR_HASH) {
        end_hash(l);
    } else if (!l->octets_last && l->grammar == BM_GRAMMAR_BITMAP) {
        put8(l, BM_DIRTY_EOS);
    }
    if (!bare) {
        put_footer(l, l->id);
    }
    return written(l, error);
}

/* ---- commands and packages ---- */

static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    LegacyStream *l = self(s);
    /* A package that could not be read as records: its length, then the octets. */
    size_t len = code == BM_LEGACY_CMD_PACKAGED ? MIN(data.len, 4) : data.len;

    if (code == BM_LEGACY_CMD_PACKAGED && len == 4 && bm_be32(data.data) != data.len - 4) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "a package of %u octets has %zu", bm_be32(data.data), data.len - 4);
    }
    if (len > G_MAXUINT16) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "a command of %zu octets", len);
    }
    put8(l, BM_LEGACY_COMMAND);
    put16(l, code);
    put16(l, (unsigned)len);
    put(l, data.data, data.len);
    return written(l, error);
}

static gboolean package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    LegacyStream *l = self(s);
    Package package;

    if (l->mapped) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a package of postcopy, which a mapped-ram file cannot hold");
    }
    put8(l, BM_LEGACY_COMMAND);
    put16(l, BM_LEGACY_CMD_PACKAGED);
    put16(l, 4);
    put32(l, length);
    package = (Package){bm_output_offset(l->out), length};
    g_array_append_val(l->packages, package);
    return written(l, error);
}

static gboolean package_end(BmStreamVisitor *s, GError **error)
{
    LegacyStream *l = self(s);
    const Package *p = &g_array_index(l->packages, Package, l->packages->len - 1);
    uint64_t octets = bm_output_offset(l->out) - p->start;

    if (octets != p->length) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                            "a package of %u octets has %" G_GUINT64_FORMAT, p->length, octets);
    }
    g_array_set_size(l->packages, l->packages->len - 1);
    return written(l, error);
}

/* ---- the end ---- */

static gboolean hold(LegacyStream *l, const void *data, size_t len, GError **error)
{
    return bm_legacy_tail_add(&l->tail, data, len, error);
}

static gboolean hold_description(LegacyStream *l, const char *text, size_t len, GError **error)
{
    uint32_t be = GUINT32_TO_BE((uint32_t)len);
    uint8_t type = BM_LEGACY_VMDESC;

    return hold(l, &type, 1, error) && hold(l, &be, sizeof be, error) && hold(l, text, len, error);
}

static gboolean hold_derived(LegacyStream *l, const BmDescription *d, GError **error)
{
    GString *text;
    gboolean ok;

    if (l->described->devices->len > BM_LIMIT_DEVICES) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, "description",
                            "it follows from more than %u devices", BM_LIMIT_DEVICES);
    }
    l->described->style = d->style;
    l->described->page_size = d->page_size;
    l->described->configuration = d->configuration;
    text = bm_vmdesc_format(l->described, error);
    if (!text) {
        return FALSE;
    }
    ok = hold_description(l, text->str, text->len, error);
    g_string_free(text, TRUE);
    return ok;
}

static gboolean finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    LegacyStream *l = self(s);
    uint8_t marker = BM_LEGACY_EOF;

    /* A QEMU that loads nothing runs a guest without memory. */
    if (l->announced && !l->has_state) {
        return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                            "a description, which has no state of a guest, has no form as a QEMU "
                            "stream");
    }

    if (l->packages->len > 0) {
        put8(l, marker);
        return written(l, error);
    }
    if (!hold(l, &marker, 1, error)) {
        return FALSE;
    }
    if (!d->present) {
        return TRUE;
    }
    if (d->derived) {
        return hold_derived(l, d, error);
    }
    return hold_description(l, (const char *)d->text.data, d->text.len, error);
}

/* An end marker that nobody has found must be held like any other. */
static gboolean put_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    LegacyStream *l = self(s);

    if (!hold(l, data.data, data.len, error)) {
        return FALSE;
    }
    if (reason == BM_REASON_UNDELIMITED) {
        bm_legacy_tail_slide(&l->tail, l->out);
    }
    return written(l, error);
}

static gboolean end(BmStreamVisitor *s, GError **error)
{
    LegacyStream *l = self(s);

    if (l->mapped) {
        bm_mapped_out_end(l->mapped);
    }
    if (!bm_legacy_tail_release(&l->tail, l->out, error)) {
        return FALSE;
    }
    bm_output_flush(l->out);
    return written(l, error);
}

static gboolean flush(BmStreamVisitor *s, GError **error)
{
    bm_output_flush(self(s)->out);
    return written(self(s), error);
}

static void free_stream(BmStreamVisitor *s)
{
    LegacyStream *l = self(s);

    g_tree_unref(l->grammars);
    g_ptr_array_unref(l->blocks);
    g_array_unref(l->packages);
    bm_vmdesc_free(l->described);
    bm_legacy_tail_clear(&l->tail);
    bm_mapped_out_free(l->mapped);
    g_free(l);
}

static const BmStreamOps legacy_stream_ops = {
    .begin = begin,
    .configuration = configuration,
    .announce = announce,
    .device = device,
    .live_begin = live_begin,
    .live_item = live_item,
    .live_end = live_end,
    .command = command,
    .package_begin = package_begin,
    .package_end = package_end,
    .finish = finish,
    .remainder = put_remainder,
    .end = end,
    .flush = flush,
    .free = free_stream,
};

BmStreamVisitor *bm_legacy_stream_out(BmOutput *out)
{
    return bm_legacy_stream_out_as(out, BM_LEGACY_PLAIN);
}

BmStreamVisitor *bm_legacy_stream_out_as(BmOutput *out, BmLegacyForm form)
{
    LegacyStream *l = g_new0(LegacyStream, 1);

    l->base.ops = &legacy_stream_ops;
    l->out = out;
    l->form = form;
    l->grammars = g_tree_new_full(bm_legacy_compare_ids, NULL, NULL, NULL);
    l->blocks = g_ptr_array_new_with_free_func(g_free);
    l->last_block = NO_BLOCK;
    l->packages = g_array_new(FALSE, FALSE, sizeof(Package));
    l->described = bm_vmdesc_new();
    bm_legacy_tail_init(&l->tail);
    return &l->base;
}
