/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a QEMU expects, asked of that QEMU itself: its command line is run, beside
 * the one that is to take the guest, until it has said what there is to know.
 *
 * It runs with its CPUs stopped, and saves itself into bermig: so the memory, the
 * devices and their versions are known.  The same program is asked for all that it
 * knows of its devices (-dump-vmstate).  If it cannot be started a second time,
 * as where the other one has locked an image, it is started as one that waits for
 * a guest, and tells its memory only.
 */
#ifndef BM_QEMU_EXPECT_H
#define BM_QEMU_EXPECT_H

#include "expect.h"
#include "report.h"

/* For each step: starting, saving, answering. */
#define BM_QEMU_EXPECT_SECONDS 30

/* Adds what is found out.  `command_line` is split as a shell does, and nothing in
 * it is expanded.  Options that would make it wait for a guest, load one or leave
 * the terminal are left out.  No process is left, also if this one is killed.
 * What is wrong has been reported unless the result is BM_EXIT_DONE; what is not
 * known, too. */
BmExit bm_qemu_expect(BmExpect *e, const char *command_line);

#endif
