/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading a machine: an operation that hands live items on as they come, and
 * holds devices until the stream was found whole.
 */
#include <string.h>

#include "legacy.h"
#include "machine-impl.h"

/* A live section of the stream. */
typedef struct Live {
    const BmEntry *entry;
    uint32_t id, version;
    gboolean ended;
} Live;

typedef struct MachineLoad {
    BmStreamVisitor base;
    BmMachine *machine;
    BmMachineReport *report; /* may be NULL */
    GArray *live;            /* Live, at most one per registered section */
    guint at;                /* the one at work */
    BmPhase phase;
    GPtrArray *held;  /* BmHeld, as they came */
    GHashTable *came; /* BmEntry: a set */
} MachineLoad;

static MachineLoad *self(BmStreamVisitor *s)
{
    return (MachineLoad *)s;
}

/* ---- reports ---- */

void bm_machine_report_init(BmMachineReport *report)
{
    bm_load_report_init(&report->fields);
    report->missing = g_ptr_array_new_with_free_func(g_free);
}

void bm_machine_report_clear(BmMachineReport *report)
{
    bm_load_report_clear(&report->fields);
    g_clear_pointer(&report->missing, g_ptr_array_unref);
}

/* ---- what the stream begins with ---- */

static gboolean begin(BmStreamVisitor *s, const BmPreamble *p, GError **error)
{
    (void)s;
    return p->direction == BM_FORWARD ||
           bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL, "a return stream holds no machine");
}

static gboolean check_capabilities(const BmConfiguration *c, GError **error)
{
    for (char *const *name = c->capabilities; c->has_capabilities && *name; name++) {
        /* It is about files, and the source has read one. */
        if (strcmp(*name, BM_LEGACY_MAPPED) != 0) {
            return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, "configuration",
                                "it was saved with the capability %s, which is not known here",
                                *name);
        }
    }
    return TRUE;
}

static gboolean configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    const BmMachine *m = self(s)->machine;

    if (m->type && strcmp(m->type, c->machine) != 0) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, "configuration",
                            "it was saved by the machine type \"%s\", this is \"%s\"", c->machine,
                            m->type);
    }
    if (c->has_page_bits && (c->page_bits > 16 || UINT64_C(1) << c->page_bits != m->page_size)) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, "configuration",
                            "pages of 2^%u octets, here they have %" G_GUINT64_FORMAT, c->page_bits,
                            m->page_size);
    }
    return check_capabilities(c, error);
}

/* ---- sections ---- */

static gboolean check_version(const BmEntry *e, uint32_t version, GError **error)
{
    if (version < e->minimum_version || version > e->section.version) {
        return bm_error_set(error, BM_BAD_VERSION, BM_NO_OFFSET, e->section.name,
                            "version %u of this section, known are %u to %u", version,
                            e->minimum_version, e->section.version);
    }
    return TRUE;
}

/* The entry of a section that comes for the first time, of the sort that it was
 * registered as. */
static const BmEntry *take_entry(MachineLoad *l, const BmSection *section, gboolean live,
                                 GError **error)
{
    BmEntry *e = bm_machine_find(l->machine, section->name, section->instance);

    if (!e) {
        bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, section->name,
                     "this machine has no section \"%s\" of instance %u", section->name,
                     section->instance);
        return NULL;
    }
    if ((e->kind == BM_ENTRY_LIVE) != live) {
        bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, section->name, "%s, here it is %s",
                     live ? "a live section" : "a device", live ? "a device" : "a live section");
        return NULL;
    }
    if (!check_version(e, section->version, error)) {
        return NULL;
    }
    if (!g_hash_table_add(l->came, e)) {
        bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, section->name, "instance %u comes twice",
                     section->instance);
        return NULL;
    }
    return e;
}

static gboolean device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    MachineLoad *l = self(s);
    const BmEntry *e = take_entry(l, &d->section, FALSE, error);
    BmHeld *held = e ? bm_held_new(e, d, error) : NULL;

    if (!held) {
        return FALSE;
    }
    g_ptr_array_add(l->held, held);
    return TRUE;
}

/* ---- live sections ---- */

static Live *current(MachineLoad *l)
{
    return &g_array_index(l->live, Live, l->at);
}

static gboolean start(MachineLoad *l, const BmSection *section, GError **error)
{
    Live live = {.entry = take_entry(l, section, TRUE, error),
                 .id = section->id,
                 .version = section->version};

    if (!live.entry) {
        return FALSE;
    }
    l->at = l->live->len;
    g_array_append_val(l->live, live);
    return TRUE;
}

/* The latest one of an id: a Start begins another section with it. */
static gboolean resume(MachineLoad *l, BmPhase phase, const BmSection *section, GError **error)
{
    for (guint i = l->live->len; i > 0; i--) {
        Live *live = &g_array_index(l->live, Live, i - 1);

        if (live->id != section->id) {
            continue;
        }
        if (live->ended) {
            return bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, section->name,
                                "a piece of this section behind its last one");
        }
        live->ended = phase == BM_PHASE_END;
        l->at = i - 1;
        return TRUE;
    }
    return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, section->name,
                        "section %u has had no start", section->id);
}

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    MachineLoad *l = self(s);
    const BmEntry *e;

    if (phase == BM_PHASE_START ? !start(l, section, error) : !resume(l, phase, section, error)) {
        return FALSE;
    }
    l->phase = phase;
    e = current(l)->entry;
    return !e->live->load_begin ||
           e->live->load_begin(e->opaque, phase, current(l)->version, error) ||
           bm_entry_failed(e, "load_begin", error);
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    const BmEntry *e = current(self(s))->entry;

    return e->live->load_item(e->opaque, item, error) || bm_entry_failed(e, "load_item", error);
}

static uint8_t *place(BmStreamVisitor *s, const BmItem *item)
{
    const BmEntry *e = current(self(s))->entry;

    return e->live->load_place ? e->live->load_place(e->opaque, item) : NULL;
}

static gboolean live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    MachineLoad *l = self(s);
    const BmEntry *e = current(l)->entry;

    (void)bare;
    return !e->live->load_end || e->live->load_end(e->opaque, l->phase, error) ||
           bm_entry_failed(e, "load_end", error);
}

/* ---- what is no state ---- */

/* Those of QEMU that ask for nothing but an answer or attention. */
static gboolean command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    enum { OPEN_RETURN_PATH = 1, PING = 2, SWITCHOVER_START = 11 };

    (void)s;
    (void)data;
    return code == OPEN_RETURN_PATH || code == PING || code == SWITCHOVER_START ||
           bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                        "command %u, which is not for a machine that loads all at once", code);
}

static gboolean package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    (void)s;
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                        "a package of %u octets: pages that come behind the devices are not "
                        "loaded here",
                        length);
}

static gboolean remainder_of(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    (void)s;
    (void)data;
    return reason == BM_REASON_TRAILING ||
           bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                        "octets of which nobody knows what they are");
}

/* ---- the end ---- */

static void name_missing(MachineLoad *l, GPtrArray *missing)
{
    for (guint i = 0; i < l->machine->entries->len; i++) {
        const BmEntry *e = l->machine->entries->pdata[i];

        if (!g_hash_table_contains(l->came, e)) {
            g_ptr_array_add(missing,
                            e->section.instance == 0
                                ? g_strdup(e->section.name)
                                : g_strdup_printf("%s#%u", e->section.name, e->section.instance));
        }
    }
}

static gboolean check_missing(MachineLoad *l, GError **error)
{
    g_autoptr(GPtrArray) missing = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *names = NULL;

    if (l->report) {
        name_missing(l, l->report->missing);
        return TRUE;
    }
    name_missing(l, missing);
    if (missing->len == 0) {
        return TRUE;
    }
    g_ptr_array_add(missing, NULL);
    names = g_strjoinv(", ", (char **)missing->pdata);
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "the stream has no state of %s",
                        names);
}

/* Those of one priority as they came: few enough for a look at all, and sorting by
 * moving only what must move keeps their order. */
static void sort_by_priority(GPtrArray *held)
{
    for (guint i = 1; i < held->len; i++) {
        gpointer one = held->pdata[i];
        int priority = bm_held_entry(one)->priority;
        guint at = i;

        for (; at > 0 && bm_held_entry(held->pdata[at - 1])->priority < priority; at--) {
            held->pdata[at] = held->pdata[at - 1];
        }
        held->pdata[at] = one;
    }
}

static gboolean end(BmStreamVisitor *s, GError **error)
{
    MachineLoad *l = self(s);

    if (!check_missing(l, error)) {
        return FALSE;
    }
    sort_by_priority(l->held);
    for (guint i = 0; i < l->held->len; i++) {
        if (!bm_held_load(l->held->pdata[i], l->report ? &l->report->fields : NULL, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static void free_load(BmStreamVisitor *s)
{
    MachineLoad *l = self(s);

    for (guint i = 0; i < l->live->len; i++) {
        const BmEntry *e = g_array_index(l->live, Live, i).entry;

        if (e->live->cleanup) {
            e->live->cleanup(e->opaque);
        }
    }
    g_array_unref(l->live);
    g_ptr_array_unref(l->held);
    g_hash_table_unref(l->came);
    g_free(l);
}

static void free_held(gpointer data)
{
    bm_held_free(data);
}

/* bm_gather_stream() before it makes them pages of the stream. */
static gboolean channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    (void)s;
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                        "a stream with page channels (of multifd): channel %u", item->number);
}

static const BmStreamOps machine_load_ops = {
    .begin = begin,
    .configuration = configuration,
    .device = device,
    .live_begin = live_begin,
    .live_item = live_item,
    .live_end = live_end,
    .channel = channel,
    .place = place,
    .command = command,
    .package_begin = package_begin,
    .remainder = remainder_of,
    .end = end,
    .free = free_load,
};

BmStreamVisitor *bm_machine_load_new(BmMachine *machine, BmMachineReport *report)
{
    MachineLoad *l = g_new0(MachineLoad, 1);

    l->base.ops = &machine_load_ops;
    l->machine = machine;
    l->report = report;
    l->live = g_array_new(FALSE, FALSE, sizeof(Live));
    l->held = g_ptr_array_new_with_free_func(free_held);
    l->came = g_hash_table_new(NULL, NULL);
    return &l->base;
}
