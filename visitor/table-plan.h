/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which fields of a schema lie plain in the objects of a table, and where: the slots of
 * spans (span.h).  It is found out once for each schema and table, and kept with the
 * schema (kept.h).
 */
#ifndef BM_TABLE_PLAN_H
#define BM_TABLE_PLAN_H

#include "kept.h"
#include "table-impl.h"

/* Of one field. */
typedef struct BmPlanned {
    uint32_t row;                /* in the table; if it has a slot */
    uint32_t save_end, load_end; /* the field behind the span from here; `first` or less: none */
    uint64_t most_before, size_before; /* of all fields before it: see BmSpan */
} BmPlanned;

typedef struct BmPlan {
    BmKept kept;
    /* of the table, to know it again */
    const char *name;
    const BmTableField *rows;
    /* All fields of such a struct, and all that is to be done for it, is one span. */
    gboolean saves_whole, loads_whole;
    gboolean allocates;  /* loading may have, in an object of the table */
    gboolean has_hooks;  /* that are called when an object is saved */
    unsigned depth;      /* of the deepest slot */
    uint32_t n_rows;     /* of the table */
    const BmSlot *slots; /* one per field */
    BmPlanned fields[];  /* and one for their end */
} BmPlan;

/* NULL if there is none to be had: the schema is not interned. */
const BmPlan *bm_table_plan(const BmTable *table, const BmSchema *schema);
/* The span of the fields [first, end) in this object. */
void bm_plan_span(const BmPlan *plan, uint32_t first, uint32_t end, const void *object,
                  BmSpan *span);

#endif
