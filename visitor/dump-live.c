/* SPDX-License-Identifier: BSD-2-Clause */
#include "dump-impl.h"

static BmDump *dump(BmStreamVisitor *s)
{
    return (BmDump *)s;
}

static void open_item(BmDump *d)
{
    bm_printer_call(d, open, NULL, BM_SHAPE_OBJECT);
}

static void close_item(BmDump *d)
{
    bm_printer_call(d, close);
}

static void item_number(BmDump *d, const char *name, const char *type, uint64_t value)
{
    open_item(d);
    bm_dump_put_number(d, name, type, value);
    close_item(d);
}

static void item_octets(BmDump *d, BmOctets octets)
{
    open_item(d);
    bm_dump_root_octets(d, d->section->str, octets, TRUE);
    bm_dump_root(d, d->section->str);
    close_item(d);
}

/* ---- RAM blocks ---- */

static void put_block(BmDump *d, const BmRamBlock *block)
{
    bm_printer_call(d, open, NULL, BM_SHAPE_OBJECT);
    bm_dump_put_string(d, "name", block->name);
    bm_dump_put_number(d, "length", "uint64", block->length);
    if (block->page_size) {
        bm_dump_put_number(d, "page_size", "uint64", block->page_size);
    }
    if (block->has_address) {
        bm_dump_put_number(d, "address", "uint64", block->address);
    }
    bm_printer_call(d, close);
}

static void put_blocks(BmDump *d, const BmItem *item)
{
    g_ptr_array_set_size(d->blocks, 0);
    for (uint32_t i = 0; i < item->n_blocks; i++) {
        bm_path_push_index(&d->path, i);
        put_block(d, &item->blocks[i]);
        bm_path_pop(&d->path);
        g_ptr_array_add(d->blocks, g_strdup(item->blocks[i].name));
    }
}

static void item_blocks(BmDump *d, const BmItem *item)
{
    char *component = g_strdup_printf("blocks(%u)", item->n_blocks);

    open_item(d);
    bm_dump_put_number(d, "total", "uint64", item->value);
    bm_path_push_name(&d->path, component);
    bm_printer_call(d, open, "blocks", BM_SHAPE_ARRAY);
    put_blocks(d, item);
    bm_printer_call(d, close);
    bm_path_pop(&d->path);
    close_item(d);
    g_free(component);
}

/* ---- runs of pages ---- */

static void put_run(BmDump *d, const char *where, const char *what, const BmRun *run)
{
    open_item(d);
    bm_path_push_name(&d->path, where);
    bm_printer_call(d, open, where, BM_SHAPE_OBJECT);
    bm_dump_put(d, what, &(BmLeaf){BM_LEAF_RUN, .run = *run});
    bm_printer_call(d, close);
    bm_path_pop(&d->path);
    close_item(d);
}

static void end_run(BmDump *d)
{
    char number[16];
    const char *name = number;

    if (!d->running) {
        return;
    }
    d->running = FALSE;
    if (d->run_block < d->blocks->len) {
        name = d->blocks->pdata[d->run_block];
    } else {
        g_snprintf(number, sizeof(number), "#%u", d->run_block);
    }
    put_run(d, name, "pages", &d->run);
}

/* One run in the dump may be many items: how a stream cuts its pages into
 * records says nothing about the guest. */
static void item_pages(BmDump *d, const BmItem *item, const char *content, uint64_t count)
{
    uint64_t fill = item->type == BM_ITEM_FILL ? item->value : 0;

    if (d->running && d->run_block == item->block && d->run.content == content &&
        item->page == d->run.last + 1 && d->run.fill == fill) {
        d->run.last += count;
        return;
    }
    end_run(d);
    d->running = count > 0;
    d->run_block = item->block;
    d->run = (BmRun){content, item->page, item->page + count - 1, fill};
}

#define SECTORS_PER_CHUNK 2048

static void item_chunk(BmDump *d, const BmItem *item)
{
    BmRun run = {item->data.data ? "full" : "zero", item->page, item->page + SECTORS_PER_CHUNK - 1};

    put_run(d, item->device, "sectors", &run);
}

/* Which slots travelled; what is in them is the guest's. */
static void item_slots(BmDump *d, const BmItem *item)
{
    uint64_t used = item->data.len / BM_SLOT_SIZE;

    if (used > 0) {
        put_run(d, "hash", "slots", &(BmRun){"used", item->page, item->page + used - 1});
    }
    if (item->count > 0) {
        put_run(d, "hash", "slots",
                &(BmRun){"unused", item->page + used, item->page + used + item->count - 1});
    }
}

/* ---- dirty bitmaps ---- */

static char *take_bitmap_names(BmDump *d, const BmItem *item)
{
    if (item->device) {
        g_string_assign(d->node, item->device);
    }
    if (item->name) {
        g_string_assign(d->bitmap, item->name);
    }
    return g_strconcat(d->node->str, "/", d->bitmap->str, NULL);
}

static void item_bitmap(BmDump *d, const BmItem *item)
{
    g_autofree char *which = take_bitmap_names(d, item);

    open_item(d);
    bm_path_push_name(&d->path, which);
    bm_printer_call(d, open, which, BM_SHAPE_OBJECT);
    if (item->type == BM_ITEM_BITMAP_START) {
        bm_dump_put_number(d, "granularity", "uint32", item->value);
        bm_dump_put_number(d, "flags", "uint8", item->count);
    } else {
        bm_dump_put_number(d, "complete", "bool", 1);
    }
    bm_printer_call(d, close);
    bm_path_pop(&d->path);
    close_item(d);
}

static void item_bits(BmDump *d, const BmItem *item)
{
    g_autofree char *which = take_bitmap_names(d, item);
    uint64_t last = item->count > 0 ? item->page + item->count - 1 : item->page;

    put_run(d, which, "sectors", &(BmRun){item->data.data ? "bits" : "zero", item->page, last});
}

/* What is shown only on demand.  BM_ITEM_NAMED is not: it is about the origin's
 * octets, not the guest's memory. */
static void demanded_item(BmDump *d, const BmItem *item)
{
    switch (item->type) {
    case BM_ITEM_OCTETS:
        item_octets(d, item->data);
        break;
    case BM_ITEM_PAGES:
        item_pages(d, item, "full", item->count);
        break;
    case BM_ITEM_ZEROS:
        item_pages(d, item, "zero", item->count);
        break;
    case BM_ITEM_FILL:
        item_pages(d, item, "fill", 1);
        break;
    case BM_ITEM_XBZRLE:
        item_pages(d, item, "xbzrle", 1);
        break;
    case BM_ITEM_ZLIB:
        item_pages(d, item, "zlib", 1);
        break;
    case BM_ITEM_MARK:
        item_number(d, "mark", "uint64", item->value);
        break;
    case BM_ITEM_MEET:
        item_number(d, "meet", "uint64", item->value);
        break;
    case BM_ITEM_CHUNK:
        item_chunk(d, item);
        break;
    case BM_ITEM_PROGRESS:
        item_number(d, "progress", "uint32", item->value);
        break;
    case BM_ITEM_SLOTS:
        item_slots(d, item);
        break;
    case BM_ITEM_BITMAP_BITS:
        item_bits(d, item);
        break;
    case BM_ITEM_BITMAP_END:
        item_bitmap(d, item);
        break;
    default:
        break;
    }
}

/* ---- the section ---- */

gboolean bm_dump_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                            GError **error)
{
    BmDump *d = dump(s);

    (void)error;
    g_string_assign(d->section, section->name);
    bm_dump_root(d, section->name);
    bm_printer_call(d, record, "section", phase != BM_PHASE_START);
    bm_printer_call(d, section, section, phase);
    bm_printer_call(d, open, "items", BM_SHAPE_ITEMS);
    return TRUE;
}

static gboolean is_page_item(const BmItem *item)
{
    return item->type >= BM_ITEM_PAGES && item->type <= BM_ITEM_NAMED;
}

gboolean bm_dump_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    BmDump *d = dump(s);

    if (!is_page_item(item)) {
        end_run(d);
    }
    if (item->type == BM_ITEM_PAGE_SIZE) {
        item_number(d, "page_size", "uint32", item->value);
    } else if (item->type == BM_ITEM_BLOCKS) {
        item_blocks(d, item);
    } else if (item->type == BM_ITEM_HASH_SIZE) {
        item_number(d, "hash_size", "uint32", item->value);
    } else if (item->type == BM_ITEM_BITMAP_START) {
        item_bitmap(d, item);
    } else if (d->pages) {
        demanded_item(d, item);
    }
    return bm_dump_written(d, error);
}

gboolean bm_dump_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    BmDump *d = dump(s);

    (void)bare;
    end_run(d);
    bm_printer_call(d, close);
    bm_printer_call(d, record_end);
    return bm_dump_written(d, error);
}
