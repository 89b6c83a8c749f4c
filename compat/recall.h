/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's descriptions of earlier guests, read before a new one comes.
 *
 * A description arrives when its guest stands still already, and is nearly always one that
 * was seen before.  Then what was found out from its text need not be found out again: a
 * reader of QEMU's stream compares two texts (bm_legacy_read(), in its options), a receiver
 * of BER has the schemas (bm_recall_tell()), and the writer for QEMU has the text.  What is
 * recalled is never believed: a device whose text differs in one octet is read as if nothing
 * were there.
 */
#ifndef BM_RECALL_H
#define BM_RECALL_H

#include "known.h"

typedef struct BmRecall BmRecall;

BmRecall *bm_recall_new(void);
void bm_recall_free(BmRecall *recall); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmRecall, bm_recall_free)

/* Reads the text, which is copied; it takes some milliseconds.  FALSE if it is not QEMU's, or
 * does not follow from what it describes: then nothing has changed. */
gboolean bm_recall_add(BmRecall *recall, BmOctets text);
/* Calls fill(recall, data), which adds texts, in a thread of its own; or here, if there can be
 * none. Whoever asks for what is recalled waits for its end, so nobody waits who need not.  At most
 * once, and until then nobody else adds.  `data` stays the caller's, and must live until `recall`
 * is freed. */
void bm_recall_fill(BmRecall *recall, void (*fill)(BmRecall *recall, void *data), void *data);
/* Adds all schemas; they live as long as `recall`. */
void bm_recall_tell(BmRecall *recall, BmKnown *known);

/* Whatever text came by in the one stream that `recall` was given to, if it may be added next
 * time; until `recall` is freed.  NULL data: none. */
BmOctets bm_recall_last(const BmRecall *recall);

/* For the writer of bm_legacy_stream_out(): takes texts from there, and tells the last one. */
void bm_legacy_stream_out_recall(BmStreamVisitor *s, BmRecall *recall);

#endif
