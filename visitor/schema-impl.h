/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Schemas, shared by their files:
 *
 *   schema.c          builder, set, interning
 *   schema-check.c    whether a content may be interned
 *   schema-measure.c  how large, how deep, how many values: computed once
 *   schema-field.c    what follows from the kind of a field
 *   schema-digest.c   a name for all that a set describes
 */
#ifndef BM_SCHEMA_IMPL_H
#define BM_SCHEMA_IMPL_H

#include "kept.h"
#include "schema.h"

/* What can be asked often, and follows from the content. */
typedef struct BmSchemaMeasures {
    unsigned depth;   /* containers that a visitor has open, see visitor.c */
    uint64_t values;  /* calls on a visitor, roughly */
    uint64_t entries; /* never more than values */
    uint64_t leaves, opaque;
    uint64_t size;
    gboolean has_size; /* FALSE: overflow */
} BmSchemaMeasures;

/* One block: this, its fields, all pointers that schema and fields have, their texts. */
typedef struct BmInterned {
    BmSchema schema; /* first: BmSchema pointers are cast */
    BmSchemaMeasures measures;
    gboolean alike_known; /* somebody has asked for it */
    uint8_t *alike;       /* per field: a component of the same name is there; NULL: none */
    BmKept *kept;
} BmInterned;

struct BmSchemaSet {
    GPtrArray *schemas; /* BmInterned, by number */
    GTree *contents;    /* BmSchema, by content */
    uint64_t memory;    /* octets that all of this takes, roughly */
    char *digest;       /* of the first `digested` schemas; NULL: nobody has asked */
    uint32_t digested;
};

/* By address: a schema of another set is not looked into. */
gboolean bm_schema_set_has(const BmSchemaSet *set, const BmSchema *schema);

/* Names, numbers, and that all schemas it points to are of the set.  `full`: there were
 * more fields or subsections than there may be. */
gboolean bm_schema_check(const BmSchemaSet *set, const BmSchema *s, gboolean full, GError **error);
/* Of a content that was checked; BM_LIMIT where it is too large or too deep. */
gboolean bm_schema_measure(const BmSchema *s, BmSchemaMeasures *m, GError **error);

#endif
