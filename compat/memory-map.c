/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "memory-map.h"

#define GIB(n) ((uint64_t)(n) << 30)
#define MIB(n) ((uint64_t)(n) << 20)

/* What every machine of one family has. */
typedef struct Family {
    const char *machine; /* its name, or the beginning of it if that ends with '-' */
    const char *ram;     /* name of the block, when the user gave none */
    uint64_t base;       /* address of the RAM */
    /* RAM of this size or more is split: `low` octets stay, the rest is at 4 GiB. */
    uint64_t split, low;
    BmProcessor processor;
} Family;

/* hw/i386: the firmware and the devices have the rest of the first 4 GiB.  Of machines
 * with RAM between the two numbers all of it is low. */
static const Family families[] = {
    {"pc-i440fx-", "pc.ram", 0, MIB(3584), GIB(3), BM_PROCESSOR_X86_64},
    {"pc-q35-", "pc.ram", 0, MIB(2816), GIB(2), BM_PROCESSOR_X86_64},
    {"microvm", "microvm.ram", 0, GIB(3), GIB(3), BM_PROCESSOR_X86_64},
    {"virt-", "mach-virt.ram", GIB(1), UINT64_MAX, 0, BM_PROCESSOR_AARCH64},
};

/* Blocks with an address of their own. */
static const struct {
    const char *name;
    uint64_t address;
} flashes[] = {{"virt.flash0", 0}, {"virt.flash1", MIB(64)}};

static const Family *family_of(const char *machine)
{
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        const char *name = families[i].machine;

        if (g_str_has_suffix(name, "-") ? g_str_has_prefix(machine, name)
                                        : strcmp(machine, name) == 0) {
            return &families[i];
        }
    }
    return NULL;
}

static gboolean find_block(const BmRamBlock *blocks, uint32_t n_blocks, const char *name,
                           uint32_t *found)
{
    for (uint32_t i = 0; i < n_blocks; i++) {
        if (strcmp(blocks[i].name, name) == 0) {
            *found = i;
            return TRUE;
        }
    }
    return FALSE;
}

/* A memory backend has the user's own name; all else that large has a name with a
 * point or a slash in it (pc.bios, 0000:00:02.0/vga.vram, /rom@etc/acpi/tables). */
static gboolean find_ram(const Family *f, const BmRamBlock *blocks, uint32_t n_blocks,
                         uint32_t *found)
{
    uint32_t candidates = 0;

    if (find_block(blocks, n_blocks, f->ram, found)) {
        return TRUE;
    }
    for (uint32_t i = 0; i < n_blocks; i++) {
        if (strpbrk(blocks[i].name, "./") == NULL) {
            *found = i;
            candidates++;
        }
    }
    return candidates == 1;
}

static void add(GArray *map, uint32_t block, uint64_t offset, uint64_t length, uint64_t address)
{
    const BmMapping m = {block, offset, length, address};

    g_array_append_val(map, m);
}

static void add_ram(GArray *map, const Family *f, uint32_t block, uint64_t length)
{
    uint64_t low = length >= f->split ? f->low : length;

    add(map, block, 0, low, f->base);
    if (length > low) {
        add(map, block, low, length - low, GIB(4));
    }
}

static int by_address(gconstpointer a, gconstpointer b)
{
    uint64_t one = ((const BmMapping *)a)->address, other = ((const BmMapping *)b)->address;

    return one < other ? -1 : one > other;
}

BmProcessor bm_memory_map(const char *machine, const BmRamBlock *blocks, uint32_t n_blocks,
                          GArray *map)
{
    const Family *f = family_of(machine);
    uint32_t block;

    if (f == NULL || !find_ram(f, blocks, n_blocks, &block)) {
        return BM_PROCESSOR_NONE;
    }
    add_ram(map, f, block, blocks[block].length);
    /* The firmware ends where the first 4 GiB do; its copy below 1 MiB is in the RAM. */
    if (f->base == 0 && find_block(blocks, n_blocks, "pc.bios", &block) &&
        blocks[block].length <= MIB(16)) {
        add(map, block, 0, blocks[block].length, GIB(4) - blocks[block].length);
    }
    for (size_t i = 0; f->base != 0 && i < G_N_ELEMENTS(flashes); i++) {
        if (find_block(blocks, n_blocks, flashes[i].name, &block) &&
            blocks[block].length <= MIB(64)) {
            add(map, block, 0, blocks[block].length, flashes[i].address);
        }
    }
    g_array_sort(map, by_address);
    return f->processor;
}
