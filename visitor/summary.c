/* SPDX-License-Identifier: BSD-2-Clause */
#include "block-list.h"
#include "stream.h"

typedef struct SummaryStream {
    BmStreamVisitor base;
    BmSummary *summary;
    BmStreamVisitor *checks; /* walks the values */
    GHashTable *schemas;     /* met so far; addresses only, never looked into */
} SummaryStream;

static BmSummary *summary_of(BmStreamVisitor *s)
{
    return ((SummaryStream *)s)->summary;
}

static void add_outcome(BmSummary *summary, const BmOutcome *outcome)
{
    g_free(summary->outcome_peer);
    g_free(summary->outcome_reason);
    summary->outcome_peer = g_strdup(outcome->peer);
    summary->outcome_reason = g_strdup(outcome->reason);
    g_ptr_array_set_size(summary->outcome_capabilities, 0);
    for (uint32_t i = 0; i < outcome->n_capabilities; i++) {
        const BmCapability *c = &outcome->capabilities[i];
        g_autofree char *parameters = g_strjoinv(" ", (char **)c->parameters);

        g_ptr_array_add(summary->outcome_capabilities,
                        g_strconcat(c->name, *parameters ? "=" : "", parameters, NULL));
    }
}

static gboolean summary_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    (void)error;
    summary_of(s)->preamble = *preamble;
    summary_of(s)->preamble.generator = NULL; /* not ours to keep */
    summary_of(s)->preamble.outcome = NULL;
    if (preamble->outcome) {
        add_outcome(summary_of(s), preamble->outcome);
    }
    return TRUE;
}

static gboolean summary_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    BmSummary *summary = summary_of(s);

    (void)error;
    g_free(summary->machine);
    summary->machine = g_strdup(c->machine);
    g_ptr_array_set_size(summary->capabilities, 0);
    for (char *const *name = c->capabilities; name && *name; name++) {
        g_ptr_array_add(summary->capabilities, g_strdup(*name));
    }
    if (c->has_page_bits && c->page_bits < 64) {
        summary->page_size = G_GUINT64_CONSTANT(1) << c->page_bits;
    }
    return TRUE;
}

/* ---- devices ---- */

/* Those below as well: each is met once, so this ends however they share. */
static void add_schema(SummaryStream *s, const BmSchema *schema)
{
    if (!g_hash_table_add(s->schemas, (gpointer)schema)) {
        return;
    }
    s->summary->schemas++;
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        const BmField *f = &schema->fields[i];

        for (uint32_t k = 0; k < f->n_elements; k++) {
            add_schema(s, f->elements[k]);
        }
    }
    for (uint32_t i = 0; i < schema->n_subsections; i++) {
        add_schema(s, schema->subsections[i]);
    }
}

static gboolean summary_announce(BmStreamVisitor *v, const BmAnnounce *a, GError **error)
{
    SummaryStream *s = (SummaryStream *)v;

    (void)error;
    s->summary->announced++;
    if (a->schema) {
        add_schema(s, a->schema);
    }
    return TRUE;
}

static void add_device(SummaryStream *s, const BmDevice *device)
{
    BmSummary *summary = s->summary;
    uint64_t leaves = 0, opaque = 0;

    summary->devices++;
    if (!device->values) {
        summary->devices_octets++;
    }
    if (!device->schema) {
        return;
    }
    bm_schema_count_leaves(device->schema, &leaves, &opaque);
    summary->leaves += leaves;
    summary->opaque += device->values ? opaque : leaves;
    add_schema(s, device->schema);
}

static gboolean summary_device(BmStreamVisitor *v, const BmDevice *device, GError **error)
{
    SummaryStream *s = (SummaryStream *)v;

    if (!bm_stream_device(s->checks, device, error)) {
        return FALSE;
    }
    add_device(s, device);
    return TRUE;
}

/* ---- live sections ---- */

static gboolean summary_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                   GError **error)
{
    (void)section;
    (void)error;
    summary_of(s)->parts += phase == BM_PHASE_PART;
    return TRUE;
}

/* A later list stands for the earlier one. */
static void set_blocks(BmSummary *summary, const BmItem *item)
{
    bm_block_list_set(summary->blocks, item);
}

static gboolean summary_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    BmSummary *summary = summary_of(s);

    (void)error;
    switch (item->type) {
    case BM_ITEM_PAGE_SIZE:
        summary->page_size = item->value;
        break;
    case BM_ITEM_BLOCKS:
        set_blocks(summary, item);
        break;
    case BM_ITEM_PAGES:
        summary->pages += item->count;
        break;
    case BM_ITEM_ZEROS:
        summary->zero_pages += item->count;
        break;
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        summary->encoded_pages++;
        break;
    case BM_ITEM_CHUNK:
        summary->chunks++;
        break;
    case BM_ITEM_OCTETS:
    case BM_ITEM_NAMED:
    case BM_ITEM_MARK:
    case BM_ITEM_MEET:
    case BM_ITEM_PROGRESS:
    case BM_ITEM_HASH_SIZE:
    case BM_ITEM_BITMAP_BITS:
    case BM_ITEM_BITMAP_END:
        break;
    case BM_ITEM_BITMAP_START:
        summary->bitmaps++;
        break;
    case BM_ITEM_SLOTS:
        summary->slots += item->data.len / BM_SLOT_SIZE + item->count;
        break;
    }
    return TRUE;
}

static gboolean summary_channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    BmSummary *summary = summary_of(s);

    (void)error;
    summary->channels = MAX(summary->channels, (uint64_t)item->number + 1);
    summary->packets += item->type == BM_CHANNEL_PACKET;
    summary->zero_pages += item->zero;
    if (item->flags & BM_CHANNEL_METHOD) {
        summary->encoded_pages += item->full;
    } else {
        summary->pages += item->full;
    }
    if (item->type == BM_CHANNEL_PACKET && summary->page_size == 0) {
        summary->page_size = item->page_size;
    }
    return TRUE;
}

/* ---- the rest ---- */

static gboolean summary_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    (void)code;
    (void)data;
    (void)error;
    summary_of(s)->commands++;
    return TRUE;
}

static gboolean summary_package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    (void)length;
    (void)error;
    summary_of(s)->packages++;
    return TRUE;
}

static gboolean summary_finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    BmSummary *summary = summary_of(s);

    (void)error;
    summary->finished = TRUE;
    summary->described = d->present;
    summary->derived = d->present && d->derived;
    if (summary->page_size == 0 && summary->derived) {
        summary->page_size = d->page_size;
    }
    return TRUE;
}

static gboolean summary_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data,
                                  GError **error)
{
    (void)reason;
    (void)error;
    summary_of(s)->remainder += data.len;
    return TRUE;
}

static void summary_free(BmStreamVisitor *v)
{
    SummaryStream *s = (SummaryStream *)v;

    bm_stream_free(s->checks);
    g_hash_table_destroy(s->schemas);
    g_free(s);
}

static const BmStreamOps summary_ops = {
    .begin = summary_begin,
    .configuration = summary_configuration,
    .announce = summary_announce,
    .device = summary_device,
    .live_begin = summary_live_begin,
    .live_item = summary_live_item,
    .channel = summary_channel,
    .command = summary_command,
    .package_begin = summary_package_begin,
    .finish = summary_finish,
    .remainder = summary_remainder,
    .free = summary_free,
};

BmStreamVisitor *bm_summary_stream(BmSummary *summary)
{
    SummaryStream *s = g_new0(SummaryStream, 1);

    *summary = (BmSummary){0};
    summary->capabilities = g_ptr_array_new_with_free_func(g_free);
    summary->outcome_capabilities = g_ptr_array_new_with_free_func(g_free);
    summary->blocks = bm_block_list_new();
    s->base.ops = &summary_ops;
    s->summary = summary;
    s->checks = bm_null_stream();
    s->schemas = g_hash_table_new(NULL, NULL);
    return &s->base;
}

void bm_summary_clear(BmSummary *summary)
{
    g_free(summary->machine);
    g_free(summary->outcome_peer);
    g_free(summary->outcome_reason);
    g_clear_pointer(&summary->outcome_capabilities, g_ptr_array_unref);
    if (summary->capabilities) {
        g_ptr_array_free(summary->capabilities, TRUE);
    }
    if (summary->blocks) {
        g_array_free(summary->blocks, TRUE);
    }
    *summary = (BmSummary){0};
}
