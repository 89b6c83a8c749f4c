/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a machine expects, or what a guest consists of, read from a file: QEMU's
 * -dump-vmstate, a stream of that machine in either format, or a description.
 */
#ifndef BM_EXPECTATION_H
#define BM_EXPECTATION_H

#include "announces.h"
#include "expect.h"
#include "report.h"

/* Adds what is in the file.  What is wrong has been reported unless the result is
 * BM_EXIT_DONE. */
BmExit bm_expectation_read(BmExpect *e, const char *path);

/* The devices of a stream or a description in either format.  BM_EXIT_RUN with a
 * report if there are none. */
BmExit bm_announces_read(BmAnnounces *a, const char *path);

#endif
