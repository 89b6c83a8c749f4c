/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An entry of QEMU's `fields`, as a field: what both readers of a description make of one.
 */
#ifndef BM_VMDESC_ENTRY_H
#define BM_VMDESC_ENTRY_H

#include "schema.h"

/* One object of the array `fields`.  Who reads it fills in the first part; all is the reader's,
 * and must stay until the field was added. */
typedef struct BmVmdescEntry {
    const char *name, *type;
    uint64_t size; /* at most UINT32_MAX */
    gboolean has_array_len, has_index;
    GPtrArray *elements; /* BmSchema; NULL: none */

    BmField field;
} BmVmdescEntry;

/* Makes the field, but for its number.  FALSE if elements were left out, because they do not add
 * up to the size or are not of that type: then the text does not follow from the field. */
gboolean bm_vmdesc_entry_settle(BmVmdescEntry *e);
/* Gives it its `array_len` or its `index`, at most BM_LIMIT_COUNT.  FALSE if that cannot be. */
gboolean bm_vmdesc_entry_number(BmVmdescEntry *e, uint64_t n);
/* Adds the field to the struct, or to the array that the last one began. */
void bm_vmdesc_entry_add(const BmVmdescEntry *e, BmSchemaBuilder *builder);

#endif
