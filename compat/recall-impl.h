/* SPDX-License-Identifier: BSD-2-Clause */
/* What the reader and the writer of QEMU's stream ask of a BmRecall. */
#ifndef BM_RECALL_IMPL_H
#define BM_RECALL_IMPL_H

#include "recall.h"
#include "vmdesc.h"

/* What this text says, also if it is only much like one that was seen before; NULL if none is.
 * It is of `*set`, and both are the recall's, but nobody else gets them: schemas may be added. */
const BmVmdesc *bm_recall_take(BmRecall *recall, BmOctets text, BmSchemaSet **set);
/* The text of this description, whose schemas are of one of the sets; NULL data: not known. */
BmOctets bm_recall_text(BmRecall *recall, const BmVmdesc *vmdesc);
/* This text has come by, and follows from what it describes. */
void bm_recall_note(BmRecall *recall, BmOctets text);

#endif
