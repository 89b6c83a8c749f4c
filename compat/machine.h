/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole machine: what a program that runs guests registers its state with, to
 * save it as a stream and load it from one.
 *
 * There are two sorts of state.  A device is sent in one piece while the guest
 * stands still; there are three ways to have one:
 *
 *     a table       bm_machine_add_table(): members of a C struct (table.h)
 *     calls         bm_machine_add_direct(): a function that calls for each member (direct.h)
 *     octets        bm_machine_add_octets(): functions that know only octets
 *
 * A live section (guest memory, a block device's content, a hash table) is sent
 * piece by piece while the guest runs: bm_machine_add_live().  ram.h has the one
 * for guest memory, disks.h the one for block devices.
 *
 * Saving is a source: it drives any stream visitor, bm_ber_stream_out() or
 * bm_legacy_stream_out() say.  Loading is a stream visitor that any source
 * drives, bm_ber_stream_read() or bm_legacy_read() say:
 *
 *     save = bm_machine_save_new(machine, out);
 *     ok = bm_machine_save_setup(save, &error);
 *     while (ok && bm_machine_save_remaining(save) > little_enough) {
 *         ok = bm_machine_save_iterate(save, budget, &error);
 *     }
 *     stop_the_guest();
 *     ok = ok && bm_machine_save_complete(save, &error);
 *     bm_machine_save_free(save);
 *
 *     in = bm_machine_load_new(machine, &report);
 *     ok = bm_ber_stream_read(input, in, FALSE, NULL, &error);
 *     bm_stream_free(in);
 *
 * Sections are known by name and instance.  Both saving and loading go through
 * them in falling order of priority, and in the order of registration (loading:
 * of the stream) where that is equal.
 *
 * All functions that can fail return FALSE and set *error (domain BM_ERROR); the
 * path of an error begins with the name of a section or table.  A function of the
 * program that returns FALSE should have set an error; one is made up if not.
 */
#ifndef BM_MACHINE_H
#define BM_MACHINE_H

#include "direct.h"
#include "live-handlers.h"
#include "stream.h"

typedef struct BmMachine BmMachine;

/* A device that nobody has described yet.  A stream that has it with structure is
 * loaded all the same: as the octets that QEMU would have for it. */
typedef struct BmOctetsDevice {
    uint32_t version, minimum_version;
    gboolean (*save)(void *opaque, GByteArray *octets, GError **error); /* appends */
    gboolean (*load)(void *opaque, uint32_t version, BmOctets octets, GError **error);
} BmOctetsDevice;

/* ---- registering ---- */

/* `type`: name of the machine type, which both sides must have; NULL for none.
 * `page_size`: of guest memory, a power of two from BM_LIMIT_PAGE_MIN to
 * BM_LIMIT_PAGE_MAX; NULL is returned for others. */
BmMachine *bm_machine_new(const char *type, uint64_t page_size);
/* What was registered is the program's, and is not touched.  NULL is fine. */
void bm_machine_free(BmMachine *machine);

/* Tables and handlers must outlive the machine, names are copied.  BM_DUPLICATE
 * for a name and instance that is there already, BM_BAD_VALUE for a name that is
 * empty, too long or not UTF-8.  Not while saving or loading. */
gboolean bm_machine_add_table(BmMachine *machine, const char *name, uint32_t instance,
                              const BmTable *table, void *object, GError **error);
gboolean bm_machine_add_direct(BmMachine *machine, const char *name, uint32_t instance,
                               const BmDirectDevice *device, void *object, int priority,
                               GError **error);
gboolean bm_machine_add_octets(BmMachine *machine, const char *name, uint32_t instance,
                               const BmOctetsDevice *device, void *opaque, int priority,
                               GError **error);
gboolean bm_machine_add_live(BmMachine *machine, const char *name, uint32_t instance,
                             const BmLiveHandlers *handlers, void *opaque, GError **error);

/* ---- saving ---- */

typedef struct BmMachineSave BmMachineSave;

/* `out` stays the caller's; machine and out must outlive the saving. */
BmMachineSave *bm_machine_save_new(BmMachine *machine, BmStreamVisitor *out);
/* What the stream begins with, and the first piece of each live section. */
gboolean bm_machine_save_setup(BmMachineSave *save, GError **error);
/* One piece of each live section that has something remaining. */
gboolean bm_machine_save_iterate(BmMachineSave *save, uint64_t budget, GError **error);
/* Of all live sections, as BmLiveHandlers has it. */
uint64_t bm_machine_save_remaining(const BmMachineSave *save);
/* The guest stands still: the last pieces, the devices and the stream's end, with
 * a description that follows from them. */
gboolean bm_machine_save_complete(BmMachineSave *save, GError **error);
/* Cleans up the live sections; before the end this is giving up.  NULL is fine. */
void bm_machine_save_free(BmMachineSave *save);

/* ---- loading ---- */

/* What loading met that both sides need not agree on. */
typedef struct BmMachineReport {
    BmLoadReport fields; /* of devices with structure */
    GPtrArray *missing;  /* char *: "name" or "name#instance" of what did not come */
} BmMachineReport;

void bm_machine_report_init(BmMachineReport *report);
void bm_machine_report_clear(BmMachineReport *report);

/* An operation: loads the stream that drives it.  `report` may be NULL: then what is
 * registered and does not come is an error (BM_MISMATCH, with all their names), and
 * fields are not reported.  A section that is not registered is BM_UNKNOWN, one of a
 * version that is too old or too new BM_BAD_VERSION.
 *
 * Items of live sections are handed on as they come, and full pages may be read to
 * where they belong before the checksum of their record was found right.  Devices are held, a copy
 * of each, and loaded when the source has found the stream whole; so after a failure
 *   - before that, live sections hold what came up to it, devices what they had;
 *   - in a device, those loaded before it hold the new state, it itself what
 *     bm_table_load() says, and those behind it what they had.
 * A guest must not run on either. */
BmStreamVisitor *bm_machine_load_new(BmMachine *machine, BmMachineReport *report);

#endif
