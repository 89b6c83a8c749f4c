/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers for a QEMU whose stream is recorded: its return path, if it opened one, as the
 * QEMU that it believes to talk to would use it.
 */
#ifndef BM_ANSWERS_H
#define BM_ANSWERS_H

#include "stream.h"

/* A stream visitor before `inner`, which it owns: answers each PING at once, on `fd`, and
 * says before the finish goes on that the guest was loaded, for a QEMU keeps its
 * connections until then.  A QEMU that is gone is no error. */
BmStreamVisitor *bm_answers_stream(BmStreamVisitor *inner, int fd);

#endif
