/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "block-list.h"
#include "codec.h"
#include "extract.h"
#include "walk.h"

typedef struct ExtractStream {
    BmStreamVisitor base;
    BmExtract *extract;
} ExtractStream;

void bm_extract_init(BmExtract *extract)
{
    *extract = (BmExtract){
        .machine = g_strdup(""),
        .blocks = bm_block_list_new(),
        .registers = g_array_new(FALSE, FALSE, sizeof(BmRegisters)),
        .page = g_malloc(BM_LIMIT_PAGE_MAX),
    };
}

void bm_extract_clear(BmExtract *extract)
{
    for (guint i = 0; extract->images != NULL && i < extract->blocks->len; i++) {
        bm_image_clear(&extract->images[i]);
    }
    g_free(extract->images);
    g_array_unref(extract->blocks);
    g_array_unref(extract->registers);
    g_free(extract->machine);
    g_free(extract->page);
}

static BmExtract *extract_of(BmStreamVisitor *s)
{
    return ((ExtractStream *)s)->extract;
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    BmExtract *x = extract_of(s);

    (void)error;
    for (char *const *name = c->capabilities; name != NULL && *name != NULL; name++) {
        x->shared_ignored |= strcmp(*name, "x-ignore-shared") == 0;
    }
    g_free(x->machine);
    x->machine = g_strdup(c->machine);
    return TRUE;
}

/* ---- the blocks ---- */

static gboolean same_blocks(const BmExtract *x, const BmItem *item)
{
    gboolean same = x->blocks->len == item->n_blocks;

    for (guint i = 0; same && i < item->n_blocks; i++) {
        const BmRamBlock *b = &g_array_index(x->blocks, BmRamBlock, i);

        same = b->length == item->blocks[i].length && strcmp(b->name, item->blocks[i].name) == 0;
    }
    return same;
}

static gboolean set_blocks(BmExtract *x, const BmItem *item, GError **error)
{
    if (x->images != NULL) {
        return same_blocks(x, item) ||
               bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, "ram",
                            "a second list of RAM blocks, which is not like the first");
    }
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        BmRamBlock block = item->blocks[i];

        block.name = g_strdup(block.name);
        g_array_append_val(x->blocks, block);
    }
    x->images = g_new(BmImage, MAX(item->n_blocks, 1));
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        bm_image_init(&x->images[i]);
    }
    return x->open(x, x->data, error);
}

/* ---- pages ---- */

/* The octets of the block that an item is for. */
static gboolean find_range(const BmExtract *x, const BmItem *item, uint64_t *offset, uint64_t *len,
                           GError **error)
{
    const BmRamBlock *b;

    if (x->images == NULL || item->block >= x->blocks->len || x->page_size == 0) {
        return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, "ram",
                            "pages of block %u, which is not known", item->block);
    }
    b = &g_array_index(x->blocks, BmRamBlock, item->block);
    uint64_t pages = b->length / x->page_size;

    if (item->page > pages || item->count > pages - item->page) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, b->name,
                            "page %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, item->page, pages);
    }
    *offset = item->page * x->page_size;
    *len = item->count * x->page_size;
    return TRUE;
}

static gboolean bad_page(const BmExtract *x, const BmItem *item, BmCode code, const char *what,
                         GError **error)
{
    const BmRamBlock *b = &g_array_index(x->blocks, BmRamBlock, item->block);

    return bm_error_set(error, code, BM_NO_OFFSET, b->name, "page %" G_GUINT64_FORMAT ": %s",
                        item->page, what);
}

static gboolean decode(BmExtract *x, const BmItem *item, uint64_t offset, GError **error)
{
    BmFault fault = {0};

    if (item->type == BM_ITEM_ZLIB) {
        return bm_zlib_page(item->data, x->page, (size_t)x->page_size) ||
               bad_page(x, item, BM_BAD_VALUE, "zlib data that does not give one page", error);
    }
    return bm_image_read(&x->images[item->block], offset, x->page, (size_t)x->page_size, error) &&
           (bm_xbzrle_apply(x->page, (size_t)x->page_size,
                            bm_view(item->data.data, item->data.len, 0, &fault)) ||
            bad_page(x, item, fault.code, "an xbzrle delta that is cut or leads out of the page",
                     error));
}

static gboolean put_page(BmExtract *x, const BmItem *item, uint64_t offset, GError **error)
{
    BmImage *image = &x->images[item->block];

    return bm_image_write(image, offset, x->page, (size_t)x->page_size, error);
}

static gboolean put_pages(BmExtract *x, const BmItem *item, GError **error)
{
    uint64_t offset = 0, len = 0;

    if (!find_range(x, item, &offset, &len, error)) {
        return FALSE;
    }
    BmImage *image = &x->images[item->block];

    image->came = TRUE;
    switch (item->type) {
    case BM_ITEM_PAGES:
        x->pages += item->count;
        return bm_image_write(image, offset, item->data.data, (size_t)len, error);
    case BM_ITEM_ZEROS:
        return bm_image_zero(image, offset, len, error);
    case BM_ITEM_FILL:
        memset(x->page, (int)item->value, (size_t)x->page_size);
        return put_page(x, item, offset, error);
    default:
        x->pages++;
        return decode(x, item, offset, error) && put_page(x, item, offset, error);
    }
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    BmExtract *x = extract_of(s);

    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        x->page_size = item->value;
        return TRUE;
    case BM_ITEM_BLOCKS:
        return set_blocks(x, item, error);
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        return put_pages(x, item, error);
    case BM_ITEM_MEET:
        return bm_stream_lacks_pages(error);
    default:
        return TRUE; /* no memory */
    }
}

/* ---- processors ---- */

static gboolean device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    BmExtract *x = extract_of(s);
    BmRegisters registers;
    BmState *cpu = NULL;

    if (device->values == NULL || strcmp(device->schema->name, "cpu") != 0) {
        return TRUE;
    }
    BmVisitor *out = bm_visitor_state_out(&cpu);
    gboolean ok = bm_walk(device->schema, device->values, out, device->section.name, error);

    bm_visitor_free(out);
    if (ok && bm_registers_from_state(cpu, &registers)) {
        g_array_append_val(x->registers, registers);
    }
    bm_state_free(cpu);
    return ok;
}

static const BmStreamOps extract_ops = {
    .configuration = configuration,
    .device = device,
    .live_item = live_item,
};

BmStreamVisitor *bm_extract_stream(BmExtract *extract)
{
    ExtractStream *s = g_new0(ExtractStream, 1);

    s->base.ops = &extract_ops;
    s->extract = extract;
    return &s->base;
}
