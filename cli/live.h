/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What send and recv do alike with the descriptors that QEMU gave them.
 */
#ifndef BM_LIVE_H
#define BM_LIVE_H

#include "codec.h"
#include "stream.h"

/* Before all else, in the main thread: a broken pipe and a file that may not grow
 * are errors and no signals, pipes on standard input and output get large buffers. */
void bm_live_prepare(void);

/* True for pipes and sockets: somebody may be at the other end. */
gboolean bm_live_is_channel(int fd);

/* Closes fd, but keeps its number: reading it gives the end, writing nothing. */
void bm_live_close(int fd);

/* From another thread: ends what the main thread reads, even when it is blocked in
 * that.  The writer sees a broken pipe. */
void bm_live_cut(int fd);

/* A QEMU does not see that its exec: command has ended without an octet, and waits
 * for ever.  If the two standard descriptors look like one's, it gets an octet that
 * begins no stream, and gives up.  For a command that fails before all else. */
void bm_live_wake_qemu(void);

/* Writes all, but gives up when `stop` becomes readable. */
gboolean bm_live_write(int fd, int stop, BmOctets data, GError **error);

/* "441223 on the wire (0.28)": the quotient of the two, and the rest of the
 * last line of send and recv.  Free with g_free(). */
char *bm_live_summary(const BmBerStats *wire, uint64_t legacy, double seconds);

#endif
