/* SPDX-License-Identifier: BSD-2-Clause */
/* Saving a machine: a source of which the caller says when the guest stops. */
#include "machine-impl.h"

typedef enum Stage { STAGE_NEW, STAGE_RUNNING, STAGE_DONE, STAGE_FAILED } Stage;

struct BmMachineSave {
    BmMachine *machine;
    BmStreamVisitor *out;
    BmSchemaSet *set;
    Stage stage;
    guint begun; /* entries, in their order, of which the live ones were set up */
};

BmMachineSave *bm_machine_save_new(BmMachine *machine, BmStreamVisitor *out)
{
    BmMachineSave *save = g_new0(BmMachineSave, 1);

    save->machine = machine;
    save->out = out;
    save->set = bm_schema_set_new();
    return save;
}

static BmEntry *entry_at(const BmMachineSave *save, guint i)
{
    return save->machine->entries->pdata[i];
}

void bm_machine_save_free(BmMachineSave *save)
{
    if (!save) {
        return;
    }
    for (guint i = 0; i < save->begun; i++) {
        const BmEntry *e = entry_at(save, i);

        if (e->kind == BM_ENTRY_LIVE && e->live->cleanup) {
            e->live->cleanup(e->opaque);
        }
    }
    bm_schema_set_free(save->set);
    g_free(save);
}

/* The one place where the stage moves: FAILED until the step has succeeded. */
static gboolean enter(BmMachineSave *save, Stage expected, const char *what, GError **error)
{
    Stage stage = save->stage;

    save->stage = STAGE_FAILED;
    return stage == expected ||
           bm_error_set(error, BM_BAD_ORDER, BM_NO_OFFSET, NULL, "%s of a saving that %s", what,
                        stage == STAGE_NEW       ? "has not been set up"
                        : stage == STAGE_RUNNING ? "has been set up"
                        : stage == STAGE_DONE    ? "is complete"
                                                 : "has failed");
}

static gboolean leave(BmMachineSave *save, Stage stage)
{
    save->stage = stage;
    return TRUE;
}

/* ---- live sections ---- */

/* The item functions of a phase; NULL gives an empty piece. */
typedef gboolean (*Give)(const BmEntry *, BmStreamVisitor *, uint64_t, GError **);

static gboolean give_setup(const BmEntry *e, BmStreamVisitor *out, uint64_t budget, GError **error)
{
    (void)budget;
    return !e->live->setup || e->live->setup(e->opaque, out, error) ||
           bm_entry_failed(e, "setup", error);
}

static gboolean give_part(const BmEntry *e, BmStreamVisitor *out, uint64_t budget, GError **error)
{
    return e->live->iterate(e->opaque, out, budget, error) || bm_entry_failed(e, "iterate", error);
}

static gboolean give_last(const BmEntry *e, BmStreamVisitor *out, uint64_t budget, GError **error)
{
    (void)budget;
    return !e->live->complete || e->live->complete(e->opaque, out, error) ||
           bm_entry_failed(e, "complete", error);
}

static gboolean piece(BmMachineSave *save, const BmEntry *e, BmPhase phase, Give give,
                      uint64_t budget, GError **error)
{
    return bm_stream_live_begin(save->out, phase, &e->section, error) &&
           give(e, save->out, budget, error) && bm_stream_live_end(save->out, FALSE, error);
}

static uint64_t remaining(const BmEntry *e)
{
    return e->kind == BM_ENTRY_LIVE && e->live->iterate ? e->live->remaining(e->opaque) : 0;
}

uint64_t bm_machine_save_remaining(const BmMachineSave *save)
{
    uint64_t sum = 0;

    for (guint i = 0; save->stage == STAGE_RUNNING && i < save->begun; i++) {
        uint64_t n = remaining(entry_at(save, i));

        sum = n > UINT64_MAX - sum ? UINT64_MAX : sum + n;
    }
    return sum;
}

/* ---- setup and parts ---- */

static unsigned page_bits(uint64_t page_size)
{
    unsigned bits = 0;

    while (UINT64_C(1) << bits < page_size) {
        bits++;
    }
    return bits;
}

static gboolean begin(BmMachineSave *save, GError **error)
{
    const BmMachine *m = save->machine;
    const BmPreamble preamble = {.major = BM_VERSION_MAJOR,
                                 .minor = BM_VERSION_MINOR,
                                 .direction = BM_FORWARD,
                                 .generator = "libbermig " BM_PACKAGE_VERSION};
    const BmConfiguration c = {
        .machine = m->type, .has_page_bits = TRUE, .page_bits = page_bits(m->page_size)};

    return bm_stream_begin(save->out, &preamble, error) &&
           (!m->type || bm_stream_configuration(save->out, &c, error));
}

gboolean bm_machine_save_setup(BmMachineSave *save, GError **error)
{
    if (!enter(save, STAGE_NEW, "setup", error) || !begin(save, error)) {
        return FALSE;
    }
    for (guint i = 0; i < save->machine->entries->len; i++) {
        const BmEntry *e = entry_at(save, i);

        save->begun = i + 1;
        if (e->kind == BM_ENTRY_LIVE && !piece(save, e, BM_PHASE_START, give_setup, 0, error)) {
            return FALSE;
        }
    }
    return leave(save, STAGE_RUNNING);
}

gboolean bm_machine_save_iterate(BmMachineSave *save, uint64_t budget, GError **error)
{
    if (!enter(save, STAGE_RUNNING, "a part", error)) {
        return FALSE;
    }
    for (guint i = 0; i < save->begun; i++) {
        const BmEntry *e = entry_at(save, i);

        if (remaining(e) > 0 && !piece(save, e, BM_PHASE_PART, give_part, budget, error)) {
            return FALSE;
        }
    }
    return leave(save, STAGE_RUNNING);
}

/* ---- devices ---- */

static gboolean save_table(BmMachineSave *save, const BmEntry *e, BmDevice *d, GError **error)
{
    gboolean ok;

    d->schema = bm_table_prepare(e->table, e->opaque, save->set, error);
    if (!d->schema) {
        return FALSE;
    }
    d->values = bm_visitor_table_in(e->table, e->opaque);
    ok = bm_stream_device(save->out, d, error);
    bm_visitor_free(d->values);
    /* Only what comes after saving, which a failure needs as well. */
    return bm_table_save_prepared(e->table, e->opaque, d->schema, NULL, NULL) && ok;
}

static gboolean save_direct(BmMachineSave *save, const BmEntry *e, BmDevice *d, GError **error)
{
    BmState *state = bm_direct_save(e->direct, e->opaque, error);
    gboolean ok;

    d->schema = state ? bm_state_schema(state, save->set, error) : NULL;
    if (!d->schema) {
        bm_state_free(state);
        return FALSE;
    }
    d->values = bm_visitor_state_in(state);
    ok = bm_stream_device(save->out, d, error);
    bm_visitor_free(d->values);
    bm_state_free(state);
    return ok;
}

static gboolean save_octets(BmMachineSave *save, const BmEntry *e, BmDevice *d, GError **error)
{
    g_autoptr(GByteArray) octets = g_byte_array_new();

    if (!e->octets->save(e->opaque, octets, error)) {
        return bm_entry_failed(e, "save", error);
    }
    d->schemas = NULL;
    d->octets = (BmOctets){octets->data, octets->len};
    return bm_stream_device(save->out, d, error);
}

static gboolean save_device(BmMachineSave *save, const BmEntry *e, GError **error)
{
    BmDevice d = {.section = e->section, .schemas = save->set};

    switch (e->kind) {
    case BM_ENTRY_TABLE:
        return save_table(save, e, &d, error);
    case BM_ENTRY_DIRECT:
        return save_direct(save, e, &d, error);
    case BM_ENTRY_OCTETS:
        return save_octets(save, e, &d, error);
    case BM_ENTRY_LIVE:
        break;
    }
    return TRUE;
}

/* ---- the end ---- */

static gboolean complete_live(BmMachineSave *save, GError **error)
{
    for (guint i = 0; i < save->begun; i++) {
        const BmEntry *e = entry_at(save, i);

        if (e->kind == BM_ENTRY_LIVE && !piece(save, e, BM_PHASE_END, give_last, 0, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean save_devices(BmMachineSave *save, GError **error)
{
    for (guint i = 0; i < save->begun; i++) {
        if (!save_device(save, entry_at(save, i), error)) {
            bm_error_add_path(error ? *error : NULL, entry_at(save, i)->section.name);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean bm_machine_save_complete(BmMachineSave *save, GError **error)
{
    const BmDescription d = {.present = TRUE,
                             .derived = TRUE,
                             .style = BM_STYLE_COMPACT,
                             .page_size = save->machine->page_size,
                             .schemas = save->set};

    return enter(save, STAGE_RUNNING, "completion", error) && complete_live(save, error) &&
           save_devices(save, error) && bm_stream_finish(save->out, &d, error) &&
           bm_stream_end(save->out, error) && leave(save, STAGE_DONE);
}
