/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-live-out.h"

#include "ber-items.h"

void bm_live_out_init(BmLiveOut *l, BmRecordOut *records, int level)
{
    *l = (BmLiveOut){.records = records};
    bm_pages_out_init(&l->pages, &records->w, level);
}

void bm_live_out_clear(BmLiveOut *l)
{
    bm_pages_out_clear(&l->pages);
    bm_index_out_free(l->index);
    g_free((char *)l->section.name);
}

static const BmRecordType phase_record[] = {
    [BM_PHASE_START] = BM_RECORD_START,
    [BM_PHASE_PART] = BM_RECORD_PART,
    [BM_PHASE_END] = BM_RECORD_END,
};

static BmRecordType section_record(const BmLiveOut *l)
{
    return l->continued ? BM_RECORD_MORE : phase_record[l->phase];
}

static void open_section_record(BmLiveOut *l)
{
    BmWriter *w;

    if (l->in_record) {
        return;
    }
    w = bm_record_out_open(l->records, section_record(l));
    bm_writer_unsigned(w, BM_TAG_INTEGER, l->section.id);
    if (section_record(l) == BM_RECORD_START) {
        bm_writer_text(w, BM_TAG_UTF8, l->section.name);
        bm_writer_unsigned(w, BM_TAG_INTEGER, l->section.instance);
        bm_writer_unsigned(w, BM_TAG_INTEGER, l->section.version);
    }
    bm_writer_open(w, BM_TAG_SEQUENCE);
    l->in_record = TRUE;
}

/* Where page data is to lie in the file, its item is the last one of a record, and that
 * record is open: so all that comes behind the data is known. */
#define BEHIND_DATA (3 + BM_SUM_MEMBER_LEN)

/* Ends the item with the data, in its place.  Returns the octets of its data. */
static size_t end_aligned_batch(BmLiveOut *l)
{
    size_t at = l->records->w.len;
    size_t octets = l->pages.used;

    bm_pages_out_end_batch(&l->pages);
    bm_writer_align(&l->records->w, at, BM_TAG_ITEM_FILLER, bm_output_offset(l->records->out),
                    bm_index_out_alignment(l->index), BEHIND_DATA);
    return l->records->w.n_borrowed > 0 ? octets : 0;
}

/* `plain`: octets of aligned data. */
static void index_record(BmLiveOut *l, uint64_t record, size_t plain)
{
    uint64_t data = bm_output_offset(l->records->out) - BEHIND_DATA - plain;

    if (l->index) {
        bm_index_out_written(l->index, record, plain > 0 ? &data : NULL);
    }
}

static gboolean close_section_record(BmLiveOut *l, BmSectionState state, GError **error);

/* In a file with an index, nothing comes behind data in its record. */
static gboolean end_data(BmLiveOut *l, GError **error)
{
    return !l->index || l->pages.used == 0 || close_section_record(l, BM_STATE_OPEN, error);
}

static gboolean close_section_record(BmLiveOut *l, BmSectionState state, GError **error)
{
    uint64_t record;
    size_t plain = 0;
    BmRecordType type;
    gint64 begin;

    if (state != BM_STATE_OPEN && !end_data(l, error)) {
        return FALSE;
    }
    type = section_record(l);
    record = bm_output_offset(l->records->out);
    open_section_record(l);
    if (l->index && l->pages.used > 0) {
        plain = end_aligned_batch(l);
    }
    bm_pages_out_end_batch(&l->pages);
    bm_writer_close(&l->records->w);
    if (state != BM_STATE_COMPLETE) {
        bm_writer_unsigned(&l->records->w, BM_TAG_CONTEXT(1), state);
    }
    l->in_record = FALSE;
    l->continued = TRUE;
    begin = g_get_monotonic_time();
    if (!bm_record_out_close(l->records, type, error)) {
        return FALSE;
    }
    index_record(l, record, plain);
    bm_pages_out_recycle(&l->pages, g_get_monotonic_time() - begin);
    return TRUE;
}

void bm_live_out_begin(BmLiveOut *l, BmPhase phase, const BmSection *section)
{
    g_free((char *)l->section.name);
    l->section = *section;
    l->section.name = g_strdup(section->name);
    l->phase = phase;
    l->in_section = TRUE;
    l->continued = FALSE;
}

gboolean bm_live_out_end(BmLiveOut *l, gboolean bare, GError **error)
{
    l->in_section = FALSE;
    return close_section_record(l, bare ? BM_STATE_BARE : BM_STATE_COMPLETE, error);
}

gboolean bm_live_out_interrupt(BmLiveOut *l, GError **error)
{
    gboolean pending = l->in_section && (l->in_record || !l->continued);

    return !pending || close_section_record(l, BM_STATE_OPEN, error);
}

gboolean bm_live_out_flush(BmLiveOut *l, GError **error)
{
    return !l->in_record || close_section_record(l, BM_STATE_OPEN, error);
}

/* Pages of one run, cut where the arena is full. */
static gboolean add_pages(BmLiveOut *l, const BmItem *item, GError **error)
{
    uint64_t page_size = l->pages.page_size, done = 0;

    while (done < item->count) {
        uint64_t room = (BM_ARENA_SIZE - l->pages.used) / page_size;
        uint64_t n = MIN(item->count - done, room);

        if (l->index && !bm_pages_out_continues(&l->pages, item->block) && !end_data(l, error)) {
            return FALSE;
        }
        if (n == 0) {
            if (!close_section_record(l, BM_STATE_OPEN, error)) {
                return FALSE;
            }
            continue;
        }
        open_section_record(l);
        bm_pages_out_add(&l->pages, item->block, item->page + done, n,
                         item->data.data + done * page_size, item->stable);
        if (l->index) {
            bm_index_out_add(l->index, BM_PLACE_PLAIN, item->block, item->page + done, n);
        }
        done += n;
    }
    return TRUE;
}

/* The data is borrowed from the source, so the record ends behind it. */
static gboolean write_chunk(BmLiveOut *l, const BmItem *item, GError **error)
{
    bm_writer_open(&l->records->w, BM_TAG_ITEM_CHUNK);
    bm_writer_text(&l->records->w, BM_TAG_UTF8, item->device);
    bm_writer_unsigned(&l->records->w, BM_TAG_INTEGER, item->page);
    if (item->data.data) {
        bm_writer_open(&l->records->w, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED);
        bm_pages_out_data(&l->pages, item->data);
        bm_writer_close(&l->records->w);
    }
    bm_writer_close(&l->records->w);
    return item->data.data ? close_section_record(l, BM_STATE_OPEN, error) : TRUE;
}

static gboolean write_item(BmLiveOut *l, const BmItem *item, GError **error)
{
    if (item->type == BM_ITEM_CHUNK) {
        return write_chunk(l, item, error);
    }
    if (item->type == BM_ITEM_PAGE_SIZE) {
        l->pages.page_size = item->value;
    }
    bm_ber_item_write(&l->records->w, item);
    return TRUE;
}

/* What the index wants to know of an item before it is written; full pages are cut first. */
static gboolean index_item(BmLiveOut *l, const BmItem *item, GError **error)
{
    gboolean joins =
        item->type == BM_ITEM_PAGES ||
        (item->type == BM_ITEM_ZEROS && bm_pages_out_continues(&l->pages, item->block));

    if (!joins && !end_data(l, error)) {
        return FALSE;
    }
    switch (item->type) {
    case BM_ITEM_BLOCKS:
    case BM_ITEM_PAGE_SIZE:
        return bm_index_out_frame(l->index, item, error);
    case BM_ITEM_ZEROS:
        bm_index_out_add(l->index, BM_PLACE_ZERO, item->block, item->page, item->count);
        return TRUE;
    case BM_ITEM_FILL:
        bm_index_out_add(l->index, BM_PLACE_RECORD, item->block, item->page, 1);
        return TRUE;
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        bm_index_out_add(l->index, BM_PLACE_ENCODED, item->block, item->page, 1);
        return TRUE;
    case BM_ITEM_MEET:
        return bm_stream_lacks_pages(error);
    default:
        return TRUE;
    }
}

gboolean bm_live_out_item(BmLiveOut *l, const BmItem *item, GError **error)
{
    if (l->index && !index_item(l, item, error)) {
        return FALSE;
    }
    if (item->type == BM_ITEM_PAGES) {
        return add_pages(l, item, error);
    }
    open_section_record(l);
    if (item->type == BM_ITEM_ZEROS) {
        bm_pages_out_add(&l->pages, item->block, item->page, item->count, NULL, FALSE);
    } else {
        bm_pages_out_end_batch(&l->pages);
        if (!write_item(l, item, error)) {
            return FALSE;
        }
    }
    /* Many small items (deltas, ranges of zeros) make a record as well. */
    if (l->in_record && bm_writer_size(&l->records->w) > BM_ARENA_SIZE) {
        return close_section_record(l, BM_STATE_OPEN, error);
    }
    return TRUE;
}
