/* SPDX-License-Identifier: BSD-2-Clause */
#include "two-ways.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine.h"
#include "ram.h"

#define MEMORY (TWO_WAYS_PAGE * TWO_WAYS_PAGES)
#define GUARD 4096u

static void must(gboolean ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

/* ---- memory between two pages that nobody may touch ---- */

typedef struct Guest {
    uint8_t *mapped, *memory;
    BmRam *ram;
} Guest;

static Guest new_guest(void)
{
    Guest g;

    g.mapped = mmap(NULL, MEMORY + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(g.mapped != MAP_FAILED, "no memory for a guest");
    g.memory = g.mapped + GUARD;
    must(mprotect(g.memory, MEMORY, PROT_READ | PROT_WRITE) == 0, "mprotect");
    g.ram = bm_ram_new(TWO_WAYS_PAGE);
    must(bm_ram_add(g.ram, "ram", g.memory, MEMORY, NULL) != NULL, "a block");
    return g;
}

static void clear_guest(Guest *g)
{
    bm_ram_free(g->ram);
    munmap(g->mapped, MEMORY + 2 * GUARD);
}

/* ---- a stream ---- */

static void fill(uint8_t *memory, guint32 seed)
{
    GRand *rand = g_rand_new_with_seed(seed);

    for (unsigned page = 0; page < TWO_WAYS_PAGES; page++) {
        gboolean zero = g_rand_int(rand) % 3 == 0;

        for (unsigned i = 0; i < TWO_WAYS_PAGE; i++) {
            memory[page * TWO_WAYS_PAGE + i] = zero ? 0 : (uint8_t)g_rand_int(rand);
        }
    }
    g_rand_free(rand);
}

GByteArray *two_ways_stream(guint32 seed)
{
    GByteArray *octets = g_byte_array_new();
    BmMachine *machine = bm_machine_new("two-ways", TWO_WAYS_PAGE);
    BmOutput *output = bm_output_memory();
    BmStreamVisitor *out = bm_ber_stream_out(output, 0, NULL);
    BmMachineSave *save = bm_machine_save_new(machine, out);
    Guest g = new_guest();

    fill(g.memory, seed);
    must(bm_machine_add_live(machine, "ram", 0, &bm_ram_handlers, g.ram, NULL) &&
             bm_machine_save_setup(save, NULL) && bm_machine_save_iterate(save, MEMORY / 2, NULL) &&
             bm_machine_save_complete(save, NULL),
         "saving failed");
    g_byte_array_append(octets, bm_output_memory_data(output).data,
                        (guint)bm_output_memory_data(output).len);
    bm_machine_save_free(save);
    bm_stream_free(out);
    bm_output_free(output);
    bm_machine_free(machine);
    clear_guest(&g);
    return octets;
}

/* ---- loading: what is no section of memory does not matter here ---- */

typedef struct Loader {
    BmStreamVisitor base;
    BmRam *ram;
    gboolean here; /* in a section of memory */
    uint64_t placed;
} Loader;

static gboolean live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                           GError **error)
{
    (void)phase;
    (void)error;
    ((Loader *)s)->here = strcmp(section->name, "ram") == 0;
    return TRUE;
}

static gboolean live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Loader *l = (Loader *)s;

    return !l->here || bm_ram_handlers.load_item(l->ram, item, error);
}

static uint8_t *place(BmStreamVisitor *s, const BmItem *item)
{
    Loader *l = (Loader *)s;
    uint8_t *memory = l->here ? bm_ram_handlers.load_place(l->ram, item) : NULL;

    l->placed += memory ? item->count : 0;
    return memory;
}

static void keep(BmStreamVisitor *s)
{
    (void)s; /* it is on the stack */
}

static const BmStreamOps usual_ops = {
    .live_begin = live_begin, .live_item = live_item, .free = keep};
static const BmStreamOps place_ops = {
    .live_begin = live_begin, .live_item = live_item, .place = place, .free = keep};

typedef struct Result {
    Guest guest;
    gboolean ok;
    GError *error;
    uint64_t placed;
} Result;

static Result load(BmInput *in, const BmStreamOps *ops)
{
    Result r = {.guest = new_guest()};
    Loader loader = {{ops}, r.guest.ram, FALSE, 0};

    r.ok = bm_ber_stream_read(in, &loader.base, FALSE, NULL, &r.error);
    r.placed = loader.placed;
    must(r.ok == (r.error == NULL), "a failure without an error, or an error without a failure");
    must(r.ok || r.error->domain == BM_ERROR, "an error of somebody else");
    bm_input_free(in);
    return r;
}

static void clear(Result *r)
{
    clear_guest(&r->guest);
    g_clear_error(&r->error);
}

/* A wrong checksum, and an input that ends in a record, are found by the usual way
 * before all else and by the other one behind it. */
static gboolean found_late(const Result *usual)
{
    return g_error_matches(usual->error, BM_ERROR, BM_BAD_DIGEST) ||
           g_error_matches(usual->error, BM_ERROR, BM_TRUNCATED);
}

static void compare(const Result *usual, const Result *other)
{
    must(usual->ok == other->ok, "one way succeeds, the other does not");
    if (usual->ok) {
        must(memcmp(usual->guest.memory, other->guest.memory, MEMORY) == 0, "other memory");
    } else {
        must(found_late(usual) || usual->error->code == other->error->code, "other errors");
    }
}

/* A file: pipes have less room than a stream can have. */
static BmInput *file_input(BmOctets in, int *fd)
{
    *fd = memfd_create("two-ways", MFD_CLOEXEC);
    must(*fd >= 0 && write(*fd, in.data, in.len) == (ssize_t)in.len && lseek(*fd, 0, SEEK_SET) == 0,
         "a file in memory");
    return bm_input_fd(*fd);
}

BmCode check_two_ways(BmOctets in, uint64_t *placed)
{
    int fd;
    Result usual = load(bm_input_memory(in.data, in.len), &usual_ops);
    Result straight = load(bm_input_memory(in.data, in.len), &place_ops);
    Result read = load(file_input(in, &fd), &place_ops);
    BmCode code = usual.ok ? BM_OK : (BmCode)usual.error->code;

    close(fd);
    compare(&usual, &straight);
    compare(&usual, &read);
    if (placed) {
        *placed = read.placed;
    }
    clear(&usual);
    clear(&straight);
    clear(&read);
    return code;
}
