/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: write-a-machine-for-qemu FILE TYPE MIB
 *
 * Writes a stream in QEMU's format of a machine that has nothing but pc.ram and the
 * clock of a PC, by the clock's real table: QEMU is to load it.  Page n of the memory
 * is zero if n is a multiple of 3, else all its octets are n modulo 251 plus 1; the
 * clock's CMOS octet n is 255 - n, from the 64th on: those before it are registers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "devices.h"
#include "machine.h"
#include "ram.h"

#define PAGE 4096u
#define CMOS 128u /* the first member of the clock */
#define REGISTER_A 10

static void fill(uint8_t *memory, uint64_t pages, uint8_t *clock)
{
    for (uint64_t page = 0; page < pages; page++) {
        memset(memory + page * PAGE, page % 3 == 0 ? 0 : (int)(page % 251 + 1), PAGE);
    }
    clock[REGISTER_A] = 0x26; /* QEMU ends itself at values that a clock cannot have */
    for (unsigned i = CMOS / 2; i < CMOS; i++) {
        clock[i] = (uint8_t)(255 - i);
    }
}

static gboolean save(BmMachine *machine, int fd, GError **error)
{
    BmOutput *output = bm_output_fd(fd);
    BmStreamVisitor *out = bm_legacy_stream_out(output);
    BmMachineSave *saving = bm_machine_save_new(machine, out);
    gboolean ok = bm_machine_save_setup(saving, error);

    while (ok && bm_machine_save_remaining(saving) > 256 * PAGE) {
        ok = bm_machine_save_iterate(saving, 100 * PAGE, error);
    }
    ok = ok && bm_machine_save_complete(saving, error);
    bm_machine_save_free(saving);
    bm_stream_free(out);
    bm_output_free(output);
    return ok;
}

static gboolean write_machine(int fd, const char *type, uint64_t octets, GError **error)
{
    g_autofree uint8_t *memory = g_malloc(octets);
    g_autofree uint8_t *clock = g_malloc0(device_mc146818rtc.size);
    BmMachine *machine = bm_machine_new(type, PAGE);
    BmRam *ram = bm_ram_new(PAGE);
    gboolean ok;

    fill(memory, octets / PAGE, clock);
    ok = bm_ram_add(ram, "pc.ram", memory, octets, error) &&
         bm_machine_add_live(machine, "ram", 0, &bm_ram_handlers, ram, error) &&
         bm_machine_add_table(machine, "mc146818rtc", 0, device_mc146818rtc.table, clock, error) &&
         save(machine, fd, error);
    bm_machine_free(machine);
    bm_ram_free(ram);
    return ok;
}

int main(int argc, char **argv)
{
    int fd = argc == 4 ? open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    GError *error = NULL;

    if (fd < 0) {
        fprintf(stderr, "usage: write-a-machine-for-qemu FILE TYPE MIB\n");
        return 2;
    }
    if (!write_machine(fd, argv[2], strtoull(argv[3], NULL, 10) << 20, &error)) {
        fprintf(stderr, "%s: %s\n", bm_error_path(error), error->message);
        return 1;
    }
    close(fd);
    return 0;
}
