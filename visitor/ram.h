/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory as a live section: the handlers that a program registers with
 * bm_machine_add_live() as "ram", instance 0.
 *
 *     ram = bm_ram_new(4096);
 *     area = bm_ram_add(ram, "pc.ram", memory, length, &error);
 *     bm_machine_add_live(machine, "ram", 0, &bm_ram_handlers, ram, &error);
 *
 * Saving sends all pages once, then those that were marked dirty since they were
 * sent; what is left when the guest stands still goes with the last piece.  Pages
 * that are zero go as ranges, neighbouring ones as runs, and the data of an item is
 * guest memory itself: nothing is copied here and no memory is taken per page.
 *
 * There are two ways from there to a descriptor:
 *   - While the guest runs, pages are copied once, because a record's checksum must be
 *     that of the octets that are sent.  A page may change while it is sent, if it is
 *     marked dirty after the change: it will be sent again.
 *   - With the last piece, and with bm_ram_set_stable() always, memory stands still.
 *     It is not copied in user space: writev(2) takes it from where it is.  (With
 *     compression it is still copied, for the compressor.)
 *
 * Loading puts pages where they belong, in blocks that must have the same names and
 * lengths on both sides.  Nothing outside of a block is written, whatever comes.
 * A page that is zero is written only if it was not, so that memory that was never
 * touched stays so.  Pages that are no page but a difference to one (XBZRLE) or
 * compressed by the sender (zlib), and pages that travel elsewhere (multifd), are
 * BM_REFUSED.  Full pages of a BER stream go by readv(2) to where they belong, without
 * a copy, so the checksum of a record is compared behind its pages.  After a failure
 * the blocks hold what came before it, and of the record in which it was any of its
 * octets, right or wrong: the guest must not run.
 */
#ifndef BM_RAM_H
#define BM_RAM_H

#include "live-handlers.h"

typedef struct BmRam BmRam;
typedef struct BmRamArea BmRamArea; /* one block; owned by its BmRam */

/* NULL unless `page_size` is one that bm_machine_new() takes; it must be the same. */
BmRam *bm_ram_new(uint64_t page_size);
/* The blocks' memory is the program's.  NULL is fine. */
void bm_ram_free(BmRam *ram);

/* `length` octets at `memory`, which must outlive `ram`; the name is copied.  NULL
 * and BM_DUPLICATE for a name that is there already, BM_BAD_VALUE for a length that
 * is 0 or no multiple of the page size or a name that is empty, too long or not
 * UTF-8, BM_LIMIT above BM_LIMIT_BLOCKS blocks.  Not while saving or loading. */
BmRamArea *bm_ram_add(BmRam *ram, const char *name, void *memory, uint64_t length, GError **error);

/* The guest has changed octets [offset, offset + length) of the block; what lies
 * outside of it does not count.  Any thread may call it at any time, saving or not,
 * until bm_ram_free(). */
void bm_ram_mark_dirty(BmRamArea *area, uint64_t offset, uint64_t length);

/* Called when all pages have been looked at, and before the last piece: for those
 * who collect what has changed elsewhere (KVM's log) and now mark it. */
void bm_ram_set_sync(BmRam *ram, void (*sync)(void *data), void *data);

/* The program promises that no page changes from the call that sends it (iterate or
 * complete) until that call returns: the guest stands still all the time, or pages are
 * protected against writing.  The last piece is always taken so.  A page that changes
 * all the same makes a checksum wrong and the receiver refuse the stream.  FALSE at
 * first; not during such a call. */
void bm_ram_set_stable(BmRam *ram, gboolean stable);

/* For bm_machine_add_live(); `opaque` is the BmRam.  Version 4, as QEMU has it.  The
 * budget counts pages that are looked at, zero or not. */
extern const BmLiveHandlers bm_ram_handlers;

#endif
