/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's JSON description of a stream (the VMDESCRIPTION record), as schemas.
 */
#ifndef BM_VMDESC_H
#define BM_VMDESC_H

#include "stream.h"

typedef struct BmVmdescDevice {
    char *name;
    uint32_t instance;
    const BmSchema *schema; /* NULL: old style, `size` octets */
    uint64_t size;
} BmVmdescDevice;

typedef struct BmVmdesc {
    BmStyle style;
    uint64_t page_size;
    const BmSchema *configuration; /* NULL if the text has none (QEMU <= 8.1) */
    GArray *devices;               /* BmVmdescDevice, in stream order */
} BmVmdesc;

BmVmdesc *bm_vmdesc_new(void);
void bm_vmdesc_free(BmVmdesc *d); /* NULL is fine */
void bm_vmdesc_add(BmVmdesc *d, const char *name, uint32_t instance, const BmSchema *schema,
                   uint64_t size);

/* Says the same, of schemas of one set. */
gboolean bm_vmdesc_equal(const BmVmdesc *a, const BmVmdesc *b);

/* Parses the text; schemas are interned in `set`.  BM_BAD_VALUE with the JSON
 * path if it is not what QEMU writes. */
BmVmdesc *bm_vmdesc_parse(const char *text, size_t len, BmSchemaSet *set, GError **error);

/* The text that QEMU would write.  NULL on overflow. */
GString *bm_vmdesc_format(const BmVmdesc *d, GError **error);
/* Is it this one?  Takes no memory. */
gboolean bm_vmdesc_is(const BmVmdesc *d, BmOctets text);

#endif
