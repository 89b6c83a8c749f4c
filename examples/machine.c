/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tiny machine monitor: memory, a device and a hash table that is sent while the
 * guest runs, saved to a file and loaded again.  bm_legacy_stream_out() and
 * bm_legacy_read() instead of the two with "ber" make it QEMU's own format.
 *
 * usage: machine FILE
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "ram.h"

#define PAGE 4096
#define MEMORY (4u << 20)
#define HASH_SIZE 18
#define SLOTS ((1u << HASH_SIZE) / BM_SLOT_SIZE)

/* ---- the guest's state ---- */

typedef struct Clock {
    bool running;
    uint64_t ticks;
} Clock;

typedef struct Hash {
    uint8_t slots[SLOTS][BM_SLOT_SIZE];
    uint32_t sent; /* slots, while it is saved */
} Hash;

typedef struct Guest {
    uint8_t *memory;
    Clock clock;
    Hash hash;
    BmRam *ram;
    BmRamArea *area;
    BmMachine *machine;
} Guest;

/* ---- a device: its table ---- */

static const BmTableField clock_fields[] = {
    BM_FIELD_BOOL(Clock, running),
    BM_FIELD_U64(Clock, ticks),
    BM_FIELD_END,
};

static const BmTable clock_table = {
    .name = "clock",
    .version = 1,
    .minimum_version = 1,
    .fields = clock_fields,
    .size = sizeof(Clock),
};

/* ---- a live section: its handlers.  Here all slots go with their content; what is
 * unused could go as a number, `count` ---- */

static gboolean hash_setup(void *opaque, BmStreamVisitor *out, GError **error)
{
    ((Hash *)opaque)->sent = 0;
    return bm_stream_live_item(out, &(BmItem){.type = BM_ITEM_HASH_SIZE, .value = HASH_SIZE},
                               error);
}

static uint64_t hash_remaining(void *opaque)
{
    return (uint64_t)(SLOTS - ((Hash *)opaque)->sent) * BM_SLOT_SIZE;
}

static gboolean hash_iterate(void *opaque, BmStreamVisitor *out, uint64_t budget, GError **error)
{
    Hash *hash = opaque;
    uint64_t most = MIN(MAX(budget / BM_SLOT_SIZE, 1), BM_SLOTS_MAX);
    uint32_t first = hash->sent, n = (uint32_t)MIN(most, SLOTS - first);

    hash->sent += n;
    return bm_stream_live_item(out,
                               &(BmItem){.type = BM_ITEM_SLOTS,
                                         .page = first,
                                         .data = {hash->slots[first], n * BM_SLOT_SIZE}},
                               error);
}

static gboolean hash_complete(void *opaque, BmStreamVisitor *out, GError **error)
{
    while (hash_remaining(opaque) > 0) {
        if (!hash_iterate(opaque, out, UINT64_MAX, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean hash_load_item(void *opaque, const BmItem *item, GError **error)
{
    Hash *hash = opaque;
    uint64_t used = item->data.len / BM_SLOT_SIZE;

    if (item->type == BM_ITEM_HASH_SIZE && item->value == HASH_SIZE) {
        return TRUE;
    }
    /* Whatever comes: it must lie in this table. */
    if (item->type != BM_ITEM_SLOTS || !bm_slots_fit(SLOTS, item->page, used + item->count)) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "a hash table of another size");
    }
    memcpy(hash->slots[item->page], item->data.data, item->data.len);
    memset(hash->slots[item->page + used], 0, item->count * BM_SLOT_SIZE);
    return TRUE;
}

static const BmLiveHandlers hash_handlers = {
    .version = 1,
    .minimum_version = 1,
    .setup = hash_setup,
    .iterate = hash_iterate,
    .remaining = hash_remaining,
    .complete = hash_complete,
    .load_item = hash_load_item,
};

/* ---- the machine: what there is ---- */

static gboolean guest_init(Guest *g, GError **error)
{
    g->memory = g_malloc0(MEMORY);
    g->machine = bm_machine_new("example", PAGE);
    g->ram = bm_ram_new(PAGE);
    g->area = bm_ram_add(g->ram, "pc.ram", g->memory, MEMORY, error);
    return g->area && bm_machine_add_live(g->machine, "ram", 0, &bm_ram_handlers, g->ram, error) &&
           bm_machine_add_live(g->machine, "spapr/htab", 0, &hash_handlers, &g->hash, error) &&
           bm_machine_add_table(g->machine, "clock", 0, &clock_table, &g->clock, error);
}

static void guest_clear(Guest *g)
{
    bm_machine_free(g->machine);
    bm_ram_free(g->ram);
    g_free(g->memory);
}

/* What a guest does while its state is saved. */
static void guest_run(Guest *g)
{
    uint64_t at = ++g->clock.ticks * 123457 % MEMORY;

    g->memory[at]++;
    bm_ram_mark_dirty(g->area, at, 1);
}

/* ---- saving and loading ---- */

static gboolean save(Guest *g, int fd, GError **error)
{
    BmOutput *output = bm_output_fd(fd);
    BmStreamVisitor *out = bm_ber_stream_out(output, 1, NULL);
    BmMachineSave *saving = bm_machine_save_new(g->machine, out);
    gboolean ok = bm_machine_save_setup(saving, error);

    for (int i = 0; ok && i < 100 && bm_machine_save_remaining(saving) > 16 * PAGE; i++) {
        ok = bm_machine_save_iterate(saving, 1 << 20, error);
        guest_run(g);
    }
    g->clock.running = FALSE; /* from here on it stands still */
    ok = ok && bm_machine_save_complete(saving, error);
    bm_machine_save_free(saving);
    bm_stream_free(out);
    bm_output_free(output);
    return ok;
}

static gboolean load(Guest *g, int fd, GError **error)
{
    BmInput *input = bm_input_fd(fd);
    BmStreamVisitor *in = bm_machine_load_new(g->machine, NULL);
    gboolean ok = bm_ber_stream_read(input, in, FALSE, NULL, error);

    bm_stream_free(in);
    bm_input_free(input);
    return ok;
}

static gboolean save_and_load(Guest *here, Guest *there, int fd, GError **error)
{
    return guest_init(here, error) && guest_init(there, error) && save(here, fd, error) &&
           lseek(fd, 0, SEEK_SET) == 0 && load(there, fd, error);
}

int main(int argc, char **argv)
{
    static Guest here = {.clock = {TRUE, 1}, .hash.slots[7] = "seven"}, there;
    GError *error = NULL;
    int fd = argc == 2 ? open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600) : -1;
    gboolean same;

    if (fd < 0) {
        perror(argc == 2 ? argv[1] : "usage: machine FILE");
        return 2;
    }
    if (!save_and_load(&here, &there, fd, &error)) {
        fprintf(stderr, "%s: %s: %s\n", argv[1], bm_error_path(error),
                error ? error->message : strerror(errno));
        return 1;
    }
    same = memcmp(here.memory, there.memory, MEMORY) == 0 &&
           memcmp(here.hash.slots, there.hash.slots, sizeof here.hash.slots) == 0 &&
           here.clock.ticks == there.clock.ticks && !there.clock.running;
    printf("%lld octets, %llu ticks, %s\n", (long long)lseek(fd, 0, SEEK_END),
           (unsigned long long)there.clock.ticks, same ? "the same" : "not the same");
    close(fd);
    guest_clear(&here);
    guest_clear(&there);
    return same ? 0 : 1;
}
