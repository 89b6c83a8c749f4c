/* SPDX-License-Identifier: BSD-2-Clause */
#include "tiny.h"

#include <criterion/criterion.h>
#include <string.h>

#include "table.h"

/* Notes a call; FALSE if it is the one that shall fail. */
static gboolean note(TinyLog *log, const char *call, GError **error)
{
    g_string_append_printf(log->calls, "%s%s", log->calls->len > 0 ? " " : "", call);
    if (g_strcmp0(log->fail, call) != 0) {
        return TRUE;
    }
    if (!log->silent) {
        bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL, "the test wants it");
    }
    return FALSE;
}

/* ---- a timer: a table ---- */

static const BmTableField timer_fields[] = {
    BM_FIELD_U32(TinyTimer, reload),
    BM_FIELD_BOOL(TinyTimer, running),
    BM_FIELD_TIMER(TinyTimer, deadline),
    BM_FIELD_END,
};

const BmTable tiny_timer_table = {
    .name = "timer",
    .version = 2,
    .minimum_version = 1,
    .fields = timer_fields,
    .size = sizeof(TinyTimer),
    .priority = 10,
};

/* ---- a lamp: calls ---- */

static gboolean lamp_visit(BmDirect *d, void *object)
{
    Tiny *t = object;

    if (!note(&t->log, bm_direct_is_loading(d) ? "lamp.load" : "lamp.save", NULL)) {
        return bm_direct_refuse(d, "the test wants it");
    }
    return bm_direct_u16(d, "level", &t->lamp.level) &&
           bm_direct_array(d, "colours", BM_TYPE_U8, t->lamp.colours, 3, 3);
}

const BmDirectDevice tiny_lamp_device = {"lamp", 1, 1, lamp_visit};

/* ---- a box: octets ---- */

static gboolean box_save(void *opaque, GByteArray *octets, GError **error)
{
    Tiny *t = opaque;

    g_byte_array_append(octets, (const guint8 *)t->box, (guint)strlen(t->box));
    return note(&t->log, "box.save", error);
}

static gboolean box_load(void *opaque, uint32_t version, BmOctets octets, GError **error)
{
    Tiny *t = opaque;

    (void)version;
    if (!note(&t->log, "box.load", error)) {
        return FALSE;
    }
    if (octets.len >= sizeof t->box) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "too much for a box");
    }
    memcpy(t->box, octets.data, octets.len);
    t->box[octets.len] = '\0';
    return TRUE;
}

const BmOctetsDevice tiny_box_device = {
    .version = 3,
    .minimum_version = 3,
    .save = box_save,
    .load = box_load,
};

/* ---- a hash table: a live section ---- */

static gboolean is_used(const TinyHash *hash, uint32_t slot)
{
    return hash->slots[slot][0] != 0;
}

static gboolean hash_setup(void *opaque, BmStreamVisitor *out, GError **error)
{
    const BmItem item = {.type = BM_ITEM_HASH_SIZE, .value = TINY_HASH_SIZE};
    Tiny *t = opaque;

    t->hash->next = 0;
    return note(&t->log, "hash.setup", error) && bm_stream_live_item(out, &item, error);
}

/* Used slots, then unused ones, from the next slot on. */
static gboolean give_slots(TinyHash *hash, uint32_t most, BmStreamVisitor *out, GError **error)
{
    uint32_t first = hash->next, end = MIN(first + most, TINY_SLOTS), used = first, unused;
    BmItem item = {.type = BM_ITEM_SLOTS, .page = first};

    while (used < end && is_used(hash, used)) {
        used++;
    }
    for (unused = used; unused < end && !is_used(hash, unused); unused++) {
    }
    item.data = (BmOctets){hash->slots[first], (used - first) * BM_SLOT_SIZE};
    item.count = unused - used;
    hash->next = unused;
    return bm_stream_live_item(out, &item, error);
}

static gboolean hash_iterate(void *opaque, BmStreamVisitor *out, uint64_t budget, GError **error)
{
    Tiny *t = opaque;

    return note(&t->log, "hash.iterate", error) &&
           give_slots(t->hash, (uint32_t)MAX(budget / BM_SLOT_SIZE, 1), out, error);
}

static uint64_t hash_remaining(void *opaque)
{
    return (uint64_t)(TINY_SLOTS - ((Tiny *)opaque)->hash->next) * BM_SLOT_SIZE;
}

static gboolean hash_complete(void *opaque, BmStreamVisitor *out, GError **error)
{
    Tiny *t = opaque;

    if (!note(&t->log, "hash.complete", error)) {
        return FALSE;
    }
    while (t->hash->next < TINY_SLOTS) {
        if (!give_slots(t->hash, TINY_SLOTS, out, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean hash_load_begin(void *opaque, BmPhase phase, uint32_t version, GError **error)
{
    static const char *const calls[] = {"hash.load_start", "hash.load_part", "hash.load_last"};

    cr_assert_eq(version, 1);
    return note(&((Tiny *)opaque)->log, calls[phase], error);
}

static gboolean hash_load_slots(TinyHash *hash, const BmItem *item, GError **error)
{
    uint64_t used = item->data.len / BM_SLOT_SIZE;

    if (!bm_slots_fit(TINY_SLOTS, item->page, used + item->count)) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "slots outside");
    }
    memcpy(hash->slots[item->page], item->data.data, item->data.len);
    memset(hash->slots[item->page + used], 0, item->count * BM_SLOT_SIZE);
    return TRUE;
}

static gboolean hash_load_item(void *opaque, const BmItem *item, GError **error)
{
    Tiny *t = opaque;

    if (!note(&t->log, "hash.load_item", error)) {
        return FALSE;
    }
    if (item->type == BM_ITEM_HASH_SIZE) {
        return item->value == TINY_HASH_SIZE ||
               bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "another size");
    }
    cr_assert_eq(item->type, BM_ITEM_SLOTS);
    return hash_load_slots(t->hash, item, error);
}

static gboolean hash_load_end(void *opaque, BmPhase phase, GError **error)
{
    (void)phase;
    return note(&((Tiny *)opaque)->log, "hash.load_end", error);
}

static void hash_cleanup(void *opaque)
{
    note(&((Tiny *)opaque)->log, "hash.cleanup", NULL);
}

const BmLiveHandlers tiny_hash_handlers = {
    .version = 1,
    .minimum_version = 1,
    .setup = hash_setup,
    .iterate = hash_iterate,
    .remaining = hash_remaining,
    .complete = hash_complete,
    .load_begin = hash_load_begin,
    .load_item = hash_load_item,
    .load_end = hash_load_end,
    .cleanup = hash_cleanup,
};

/* ---- the machine ---- */

Tiny *tiny_bare(const char *type, uint64_t page_size)
{
    Tiny *t = g_new0(Tiny, 1);

    t->machine = bm_machine_new(type, page_size);
    cr_assert_not_null(t->machine);
    t->memory = g_malloc0(TINY_PAGES * TINY_PAGE);
    t->rom = g_malloc0(TINY_ROM_PAGES * TINY_PAGE);
    t->hash = g_new0(TinyHash, 1);
    t->log.calls = g_string_new(NULL);
    return t;
}

/* Not in the order of their priorities. */
Tiny *tiny_new(void)
{
    Tiny *t = tiny_bare("tiny", TINY_PAGE);
    BmMachine *m = t->machine;
    GError *e = NULL;

    t->ram = bm_ram_new(TINY_PAGE);
    t->area = bm_ram_add(t->ram, "pc.ram", t->memory, TINY_PAGES * TINY_PAGE, &e);
    cr_assert_not_null(t->area);
    cr_assert_not_null(bm_ram_add(t->ram, "rom", t->rom, TINY_ROM_PAGES * TINY_PAGE, &e));
    cr_assert(bm_machine_add_octets(m, "box", 0, &tiny_box_device, t, 0, &e));
    cr_assert(bm_machine_add_table(m, "board/timer", 1, &tiny_timer_table, &t->timer, &e));
    cr_assert(bm_machine_add_direct(m, "board/lamp", 0, &tiny_lamp_device, t, 20, &e));
    cr_assert(bm_machine_add_live(m, "ram", 0, &bm_ram_handlers, t->ram, &e));
    cr_assert(bm_machine_add_live(m, "spapr/htab", 0, &tiny_hash_handlers, t, &e));
    return t;
}

void tiny_free(Tiny *t)
{
    bm_machine_free(t->machine);
    bm_ram_free(t->ram);
    g_string_free(t->log.calls, TRUE);
    g_free(t->hash);
    g_free(t->rom);
    g_free(t->memory);
    g_free(t);
}

/* Some pages and slots zero, some not, in runs of all lengths. */
static void fill_octets(GRand *rand, uint8_t *octets, size_t count, size_t size)
{
    gboolean used = FALSE;

    for (size_t i = 0; i < count; i++) {
        used = g_rand_int_range(rand, 0, 4) == 0 ? !used : used;
        memset(octets + i * size, used ? g_rand_int_range(rand, 1, 256) : 0, size);
    }
}

void tiny_fill(Tiny *t, unsigned seed)
{
    GRand *rand = g_rand_new_with_seed(seed);

    fill_octets(rand, t->memory, TINY_PAGES, TINY_PAGE);
    fill_octets(rand, t->rom, TINY_ROM_PAGES, TINY_PAGE);
    fill_octets(rand, t->hash->slots[0], TINY_SLOTS, BM_SLOT_SIZE);
    t->timer = (TinyTimer){g_rand_int(rand), g_rand_boolean(rand), g_rand_int(rand)};
    t->lamp = (TinyLamp){(uint16_t)g_rand_int(rand), {1, 2, (uint8_t)seed}};
    g_snprintf(t->box, sizeof t->box, "box %u", seed);
    g_rand_free(rand);
}

gboolean tiny_equal(const Tiny *a, const Tiny *b)
{
    return memcmp(a->memory, b->memory, TINY_PAGES * TINY_PAGE) == 0 &&
           memcmp(a->rom, b->rom, TINY_ROM_PAGES * TINY_PAGE) == 0 &&
           memcmp(a->hash->slots, b->hash->slots, sizeof a->hash->slots) == 0 &&
           a->timer.reload == b->timer.reload && a->timer.running == b->timer.running &&
           a->timer.deadline == b->timer.deadline && a->lamp.level == b->lamp.level &&
           memcmp(a->lamp.colours, b->lamp.colours, sizeof a->lamp.colours) == 0 &&
           strcmp(a->box, b->box) == 0;
}

/* ---- streams ---- */

BmStreamVisitor *tiny_writer(TinyForm form, BmOutput *out)
{
    return form == TINY_BER ? bm_ber_stream_out(out, 1, NULL) : bm_legacy_stream_out(out);
}

BmOutput *tiny_save(Tiny *t, TinyForm form)
{
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = tiny_writer(form, out);
    BmMachineSave *save = bm_machine_save_new(t->machine, s);
    GError *error = NULL;

    cr_assert(bm_machine_save_setup(save, &error), "%s", error ? error->message : "");
    cr_assert(bm_machine_save_complete(save, &error), "%s", error ? error->message : "");
    bm_machine_save_free(save);
    bm_stream_free(s);
    return out;
}

gboolean tiny_read(TinyForm form, BmOctets octets, BmStreamVisitor *s, GError **error)
{
    BmInput *in = bm_input_memory(octets.data, octets.len);
    gboolean ok = form == TINY_BER ? bm_ber_stream_read(in, s, FALSE, NULL, error)
                                   : bm_legacy_read(in, s, NULL, error);

    bm_input_free(in);
    return ok;
}

gboolean tiny_load(Tiny *t, TinyForm form, BmOctets octets, BmMachineReport *report, GError **error)
{
    BmStreamVisitor *s = bm_machine_load_new(t->machine, report);
    gboolean ok = tiny_read(form, octets, s, error);

    bm_stream_free(s);
    return ok;
}
