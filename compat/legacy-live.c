/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bodies of live sections other than RAM.  Block migration, hash tables and dirty
 * bitmaps have typed items; of the rest only the grammar is known here, to find their end:
 * they go on as octets.  What is not even known by name ends at its footer
 * (legacy-footer.c).
 */
#include <string.h>

#include "legacy-reader.h"

/* Takes `len` octets of any number and hands them on. */
static gboolean pass(BmLegacyReader *r, uint64_t len, const char *what, GError **error)
{
    while (len > 0) {
        size_t n = (size_t)MIN(len, BM_LEGACY_PIECE);

        if (!bm_legacy_need(r, n, what, error) || !bm_legacy_give(r, n, error)) {
            return FALSE;
        }
        len -= n;
    }
    return TRUE;
}

static gboolean peek64(BmLegacyReader *r, size_t at, const char *what, uint64_t *n, GError **error)
{
    if (!bm_legacy_need(r, at + 8, what, error)) {
        return FALSE;
    }
    *n = bm_be64(bm_input_data(r->in) + at);
    return TRUE;
}

/* A be64 count behind `at` octets, then as many octets. */
static gboolean pass_counted(BmLegacyReader *r, size_t at, const char *what, GError **error)
{
    uint64_t n;

    return peek64(r, at, what, &n, error) && pass(r, at + 8, what, error) &&
           pass(r, n, what, error);
}

typedef enum Step { STEP_FAILED, STEP_MORE, STEP_END, STEP_UNKNOWN } Step;

static Step step(gboolean ok)
{
    return ok ? STEP_MORE : STEP_FAILED;
}

static Step last_step(gboolean ok)
{
    return ok ? STEP_END : STEP_FAILED;
}

/* s390-storage_attributes 0: words with flags. */
static Step cmma_step(BmLegacyReader *r, BmLegacyLive *live, GError **error)
{
    const char *what = "storage attributes";
    uint64_t word;

    (void)live;
    if (!peek64(r, 0, what, &word, error)) {
        return STEP_FAILED;
    }
    switch (word & 0xff) {
    case 0x01:
        return last_step(pass(r, 8, what, error));
    case 0x02:
        return step(pass_counted(r, 8, what, error));
    case 0x08:
        return step(pass(r, 8, what, error));
    default:
        return STEP_UNKNOWN;
    }
}

/* vfio 1: tags; 5 (since 8.1) stands where 1 would. */
static Step vfio_step(BmLegacyReader *r, BmLegacyLive *live, GError **error)
{
    const char *what = "a vfio device's data";
    uint64_t tag;

    (void)live;
    if (!peek64(r, 0, what, &tag, error)) {
        return STEP_FAILED;
    }
    switch (tag) {
    case G_GUINT64_CONSTANT(0xffffffffef100001):
    case G_GUINT64_CONSTANT(0xffffffffef100005):
        return last_step(pass(r, 8, what, error));
    case G_GUINT64_CONSTANT(0xffffffffef100003):
        return step(pass(r, 8, what, error));
    case G_GUINT64_CONSTANT(0xffffffffef100004):
        return step(pass_counted(r, 8, what, error));
    default:
        return STEP_UNKNOWN;
    }
}

/* ---- block migration ---- */

static gboolean give_chunk(BmLegacyReader *r, uint64_t word, GError **error)
{
    BmItem item = {.type = BM_ITEM_CHUNK, .page = word >> BM_BLOCK_SHIFT};
    g_autofree char *device = NULL;

    bm_input_skip(r->in, 8);
    if (!bm_legacy_name(r, "the device of a chunk", &device, error)) {
        return FALSE;
    }
    item.device = device;
    item.data.len = word & BM_BLOCK_ZERO ? 0 : BM_BLOCK_CHUNK;
    if (item.data.len > 0 &&
        !bm_legacy_take(r, item.data.len, "the data of a chunk", &item.data.data, error)) {
        return FALSE;
    }
    return bm_stream_live_item(r->s, &item, error);
}

static Step block_step(BmLegacyReader *r, BmLegacyLive *live, GError **error)
{
    BmItem progress = {.type = BM_ITEM_PROGRESS};
    uint64_t word;

    (void)live;
    if (!peek64(r, 0, "a word of block migration", &word, error)) {
        return STEP_FAILED;
    }
    switch (word & ((1u << BM_BLOCK_SHIFT) - 1)) {
    case BM_BLOCK_DEVICE:
    case BM_BLOCK_DEVICE | BM_BLOCK_ZERO:
        return step(give_chunk(r, word, error));
    case BM_BLOCK_PROGRESS:
        bm_input_skip(r->in, 8);
        progress.value = word >> BM_BLOCK_SHIFT;
        return step(bm_stream_live_item(r->s, &progress, error));
    case BM_BLOCK_EOS:
        if (word != BM_BLOCK_EOS) {
            return STEP_UNKNOWN;
        }
        bm_input_skip(r->in, 8);
        return STEP_END;
    default:
        return STEP_UNKNOWN;
    }
}

/* ---- a hash table ---- */

/* A package is tried before it is believed, so nothing there may change what is
 * known of a section. */
static Step hash_size(BmLegacyReader *r, BmLegacyLive *live, uint32_t word, GError **error)
{
    BmItem item = {.type = BM_ITEM_HASH_SIZE, .value = word == BM_HASH_NONE ? 0 : word};

    if ((item.value != 0 && (word < BM_HASH_SIZE_MIN || word > BM_HASH_SIZE_MAX)) ||
        r->packages > 0) {
        return STEP_UNKNOWN;
    }
    bm_input_skip(r->in, 4);
    live->slots = bm_hash_slots(item.value);
    return last_step(bm_stream_live_item(r->s, &item, error));
}

static Step give_slots(BmLegacyReader *r, BmItem *item, size_t before, size_t used, GError **error)
{
    const uint8_t *p;
    size_t head = before + 8;

    if (!bm_legacy_take(r, head + used * BM_SLOT_SIZE, "slots of a hash table", &p, error)) {
        return STEP_FAILED;
    }
    item->data = (BmOctets){p + head, used * BM_SLOT_SIZE};
    return step(bm_stream_live_item(r->s, item, error));
}

/* The word goes with what follows it: nothing is taken that the octets of a body
 * that is not understood would miss. */
static Step hash_slots(BmLegacyReader *r, const BmLegacyLive *live, GError **error)
{
    size_t before = 4;
    Step step = STEP_MORE;

    while (step == STEP_MORE) {
        BmItem item = {.type = BM_ITEM_SLOTS};
        uint64_t head, used;

        if (!peek64(r, before, "slots of a hash table", &head, error)) {
            return STEP_FAILED;
        }
        if (head == 0) {
            bm_input_skip(r->in, before + 8);
            return STEP_END;
        }
        item.page = head >> 32;
        used = head >> 16 & 0xffff;
        item.count = head & 0xffff;
        if (used + item.count == 0 || !bm_slots_fit(live->slots, item.page, used + item.count)) {
            return STEP_UNKNOWN;
        }
        step = give_slots(r, &item, before, (size_t)used, error);
        before = 0;
    }
    return step;
}

/* spapr/htab 1 (since 1.7): a size alone, or slots. */
static Step hash_step(BmLegacyReader *r, BmLegacyLive *live, GError **error)
{
    uint32_t word;

    if (!bm_legacy_need(r, 4, "a hash table", error)) {
        return STEP_FAILED;
    }
    word = bm_be32(bm_input_data(r->in));
    return word == BM_HASH_SLOTS ? hash_slots(r, live, error) : hash_size(r, live, word, error);
}

/* ---- dirty bitmaps ---- */

static gboolean dirty_type(unsigned flags, BmItemType *type)
{
    switch (flags & ~(BM_DIRTY_NAME | BM_DIRTY_NODE)) {
    case BM_DIRTY_START:
        *type = BM_ITEM_BITMAP_START;
        return TRUE;
    case BM_DIRTY_BITS:
    case BM_DIRTY_BITS | BM_DIRTY_ZEROES:
        *type = BM_ITEM_BITMAP_BITS;
        return TRUE;
    case BM_DIRTY_COMPLETE:
        *type = BM_ITEM_BITMAP_END;
        return TRUE;
    default:
        return FALSE;
    }
}

/* What follows looks ahead: a chunk is taken when it is understood, all of it. */

static Step peek_alias(BmLegacyReader *r, size_t *at, char **name, GError **error)
{
    const uint8_t *p;
    size_t len;

    if (!bm_legacy_need(r, *at + 1, "a name in a dirty bitmap", error)) {
        return STEP_FAILED;
    }
    len = bm_input_data(r->in)[*at];
    if (!bm_legacy_need(r, *at + 1 + len, "a name in a dirty bitmap", error)) {
        return STEP_FAILED;
    }
    p = bm_input_data(r->in) + *at + 1;
    *at += 1 + len;
    if (len == 0 || !bm_utf8_valid(p, len)) {
        return STEP_UNKNOWN;
    }
    *name = g_strndup((const char *)p, len);
    return STEP_MORE;
}

static Step peek_dirty_start(BmLegacyReader *r, size_t *at, BmItem *item, GError **error)
{
    const uint8_t *p;

    if (!bm_legacy_need(r, *at + 5, "the start of a dirty bitmap", error)) {
        return STEP_FAILED;
    }
    p = bm_input_data(r->in) + *at;
    item->value = bm_be32(p);
    item->count = p[4];
    *at += 5;
    return item->count > BM_BITMAP_FLAGS ? STEP_UNKNOWN : STEP_MORE;
}

static Step peek_dirty_bits(BmLegacyReader *r, size_t *at, unsigned flags, BmItem *item,
                            GError **error)
{
    const char *what = "the bits of a dirty bitmap";
    size_t head = flags & BM_DIRTY_ZEROES ? 12 : 20;
    uint64_t len = 0;

    if (!bm_legacy_need(r, *at + head, what, error)) {
        return STEP_FAILED;
    }
    item->page = bm_be64(bm_input_data(r->in) + *at);
    item->count = bm_be32(bm_input_data(r->in) + *at + 8);
    if (!(flags & BM_DIRTY_ZEROES)) {
        len = bm_be64(bm_input_data(r->in) + *at + 12);
        if (len > BM_LIMIT_BITMAP) {
            return STEP_UNKNOWN;
        }
        if (!bm_legacy_need(r, *at + head + (size_t)len, what, error)) {
            return STEP_FAILED;
        }
        item->data = (BmOctets){bm_input_data(r->in) + *at + head, (size_t)len};
    }
    *at += head + (size_t)len;
    return STEP_MORE;
}

static Step dirty_chunk(BmLegacyReader *r, unsigned flags, BmItem *item, GError **error)
{
    g_autofree char *node = NULL, *name = NULL;
    Step step = STEP_MORE;
    size_t at = 1;

    if (flags & BM_DIRTY_NODE) {
        step = peek_alias(r, &at, &node, error);
    }
    if (step == STEP_MORE && flags & BM_DIRTY_NAME) {
        step = peek_alias(r, &at, &name, error);
    }
    if (step == STEP_MORE && item->type == BM_ITEM_BITMAP_START) {
        step = peek_dirty_start(r, &at, item, error);
    } else if (step == STEP_MORE && item->type == BM_ITEM_BITMAP_BITS) {
        step = peek_dirty_bits(r, &at, flags, item, error);
    }
    if (step != STEP_MORE) {
        return step;
    }
    item->device = node;
    item->name = name;
    bm_input_skip(r->in, at);
    return bm_stream_live_item(r->s, item, error) ? STEP_MORE : STEP_FAILED;
}

/* dirty-bitmap 1 (since 2.12): flags, names, then a start, an end or bits. */
static Step bitmap_step(BmLegacyReader *r, BmLegacyLive *live, GError **error)
{
    BmItem item = {0};
    unsigned flags;

    (void)live;
    if (!bm_legacy_need(r, 1, "a dirty bitmap's chunk", error)) {
        return STEP_FAILED;
    }
    flags = bm_input_data(r->in)[0];
    if (flags == BM_DIRTY_EOS) {
        bm_input_skip(r->in, 1);
        return STEP_END;
    }
    return dirty_type(flags, &item.type) ? dirty_chunk(r, flags, &item, error) : STEP_UNKNOWN;
}

/* ---- which body is which ---- */

typedef struct LiveKind {
    const char *suffix; /* of the section's name */
    uint32_t version;
    Step (*step)(BmLegacyReader *, BmLegacyLive *, GError **);
} LiveKind;

static const LiveKind kinds[] = {
    {"block", 1, block_step},     {"dirty-bitmap", 1, bitmap_step},
    {"spapr/htab", 1, hash_step}, {"s390-storage_attributes", 0, cmma_step},
    {"/vfio", 1, vfio_step},
};

static const LiveKind *find_kind(const BmLegacyLive *live)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        const LiveKind *k = &kinds[i];
        gboolean matches = k->suffix[0] == '/' ? g_str_has_suffix(live->name, k->suffix)
                                               : strcmp(live->name, k->suffix) == 0;

        if (matches && live->version == k->version) {
            return k;
        }
    }
    return NULL;
}

gboolean bm_legacy_live_body(BmLegacyReader *r, BmLegacyLive *live, uint32_t id, GError **error)
{
    const LiveKind *kind = find_kind(live);

    while (kind) {
        switch (kind->step(r, live, error)) {
        case STEP_FAILED:
            return FALSE;
        case STEP_MORE:
            break;
        case STEP_END:
            return TRUE;
        case STEP_UNKNOWN:
            kind = NULL;
            break;
        }
    }
    return bm_legacy_rest_body(r, id, error);
}
