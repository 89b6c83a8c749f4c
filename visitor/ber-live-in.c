/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-live-in.h"

#include "ber-section-in.h"

/* A section that has had its Start. */
typedef struct Section {
    char *name;
    BmItemsSection items;
} Section;

static gboolean failed(const BmLiveIn *l, GError **error)
{
    return bm_error_from_fault(error, l->fault, NULL);
}

static const BmPhase record_phase[BM_RECORD_TYPES] = {
    [BM_RECORD_START] = BM_PHASE_START,
    [BM_RECORD_PART] = BM_PHASE_PART,
    [BM_RECORD_END] = BM_PHASE_END,
};

static int compare_ids(gconstpointer a, gconstpointer b, gpointer data)
{
    guint first = GPOINTER_TO_UINT(a), second = GPOINTER_TO_UINT(b);

    (void)data;
    return first < second ? -1 : first > second;
}

static void free_section(gpointer data)
{
    Section *live = data;

    g_free(live->name);
    g_free(live);
}

void bm_live_in_init(BmLiveIn *l, BmInput *in, BmStreamVisitor *s, BmFault *fault)
{
    *l = (BmLiveIn){.in = in, .fault = fault};
    l->sections = g_tree_new_full(compare_ids, NULL, NULL, free_section);
    bm_items_in_init(&l->items, s);
    l->place = bm_place_in_new(&l->items, in, fault);
}

void bm_live_in_clear(BmLiveIn *l)
{
    bm_place_in_free(l->place);
    bm_items_in_clear(&l->items);
    g_tree_unref(l->sections);
}

static gboolean begin_start(BmLiveIn *l, BmView *body, BmSection *section, char **name,
                            GError **error)
{
    Section *live;

    if (!bm_ber_section_read(body, section, name, error)) {
        return FALSE;
    }
    live = g_new0(Section, 1);
    live->name = g_strdup(*name);
    live->items.kind = bm_items_kind(*name, section->version);
    g_tree_insert(l->sections, GUINT_TO_POINTER(section->id), live);
    if (g_tree_nnodes(l->sections) > (int)BM_LIMIT_SECTIONS) {
        return bm_error_set(error, BM_LIMIT, body->offset, *name, "more than %u live sections",
                            BM_LIMIT_SECTIONS);
    }
    bm_items_in_begin(&l->items, &live->items);
    return bm_stream_live_begin(l->items.s, BM_PHASE_START, section, error);
}

static gboolean begin_later(BmLiveIn *l, const BmRecord *r, BmView *body, BmSection *section,
                            GError **error)
{
    Section *live;
    uint64_t id;

    if (!bm_view_unsigned(body, BM_TAG_INTEGER, "the id of a section", UINT32_MAX, &id)) {
        return failed(l, error);
    }
    live = g_tree_lookup(l->sections, GUINT_TO_POINTER((uint32_t)id));
    if (!live) {
        return bm_error_set(error, BM_UNKNOWN, r->offset, NULL,
                            "section %" G_GUINT64_FORMAT " has had no Start", id);
    }
    *section = (BmSection){.id = (uint32_t)id, .name = live->name};
    if (r->type != BM_RECORD_MORE) {
        bm_items_in_begin(&l->items, &live->items);
        return bm_stream_live_begin(l->items.s, record_phase[r->type], section, error);
    }
    if (!l->open || id != l->open_id) {
        return bm_error_set(error, BM_BAD_ORDER, r->offset, section->name,
                            "a More record of a section that is not open");
    }
    return TRUE;
}

/* The writer flushed where a record is open: so does the reader, and a stream that is written
 * again is cut into the same records. */
static gboolean end_record(BmLiveIn *l, uint32_t id, BmSectionState state, GError **error)
{
    l->open = state == BM_STATE_OPEN;
    l->open_id = id;
    return l->open ? bm_stream_flush(l->items.s, error)
                   : bm_stream_live_end(l->items.s, state == BM_STATE_BARE, error);
}

gboolean bm_live_in_read(BmLiveIn *l, const BmRecord *r, GError **error)
{
    g_autofree char *name = NULL;
    BmView body = r->body, items;
    BmSectionState state;
    BmSection section;
    gboolean ok = r->type == BM_RECORD_START ? begin_start(l, &body, &section, &name, error)
                                             : begin_later(l, r, &body, &section, error);

    if (!ok) {
        return FALSE;
    }
    if (!bm_view_get(&body, BM_TAG_SEQUENCE, "the items of a section", &items)) {
        return bm_error_from_fault(error, body.fault, section.name);
    }
    while (items.len > 0) {
        if (!bm_items_in_read(&l->items, &items, error)) {
            bm_error_add_path(error ? *error : NULL, section.name);
            return FALSE;
        }
    }
    if (!bm_ber_state_read(&body, BM_STATE_OPEN, &state)) {
        return bm_error_from_fault(error, body.fault, section.name);
    }
    return end_record(l, section.id, state, error);
}

/* ---- live sections with pages that have a place ---- */

/* From here on it is worth more system calls. */
#define IN_PLACE_MIN (32u << 10)
/* Enough for the members before the items, or for those behind them that are known. */
#define MEMBERS_MAX 32u

gboolean bm_live_in_is_next_placed(const BmLiveIn *l)
{
    BmRecordType type;
    size_t size;

    return l->place && bm_pieces_peek(l->in, &type, &size) && size >= IN_PLACE_MIN &&
           (type == BM_RECORD_PART || type == BM_RECORD_END || type == BM_RECORD_MORE);
}

/* The items may be longer than what can be seen of them. */
static gboolean open_items(BmLiveIn *l, BmView *view, const char *name, uint64_t *len,
                           GError **error)
{
    uint64_t offset = view->offset;
    BmTag tag;

    if (!bm_view_header(view, "the items of a section", &tag, len)) {
        return bm_error_from_fault(error, view->fault, name);
    }
    if (tag != BM_TAG_SEQUENCE) {
        bm_fault_set(l->fault, BM_BAD_TAG, offset, "the items of a section", BM_TAG_SEQUENCE, tag);
        return bm_error_from_fault(error, l->fault, name);
    }
    return TRUE;
}

static gboolean begin_in_place(BmLiveIn *l, const BmRecord *r, BmSection *section, uint64_t *len,
                               GError **error)
{
    BmPieces *pieces = bm_place_in_pieces(l->place);
    uint64_t left, start;
    BmView view;

    if (!bm_pieces_need(pieces, MEMBERS_MAX, &view)) {
        return failed(l, error);
    }
    start = view.offset;
    if (!begin_later(l, r, &view, section, error) ||
        !open_items(l, &view, section->name, len, error)) {
        return FALSE;
    }
    bm_pieces_skip(pieces, (size_t)(view.offset - start));
    left = bm_pieces_left(pieces);
    if (*len > left) {
        bm_fault_set(l->fault, BM_BAD_LENGTH, view.offset, "the items of a section", left, *len);
        return bm_error_from_fault(error, l->fault, section->name);
    }
    return TRUE;
}

/* Members behind the items, and the checksum. */
static gboolean end_in_place(BmLiveIn *l, const char *name, BmSectionState *state, GError **error)
{
    BmPieces *pieces = bm_place_in_pieces(l->place);
    BmView view;

    if (!bm_pieces_need(pieces, MEMBERS_MAX, &view) ||
        !bm_ber_state_read(&view, BM_STATE_OPEN, state)) {
        return bm_error_from_fault(error, l->fault, name);
    }
    while (bm_pieces_left(pieces) > 0) {
        if (!bm_pieces_need(pieces, IN_PLACE_MIN, &view)) {
            return bm_error_from_fault(error, l->fault, name);
        }
        bm_pieces_skip(pieces, view.len);
    }
    return bm_pieces_end(pieces) || bm_error_from_fault(error, l->fault, name);
}

gboolean bm_live_in_read_placed(BmLiveIn *l, const BmRecord *r, GError **error)
{
    BmSectionState state;
    BmSection section;
    uint64_t len;

    if (!begin_in_place(l, r, &section, &len, error)) {
        return FALSE;
    }
    if (!bm_place_in_read(l->place, len, error)) {
        bm_error_add_path(error ? *error : NULL, section.name);
        return FALSE;
    }
    return end_in_place(l, section.name, &state, error) && end_record(l, section.id, state, error);
}
