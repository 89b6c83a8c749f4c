/* SPDX-License-Identifier: BSD-2-Clause */
#include <elf.h>
#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#include "elf-core.h"

#define ALIGNMENT 4096

/* struct elf_prstatus of the kernel, by offsets: its registers begin at the same one
 * in both, and are followed by one int that says whether there are others. */
#define PRSTATUS_PID 32
#define PRSTATUS_REGISTERS 112
#define PRSTATUS_MAX (PRSTATUS_REGISTERS + 8 * BM_REGISTERS_MAX + 8)

/* "CORE" and its NUL, padded */
#define NOTE_NAME_LEN 5
#define NOTE_NAME_PADDED 8

gboolean bm_elf_core_lay_out(BmElfCore *core, GError **error)
{
    uint64_t at = sizeof(Elf64_Ehdr) + (core->map->len + 1) * sizeof(Elf64_Phdr);

    if (core->map->len > BM_ELF_CORE_MAPPINGS) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "%u pieces of memory, at most %d",
                            core->map->len, BM_ELF_CORE_MAPPINGS);
    }
    core->at = g_new(uint64_t, core->map->len);
    for (guint i = 0; i < core->map->len; i++) {
        const BmMapping *m = &g_array_index(core->map, BmMapping, i);

        at = (at + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
        if (m->length > INT64_MAX - ALIGNMENT - PRSTATUS_MAX - at) {
            return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                                "memory of %" G_GUINT64_FORMAT " octets is too much for a file",
                                m->length);
        }
        core->at[i] = at;
        at += m->length;
    }
    core->end = (at + 7) & ~(uint64_t)7;
    return TRUE;
}

void bm_elf_core_clear(BmElfCore *core)
{
    g_clear_pointer(&core->map, g_array_unref);
    g_clear_pointer(&core->at, g_free);
}

/* ---- notes ---- */

static size_t put_note(uint8_t *note, const BmRegisters *r, uint32_t thread)
{
    size_t size = PRSTATUS_REGISTERS + 8 * r->count + 8;
    Elf64_Nhdr header = {GUINT32_TO_LE(NOTE_NAME_LEN), GUINT32_TO_LE((uint32_t)size),
                         GUINT32_TO_LE(NT_PRSTATUS)};
    uint8_t *status = note + sizeof(header) + NOTE_NAME_PADDED;
    uint32_t pid = GUINT32_TO_LE(thread);

    memcpy(note, &header, sizeof(header));
    memcpy(note + sizeof(header), "CORE", NOTE_NAME_LEN);
    memcpy(status + PRSTATUS_PID, &pid, sizeof(pid));
    for (uint32_t i = 0; i < r->count; i++) {
        uint64_t value = GUINT64_TO_LE(r->value[i]);

        memcpy(status + PRSTATUS_REGISTERS + 8 * i, &value, sizeof(value));
    }
    return sizeof(header) + NOTE_NAME_PADDED + size;
}

static GByteArray *notes_new(const BmElfCore *core, const GArray *registers)
{
    GByteArray *notes = g_byte_array_new();

    for (guint i = 0; i < registers->len; i++) {
        const BmRegisters *r = &g_array_index(registers, BmRegisters, i);
        uint8_t note[sizeof(Elf64_Nhdr) + NOTE_NAME_PADDED + PRSTATUS_MAX] = {0};

        if (r->processor == core->processor) {
            /* gdb takes 0 for no thread */
            g_byte_array_append(notes, note, (guint)put_note(note, r, i + 1));
        }
    }
    return notes;
}

/* ---- headers ---- */

static void put_header(GByteArray *out, const BmElfCore *core)
{
    uint16_t machine = core->processor == BM_PROCESSOR_AARCH64 ? EM_AARCH64 : EM_X86_64;
    Elf64_Ehdr h = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = GUINT16_TO_LE(ET_CORE),
        .e_machine = GUINT16_TO_LE(machine),
        .e_version = GUINT32_TO_LE(EV_CURRENT),
        .e_phoff = GUINT64_TO_LE(sizeof(h)),
        .e_ehsize = GUINT16_TO_LE(sizeof(h)),
        .e_phentsize = GUINT16_TO_LE(sizeof(Elf64_Phdr)),
        .e_phnum = GUINT16_TO_LE((uint16_t)(core->map->len + 1)),
    };

    g_byte_array_append(out, (const guint8 *)&h, sizeof(h));
}

static void put_program_header(GByteArray *out, uint32_t type, uint64_t at, uint64_t address,
                               uint64_t length)
{
    Elf64_Phdr h = {
        .p_type = GUINT32_TO_LE(type),
        .p_flags = GUINT32_TO_LE(type == PT_LOAD ? PF_R | PF_W | PF_X : 0),
        .p_offset = GUINT64_TO_LE(at),
        .p_vaddr = GUINT64_TO_LE(address),
        .p_paddr = GUINT64_TO_LE(address),
        .p_filesz = GUINT64_TO_LE(length),
        .p_memsz = GUINT64_TO_LE(type == PT_LOAD ? length : 0),
        .p_align = GUINT64_TO_LE(type == PT_LOAD ? ALIGNMENT : 4),
    };

    g_byte_array_append(out, (const guint8 *)&h, sizeof(h));
}

static gboolean write_at(int fd, const GByteArray *octets, uint64_t at, GError **error)
{
    guint done = 0;

    while (done < octets->len) {
        ssize_t n = pwrite(fd, octets->data + done, octets->len - done, (off_t)(at + done));

        if (n < 0 && errno != EINTR) {
            g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
            return FALSE;
        }
        done += n > 0 ? (guint)n : 0;
    }
    return TRUE;
}

gboolean bm_elf_core_write(const BmElfCore *core, int fd, const GArray *registers, GError **error)
{
    g_autoptr(GByteArray) headers = g_byte_array_new(), notes = notes_new(core, registers);

    put_header(headers, core);
    put_program_header(headers, PT_NOTE, core->end, 0, notes->len);
    for (guint i = 0; i < core->map->len; i++) {
        const BmMapping *m = &g_array_index(core->map, BmMapping, i);

        put_program_header(headers, PT_LOAD, core->at[i], m->address, m->length);
    }
    return write_at(fd, headers, 0, error) && write_at(fd, notes, core->end, error);
}
