/* SPDX-License-Identifier: BSD-2-Clause */
/* What the reader and the writer of QEMU's stream ask of a BmRecall. */
#ifndef BM_RECALL_IMPL_H
#define BM_RECALL_IMPL_H

#include "recall.h"
#include "vmdesc.h"

typedef struct BmRecalled {
    BmOctets text;
    BmSchemaSet *set;
    BmVmdesc *vmdesc; /* of this set; the text follows from it */
    gboolean taken;
} BmRecalled;

/* The one with this text, NULL if there is none.  It is the recall's, but nobody else gets it:
 * schemas may be added to the set. */
const BmRecalled *bm_recall_take(BmRecall *recall, BmOctets text);
/* The text of this description, whose schemas are of one of the sets; NULL data: not known. */
BmOctets bm_recall_text(const BmRecall *recall, const BmVmdesc *vmdesc);
/* This text has come by, and follows from what it describes. */
void bm_recall_note(BmRecall *recall, BmOctets text);

#endif
